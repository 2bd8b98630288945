package reports

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"komhen/model"
	"komhen/queries"
)

func small(t testing.TB) (*queries.Store, *model.Codebook) {
	cb := smallCodebook(t)
	return loadCase(t, cb, casesFolder+"/small"), cb
}

func run1(t testing.TB, st *queries.Store, cb *model.Codebook, name string) *Report {
	t.Helper()
	r, err := Run(context.Background(), st, cb, question(t, cb, name))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// every runs each report on a round, nationally and for Køge.
func every(t *testing.T, f func(*testing.T, *Report)) {
	st, cb := small(t)
	for _, d := range Names() {
		for _, municipality := range []int{0, 259} {
			for _, round := range []string{"2012F", "2012E", "2013F"} {
				if d.NeedsMunicipality && municipality == 0 {
					continue
				}
				name := fmt.Sprintf("%s@%s@%d", d.Name, round, municipality)
				t.Run(name, func(t *testing.T) { f(t, run1(t, st, cb, name)) })
			}
		}
	}
}

// TestShape: every cell fits its column, totals are the sums of their columns, shares of a whole add up to 1 and as shown to
// 100,0, and a share of nothing is missing.
func TestShape(t *testing.T) {
	every(t, func(t *testing.T, r *Report) {
		labels := map[string]bool{}
		for _, c := range r.Columns {
			if labels[c.Label] || c.Label == "" {
				t.Errorf("header %q is empty or stands twice", c.Label)
			}
			labels[c.Label] = true
		}
		if len(r.Totals) != 0 && len(r.Totals) != len(r.Columns) {
			t.Fatalf("%d totals for %d columns", len(r.Totals), len(r.Columns))
		}
		if least := map[bool]int{true: 3, false: 6}[r.Name == "local"]; len(r.Notes) < least {
			t.Errorf("too few notes: %q", r.Notes)
		}
		shown := r.Shown()
		for c, column := range r.Columns {
			var count int64
			sum, people, parts := 0.0, 0.0, 0
			for i, row := range r.Rows {
				if len(row) != len(r.Columns) {
					t.Fatalf("row %d has %d cells for %d columns", i, len(row), len(r.Columns))
				}
				switch v := row[c].(type) {
				case nil:
				case string:
					fits(t, column, column.Unit == Text)
				case int64:
					fits(t, column, column.Unit == Count || column.Unit == Number || column.Unit == ChangeCount)
					count += v
				case float64:
					fits(t, column, column.Unit == Share || column.Unit == Per1000)
					sum += v
					people += math.Round(1000 * shown[i][c].(float64))
					parts++
				case model.Date:
					fits(t, column, column.Unit == Day)
				default:
					t.Errorf("%s holds a %T", column.Name, v)
				}
			}
			if len(r.Totals) > 0 && column.Unit == Count && r.Totals[c] != count {
				t.Errorf("%s: the rows add up to %d, the total is %v", column.Name, count, r.Totals[c])
			}
			if column.Whole && parts > 0 && (math.Abs(sum-1) > 1e-9 || people != 1000) {
				t.Errorf("%s adds up to %v, as shown to %v", column.Name, sum, people/10)
			}
			if column.Whole && parts == 0 && r.Totals[c] != nil {
				t.Errorf("%s: a share of nothing is %v", column.Name, r.Totals[c])
			}
		}
	})
}

func fits(t *testing.T, c Column, ok bool) {
	t.Helper()
	if !ok {
		t.Errorf("column %s (%s) holds a value of another kind", c.Name, c.Unit)
	}
}

// TestOutputsReadBack: csv, json and xlsx hold the report's own cells.
func TestOutputsReadBack(t *testing.T) {
	every(t, func(t *testing.T, r *Report) {
		var csvOut, jsonOut, xlsxOut, again bytes.Buffer
		for _, err := range []error{WriteCSV(&csvOut, r), WriteJSON(&jsonOut, r), WriteXLSX(&xlsxOut, r), WriteXLSX(&again, r)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		readCSV(t, r, csvOut.Bytes())
		readJSON(t, r, jsonOut.Bytes())
		readXLSX(t, r, xlsxOut.Bytes())
		if !bytes.Equal(xlsxOut.Bytes(), again.Bytes()) {
			t.Error("the same report gave two different workbooks")
		}
	})
}

func readCSV(t *testing.T, r *Report, got []byte) {
	t.Helper()
	if !bytes.HasPrefix(got, []byte(byteOrderMark)) || bytes.Count(got, []byte("\n")) != bytes.Count(got, []byte("\r\n")) {
		t.Error("csv lacks its byte order mark or CRLF")
	}
	in := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(got, []byte(byteOrderMark))))
	in.Comma = ';'
	lines, err := in.ReadAll()
	if err != nil || len(lines) != len(r.Rows)+1 {
		t.Fatalf("csv: %d lines for %d rows, %v", len(lines), len(r.Rows), err)
	}
	for i, row := range r.Rows {
		for c, v := range row {
			cell := lines[i+1][c]
			switch v := v.(type) {
			case nil:
				if cell != "–" {
					t.Errorf("csv: missing is %q", cell)
				}
			case string:
				if model.UnsafeText(cell) != v || strings.HasPrefix(cell, "=") {
					t.Errorf("csv: %q is %q", v, cell)
				}
			case float64:
				var x float64
				if _, err := fmt.Sscan(strings.Replace(cell, ",", ".", 1), &x); err != nil || x != v {
					t.Errorf("csv: %v is %q", v, cell)
				}
			default:
				if cell != fmt.Sprint(v) {
					t.Errorf("csv: %v is %q", v, cell)
				}
			}
		}
	}
}

