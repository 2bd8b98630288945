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

// Undo takes an upload back: what only it holds no longer counts, what another live upload also holds still does.
func (f *Folder) Undo(ctx context.Context, upload uint32, at time.Time) (queries.Difference, error) {
	return f.flip(ctx, "undo", upload, at)
}

// Redo brings an upload back that was undone.
func (f *Folder) Redo(ctx context.Context, upload uint32, at time.Time) (queries.Difference, error) {
	return f.flip(ctx, "redo", upload, at)
}

func (f *Folder) flip(ctx context.Context, op string, upload uint32, at time.Time) (queries.Difference, error) {
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
	at = at.Truncate(time.Second)
	d, err := load.SetLive(ctx, upload, op == "redo", at)
	if err != nil {
		return d, errors.Join(diskProblem(err), load.Rollback())
	}
	return d, f.decide(ctx, load, &Entry{At: at, Op: op, Upload: upload})
}

// Further declares that an upload's rows are contacts of their own although equal rows were loaded before (codebook §6): it is
// taken back and its kept file, with the fix-it files that continue it, is loaded again as a source of its own. The reverse is
// to undo the new upload and redo the old one.
func (f *Folder) Further(ctx context.Context, upload uint32, at time.Time) (*Upload, error) {
	root, err := f.Store.Upload(ctx, upload)
	if err != nil {
		return nil, err
	}
	if root.Bag != root.Upload {
		return nil, &model.Problem{Code: "not-a-bag", Message: fmt.Sprintf("Indmelding %d retter indmelding %d. Brug nummeret på den, den retter.", upload, root.Bag)}
	}
	if !root.Live {
		return nil, &model.Problem{Code: "nothing-to-do", Message: fmt.Sprintf("Indmelding %d er fortrudt. Bring den tilbage med komhen redo %d først.", upload, upload)}
	}
	all, err := f.Store.Uploads(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := f.Undo(ctx, upload, at); err != nil {
		return nil, err
	}
	var first *Upload
	for _, part := range all {
		if part.Bag != upload || !part.Live {
			continue
		}
		municipality := part.Municipality
		if !part.Restricted {
			municipality = 0
		}
		o := Options{Name: part.File, Municipality: municipality, Source: part.Source, Kind: part.Kind, Test: part.Test, Sheet: part.Sheet,
			Received: at, further: true, replaces: part.Upload}
		if first != nil {
			o.bag = first.Receipt.Upload
		}
		u, err := f.again(ctx, part.Kept, o)
		if err != nil && first == nil { // nothing has taken its place: bring it back
			_, back := f.Redo(context.WithoutCancel(ctx), upload, at)
			return nil, errors.Join(err, back)
		}
		if err != nil {
			return nil, err
		}
		if first == nil {
			first = u
		}
	}
	return first, nil
}

// again imports a kept file.
func (f *Folder) again(ctx context.Context, kept string, o Options) (*Upload, error) {
	file, size, bad := OpenFile(f.path(kept))
	if bad != "" {
		return nil, &model.Problem{Code: "kept-file-missing", Message: fmt.Sprintf("Den gemte fil %s %s. Hent en sikkerhedskopi frem med komhen restore.", kept, bad)}
	}
	defer file.Close()
	o.MaxBytes = max(size, 1)
	u, err := f.Prepare(ctx, file, size, o)
	if err != nil {
		return nil, err
	}
	if u.Fault != nil {
		return nil, &model.Problem{Code: "kept-file-changed", Message: fmt.Sprintf("Den gemte fil %s kan ikke læses igen. Hent en sikkerhedskopi frem med komhen restore.", kept), Err: errors.New(u.Fault.Rule + " " + u.Fault.Detail)}
	}
	return u, u.Commit(ctx)
}

// replay carries out a journal line that the database does not contain.
func (f *Folder) replay(ctx context.Context, e Entry) error {
	switch e.Op {
	case "upload":
		u, err := f.again(ctx, e.Kept, Options{Name: e.File, Municipality: e.Municipality, Source: e.Source, Kind: e.Kind, Test: e.Test,
			Sheet: e.Sheet, Received: e.At, further: e.Further, replaces: e.Replaces, bag: e.Bag, replay: &e})
		if err == nil && u.Receipt.Upload != e.Upload {
			err = fmt.Errorf("replayed upload %d as %d", e.Upload, u.Receipt.Upload)
		}
		return err
	case "undo", "redo":
		load, err := f.Store.BeginLoad(ctx, 0, false)
		if err != nil {
			return err
		}
		if _, err := load.SetLive(ctx, e.Upload, e.Op == "redo", e.At); err != nil {
			return errors.Join(err, load.Rollback())
		}
		return f.applied(ctx, load, e)
	case "kle":
		return f.replayKLE(ctx, e)
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
func (f *Folder) ImportKLE(ctx context.Context, path string, at time.Time) (numbers int, published model.Date, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0, 0, &model.Problem{Code: "kle-file", Message: fmt.Sprintf("Filen %s kan ikke læses.", path), Err: err}
	}
	seq := f.journal.seq + 1
	kept := fmt.Sprintf("%s/kle-%06d.xml", uploadsName, seq)
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
	if err := f.decide(ctx, load, &Entry{At: at.Truncate(time.Second), Op: "kle", Kept: kept, SHA256: sum, KeptSHA256: sum, Size: int64(len(data))}); err != nil {
		return 0, 0, errors.Join(err, k.remove())
	}
	k.placed = false
	return numbers, published, k.file.Close()
}

func (f *Folder) replayKLE(ctx context.Context, e Entry) error {
	data, err := os.ReadFile(f.path(e.Kept))
	if err != nil {
		return &model.Problem{Code: "kept-file-missing", Message: fmt.Sprintf("Den gemte fil %s mangler. Hent en sikkerhedskopi frem med komhen restore.", e.Kept), Err: err}
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
