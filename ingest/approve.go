package ingest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"komhen/model"
	"komhen/queries"
)

// A round of a municipality is provisional until it is approved. An approval is void as soon as a later upload, undo, redo or
// "further" changes what counts there: the same transaction reopens the round (queries, settle).

// Approve says that a round of a municipality is final. A *model.Problem "municipality-unknown",
// "round-unknown", "no-contacts" or "nothing-to-do" tells why it cannot be; nothing has changed then.
func (f *Folder) Approve(ctx context.Context, municipality uint16, round string, by Decision) error {
	end, err := f.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	m, r, err := f.roundOf(municipality, round)
	if err != nil {
		return err
	}
	counts, err := f.Store.ContactsByDay(ctx, queries.RoundFilter(r, municipality))
	if err != nil {
		return err
	}
	if len(counts) == 0 {
		return &model.Problem{Code: "no-contacts", Message: fmt.Sprintf("%s har ingen henvendelser i %s, så der er intet at godkende. Indlæs kommunens data først.", m.Name, r.Title())}
	}
	standing, err := f.approved(ctx, r, municipality)
	if err != nil {
		return err
	}
	if standing {
		return &model.Problem{Code: "nothing-to-do", Message: fmt.Sprintf("%s er allerede godkendt for %s. Der er ikke ændret noget.", r.Title(), m.Name)}
	}
	return f.approval(ctx, "approve", municipality, r, by)
}

// Reopen makes an approved round of a municipality provisional again. Its problems are those of Approve, "no-contacts" apart.
func (f *Folder) Reopen(ctx context.Context, municipality uint16, round string, by Decision) error {
	end, err := f.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	m, r, err := f.roundOf(municipality, round)
	if err != nil {
		return err
	}
	standing, err := f.approved(ctx, r, municipality)
	if err != nil {
		return err
	}
	if !standing {
		return &model.Problem{Code: "nothing-to-do", Message: fmt.Sprintf("%s er ikke godkendt for %s, så der er intet at genåbne. Der er ikke ændret noget.", r.Title(), m.Name)}
	}
	return f.approval(ctx, "reopen", municipality, r, by)
}

func (f *Folder) roundOf(municipality uint16, round string) (*model.Municipality, model.Round, error) {
	m := f.Book.Municipality(municipality)
	if m == nil {
		return nil, model.Round{}, &model.Problem{Code: "municipality-unknown", Message: fmt.Sprintf("Kommunen %d kendes ikke. Skriv kommunens kode eller navn, fx 259 eller Køge.", municipality)}
	}
	r, err := f.Book.Round(round)
	return m, r, err
}

func (f *Folder) approved(ctx context.Context, r model.Round, municipality uint16) (bool, error) {
	list, err := f.Store.Approvals(ctx, r.Name, municipality)
	if err != nil {
		return false, err
	}
	for _, a := range list {
		if a.Stands() {
			return true, nil
		}
	}
	return false, nil
}

func (f *Folder) approval(ctx context.Context, op string, municipality uint16, r model.Round, by Decision) error {
	e := Entry{At: by.At.Truncate(time.Second), Op: op, Municipality: municipality, Round: r.Name, By: by.By}
	load, err := f.beginApproval(ctx, e, r)
	if err != nil {
		return err
	}
	return f.decide(ctx, load, &e)
}

func (f *Folder) replayApproval(ctx context.Context, e Entry) error {
	r, err := f.Book.Round(e.Round)
	if err != nil {
		return err
	}
	load, err := f.beginApproval(ctx, e, r)
	if err != nil {
		return err
	}
	return f.applied(ctx, load, e)
}

// beginApproval carries a decision out in a transaction that is still open.
func (f *Folder) beginApproval(ctx context.Context, e Entry, r model.Round) (*queries.Load, error) {
	load, err := f.Store.BeginDecision(ctx)
	if err != nil {
		return nil, err
	}
	act := load.Approve
	if e.Op == "reopen" {
		act = load.Reopen
	}
	if err := act(ctx, e.Municipality, r, e.By, e.At); err != nil {
		return nil, errors.Join(diskProblem(err), load.Rollback())
	}
	return load, nil
}
