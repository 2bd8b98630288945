package reports

import (
	"context"
	"strings"
	"testing"

	"komhen/model"
	"komhen/queries"
)

// TestLocalIsTheRest: a municipality's contacts of a year are those of its rounds and the local ones, whatever days the rounds have;
// what reports say they keep out is what the report local holds.
func TestLocalIsTheRest(t *testing.T) {
	st, shared := small(t)
	ctx := context.Background()
	total := func(r *Report) int64 {
		t.Helper()
		for i, c := range r.Columns {
			if c.Name == "contacts" {
				return r.Totals[i].(int64)
			}
		}
		t.Fatal("no contacts")
		return 0
	}
	for name, dates := range map[string]*model.RoundDates{"as stated": nil, "later": {Weeks: []int{20, 21, 22}}, "longer": {Weeks: []int{17, 18, 19, 20, 21, 22}}, "one week": {Weeks: []int{17}}} {
		cb := shared.Own()
		if err := cb.DeclareRound("2012F", dates); err != nil {
			t.Fatal(err)
		}
		for code, want := range map[uint16]int64{259: 0, 101: 0, 147: 0} {
			sums := map[string]int64{}
			for _, round := range []string{"2012F", "2012E"} {
				r, err := cb.Round(round)
				if err != nil {
					t.Fatal(err)
				}
				counted, err := Run(ctx, st, cb, Query{Name: "channels", Round: r, Municipality: code})
				if err != nil {
					t.Fatal(err)
				}
				outside, err := Run(ctx, st, cb, Query{Name: "local", Round: r, Municipality: code})
				if err != nil {
					t.Fatal(err)
				}
				basis, err := BasisOf(ctx, st, cb, r, code)
				if err != nil {
					t.Fatal(err)
				}
				if total(outside) != basis.Local {
					t.Errorf("%s, %d, %s: %d local contacts, and reports say %d", name, code, round, total(outside), basis.Local)
				}
				sums["rounds"] += total(counted)
				sums["local"] = total(outside)
			}
			days, err := st.ContactsByDay(ctx, filterOfYear(code, 2012))
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range days {
				want += d.Contacts
			}
			if sums["rounds"]+sums["local"] != want || want == 0 {
				t.Errorf("%s, %d: %v of %d contacts", name, code, sums, want)
			}
		}
	}
	r, err := Run(ctx, st, shared, Query{Name: "local", Municipality: 259}) // no round: the latest year with local counts
	if err != nil || r.Round.Year != 2012 {
		t.Errorf("%v, %v", r, err)
	}
	_, err = Run(ctx, st, shared, Query{Name: "local"})
	wantProblem(t, err, "municipality-needed")
}

func filterOfYear(code uint16, year int) queries.Filter {
	return queries.Filter{Municipality: code, From: model.NewDate(year, 1, 1), To: model.NewDate(year, 12, 31)}
}

// TestLateIsTold: reports say which uploads came after the deadline as it stands, not as it stood when they came.
func TestLateIsTold(t *testing.T) {
	st, shared := small(t) // every upload came 20-05-2012
	for deadline, want := range map[model.Date]string{0: "", model.NewDate(2012, 5, 20): "", model.NewDate(2012, 5, 19): "Efter frist: 4 indmeldinger (nr. 1, 2, 7 og 8) kom efter fristen 19-05-2012. De tæller med."} {
		cb := shared.Own()
		if err := cb.DeclareRound("2012F", &model.RoundDates{DataDeadline: deadline}); err != nil {
			t.Fatal(err)
		}
		r, err := cb.Round("2012F")
		if err != nil {
			t.Fatal(err)
		}
		rep, err := Run(context.Background(), st, cb, Query{Name: "channels", Round: r, Municipality: 259})
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		for _, n := range rep.Notes {
			if strings.HasPrefix(n, "Efter frist") {
				got = n
			}
		}
		if got != want {
			t.Errorf("deadline %s: %q, want %q", deadline, got, want)
		}
	}
}
