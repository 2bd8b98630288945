package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"komhen/model"
	"komhen/queries"
)

// Decision is who decides and when; By is an opaque account id, "" on the command line.
type Decision struct {
	At time.Time
	By string
}

// Undo takes an upload back: what only it holds no longer counts, what another live upload also holds still does.
func (f *Folder) Undo(ctx context.Context, upload uint32, d Decision) (queries.Difference, error) {
	return f.flip(ctx, "undo", upload, d)
}

// Redo brings an upload back that was undone.
func (f *Folder) Redo(ctx context.Context, upload uint32, d Decision) (queries.Difference, error) {
	return f.flip(ctx, "redo", upload, d)
}

func (f *Folder) flip(ctx context.Context, op string, upload uint32, by Decision) (queries.Difference, error) {
	end, err := f.begin(ctx)
	if err != nil {
		return queries.Difference{}, err
	}
	defer end()
	return f.flipNow(ctx, op, upload, by, nil)
}

// flipNow is flip for those who have the turn already, with records that are one decision with it.
func (f *Folder) flipNow(ctx context.Context, op string, upload uint32, by Decision, records []model.Record) (queries.Difference, error) {
	u, err := f.Store.Upload(ctx, upload)
	if err != nil {
		return queries.Difference{}, err
	}
	if u.Live == (op == "redo") {
		state := map[bool]string{true: "tæller allerede med", false: "er allerede fortrudt"}[u.Live]
		return queries.Difference{}, &model.Problem{Code: "nothing-to-do", Message: fmt.Sprintf("Indmelding %d %s. Der er ikke ændret noget.", upload, state)}
	}
	load, err := f.Store.BeginLoad(ctx, 0, false)
	if err != nil {
		return queries.Difference{}, err
	}
	e := Entry{Seq: f.journal.nextSeq(), At: by.At.Truncate(time.Second), Op: op, Upload: upload, By: by.By, Records: records}
	d, err := load.SetLive(ctx, upload, op == "redo", by.By, e.At)
	if err == nil {
		err = addRecords(ctx, load, e)
	}
	if err != nil {
		return d, errors.Join(diskProblem(err), load.Rollback())
	}
	return d, f.decide(ctx, load, &e)
}

// again imports a kept file on behalf of a journal line.
func (f *Folder) again(ctx context.Context, o Options) (*Upload, error) {
	u, err := f.readKept(ctx, o)
	if err != nil {
		return nil, err
	}
	return u, u.Commit(ctx)
}

// readKept prepares a kept file. The caller has the turn, or is the only one there.
func (f *Folder) readKept(ctx context.Context, o Options) (*Upload, error) {
	file, size, bad := OpenFile(f.path(o.kept.name))
	if bad != "" {
		return nil, &model.Problem{Code: "kept-file-missing", Message: fmt.Sprintf("Den gemte fil %s %s.", o.kept.name, bad)}
	}
	defer file.Close()
	o.MaxBytes = max(size, 1)
	u, err := f.prepare(ctx, file, size, o)
	if err != nil {
		return nil, err
	}
	if u.Fault != nil {
		return nil, &model.Problem{Code: "kept-file-changed", Message: fmt.Sprintf("Den gemte fil %s kan ikke læses igen.", o.kept.name), Err: errors.New(u.Fault.Rule + " " + u.Fault.Detail)}
	}
	return u, nil
}

