package queries

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"komhen/model"
)

func TestProfiles(t *testing.T) {
	ctx := WithoutCube(context.Background())
	st, err := Open(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	if _, err := st.db.Exec("CREATE TABLE given AS SELECT * EXCLUDE (no_unit, place, detail, row_id) FROM contacts LIMIT 0"); err != nil {
		t.Fatal(err)
	}
	row := func(key, municipality, channel, typ, closing, form, subject int, moment string, amount int, test bool, copies int) {
		t.Helper()
		_, err := st.db.Exec(`INSERT INTO given VALUES (1, 2, ?::UBIGINT, 0, 0, ?::USMALLINT, 1, ?::UTINYINT, ?::UTINYINT, ?::UTINYINT, ?::UTINYINT, ?::UINTEGER,
			?::TIMESTAMP_S, NULL, NULL, ?::UINTEGER, 'afdeling', NULL, NULL, false, ?, 1, ?::UINTEGER)`, key, municipality, channel, typ, closing, form, subject, moment, amount, test, copies)
		if err != nil {
			t.Fatal(err)
		}
	}
	row(1, 259, 1, 1, 1, 0, 11100, "2012-04-23 00:00:00", 1, false, 3)
	row(2, 259, 1, 2, 0, 2, 11100, "2012-05-13 23:59:59", 12, false, 2)
	row(3, 101, 3, 1, 1, 1, 230510, "2012-04-24 10:00:00", 1_000_000, false, 6000) // beyond 32 bits
	row(4, 259, 1, 1, 1, 0, 11100, "2012-04-24 10:00:00", 1, true, 7)              // a test row
	row(5, 259, 1, 1, 1, 0, 11100, "2012-04-24 10:00:00", 1, false, 0)             // taken back
	row(6, 259, 1, 1, 1, 0, 11100, "2012-05-14 00:00:00", 1, false, 1)             // the day after
	row(7, 259, 1, 1, 1, 0, 11100, "2012-04-22 23:59:59", 1, false, 1)             // the day before
	if _, err := st.db.Exec("INSERT INTO contact_rows FROM packed('given')"); err != nil {
		t.Fatal(err)
	}
	got, err := st.Profiles(ctx, model.NewDate(2012, 4, 23), model.NewDate(2012, 5, 13))
	if err != nil {
		t.Fatal(err)
	}
	want := []Profile{
		{Municipality: 101, Total: 6e9, Channels: map[uint8]int64{3: 6e9}, Types: map[uint8]int64{1: 6e9}, Closings: map[uint8]int64{1: 6e9},
			Forms: map[uint8]int64{1: 6e9}, Subjects: map[model.KLE]int64{230510: 6e9}},
		{Municipality: 259, Total: 27, Channels: map[uint8]int64{1: 27}, Types: map[uint8]int64{1: 3, 2: 24}, Closings: map[uint8]int64{1: 3, 0: 24},
			Forms: map[uint8]int64{0: 3, 2: 24}, Subjects: map[model.KLE]int64{11100: 27}},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if files, err := st.UploadFiles(ctx, []uint32{1, 2}); err != nil || len(files) != 0 {
		t.Errorf("files of uploads that do not exist: %v, %v", files, err)
	}
}

// BenchmarkProfiles reads the profiles of a round of ten million rows in a database of its own.
func BenchmarkProfiles(b *testing.B) {
	ctx := WithoutCube(context.Background())
	st, err := Open(ctx, Options{MemoryMB: 2000})
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	if _, err := st.db.Exec(fmt.Sprintf(`CREATE TEMP TABLE given AS SELECT * EXCLUDE (no_unit, place, detail, row_id) FROM contacts LIMIT 0; INSERT INTO given SELECT 1, i, hash(i), i, 0, 101 + i %% 98, 1, 1 + hash(i + 1) %% 24, hash(i + 2) %% 7, hash(i + 3) %% 3, hash(i + 4) %% 3,
		10000 + 100 * (hash(i + 5) %% 76), TIMESTAMP_S '2012-04-23' + INTERVAL (hash(i + 6) %% 21) DAY, NULL, NULL, 1, NULL, NULL, NULL, false, false, 1, 1 FROM range(%d) t(i); INSERT INTO contact_rows FROM packed('given')`, 10_000_000)); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := st.Profiles(ctx, model.NewDate(2012, 4, 23), model.NewDate(2012, 5, 13)); err != nil {
			b.Fatal(err)
		}
	}
}
