package reports

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"komhen/model"
	"komhen/queries"
)

// sheetRows is how many rows a sheet can hold, header included.
const sheetRows = 1_048_576

// xlsxRows streams one sheet; all cells are text but antal. excelize makes the workbook with its header; the rows are put
// into its sheet on the way out, as the library's own stream keeps 100 MB in memory and a temporary file of the whole.
type xlsxRows struct {
	w       io.Writer
	zip     *zip.Writer
	out     *bufio.Writer
	tail    []byte   // the sheet after its rows
	letters []string // names of the columns
	at      int
}

const extractSheet = "Henvendelser"

func (x *xlsxRows) begin(header []string, rows int64) error {
	if rows >= sheetRows {
		return &model.Problem{Code: "too-many-rows", Message: fmt.Sprintf("Udtrækket har %s rækker, og et regneark kan højst have %s. Vælg csv eller parquet, eller afgræns til en kommune eller en runde.",
			model.FormatInt(rows), model.FormatInt(sheetRows-1))}
	}
	book, err := emptyExtract(header, rows)
	if err != nil {
		return err
	}
	from, err := zip.NewReader(bytes.NewReader(book), int64(len(book)))
	if err != nil {
		return err
	}
	for i := range header {
		name, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		x.letters = append(x.letters, name)
	}
	x.zip, x.at = zip.NewWriter(x.w), 1
	var sheet []byte
	for _, f := range from.File {
		if f.Name != "xl/worksheets/sheet1.xml" {
			if err := x.zip.Copy(f); err != nil {
				return err
			}
			continue
		}
		in, err := f.Open()
		if err != nil {
			return err
		}
		if sheet, err = io.ReadAll(in); err != nil {
			return err
		}
	}
	cut := bytes.Index(sheet, []byte("</sheetData>"))
	if cut < 0 {
		return fmt.Errorf("the empty extract has no sheet with rows")
	}
	entry, err := x.zip.Create("xl/worksheets/sheet1.xml")
	if err != nil {
		return err
	}
	x.out, x.tail = bufio.NewWriterSize(entry, 64<<10), sheet[cut:]
	_, err = x.out.Write(sheet[:cut])
	return err
}

// emptyExtract is the workbook with everything but its rows.
func emptyExtract(header []string, rows int64) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	last, err := excelize.CoordinatesToCellName(len(header), int(rows)+1)
	if err != nil {
		return nil, err
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err != nil {
		return nil, err
	}
	cells := make([]any, len(header))
	for i, name := range header {
		cells[i] = model.SafeText(name)
	}
	end, _ := excelize.ColumnNumberToName(len(header))
	const day = "2012-01-01T00:00:00Z" // the same contacts give the same file
	var out bytes.Buffer
	for _, step := range []func() error{
		func() error { return f.SetSheetName("Sheet1", extractSheet) },
		func() error { return f.SetSheetRow(extractSheet, "A1", &cells) },
		func() error { return f.SetRowStyle(extractSheet, 1, 1, bold) },
		func() error { return f.SetColWidth(extractSheet, "A", end, 14) },
		func() error {
			return f.SetPanes(extractSheet, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
		},
		func() error { return f.AutoFilter(extractSheet, "A1:"+last, nil) },
		func() error { return f.SetSheetDimension(extractSheet, "A1:"+last) },
		func() error {
			return f.SetDocProps(&excelize.DocProperties{Title: "Henvendelser", Creator: "KOMHEN 2.0", Language: "da-DK", Created: day, Modified: day})
		},
		func() error { return f.Write(&out) },
	} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

func (x *xlsxRows) row(cells []string, _ *queries.ExtractRow) error {
	x.at++
	number := strconv.Itoa(x.at)
	x.put(`<row r="`, number, `">`)
	for i, cell := range cells {
		switch {
		case cell == "":
		case i == columnAmount:
			x.put(`<c r="`, x.letters[i], number, `"><v>`, cell, `</v></c>`)
		default:
			x.put(`<c r="`, x.letters[i], number, `" t="inlineStr"><is><t`)
			text := sheetText(model.SafeText(cell))
			if strings.TrimSpace(text) != text {
				x.put(` xml:space="preserve"`)
			}
			x.put(`>`)
			if strings.ContainsAny(text, `<>&"'`+"\t\r\n") || !utf8.ValidString(text) {
				if err := xml.EscapeText(x.out, []byte(text)); err != nil {
					return err
				}
			} else {
				x.put(text)
			}
			x.put(`</t></is></c>`)
		}
	}
	_, err := x.out.WriteString(`</row>`) // bufio keeps the first error, so that this one is any of them
	return err
}

func (x *xlsxRows) put(texts ...string) {
	for _, t := range texts {
		_, _ = x.out.WriteString(t)
	}
}

// The file format writes a character that XML cannot hold as _xHHHH_, and the "_" of text that looks like that as _x005F_. The closing "_"
// may be that of a character behind it, so every beginning counts.
var (
	looksEscaped = regexp.MustCompile(`^_x[0-9A-Fa-f]{4}`)
	notInXML     = regexp.MustCompile("[\x00-\x08\x0b\x0c\x0d\x0e-\x1f\ufffe\uffff]")
)

func sheetText(s string) string {
	if strings.Contains(s, "_x") {
		var b strings.Builder
		for i := 0; i < len(s); i++ {
			if s[i] == '_' && looksEscaped.MatchString(s[i:]) {
				b.WriteString("_x005F")
			}
			b.WriteByte(s[i])
		}
		s = b.String()
	}
	if notInXML.MatchString(s) {
		s = notInXML.ReplaceAllStringFunc(s, func(m string) string {
			r, _ := utf8.DecodeRuneInString(m)
			return fmt.Sprintf("_x%04X_", r)
		})
	}
	return s
}

func (x *xlsxRows) end(failed error) error {
	if failed != nil {
		return failed
	}
	if _, err := x.out.Write(x.tail); err != nil {
		return err
	}
	if err := x.out.Flush(); err != nil {
		return err
	}
	return x.zip.Close()
}
