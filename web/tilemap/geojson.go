package tilemap

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"komhen/model"
)

// Limits of a file of borders. DAGI's most detailed one has some three million points.
const (
	MaxBytes    = 256 << 20
	maxPoints   = 10_000_000
	maxFeatures = 50_000
)

// geoReader walks a GeoJSON file token by token, so that neither a large file nor a hostile one fills the memory.
type geoReader struct {
	in     *json.Decoder
	points int
}

func bordersProblem(code, message string, args ...any) *model.Problem {
	return &model.Problem{Code: "borders-" + code, Message: fmt.Sprintf(message, args...)}
}

var (
	errSyntax     = bordersProblem("syntax", "Filen er ikke GeoJSON. Hent kommuneinddelingen (DAGI) som GeoJSON og prøv igen.")
	errCollection = bordersProblem("kind", "Filen er ikke en samling af områder (FeatureCollection). Hent hele kommuneinddelingen.")
)

// feature is a municipality's polygons with its code: 0 if it has none.
type feature struct {
	code     int
	polygons []orb.Polygon
	kind     string
	named    int // how good a name of codeNames the code stood under; higher is better
}

// read calls each for every feature of the collection. crs is the file's own statement, "" where it makes none.
func (g *geoReader) read(each func(feature) error) (crs string, err error) {
	collection, n := false, 0
	err = g.object(func(key string) error {
		switch key {
		case "type":
			kind, err := g.scalar()
			collection = kind == "FeatureCollection"
			if err == nil && !collection {
				err = errCollection
			}
			return err
		case "crs":
			return g.orNull(func(key string) error {
				if key != "properties" {
					return g.skip()
				}
				return g.orNull(func(key string) error {
					value, err := g.scalar()
					if name, ok := value.(string); ok && key == "name" {
						crs = name
					}
					return err
				})
			})
		case "features":
			return g.array(func() error {
				if n++; n > maxFeatures {
					return bordersProblem("large", "Filen har mere end %s områder. Hent kommuneinddelingen, ikke en finere inddeling.", model.FormatInt(maxFeatures))
				}
				f, err := g.feature()
				if err != nil {
					return err
				}
				return each(f)
			})
		}
		return g.skip()
	})
	if err == nil {
		if _, end := g.in.Token(); !errors.Is(end, io.EOF) {
			err = errSyntax
		}
	}
	var problem *model.Problem
	switch {
	case err == nil && !collection:
		return crs, errCollection
	case err == nil || errors.As(err, &problem):
		return crs, err
	}
	return crs, &model.Problem{Code: errSyntax.Code, Message: errSyntax.Message, Err: err}
}

func (g *geoReader) feature() (f feature, err error) {
	err = g.object(func(key string) error {
		switch key {
		case "properties":
			return g.orNull(func(key string) error {
				value, err := g.scalar()
				f.take(key, value)
				return err
			})
		case "geometry":
			return g.geometry(&f)
		}
		return g.skip()
	})
	return f, err
}

// geometry reads the coordinates whichever of type and coordinates comes first: how deep they nest tells the kind.
func (g *geoReader) geometry(f *feature) error {
	depth := 0
	err := g.orNull(func(key string) error {
		switch key {
		case "type":
			kind, err := g.scalar()
			f.kind, _ = kind.(string)
			return err
		case "coordinates":
			var err error
			f.polygons, depth, err = g.coordinates()
			return err
		}
		return g.skip()
	})
	if err != nil || f.kind == "" {
		return err
	}
	if f.kind != "Polygon" && f.kind != "MultiPolygon" {
		return bordersProblem("geometry", "Filen har et område af slagsen %.20q. Kommunerne skal være flader (Polygon eller MultiPolygon).", f.kind)
	}
	if want := map[string]int{"Polygon": 3, "MultiPolygon": 4}[f.kind]; depth != 0 && depth != want {
		return bordersProblem("geometry", "Et område i filen har koordinater, der ikke passer til slagsen %s.", f.kind)
	}
	return nil
}