// replay carries out a journal line that the database does not contain.
func (f *Folder) replay(ctx context.Context, e Entry) error {
	switch e.Op {
	case "upload":
		u, err := f.again(ctx, Options{Name: e.File, Municipality: e.Municipality, Source: e.Source, Kind: e.Kind, Test: e.Test,
			Sheet: e.Sheet, Received: e.At, By: e.By, Mapping: e.Mapping, further: e.Further, replaces: e.Replaces, bag: e.Bag, sent: e.Sent, delivery: e.Delivery, replay: &e,
			kept: &keptFile{e.Kept, e.SHA256, e.KeptSHA256, e.Size}})
		if err == nil && u.Receipt.Upload != e.Upload {
			err = fmt.Errorf("replayed upload %d as %d", e.Upload, u.Receipt.Upload)
		}
		return err
	case "undo", "redo":
		load, err := f.Store.BeginLoad(ctx, 0, false)
		if err != nil {
			return err
		}
		if _, err := load.SetLive(ctx, e.Upload, e.Op == "redo", e.By, e.At); err != nil {
			return errors.Join(err, load.Rollback())
		}
		if err := addRecords(ctx, load, e); err != nil {
			return errors.Join(err, load.Rollback())
		}
		return f.applied(ctx, load, e)
	case "further":
		return f.replayFurther(ctx, e)
	case "approve", "reopen":
		return f.replayApproval(ctx, e)
	case "kle":
		return f.replayKLE(ctx, e)
	case "declare", "central": // a delivery is its records; its parts are uploads
		return f.replayDeclared(ctx, e)
	case "klik":
		return f.replayKlik(ctx, e)
	}
	return &model.Problem{Code: "journal-unknown", Message: fmt.Sprintf("Journalen har en beslutning af typen %q, som denne version ikke kender. Brug en nyere version af komhen.", e.Op)}
}

func (f *Folder) applied(ctx context.Context, load *queries.Load, e Entry) error {
	if err := load.SetApplied(ctx, e.Seq, e.hash()); err != nil {
		return errors.Join(err, load.Rollback())
	}
	return load.Commit(ctx)
}

// hash is that of the entry's line. Encoding a decoded entry gives the line back, byte for byte; openJournal checks the chain.
func (e *Entry) hash() string {
	line, err := json.Marshal(e)
	if err != nil {
		return ""
	}
	return lineHash(line)
}

// ImportKLE makes a KLE file the tree of known tasks. The file is kept, and the decision journaled, like an upload.
func (f *Folder) ImportKLE(ctx context.Context, path string, by Decision) (numbers int, published model.Date, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, &model.Problem{Code: "kle-file", Message: fmt.Sprintf("Filen %s kan ikke læses.", path), Err: err}
	}
	return f.ImportKLEData(ctx, data, by)
}

// ImportKLEData is ImportKLE of a file's content.
func (f *Folder) ImportKLEData(ctx context.Context, data []byte, by Decision) (numbers int, published model.Date, err error) {
	end, err := f.begin(ctx)
	if err != nil {
		return 0, 0, err
	}
	defer end()
	kept := fmt.Sprintf("%s/kle-%06d.xml", uploadsName, f.journal.nextSeq())
	load, numbers, published, err := f.loadKLE(ctx, data)
	if err != nil {
		return 0, 0, err
	}
	k, err := f.newKeeper()
	if err == nil {
		k.final = f.path(kept)
		err = errors.Join(k.write(data, nil), k.sync(), k.place())
	}
	if err != nil {
		return 0, 0, errors.Join(folderProblem(f.Dir, err), load.Rollback())
	}
	sum, _ := k.sums()
	if err := f.decide(ctx, load, &Entry{At: by.At.Truncate(time.Second), Op: "kle", By: by.By, Kept: kept, SHA256: sum, KeptSHA256: sum, Size: int64(len(data))}); err != nil {
		return 0, 0, errors.Join(err, k.remove())
	}
	k.placed = false
	return numbers, published, k.file.Close()
}

func (f *Folder) replayKLE(ctx context.Context, e Entry) error {
	data, err := os.ReadFile(f.path(e.Kept))
	if err != nil {
		return &model.Problem{Code: "kept-file-missing", Message: fmt.Sprintf("Den gemte fil %s mangler.", e.Kept), Err: err}
	}
	load, _, _, err := f.loadKLE(ctx, data)
	if err != nil {
		return err
	}
	return f.applied(ctx, load, e)
}

// loadKLE decodes a KLE file and puts its tree into an open transaction.
func (f *Folder) loadKLE(ctx context.Context, data []byte) (*queries.Load, int, model.Date, error) {
	nodes, published, err := DecodeKLE(bytes.NewReader(data))
	if err != nil {
		return nil, 0, 0, err
	}
	load, err := f.Store.BeginLoad(ctx, 0, false)
	if err != nil {
		return nil, 0, 0, err
	}
	if err := f.Store.ReplaceKLE(ctx, load.Conn(), nodes, published); err != nil {
		return nil, 0, 0, errors.Join(err, load.Rollback())
	}
	return load, len(nodes), published, nil
}
