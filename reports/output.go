package reports

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"

	"komhen/model"
)

// byteOrderMark tells Excel that a csv file is UTF-8.
const byteOrderMark = "\ufeff"

// WriteCSV writes the rows with Danish headers, as a Danish Excel reads them: byte order mark, semicolons, CRLF, decimal
// comma and no thousands separator, dates dd-mm-yyyy. Shares are fractions with all their decimals; a missing value is "–".
func WriteCSV(w io.Writer, r *Report) error {
	out := newCSV(w)
	line := make([]string, len(r.Columns))
	for i, c := range r.Columns {
		line[i] = c.Label
	}
	if err := out.Write(line); err != nil {
		return err
	}
	for _, row := range r.Rows {
		for i, v := range row {
			line[i] = csvText(v)
		}
		if err := out.Write(line); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

func newCSV(w io.Writer) *csv.Writer {
	// The first write fails if this one does, and csv.Writer keeps that error.
	_, _ = io.WriteString(w, byteOrderMark)
	out := csv.NewWriter(w)
	out.Comma, out.UseCRLF = ';', true
	return out
}

func csvText(v any) string {
	switch x := v.(type) {
	case string:
		return model.SafeText(x)
	case int64:
		return strconv.FormatInt(x, 10)
	case float64:
		return strings.Replace(strconv.FormatFloat(x, 'f', -1, 64), ".", ",", 1)
	case model.Date:
		return x.String()
	}
	return model.Missing
}

// document is a report as contract.md describes it for machines.
type document struct {
	Report       string   `json:"report"`
	Title        string   `json:"title"`
	Round        string   `json:"round"`
	Municipality *string  `json:"municipality"`
	Columns      []Column `json:"columns"`
	Rows         [][]any  `json:"rows"`
	Totals       []any    `json:"totals"`
	Notes        []string `json:"notes"`
}

// WriteJSON writes the one JSON document of a report: plain numbers, shares as fractions, dates yyyy-mm-dd, null for what
// is missing.
func WriteJSON(w io.Writer, r *Report) error {
	d := document{Report: r.Name, Title: r.Title, Round: r.Round.Name, Columns: r.Columns, Rows: make([][]any, len(r.Rows)),
		Totals: jsonCells(r.Totals), Notes: append([]string{}, r.Notes...)}
	if r.Municipality != nil {
		code := r.Municipality.CodeText()
		d.Municipality = &code
	}
	for i, row := range r.Rows {
		d.Rows[i] = jsonCells(row)
	}
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	return out.Encode(d)
}

func jsonCells(cells []any) []any {
	out := make([]any, len(cells))
	for i, v := range cells {
		if d, ok := v.(model.Date); ok {
			v = d.ISO()
		}
		out[i] = v
	}
	return out
}
