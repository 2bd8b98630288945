package codebook

import (
	"io/fs"

	"komhen/model"
)

// loadKlik reads KLIK's fields, codes and rules.
func loadKlik(dir fs.FS, c *model.Codebook) (err error) {
	fields, err := read[struct {
		Field     string `csv:"field"`
		Label     string `csv:"label"`
		Mandatory yesNo  `csv:"mandatory"`
		Document  yesNo  `csv:"document"`
		Prose     yesNo  `csv:"prose"`
		Aliases   list   `csv:"aliases"`
	}](dir, "klik_fields.csv")
	if err != nil {
		return err
	}
	k := &c.Klik
	for _, f := range fields {
		k.Fields = append(k.Fields, model.KlikField{Field: f.Field, Label: f.Label, Mandatory: bool(f.Mandatory), Document: bool(f.Document), Prose: bool(f.Prose), Aliases: f.Aliases})
	}
	for _, l := range []struct {
		name string
		to   *[]model.KlikCode
	}{{"klik_phases.csv", &k.Phases}, {"klik_themes.csv", &k.Themes}} {
		rows, err := read[coded](dir, l.name)
		if err != nil {
			return err
		}
		for _, r := range rows {
			*l.to = append(*l.to, model.KlikCode{ID: uint8(r.ID), Code: r.Code, Label: r.Label, Aliases: r.Aliases})
		}
	}
	priorities, err := read[struct {
		ID       id     `csv:"id"`
		Code     string `csv:"code"`
		Label    string `csv:"label"`
		Followed yesNo  `csv:"followed"`
		Aliases  list   `csv:"aliases"`
	}](dir, "klik_priorities.csv")
	if err != nil {
		return err
	}
	for _, r := range priorities {
		k.Priorities = append(k.Priorities, model.KlikCode{ID: uint8(r.ID), Code: r.Code, Label: r.Label, Aliases: r.Aliases, Followed: bool(r.Followed)})
	}
	statuses, err := read[struct {
		ID      id     `csv:"id"`
		Code    string `csv:"code"`
		Label   string `csv:"label"`
		Closed  yesNo  `csv:"closed"`
		Aliases list   `csv:"aliases"`
	}](dir, "klik_statuses.csv")
	if err != nil {
		return err
	}
	for _, r := range statuses {
		k.Statuses = append(k.Statuses, model.KlikCode{ID: uint8(r.ID), Code: r.Code, Label: r.Label, Aliases: r.Aliases, Closed: bool(r.Closed)})
	}
	k.Rules, err = rulesOf(dir, "klik_rules.csv")
	return err
}
