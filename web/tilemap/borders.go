package tilemap

import (
	"cmp"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/paulmach/orb/project"
	"github.com/paulmach/orb/simplify"

	"komhen/model"
)

// Borders are the municipalities' true borders, simplified for a drawing of Width by Height. They come from ReadGeoJSON,
// are kept as JSON (json.Marshal, LoadBorders) and are drawn with Draw.
type Borders struct {
	Width  int     `json:"width"`
	Height int     `json:"height"`
	Source string  `json:"source"` // shown below the map: the licence of the geometry asks for it
	Shapes []Shape `json:"shapes"`
	Inset  *Inset  `json:"inset,omitempty"`

	// What the file lacked, for the operator's receipt; not kept.
	Missing []uint16 `json:"-"`
	Unknown []uint16 `json:"-"`
	Points  int      `json:"-"` // points read
	Kept    int      `json:"-"` // points kept
}

// Shape is one municipality: rings of x, y, x, y … in the units of the drawing, and where its value is printed.
type Shape struct {
	Code  uint16  `json:"code"`
	Rings [][]int `json:"rings"`
	X     int     `json:"x"`
	Y     int     `json:"y"`
	Roomy bool    `json:"roomy,omitempty"` // the value fits
}

// Inset is the frame around Bornholm, which is drawn closer than it lies.
type Inset struct {
	X int `json:"x"`
	Y int `json:"y"`
	W int `json:"w"`
	H int `json:"h"`
}

const (
	drawingWidth = 1000  // of Denmark without Bornholm, in units
	detail       = 60000 // square metres: corners that change less than this are left out
	least        = 250e3 // square metres: smaller holes are left out
	bornholm     = 400
)

