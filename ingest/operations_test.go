package ingest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"komhen/model"
	"komhen/queries"
)

// seedBreaches is inventory SL5: every month below its target in the two tables of seed 003.
var seedBreaches = []string{
	"SP produktionsmiljø m1 mar-20 98,98 %",
	"KO applikation feb-20 83,10 %", "KO applikation sep-20 98,30 %",
	"KO infrastruktur jan-20 99,80 %", "KO infrastruktur feb-20 99,30 %",
	"SDY infrastruktur okt-19 99,40 %", "SDY infrastruktur nov-19 99,80 %", "SDY infrastruktur feb-20 99,30 %",
	"BF infrastruktur jan-20 98,80 %", "BF infrastruktur feb-20 99,30 %",
	"Adgangsstyring infrastruktur jan-20 98,40 %", "Adgangsstyring infrastruktur feb-20 99,10 %",
}

func readOperations(t testing.TB, data []byte) *OperationsFile {
	t.Helper()
	file, faults, err := ReadOperations(testBook(t), bytes.NewReader(data), int64(len(data)))
	must(t, err)
	if len(faults) > 0 {
		t.Fatalf("faults: %v", faults)
	}
	return file
}

// holdsSeed holds figures to what the seed's tables say: 12 rows of 12 percentages, one of calls, and the breaches of SL5.
func holdsSeed(t *testing.T, file *OperationsFile) {
	t.Helper()
	var breaches []string
	cells, calls := 0, int64(0)
	for _, f := range file.Figures {
		if f.Calls != nil {
			calls += *f.Calls
			continue
		}
		cells++
		if f.Breached() {
			breaches = append(breaches, fmt.Sprintf("%s %s %s %s", f.Area, f.Measure, f.Month.Short(), f.Value))
		}
		if want := map[bool]string{true: "Serviceplatformen", false: "Støttesystemer"}[f.Measure == model.MeasureM1 || f.Measure == model.MeasureM2]; f.System != want {
			t.Errorf("%s is of %q, want %q", f.Area, f.System, want)
		}
	}
	want := slices.Clone(seedBreaches)
	slices.Sort(want)
	if slices.Sort(breaches); !slices.Equal(breaches, want) {
		t.Errorf("breaches\n%s\nwant\n%s", strings.Join(breaches, "\n"), strings.Join(want, "\n"))
	}
	if cells != 12*12 || calls != 1_309_000_000 {
		t.Errorf("%d cells, %d calls", cells, calls)
	}
}

// TestBreaches: the months below target are those of inventory SL5, from our copy of the figures and from the seed's own tables.
func TestBreaches(t *testing.T) {
	ours, err := os.ReadFile(filepath.Join(testdata, "operations", "breaches.csv"))
	must(t, err)
	file := readOperations(t, ours)
	holdsSeed(t, file)
	if len(file.Incidents) != 1 || len(file.Narratives) != 2 || len(file.Notes) != 1 || !strings.Contains(file.Notes[0], "linje 10–11.") {
		t.Errorf("%+v", file)
	}
	t.Run("seed", func(t *testing.T) {
		text := string(seed(t, "003"))
		from, to := strings.Index(text, "Serviceplatformen - september 2020"), strings.Index(text, "Støttesystemer - september 2020 - 2 ud af 2")
		if from < 0 || to < from {
			t.Fatal("the seed's tables are not where they were")
		}
		holdsSeed(t, readOperations(t, []byte(text[from:to])))
	})
}

// TestDowntime is SL6: 715 minutes of September's 43,200 are 98,34 %, and the seed's 98,30 % is that rounded to one decimal.
func TestDowntime(t *testing.T) {
	ours, err := os.ReadFile(filepath.Join(testdata, "operations", "breaches.csv"))
	must(t, err)
	incidents := readOperations(t, ours).Incidents
	september := model.NewMonth(2020, 9)
	down := model.Downtime(september, incidents)
	computed := model.AvailabilityAfter(september, down)
	if down.Minutes() != 715 || september.Length().Minutes() != 43_200 || computed.Round(2).String() != "98,34 %" {
		t.Errorf("%v of %v: %v", down, september.Length(), computed)
	}
	stated, _ := model.ParseAvailability("98,30%")
	if got := stated.AgreesWith(computed); got != "stemmer, når der rundes til én decimal" {
		t.Error(got)
	}
}

