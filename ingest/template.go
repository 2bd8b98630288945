package ingest

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"komhen/model"
)

// templateColumns are layout C's mandatory columns in the order in which a person thinks of them (codebook §1).
var templateColumns = []string{"kommune", "enhed", "opgave", "kanal", "type", "afslutning", "blanket", "dato"}

// The sheets of the xlsx template. An upload's decoder passes over GuideSheet, so that only DataSheet is read.
const (
	DataSheet  = "Data"
	GuideSheet = "Vejledning"
)

// WriteTemplate writes the empty upload template as "csv" or "xlsx". The csv opens right in a Danish Excel: UTF-8 with a byte
// order mark, semicolons, CRLF. The same codebook gives the same bytes.
func WriteTemplate(w io.Writer, format string, cb *model.Codebook) error {
	switch format {
	case "csv":
		_, err := io.WriteString(w, "\ufeff"+strings.Join(templateColumns, ";")+"\r\n")
		return err
	case "xlsx":
		return writeTemplateBook(w, cb)
	}
	return &model.Problem{Code: "template-format", Message: fmt.Sprintf("Skabelonen findes ikke som »%s«. Vælg csv eller xlsx.", format)}
}

// lastTemplateRow bounds the drop-downs; formats apply to whole columns.
const lastTemplateRow = 100_000

type templateBook struct {
	*excelize.File
	head, text, date, plain, title, note int // styles
}

func writeTemplateBook(w io.Writer, cb *model.Codebook) (err error) {
	b := &templateBook{File: excelize.NewFile()}
	defer func() {
		if e := b.Close(); err == nil {
			err = e
		}
	}()
	for _, step := range []func(*model.Codebook) error{b.styles, b.guide, b.data, b.properties} {
		if err := step(cb); err != nil {
			return fmt.Errorf("template: %w", err)
		}
	}
	return b.Write(w)
}

func (b *templateBook) styles(*model.Codebook) error {
	dateFormat, textFormat := "dd\\-mm\\-yyyy", "@"
	for _, s := range []struct {
		id    *int
		style excelize.Style
	}{
		{&b.head, excelize.Style{
			Font: &excelize.Font{Family: "Calibri", Bold: true, Color: "FFFFFF"}, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"1F4E79"}},
			Alignment: &excelize.Alignment{Vertical: "center"},
		}},
		{&b.text, excelize.Style{CustomNumFmt: &textFormat}},
		{&b.date, excelize.Style{CustomNumFmt: &dateFormat, Alignment: &excelize.Alignment{Horizontal: "left"}}},
		{&b.title, excelize.Style{Font: &excelize.Font{Family: "Calibri", Bold: true, Size: 16, Color: "1F4E79"}}},
		{&b.note, excelize.Style{Alignment: &excelize.Alignment{WrapText: true, Vertical: "top"}}},
	} {
		id, err := b.NewStyle(&s.style)
		if err != nil {
			return err
		}
		*s.id = id
	}
	return nil
}

// data makes the sheet that people fill in. It comes after guide, whose lists the drop-downs point at.
func (b *templateBook) data(cb *model.Codebook) error {
	if _, err := b.NewSheet(DataSheet); err != nil {
		return err
	}
	for i, name := range templateColumns {
		col, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		if err := b.SetCellStr(DataSheet, col+"1", name); err != nil {
			return err
		}
		width, style := 22.0, b.text // text, so that Excel makes no dates of KLE numbers and unit names
		switch name {
		case "kommune":
			width, style = 12, b.plain
		case "enhed":
			width = 28
		case "opgave", "blanket":
			width = 14
		case "type":
			width = 36
		case "afslutning":
			width = 28
		case "dato":
			width, style = 14, b.date
		}
		if err := b.SetColStyle(DataSheet, col, style); err != nil {
			return err
		}
		if err := b.SetColWidth(DataSheet, col, col, width); err != nil {
			return err
		}
	}
	last, err := excelize.CoordinatesToCellName(len(templateColumns), 1)
	if err != nil {
		return err
	}
	if err := b.SetCellStyle(DataSheet, "A1", last, b.head); err != nil {
		return err
	}
	if err := b.SetPanes(DataSheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft",
		Selection: []excelize.Selection{{SQRef: "A2", ActiveCell: "A2", Pane: "bottomLeft"}}}); err != nil {
		return err
	}
	if err := b.validations(cb); err != nil {
		return err
	}
	if err := b.MoveSheet(DataSheet, GuideSheet); err != nil {
		return err
	}
	first, err := b.GetSheetIndex(DataSheet)
	if err != nil {
		return err
	}
	b.SetActiveSheet(first)
	return b.landscape(DataSheet)
}