// ReadGeoJSON reads a FeatureCollection of municipalities (Polygon or MultiPolygon, WGS84 or EPSG:25832; several features of
// one municipality are joined) and simplifies it. codes are the municipalities there are. What is missing or unknown is
// told in the result; a file without any known municipality, or that is not what it should be, is a *model.Problem.
func ReadGeoJSON(r io.Reader, codes []uint16) (*Borders, error) {
	known := map[uint16]bool{}
	for _, c := range codes {
		known[c] = true
	}
	found := map[uint16]orb.MultiPolygon{}
	b := &Borders{}
	var metric, degrees bool
	without := 0
	g := newGeoReader(r)
	crs, err := g.read(func(f feature) error {
		if f.code == 0 {
			without++
			return nil
		}
		code := uint16(f.code)
		if !known[code] {
			if !slices.Contains(b.Unknown, code) {
				b.Unknown = append(b.Unknown, code)
			}
			return nil
		}
		for _, p := range f.polygons {
			flat, isMetric, err := flatten(p)
			if err != nil {
				return err
			}
			if len(flat) == 0 {
				continue
			}
			metric, degrees = metric || isMetric, degrees || !isMetric
			found[code] = append(found[code], thin(flat, isMetric)...)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if metric && degrees {
		return nil, bordersProblem("mixed", "Filen blander koordinater i grader og i meter. Hent den igen i ét koordinatsystem.")
	}
	if crs != "" && metric && !strings.Contains(crs, "25832") {
		return nil, bordersProblem("projection", "Filens koordinatsystem er %.60q. Hent den i WGS84 eller i EPSG:25832 (ETRS89/UTM32).", crs)
	}
	for _, c := range codes {
		if len(found[c]) == 0 {
			b.Missing = append(b.Missing, c)
		}
	}
	if len(found) == 0 {
		if without > 0 {
			return nil, bordersProblem("codes", "Ingen af filens områder har en kommunekode. Den skal stå i egenskaben kommunekode, KOMKODE eller kode.")
		}
		return nil, bordersProblem("codes", "Filen har ingen danske kommuner. Hent kommuneinddelingen (DAGI).")
	}
	slices.Sort(b.Unknown)
	b.Points = g.points
	b.fit(found)
	return b, nil
}

// Denmark, in degrees and in metres of EPSG:25832; what lies outside is another country or another projection.
var (
	inDegrees = orb.Bound{Min: orb.Point{7, 54}, Max: orb.Point{16, 58.5}}
	inMetres  = orb.Bound{Min: orb.Point{400e3, 6000e3}, Max: orb.Point{1000e3, 6500e3}}
)

// flatten turns a polygon into metres on a plane, y southwards. Rings that are no rings are left out.
func flatten(p orb.Polygon) (flat orb.Polygon, metric bool, err error) {
	for i, ring := range p {
		if len(ring) < 4 {
			if i == 0 {
				return nil, false, nil // its holes have nothing to be in
			}
			continue
		}
		if i == 0 {
			metric = math.Abs(ring[0][0]) > 180 || math.Abs(ring[0][1]) > 90
		}
		within := inDegrees
		if metric {
			within = inMetres
		}
		for k, at := range ring {
			if !within.Contains(at) {
				return nil, false, bordersProblem("outside", "Filen har et punkt uden for Danmark: %.6g, %.6g. Koordinaterne skal være længde og bredde i WGS84, eller øst og nord i EPSG:25832.", at[0], at[1])
			}
			if !metric {
				at = project.WGS84.ToMercator(at)
			}
			ring[k] = orb.Point{at[0], -at[1]}
		}
		if ring[0] != ring[len(ring)-1] {
			ring = append(ring, ring[0])
		}
		flat = append(flat, ring)
	}
	return flat, metric, nil
}

// thin leaves out corners and holes that cannot be seen. Islands that are too small vanish when they are rounded (shape).
func thin(p orb.Polygon, metric bool) orb.MultiPolygon {
	scale := 1.0
	if !metric {
		scale = 3.2 // Mercator draws areas at 56° north this much larger
	}
	kept := orb.Polygon{}
	for i, ring := range p {
		if i == 0 || math.Abs(planar.Area(ring)) >= least*scale {
			kept = append(kept, simplify.VisvalingamThreshold(detail*scale).Ring(ring))
		}
	}
	return orb.MultiPolygon{kept}
}

// fit places the shapes on the drawing and rounds them to its units.
func (b *Borders) fit(found map[uint16]orb.MultiPolygon) {
	whole, island := orb.MultiPolygon{}.Bound(), found[bornholm].Bound()
	for code, m := range found {
		if code != bornholm || len(found) == 1 {
			whole = join(whole, m.Bound())
		}
	}
	size := whole.Max[0] - whole.Min[0]
	if size <= 0 {
		size = 1
	}
	scale := drawingWidth / size
	const margin = 4
	b.Width = drawingWidth + 2*margin
	b.Height = min(int(math.Ceil((whole.Max[1]-whole.Min[1])*scale))+2*margin, 20*drawingWidth)
	shift := orb.Point{}
	if len(found[bornholm]) > 0 && len(found) > 1 && island.Min[0] > whole.Max[0] {
		const air = 14
		w, h := int(math.Ceil((island.Max[0]-island.Min[0])*scale)), int(math.Ceil((island.Max[1]-island.Min[1])*scale))
		b.Inset = &Inset{X: b.Width - margin - w - 2*air, Y: margin, W: w + 2*air, H: h + 2*air}
		shift = orb.Point{float64(b.Inset.X+air-margin)/scale + whole.Min[0] - island.Min[0], float64(b.Inset.Y+air-margin)/scale + whole.Min[1] - island.Min[1]}
		b.Height = max(b.Height, b.Inset.H+2*margin)
	}
	codes := make([]uint16, 0, len(found))
	for code := range found {
		codes = append(codes, code)
	}
	slices.Sort(codes)
	for _, code := range codes {
		move := orb.Point{}
		if b.Inset != nil && code == bornholm {
			move = shift
		}
		b.Shapes = append(b.Shapes, b.shape(code, found[code], func(p orb.Point) (x, y int) {
			return int(math.Round((p[0]+move[0]-whole.Min[0])*scale)) + margin, int(math.Round((p[1]+move[1]-whole.Min[1])*scale)) + margin
		}))
	}
}

func join(a, b orb.Bound) orb.Bound {
	if a.IsEmpty() {
		return b
	}
	return a.Union(b)
}

// shape rounds a municipality's rings, without the islands that shrink to nothing unless there is nothing else.
func (b *Borders) shape(code uint16, m orb.MultiPolygon, place func(orb.Point) (int, int)) Shape {
	slices.SortStableFunc(m, func(x, y orb.Polygon) int {
		return cmp.Compare(math.Abs(planar.Area(y)), math.Abs(planar.Area(x)))
	})
	s := Shape{Code: code}
	for i, p := range m {
		for k, ring := range p {
			var line []int
			for _, at := range ring[:len(ring)-1] {
				x, y := place(at)
				if n := len(line); n == 0 || line[n-2] != x || line[n-1] != y {
					line = append(line, x, y)
				}
			}
			if len(line) < 6 {
				if i > 0 || k > 0 {
					continue
				}
				x, y := place(ring[0])
				line = []int{x - 1, y - 1, x + 1, y - 1, x + 1, y + 1, x - 1, y + 1}
			}
			s.Rings = append(s.Rings, line)
			b.Kept += len(line) / 2
		}
	}
	var largest orb.Polygon
	for _, ring := range m[0] {
		var line orb.Ring
		for _, at := range ring {
			x, y := place(at)
			line = append(line, orb.Point{float64(x), float64(y)})
		}
		largest = append(largest, line)
	}
	s.X, s.Y, s.Roomy = middle(largest)
	return s
}

// middle is where a value is printed: in the middle if it fits there, or as near to it as it fits.
func middle(p orb.Polygon) (x, y int, roomy bool) {
	const halfWidth, halfHeight = 19, 7
	centre, _ := planar.CentroidArea(p)
	if len(p[0]) > 20_000 { // no municipality is so ragged, and looking for room would take long
		return int(centre[0]), int(centre[1]), false
	}
	fits := func(at orb.Point) bool {
		for dx := -halfWidth; dx <= halfWidth; dx += halfWidth / 2 {
			for _, dy := range []float64{-halfHeight, 0, halfHeight} {
				if !planar.PolygonContains(p, orb.Point{at[0] + float64(dx), at[1] + dy}) {
					return false
				}
			}
		}
		return true
	}
	best, least := centre, math.Inf(1)
	if fits(centre) {
		return int(centre[0]), int(centre[1]), true
	}
	bound := p.Bound()
	step := max(3, (bound.Max[0]-bound.Min[0])/60, (bound.Max[1]-bound.Min[1])/60)
	for across := bound.Min[0] + halfWidth; across <= bound.Max[0]-halfWidth; across += step {
		for down := bound.Min[1] + halfHeight; down <= bound.Max[1]-halfHeight; down += step {
			at := orb.Point{across, down}
			if far := planar.DistanceSquared(at, centre); far < least && fits(at) {
				best, least = at, far
			}
		}
	}
	return int(math.Round(best[0])), int(math.Round(best[1])), !math.IsInf(least, 1)
}

// LoadBorders reads what json.Marshal wrote of a Borders, and holds it to what can be drawn.
func LoadBorders(r io.Reader) (*Borders, error) {
	b := &Borders{}
	if err := json.NewDecoder(io.LimitReader(r, MaxBytes)).Decode(b); err != nil {
		return nil, fmt.Errorf("reading the borders: %w", err)
	}
	if b.Width <= 0 || b.Height <= 0 || len(b.Shapes) == 0 {
		return nil, fmt.Errorf("reading the borders: nothing to draw")
	}
	for _, s := range b.Shapes {
		for _, ring := range s.Rings {
			if len(ring) < 6 || len(ring)%2 != 0 {
				return nil, fmt.Errorf("reading the borders: municipality %d has a broken ring", s.Code)
			}
		}
	}
	return b, nil
}

// Draw writes the same figure as the package's Draw, with true borders.
func (b *Borders) Draw(w io.Writer, m Map) error {
	d := m.drawing()
	d.Width, d.Height, d.Source = b.Width, b.Height, b.Source
	d.Inset = &box{}
	if b.Inset != nil {
		d.Inset = &box{b.Inset.X, b.Inset.Y, b.Inset.W, b.Inset.H}
	}
	for _, s := range b.Shapes {
		a := d.area(s.Code)
		a.CX, a.CY, a.Small, a.Path = s.X, s.Y, !s.Roomy, s.path()
		d.Areas = append(d.Areas, a)
	}
	// The viewer's own last, so that its frame is not covered by the neighbours.
	slices.SortStableFunc(d.Areas, func(a, b area) int { return btoi(a.Own) - btoi(b.Own) })
	return d.write(w)
}

// HTML is Draw for templates.
func (b *Borders) HTML(m Map) (template.HTML, error) {
	var out strings.Builder
	err := b.Draw(&out, m)
	return template.HTML(out.String()), err
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// path is the outline as SVG writes it, each point relative to the one before.
func (s Shape) path() string {
	var out strings.Builder
	for _, ring := range s.Rings {
		fmt.Fprintf(&out, "M%d %d", ring[0], ring[1])
		for i := 2; i < len(ring); i += 2 {
			fmt.Fprintf(&out, "l%d %d", ring[i]-ring[i-2], ring[i+1]-ring[i-1])
		}
		out.WriteString("z")
	}
	return out.String()
}

// Receipt says in Danish what became of a file of borders: how many municipalities, and what was missing or unknown.
func (b *Borders) Receipt(name func(code uint16) string) []string {
	lines := []string{fmt.Sprintf("%s fundet. Af %s punkter er %s nok til kortet.", municipalities(len(b.Shapes)), model.FormatInt(int64(b.Points)), model.FormatInt(int64(b.Kept)))}
	if len(b.Missing) > 0 {
		var names []string
		for _, c := range b.Missing {
			names = append(names, fmt.Sprintf("%s (%d)", name(c), c))
		}
		lines = append(lines, "Mangler i filen: "+strings.Join(names, ", ")+". De vises ikke på kortet.")
	}
	if len(b.Unknown) > 0 {
		lines = append(lines, fmt.Sprintf("Koder i filen, som ikke er kommuner, er sprunget over: %v.", strings.Trim(fmt.Sprint(b.Unknown), "[]")))
	}
	return lines
}