// coordinates reads polygons out of nested arrays. depth is that of a number: 3 in a Polygon, 4 in a MultiPolygon.
func (g *geoReader) coordinates() (polygons []orb.Polygon, depth int, err error) {
	var position []float64
	var ring orb.Ring
	var polygon orb.Polygon
	level := 0
	for {
		token, err := g.in.Token()
		if err != nil {
			return nil, 0, err
		}
		switch t := token.(type) {
		case json.Delim:
			if t == '[' {
				if level++; level > 4 {
					return nil, 0, errSyntax
				}
				continue
			}
			if t != ']' {
				return nil, 0, errSyntax
			}
			if depth > 0 { // what has just ended, counted from the positions up
				switch depth - level {
				case 0:
					if len(position) < 2 {
						return nil, 0, errSyntax
					}
					ring = append(ring, orb.Point{position[0], position[1]})
					position = position[:0]
				case 1:
					g.points++ // empty rings take room too
					polygon, ring = append(polygon, ring), nil
				case 2:
					polygons, polygon = append(polygons, polygon), nil
				}
			}
			if level--; level == 0 {
				return polygons, depth, nil
			}
		case float64:
			if depth == 0 {
				depth = level
			}
			if level != depth || depth < 3 || len(position) > 8 {
				return nil, 0, errSyntax
			}
			if position = append(position, t); len(position) == 1 {
				if g.points++; g.points > maxPoints {
					return nil, 0, bordersProblem("large", "Filen har mere end %s punkter. Hent en mindre detaljeret udgave, fx 1:500.000.", model.FormatInt(maxPoints))
				}
			}
		default:
			if token == nil && level == 0 {
				return nil, 0, nil
			}
			return nil, 0, errSyntax
		}
	}
}

// object calls member at each value of an object.
func (g *geoReader) object(member func(key string) error) error {
	token, err := g.in.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('{') {
		return errSyntax
	}
	return g.members(member)
}

// orNull is object, but null is an object without members.
func (g *geoReader) orNull(member func(key string) error) error {
	token, err := g.in.Token()
	if err != nil || token == nil {
		return err
	}
	if token != json.Delim('{') {
		return errSyntax
	}
	return g.members(member)
}

func (g *geoReader) members(member func(key string) error) error {
	for g.in.More() {
		key, err := g.in.Token()
		if err != nil {
			return err
		}
		name, ok := key.(string)
		if !ok {
			return errSyntax
		}
		if err := member(name); err != nil {
			return err
		}
	}
	_, err := g.in.Token()
	return err
}

func (g *geoReader) array(item func() error) error {
	token, err := g.in.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('[') {
		return errSyntax
	}
	for g.in.More() {
		if err := item(); err != nil {
			return err
		}
	}
	_, err = g.in.Token()
	return err
}

// skip passes over a value without keeping it.
func (g *geoReader) skip() error {
	_, err := g.scalar()
	return err
}

// scalar reads a text, a number or the like; of an object or array it keeps nothing.
func (g *geoReader) scalar() (value any, err error) {
	for level := 0; ; {
		token, err := g.in.Token()
		if err != nil {
			return nil, err
		}
		switch token {
		case json.Delim('{'), json.Delim('['):
			level++
		case json.Delim('}'), json.Delim(']'):
			level--
		}
		if level > 0 {
			continue
		}
		if _, nested := token.(json.Delim); nested {
			return nil, nil
		}
		return token, nil
	}
}

// codeNames are the spellings of the property that holds the municipality code, the surest first, in lower case without _ and -.
var codeNames = []string{"kommunekode", "komkode", "kommunenr", "kommunenummer", "lau1", "lau1kode", "lau1vaerdi", "kode"}

// take keeps the code if the property is one: 259, "259" or "0259".
func (f *feature) take(property string, value any) {
	spelling := strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(property))
	rank := len(codeNames) - slices.Index(codeNames, spelling)
	if rank > len(codeNames) || rank <= f.named {
		return
	}
	code := 0
	switch v := value.(type) {
	case float64:
		if v == math.Trunc(v) && v > 0 && v < 1000 {
			code = int(v)
		}
	case string:
		code, _ = strconv.Atoi(strings.TrimSpace(v))
	}
	if code > 0 && code < 1000 {
		f.code, f.named = code, rank
	}
}

func newGeoReader(r io.Reader) *geoReader {
	in := bufio.NewReaderSize(&sizeLimit{r: r, left: MaxBytes}, 1<<16)
	if mark, err := in.Peek(3); err == nil && string(mark) == "\xef\xbb\xbf" {
		_, _ = in.Discard(3) // they are there: they were peeked at
	}
	return &geoReader{in: json.NewDecoder(in)}
}

// sizeLimit refuses what comes after the limit.
type sizeLimit struct {
	r    io.Reader
	left int64
}

func (l *sizeLimit) Read(p []byte) (int, error) {
	if l.left <= 0 {
		return 0, bordersProblem("large", "Filen er større end %d MB. Hent en mindre detaljeret udgave, fx 1:500.000.", MaxBytes>>20)
	}
	if int64(len(p)) > l.left {
		p = p[:l.left]
	}
	n, err := l.r.Read(p)
	l.left -= int64(n)
	return n, err
}
