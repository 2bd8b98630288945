package demo

import (
	"bytes"
	"flag"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"komhen/model"
)

var update = flag.Bool("update", false, "write the generated files of testdata/layouts and testdata/walkthrough")

const testdata = "../../testdata"

// registration is a contact of the fixtures with its time, which every layout writes in its own way.
type registration struct {
	cells
	when model.Moment
}

// registrations are invented, complete and valid contacts of Køge in the spring of 2012, n of them, in the order of time.
func registrations(t testing.TB, cb *model.Codebook, name string, n int) []registration {
	t.Helper()
	c, err := newCountry(cb)
	if err != nil {
		t.Fatal(err)
	}
	var files []File
	v, err := c.visit(259, 3, 0, 1, &files)
	if err != nil {
		t.Fatal(err)
	}
	v.desks = []desk{ // names with all three letters, and one with a comma
		{"Børn, Skole og Læring", []string{"28.", "17."}, 0},
		{"Teknik og Miljø", []string{"02.", "05.", "06.", "07.", "09."}, 0},
		{"Ældre på Rådhuset", []string{"27.", "32.03"}, 0},
		{"Ydelse", []string{"32."}, 0},
	}
	f := v.toolFile(layoutTool)
	f.name, f.total = name, 1.2*float64(n)+20
	var rows []registration
	if err := f.each(func(c *cells) error {
		at, err := time.Parse("02-01-2006 15:04:05", c[fDate])
		when := model.Moment(at.Unix() / 60 * 60)
		if cb.Channel(cb.ChannelID(c[fChannel])).Written {
			c[fClosing] = "HOLD" // closed at once would be a warning (W04)
		}
		if c[fForm] == "" {
			c[fForm] = "NEJ" // every parameter is filled in, on every channel
		}
		rows = append(rows, registration{*c, when})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	r := random(name + "/chosen")
	r.Shuffle(len(rows), func(i, j int) { rows[i], rows[j] = rows[j], rows[i] })
	if len(rows) < n {
		t.Fatalf("only %d rows", len(rows))
	}
	return byTime(rows[:n])
}

func byTime(rows []registration) []registration {
	sort.SliceStable(rows, func(i, j int) bool { return rows[i].when < rows[j].when })
	return rows
}

// bag takes the clock off every fifth row and makes 60 rows equal to others.
func bag(r *rand.Rand, rows []registration) []registration {
	for i := range rows {
		if i%5 == 0 {
			rows[i].when = rows[i].when.Date().At(0)
		}
	}
	for range 60 {
		rows[r.IntN(len(rows))] = rows[r.IntN(len(rows))]
	}
	return byTime(rows)
}

// moment writes a time as short as it can be said, or always to the second.
func moment(m model.Moment, seconds bool) string {
	switch {
	case seconds:
		return stamp(m, "second")
	case m.Clock() == 0:
		return stamp(m, "day")
	}
	return stamp(m, "minute")
}

func written(t testing.TB, l layout, d dialect, rows []registration, change func(*registration, *cells)) []byte {
	t.Helper()
	var b bytes.Buffer
	err := table(&b, l, d, func(row func(*cells) error) error {
		for _, x := range rows {
			c := x.cells
			c[fStart], c[fEnd], c[fRemark] = "", "", ""
			c[fDate] = moment(x.when, l.stamp == "second" && l.trailing)
			if change != nil {
				change(&x, &c)
			}
			if err := row(&c); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// quoted puts every cell in quotes; no cell of the fixtures holds a quote or the delimiter.
func quoted(b []byte) []byte {
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	for i, line := range lines {
		lines[i] = `"` + strings.ReplaceAll(line, ";", `";"`) + `"`
	}
	return []byte(strings.Join(lines, "\n") + "\n")
}

// withDates is the workbook a person makes: the municipality is a number and the time a real date cell.
func withDates(t testing.TB, rows []registration) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName("Sheet1", "Tælleuge"); err != nil {
		t.Fatal(err)
	}
	style, err := f.NewStyle(&excelize.Style{NumFmt: 22})
	if err != nil {
		t.Fatal(err)
	}
	sw, err := f.NewStreamWriter("Tælleuge")
	if err != nil {
		t.Fatal(err)
	}
	header := make([]any, len(layoutC.headers))
	for i, h := range layoutC.headers {
		header[i] = h
	}
	if err := sw.SetRow("A1", header); err != nil {
		t.Fatal(err)
	}
	epoch := model.NewDate(1899, 12, 30)
	for n, x := range rows {
		values := make([]any, len(layoutC.fields))
		for i, field := range layoutC.fields {
			values[i] = x.cells[field]
		}
		values[0] = 259
		day := float64(x.when.Date()-epoch) + float64(x.when.Clock())/86400
		values[len(values)-1] = excelize.Cell{StyleID: style, Value: day}
		if err := sw.SetRow("A"+itoa(n+2), values); err != nil {
			t.Fatal(err)
		}
	}
	if err := sw.Flush(); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func layoutFiles(t testing.TB, cb *model.Codebook) map[string][]byte {
	rows := bag(random("layouts/bag"), registrations(t, cb, "layouts", 1000))
	shuffled := layoutC
	shuffled.headers = []string{"Dato", "KANAL", "Kommune", "Blanket", "Opgave", "Enhed", "Afslutning", "Type"}
	shuffled.fields = []field{fDate, fChannel, fCode, fForm, fSubject, fUnit, fClosing, fType}
	sep := plain
	sep.sepLine = true
	be, le, tab := plain, plain, plain
	be.encoding, le.encoding, tab.comma = "utf-16be", "utf-16le", '\t'
	labels := func(_ *registration, c *cells) {
		c[fCode] = "Køge Kommune"
		c[fChannel] = cb.Channel(cb.ChannelID(c[fChannel])).Label
		c[fType] = cb.Type(cb.TypeID(c[fType])).Label
		c[fClosing] = cb.Closing(cb.ClosingID(c[fClosing])).Label
		c[fForm] = cb.Form(cb.FormID(c[fForm])).Label
	}
	short := func(_ *registration, c *cells) { c[fSubject] = strings.TrimSuffix(c[fSubject], ".00") }
	iso := func(x *registration, c *cells) {
		at := time.Unix(int64(x.when), 0).UTC()
		c[fDate] = at.Format("2006-01-02T15:04:05")
		if x.when.Clock() == 0 {
			c[fDate] = at.Format("2006-01-02")
		}
	}
	files := map[string][]byte{
		"a-cp1252.csv":   written(t, layoutA, windows, rows, nil),
		"a-utf8-bom.csv": written(t, layoutA, marked, rows, nil),
		"b-latin1.csv":   written(t, layoutB, latin, rows, short),
		"c-utf8.csv":     written(t, layoutC, plain, rows, nil),
		"c-comma.csv":    written(t, layoutC, commas, rows, nil),
		"c-tab.txt":      written(t, layoutC, tab, rows, nil),
		"c-utf16le.csv":  written(t, layoutC, le, rows, nil),
		"c-utf16be.csv":  written(t, layoutC, be, rows, nil),
		"c-sep.csv":      written(t, layoutC, sep, rows, nil),
		"c-quoted.csv":   quoted(written(t, layoutC, plain, rows, nil)),
		"c-labels.csv":   written(t, layoutC, plain, rows, labels),
		"c-columns.csv":  written(t, shuffled, plain, rows, nil),
		"c-iso.csv":      written(t, layoutC, plain, rows, iso),
		"c-text.xlsx":    written(t, layoutC, excel, rows, nil),
		"c-dates.xlsx":   withDates(t, rows),
	}
	files["system-2000-rows.csv"], files["system-2005-rows.csv"] = systemRows(t, cb)
	return files
}

// systemRows is 2,000 rows of which 90 are distinct, and the same with five more: three that equal others, two that do not.
func systemRows(t testing.TB, cb *model.Codebook) (rows, more []byte) {
	t.Helper()
	round, err := cb.Round("2012F")
	if err != nil {
		t.Fatal(err)
	}
	r := random("layouts/system")
	letter := func(i int) registration { // 18 days × 5 kinds of letter
		kinds := [][3]string{{"32.06.04", "STATUS", "HOLD"}, {"32.03.04", "INFO", "NULL"}, {"28.09.40", "NULL", "NULL"}, {"25.45.00", "STATUS", "NULL"}, {"29.03.12", "INFO", "HOLD"}}
		k := kinds[i%len(kinds)]
		day := i / len(kinds)
		return registration{cells{
			fCode: "259", fName: "Køge", fSubject: k[0], fChannel: "DOKUD", fType: k[1], fClosing: k[2], fForm: "NULL", fSource: "Digital Post",
		}, (round.First + model.Date(day/6*7+day%6)).At(0)}
	}
	var all []registration
	for i := range 2000 {
		n := i
		if n >= 90 {
			n = r.IntN(90)
		}
		all = append(all, letter(n))
	}
	byTime(all)
	rows = written(t, layoutB, latin, all, nil)
	fresh := letter(7)
	fresh.cells[fSubject] = "32.06.08"
	other := letter(61)
	other.cells[fType] = "OPRET"
	all = byTime(append(all, letter(3), letter(3), letter(44), fresh, other))
	return rows, written(t, layoutB, latin, all, nil)
}

// TestLayouts keeps testdata/layouts equal to what the generator makes; go test ./ingest/demo -update writes it.
func TestLayouts(t *testing.T) {
	compare(t, filepath.Join(testdata, "layouts"), layoutFiles(t, loadCodebook(t)))
}

func compare(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	for name, want := range files {
		path := filepath.Join(dir, name)
		if *update {
			if err := os.MkdirAll(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		got, err := os.ReadFile(path)
		if err != nil {
			t.Errorf("%v (go test ./ingest/demo -update makes it)", err)
			continue
		}
		if strings.HasSuffix(name, ".xlsx") { // another compressor is no other content
			got, want = sheetText(t, got), sheetText(t, want)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s is not what the generator makes; go test ./ingest/demo -update", path)
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if _, made := files[e.Name()]; !made && e.Name() != "README.md" && e.Name() != ".gitattributes" {
			t.Errorf("%s: nothing makes %s", dir, e.Name())
		}
	}
}

func sheetText(t testing.TB, b []byte) []byte {
	t.Helper()
	book, err := excelize.OpenReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	rows, err := book.GetRows(book.GetSheetName(0), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	for _, row := range rows {
		text.WriteString(strings.Join(row, "\x1f") + "\n")
	}
	return text.Bytes()
}

// TestTheLayoutsHoldABag: equal rows are there, so that a reader who takes them for repeats is found out.
func TestTheLayoutsHoldABag(t *testing.T) {
	cb := loadCodebook(t)
	files := layoutFiles(t, cb)
	count := func(name string) (rows, distinct int) {
		f := File{Name: name, Write: func(w io.Writer) error { _, err := w.Write(files[name]); return err }}
		seen := map[cells]bool{}
		for _, c := range parsed(t, f) {
			rows++
			seen[c] = true
		}
		return rows, len(seen)
	}
	for name, want := range map[string][2]int{"system-2000-rows.csv": {2000, 90}, "system-2005-rows.csv": {2005, 92}} {
		if rows, distinct := count(name); rows != want[0] || distinct != want[1] {
			t.Errorf("%s: %d rows, %d distinct", name, rows, distinct)
		}
	}
	for _, name := range []string{"a-cp1252.csv", "b-latin1.csv", "c-utf16be.csv", "c-text.xlsx"} {
		if rows, distinct := count(name); rows != 1000 || distinct > 950 || distinct < 900 {
			t.Errorf("%s: %d rows, %d distinct", name, rows, distinct)
		}
	}
	for _, c := range parsed(t, File{Name: "c-utf8.csv", Write: func(w io.Writer) error { _, err := w.Write(files["c-utf8.csv"]); return err }}) {
		if faulty(cb, File{Kind: model.Registration}, &c) || cb.FormID(c[fForm]) == 0 {
			t.Errorf("a row that is not complete: %v", c)
		}
	}
}
