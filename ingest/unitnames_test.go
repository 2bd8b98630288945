package ingest

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"komhen/model"
	"komhen/queries"
)

// TestUnitNames: units that have a number and units that have none left count, come back and are found again alike, whatever stands in
// their names and beside them.
func TestUnitNames(t *testing.T) {
	names := []string{"Borgerservice", "Æblegården", "Vej\x1dog\x1ePark", "A\x1d", "Bibliotek"}
	file := func(first, n int) []byte {
		var b strings.Builder
		b.WriteString(goodHeader + ";kilde_id;postnummer\n")
		for i := first; i < first+n; i++ {
			for j, name := range names {
				id, local := "", ""
				if i%2 == 0 {
					id = fmt.Sprintf("K%d-%d", i, j)
				}
				if i%3 == 0 {
					local = fmt.Sprint(4600 + i)
				}
				fmt.Fprintf(&b, "259;%s;23.05.10;PRSNLG;OPRET;STRAKS;JA;23-04-2012 10:%02d:00;%s;%s\n", name, i, id, local)
			}
		}
		return []byte(b.String())
	}
	var want [3]any
	for _, most := range []int{mostUnitNames, 2, 0} {
		f, ctx := newFolder(t), context.Background()
		f.names = most
		if r := load(t, f, file(0, 6), Options{}).Receipt; r.Accepted != 30 {
			t.Fatalf("%d names: %+v", most, r)
		}
		if r := load(t, f, file(3, 6), Options{}).Receipt; r.Accepted != 15 || r.Withheld != 15 {
			t.Fatalf("%d names: %+v", most, r)
		}
		units, err := f.Store.ContactsByUnit(ctx, queries.Filter{Municipality: 259, From: model.NewDate(2012, 4, 23), To: model.NewDate(2012, 4, 23)})
		must(t, err)
		for i := range units { // what separates a name without a number is shown instead of written
			units[i].Unit = strings.ReplaceAll(units[i].Unit, "\x1d", "\u241d")
		}
		ids, extras := map[string]int{}, map[string]int{}
		extract, err := f.Store.Extract(ctx, queries.Filter{From: model.NewDate(2012, 4, 1), To: model.NewDate(2012, 5, 1)})
		must(t, err)
		parts, err := extract.ExtractParts(ctx)
		must(t, err)
		must(t, extract.ExtractRows(ctx, parts, func(r *queries.ExtractRow) error {
			ids[strings.Clone(r.ID)]++
			extras[strings.Clone(r.Extra)]++
			return nil
		}))
		must(t, extract.Close())
		got := [3]any{units, ids, extras}
		if want[0] == nil {
			want = got
		}
		if len(units) != len(names) || !reflect.DeepEqual(got, want) {
			t.Errorf("%d names:\n%v\nwant\n%v", most, got, want)
		}
	}
}
