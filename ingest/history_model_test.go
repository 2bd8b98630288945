package ingest

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"pgregory.net/rapid"
)

// The model of codebook §6 that TestHistories holds the database to. It knows nothing of keys, filters or SQL: it keeps every row of
// every upload and counts them anew each time it is asked.

// sample is a row as a person would describe it. Rows of different lanes never meet: they have other units and other ids.
type sample struct {
	lane         int
	municipality uint16
	unit         int
	channel      string
	day          string
	clock        string
	note, source string
	id, amount   int    // 0: the cell is empty
	fault        string // "", "kanal", "dato" or "enhed": what is wrong with it
}

// String is short, for the log of a history that fails.
func (s sample) String() string {
	return fmt.Sprintf("%c:%d/%d/%s/%s%s/%s/%s/id%d×%d%s", 'a'+s.lane, s.municipality, s.unit, s.channel, s.day[:2], s.clock, s.note, s.source, s.id, s.amount, s.fault)
}

func (p *part) String() string {
	return fmt.Sprintf("upload %d (bag %d) live=%t test=%t %q only %d salt %d: %v at %v, rejected %v", p.number, p.bag, p.live, p.test, p.source, p.municipality, p.salt, p.rows, p.lines, p.openLines())
}

var drawSample = rapid.Custom(func(t *rapid.T) sample {
	return sample{
		municipality: rapid.SampledFrom([]uint16{259, 259, 253}).Draw(t, "municipality"),
		unit:         rapid.SampledFrom([]int{1, 1, 2}).Draw(t, "unit"),
		channel:      rapid.SampledFrom([]string{"TLFIND", "PRSNLG"}).Draw(t, "channel"),
		day:          rapid.SampledFrom([]string{"23-04-2012", "24-04-2012"}).Draw(t, "day"),
		clock:        rapid.SampledFrom([]string{"", "", " 10:15"}).Draw(t, "clock"),
		note:         rapid.SampledFrom([]string{"", "", "øl; \"vand\"", "a,b"}).Draw(t, "note"),
		source:       rapid.SampledFrom([]string{"", "", "Nummersystem"}).Draw(t, "source"),
		id:           rapid.SampledFrom([]int{0, 0, 0, 1, 2}).Draw(t, "id"),
		amount:       rapid.SampledFrom([]int{0, 0, 0, 1, 3}).Draw(t, "amount"),
	}
})

var drawFault = rapid.SampledFrom([]string{"", "", "", "", "", "kanal", "dato", "enhed"})

// terms of an upload that decide what its rows mean.
type uploadTerms struct {
	municipality uint16
	source       string
	test         bool
}

func (u uploadTerms) options(name string) Options {
	return Options{Name: name, Municipality: u.municipality, Source: u.source, Test: u.test}
}

// part is an upload in the model.
type part struct {
	uploadTerms
	number, bag uint32
	live        bool
	salt        uint32 // of a bag of further contacts
	rows        []sample
	lines       []int64 // of rows: their own, or the ones they mend
	rejected    map[int64]bool
	stand       map[int64]sample // accepted rows by line
}

// identity is what makes two rows the same contact, apart from their ordinal.
func (p *part) identity(s sample) string {
	if s.id != 0 {
		return fmt.Sprint("id", s.municipality, p.sourceOf(s), p.test, p.salt, s.lane, s.id)
	}
	return fmt.Sprint("row", p.salt, p.content(s, ""))
}

func (p *part) sourceOf(s sample) string {
	switch {
	case s.source != "":
		return strings.ToLower(s.source)
	case p.source != "":
		return strings.ToLower(p.source)
	}
	return "tracetool"
}

func (s sample) unitName(prefix string) string {
	return fmt.Sprintf("%s%c Børn %d", prefix, 'a'+s.lane, s.unit)
}

func (s sample) idText(prefix string) string {
	if s.id == 0 {
		return ""
	}
	return fmt.Sprintf("%s%c%d", prefix, 'a'+s.lane, s.id)
}

// content spells a contact as countedBag does.
func (p *part) content(s sample, prefix string) string {
	book, _ := loadBook()
	day, clock := s.day[6:]+"-"+s.day[3:5]+"-"+s.day[:2], "00:00:00"
	if s.clock != "" {
		clock = s.clock[1:] + ":00"
	}
	form := uint8(0)
	if s.channel == "PRSNLG" {
		form = book.FormID("JA")
	}
	return fmt.Sprintf("%d|%s|%d|%d|%d|%d|%d|%s %s|%d|%s|%s|%s|%t", s.municipality, p.sourceOf(s), book.ChannelID(s.channel), book.TypeID("OPRET"),
		book.ClosingID("STRAKS"), form, 230902, day, clock, max(s.amount, 1), s.unitName(prefix), s.idText(prefix), s.note, p.test)
}

