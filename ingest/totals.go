package ingest

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"komhen/model"
)

// TotalRow is a total as somebody wrote it: in a file, a form or a program. The channel WEB is the website's head figure.
type TotalRow struct {
	Line         int    `csv:"-"` // of the file, or the row's place, from 1
	Municipality string `csv:"kommune"`
	Channel      string `csv:"kanal"`
	From         string `csv:"fra"`
	To           string `csv:"til"`
	Count        string `csv:"antal"`
	Declared     string `csv:"erklæring"`
	Origin       string `csv:"kilde"`
}

// cells are the row by column.
func (r TotalRow) cells() map[string]string {
	return map[string]string{"kommune": r.Municipality, "kanal": r.Channel, "fra": r.From, "til": r.To, "antal": r.Count, "erklæring": r.Declared, "kilde": r.Origin}
}

// TotalFault is what is wrong with a row. Line 0 is the file as a whole, Column "" the whole row. Value is as it was written, with
// CPR-shaped digits masked.
type TotalFault struct {
	Line    int    `json:"line"`
	Column  string `json:"column"`
	Value   string `json:"value"`
	Message string `json:"message"`
}

// Text is the fault in a sentence, with its place.
func (f TotalFault) Text() string {
	var place []string
	if f.Line > 0 {
		place = append(place, fmt.Sprintf("Linje %d", f.Line))
	}
	if f.Column != "" {
		place = append(place, "kolonnen "+f.Column)
	}
	text := f.Message
	if len(place) > 0 {
		text = strings.Join(place, ", ") + ": " + text
	}
	if f.Value != "" {
		text += fmt.Sprintf(" Der står »%s«.", f.Value)
	}
	return text
}

// TotalsReceipt is what became of rows of totals. With Faults nothing was stored.
type TotalsReceipt struct {
	Change
	Empty          int // rows without a number, as the template has them; passed over
	Municipalities []uint16
	Faults         []TotalFault
}

// DeclareTotals stores rows of totals as one decision, or nothing at all when any of them has a fault. own is the municipality that
// all rows must be of; 0 is all, and each row says its own. months of central series, which the caller has checked, are stored with them.
func (f *Folder) DeclareTotals(ctx context.Context, by Decision, rows []TotalRow, own uint16, months ...model.ContextFigure) (receipt TotalsReceipt, err error) {
	c := totalCheck{book: f.Book, own: own, today: model.DateOf(by.At), lines: map[place]int{}}
	for _, row := range rows {
		if err := c.row(row); err != nil {
			return receipt, err
		}
	}
	for _, m := range months {
		r, err := m.Record(false)
		if err != nil {
			return receipt, err
		}
		c.records = append(c.records, r)
	}
	receipt = c.receipt
	if len(receipt.Faults) == 0 {
		receipt.Change, err = f.DeclareChanged(ctx, by, c.records)
	}
	return receipt, err
}

// totalCheck makes records of rows.
type totalCheck struct {
	book    *model.Codebook
	own     uint16
	today   model.Date
	lines   map[place]int // where a record was said
	records []model.Record
	receipt TotalsReceipt
}

