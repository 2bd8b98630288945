package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/xuri/excelize/v2"

	"komhen/model"
	"komhen/model/codebook"
)

func template(t *testing.T, format string) []byte {
	t.Helper()
	cb, err := codebook.Load()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := WriteTemplate(&b, format, cb); err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("KOMHEN_SHOW"); dir != "" { // to look at it
		if err := os.WriteFile(dir+"/skabelon."+format, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func TestTemplateCSV(t *testing.T) {
	want := "\xef\xbb\xbfkommune;enhed;opgave;kanal;type;afslutning;blanket;dato\r\n"
	if got := string(template(t, "csv")); got != want {
		t.Errorf("got %q", got)
	}
}

func TestTemplateFormatUnknown(t *testing.T) {
	var p *model.Problem
	if err := WriteTemplate(&bytes.Buffer{}, "pdf", nil); !errors.As(err, &p) || p.Code != "template-format" {
		t.Errorf("got %v", err)
	}
}

func TestTemplateXLSX(t *testing.T) {
	book := template(t, "xlsx")
	if !bytes.Equal(book, template(t, "xlsx")) {
		t.Error("the same codebook gives other bytes")
	}
	f, err := excelize.OpenReader(bytes.NewReader(book))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := fmt.Sprint(f.GetSheetList(), f.GetActiveSheetIndex()); got != "[Data Vejledning] 0" {
		t.Errorf("sheets %s", got)
	}
	rows, err := f.GetRows(DataSheet)
	if err != nil || fmt.Sprint(rows) != "[[kommune enhed opgave kanal type afslutning blanket dato]]" {
		t.Errorf("data sheet: %v, %v", rows, err)
	}
	for col, want := range map[string]string{"B": "@", "C": "@", "H": "dd\\-mm\\-yyyy"} {
		id, err := f.GetColStyle(DataSheet, col)
		if err != nil {
			t.Fatal(err)
		}
		style, err := f.GetStyle(id)
		if err != nil || style.CustomNumFmt == nil && style.NumFmt != 49 || style.CustomNumFmt != nil && *style.CustomNumFmt != want {
			t.Errorf("column %s: %+v, %v", col, style, err)
		}
	}
	panes, err := f.GetPanes(DataSheet)
	if err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("the header is not frozen: %+v, %v", panes, err)
	}
	cb, err := codebook.Load()
	if err != nil {
		t.Fatal(err)
	}
	// Every choice of every drop-down is something the codebook reads back.
	find := map[string]func(string) uint8{"D": cb.ChannelID, "E": cb.TypeID, "F": cb.ClosingID, "G": cb.FormID}
	sizes := map[string]int{"D": len(cb.Channels), "E": len(cb.Types), "F": len(cb.Closings), "G": len(cb.Forms)}
	validations, err := f.GetDataValidations(DataSheet)
	if err != nil {
		t.Fatal(err)
	}
	lists := 0
	for _, v := range validations {
		if v.Type != "list" {
			continue
		}
		lists++
		col := v.Sqref[:1]
		var from, to int
		var c1, c2 string
		if _, err := fmt.Sscanf(v.Formula1, GuideSheet+"!$%1s$%d:$%1s$%d", &c1, &from, &c2, &to); err != nil || c1 != c2 || to-from+1 != sizes[col] {
			t.Errorf("column %s: list %q (%v)", col, v.Formula1, err)
			continue
		}
		for row := from; row <= to; row++ {
			text, err := f.GetCellValue(GuideSheet, fmt.Sprint(c1, row))
			if err != nil || text == "" || find[col](text) == 0 {
				t.Errorf("column %s offers %q, which the codebook does not know (%v)", col, text, err)
			}
		}
	}
	if lists != 4 {
		t.Errorf("%d drop-downs", lists)
	}
	guide, err := f.GetRows(GuideSheet)
	if err != nil || len(guide) != guideFirst-1+len(cb.Subjects) {
		t.Errorf("the guide has %d rows, %v", len(guide), err)
	}
}
