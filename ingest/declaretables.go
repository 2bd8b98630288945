package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"io"

	"komhen/model"
	"komhen/queries"
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
	return f.declareChanged(ctx, model.RecordOperations, all, append([]string{}, file.Notes...), by, dryRun)
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
	return f.declareChanged(ctx, model.RecordReadiness, all, notes, by, dryRun)
}

func addRecord(all *[]model.Record, kind, key string, body interface{ Validate() error }) error {
	if err := body.Validate(); err != nil { // the reader has looked already
		return err
	}
	r, err := model.NewRecord(kind, 0, "", key, body)
	*all = append(*all, r)
	return err
}

// declareChanged declares those records whose body differs from what stands.
func (f *Folder) declareChanged(ctx context.Context, kind string, all []model.Record, notes []string, by Decision, dryRun bool) (*SmallReceipt, error) {
	receipt := &SmallReceipt{Records: int64(len(all)), Notes: notes, Faults: []model.TableFault{}}
	changed := func(ctx context.Context) ([]model.Record, error) {
		standing, err := f.Store.Records(ctx, queries.RecordFilter{Kind: kind})
		if err != nil {
			return nil, err
		}
		have := map[string]json.RawMessage{}
		for _, s := range standing {
			have[s.Key] = s.Body
		}
		var list []model.Record
		for _, r := range all {
			if !sameJSON(have[r.Key], r.Body) {
				list = append(list, r)
			}
		}
		receipt.Changed = int64(len(list))
		return list, nil
	}
	if dryRun {
		_, err := changed(ctx)
		return receipt, err
	}
	return receipt, f.Declare(ctx, by, changed)
}

// WithdrawAll takes back what stands of a kind and fits, as one decision, and tells how much that was. It stays in the history, and a file that
// says it again brings it back. Problem: "nothing-to-do".
func (f *Folder) WithdrawAll(ctx context.Context, kind string, by Decision, fits func(key string) bool) (n int, err error) {
	err = f.Declare(ctx, by, func(ctx context.Context) ([]model.Record, error) {
		standing, err := f.Store.Records(ctx, queries.RecordFilter{Kind: kind})
		if err != nil {
			return nil, err
		}
		var list []model.Record
		for _, s := range standing {
			if !fits(s.Key) {
				continue
			}
			r, err := model.NewRecord(kind, s.Municipality, s.Round, s.Key, nil)
			if err != nil {
				return nil, err
			}
			list = append(list, r)
		}
		if n = len(list); n == 0 {
			return nil, &model.Problem{Code: "nothing-to-do", Message: "Det står der ikke længere. Der er ikke ændret noget."}
		}
		return list, nil
	})
	return n, err
}

// sameJSON compares two bodies, whose characters the journal may have escaped otherwise.
func sameJSON(a, b json.RawMessage) bool {
	var x, y bytes.Buffer
	if json.Compact(&x, a) != nil || json.Compact(&y, b) != nil {
		return false
	}
	var left, right bytes.Buffer
	json.HTMLEscape(&left, x.Bytes())
	json.HTMLEscape(&right, y.Bytes())
	return bytes.Equal(left.Bytes(), right.Bytes())
}