func (c *totalCheck) row(row TotalRow) error {
	cells := row.cells()
	before := len(c.receipt.Faults)
	fault := func(column, message string) {
		value, _ := model.MaskCPR(show(cells[column]), false)
		c.receipt.Faults = append(c.receipt.Faults, TotalFault{row.Line, column, value, message})
	}
	for _, column := range TotalColumns {
		cells[column] = plain(strings.ToValidUTF8(cells[column], "\uFFFD"))
		if _, hit := model.MaskCPR(cells[column], false); hit && column != "kilde" { // of the source the total says so itself
			fault(column, "Der står noget, der ligner et CPR-nummer. Fjern det; personoplysninger hører ikke til her.")
		}
	}
	if len(c.receipt.Faults) > before {
		return nil
	}
	if cells["antal"] == "" {
		c.receipt.Empty++
		return nil
	}
	municipality := c.municipality(cells["kommune"], fault)
	n, ok := WholeNumber(cells["antal"])
	if !ok {
		fault("antal", "Antallet kan ikke læses. Skriv et helt tal, fx 12345 eller 12.345.")
	}
	period, readable := model.Period{}, true
	for _, day := range []struct {
		column string
		to     *model.Date
	}{{"fra", &period.First}, {"til", &period.Last}} {
		moment, why := parseMoment(cells[day.column])
		switch {
		case cells[day.column] == "":
			fault(day.column, "Datoen mangler. Skriv den som dd-mm-åååå, fx 31-12-2012.")
		case why != "":
			fault(day.column, "Datoen "+why+". Skriv den som dd-mm-åååå, fx 31-12-2012.")
		}
		*day.to = moment.Date()
		readable = readable && why == ""
	}
	declared, known := yesOrNo(cells["erklæring"])
	if !known {
		fault("erklæring", "Erklæringen kan ikke læses. Skriv JA.")
	}
	channel := cells["kanal"]
	if id := c.book.ChannelID(channel); id != 0 {
		channel = c.book.Channel(id).Code
	}
	record, faults, err := c.record(municipality, channel, period, n, declared || !known, cells["kilde"])
	if err != nil {
		return err
	}
	for _, f := range faults {
		if ok && readable || f.Field != "fra" && f.Field != "til" && (f.Field != "antal" || ok) {
			fault(f.Field, f.Message)
		}
	}
	if line := c.lines[placeOf(record)]; line != 0 && len(c.receipt.Faults) == before {
		fault("kanal", fmt.Sprintf("Kanalen står også på linje %d for den samme periode. Skriv ét tal.", line))
	}
	c.lines[placeOf(record)] = row.Line
	c.records = append(c.records, record)
	if !slices.Contains(c.receipt.Municipalities, municipality) {
		c.receipt.Municipalities = append(c.receipt.Municipalities, municipality)
	}
	return nil
}

func (c *totalCheck) record(municipality uint16, channel string, p model.Period, n int64, declared bool, origin string) (r model.Record, faults []model.DeclaredFault, err error) {
	if channel == model.WebsiteChannel {
		v := model.SiteVisits{Period: p, Count: n, Declared: declared, Origin: origin}
		r, err = v.Record(municipality, false)
		return r, v.Check(c.today), err
	}
	t := model.Total{Channel: channel, Period: p, Count: n, Declared: declared, Origin: origin}
	r, err = t.Record(municipality, false)
	return r, t.Check(c.book, c.today), err
}

func (c *totalCheck) municipality(text string, fault func(column, message string)) uint16 {
	if text == "" {
		if c.own == 0 {
			fault("kommune", "Kommunen mangler. Skriv dens kode eller navn, fx 259 eller Køge.")
		}
		return c.own
	}
	code := c.book.MunicipalityCode(text)
	switch {
	case code == 0:
		fault("kommune", "Kommunen kendes ikke. Skriv dens kode eller navn, fx 259 eller Køge.")
	case c.own != 0 && code != c.own:
		fault("kommune", "Rækken er en anden kommunes. Her kan du kun indmelde for din egen.")
	}
	return code
}

// WholeNumber reads a number as people write it: 12345, 12.345 or 12 345.
func WholeNumber(s string) (int64, bool) {
	groups := strings.FieldsFunc(s, func(r rune) bool { return r == '.' || r == ' ' || r == '\u00a0' })
	for i, g := range groups {
		if i > 0 && len(g) != 3 || len(groups) > 1 && i == 0 && len(g) > 3 || strings.Trim(g, "0123456789") != "" {
			return 0, false
		}
	}
	digits := strings.Join(groups, "")
	if len(digits) == 0 || len(digits) > 15 || strings.HasPrefix(s, ".") || strings.HasSuffix(s, ".") || strings.Contains(s, "..") {
		return 0, false
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, err == nil
}

// yesOrNo reads a declaration; what is empty is not declared.
func yesOrNo(s string) (yes, known bool) {
	switch model.Fold(s) {
	case "ja", "j", "x", "1", "true", "sand":
		return true, true
	case "", "nej", "0", "false", "falsk":
		return false, true
	}
	return false, false
}
