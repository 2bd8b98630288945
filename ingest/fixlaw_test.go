package ingest

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"

	"komhen/model"
)

// So many cases of the law share each file, with units and ids of their own.
const lawLanes = 20

// TestFixLaw is the law of codebook §6: import with faults + the mended fix-it file ≡ import of the corrected original, also when
// both are then uploaded. The fix-it file is the one a person would get, read as a spreadsheet reads it.
func TestFixLaw(t *testing.T) {
	rapidChecks(t, generatedHistories/lawLanes)
	f, n := newFolder(t), 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		c := fixCase{t: t, f: f, dress: drawDress.Draw(t, "look")}
		for lane := range lawLanes {
			pool := rapid.SliceOfN(drawSample, 1, 4).Draw(t, "pool")
			for i, s := range rapid.SliceOfN(rapid.SampledFrom(pool), 0, 8).Draw(t, "rows") {
				s.lane = lane
				if s.id != 0 {
					s.id = i + 1 // one id, one row: two contents of an id are a fault that mending cannot undo (R13)
				}
				c.right = append(c.right, s)
				s.fault = drawFault.Draw(t, "fault")
				c.wrong = append(c.wrong, s)
			}
		}
		if len(c.right) == 0 {
			return
		}
		terms := uploadTerms{source: rapid.SampledFrom([]string{"", "Telefonsystem"}).Draw(t, "source"), test: rapid.Bool().Draw(t, "test")}
		corrected := c.upload(fmt.Sprintf("r%d-", n), c.right, terms)
		want := c.bag(fmt.Sprintf("r%d-", n))
		mended := c.upload(fmt.Sprintf("w%d-", n), c.wrong, terms)
		c.mend(mended, fmt.Sprintf("w%d-", n))
		c.equal("with faults, then mended", fmt.Sprintf("w%d-", n), want)
		u := c.upload(fmt.Sprintf("w%d-", n), c.right, terms)
		c.equal("with faults, then mended, then the corrected original", fmt.Sprintf("w%d-", n), want)
		if u.Receipt.Accepted != 0 || u.Receipt.Withheld != corrected.Receipt.Accepted {
			t.Fatalf("the corrected original adds %d and is withheld %d", u.Receipt.Accepted, u.Receipt.Withheld)
		}
		if rapid.Bool().Draw(t, "the other way round") {
			c.mend(c.upload(fmt.Sprintf("r%d-", n), c.wrong, terms), fmt.Sprintf("r%d-", n))
			c.equal("the corrected original, then with faults, then mended", fmt.Sprintf("r%d-", n), want)
		}
	})
	if faults := audit(t, f); len(faults) > 0 {
		t.Error(faults)
	}
}

type fixCase struct {
	t            *rapid.T
	f            *Folder
	dress        dress
	right, wrong []sample // the same rows; wrong has faults
	lines        []int64
}

func (c *fixCase) upload(prefix string, rows []sample, terms uploadTerms) *Upload {
	c.t.Helper()
	data, lines := c.dress.write(c.t, rows, prefix, 0, nil)
	c.lines = lines
	return load(c.t, c.f, data, terms.options("fil"))
}

func (c *fixCase) bag(prefix string) map[string]int {
	c.t.Helper()
	bag := map[string]int{}
	for content, n := range countedBag(c.t, c.f, prefix) {
		bag[strings.ReplaceAll(content, prefix, "")] += n
	}
	return bag
}

func (c *fixCase) equal(what, prefix string, want map[string]int) {
	c.t.Helper()
	if d := differences(c.bag(prefix), want); d != "" {
		c.t.Fatalf("%s:\n%s", what, d)
	}
}

