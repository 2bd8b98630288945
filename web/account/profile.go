package account

import (
	"cmp"
	"encoding/json"
	"slices"
	"time"

	"komhen/model"
)

// Profile is a saved column mapping of a municipality for one source. What Mapping holds is the caller's matter; the Book keeps
// it as it is.
type Profile struct {
	ID           string          `json:"id"`
	Municipality uint16          `json:"municipality"` // 0: made by an operator for a national file
	Name         string          `json:"name"`
	Source       string          `json:"source"`
	Mapping      json.RawMessage `json:"mapping"`
	Fingerprint  string          `json:"fingerprint"` // of the header it was made for, to find it again
	Changed      time.Time       `json:"changed"`
	By           string          `json:"by"` // an account's ID
}

// MappingMax is the most bytes of a mapping.
const MappingMax = 256 << 10

// Profiles lists a municipality's profiles by name.
func (b *Book) Profiles(municipality uint16) []Profile {
	var list []Profile
	for _, p := range b.now.Load().Profiles {
		if p.Municipality == municipality {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(x, y Profile) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID)) })
	return list
}

// SaveProfile adds a profile, or replaces the one of the same municipality with that ID, or else with that name.
// Problems: "profile-invalid", "profile-unknown".
func (b *Book) SaveProfile(p Profile) (Profile, error) {
	p.Name, p.Source = tidy(p.Name), tidy(p.Source)
	p.Mapping = slices.Clone(p.Mapping)
	wrong := func(message string) (Profile, error) {
		return Profile{}, &model.Problem{Code: "profile-invalid", Message: message}
	}
	switch {
	case p.Name == "" || tooLong(p.Name, 100):
		return wrong("Profilens navn mangler eller er for langt. Skriv højst 100 tegn.")
	case tooLong(p.Source, 100):
		return wrong("Kildens navn er for langt. Skriv højst 100 tegn.")
	case len(p.Mapping) > MappingMax || !json.Valid(p.Mapping):
		return wrong("Profilen er for stor eller kan ikke læses. Lav koblingen af kolonner om.")
	}
	err := b.change(func(c *content) error {
		i := slices.IndexFunc(c.Profiles, func(q Profile) bool {
			return q.Municipality == p.Municipality && (p.ID != "" && q.ID == p.ID || p.ID == "" && q.Name == p.Name)
		})
		switch {
		case i < 0 && p.ID != "":
			return profileUnknown()
		case i < 0:
			p.ID = newID("p")
			c.Profiles = append(c.Profiles, p)
		default:
			p.ID = c.Profiles[i].ID
			c.Profiles[i] = p
		}
		return nil
	})
	if err != nil {
		return Profile{}, err
	}
	return p, nil
}

// DeleteProfile takes a municipality's profile away. Problem: "profile-unknown", another municipality's profile included.
func (b *Book) DeleteProfile(municipality uint16, id string) error {
	return b.change(func(c *content) error {
		i := slices.IndexFunc(c.Profiles, func(q Profile) bool { return q.Municipality == municipality && q.ID == id })
		if i < 0 {
			return profileUnknown()
		}
		c.Profiles = slices.Delete(c.Profiles, i, i+1)
		return nil
	})
}

func profileUnknown() error {
	return &model.Problem{Code: "profile-unknown", Message: "Profilen findes ikke længere. Vælg en anden, eller gem koblingen under et nyt navn."}
}
