package tilemap_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"komhen/model"
	"komhen/web/tilemap"
)

func codes(t testing.TB) []uint16 {
	var list []uint16
	for _, m := range municipalities(t) {
		list = append(list, m.Code)
	}
	return list
}

// square is a ring of GeoJSON from a corner.
func square(x, y, size float64) string {
	return fmt.Sprintf("[[%g,%g],[%g,%g],[%g,%g],[%g,%g],[%g,%g]]", x, y, x+size, y, x+size, y+size, x, y+size, x, y)
}

func feature(properties, kind, coordinates string) string {
	return fmt.Sprintf(`{"type":"Feature","properties":{%s},"geometry":{"type":%q,"coordinates":%s}}`, properties, kind, coordinates)
}

func collection(features ...string) string {
	return `{"type":"FeatureCollection","name":"prøve","features":[` + strings.Join(features, ",") + `]}`
}

func read(t *testing.T, text string) *tilemap.Borders {
	t.Helper()
	b, err := tilemap.ReadGeoJSON(strings.NewReader(text), codes(t))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestReadGeoJSON(t *testing.T) {
	degrees := collection(
		feature(`"kommunekode":"0259"`, "Polygon", "["+square(10, 56, 1)+","+square(10.4, 56.4, 0.2)+"]"),
		feature(`"KOMKODE":265,"kode":"9"`, "MultiPolygon", "[["+square(11, 56, 1)+"],["+square(11.2, 55.5, 0.2)+"]]"),
		feature(`"navn":"Christiansø","kommunekode":"0411"`, "Polygon", "["+square(15.1, 55.2, 0.1)+"]"),
		`{"type":"Feature","properties":null,"geometry":null}`,
		feature(`"lau_1":"0400"`, "Polygon", "["+square(14.7, 55, 0.4)+"]"),
		`{"geometry":{"coordinates":[`+square(9.5, 56, 0.5)+`],"type":"Polygon"},"properties":{"Kommune-Kode":101,"extra":{"a":[1,{"b":2}]}},"type":"Feature","bbox":[1,2]}`,
		feature(`"kommunekode":"265"`, "Polygon", "["+square(12, 56, 0.3)+"]"),
	)
	b := read(t, degrees)
	var drawn []uint16
	rings := map[uint16]int{}
	for _, s := range b.Shapes {
		drawn = append(drawn, s.Code)
		rings[s.Code] = len(s.Rings)
	}
	if fmt.Sprint(drawn) != "[101 259 265 400]" || fmt.Sprint(b.Unknown) != "[411]" || len(b.Missing) != 94 {
		t.Errorf("drawn %v, unknown %v, missing %d", drawn, b.Unknown, len(b.Missing))
	}
	if rings[259] != 2 || rings[265] != 3 {
		t.Errorf("rings: %v; a hole and the polygons of every feature belong to the municipality", rings)
	}
	if b.Inset == nil || b.Width > 1100 {
		t.Errorf("Bornholm is not moved: width %d, %+v", b.Width, b.Inset)
	}
	for _, s := range b.Shapes {
		for _, ring := range s.Rings {
			for i := 0; i < len(ring); i += 2 {
				if ring[i] < 0 || ring[i] > b.Width || ring[i+1] < 0 || ring[i+1] > b.Height {
					t.Fatalf("%d leaves the drawing at %d, %d", s.Code, ring[i], ring[i+1])
				}
			}
		}
	}
	receipt := strings.Join(b.Receipt(func(code uint16) string { return "Kommune" }), " ")
	for _, want := range []string{"4 kommuner fundet", "Kommune (147)", "sprunget over: 411."} {
		if !strings.Contains(receipt, want) {
			t.Errorf("the receipt does not say %q: %s", want, receipt)
		}
	}

	metres := collection(feature(`"kommunekode":"0259"`, "Polygon", "["+square(700e3, 6100e3, 40e3)+"]"), feature(`"kommunekode":"0265"`, "Polygon", "["+square(740e3, 6100e3, 40e3)+"]"))
	metres = strings.Replace(metres, `"features"`, `"crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::25832"}},"features"`, 1)
	b = read(t, "\ufeff"+metres)
	if want := []int{4, 504, 504, 504, 504, 4, 4, 4}; fmt.Sprint(b.Shapes[0].Rings[0]) != fmt.Sprint(want) {
		t.Errorf("a square became %v, not %v: north must be up", b.Shapes[0].Rings[0], want)
	}
}

func TestReadGeoJSONRefuses(t *testing.T) {
	good := feature(`"kommunekode":"0259"`, "Polygon", "["+square(10, 56, 1)+"]")
	for name, c := range map[string]struct{ text, code string }{
		"empty":              {"", "borders-syntax"},
		"not json":           {"PK\x03\x04", "borders-syntax"},
		"an array":           {"[1,2]", "borders-syntax"},
		"cut off":            {collection(good)[:100], "borders-syntax"},
		"more after it":      {collection(good) + "{}", "borders-syntax"},
		"topojson":           {`{"type":"Topology","arcs":[]}`, "borders-kind"},
		"a feature alone":    {good, "borders-kind"},
		"no type":            {`{"features":[` + good + `]}`, "borders-kind"},
		"no features":        {collection(), "borders-codes"},
		"no codes":           {collection(feature(`"navn":"Køge"`, "Polygon", "["+square(10, 56, 1)+"]")), "borders-codes"},
		"other codes":        {collection(feature(`"kode":"1084"`, "Polygon", "["+square(10, 56, 1)+"]")), "borders-codes"},
		"no area":            {collection(feature(`"kode":"0259"`, "Polygon", "[[[10,56],[11,56]]]")), "borders-codes"},
		"points":             {collection(feature(`"kode":"0259"`, "Point", "[10,56]")), "borders-syntax"},
		"lines":              {collection(feature(`"kode":"0259"`, "MultiLineString", "["+square(10, 56, 1)+"]")), "borders-geometry"},
		"too deep":           {collection(feature(`"kode":"0259"`, "Polygon", "[[[[[10,56]]]]]")), "borders-syntax"},
		"kind and depth":     {collection(feature(`"kode":"0259"`, "MultiPolygon", "["+square(10, 56, 1)+"]")), "borders-geometry"},
		"text in a place":    {collection(feature(`"kode":"0259"`, "Polygon", `[[["10",56]]]`)), "borders-syntax"},
		"half a place":       {collection(feature(`"kode":"0259"`, "Polygon", `[[[10]]]`)), "borders-syntax"},
		"latitude first":     {collection(feature(`"kode":"0259"`, "Polygon", "["+square(56, 10, 1)+"]")), "borders-outside"},
		"another projection": {collection(feature(`"kode":"0259"`, "Polygon", "["+square(1.1e6, 7.5e6, 1e4)+"]")), "borders-outside"},
		"another zone":       {`{"crs":{"properties":{"name":"EPSG:25833"}},` + collection(feature(`"kode":"0259"`, "Polygon", "["+square(5e5, 6.2e6, 1e4)+"]"))[1:], "borders-projection"},
		"mixed":              {collection(good, feature(`"kode":"0265"`, "Polygon", "["+square(7e5, 6.1e6, 1e4)+"]")), "borders-mixed"},
	} {
		_, err := tilemap.ReadGeoJSON(strings.NewReader(c.text), codes(t))
		var problem *model.Problem
		if !errors.As(err, &problem) || problem.Code != c.code {
			t.Errorf("%s: %v, not %s", name, err, c.code)
		}
	}
	long := collection(strings.Repeat(`{"type":"Feature"},`, 60_000) + good)
	var problem *model.Problem
	if _, err := tilemap.ReadGeoJSON(strings.NewReader(long), codes(t)); !errors.As(err, &problem) || problem.Code != "borders-large" {
		t.Errorf("60,000 features: %v", err)
	}
}

func TestBordersKeepAndDraw(t *testing.T) {
	b := read(t, collection(feature(`"kode":"0259"`, "Polygon", "["+square(10, 56, 1)+"]"), feature(`"kode":"0265"`, "Polygon", "["+square(11, 56, 1)+"]")))
	b.Source = "Indeholder data fra <Klimadatastyrelsen>"
	var kept bytes.Buffer
	if err := json.NewEncoder(&kept).Encode(b); err != nil {
		t.Fatal(err)
	}
	again, err := tilemap.LoadBorders(&kept)
	if err != nil {
		t.Fatal(err)
	}
	first, err := b.HTML(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	second, err := again.HTML(sample(t))
	if err != nil {
		t.Fatal(err)
	}
	if first != second {
		t.Error("the borders are drawn differently after they were kept")
	}
	var paths []string
	elements(t, string(first), func(e xml.StartElement) {
		if e.Name.Local == "path" {
			paths = append(paths, attribute(e, "d"))
		}
	})
	if len(paths) != 2 || !strings.HasPrefix(paths[0], "M") {
		t.Errorf("paths: %q", paths)
	}
	if !strings.Contains(string(first), "&lt;Klimadatastyrelsen&gt;") || !strings.Contains(string(first), `aria-label="Køge: 23,4 %`) {
		t.Error("source or label is missing")
	}
	for _, broken := range []string{"", "{}", `{"width":10,"height":10,"shapes":[{"code":1,"rings":[[1,2,3]]}]}`} {
		if _, err := tilemap.LoadBorders(strings.NewReader(broken)); err == nil {
			t.Errorf("%q was loaded", broken)
		}
	}
}

// fromTopology turns the real borders, where they are, into GeoJSON.
func fromTopology(t *testing.T) (string, map[[2]string]bool) {
	t.Helper()
	body, err := os.ReadFile(filepath.FromSlash("../../../shared/domain/data/kommuner.topojson"))
	if err != nil {
		t.Skip("the real borders are not here: ", err)
	}
	var top struct {
		Arcs      [][][2]float64
		Transform struct{ Scale, Translate [2]float64 }
		Objects   map[string]struct {
			Geometries []struct {
				Type       string
				Properties map[string]any
				Arcs       json.RawMessage
			}
		}
	}
	if err := json.Unmarshal(body, &top); err != nil {
		t.Fatal(err)
	}
	if top.Transform.Scale[0] != 0 {
		for _, arc := range top.Arcs {
			x, y := 0.0, 0.0
			for i, p := range arc {
				x, y = x+p[0], y+p[1]
				arc[i] = [2]float64{x*top.Transform.Scale[0] + top.Transform.Translate[0], y*top.Transform.Scale[1] + top.Transform.Translate[1]}
			}
		}
	}
	users := map[int][]string{}
	ring := func(code string, arcs []int) [][2]float64 {
		var line [][2]float64
		for _, a := range arcs {
			arc := top.Arcs[max(a, ^a)]
			users[max(a, ^a)] = append(users[max(a, ^a)], code)
			for i := range arc {
				p := arc[i]
				if a < 0 {
					p = arc[len(arc)-1-i]
				}
				if i > 0 || len(line) == 0 {
					line = append(line, p)
				}
			}
		}
		return line
	}
	var features []string
	for _, object := range top.Objects {
		for _, g := range object.Geometries {
			var polygons [][][]int
			if g.Type == "Polygon" {
				polygons = make([][][]int, 1)
				err = json.Unmarshal(g.Arcs, &polygons[0])
			} else {
				err = json.Unmarshal(g.Arcs, &polygons)
			}
			if err != nil {
				t.Fatal(err)
			}
			code := ""
			for _, name := range []string{"kommunekode", "kode", "KOMKODE"} {
				if v, ok := g.Properties[name]; ok {
					code = fmt.Sprint(v)
				}
			}
			var out [][][][2]float64
			for _, p := range polygons {
				var rings [][][2]float64
				for _, arcs := range p {
					rings = append(rings, ring(code, arcs))
				}
				out = append(out, rings)
			}
			coordinates, err := json.Marshal(out)
			if err != nil {
				t.Fatal(err)
			}
			features = append(features, feature(fmt.Sprintf(`"kommunekode":%q`, code), "MultiPolygon", string(coordinates)))
		}
	}
	neighbours := map[[2]string]bool{}
	for _, u := range users {
		for _, a := range u {
			for _, b := range u {
				if a < b {
					neighbours[[2]string{a, b}] = true
				}
			}
		}
	}
	return collection(features...), neighbours
}

func TestRealBorders(t *testing.T) {
	geojson, neighbours := fromTopology(t)
	b := read(t, geojson)
	if len(b.Shapes) != 98 || len(b.Missing) > 0 {
		t.Errorf("%d municipalities, %v missing", len(b.Shapes), b.Missing)
	}
	if b.Inset == nil || b.Height < b.Width || b.Kept > b.Points {
		t.Errorf("%d × %d, inset %v, %d of %d points", b.Width, b.Height, b.Inset, b.Kept, b.Points)
	}
	// The tiles are laid out so that neighbours mostly stay neighbours.
	at := places(t)
	near, all := 0, 0
	for pair := range neighbours {
		var c [2]uint16
		for i, text := range pair {
			if _, err := fmt.Sscan(strings.TrimLeft(text, "0"), &c[i]); err != nil {
				t.Fatal(err)
			}
		}
		p, q := at[c[0]], at[c[1]]
		all++
		distance := max(p.column-q.column, q.column-p.column, p.row-q.row, q.row-p.row)
		if distance == 1 {
			near++
		}
		if distance > 3 {
			t.Errorf("%v are neighbours, but %d tiles apart", c, distance)
		}
	}
	t.Logf("%d of %d neighbours touch; %d of %d points kept", near, all, b.Kept, b.Points)
	if near*10 < all*7 {
		t.Errorf("only %d of %d neighbours touch", near, all)
	}
}

// FuzzReadGeoJSON: whatever the file, it is refused with a sentence or drawn within the drawing.
func FuzzReadGeoJSON(f *testing.F) {
	f.Add(collection(feature(`"kommunekode":"0259"`, "Polygon", "["+square(10, 56, 1)+"]")))
	f.Add(collection(feature(`"kode":265`, "MultiPolygon", "[["+square(11, 56, 1)+"],["+square(11.2, 55.5, 0.0001)+"]]"), feature(`"kode":400`, "Polygon", "["+square(14.7, 55, 0.4)+"]")))
	f.Add(collection(feature(`"kode":"0259"`, "Polygon", "["+square(7e5, 6.1e6, 1e4)+"]")))
	f.Add(collection(feature(`"kode":"0259"`, "Polygon", "[[[10,56],[10,56],[10,56],[10,56]],[]]")))
	f.Add(`{"type":"FeatureCollection","crs":null,"features":[{"geometry":{"coordinates":null}}]}`)
	list := codes(f)
	m := sample(f)
	f.Fuzz(func(t *testing.T, text string) {
		b, err := tilemap.ReadGeoJSON(strings.NewReader(text), list)
		if err != nil {
			var problem *model.Problem
			if !errors.As(err, &problem) || problem.Message == "" {
				t.Fatalf("not an answer: %v", err)
			}
			return
		}
		for _, s := range b.Shapes {
			for _, ring := range s.Rings {
				for i := 0; i < len(ring); i += 2 {
					if ring[i] < -4 || ring[i] > b.Width+4 || ring[i+1] < -4 || ring[i+1] > b.Height+4 {
						t.Fatalf("%d leaves the drawing (%d × %d) at %d, %d", s.Code, b.Width, b.Height, ring[i], ring[i+1])
					}
				}
			}
		}
		kept, err := json.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		if b, err = tilemap.LoadBorders(bytes.NewReader(kept)); err != nil {
			t.Fatal(err)
		}
		if _, err := b.HTML(m); err != nil {
			t.Fatal(err)
		}
	})
}
