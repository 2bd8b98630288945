package ingest

import (
	"context"
	"io"

	"komhen/model"
)

// ImportOperations loads a file of driftsstatus: what of it is new or different, as one decision. A file with a fault changes nothing; what it
// does not mention stays. With dryRun nothing is changed either way.
func (f *Folder) ImportOperations(ctx context.Context, r io.ReaderAt, size int64, by Decision, dryRun bool) (*SmallReceipt, error) {
	file, faults, err := ReadOperations(f.Book, r, size)
	if err != nil || len(faults) > 0 {
		return &SmallReceipt{Faults: faults, Notes: []string{}}, err
	}
	var all []model.Record
	for _, x := range file.Figures {
		if err := addRecord(&all, model.RecordOperations, x.Key(), x); err != nil {
			return nil, err
		}
	}
	for _, x := range file.Narratives {
		if err := addRecord(&all, model.RecordOperations, x.Key(), x); err != nil {
			return nil, err
		}
	}
	for _, x := range file.Incidents {
		if err := addRecord(&all, model.RecordOperations, x.Key(), x); err != nil {
			return nil, err
		}
	}
	return f.smallReceipt(ctx, all, append([]string{}, file.Notes...), by, dryRun)
}

// ImportReadiness is ImportOperations for a file of klarmelding.
func (f *Folder) ImportReadiness(ctx context.Context, r io.ReaderAt, size int64, by Decision, dryRun bool) (*SmallReceipt, error) {
	list, faults, err := ReadReadiness(f.Book, r, size)
	if err != nil || len(faults) > 0 {
		return &SmallReceipt{Faults: faults, Notes: []string{}}, err
	}
	var all []model.Record
	notes := []string{}
	for _, i := range list {
		if err := addRecord(&all, model.RecordReadiness, i.Key(), i); err != nil {
			return nil, err
		}
		if text := i.Contradiction(); text != "" {
			notes = append(notes, i.System+", "+i.Interface+": "+text)
		}
	}
	return f.smallReceipt(ctx, all, notes, by, dryRun)
}

func addRecord(all *[]model.Record, kind, key string, body interface{ Validate() error }) error {
	if err := body.Validate(); err != nil { // the reader has looked already
		return err
	}
	r, err := model.NewRecord(kind, 0, "", key, body)
	*all = append(*all, r)
	return err
}

// smallReceipt declares what a file changes, unless it is a dry run, and tells of it.
func (f *Folder) smallReceipt(ctx context.Context, all []model.Record, notes []string, by Decision, dryRun bool) (*SmallReceipt, error) {
	var c Change
	var err error
	if dryRun {
		_, c, err = f.changed(ctx, all)
	} else {
		c, err = f.DeclareChanged(ctx, by, all)
	}
	return &SmallReceipt{Records: int64(len(all)), Changed: int64(c.New + c.Replaced), Notes: notes, Faults: []model.TableFault{}}, err
}
