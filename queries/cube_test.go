package queries

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"komhen/model"
)

// TestCubeSlices: however the cube is cut for making it anew, and whatever is stale meanwhile, it says what contacts say.
func TestCubeSlices(t *testing.T) {
	ctx := context.Background()
	for _, most := range []int64{1, 40, defaultSliceRows} { // every week by itself; a large one by itself and small ones together; all together
		t.Run(fmt.Sprint(most), func(t *testing.T) {
			st, err := Open(ctx, Options{})
			if err != nil {
				t.Fatal(err)
			}
			defer st.Close()
			st.sliceRows = most
			exec := func(query string) {
				t.Helper()
				if _, err := st.db.Exec(query); err != nil {
					t.Fatal(err)
				}
			}
			insert := func(first, n int, week string) {
				exec(fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE given AS SELECT * EXCLUDE (no_unit, place, detail, row_id) FROM contacts LIMIT 0; INSERT INTO given BY NAME SELECT 1 + i %% 2 AS upload, i AS line, hash(i) AS key_hi, i AS key_lo, 0 AS version, [101, 147, 259][1 + i %% 3] AS municipality,
					1 AS source, 1 + hash(i + 1) %% 3 AS channel, hash(i + 2) %% 3 AS type, hash(i + 3) %% 3 AS closing, hash(i + 4) %% 3 AS form, 10000 + hash(i + 5) %% 3 AS subject,
					(TIMESTAMP '%s' + INTERVAL (hash(i + 6) %% (7 * 86400)) SECOND)::TIMESTAMP_S AS moment, 1 + i %% 2 AS amount, hash(i + 7) %% 2 = 0 AS system, i %% 11 = 0 AS test, i %% 5 AS own, i %% 5 AS copies
					FROM range(%d, %d) r(i); INSERT INTO contact_rows FROM packed('given')`, week, first, first+n))
				exec(fmt.Sprintf("INSERT INTO claims SELECT 3, hash(i), i, 0, 1 FROM range(%d, %d) r(i) WHERE i %% 3 = 1", first, first+n))
				exec(fmt.Sprintf("INSERT INTO stale SELECT DISTINCT municipality, date_trunc('week', moment) FROM contacts WHERE key_lo >= %d", first))
			}
			exec(`INSERT INTO uploads BY NAME SELECT i AS upload, i AS bag, TRUE AS live, FALSE AS restricted, TIMESTAMP '2012-05-20' AS received, received AS changed, 'a' AS file, 'a' AS kept, 'a' AS sha256,
				'a' AS kept_sha256, 1 AS size, 0 AS municipality, 'a' AS source, 'registration' AS kind, i = 4 AS test, '2012F' AS round, DATE '2012-01-01' AS first_day, DATE '2012-12-31' AS last_day, 'csv' AS format,
				'' AS encoding, ';' AS delimiter, '' AS sheet, 'C' AS layout, []::VARCHAR[] AS columns, []::VARCHAR[] AS locals, 0 AS records, 0 AS header, 0 AS blank, 0 AS accepted, 0 AS rejected, 0 AS withheld,
				0 AS contacts, 0 AS warnings, 0 AS corrections FROM range(1, 5) r(i)`)
			insert(0, 300, "2012-04-23")
			insert(300, 30, "2012-04-30")
			insert(330, 5, "2012-10-22")
			sameBothWays(t, st)
			refresh(t, st)
			insert(335, 1, "2012-05-07") // one week of one municipality is stale
			sameBothWays(t, st)
			exec("UPDATE contact_rows SET counts = counts & 4294967295 WHERE municipality = 147 AND moment < TIMESTAMP '2012-05-01'")
			exec("INSERT INTO stale SELECT DISTINCT municipality, date_trunc('week', moment) FROM contacts WHERE municipality = 147 AND moment < TIMESTAMP '2012-05-01'")
			sameBothWays(t, st)
			refresh(t, st)
		})
	}
}

func refresh(t *testing.T, st *Store) {
	t.Helper()
	ctx := context.Background()
	if err := st.RefreshCube(ctx); err != nil {
		t.Fatal(err)
	}
	stale, err := st.StaleWeeks(ctx)
	if err != nil || stale != 0 {
		t.Fatalf("%d stale weeks after a refresh, %v", stale, err)
	}
	if n, err := st.CubeFaults(ctx); n != 0 || err != nil {
		t.Fatalf("%d faults in the cube, %v", n, err)
	}
	sameBothWays(t, st)
}

// sameBothWays asks everything with and without the cube.
func sameBothWays(t *testing.T, st *Store) {
	t.Helper()
	first, last := model.NewDate(2012, 4, 23), model.NewDate(2012, 5, 13)
	asked := 0
	for _, f := range []Filter{{From: first, To: last}, {Municipality: 147, From: first, To: last}, {Municipality: 259, From: first, To: first + 6}, {From: first, To: last, Types: []uint8{1, 2}},
		{From: first, To: last, Types: []uint8{}}, {From: first + 1, To: last}, {Municipality: 101, From: model.NewDate(2012, 1, 1), To: model.NewDate(2012, 12, 30)}} {
		var both [2][]any
		for i, ctx := range []context.Context{context.Background(), WithoutCube(context.Background())} {
			add := func(rows any, err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
				both[i] = append(both[i], rows)
			}
			add(st.ContactsByChannel(ctx, f))
			add(st.ContactsByType(ctx, f))
			add(st.ContactsByClosing(ctx, f))
			add(st.ContactsByForm(ctx, f))
			add(st.ContactsBySubject(ctx, f))
			add(st.ContactsByDay(ctx, f))
			add(st.ContactsByWeek(ctx, f))
			add(st.ContactsByMunicipality(ctx, f))
			add(st.ContactsByMunicipalityDay(ctx, f))
			add(st.Incomplete(ctx, f))
			add(st.ContactsByUpload(ctx, f))
			add(st.FurtherUploads(ctx, f, []uint32{2, 3}))
			add(st.DaysWithContacts(ctx, f.Municipality))
			add(st.ContactsByEveryUnitDay(ctx, f))
			add(st.TestContacts(ctx, f))
			add(st.Profiles(ctx, f.From, f.To))
			if f.Municipality != 0 {
				add(st.ContactsByUnit(ctx, f))
				add(st.ContactsByUnitDay(ctx, f))
				add(st.ContactsByUnitChannelDay(ctx, f))
			}
		}
		for i := range both[0] {
			asked++
			if !reflect.DeepEqual(both[0][i], both[1][i]) {
				t.Fatalf("%+v, question %d:\n%+v\nfrom contacts\n%+v", f, i, both[0][i], both[1][i])
			}
		}
	}
	if asked < 80 {
		t.Fatalf("%d questions", asked)
	}
}

// TestMonday: every day belongs to the week whose Monday it follows.
func TestMonday(t *testing.T) {
	for d := model.NewDate(1965, 1, 1); d < model.NewDate(2030, 1, 1); d++ {
		m := monday(d)
		if m > d || d-m > 6 || m.Weekday() != 1 {
			t.Fatalf("the Monday of %s is %s", d, m)
		}
	}
}