// landscape prints a sheet one page wide.
func (b *templateBook) landscape(sheet string) error {
	yes, orientation, one, endless := true, "landscape", 1, 0
	if err := b.SetSheetProps(sheet, &excelize.SheetPropsOptions{FitToPage: &yes}); err != nil {
		return err
	}
	return b.SetPageLayout(sheet, &excelize.PageLayoutOptions{Orientation: &orientation, FitToWidth: &one, FitToHeight: &endless})
}

// validations gives drop-downs of the names people know. A code is accepted too, so Excel only warns about other text.
func (b *templateBook) validations(cb *model.Codebook) error {
	codes := func(n int) string {
		return fmt.Sprintf("%s!$B$%d:$B$%d", GuideSheet, guideFirst, guideFirst+n-1)
	}
	rng := func(col string) string { return fmt.Sprintf("%s2:%s%d", col, col, lastTemplateRow) }
	lists := []struct{ col, title, source string }{
		{"D", "Kanal", codes(len(cb.Channels))},
		{"E", "Henvendelsestype", strings.ReplaceAll(codes(len(cb.Types)), "$B$", "$E$")},
		{"F", "Afslutning", strings.ReplaceAll(codes(len(cb.Closings)), "$B$", "$H$")},
		{"G", "Blanket", strings.ReplaceAll(codes(len(cb.Forms)), "$B$", "$J$")},
	}
	for _, l := range lists {
		v := excelize.NewDataValidation(true)
		v.SetSqref(rng(l.col))
		v.SetSqrefDropList(l.source)
		v.SetError(excelize.DataValidationErrorStyleWarning, l.title, "Vælg fra listen, eller skriv koden fra arket "+GuideSheet+".")
		if err := b.AddDataValidation(DataSheet, v); err != nil {
			return err
		}
	}
	for _, hint := range []struct{ col, title, text string }{
		{"A", "Kommune", "Kommunens nummer eller navn, fx 259 eller Køge."},
		{"B", "Enhed", "Enhedens navn. Må kun stå tom for kanalen Hjemmeside."},
		{"C", "Opgave", "KLE-nummer, fx 23.09.02. Listen står i arket " + GuideSheet + "."},
		{"H", "Dato", "dd-mm-åååå, gerne med klokkeslæt, fx 23-04-2012 13:05."},
	} {
		v := excelize.NewDataValidation(true)
		v.SetSqref(rng(hint.col))
		v.SetInput(hint.title, hint.text)
		if err := b.AddDataValidation(DataSheet, v); err != nil {
			return err
		}
	}
	return nil
}

// guideFirst is the row on which the lists of the guide begin.
const guideFirst = 12

var guideNotes = []string{
	"Udfyld arket " + DataSheet + ": én række er én henvendelse. Slet ikke overskriften; kolonnerne må gerne stå i en anden rækkefølge.",
	"Skriv enten navnet eller koden fra listerne herunder. Store og små bogstaver er ligegyldige.",
	"Kommer borgeren om to opgaver på én gang, er det to henvendelser og to rækker.",
	"Blanket skal udfyldes for kanaler, hvor der står »ja« i kolonnen Blanket; ellers må cellen stå tom. For Hjemmeside er den altid NEJ.",
	"Opgaven er et KLE-nummer. Det er ikke muligt at måle på et lavere niveau end NN.NN.NN; brug i stedet en lokal parameter i en kolonne for sig.",
	"Egne kolonner (fx alder eller postnummer) må du tilføje til højre. Skriv aldrig CPR-numre, heller ikke i fritekst.",
	"Indlæs filen igen, når du har rettet i den: det, der allerede er talt, tælles ikke to gange.",
}

