package ingest

import (
	"context"
	"errors"
	"time"

	"komhen/model"
	"komhen/queries"
)

// Declare stores records as one decision. records is called when it is our turn, so that what it reads cannot change before they
// are stored; its error, or an empty list, changes nothing.
func (f *Folder) Declare(ctx context.Context, by Decision, records func(context.Context) ([]model.Record, error)) error {
	end, err := f.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	list, err := records(ctx)
	if err != nil || len(list) == 0 {
		return err
	}
	for _, r := range list {
		if r.Kind == model.RecordRound {
			if err := f.checkRound(r); err != nil {
				return err
			}
		}
	}
	return f.declare(ctx, by, list)
}

// declare is Declare for those who have the turn already.
func (f *Folder) declare(ctx context.Context, by Decision, list []model.Record) error {
	e := Entry{Seq: f.journal.nextSeq(), At: by.At.Truncate(time.Second), Op: "declare", By: by.By, Records: list}
	load, err := f.beginDeclared(ctx, e)
	if err != nil {
		return err
	}
	if err := f.decide(ctx, load, &e); err != nil {
		return err
	}
	return f.tellBook(list)
}

func (f *Folder) replayDeclared(ctx context.Context, e Entry) error {
	load, err := f.beginDeclared(ctx, e)
	if err != nil {
		return err
	}
	if err := f.applied(ctx, load, e); err != nil {
		return err
	}
	return f.tellBook(e.Records)
}

// beginDeclared carries a decision out in a transaction that is still open.
func (f *Folder) beginDeclared(ctx context.Context, e Entry) (load *queries.Load, err error) {
	if load, err = f.Store.BeginDecision(ctx); err != nil {
		return nil, err
	}
	if err := addRecords(ctx, load, e); err != nil {
		return nil, errors.Join(err, load.Rollback())
	}
	for _, r := range e.Records {
		if r.Kind == model.RecordRound {
			if err := f.settleRound(ctx, load, r, Decision{e.At, e.By}); err != nil {
				return nil, errors.Join(diskProblem(err), load.Rollback())
			}
		}
	}
	return load, nil
}

// addRecords stores the records of a decision in its transaction.
func addRecords(ctx context.Context, load *queries.Load, e Entry) error {
	for i, r := range e.Records {
		if err := r.Known(); err != nil {
			return err
		}
		add := func() error { return load.AddRecord(ctx, e.Seq, i, r, e.By, e.At) }
		var err error
		if r.Kind == model.RecordOverlap {
			err = load.ChangeOverlap(ctx, r.Municipality, e.By, e.At, add)
		} else {
			err = add()
		}
		if err != nil {
			return diskProblem(err)
		}
	}
	return nil
}
