package tilemap_test

import (
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"komhen/model"
	"komhen/model/codebook"
	"komhen/reports"
	"komhen/web/tilemap"
)

func municipalities(t testing.TB) []model.Municipality {
	t.Helper()
	cb, err := codebook.Load()
	if err != nil {
		t.Fatal(err)
	}
	return cb.Municipalities
}

type place struct{ column, row int }

func places(t *testing.T) map[uint16]place {
	t.Helper()
	in, err := os.Open("tiles.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	r := csv.NewReader(in)
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	at := map[uint16]place{}
	taken := map[place]uint16{}
	for _, row := range rows[1:] {
		var code uint16
		var p place
		if _, err := fmt.Sscan(strings.Join(row[:3], " "), &code, &p.column, &p.row); err != nil {
			t.Fatal(err)
		}
		if _, twice := at[code]; twice {
			t.Errorf("%d stands twice", code)
		}
		if other, shared := taken[p]; shared {
			t.Errorf("%d and %d share a tile", code, other)
		}
		if n := len([]rune(row[3])); n == 0 || n > 10 {
			t.Errorf("%q does not fit on a tile", row[3])
		}
		at[code], taken[p] = p, code
	}
	return at
}

func TestEveryMunicipalityHasATile(t *testing.T) {
	at := places(t)
	if len(at) != 98 {
		t.Errorf("%d tiles", len(at))
	}
	for _, m := range municipalities(t) {
		if _, ok := at[m.Code]; !ok {
			t.Errorf("%s has no tile", m.Name)
		}
	}
}

func TestLayoutIsDenmark(t *testing.T) {
	at := places(t)
	funen := map[uint16]bool{410: true, 420: true, 430: true, 440: true, 450: true, 461: true, 479: true, 480: true, 482: true, 492: true}
	for _, m := range municipalities(t) {
		p := at[m.Code]
		switch {
		case m.Code == 400:
			for code, q := range at {
				if q.column > p.column || (code != 400 && q.column == p.column && q.row >= p.row) {
					t.Errorf("Bornholm is not the farthest south-east: %d is", code)
				}
			}
		case funen[m.Code]:
			if p.column < 5 || p.column > 8 || p.row < 8 {
				t.Errorf("%s is not on Funen: %v", m.Name, p)
			}
		case m.Region == "Hovedstaden" || m.Region == "Sjælland":
			if p.column < 9 {
				t.Errorf("%s is not on Zealand: %v", m.Name, p)
			}
		case p.column > 7 || p.row > 9:
			t.Errorf("%s is not in Jutland: %v", m.Name, p)
		}
	}
	north := []uint16{860, 851, 840, 791, 740, 756, 630, 621, 510, 580} // down through Jutland
	for i := 1; i < len(north); i++ {
		if at[north[i]].row < at[north[i-1]].row {
			t.Errorf("%d is north of %d", north[i], north[i-1])
		}
	}
	west := []uint16{563, 561, 575, 621, 410, 461, 450, 330, 329, 269, 253, 187, 167, 185} // from Fanø to Tårnby
	for i := 1; i < len(west); i++ {
		if at[west[i]].column < at[west[i-1]].column {
			t.Errorf("%d is west of %d", west[i], west[i-1])
		}
	}
	for _, pair := range [][2]uint16{{147, 101}, {461, 450}, {751, 746}, {851, 840}, {259, 269}, {259, 336}, {265, 169}, {360, 376}, {540, 580}, {787, 773}, {550, 510}, {217, 270}, {157, 159}} {
		a, b := at[pair[0]], at[pair[1]]
		if max(a.column-b.column, b.column-a.column, a.row-b.row, b.row-a.row) != 1 {
			t.Errorf("%d and %d are neighbours, but stand at %v and %v", pair[0], pair[1], a, b)
		}
	}
}

func sample(t testing.TB) tilemap.Map {
	m := tilemap.Map{Title: "Digital andel, efterår 2012", Unit: reports.Share, Municipalities: municipalities(t), Values: map[uint16]float64{}, Own: 259,
		Marks: map[uint16]string{101: "foreløbigt"}, Link: func(code uint16) string { return fmt.Sprintf("/kommuner/%d?runde=2012E&vis=kort", code) }}
	for i, k := range m.Municipalities {
		if i%7 != 3 {
			m.Values[k.Code] = 0.2 + float64(i*37%98)/200
		}
	}
	m.Values[259] = 0.234
	m.Values[265] = 0.234
	return m
}

// elements reads the drawing as XML and calls each at every element.
func elements(t *testing.T, figure string, each func(xml.StartElement)) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(figure))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("the drawing is not well-formed: %v", err)
		}
		if e, ok := token.(xml.StartElement); ok {
			each(e)
		}
	}
}

