package ingest

import (
	"regexp"
	"strings"

	"komhen/model"
)

// proposer guesses which column is which, from the columns' names and from what stands in them. A person decides.
type proposer struct {
	*Preview
	book   *model.Codebook
	fields map[string]Field
	taken  map[int]bool
	folded []string
}

// hints are parts of names, folded, that other systems use.
var hints = map[parameter][]string{
	pMunicipality: {"kommune"}, pUnit: {"enhed", "afdeling", "lokation", "center", "postkasse", "sted", "team", "koe", "gruppe"},
	pSubject: {"opgave", "kle", "ydelse", "sagstype", "emne", "aerinde", "side", "sti"}, pChannel: {"kanal", "retning", "medie", "form", "indgang"},
	pType: {"henvendelsestype", "type", "kategori"}, pClosing: {"afslutning", "resultat", "status", "udfald"}, pForm: {"blanket", "formular", "skema"},
	pDate: {"dato", "tidspunkt", "dag", "modtaget", "oprettet"}, pStart: {"start", "begyndt", "kaldt", "besvaret"}, pEnd: {"slut", "afsluttet", "faerdig"},
	pID: {"kildeid", "billet", "id", "nummer", "nr", "guid"}, pAmount: {"antal", "besoeg", "visninger", "hits"},
}

// proposalOrder: what is told best by its content comes first.
var proposalOrder = []string{"dato", "opgave", "kanal", "blanket", "afslutning", "type", "kommune", "start", "slut", "antal", "kilde_id", "enhed"}

const (
	hinted = 3 // points for a name, and for content
	sure   = 4
)

func (p *proposer) propose() Mapping {
	p.fields, p.taken, p.folded = map[string]Field{}, map[int]bool{}, foldedHeader(p.Header)
	for _, name := range proposalOrder {
		is, _ := fieldParameter(name)
		best, points, field := -1, hinted-1, Field{}
		for i := range p.Header {
			if p.taken[i] || i >= len(p.folded) || p.folded[i] == "" || p.double(i) {
				continue
			}
			if f, n := p.judge(is, i); n > points {
				best, points, field = i, n, f
			}
		}
		if best >= 0 {
			p.taken[best] = true
			p.fields[name] = field
		}
	}
	p.addClock()
	m := Mapping{Version: MappingVersion, Header: p.Header, Fields: p.fields}
	for i, name := range p.Header {
		if !p.taken[i] && name != "" {
			m.Leave = append(m.Leave, name)
		}
	}
	return m
}

func (p *proposer) double(i int) bool {
	n := 0
	for _, f := range p.folded {
		if f == p.folded[i] {
			n++
		}
	}
	return n > 1
}

// judge gives points to a column for being a parameter, and how it would be read.
func (p *proposer) judge(is parameter, i int) (f Field, points int) {
	f.Columns = []string{p.Header[i]}
	if headerNames[p.folded[i]] == is {
		points = 2 * sure
	}
	for _, hint := range hints[is] {
		if points == 0 && (strings.Contains(p.folded[i], hint) && len(hint) > 3 || p.folded[i] == hint || strings.HasSuffix(p.folded[i], hint)) {
			points = hinted
		}
	}
	c := &p.Columns[i]
	if c.Filled == 0 {
		return f, points
	}
	known := map[parameter]func(string) string{
		pSubject: func(s string) string {
			if k, ok := model.ParseKLE(s); ok {
				return k.String()
			}
			return ""
		},
		pChannel: func(s string) string {
			if ch := p.book.Channel(p.book.ChannelID(s)); ch != nil {
				return ch.Code
			}
			return ""
		},
		pType: func(s string) string {
			if t := p.book.Type(p.book.TypeID(s)); t != nil {
				return t.Code
			}
			return ""
		},
		pClosing: func(s string) string {
			if x := p.book.Closing(p.book.ClosingID(s)); x != nil {
				return x.Code
			}
			return ""
		},
		pForm: func(s string) string {
			if x := p.book.Form(p.book.FormID(s)); x != nil {
				return x.Code
			}
			return ""
		},
	}[is]
	switch {
	case is == pSubject && points == 0 && c.share(clockTime.MatchString) > 0.8: // 10.05 is a time of day, unless the name says otherwise
		return f, 0
	case known != nil:
		share := c.share(func(s string) bool { return known(s) != "" })
		if share >= 0.5 {
			points += sure
		}
		if share < 1 && points > 0 && c.Values != nil {
			f.Codes = map[string]string{}
			for _, value := range c.Values {
				if !model.MaskedCPR(value) && !strings.EqualFold(value, null) {
					f.Codes[value] = known(value)
				}
			}
		}
	case is == pDate:
		if format, ok := p.dateFormat(c); ok {
			f.Format = format
			return f, points + sure
		}
		return f, 0
	case is == pStart || is == pEnd:
		format, ok := p.dateFormat(c)
		if f.Format = format; !ok && c.share(clockTime.MatchString) <= 0.8 {
			return f, 0
		}
	case is == pMunicipality:
		if c.share(func(s string) bool { return p.book.MunicipalityCode(s) != 0 }) < 0.9 {
			return f, 0
		}
	case is == pAmount:
		var ok bool
		f.Format, ok = c.bestFormat(AmountFormats, func(format, s string) bool { s = plainAmount(s, format); return num(s, 0, len(s)) >= 0 })
		if !ok {
			return f, 0
		}
	case is == pID:
		if c.Values != nil && len(c.Values) < c.Filled { // an id stands once
			return f, 0
		}
	}
	return f, points
}

