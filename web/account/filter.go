package account

import (
	"cmp"
	"slices"
	"time"

	"komhen/model"
)

// Filter is a person's saved filter of KLIK tasks: an address by a name. Query is the caller's matter; the Book keeps it as it is.
type Filter struct {
	ID      string    `json:"id"`
	Account string    `json:"account"`
	Name    string    `json:"name"`
	Query   string    `json:"query"`
	Changed time.Time `json:"changed"`
}

// filterMax is how many filters a person may save.
const filterMax = 50

// Filters lists a person's filters by name.
func (b *Book) Filters(account string) []Filter {
	var list []Filter
	for _, f := range b.now.Load().Filters {
		if f.Account == account && account != "" {
			list = append(list, f)
		}
	}
	slices.SortFunc(list, func(x, y Filter) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) })
	return list
}

// SaveFilter adds a filter, or replaces the one of the same person and name. Problem: "filter-invalid".
func (b *Book) SaveFilter(f Filter) (Filter, error) {
	f.Name = tidy(f.Name)
	wrong := func(message string) (Filter, error) {
		return Filter{}, &model.Problem{Code: "filter-invalid", Message: message}
	}
	switch {
	case f.Account == "":
		return wrong("Kun en bruger kan gemme filtre.")
	case f.Name == "" || tooLong(f.Name, 100):
		return wrong("Filterets navn mangler eller er for langt. Skriv højst 100 tegn, fx »Rød og gul, ikke begyndt«.")
	case len(f.Query) > 4000:
		return wrong("Der er valgt for meget på én gang. Vælg færre værdier, og gem igen.")
	}
	err := b.change(func(c *content) error {
		own := 0
		for i := range c.Filters {
			if c.Filters[i].Account != f.Account {
				continue
			}
			if own++; c.Filters[i].Name == f.Name {
				f.ID = c.Filters[i].ID
				c.Filters[i] = f
				return nil
			}
		}
		if own >= filterMax {
			_, err := wrong("Du har gemt 50 filtre, og der kan ikke gemmes flere. Slet et først.")
			return err
		}
		f.ID = newID("f")
		c.Filters = append(c.Filters, f)
		return nil
	})
	return f, err
}

// DeleteFilter takes a person's filter away. Problem: "filter-unknown", another's filter included.
func (b *Book) DeleteFilter(account, id string) error {
	return b.change(func(c *content) error {
		i := slices.IndexFunc(c.Filters, func(f Filter) bool { return f.Account == account && f.ID == id })
		if i < 0 {
			return &model.Problem{Code: "filter-unknown", Message: "Filteret findes ikke længere. Se dine filtre på siden med KLIK."}
		}
		c.Filters = slices.Delete(c.Filters, i, i+1)
		return nil
	})
}