// judge decides which rows are accepted: none with a fault, none of another municipality, and none whose kilde_id the file holds
// with other contents too (R13). Of several rows that mend one line the last stands.
func (p *part) judge() {
	p.rejected, p.stand = map[int64]bool{}, map[int64]sample{}
	for i, s := range p.rows {
		if s.fault != "" || p.municipality != 0 && s.municipality != p.municipality {
			p.rejected[p.lines[i]] = true
			continue
		}
		p.stand[p.lines[i]] = s
	}
	contents := map[string]map[string]bool{}
	for _, s := range p.stand {
		if s.id != 0 {
			who := p.identity(s)
			if contents[who] == nil {
				contents[who] = map[string]bool{}
			}
			contents[who][p.content(s, "")] = true
		}
	}
	for line, s := range p.stand {
		if s.id != 0 && len(contents[p.identity(s)]) > 1 {
			delete(p.stand, line)
			p.rejected[line] = true
		}
	}
}

// world is all uploads of one history.
type world struct{ parts []*part }

// counted is the bag that codebook §6 asks for: over the live bags, each identity as often as the bag with the most of it; a
// kilde_id once, with the content of the newest live upload that holds it.
func (w *world) counted(prefix string) map[string]int {
	most, contents := map[string]int{}, map[string]string{}
	newest := map[string]uint32{}
	for _, root := range w.parts {
		if root.bag != root.number || !root.live {
			continue
		}
		inBag := map[string]int{}
		hold := func(p *part, s sample) {
			who := p.identity(s)
			inBag[who]++
			if s.id == 0 || p.number >= newest[who] {
				newest[who], contents[who] = p.number, p.content(s, prefix)
			}
		}
		for _, s := range root.stand {
			hold(root, s)
		}
		for line, p := range w.mends(root) {
			hold(p, p.stand[line])
		}
		for who, n := range inBag {
			most[who] = max(most[who], n)
			if strings.HasPrefix(who, "id") {
				most[who] = 1
			}
		}
	}
	bag := map[string]int{}
	for who, n := range most {
		bag[contents[who]] += n
	}
	return bag
}

// mends are the newest live fix-it uploads by the line of the bag that they mend.
func (w *world) mends(root *part) map[int64]*part {
	by := map[int64]*part{}
	for _, p := range w.parts {
		if p.bag == root.number && p != root && p.live {
			for line := range p.stand {
				by[line] = p
			}
		}
	}
	return by
}

// openLines are the lines of a bag's first upload that may be mended, in order.
func (p *part) openLines() (lines []int64) {
	for line := range p.rejected {
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

// conflicting tells that some kilde_id has several contents, so that the order of uploads matters.
func (w *world) conflicting() bool {
	contents := map[string]string{}
	for _, p := range w.parts {
		for _, s := range p.stand {
			if s.id == 0 {
				continue
			}
			who := p.identity(s)
			if known, ok := contents[who]; ok && known != p.content(s, "") {
				return true
			}
			contents[who] = p.content(s, "")
		}
	}
	return false
}

func sum(bag map[string]int) (n int) {
	for _, k := range bag {
		n += k
	}
	return n
}

// look of a file: everything that must not matter.
type dress struct {
	encoding string
	comma    rune
	crlf     bool
	labels   bool
	template bool // header names of layout A
	blanks   bool // blank lines between the rows
	order    []int
}

var drawDress = rapid.Custom(func(t *rapid.T) dress {
	return dress{
		encoding: rapid.SampledFrom([]string{"UTF-8", "UTF-8", "UTF-8 med BOM", "Windows-1252", "UTF-16LE", "UTF-16BE", "UTF-8", "Windows-1252", "xlsx"}).Draw(t, "encoding"),
		comma:    rapid.SampledFrom([]rune{';', ',', '\t'}).Draw(t, "comma"),
		crlf:     rapid.Bool().Draw(t, "crlf"),
		labels:   rapid.Bool().Draw(t, "labels"),
		template: rapid.Bool().Draw(t, "template"),
		blanks:   rapid.Bool().Draw(t, "blanks"),
		order:    rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}).Draw(t, "order"),
	}
})

