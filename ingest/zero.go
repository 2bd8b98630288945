package ingest

import (
	"context"
	"fmt"
	"slices"

	"komhen/model"
	"komhen/queries"
)

// DeclareZeros says that nothing came in, of a municipality's units, channels and days (model.Zero), as one decision. It gives how many
// were new; those that stand already are not declared again. A *model.Problem "municipality-unknown", "zero-invalid" or "nothing-to-do" tells
// why it cannot be; nothing has changed then.
func (f *Folder) DeclareZeros(ctx context.Context, municipality uint16, zeros []model.Zero, by Decision) (n int, err error) {
	m := f.Book.Municipality(municipality)
	if m == nil {
		return 0, &model.Problem{Code: "municipality-unknown", Message: fmt.Sprintf("Kommunen %d kendes ikke. Skriv kommunens kode, fx 259.", municipality)}
	}
	for _, z := range zeros {
		if err := z.Check(f.Book); err != nil {
			return 0, err
		}
	}
	err = f.Declare(ctx, by, func(ctx context.Context) (list []model.Record, err error) {
		units, err := f.Store.Units(ctx, municipality)
		if err != nil {
			return nil, err
		}
		standing, err := f.zeros(ctx, municipality)
		if err != nil {
			return nil, err
		}
		for _, z := range zeros {
			if z.Unit != "" && !slices.Contains(units, z.Unit) {
				return nil, &model.Problem{Code: "zero-invalid", Message: fmt.Sprintf("Enheden %q kendes ikke i %s. Vælg en enhed fra listen.", z.Unit, m.Name)}
			}
			key := z.Key()
			if before, stands := standing[key]; stands && before == z.Why {
				continue
			}
			standing[key] = z.Why
			r, err := model.NewRecord(model.RecordZero, municipality, "", key, z)
			if err != nil {
				return nil, err
			}
			list = append(list, r)
		}
		if n = len(list); n == 0 {
			return nil, &model.Problem{Code: "nothing-to-do", Message: "Det er allerede erklæret som nul. Der er ikke ændret noget."}
		}
		return list, nil
	})
	return n, err
}

// TakeBackZeros withdraws zeros by their keys (model.Zero.Key), as one decision. Its problems are those of DeclareZeros.
func (f *Folder) TakeBackZeros(ctx context.Context, municipality uint16, keys []string, by Decision) (n int, err error) {
	err = f.Declare(ctx, by, func(ctx context.Context) (list []model.Record, err error) {
		standing, err := f.zeros(ctx, municipality)
		if err != nil {
			return nil, err
		}
		for _, key := range keys {
			if _, stands := standing[key]; !stands {
				continue
			}
			delete(standing, key)
			r, err := model.NewRecord(model.RecordZero, municipality, "", key, nil)
			if err != nil {
				return nil, err
			}
			list = append(list, r)
		}
		if n = len(list); n == 0 {
			return nil, &model.Problem{Code: "nothing-to-do", Message: "Der er intet nul at tage tilbage. Måske har en anden gjort det."}
		}
		return list, nil
	})
	return n, err
}

// zeros are the reasons of those that stand, by key.
func (f *Folder) zeros(ctx context.Context, municipality uint16) (map[string]string, error) {
	list, err := queries.Standing[model.Zero](ctx, f.Store, queries.RecordFilter{Kind: model.RecordZero, Municipality: municipality})
	why := map[string]string{}
	for _, z := range list {
		why[z.Key] = z.Value.Why
	}
	return why, err
}
