package ingest

import (
	"context"
	"fmt"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestRepeat: whether a file that comes again is recognised or looked up row by row, the receipt, the findings and what counts are
// the same; also where it only looks like the earlier one, where that is undone, and where rows are equal within it.
func TestRepeat(t *testing.T) {
	rapidChecks(t, 25)
	rapid.Check(t, func(t *rapid.T) {
		var file strings.Builder
		file.WriteString(goodHeader + ";kilde_id;antal\n")
		for range rapid.IntRange(1, 12).Draw(t, "rows") {
			id := rapid.SampledFrom([]string{"", "", "", "A1", "B2", "C3"}).Draw(t, "id")
			day := rapid.SampledFrom([]string{"23", "24", "25", "33"}).Draw(t, "day")
			fmt.Fprintf(&file, "%s;%s;%d\n", onDay(goodRow, day), id, rapid.IntRange(1, 2).Draw(t, "antal"))
		}
		first, second := file.String(), file.String()
		if rapid.Bool().Draw(t, "changed") {
			second = strings.Replace(second, "24-04", "26-04", 1)
		}
		undone, source := rapid.Bool().Draw(t, "undone"), rapid.SampledFrom([]string{"", "Nummersystem"}).Draw(t, "source")
		var was any
		for _, least := range []int64{0, math.MaxInt64} {
			leastRepeat = least
			is := repeatedly(t, first, second, source, undone)
			if least > 0 && !reflect.DeepEqual(is, was) {
				t.Fatalf("recognised: %+v\nlooked up: %+v", was, is)
			}
			was = is
		}
		leastRepeat = 0
	})
}

// repeatedly uploads one file and then another twice, and tells everything that could be told of it.
func repeatedly(t *rapid.T, first, second, source string, undone bool) (told []any) {
	ctx := context.Background()
	dir, err := os.MkdirTemp("", "komhen-repeat-*")
	must(t, err)
	defer os.RemoveAll(dir)
	f, err := Open(ctx, dir, testBook(t), OpenOptions{})
	must(t, err)
	defer f.Close()
	a := load(t, f, []byte(first), Options{})
	if undone {
		_, err := f.Undo(ctx, a.Receipt.Upload, usualDecision)
		must(t, err)
	}
	for range 2 {
		u := load(t, f, []byte(second), Options{Source: source})
		told = append(told, u.Receipt, findingsOf(t, u), countedBag(t, f, ""))
	}
	_, err = f.Redo(ctx, a.Receipt.Upload, usualDecision)
	if undone {
		must(t, err)
	}
	told = append(told, countedBag(t, f, ""))
	wrong, err := f.Store.MiscountedKeys(ctx)
	must(t, err)
	return append(told, wrong)
}
