package reports

import (
	"bytes"
	"context"
	"database/sql"
	"testing"

	"komhen/model"
	"komhen/queries"
)

// everyQuestion are all reports with all filters they take.
func everyQuestion(rounds []model.Round, municipalities []uint16) (list []Query) {
	for _, d := range Names() {
		for _, round := range rounds {
			for _, municipality := range municipalities {
				if d.NeedsMunicipality && municipality == 0 || d.NationalOnly && municipality != 0 {
					continue
				}
				for _, weeks := range []string{"", "primary"} {
					for _, types := range []string{"", "transaction", "information", "case"} {
						if weeks != "" && !d.TakesWeeks || types != "" && !d.TakesTypes {
							continue
						}
						list = append(list, Query{Name: d.Name, Round: round, Municipality: municipality, Weeks: weeks, Types: types})
					}
				}
			}
		}
	}
	return list
}

func asTable(t testing.TB, ctx context.Context, st *queries.Store, cb *model.Codebook, q Query) string {
	t.Helper()
	r, err := Run(ctx, st, cb, q)
	if err != nil {
		t.Fatalf("%+v: %v", q, err)
	}
	var b bytes.Buffer
	if err := WriteTable(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestCubeGivesTheSame: every report from the cube is the one from contacts; and the cube it is, for it answers without them.
func TestCubeGivesTheSame(t *testing.T) {
	ctx, cb := context.Background(), smallCodebook(t)
	path := fillFile(t, caseOf(t, cb, casesFolder+"/small"))
	st, err := queries.Open(ctx, queries.Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	var rounds []model.Round
	for _, name := range []string{"2012F", "2013F"} {
		r, err := cb.Round(name)
		if err != nil {
			t.Fatal(err)
		}
		rounds = append(rounds, r)
	}
	questions := everyQuestion(rounds, []uint16{0, 147, 259})
	if len(questions) < 200 {
		t.Fatalf("%d questions", len(questions))
	}
	want := make([]string, len(questions))
	for i, q := range questions {
		want[i] = asTable(t, queries.WithoutCube(ctx), st, cb, q)
	}
	if n, err := st.StaleWeeks(ctx); n == 0 || err != nil {
		t.Fatalf("%d stale weeks before the first refresh, %v", n, err)
	}
	if got := asTable(t, ctx, st, cb, questions[0]); got != want[0] {
		t.Errorf("while the cube is stale:\n%s\nwant\n%s", got, want[0])
	}
	if err := st.RefreshCube(ctx); err != nil {
		t.Fatal(err)
	}
	if n, err := st.StaleWeeks(ctx); n != 0 || err != nil {
		t.Errorf("%d stale weeks after a refresh, %v", n, err)
	}
	faults := func() int64 {
		n, err := st.CubeFaults(ctx)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if n := faults(); n != 0 {
		t.Errorf("%d faults in the cube", n)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("duckdb", path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("DELETE FROM contact_rows"); err != nil {
		t.Fatal(err)
	}
	db.Close()
	if st, err = queries.Open(ctx, queries.Options{Path: path, ReadOnly: true}); err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if faults() == 0 {
		t.Error("a cube without contacts is found to be right")
	}
	for i, q := range questions {
		if q.Name == "local" { // months are no whole weeks: it always counts contacts
			continue
		}
		if got := asTable(t, ctx, st, cb, q); got != want[i] {
			t.Errorf("%+v\ngot\n%s\nwant\n%s", q, got, want[i])
		}
	}
	from, to := model.NewDate(2012, 4, 23), model.NewDate(2012, 5, 13)
	profiles, err := st.Profiles(ctx, from, to)
	if err != nil || len(profiles) == 0 {
		t.Fatalf("%d profiles, %v", len(profiles), err)
	}
	odd, err := st.ContactsByChannel(ctx, queries.Filter{From: from, To: to - 1})
	if err != nil || len(odd) != 0 {
		t.Errorf("half a week was answered from sums of whole ones: %v, %v", odd, err)
	}
}
