package reports

import (
	"context"
	"fmt"
	"time"

	"komhen/model"
	"komhen/queries"
)

// TotalsDocument is what has been declared, for programs: totals, the website's head figures, and the central series. They count
// different things, so nothing adds them up.
type TotalsDocument struct {
	Totals     []DeclaredTotal `json:"totals"`
	SiteVisits []DeclaredTotal `json:"site_visits"`
	Context    []ContextMonth  `json:"context"`
}

// DeclaredTotal is a total, or without a channel a head figure. Days are yyyy-mm-dd. Late is after the deadline of its year.
type DeclaredTotal struct {
	Municipality string `json:"municipality"`
	Channel      string `json:"channel,omitempty"`
	From         string `json:"from"`
	To           string `json:"to"`
	Count        int64  `json:"count"`
	Declared     bool   `json:"declared"` // the municipality's word on what was subtracted
	Origin       string `json:"origin"`
	At           string `json:"declared_at"`
	Late         bool   `json:"late"`
}

// ContextMonth is a month of a central series.
type ContextMonth struct {
	Series string `json:"series"`
	Label  string `json:"label"`
	Month  string `json:"month"` // "2012-04"
	Count  int64  `json:"count"`
}

// Totals lists what stands, of one moment. municipality 0 is all; year 0 is every year, else the one that periods end in.
func Totals(ctx context.Context, st *queries.Store, cb *model.Codebook, municipality uint16, year int) (d TotalsDocument, err error) {
	d = TotalsDocument{Totals: []DeclaredTotal{}, SiteVisits: []DeclaredTotal{}, Context: []ContextMonth{}}
	line := func(of queries.Declared, channel string, p model.Period, n int64, declared bool, origin string) (DeclaredTotal, bool) {
		return DeclaredTotal{Municipality: fmt.Sprint(of.Municipality), Channel: channel, From: p.First.ISO(), To: p.Last.ISO(), Count: n, Declared: declared, Origin: origin,
			At: of.At.In(model.Copenhagen).Format(time.RFC3339), Late: model.DateOf(of.At) > cb.TotalsDeadline(p.Last.Year())}, year == 0 || p.Last.Year() == year
	}
	err = st.Snapshot(ctx, func(ctx context.Context) error {
		totals, err := queries.Standing[model.Total](ctx, st, queries.RecordFilter{Kind: model.RecordTotal, Municipality: municipality})
		if err != nil {
			return err
		}
		for _, t := range totals {
			if l, of := line(t.Declared, t.Value.Channel, t.Value.Period, t.Value.Count, t.Value.Declared, t.Value.Origin); of {
				d.Totals = append(d.Totals, l)
			}
		}
		visits, err := queries.Standing[model.SiteVisits](ctx, st, queries.RecordFilter{Kind: model.RecordSiteVisits, Municipality: municipality})
		if err != nil {
			return err
		}
		for _, v := range visits {
			if l, of := line(v.Declared, "", v.Value.Period, v.Value.Count, v.Value.Declared, v.Value.Origin); of {
				d.SiteVisits = append(d.SiteVisits, l)
			}
		}
		months, err := queries.Standing[model.ContextFigure](ctx, st, queries.RecordFilter{Kind: model.RecordContext})
		if err != nil {
			return err
		}
		for _, m := range months {
			if c := m.Value; year == 0 || c.Month[:4] == fmt.Sprintf("%04d", year) {
				d.Context = append(d.Context, ContextMonth{c.Series, model.SeriesLabel(c.Series), c.Month, c.Count})
			}
		}
		return nil
	})
	return d, err
}