var plainClock = regexp.MustCompile(`^([01]\d|2[0-3])[0-5]\d$`)

var clockTime = regexp.MustCompile(`^\d{1,2}[:.]\d\d([:.]\d\d)?$`)

// dateFormat finds the form that most of a column's dates have.
func (p *proposer) dateFormat(c *PreviewColumn) (string, bool) {
	return c.bestFormat(DateFormats, func(format, s string) bool { _, why := dateReader(format).read(s); return why == "" })
}

// bestFormat is the form that most cells have, our own before others; ok when it is the form of the column.
func (c *PreviewColumn) bestFormat(formats []string, fits func(format, s string) bool) (best string, ok bool) {
	most := 0.0
	for _, format := range append([]string{""}, formats...) {
		if share := c.share(func(s string) bool { return fits(format, s) }); share > most {
			best, most = format, share
		}
	}
	return best, most > 0.6
}

// share is how many of a column's cells are so, from 0 to 1; of its values that are remembered.
func (c *PreviewColumn) share(is func(string) bool) float64 {
	yes, all := 0, 0
	for value, n := range c.counts {
		if strings.EqualFold(value, null) {
			continue
		}
		all += n
		if is(value) {
			yes += n
		}
	}
	if all == 0 {
		return 0
	}
	return float64(yes) / float64(all)
}

// addClock puts a date and the time of day that stands in a column of its own together.
func (p *proposer) addClock() {
	date, ok := p.fields["dato"]
	if !ok {
		return
	}
	isClock := func(i int) bool {
		named := strings.HasPrefix(p.folded[i], "kl") || strings.Contains(p.folded[i], "tid")
		return p.Columns[i].share(clockTime.MatchString) > 0.8 || named && p.Columns[i].share(plainClock.MatchString) > 0.8
	}
	whole := func(name string) bool { // has a time of day already
		for i, column := range p.Header {
			if column == name {
				return p.Columns[i].share(func(s string) bool {
					m, why := dateReader(date.Format).read(s)
					return why == "" && m.Clock() != 0
				}) > 0
			}
		}
		return false
	}
	if whole(date.Columns[0]) {
		return
	}
	clocks := ""
	for _, name := range []string{"start", "slut"} {
		f, ok := p.fields[name]
		for i, column := range p.Header {
			if ok && column == f.Columns[0] && isClock(i) {
				p.fields[name] = Field{Columns: []string{date.Columns[0], column}, Format: date.Format}
				if clocks == "" {
					clocks = column
				}
			}
		}
	}
	for i, column := range p.Header {
		if i < len(p.folded) && clocks == "" && !p.taken[i] && !p.double(i) && isClock(i) {
			p.taken[i], clocks = true, column
		}
	}
	if clocks != "" {
		p.fields["dato"] = Field{Columns: []string{date.Columns[0], clocks}, Format: date.Format}
	}
}