var (
	plainHeader    = []string{"kommune", "enhed", "opgave", "kanal", "type", "afslutning", "blanket", "dato", "bemærkning", "kilde_id", "antal", "datakilde"}
	templateHeader = []string{"KommuneID", "Enhed", "KLE Opgave kode", "Henvendelses Kanal", "Henvendelses type", "Afslutning", "Blanket", "Dato", "BEMÆRKNING", "Kilde ID", "Antal", "Datakilde"}
)

func (d dress) cells(s sample, prefix string) []string {
	c := []string{fmt.Sprint(s.municipality), s.unitName(prefix), "23.09.02", s.channel, "OPRET", "STRAKS", "", s.day + s.clock, s.note,
		s.idText(prefix), "", s.source}
	if s.channel == "PRSNLG" {
		c[6] = "JA"
	}
	if s.amount != 0 {
		c[10] = fmt.Sprint(s.amount)
	}
	if d.labels {
		book, _ := loadBook()
		c[0] = book.Municipality(s.municipality).Name
		c[3] = book.Channel(book.ChannelID(s.channel)).Label
		c[4], c[5] = "Oprettelse af ny sag", "Straksafsluttet"
		c[11] = strings.ToUpper(c[11])
		c[7] = s.day[6:] + "-" + s.day[3:5] + "-" + s.day[:2] + strings.Replace(s.clock, " ", "T", 1)
	}
	switch s.fault {
	case "kanal":
		c[3] = "brevdue"
	case "dato":
		c[7] = "31-02-2012"
	case "enhed":
		c[1] = ""
	}
	return c
}

// write makes a file of rows and tells the line that each stands on. mends, when not nil, makes it a fix-it file of bag.
func (d dress) write(t fataler, rows []sample, prefix string, bag uint32, mends []int64) (data []byte, lines []int64) {
	t.Helper()
	header := plainHeader
	if d.template {
		header = templateHeader
	}
	var table [][]string
	pick := func(cells []string) (out []string) {
		for _, i := range d.order {
			out = append(out, cells[i])
		}
		return out
	}
	table = append(table, pick(header))
	if mends != nil {
		table[0] = append(table[0], FixColumns...)
	}
	for i, s := range rows {
		if d.blanks && i%3 == 2 {
			table = append(table, nil)
		}
		cells := pick(d.cells(s, prefix))
		if mends != nil {
			cells = append(cells, fmt.Sprint(bag), fmt.Sprint(mends[i]), "", "")
		}
		table = append(table, cells)
		lines = append(lines, int64(len(table)))
	}
	return d.encode(t, table), lines
}

// encode spells a table of cells; a nil row is a blank line.
func (d dress) encode(t fataler, table [][]string) []byte {
	t.Helper()
	if d.encoding == "xlsx" {
		return workbookOf(t, table)
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = d.comma, d.crlf
	for _, cells := range table {
		if cells == nil {
			w.Flush()
			b.WriteString(map[bool]string{true: "\r\n", false: "\n"}[d.crlf])
			continue
		}
		must(t, w.Write(cells))
	}
	w.Flush()
	return encodeText(t, b.Bytes(), d.encoding)
}

func encodeText(t fataler, text []byte, encoding string) []byte {
	t.Helper()
	var err error
	switch encoding {
	case "UTF-8 med BOM":
		text = append([]byte("\xef\xbb\xbf"), text...)
	case "Windows-1252":
		text, err = charmap.Windows1252.NewEncoder().Bytes(text)
	case "UTF-16LE":
		text, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().Bytes(text)
	case "UTF-16BE":
		text, err = unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewEncoder().Bytes(text)
	}
	must(t, err)
	return text
}

func workbookOf(t fataler, table [][]string) []byte {
	t.Helper()
	book := excelize.NewFile()
	defer book.Close()
	for i, cells := range table {
		must(t, book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &cells))
	}
	var b bytes.Buffer
	must(t, book.Write(&b))
	return b.Bytes()
}

// differences tells what two bags do not share.
func differences(got, want map[string]int) string {
	var list []string
	for content, n := range want {
		if got[content] != n {
			list = append(list, fmt.Sprintf("%s: counts %d, must be %d", content, got[content], n))
		}
	}
	for content, n := range got {
		if want[content] == 0 {
			list = append(list, fmt.Sprintf("%s: counts %d, must be 0", content, n))
		}
	}
	slices.Sort(list)
	return strings.Join(list, "\n")
}
