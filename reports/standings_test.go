package reports

import (
	"context"
	"slices"
	"testing"
)

func standings(t *testing.T, q StandingsQuery) *Standings {
	t.Helper()
	st, cb := small(t)
	p, err := StandingsOf(context.Background(), st, cb, q)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestStandings: equal values share a place, who has no contacts stands last without one, and who has not approved is provisional.
func TestStandings(t *testing.T) {
	ctx, cb, st := context.Background(), smallCodebook(t), deliveredRound(t)
	round, err := cb.Round("2013F")
	if err != nil {
		t.Fatal(err)
	}
	p, err := StandingsOf(ctx, st, cb, StandingsQuery{Round: round, Measure: "channel-tlfind-share"})
	if err != nil {
		t.Fatal(err)
	}
	if p.N != 3 || p.Median != 1.0 || p.Weighted != 7.0/13 || len(p.Lines) != len(cb.Municipalities) || p.Measure.Label != "Telefon ind, andel" {
		t.Errorf("%d with a value, median %v, weighted %v, %d lines of %q", p.N, p.Median, p.Weighted, len(p.Lines), p.Measure.Label)
	}
	want := []struct {
		code        uint16
		rank        any
		tied        int
		provisional bool
	}{{400, int64(1), 2, true}, {492, int64(1), 2, false}, {259, int64(3), 1, true}}
	for i, w := range want {
		if l := p.Lines[i]; l.Municipality.Code != w.code || l.Rank != w.rank || l.Tied != w.tied || l.Provisional != w.provisional {
			t.Errorf("line %d: %d %+v, want %+v", i, l.Municipality.Code, l, w)
		}
	}
	for _, l := range p.Lines[3:] {
		if l.Rank != nil || l.Value != nil || l.Contacts != nil || l.Provisional {
			t.Errorf("%s has no contacts: %+v", l.Municipality.Name, l)
		}
	}
	r := p.Report()
	if row := r.Rows[0]; row[0] != int64(1) || row[1] != "400" || row[5] != int64(1) || row[6] != int64(3) || row[8] != "foreløbig" || r.Rows[1][8] != "godkendt" {
		t.Errorf("%v", row)
	}
	week, err := StandingsOf(ctx, st, cb, StandingsQuery{Round: round, Weeks: "primary", Measure: "per-1000"})
	if err != nil || week.Lines[0].Contacts == nil || !slices.ContainsFunc(week.Notes, func(n string) bool { return len(n) > 5 && n[:5] == "Uger:" }) {
		t.Errorf("the primary week alone: %v", err)
	}
	for code, q := range map[string]StandingsQuery{
		"measure-unknown":      {Round: round, Measure: "nope"},
		"weeks-unknown":        {Round: round, Weeks: "17"},
		"group-unknown":        {Round: round, Group: "nope", Municipality: 259},
		"municipality-needed":  {Round: round, Group: "region"},
		"municipality-unknown": {Round: round, Municipality: 7},
	} {
		_, err := StandingsOf(ctx, st, cb, q)
		wantProblem(t, err, code)
	}
}

// TestStandingsAreTheRanking: the two measures of the ranking report have the same places here.
func TestStandingsAreTheRanking(t *testing.T) {
	st, cb := small(t)
	for _, name := range []string{"2012F", "2012E", "2013F"} {
		r := run1(t, st, cb, "ranking@"+name+"@0")
		for measure, columns := range map[string][2]int{"digital-share": {4, 5}, "per-1000": {7, 8}} {
			p := standings(t, StandingsQuery{Round: r.Round, Measure: measure})
			for _, l := range p.Lines {
				at := slices.IndexFunc(r.Rows, func(row []any) bool { return row[0] == l.Municipality.CodeText() })
				if row := r.Rows[at]; row[columns[0]] != l.Value || row[columns[1]] != l.Rank || row[3] != l.Contacts {
					t.Errorf("%s %s %s: %v and %v of %v, but the report has %v", name, measure, l.Municipality.Name, l.Value, l.Rank, l.Contacts, row)
				}
			}
		}
	}
}

// TestStandingsAreTheWorkbook: for every measure and group the municipality has the place that its benchmark workbook gives it.
func TestStandingsAreTheWorkbook(t *testing.T) {
	st, cb := small(t)
	ctx, round := context.Background(), spring(t)
	for _, group := range []string{"all", "region", "size", "101,147"} {
		d, err := gather(ctx, st, cb, Benchmark{Round: round, Municipality: 259, Group: group})
		if err != nil {
			t.Fatal(err)
		}
		names := map[string]bool{}
		for _, m := range append(keyMeasures(cb, d.round.Edition), codeMeasures(cb, d.now.members)...) {
			if names[m.name] {
				t.Errorf("two measures are called %s", m.name)
			}
			names[m.name] = true
			c := m.compare(d.now.own, d.now.members)
			p, err := StandingsOf(ctx, st, cb, StandingsQuery{Round: round, Measure: m.name, Group: group, Municipality: 259})
			if err != nil {
				t.Fatal(err)
			}
			own := p.Lines[slices.IndexFunc(p.Lines, func(l Standing) bool { return l.Municipality.Code == 259 })]
			if own.Value != c.own || own.Rank != c.rank || own.Tied != c.tied || p.N != c.n || p.Median != c.median || p.Weighted != c.weighted {
				t.Errorf("%s in %s: %+v, but the workbook has %+v", m.name, group, own, c)
			}
		}
	}
}
