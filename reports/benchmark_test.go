package reports

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"komhen/model"
	"komhen/queries"
)

func written(t testing.TB, st *queries.Store, cb *model.Codebook, round string, municipality uint16, group string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := WriteBenchmark(context.Background(), st, cb, Benchmark{Round: mustRound(t, cb, round), Municipality: municipality, Group: group}, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func opened(t testing.TB, b []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// tableOf reads a table back: its header and its rows as stored, without formats.
func tableOf(t testing.TB, f *excelize.File, sheet, name string) (header []string, rows [][]string) {
	t.Helper()
	tables, err := f.GetTables(sheet)
	if err != nil {
		t.Fatal(err)
	}
	for _, table := range tables {
		if table.Name != name {
			continue
		}
		from, to, _ := strings.Cut(table.Range, ":")
		c1, r1, _ := excelize.CellNameToCoordinates(from)
		c2, r2, _ := excelize.CellNameToCoordinates(to)
		for r := r1; r <= r2; r++ {
			var row []string
			for c := c1; c <= c2; c++ {
				cell, _ := excelize.CoordinatesToCellName(c, r)
				v, err := f.GetCellValue(sheet, cell, excelize.Options{RawCellValue: true})
				if err != nil {
					t.Fatal(err)
				}
				row = append(row, v)
			}
			rows = append(rows, row)
		}
		return rows[0], rows[1:]
	}
	t.Fatalf("%s has no table %s", sheet, name)
	return nil, nil
}

// TestBenchmark runs the tests that read the same invented rounds.
func TestBenchmark(t *testing.T) {
	cb := realCodebook(t)
	st := invented(t, cb)
	for name, test := range map[string]func(*testing.T, *model.Codebook, *queries.Store){
		"ShowsTheReportsFigures": testBenchmarkShowsTheReportsFigures,
		"AgainstRanking":         testBenchmarkAgainstRanking,
		"SameDataSameBytes":      testBenchmarkSameDataSameBytes,
		"HoldsNoUnit":            testBenchmarkHoldsNoUnit,
		"SheetSetup":             testBenchmarkSheetSetup,
		"FormulaLikeText":        testBenchmarkFormulaLikeText,
		"SmallGroup":             testBenchmarkSmallGroup,
		"Refuses":                testBenchmarkRefuses,
		"Verify":                 testVerify, "VerifySavedByLibreOffice": testVerifySavedByLibreOffice, "Look": testBenchmarkLook,
	} {
		t.Run(name, func(t *testing.T) { test(t, cb, st) })
	}
}

// holds tells whether a cell holds a report's value: numbers to the last bit.
func holds(cell string, v any) bool {
	switch x := v.(type) {
	case nil:
		return cell == model.Missing
	case string:
		return cell == x
	case int64:
		return cell == strconv.FormatInt(x, 10)
	case float64:
		got, err := strconv.ParseFloat(cell, 64)
		return err == nil && got == x
	}
	return false
}

func testBenchmarkShowsTheReportsFigures(t *testing.T, cb *model.Codebook, st *queries.Store) {
	round := mustRound(t, cb, "2013F")
	f := opened(t, written(t, st, cb, "2013F", 259, "region"))
	want := []string{"Forside", "Nøgletal", "Kanaler", "Opgaver", "Henvendelsestyper", "Afslutning", "Blanket", "Benchmark", "Udvikling", "Kodebog"}
	if got := f.GetSheetList(); strings.Join(got, " ") != strings.Join(want, " ") {
		t.Fatalf("sheets %v", got)
	}
	run := func(name string) *Report {
		r, err := Run(context.Background(), st, cb, Query{Name: name, Round: round, Municipality: 259})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for sheet, name := range map[string]string{"Kanaler": "channels", "Opgaver": "subjects", "Henvendelsestyper": "types", "Afslutning": "closings", "Blanket": "forms", "Udvikling": "trend"} {
		r := run(name)
		_, rows := tableOf(t, f, sheet, tableName(sheet))
		if len(rows) != len(r.Rows) {
			t.Errorf("%s: %d rows, the report has %d", sheet, len(rows), len(r.Rows))
			continue
		}
		byKey := map[string][]string{}
		for _, row := range rows {
			byKey[row[0]] = row
		}
		for _, row := range r.Rows {
			got := byKey[row[0].(string)]
			for i, v := range row {
				if got == nil || !holds(got[i], v) {
					t.Errorf("%s, %v, %s: %v, the report has %v", sheet, row[0], r.Columns[i].Name, got, v)
					break
				}
			}
		}
	}
	// figures that the reports define and the workbook compares
	_, key := tableOf(t, f, "Nøgletal", tableName("Nøgletal"))
	digital, trend := run("digital-share"), run("trend")
	last := trend.Rows[len(trend.Rows)-1]
	ranking := run("ranking")
	var place []any
	for _, row := range ranking.Rows {
		if row[0] == "259" {
			place = row
		}
	}
	for label, v := range map[string]any{
		"Digital andel": digital.Totals[4], "Transaktioners andel": last[columnNamed(trend, "transaction_share")],
		"Henvendelser pr. 1.000 indbyggere": place[columnNamed(ranking, "per_1000")],
	} {
		found := false
		for _, row := range key {
			if row[0] == label {
				found = true
				if !holds(row[1], v) {
					t.Errorf("%s: %s, the report has %v", label, row[1], v)
				}
			}
		}
		if !found {
			t.Errorf("no key figure %q", label)
		}
	}
	_, controls := tableOf(t, f, "Forside", "Tabel_kontrol")
	if len(controls) != 8 {
		t.Errorf("%d control totals", len(controls))
	}
	for _, c := range controls {
		if c[2] != controls[0][2] || c[3] != "ja" {
			t.Errorf("control total %v", c)
		}
	}
}

// The whole country's figures in the Benchmark sheet are those of the ranking report.
func testBenchmarkAgainstRanking(t *testing.T, cb *model.Codebook, st *queries.Store) {
	f := opened(t, written(t, st, cb, "2013F", 259, "all"))
	ranking, err := Run(context.Background(), st, cb, Query{Name: "ranking", Round: mustRound(t, cb, "2013F")})
	if err != nil {
		t.Fatal(err)
	}
	_, rows := tableOf(t, f, "Benchmark", tableName("Benchmark"))
	for label, name := range map[string]string{"Henvendelser pr. 1.000 indbyggere": "per_1000", "Digital andel": "digital_share"} {
		var values []ratio
		var own []any
		at := columnNamed(ranking, name)
		var sum float64
		for _, row := range ranking.Rows {
			if v, ok := row[at].(float64); ok {
				values = append(values, ratio{0, 1, 1})
				sum += v
				if row[0] == "259" {
					own = row
				}
			}
		}
		for _, row := range rows {
			if row[1] != label {
				continue
			}
			if !holds(row[2], own[at]) || !holds(row[3], own[at+1]) || !holds(row[4], own[at+2]) {
				t.Errorf("%s: %v, the ranking has %v", label, row, own)
			}
			if mean, _ := strconv.ParseFloat(row[9], 64); math.Abs(mean-sum/float64(len(values))) > 1e-9 {
				t.Errorf("%s: unweighted mean %v, want %v", label, mean, sum/float64(len(values)))
			}
		}
	}
}

func testBenchmarkSameDataSameBytes(t *testing.T, cb *model.Codebook, st *queries.Store) {
	first := written(t, st, cb, "2013F", 259, "size")
	for range 4 {
		again := written(t, st, cb, "2013F", 259, "size")
		if bytes.Equal(first, again) {
			continue
		}
		was, _ := unpack(bytes.NewReader(first), int64(len(first)))
		is, _ := unpack(bytes.NewReader(again), int64(len(again)))
		for i := range min(len(was), len(is)) {
			if was[i].name != is[i].name || !bytes.Equal(was[i].data, is[i].data) {
				t.Errorf("the same data gave other bytes in %s and %s", was[i].name, is[i].name)
			}
		}
		t.FailNow()
	}
}

// No unit may stand anywhere: not in a hidden sheet, a defined name, a table's columns or the metadata.
func testBenchmarkHoldsNoUnit(t *testing.T, cb *model.Codebook, st *queries.Store) {
	b := written(t, st, cb, "2013F", 259, "all")
	archive, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range archive.File {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ToLower(string(data))
		for _, unit := range append(plantedUnits, "enhed") {
			if strings.Contains(text, strings.ToLower(unit)) {
				t.Errorf("%s holds %q", file.Name, unit)
			}
		}
	}
	f := opened(t, b)
	for _, sheet := range f.GetSheetList() {
		if visible, err := f.GetSheetVisible(sheet); err != nil || !visible {
			t.Errorf("%s is hidden: %v", sheet, err)
		}
	}
}

func testBenchmarkSheetSetup(t *testing.T, cb *model.Codebook, st *queries.Store) {
	f := opened(t, written(t, st, cb, "2013F", 259, "all"))
	names := map[string]bool{}
	for _, n := range f.GetDefinedName() {
		names[n.Scope+n.Name] = true
	}
	for i, sheet := range f.GetSheetList() {
		layout, err := f.GetPageLayout(sheet)
		if err != nil || *layout.Size != 9 || *layout.Orientation != "landscape" || *layout.FitToWidth != 1 {
			t.Errorf("%s: page layout %+v, %v", sheet, layout, err)
		}
		hf, err := f.GetHeaderFooter(sheet)
		if err != nil || !strings.Contains(hf.OddHeader, "Køge") || !strings.Contains(hf.OddHeader, "Forår 2013") || !strings.Contains(hf.OddFooter, "Side &P af &N") {
			t.Errorf("%s: header and footer %+v, %v", sheet, hf, err)
		}
		help, _ := f.GetCellValue(sheet, "A3")
		if !strings.HasPrefix(help, "Sådan læser du arket: ") {
			t.Errorf("%s: reading help %q", sheet, help)
		}
		tables, err := f.GetTables(sheet)
		if err != nil || len(tables) == 0 {
			t.Errorf("%s: no table, %v", sheet, err)
		}
		if i == 0 {
			continue
		}
		panes, err := f.GetPanes(sheet)
		if err != nil || !panes.Freeze || panes.YSplit == 0 || !names[sheet+"_xlnm.Print_Titles"] {
			t.Errorf("%s: panes %+v, titles %v, %v", sheet, panes, names[sheet+"_xlnm.Print_Titles"], err)
		}
		if has, target, err := f.GetCellHyperLink(sheet, "A4"); err != nil || !has || target != "'Forside'!A1" {
			t.Errorf("%s: way back %v %q %v", sheet, has, target, err)
		}
	}
}

func testBenchmarkFormulaLikeText(t *testing.T, cb *model.Codebook, st *queries.Store) {
	f := opened(t, written(t, st, cb, "2013F", 259, "all"))
	_, files := tableOf(t, f, "Forside", "Tabel_indmeldinger")
	if files[0][1] != `=HYPERLINK("x") & tælling.csv` {
		t.Errorf("file name %q", files[0][1])
	}
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for r, row := range rows {
			for c := range row {
				cell, _ := excelize.CoordinatesToCellName(c+1, r+1)
				if formula, err := f.GetCellFormula(sheet, cell); err != nil || formula != "" {
					t.Errorf("%s!%s holds the formula %q", sheet, cell, formula)
				}
			}
		}
	}
	// a difference below zero stays a number
	_, key := tableOf(t, f, "Nøgletal", tableName("Nøgletal"))
	negative := false
	for _, row := range key {
		for _, v := range row[3:] {
			if x, err := strconv.ParseFloat(v, 64); err == nil && x < 0 {
				negative = true
			}
		}
	}
	if !negative {
		t.Error("the data has no negative difference, so the test proves nothing")
	}
}

func testBenchmarkSmallGroup(t *testing.T, cb *model.Codebook, st *queries.Store) {
	f := opened(t, written(t, st, cb, "2013F", 259, "101"))
	header, rows := tableOf(t, f, "Benchmark", tableName("Benchmark"))
	if header[6] != "Nedre kvartil" || header[7] != "Øvre kvartil" {
		t.Fatalf("header %v", header)
	}
	for _, row := range rows {
		if row[4] != "2" || row[6] != model.Missing || row[7] != model.Missing || row[5] == model.Missing {
			t.Errorf("two municipalities: %v", row)
		}
	}
	rowsOf, _ := f.GetRows("Benchmark")
	text := ""
	for _, row := range rowsOf {
		text += strings.Join(row, " ") + "\n"
	}
	if !strings.Contains(text, "Færre end 3 kommuner") {
		t.Error("no note on the missing quartiles")
	}
}

func testBenchmarkRefuses(t *testing.T, cb *model.Codebook, st *queries.Store) {
	for _, c := range []struct {
		name         string
		round        string
		municipality uint16
		group        string
		code         string
	}{
		{"a round without contacts", "2014E", 259, "all", "benchmark-empty"},
		{"a municipality without contacts", "2012E", 259, "all", "benchmark-empty"},
		{"an unknown municipality", "2013F", 999, "all", "municipality-unknown"},
		{"an unknown group", "2013F", 259, "naboer", "group-unknown"},
		{"an unknown code in the group", "2013F", 259, "101,998", "group-unknown"},
	} {
		var b bytes.Buffer
		err := WriteBenchmark(context.Background(), st, cb, Benchmark{Round: mustRound(t, cb, c.round), Municipality: c.municipality, Group: c.group}, &b)
		var p *model.Problem
		if !errors.As(err, &p) || p.Code != c.code || p.Message == "" || b.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", c.name, err, b.Len())
		}
	}
}

func TestGroups(t *testing.T) {
	cb := realCodebook(t)
	own := cb.Municipality(259)
	round := mustRound(t, cb, "2013F")
	for spec, n := range map[string]int{"": 98, "all": 98, "region": 17, "size": 21, "101, 147": 3, "259": 1} {
		g, err := groupOf(cb, own, round, spec)
		if err != nil || len(g.members) != n {
			t.Errorf("%q: %d members, want %d, %v", spec, len(g.members), n, err)
			continue
		}
		found := false
		for i, m := range g.members {
			found = found || m == own
			if i > 0 && g.members[i-1].Code >= m.Code {
				t.Errorf("%q: %d stands twice or out of order", spec, m.Code)
			}
		}
		if !found {
			t.Errorf("%q: the municipality is no member of its own group", spec)
		}
	}
	g, _ := groupOf(cb, own, round, "size")
	size, _ := own.PopulationOn(round.First)
	worst := 0
	in := map[uint16]bool{}
	for _, m := range g.members {
		n, _ := m.PopulationOn(round.First)
		worst, in[m.Code] = max(worst, n-size, size-n), true
	}
	for _, m := range cb.Municipalities {
		if n, _ := m.PopulationOn(round.First); !in[m.Code] && max(n-size, size-n) < worst {
			t.Errorf("%s is nearer than a member", m.Name)
		}
	}
}
