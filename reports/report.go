// Package reports turns stored contacts into figures and the figures into tables, workbooks and extracts. Each figure is
// defined once, here, and every output (table, csv, json, xlsx, benchmark workbook) shows the same one.
//
// Danger: units belong to their own municipality. No report or workbook for more than one municipality may hold a unit.
package reports

import "komhen/model"

// Unit says how a column's values are to be read and shown.
type Unit string

const (
	Text    Unit = "text"
	Count   Unit = "henvendelser" // whole number, int64
	Number  Unit = "antal"        // whole number of something else, int64
	Share   Unit = "andel"        // fraction 0..1, float64; shown as a percentage with one decimal
	Ratio   Unit = "tal"          // float64, shown with one decimal
	Per1000 Unit = "pr. 1.000 indbyggere"
	Day     Unit = "dato" // model.Date; dd-mm-yyyy for people, yyyy-mm-dd in csv and json
)

// Column of a report. Name is for machines (contract.md names them), Label is the Danish header.
type Column struct {
	Name  string `json:"name"`
	Label string `json:"label"`
	Unit  Unit   `json:"unit"`
}

// Report is a finished table. A cell is nil (missing, shown as "–"), string, int64, float64 or model.Date. Rows never hold a
// total; Totals has a cell per column, or is empty where a sum means nothing.
type Report struct {
	Name         string
	Title        string
	Round        model.Round
	Municipality *model.Municipality // nil for the national report
	Columns      []Column
	Rows         [][]any
	Totals       []any
	Notes        []string
}

// Query says which report is wanted. Municipality 0 is the national one. Types limits channel-by-subject: "all",
// "transaction", "information" or "case".
type Query struct {
	Name         string
	Round        model.Round
	Municipality uint16
	Types        string
}