// saidOf is faults as lines.
func saidOf(faults []model.TableFault) string {
	var b strings.Builder
	for _, f := range faults {
		fmt.Fprintln(&b, f)
	}
	return b.String()
}

func holdsFile(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		must(t, os.WriteFile(path, []byte(got), 0o644))
	}
	want, err := os.ReadFile(path)
	must(t, err)
	if got != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestSmallFileFaults: everything wrong is told at once, with its place, and nothing is loaded.
func TestSmallFileFaults(t *testing.T) {
	f, ctx := newFolder(t), context.Background()
	for _, kind := range []string{"operations", "readiness"} {
		data, err := os.ReadFile(filepath.Join(testdata, kind, "faults.csv"))
		must(t, err)
		receipt := importSmall(t, f, kind, data, false)
		holdsFile(t, filepath.Join(testdata, kind, "faults.txt"), saidOf(receipt.Faults))
		for _, odd := range []string{"", "\x89PNG\r\n\x1a\n\x00\x00", "<html><body>x", "a;b\nc;d\n", strings.Repeat("x;", 300), "\x00\x01\x02"} {
			if receipt := importSmall(t, f, kind, []byte(odd), false); len(receipt.Faults) == 0 || receipt.Changed != 0 {
				t.Errorf("%s: %q was taken: %+v", kind, odd, receipt)
			}
		}
	}
	cpr := strings.Replace(flatOperations, "KO", "KO 010190-1234", 1)
	if receipt := importSmall(t, f, "operations", []byte(cpr), false); len(receipt.Faults) != 1 || receipt.Faults[0].Line != 2 || strings.Contains(saidOf(receipt.Faults), "010190") {
		t.Errorf("%+v", receipt)
	}
	for _, kind := range []string{model.RecordOperations, model.RecordReadiness} {
		if all, err := f.Store.RecordHistory(ctx, queries.RecordFilter{Kind: kind}); err != nil || len(all) != 0 {
			t.Errorf("%d records, %v", len(all), err)
		}
	}
}

const flatOperations = "System;Driftsområde;Måling;SLA-mål;jan-12;feb-12\nStøtte;KO;applikation;99,90 %;100 %;99,85 %\nStøtte;;servicekald;;1.000;2000\n"

func importSmall(t testing.TB, f *Folder, kind string, data []byte, dry bool) *SmallReceipt {
	t.Helper()
	load := f.ImportOperations
	if kind == "readiness" {
		load = f.ImportReadiness
	}
	receipt, err := load(context.Background(), bytes.NewReader(data), int64(len(data)), usualDecision, dry)
	must(t, err)
	return receipt
}

// TestOperationsAgain: the same file again changes nothing, a changed figure one record with its history kept, a dry run nothing at all, and
// rebuild ends the same.
func TestOperationsAgain(t *testing.T) {
	f, ctx := newFolder(t), context.Background()
	changed := func(want int64, data string, dry bool) {
		t.Helper()
		if r := importSmall(t, f, "operations", []byte(data), dry); r.Changed != want || len(r.Faults) > 0 {
			t.Errorf("%+v, want %d changed", r, want)
		}
	}
	changed(4, flatOperations, true)
	changed(4, flatOperations, false)
	changed(0, flatOperations, false)
	mended := strings.Replace(flatOperations, "99,85", "99,95", 1)
	changed(1, mended, false)
	changed(0, mended, false)
	filter := queries.RecordFilter{Kind: model.RecordOperations}
	check := func() {
		t.Helper()
		standing, err := queries.Standing[model.OperationFigure](ctx, f.Store, filter)
		must(t, err)
		history, err := f.Store.RecordHistory(ctx, filter)
		must(t, err)
		if len(standing) != 4 || len(history) != 5 {
			t.Errorf("%d stand, %d in all", len(standing), len(history))
		}
	}
	check()
	must(t, f.Close())
	_, err := Rebuild(ctx, f.Dir, f.Book, OpenOptions{})
	must(t, err)
	f = openFolder(t, f.Dir)
	check()
	changed(0, mended, false)
}