func attribute(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

func TestDraw(t *testing.T) {
	m := sample(t)
	html, err := tilemap.HTML(m)
	if err != nil {
		t.Fatal(err)
	}
	figure := string(html)
	labels, items, ids := map[string]string{}, 0, map[string]bool{}
	elements(t, figure, func(e xml.StartElement) {
		if attribute(e, "style") != "" || strings.HasPrefix(e.Name.Local, "style") || e.Name.Local == "script" {
			t.Errorf("the content security policy forbids %v", e)
		}
		if id := attribute(e, "id"); id != "" {
			if ids[id] {
				t.Errorf("id %s stands twice", id)
			}
			ids[id] = true
		}
		if attribute(e, "role") == "listitem" {
			items++
		}
		if e.Name.Local == "a" && attribute(e, "class") == "" {
			labels[attribute(e, "href")] = attribute(e, "aria-label")
		}
	})
	if items != 98 || len(labels) != 98 {
		t.Errorf("%d items and %d links", items, len(labels))
	}
	known := 98 - strings.Count(figure, ": ingen tal\"")
	rank := 1
	for _, v := range m.Values {
		if v > 0.234 {
			rank++
		}
	}
	if got, want := labels["/kommuner/259?runde=2012E&vis=kort"], fmt.Sprintf("Køge: 23,4 %%, nr. %d af %d (din kommune)", rank, known); got != want {
		t.Errorf("Køge is called %q, not %q", got, want)
	}
	if got, want := labels["/kommuner/265?runde=2012E&vis=kort"], fmt.Sprintf("Roskilde: 23,4 %%, nr. %d af %d", rank, known); got != want {
		t.Errorf("Roskilde is called %q, not %q: equal values share a place", got, want)
	}
	if !strings.HasSuffix(labels["/kommuner/101?runde=2012E&vis=kort"], ", foreløbigt") {
		t.Errorf("København is called %q", labels["/kommuner/101?runde=2012E&vis=kort"])
	}
	for _, want := range []string{"ingen tal (", "* foreløbigt", `class="map-area map-shade-0"`, "map-own", "Spring over kortet"} {
		if !strings.Contains(figure, want) {
			t.Errorf("%q is missing", want)
		}
	}
}

func TestDrawHostileText(t *testing.T) {
	m := sample(t)
	m.Title, m.Description = `<script>alert(1)</script>`, `"><img src=x onerror=alert(1)>`
	m.Marks = map[uint16]string{101: `" onmouseover="alert(1)`}
	m.Link = func(uint16) string { return "javascript:alert(1)" }
	html, err := tilemap.HTML(m)
	if err != nil {
		t.Fatal(err)
	}
	elements(t, string(html), func(e xml.StartElement) {
		if e.Name.Local == "script" || e.Name.Local == "img" || attribute(e, "onmouseover") != "" || strings.HasPrefix(attribute(e, "href"), "javascript") {
			t.Errorf("let through: %v", e)
		}
	})
}

func TestDrawFewValues(t *testing.T) {
	for name, values := range map[string]map[uint16]float64{"none": {}, "one": {259: 0.5}, "equal": {259: 0.5, 265: 0.5}, "unknown": {999: 1}} {
		m := sample(t)
		m.Values = values
		html, err := tilemap.HTML(m)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if n := strings.Count(string(html), "<li>"); n > 3 {
			t.Errorf("%s: %d entries in the legend", name, n)
		}
	}
}

func TestLegend(t *testing.T) {
	m := sample(t)
	m.Unit = reports.Count
	m.Values = map[uint16]float64{}
	for i, k := range m.Municipalities[:10] {
		m.Values[k.Code] = float64(1000 * (i + 1))
	}
	for want, limits := range map[string][]float64{
		"1.000 – 2.000 (2 kommuner)|3.000 – 4.000 (2 kommuner)|5.000 – 6.000 (2 kommuner)|7.000 – 8.000 (2 kommuner)|9.000 – 10.000 (2 kommuner)": nil,
		"1.000 – 9.000 (9 kommuner)|10.000 (1 kommune)": {10000},
	} {
		m.Limits = limits
		html, err := tilemap.HTML(m)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range strings.Split(want, "|") {
			if !strings.Contains(string(html), "</svg> "+entry+"</li>") {
				t.Errorf("limits %v: no %q in the legend", limits, entry)
			}
		}
	}
}