func readJSON(t *testing.T, r *Report, got []byte) {
	t.Helper()
	var d struct {
		Report, Title, Round string
		Municipality         *string
		Columns              []struct{ Name, Label, Unit string }
		Rows                 [][]any
		Totals               []any
		Notes                []string
	}
	in := json.NewDecoder(bytes.NewReader(got))
	in.DisallowUnknownFields()
	if err := in.Decode(&d); err != nil {
		t.Fatal(err)
	}
	if d.Report != r.Name || d.Title != r.Title || d.Round != r.Round.Name || len(d.Columns) != len(r.Columns) || len(d.Rows) != len(r.Rows) ||
		d.Rows == nil || d.Totals == nil || len(d.Notes) != len(r.Notes) || (d.Municipality == nil) != (r.Municipality == nil) {
		t.Fatalf("json is not the report: %.300s", got)
	}
	if d.Municipality != nil && *d.Municipality != "259" {
		t.Errorf("json: municipality %q", *d.Municipality)
	}
	for i, row := range append(append([][]any{}, r.Rows...), r.Totals) {
		line := d.Totals
		if i < len(d.Rows) {
			line = d.Rows[i]
		}
		for c, v := range row {
			switch x := v.(type) {
			case int64:
				v = float64(x)
			case model.Date:
				v = fmt.Sprintf("%04d-%02d-%02d", x.Year(), int(x.Month()), x.Day())
			}
			if line[c] != v {
				t.Errorf("json: %v is %v", v, line[c])
			}
		}
	}
}

func readXLSX(t *testing.T, r *Report, got []byte) {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(got))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	sheet := f.GetSheetList()[0]
	if len(f.GetSheetList()) != 1 {
		t.Errorf("sheets %v, want one", f.GetSheetList())
	}
	raw, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	head := -1
	for i, row := range raw {
		if len(row) == len(r.Columns) && row[0] == r.Columns[0].Label {
			head = i
		}
	}
	if head < 0 {
		t.Fatalf("no header in %q", raw)
	}
	for i, row := range r.Shown() {
		for c, v := range row {
			cell := ""
			if len(raw[head+1+i]) > c {
				cell = raw[head+1+i][c]
			}
			want := fmt.Sprint(v)
			switch x := v.(type) {
			case nil:
				want = "–"
			case model.Date:
				want = fmt.Sprint(int64(x) + 25569)
			case float64:
				var back float64
				if _, err := fmt.Sscan(cell, &back); err == nil && math.Abs(back-x) < 1e-12 {
					continue
				}
			}
			if cell != want {
				t.Errorf("xlsx: %v is %q", v, cell)
			}
		}
	}
	all := fmt.Sprint(raw)
	for _, n := range r.Notes {
		if !strings.Contains(all, n) {
			t.Errorf("xlsx lacks the note %q", n)
		}
	}
}