// mend takes the fix-it file of an upload, mends what is wrong in it, and uploads it; a part of it first, sometimes.
func (c *fixCase) mend(u *Upload, prefix string) {
	c.t.Helper()
	wrong := int64(0)
	for _, s := range c.wrong {
		if s.fault != "" {
			wrong++
		}
	}
	if u.Receipt.Rejected != wrong {
		c.t.Fatalf("%d rows are rejected, must be %d", u.Receipt.Rejected, wrong)
	}
	if wrong == 0 {
		return
	}
	format := rapid.SampledFrom([]string{"csv", "csv", "csv", "xlsx"}).Draw(c.t, "fix format")
	table := readTable(c.t, fixFileOf(c.t, c.f, u.Receipt.Upload, format), u.Receipt.Encoding, u.Receipt.Delimiter)
	if len(table) != int(wrong)+1 {
		c.t.Fatalf("the fix-it file has %d rows, must have %d", len(table)-1, wrong)
	}
	broken := table[1:]
	for i, row := range broken {
		broken[i] = c.mendRow(table[0], row, prefix)
	}
	save := drawDress.Draw(c.t, "mended look")
	if cut := rapid.IntRange(0, len(broken)).Draw(c.t, "in two goes"); cut > 0 && cut < len(broken) {
		first := append([][]string{table[0]}, broken[:cut]...)
		load(c.t, c.f, save.encode(c.t, first), Options{Name: "rettelser 1"})
	}
	m := load(c.t, c.f, save.encode(c.t, table), Options{Name: "rettelser"})
	if m.Receipt.Rejected != 0 {
		c.t.Fatalf("mended rows are rejected: %v", findingsOf(c.t, m))
	}
}

// mendRow puts right what is wrong in a rejected row, as a person would: one cell.
func (c *fixCase) mendRow(header, row []string, prefix string) []string {
	cell := func(name string) *string {
		for i, h := range header {
			if is, known := headerNames[model.Fold(h)]; known && is == headerNames[model.Fold(name)] {
				return &row[i]
			}
		}
		c.t.Fatalf("the fix-it file has no column %s: %v", name, header)
		return nil
	}
	row = slices.Clone(row)
	i := slices.IndexFunc(c.lines, func(line int64) bool { return fmt.Sprint(line) == *cell("ret_linje") })
	if i < 0 || c.wrong[i].fault == "" {
		c.t.Fatalf("line %s was not wrong", *cell("ret_linje"))
	}
	right := c.dress.cells(c.right[i], prefix)
	fault := c.wrong[i].fault
	if rule := map[string]string{"kanal": "R05", "dato": "R04", "enhed": "R03"}[fault]; !strings.HasPrefix(*cell("ret_fejl"), rule+": ") {
		c.t.Fatalf("line %d is said to be %q, must be %s", c.lines[i], *cell("ret_fejl"), rule)
	}
	*cell(fault) = right[map[string]int{"kanal": 3, "dato": 7, "enhed": 1}[fault]]
	return row
}

// readTable reads a fix-it file with the libraries' own readers, and holds it to the encoding and delimiter of its upload.
func readTable(t fataler, data []byte, encoding, delimiter string) (table [][]string) {
	t.Helper()
	if bytes.HasPrefix(data, []byte("PK")) {
		book, err := excelize.OpenReader(bytes.NewReader(data))
		must(t, err)
		defer book.Close()
		table, err = book.GetRows(book.GetSheetName(0))
		must(t, err)
		for i, row := range table { // a sheet leaves empty cells at the end out
			table[i] = append(row, make([]string, len(table[0])-len(row))...)
		}
		return table
	}
	var err error
	bom := bytes.HasPrefix(data, []byte("\xef\xbb\xbf"))
	switch encoding {
	case "UTF-8":
		if bom {
			t.Fatalf("a mark that the upload did not have")
		}
	case "UTF-16LE", "UTF-16BE":
		endian := map[string]unicode.Endianness{"UTF-16LE": unicode.LittleEndian, "UTF-16BE": unicode.BigEndian}[encoding]
		data, err = unicode.UTF16(endian, unicode.ExpectBOM).NewDecoder().Bytes(data)
	case "Windows-1252", "ISO-8859-1":
		data, err = charmap.Windows1252.NewDecoder().Bytes(data)
	default:
		if !bom {
			t.Fatalf("no mark, so a spreadsheet would take it for Windows-1252")
		}
		data = data[3:]
	}
	must(t, err)
	r := csv.NewReader(bytes.NewReader(data))
	r.Comma = ';'
	if delimiter != "" {
		r.Comma = []rune(delimiter)[0]
	}
	table, err = r.ReadAll()
	must(t, err)
	return table
}
