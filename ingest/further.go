package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"komhen/model"
	"komhen/queries"
)

// Further declares that an upload's rows are contacts of their own although equal rows were loaded before (codebook §6): it is
// taken back, and its kept file, with those of the fix-it files that continue it, is loaded again as a source of its own. All of
// that is one decision and one transaction. The reverse is to undo the new upload and redo the old one.
func (f *Folder) Further(ctx context.Context, upload uint32, by Decision) (*Upload, error) {
	end, err := f.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	root, err := f.Store.Upload(ctx, upload)
	if err != nil {
		return nil, err
	}
	if root.Bag != root.Upload {
		return nil, &model.Problem{Code: "not-a-bag", Message: fmt.Sprintf("Indmelding %d retter indmelding %d. Brug nummeret på den, den retter.", upload, root.Bag)}
	}
	if !root.Live {
		return nil, &model.Problem{Code: "nothing-to-do", Message: fmt.Sprintf("Indmelding %d er fortrudt. Bring den tilbage først.", upload)}
	}
	by.At = by.At.Truncate(time.Second)
	load, first, err := f.loadFurther(ctx, upload, by)
	if err != nil {
		return nil, err
	}
	if err := f.decide(ctx, load, &Entry{At: by.At, Op: "further", By: by.By, Upload: first.Receipt.Upload, Replaces: upload}); err != nil {
		return nil, err
	}
	first.committed = true
	return first, nil
}

// loadFurther carries the decision out in an open transaction. first is the upload that takes the old one's place. On an error the
// transaction is rolled back.
func (f *Folder) loadFurther(ctx context.Context, upload uint32, by Decision) (load *queries.Load, first *Upload, err error) {
	all, err := f.Store.Uploads(ctx)
	if err != nil {
		return nil, nil, err
	}
	begun, err := f.Store.BeginLoad(ctx, 0, false)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, begun.Rollback())
		}
	}()
	if _, err := begun.SetLive(ctx, upload, false, by.By, by.At); err != nil {
		return nil, nil, diskProblem(err)
	}
	for _, part := range all {
		if part.Bag != upload || !part.Live {
			continue
		}
		o := Options{Name: part.File, Source: part.Source, Kind: part.Kind, Test: part.Test, Sheet: part.Sheet, Received: by.At, By: by.By,
			further: true, replaces: part.Upload, into: begun, sent: part.Layout == SentLayout, delivery: part.Delivery,
			kept: &keptFile{part.Kept, part.SHA256, part.KeptSHA256, part.Size}}
		if part.Restricted {
			o.Municipality = part.Municipality
		}
		if o.Mapping, err = storedMapping(ctx, begun, part.Upload); err != nil {
			return nil, nil, err
		}
		if first != nil {
			o.bag = first.Receipt.Upload
		}
		u, err := f.readKept(ctx, o)
		if err != nil {
			return nil, nil, err
		}
		if first == nil {
			first = u
		}
	}
	return begun, first, nil
}

func (f *Folder) replayFurther(ctx context.Context, e Entry) error {
	load, first, err := f.loadFurther(ctx, e.Replaces, Decision{e.At, e.By})
	if err != nil {
		return err
	}
	if first == nil || first.Receipt.Upload != e.Upload {
		return errors.Join(fmt.Errorf("replayed further contacts of %d not as %d", e.Replaces, e.Upload), load.Rollback())
	}
	return f.applied(ctx, load, e)
}