// TestUnitsStayAtHome: no unit's name is in any national report, nor in another municipality's.
func TestUnitsStayAtHome(t *testing.T) {
	st, cb := small(t)
	names := []string{"Borgerservice", "=Jobcenter", "Økonomi", "Rådhuset", "Torvet", "Kajen"}
	for _, d := range Names() {
		for _, municipality := range []string{"0", "492"} {
			q := question(t, cb, d.Name+"@2012F@"+municipality)
			r, err := Run(context.Background(), st, cb, q)
			if d.NeedsMunicipality && municipality == "0" {
				wantProblem(t, err, "municipality-needed")
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			for _, unit := range names {
				if strings.Contains(fmt.Sprint(r.Rows, r.Totals, r.Notes, r.Columns), unit) {
					t.Errorf("%s for %s holds the unit %s", d.Name, municipality, unit)
				}
			}
		}
	}
}

func wantProblem(t *testing.T, err error, code string) {
	t.Helper()
	var p *model.Problem
	if !errors.As(err, &p) || p.Code != code || p.Message == "" {
		t.Errorf("got %v, want the problem %s", err, code)
	}
}

// TestWrongQuestions are answered with what is wrong.
func TestWrongQuestions(t *testing.T) {
	st, cb := small(t)
	ctx := context.Background()
	for code, q := range map[string]Query{
		"report-unknown":       {Name: "kanaler"},
		"municipality-unknown": {Name: "channels", Municipality: 7},
		"municipality-needed":  {Name: "units"},
		"types-unknown":        {Name: "channel-by-subject", Types: "alle"},
	} {
		_, err := Run(ctx, st, cb, q)
		wantProblem(t, err, code)
	}
	_, err := Run(ctx, st, cb, Query{Name: "completeness", Types: "case"})
	wantProblem(t, err, "types-unknown")
	_, err = Run(ctx, st, cb, Query{Name: "channels", Weeks: "17"})
	wantProblem(t, err, "weeks-unknown")
	empty := fill(t, func(func(string, ...any)) {})
	_, err = Run(ctx, empty, cb, Query{Name: "channels"})
	wantProblem(t, err, "no-contacts")
	if _, ok, err := LatestRound(ctx, empty, cb); ok || err != nil {
		t.Errorf("a latest round in an empty database (%v)", err)
	}
	r, err := Run(ctx, st, cb, Query{Name: "channels"})
	if err != nil || r.Round.Name != "2013F" || r.Round.Edition != "2013" {
		t.Errorf("without a round: %v, %v", r, err)
	}
}

// TestInfoFollowsTheEdition: codebook §2; the same type is a transaction in 2012 and information from 2013.
func TestInfoFollowsTheEdition(t *testing.T) {
	st, cb := small(t)
	for round, want := range map[string]string{"2012F": "transaktion", "2012E": "transaktion", "2013F": "information"} {
		for _, row := range run1(t, st, cb, "types@"+round+"@0").Rows {
			if row[0] == "INFO" && row[2] != want {
				t.Errorf("INFO is %v in %s, want %s", row[2], round, want)
			}
		}
	}
	total := func(name string) any { return run1(t, st, cb, name).Totals[2] }
	for name, want := range map[string]int64{
		"channel-by-subject@2012F@259@transaction": 10, "channel-by-subject@2012F@259@case": 2, "channel-by-subject@2012F@259@information": 15,
		"channel-by-subject@2013F@259@transaction": 1, "channel-by-subject@2013F@259@case": 1, "channel-by-subject@2013F@259@information": 2,
	} {
		if got := total(name); got != want {
			t.Errorf("%s has %v contacts, want %d", name, got, want)
		}
	}
}

// TestRoundShares: as shown, shares add up to what they add up to, and none is off by a whole step.
func TestRoundShares(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		counts := rapid.SliceOfN(rapid.Int64Range(0, 1_000_000), 0, 40).Draw(t, "counts")
		var total int64
		for _, n := range counts {
			total += n
		}
		if total == 0 {
			return
		}
		shares, sum := make([]float64, len(counts)), 0.0
		for i, n := range counts {
			shares[i] = share(n, total).(float64)
			sum += shares[i]
		}
		if math.Abs(sum-1) > 1e-9 {
			t.Fatalf("shares add up to %v", sum)
		}
		steps := 0
		for i, v := range RoundShares(shares) {
			steps += int(math.Round(v * 1000))
			if math.Abs(v-shares[i]) >= 0.001+1e-9 {
				t.Fatalf("%v is shown as %v", shares[i], v)
			}
			if counts[i] == 0 && v != 0 {
				t.Fatalf("nothing is shown as %v", v)
			}
		}
		if steps != 1000 {
			t.Fatalf("shown shares add up to %d thousandths", steps)
		}
	})
}

// TestRank: equal values share a place, and the next place is skipped; a missing value has none.
func TestRank(t *testing.T) {
	values := []float64{0.5, 0.9, 0.5, 0.1}
	want := []int64{2, 1, 2, 4}
	for i, v := range values {
		if got := Rank(values, v); got != want[i] {
			t.Errorf("%v has place %v, want %d", v, got, want[i])
		}
	}
	if Rank(values, nil) != nil {
		t.Error("a missing value has a place")
	}
}

// TestBasis: what stands behind the figures of Køge in spring 2012.
func TestBasis(t *testing.T) {
	st, cb := small(t)
	b, err := BasisOf(context.Background(), st, cb, spring(t), 259)
	if err != nil {
		t.Fatal(err)
	}
	if b.Contacts != 65 || b.Incomplete != 40 || b.Test != 7 || b.Local != 1 {
		t.Errorf("%+v", b)
	}
	var uploads []uint32
	for _, u := range b.Uploads {
		uploads = append(uploads, u.Upload)
	}
	if fmt.Sprint(uploads) != "[1 2 7 8]" {
		t.Errorf("uploads %v: 3 was taken back and 5 is a test; 7 and 8 hold further copies", uploads)
	}
}