// guide makes the sheet with the codebook's lists.
func (b *templateBook) guide(cb *model.Codebook) error {
	if err := b.SetSheetName("Sheet1", GuideSheet); err != nil {
		return err
	}
	put := func(cell string, v string) error { return b.SetCellStr(GuideSheet, cell, v) }
	if err := put("A1", "Sådan udfylder du skabelonen"); err != nil {
		return err
	}
	if err := b.SetCellStyle(GuideSheet, "A1", "A1", b.title); err != nil {
		return err
	}
	for i, note := range guideNotes {
		row := fmt.Sprint(i + 2)
		if err := b.MergeCell(GuideSheet, "A"+row, "N"+row); err != nil {
			return err
		}
		if err := put("A"+row, note); err != nil {
			return err
		}
		if err := b.SetCellStyle(GuideSheet, "A"+row, "N"+row, b.note); err != nil {
			return err
		}
	}
	edition := newestEdition(cb)
	lists := []struct {
		col   int // 1 is A
		heads []string
		rows  [][]string
	}{
		{1, []string{"Kanal, kode", "Kanal, navn", "Blanket"}, nil},
		{4, []string{"Type, kode", "Type, navn", "Gruppe"}, nil},
		{7, []string{"Afslutning, kode", "Afslutning, navn"}, nil},
		{9, []string{"Blanket, betydning", "Blanket, kode"}, nil},
		{11, []string{"Opgave, KLE", "Opgave, navn", "Pakke " + edition}, nil},
	}
	needs := map[model.FormRule]string{model.FormRequired: "ja", model.FormOptional: "", model.FormFixedNo: "altid NEJ"}
	for _, c := range cb.Channels {
		lists[0].rows = append(lists[0].rows, []string{c.Code, c.Label, needs[c.Form]})
	}
	for _, t := range cb.Types {
		lists[1].rows = append(lists[1].rows, []string{t.Code, t.Label, string(t.Groups[edition])})
	}
	for _, x := range cb.Closings {
		lists[2].rows = append(lists[2].rows, []string{x.Code, x.Label})
	}
	for _, x := range cb.Forms {
		lists[3].rows = append(lists[3].rows, []string{x.Label, x.Code})
	}
	for _, s := range cb.Subjects {
		role := s.Packages[edition]
		if role == "" {
			role = model.Voluntary
		}
		lists[4].rows = append(lists[4].rows, []string{s.KLE.String(), s.Label, string(role)})
	}
	for _, l := range lists {
		for r, cells := range append([][]string{l.heads}, l.rows...) {
			for c, text := range cells {
				cell, err := excelize.CoordinatesToCellName(l.col+c, guideFirst-1+r)
				if err != nil {
					return err
				}
				if err := put(cell, text); err != nil {
					return err
				}
			}
		}
		from, err := excelize.CoordinatesToCellName(l.col, guideFirst-1)
		if err != nil {
			return err
		}
		to, err := excelize.CoordinatesToCellName(l.col+len(l.heads)-1, guideFirst-1)
		if err != nil {
			return err
		}
		if err := b.SetCellStyle(GuideSheet, from, to, b.head); err != nil {
			return err
		}
	}
	for _, c := range []struct {
		from, to string
		width    float64
	}{{"A", "A", 14}, {"B", "B", 24}, {"C", "C", 12}, {"D", "D", 12}, {"E", "E", 36}, {"F", "F", 14}, {"G", "G", 18}, {"H", "H", 28}, {"I", "I", 24}, {"J", "J", 15}, {"K", "K", 14}, {"L", "L", 60}, {"M", "N", 16}} {
		if err := b.SetColWidth(GuideSheet, c.from, c.to, c.width); err != nil {
			return err
		}
	}
	return b.landscape(GuideSheet)
}

func newestEdition(cb *model.Codebook) string {
	name, from := "", model.Date(0)
	for _, e := range cb.Editions {
		if r, err := model.ParseRound(e.From); err == nil && (name == "" || r.First > from) {
			name, from = e.Name, r.First
		}
	}
	return name
}

// properties says which codebook the template was made from, and nothing about when or by whom.
func (b *templateBook) properties(cb *model.Codebook) error {
	epoch := time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC).Format(time.RFC3339)
	return b.SetDocProps(&excelize.DocProperties{
		Title: "Skabelon til tælleuger", Subject: "Kodebog " + cb.Version, Creator: "komhen", LastModifiedBy: "komhen",
		Created: epoch, Modified: epoch, Language: "da-DK",
	})
}
