package ingest

import (
	"encoding/csv"
	"fmt"
	"io"
	"time"

	"github.com/gocarina/gocsv"
	"github.com/xuri/excelize/v2"

	"komhen/model"
)

// totalsSheet is the sheet of the template that is filled in.
const totalsSheet = "Total-tal"

var totalsGuide = []string{
	"Skriv antallet og perioden ud for hver kanal, I har et tal for. Rækker uden antal bliver sprunget over.",
	"Perioden må være et år, et halvår, et kvartal, tælleperioden eller en anden, og hver kanal kan have sin egen. Datoer skrives dd-mm-åååå.",
	"Tag alle henvendelser med, også dem fra andre end borgere. Træk kun interne henvendelser og spam fra, og skriv JA i kolonnen erklæring.",
	"Kanalen WEB er hjemmesidens hovedtal: besøg, renset for medarbejdernes IP-adresser og for søgerobotter. Her siger JA det.",
	"Kilde er systemet, som tallet kommer fra, fx omstillingen eller mailserveren. Den må stå tom.",
	"Send filen igen, når du har rettet i den: et nyt tal for samme kanal og periode træder i stedet for det gamle.",
}

// totalRowsOf is the template's rows: one for each channel. municipality 0 leaves the column empty.
func totalRowsOf(cb *model.Codebook, municipality uint16) (rows []TotalRow) {
	for _, ch := range cb.Channels {
		row := TotalRow{Channel: ch.Label}
		if municipality != 0 {
			row.Municipality = fmt.Sprint(municipality)
		}
		rows = append(rows, row)
	}
	return rows
}

// WriteTotalsTemplate writes the template for totals as "csv" or "xlsx", with a row for each channel.
func WriteTotalsTemplate(w io.Writer, format string, cb *model.Codebook, municipality uint16) error {
	rows := totalRowsOf(cb, municipality)
	switch format {
	case "csv":
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return err
		}
		out := csv.NewWriter(w)
		out.Comma, out.UseCRLF = ';', true
		return gocsv.MarshalCSV(rows, gocsv.NewSafeCSVWriter(out))
	case "xlsx":
		return writeTotalsBook(w, rows)
	}
	return &model.Problem{Code: "template-format", Message: fmt.Sprintf("Skabelonen findes ikke som »%s«. Vælg csv eller xlsx.", format)}
}

func writeTotalsBook(w io.Writer, rows []TotalRow) (err error) {
	b := &templateBook{File: excelize.NewFile()}
	defer func() {
		if e := b.Close(); err == nil {
			err = e
		}
	}()
	for _, step := range []func() error{func() error { return b.styles(nil) }, func() error { return b.totals(rows) }, b.totalsGuide, b.totalsProperties} {
		if err := step(); err != nil {
			return fmt.Errorf("template: %w", err)
		}
	}
	return b.Write(w)
}

func (b *templateBook) totals(rows []TotalRow) error {
	if err := b.SetSheetName("Sheet1", totalsSheet); err != nil {
		return err
	}
	widths := map[string]float64{"kommune": 12, "kanal": 28, "kilde": 36}
	for i, name := range TotalColumns {
		col, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		style, width := b.text, widths[name]
		switch name {
		case "fra", "til":
			style = b.date
		case "antal":
			style = b.plain
		}
		if width == 0 {
			width = 14
		}
		if err := b.SetColStyle(totalsSheet, col, style); err != nil {
			return err
		}
		if err := b.SetColWidth(totalsSheet, col, col, width); err != nil {
			return err
		}
		if err := b.SetCellStr(totalsSheet, col+"1", name); err != nil {
			return err
		}
		for r, row := range rows {
			if text := row.cells()[name]; text != "" {
				if err := b.SetCellStr(totalsSheet, fmt.Sprint(col, r+2), text); err != nil {
					return err
				}
			}
		}
	}
	if err := b.SetCellStyle(totalsSheet, "A1", "G1", b.head); err != nil {
		return err
	}
	yes := excelize.NewDataValidation(true)
	yes.SetSqref("F2:F1000")
	if err := yes.SetDropList([]string{"JA"}); err != nil {
		return err
	}
	if err := b.AddDataValidation(totalsSheet, yes); err != nil {
		return err
	}
	if err := b.SetPanes(totalsSheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft",
		Selection: []excelize.Selection{{SQRef: "E2", ActiveCell: "E2", Pane: "bottomLeft"}}}); err != nil {
		return err
	}
	return b.landscape(totalsSheet)
}

func (b *templateBook) totalsGuide() error {
	if _, err := b.NewSheet(GuideSheet); err != nil {
		return err
	}
	if err := b.SetColWidth(GuideSheet, "A", "A", 110); err != nil {
		return err
	}
	if err := b.SetCellStr(GuideSheet, "A1", "Sådan udfylder du arket "+totalsSheet); err != nil {
		return err
	}
	if err := b.SetCellStyle(GuideSheet, "A1", "A1", b.title); err != nil {
		return err
	}
	for i, note := range totalsGuide {
		cell := fmt.Sprint("A", i+2)
		if err := b.SetCellStr(GuideSheet, cell, note); err != nil {
			return err
		}
		if err := b.SetCellStyle(GuideSheet, cell, cell, b.note); err != nil {
			return err
		}
	}
	return nil
}

func (b *templateBook) totalsProperties() error {
	epoch := time.Date(2012, 1, 1, 0, 0, 0, 0, time.UTC).Format(time.RFC3339)
	return b.SetDocProps(&excelize.DocProperties{Title: "Skabelon til total-tal", Creator: "komhen", LastModifiedBy: "komhen", Created: epoch, Modified: epoch, Language: "da-DK"})
}
