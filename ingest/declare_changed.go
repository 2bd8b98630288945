package ingest

import (
	"bytes"
	"context"

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
		type kind struct {
			name         string
			municipality uint16
		}
		standing, read := map[place][]byte{}, map[kind]bool{}
		for _, r := range list {
			if k := (kind{r.Kind, r.Municipality}); !read[k] {
				read[k] = true
				records, err := f.Store.Records(ctx, queries.RecordFilter{Kind: r.Kind, Municipality: r.Municipality})
				if err != nil {
					return nil, err
				}
				for _, s := range records {
					standing[placeOf(s.Record)] = s.Body
				}
			}
			switch before, there := standing[placeOf(r)]; {
			case there && bytes.Equal(before, r.Body):
				c.Unchanged++
				continue
			case there:
				c.Replaced++
			default:
				c.New++
			}
			changed = append(changed, r)
		}
		return changed, nil
	})
	return c, err
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
	r.Body = nil
	return f.Declare(ctx, by, func(ctx context.Context) ([]model.Record, error) {
		records, err := f.Store.Records(ctx, queries.RecordFilter{Kind: r.Kind, Municipality: r.Municipality, Round: r.Round})
		if err != nil {
			return nil, err
		}
		for _, s := range records {
			if placeOf(s.Record) == placeOf(r) {
				return []model.Record{r}, nil
			}
		}
		return nil, &model.Problem{Code: "not-found", Message: "Det, du vil slette, er der ikke mere. Se siden igen."}
	})
}
