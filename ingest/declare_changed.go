package ingest

import (
	"bytes"
	"context"
	"encoding/json"

	"komhen/model"
	"komhen/queries"
)

// Change is what declaring records did.
type Change struct{ New, Replaced, Unchanged int }

// Any tells whether anything is other than it was.
func (c Change) Any() bool { return c.New+c.Replaced > 0 }

// DeclareChanged stores those of the records that say something else than what stands, as one decision. Saying the same again is no
// decision, and leaves no version.
func (f *Folder) DeclareChanged(ctx context.Context, by Decision, list []model.Record) (c Change, err error) {
	err = f.Declare(ctx, by, func(ctx context.Context) (changed []model.Record, err error) {
		changed, c, err = f.changed(ctx, list)
		return changed, err
	})
	return c, err
}

// changed are those of the records that say something else than what stands.
func (f *Folder) changed(ctx context.Context, list []model.Record) (changed []model.Record, c Change, err error) {
	type kind struct {
		name         string
		municipality uint16
	}
	standing, read := map[place]json.RawMessage{}, map[kind]bool{}
	for _, r := range list {
		if k := (kind{r.Kind, r.Municipality}); !read[k] {
			read[k] = true
			records, err := f.Store.Records(ctx, queries.RecordFilter{Kind: r.Kind, Municipality: r.Municipality})
			if err != nil {
				return nil, Change{}, err
			}
			for _, s := range records {
				standing[placeOf(s.Record)] = s.Body
			}
		}
		switch before, there := standing[placeOf(r)]; {
		case there && sameJSON(before, r.Body):
			c.Unchanged++
			continue
		case there:
			c.Replaced++
		default:
			c.New++
		}
		changed = append(changed, r)
	}
	return changed, c, nil
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

// placeOf is what a record is about: one stands of each.
func placeOf(r model.Record) place { return place{r.Kind, r.Municipality, r.Round, r.Key} }

type place struct {
	kind         string
	municipality uint16
	round, key   string
}

// Withdraw takes a record back that stands; a *model.Problem "not-found" when there is none.
func (f *Folder) Withdraw(ctx context.Context, by Decision, r model.Record) error {
	filter := queries.RecordFilter{Kind: r.Kind, Municipality: r.Municipality, Round: r.Round}
	n, err := f.withdraw(ctx, by, filter, func(s model.Record) bool { return placeOf(s) == placeOf(r) })
	if err == nil && n == 0 {
		err = &model.Problem{Code: "not-found", Message: "Det, du vil slette, er der ikke mere. Se siden igen."}
	}
	return err
}

// WithdrawAll takes back what stands of a kind and fits, as one decision, and tells how much that was. It stays in the history, and a file that
// says it again brings it back. Problem: "nothing-to-do".
func (f *Folder) WithdrawAll(ctx context.Context, kind string, by Decision, fits func(key string) bool) (n int, err error) {
	n, err = f.withdraw(ctx, by, queries.RecordFilter{Kind: kind}, func(s model.Record) bool { return fits(s.Key) })
	if err == nil && n == 0 {
		err = &model.Problem{Code: "nothing-to-do", Message: "Det står der ikke længere. Der er ikke ændret noget."}
	}
	return n, err
}

func (f *Folder) withdraw(ctx context.Context, by Decision, filter queries.RecordFilter, fits func(model.Record) bool) (n int, err error) {
	err = f.Declare(ctx, by, func(ctx context.Context) (list []model.Record, err error) {
		standing, err := f.Store.Records(ctx, filter)
		for _, s := range standing {
			if fits(s.Record) {
				s.Record.Body = nil
				list = append(list, s.Record)
			}
		}
		n = len(list)
		return list, err
	})
	return n, err
}
