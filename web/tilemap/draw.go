package tilemap

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"math"
	"sort"
	"strings"

	"komhen/model"
	"komhen/reports"
)

//go:embed map.html
var page string

var figure = template.Must(template.New("map").Parse(page))

// drawing is a Map made ready for map.html.
type drawing struct {
	Map
	Width, Height int
	Areas         []area
	Legend        []legend
	Missing       int    // municipalities without a value
	Marked        string // what an asterisk means, "" where there is none
	Links         bool
	Source        string // of the borders
	Inset         *box

	names map[uint16]string
	sizes []float64
	shade func(float64) int
}

type box struct{ X, Y, W, H int }

// area is one municipality: a tile, or a shape with a path.
type area struct {
	Code       uint16
	Label      string // "Køge: 23,4 %, nr. 12 af 98"
	Short      string
	Value      string // as printed on the map
	Shade      int    // 0 is missing
	Own        bool
	Href       string
	X, Y, W, H int
	CX, CY     int    // middle, for the arrow keys
	Path       string // of a true border; empty for a tile
	Small      bool   // no room for the value
}

type legend struct {
	Shade int
	Text  string
}

func (m Map) drawing() *drawing {
	if m.ID == "" {
		m.ID = "kort"
	}
	d := &drawing{Map: m, names: map[uint16]string{}}
	var list []class
	var best, worst string
	for _, k := range m.Municipalities {
		d.names[k.Code] = k.Name
		if v, ok := m.Values[k.Code]; ok && !math.IsNaN(v) && !math.IsInf(v, 0) {
			d.sizes = append(d.sizes, v)
		} else {
			d.Missing++
		}
	}
	list, d.shade = classes(d.sizes, m.Limits, m.Unit)
	for _, c := range list {
		text := m.text(c.Low)
		if c.High > c.Low {
			text += " – " + m.text(c.High)
		}
		d.Legend = append(d.Legend, legend{c.Shade, strings.ReplaceAll(text, " %", "\u00a0%") + " (" + municipalities(c.N) + ")"})
	}
	if d.Description == "" {
		best, worst = d.extremes()
		d.Description = fmt.Sprintf("Kort over %s", municipalities(len(d.sizes)))
		if best != "" {
			d.Description += fmt.Sprintf(". Højest: %s. Lavest: %s", best, worst)
		}
		d.Description += "."
	}
	return d
}

// area is a municipality without its place on the drawing.
func (d *drawing) area(code uint16) area {
	name := d.names[code]
	if name == "" {
		name = fmt.Sprint(code)
	}
	a := area{Code: code, Short: name, Value: model.Missing, Label: name + ": ingen tal", Own: d.Own != 0 && d.Own == code}
	if v, ok := d.Values[code]; ok && d.names[code] != "" && !math.IsNaN(v) && !math.IsInf(v, 0) {
		a.Shade = d.shade(v)
		a.Value = d.brief(v)
		a.Label = fmt.Sprintf("%s: %s, nr. %v af %d", name, d.text(v), reports.Rank(d.sizes, v), len(d.sizes))
		if mark := d.Marks[code]; mark != "" {
			a.Value = strings.TrimSuffix(a.Value, " %") + "*" // so that it still fits
			a.Label += ", " + mark
			switch d.Marked {
			case "", mark:
				d.Marked = mark
			default:
				d.Marked = "se bemærkningen ved kommunen"
			}
		}
	}
	if a.Own {
		a.Label += " (din kommune)"
	}
	if d.Link != nil {
		a.Href = d.Link(code)
		d.Links = d.Links || a.Href != ""
	}
	return a
}

func municipalities(n int) string {
	if n == 1 {
		return "1 kommune"
	}
	return model.FormatInt(int64(n)) + " kommuner"
}

// extremes is the highest and the lowest value, with their municipality.
func (d *drawing) extremes() (best, worst string) {
	var known []model.Municipality
	for _, k := range d.Municipalities {
		if v, ok := d.Values[k.Code]; ok && !math.IsNaN(v) && !math.IsInf(v, 0) {
			known = append(known, k)
		}
	}
	if len(known) < 2 {
		return "", ""
	}
	sort.SliceStable(known, func(a, b int) bool { return d.Values[known[a].Code] > d.Values[known[b].Code] })
	say := func(k model.Municipality) string { return fmt.Sprintf("%s (%s)", k.Name, d.text(d.Values[k.Code])) }
	return say(known[0]), say(known[len(known)-1])
}

// text is a value with its unit, as reports show it.
func (m Map) text(v float64) string {
	if precision(m.Unit) == 1 {
		return reports.CellText(int64(math.Round(v)), m.Unit)
	}
	return reports.CellText(v, m.Unit)
}

// brief is a value that fits on a tile.
func (m Map) brief(v float64) string {
	if text := m.text(v); len(text) <= 7 {
		return text
	}
	if m.Unit == reports.Share {
		return model.FormatDecimal(100*v, 0) + " %"
	}
	return model.FormatDecimal(v, 0)
}

func (d *drawing) write(w io.Writer) error {
	if err := figure.Execute(w, d); err != nil {
		return fmt.Errorf("drawing the map: %w", err)
	}
	return nil
}
