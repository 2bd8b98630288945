package ingest

import (
	"context"
	"fmt"

	"komhen/model"
	"komhen/queries"
)

// DecideOverlap says what becomes of the contacts of a municipality's round that two sources may both hold: drop is the source of which
// as many are left out as both hold, "" keeps them all. It can be decided anew at any time. A *model.Problem "overlap-source",
// "overlap-circle" or "nothing-to-do" tells why not; nothing has changed then.
func (f *Folder) DecideOverlap(ctx context.Context, municipality uint16, round, a, b, drop string, by Decision) error {
	m, r, err := f.roundOf(municipality, round)
	if err != nil {
		return err
	}
	return f.Declare(ctx, by, func(ctx context.Context) ([]model.Record, error) {
		sources, err := f.Store.Sources(ctx)
		if err != nil {
			return nil, err
		}
		if b < a {
			a, b = b, a
		}
		if sources[a] == 0 || sources[b] == 0 || a == b || drop != "" && drop != a && drop != b {
			return nil, &model.Problem{Code: "overlap-source", Message: "Datakilderne kendes ikke. Gå tilbage til siden om dobbeltregistreringer, og vælg der."}
		}
		families, _ := f.Book.Families()
		body := model.Overlap{Sources: [2]string{a, b}, Drop: drop, From: r.First.ISO(), To: r.Last.ISO(), Families: families}
		standing, err := queries.Standing[model.Overlap](ctx, f.Store, queries.RecordFilter{Kind: model.RecordOverlap, Municipality: municipality, Round: r.Name})
		if err != nil {
			return nil, err
		}
		key := model.OverlapKey(a, b)
		for _, s := range standing {
			other := s.Value
			switch {
			case s.Key == key && other.Drop == drop:
				return nil, &model.Problem{Code: "nothing-to-do", Message: "Det er allerede besluttet. Der er ikke ændret noget."}
			case s.Key == key || drop == "" || other.Drop == "":
			case other.Drop == body.Keep() || other.Keep() == drop: // or in a ring of sources, each left out for the next, a contact would be lost
				return nil, &model.Problem{Code: "overlap-circle", Message: fmt.Sprintf("I %s er det besluttet, at %s holder henvendelser ude af %s for %s. En kilde kan ikke både vige for en anden og få en anden til at vige. Lav den beslutning om først, eller vælg den anden kilde.",
					r.Title(), other.Keep(), other.Drop, m.Name)}
			}
		}
		rec, err := model.NewRecord(model.RecordOverlap, municipality, r.Name, key, body)
		return []model.Record{rec}, err
	})
}
