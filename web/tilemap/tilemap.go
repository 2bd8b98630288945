// Package tilemap draws "Det Digitale Landkort": a measure for each of the 98 municipalities, as equal tiles laid out like
// Denmark, or with true borders that the operator has imported.
//
// Danger: a map shows what it is given. The caller must see to it that values of other municipalities are published
// aggregates. A municipality without a value is missing, never zero.
package tilemap

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strconv"
	"strings"

	"komhen/model"
	"komhen/reports"
)

// Map is what to draw. Title, Unit, Municipalities and Values are needed; the rest may be left out.
type Map struct {
	ID             string // prefix of element ids, "kort" if empty: two maps on a page need two
	Title          string // what is measured, for whom and when: "Digital andel, efterår 2012"
	Description    string // a sentence for screen readers; one is made if it is empty
	Unit           reports.Unit
	Municipalities []model.Municipality // those of the codebook
	Values         map[uint16]float64   // by municipality code; shares are fractions. No value: missing
	Limits         []float64            // where classes 2, 3 … begin, ascending, at most 4; nil: classes of equal size
	Own            uint16               // the viewer's municipality, which gets a frame
	Marks          map[uint16]string    // what to say about a value besides, such as "foreløbigt"; it also gets an asterisk
	Link           func(code uint16) string
}

// tile is a municipality's place: columns from the west, rows from the north.
type tile struct {
	code        uint16
	column, row int
	short       string
}

//go:embed tiles.csv
var tilesCSV string

var tiles = readTiles(tilesCSV)

func readTiles(text string) []tile {
	var list []tile
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		cells := strings.Split(strings.TrimSpace(line), ";")
		if i == 0 {
			continue
		}
		var n [3]int
		for c := range n {
			v, err := strconv.Atoi(cells[c])
			if err != nil {
				panic(fmt.Sprintf("tiles.csv line %d: %v", i+1, err)) // the file is in the program
			}
			n[c] = v
		}
		list = append(list, tile{uint16(n[0]), n[1], n[2], cells[3]})
	}
	return list
}

// A tile and the room it stands in, in the units of the drawing.
const (
	pitchX, pitchY = 64, 56
	gap            = 4
)

// Draw writes a figure with the tile map and its legend: SVG with classes only (komhen.css has the colours), an item for each
// municipality with its value in words, and a link where Map.Link gives one.
func Draw(w io.Writer, m Map) error {
	d := m.drawing()
	for _, t := range tiles {
		d.Width, d.Height = max(d.Width, (t.column+1)*pitchX), max(d.Height, (t.row+1)*pitchY)
		a := d.area(t.code)
		a.X, a.Y, a.W, a.H = t.column*pitchX+gap/2, t.row*pitchY+gap/2, pitchX-gap, pitchY-gap
		a.CX, a.CY = a.X+a.W/2, a.Y+a.H/2
		a.Short = t.short
		d.Areas = append(d.Areas, a)
	}
	return d.write(w)
}

// HTML is Draw for templates.
func HTML(m Map) (template.HTML, error) {
	var b strings.Builder
	err := Draw(&b, m)
	return template.HTML(b.String()), err
}