// typedWorkbook is csv as a workbook: a sheet a table, months and times as real dates, percentages as fractions, as a spreadsheet keeps them.
func typedWorkbook(t testing.TB, tables map[string][][]any) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	for name, rows := range tables {
		_, err := book.NewSheet(name)
		must(t, err)
		for r, row := range rows {
			for c, v := range row {
				cell, err := excelize.CoordinatesToCellName(c+1, r+1)
				must(t, err)
				must(t, book.SetCellValue(name, cell, v))
			}
		}
	}
	must(t, book.DeleteSheet("Sheet1"))
	var b bytes.Buffer
	must(t, book.Write(&b))
	return b.Bytes()
}

// TestOperationsWorkbook: a workbook with dates for months and fractions for percentages says what the csv file says.
func TestOperationsWorkbook(t *testing.T) {
	book := typedWorkbook(t, map[string][][]any{"Støtte": {{"Driftsområde", "SLA-mål", model.NewDate(2012, 1, 1).Time(), model.NewDate(2012, 2, 1).Time()},
		{"KO - applikation", 0.999, 1, 0.9985}, {"Antal servicekald", "n.a.", 1000, 2000}}})
	got, want := readOperations(t, book), readOperations(t, []byte(flatOperations))
	order := func(f *OperationsFile) string {
		slices.SortFunc(f.Figures, func(a, b model.OperationFigure) int { return cmp.Compare(a.Key(), b.Key()) })
		text, err := json.Marshal(f.Figures)
		must(t, err)
		return string(text)
	}
	if order(got) != order(want) {
		t.Errorf("got %s\nwant %s", order(got), order(want))
	}
}

func readReadiness(t testing.TB, data []byte) []model.Integration {
	t.Helper()
	list, faults, err := ReadReadiness(testBook(t), bytes.NewReader(data), int64(len(data)))
	must(t, err)
	if len(faults) > 0 {
		t.Fatalf("faults: %v", faults)
	}
	slices.SortFunc(list, func(a, b model.Integration) int { return cmp.Compare(a.Key(), b.Key()) })
	return list
}

// TestReadinessLayouts: the form and our own layout say the same, and the verdict is Ja only where nothing is against it.
func TestReadinessLayouts(t *testing.T) {
	form, err := os.ReadFile(filepath.Join(testdata, "readiness", "form.csv"))
	must(t, err)
	flat, err := os.ReadFile(filepath.Join(testdata, "readiness", "flat.csv"))
	must(t, err)
	list := readReadiness(t, form)
	a, err := json.Marshal(list)
	must(t, err)
	b, err := json.Marshal(readReadiness(t, flat))
	must(t, err)
	if string(a) != string(b) {
		t.Errorf("form %s\nflat %s", a, b)
	}
	ready := map[string]bool{}
	for _, i := range list {
		ready[i.Interface] = i.Ready()
		if i.Pilot != 259 || i.Supplier != "Nordlys Omsorg A/S" || i.Version != "2.1" || i.Relevant() != (i.Interface != "SF0741") {
			t.Errorf("%+v", i)
		}
	}
	if len(list) != 4 || ready["SF0741"] || ready["SF0810"] || !ready["SF1460_A"] || !ready["CE1510"] {
		t.Errorf("%v", ready)
	}
}

// TestReadinessSeed reads the seed's own form, which nobody has filled in: the supplier is missing. With one it has 21 interfaces and three
// criteria, none of them met.
func TestReadinessSeed(t *testing.T) {
	text := string(seed(t, "003"))
	from, to := strings.Index(text, "KLARMELDINGSREGNEARK"), strings.Index(text, "Men der er stadig udfordringer")
	if from < 0 || to < from {
		t.Fatal("the seed's form is not where it was")
	}
	blank := text[from:to]
	if _, faults, err := ReadReadiness(testBook(t), strings.NewReader(blank), int64(len(blank))); err != nil || len(faults) == 0 || !strings.Contains(saidOf(faults), "Leverandøren mangler") {
		t.Errorf("%v %v", faults, err)
	}
	list := readReadiness(t, []byte(strings.Replace(blank, "XX.XX", "\rPrøve A/S\tPrøvesystem\tKøge\t1.0\r", 1)))
	criteria := 0
	for _, i := range list {
		criteria += len(i.Criteria)
		if i.Ready() {
			t.Errorf("%s is ready", i.Interface)
		}
	}
	if len(list) != 21 || criteria != 3 {
		t.Errorf("%d interfaces, %d criteria", len(list), criteria)
	}
}
