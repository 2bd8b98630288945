package ingest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"komhen/model"
	"komhen/queries"
)

// terms are what all rows of one upload are checked against. It is shared by the workers and read-only, save for sources.
type terms struct {
	book         *model.Codebook
	plan         *plan
	kle          map[model.KLE]string // KL's tree, empty when none is imported
	municipality uint16               // 0: each row its own
	source       string               // for rows without a Datakilde
	kind         model.Kind
	test         bool
	salt         uint32
	received     model.Moment
	sources      *sourceList
	unitNames    *unitNames
	fix          *fixTarget
	damaged      bool // the text has bytes that are no characters
	central      bool // centrally delivered statistics: R03 allows them no Enhed
	delivering   bool // it is counted what each municipality has in the file
	part         bool // of the file, only the municipality's own rows are read
}

// checker checks rows. Each worker has its own: it remembers what a cell's text meant the last time it was seen.
type checker struct {
	*terms
	channels, types, closings, forms *memory[uint8]
	byID                             [256]*model.Channel
	straks                           uint8
	municipalities                   *memory[uint16]
	subjects                         *memory[subject]
	units                            *memory[cleanText]
	sourceIDs                        *memory[sourceID]
	proposals                        map[parameter]*memory[string] // nearest codes of what was written instead
	days                             calendar
	dates                            *memory[dated]
	tally                            *tally
	sum                              bagSum // of a repeated file
	buf                              []byte
	locals                           []local
	extra                            []byte          // of the rows of the current chunk
	row                              *queries.Row    // the current one, in rows
	rows                             []queries.Row   // of the current chunk
	roads                            []road          // beside rows
	fetched                          uint64          // see pipeline.fetch
	findings                         []model.Finding // of the current row
	virtual                          []string        // parameters of the current row that a profile derives
	place                            int             // of the current row's task in the codebook, or -1
	day                              *day            // of the current row's date
	unit                             *cleanText      // of the current row; nil without one
	hits                             bool            // the current row holds a CPR-shaped value
	rejects                          bool
	others                           bool // the current row is not of the municipality whose part is read
}

type subject struct {
	kle   model.KLE
	known bool   // in a package or in KL's tree
	place int    // in the codebook's list, -1 when it is not there
	why   string // Danish, empty when the number is well formed
	mend  string // the only possible mending of an Excel-damaged number
	harm  string // what the damage is
}

type cleanText struct {
	text     string
	mojibake string // the mended text, when only one is possible
	number   int    // in the checker's tally
	stored   uint16 // its number in the database, once a row that is good has it
}

type sourceID struct {
	id     uint16
	folded string
}

func newChecker(t *terms) *checker {
	c := &checker{terms: t, days: newCalendar(t.book), tally: newTally(t.book), row: &queries.Row{},
		channels: newMemory(t.book.ChannelID), types: newMemory(t.book.TypeID), closings: newMemory(t.book.ClosingID), forms: newMemory(t.book.FormID),
		municipalities: newMemory(t.book.MunicipalityCode), sourceIDs: newMemory(t.sources.find),
		proposals: map[parameter]*memory[string]{}}
	c.straks = t.book.ClosingID("STRAKS")
	for id := range c.byID {
		c.byID[id] = t.book.Channel(uint8(id))
	}
	c.subjects, c.dates = newMemory(c.readSubject), newMemory(c.readDate)
	c.units = newMemory(func(text string) cleanText {
		unit := cleanUnit(text)
		unit.number = c.tally.number(unit.text)
		return unit
	})
	return c
}

// dated is what a text of ten characters stands for, when it is a date in the usual form.
type dated struct {
	date model.Date
	ok   bool
}

func (c *checker) readDate(text string) dated {
	d, ok := commonDate(text)
	return dated{d, ok}
}

// read is parseMoment with a memory for dates: a file holds few, and each row up to three.
func (c *checker) read(text string) (m model.Moment, why string) {
	if len(text) == 10 || len(text) == 19 {
		if d := c.dates.of(text[:10]); d.ok {
			if m, ok := commonClock(d.date, text[10:]); ok {
				return m, ""
			}
		}
	}
	return parseMoment(text)
}

const null = "NULL"

// cell is the trimmed text of a parameter, and whether the cell says NULL.
func (c *checker) cell(cells []string, is parameter) (text string, isNull bool) {
	i := c.plan.at[is]
	switch {
	case uint(i) < uint(len(cells)):
		text = cells[i]
	case i >= virtualBase:
		text = c.virtual[i-virtualBase]
	}
	if text == "" {
		return "", false
	}
	if first, last := text[0], text[len(text)-1]; first <= '\'' || first >= 0x7f || last <= ' ' || last >= 0x7f {
		text = plain(text)
	}
	return text, saysNull(text)
}

// saysNull tells that a text is NULL. Most codes have four letters too, so the first decides nearly always.
func saysNull(text string) bool {
	return len(text) == len(null) && text[0]|0x20 == 'n' && strings.EqualFold(text, null)
}

// plain is a cell's text: trimmed, and without the apostrophe that our own extracts put before text that looks like a formula.
func plain(s string) string {
	s = trim(s)
	if len(s) > 1 && s[0] == '\'' {
		return trim(model.UnsafeText(s))
	}
	return s
}

// trim takes away white space, and the marks that spreadsheets and browsers leave at the ends of a cell.
func trim(s string) string {
	if len(s) == 0 || s[0] > ' ' && s[0] < 0x7f && s[len(s)-1] > ' ' && s[len(s)-1] < 0x7f {
		return s
	}
	return strings.TrimFunc(s, func(r rune) bool {
		return r <= ' ' || r == '\u00a0' || r == '\ufeff' || r >= '\u200b' && r <= '\u200f' || r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
	})
}

// add notes a finding of the current row.
func (c *checker) add(rule string, is parameter, cells []string, detail, proposal string) {
	c.addAt(rule, c.plan.at[is], cells, detail, proposal)
}

func (c *checker) addAt(rule string, column int, cells []string, detail, proposal string) {
	f := model.Finding{Rule: rule, Severity: severity(c.book, rule), Detail: detail, Proposal: proposal}
	if column >= virtualBase {
		if c.describeDerived(&f, column-virtualBase, cells); slices.Contains(c.findings, f) {
			return // dato, start and slut often share a column
		}
	} else if column >= 0 {
		if column < len(c.plan.columns) {
			f.Column = c.plan.columns[column]
		} else {
			f.Column = fmt.Sprintf("kolonne %d", column+1)
		}
		if column < len(cells) {
			masked, _ := model.MaskCPR(show(cells[column]), column < len(c.plan.declared) && c.plan.declared[column])
			f.Value = strings.Clone(masked) // a piece of the chunk's text would keep all of it
		}
	}
	c.rejects = c.rejects || f.Severity == model.Error
	c.findings = append(c.findings, f)
}

func severity(book *model.Codebook, rule string) model.Severity {
	if r := book.Rule(rule); r != nil {
		return r.Severity
	}
	return map[byte]model.Severity{'F': model.File, 'R': model.Error, 'W': model.Warning}[rule[0]]
}

// show is a cell as a finding quotes it: valid text of a readable length.
func show(s string) string {
	const most = 200
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= most {
		return s
	}
	cut := most
	for !utf8.RuneStart(s[cut]) {
		cut--
	}
	return fmt.Sprintf("%s … (%d tegn)", s[:cut], utf8.RuneCountInString(s))
}

// search looks for a CPR-shaped value in a cell that nothing else has vouched for.
func (c *checker) search(cells []string, i int) {
	if i >= virtualBase {
		c.searchDerived(cells, &c.plan.mapped.derived[i-virtualBase])
		return
	}
	s := cells[i]
	if len(s) < 10 {
		return
	}
	declared := i < len(c.plan.declared) && c.plan.declared[i]
	if _, hit := model.MaskCPR(s, declared); hit || model.MaskedCPR(s) {
		c.hits = true
		c.addAt("R11", i, cells, "", "")
	}
}

// check judges one row. After it *c.row is the row to load if c.rejects is false, and c.findings are what was found.
func (c *checker) check(cells []string, line int64) {
	c.findings, c.hits, c.rejects, c.others, c.unit = c.findings[:0], false, false, false, nil
	r := c.row
	*r = queries.Row{Line: uint32(line), Start: queries.None, End: queries.None, Amount: 1}
	width := len(cells)
	for width > len(c.plan.columns) && trim(cells[width-1]) == "" {
		width--
	}
	if width != len(c.plan.columns) {
		if c.others = c.part; c.others {
			return
		}
		c.addAt("R01", -1, cells, fmt.Sprintf("%s, overskriften har %d", plural(int64(width), "celle", "celler"), len(c.plan.columns)), "")
		for i := range cells {
			c.search(cells, i)
		}
		return
	}
	cells = cells[:width]
	if c.damaged {
		cells = c.repairDamage(cells)
	}
	if c.plan.mapped != nil {
		c.translate(cells)
	}
	if c.part {
		text, _ := c.cell(cells, pMunicipality)
		if c.others = *c.municipalities.of(text) != c.municipality; c.others {
			return
		}
	}
	system := c.kind == model.System
	if text, isNull := c.cell(cells, pSystem); text != "" && !isNull {
		system = strings.EqualFold(text, "JA")
		c.search(cells, c.plan.at[pSystem])
	}
	r.System = system
	c.checkMunicipality(cells)
	channel := c.checkChannel(cells)
	c.checkUnit(cells, channel, system)
	c.checkSubject(cells)
	c.checkMoments(cells, channel)
	c.checkAnswers(cells, channel, system)
	c.checkAmount(cells)
	source := c.checkSource(cells)
	c.checkLocals(cells)
	if c.plan.fix {
		c.checkFix(cells)
	}
	if !c.rejects {
		c.buf = seal(r, source.folded, c.locals, c.test, c.salt, c.buf)
		r.Source = source.id
		number := -1
		if c.unit != nil {
			if c.unit.stored == 0 {
				c.unit.stored = c.unitNames.number(c.unit.text)
			}
			r.UnitNumber, number = c.unit.stored, c.unit.number
		}
		c.tally.add(r, c.day, c.place, number)
	}
}

// repairDamage replaces bytes that are no characters, and says so (W08). The record's own cells stay, as their places in the file
// are told from their lengths.
func (c *checker) repairDamage(cells []string) []string {
	repaired := cells
	for i, s := range cells {
		if utf8.ValidString(s) {
			continue
		}
		if &repaired[0] == &cells[0] {
			repaired = slices.Clone(cells)
		}
		repaired[i] = strings.ToValidUTF8(s, "\uFFFD")
		c.addAt("W08", i, repaired, "tegn, der ikke er gyldig UTF-8", "")
	}
	return repaired
}

func (c *checker) checkMunicipality(cells []string) {
	text, _ := c.cell(cells, pMunicipality)
	code := *c.municipalities.of(text)
	switch {
	case text == "" || strings.EqualFold(text, null):
		c.add("R02", pMunicipality, cells, "mangler", "")
	case code == 0:
		c.add("R02", pMunicipality, cells, "kendes ikke", "")
		c.search(cells, c.plan.at[pMunicipality])
	case c.municipality != 0 && code != c.municipality:
		c.add("R02", pMunicipality, cells, fmt.Sprintf("er ikke %s, som filen er indlæst for", c.book.Municipality(c.municipality).Name), fmt.Sprint(c.municipality))
	}
	c.row.Municipality = code
	name, isNull := c.cell(cells, pMunicipalityName)
	if name == "" || isNull {
		return
	}
	if named := *c.municipalities.of(name); named == 0 {
		c.add("R02", pMunicipalityName, cells, "kendes ikke", "")
		c.search(cells, c.plan.at[pMunicipalityName])
	} else if code != 0 && named != code {
		c.add("R02", pMunicipalityName, cells, fmt.Sprintf("passer ikke til kommunekoden %d", code), c.book.Municipality(code).Name)
	}
}

func (c *checker) checkChannel(cells []string) *model.Channel {
	text, isNull := c.cell(cells, pChannel)
	id := *c.channels.of(text)
	if id == 0 {
		detail := "kendes ikke"
		if text == "" || isNull {
			detail = "mangler"
		}
		c.add("R05", pChannel, cells, detail, c.nearest(text, pChannel))
		c.search(cells, c.plan.at[pChannel])
		return nil
	}
	c.row.Channel = id
	return c.byID[id]
}

// nearestCode proposes the code whose code or label is closest to what was written, when one is clearly closest.
func nearestCode[T any](text string, list []T, names func(T) []string) string {
	want := model.Fold(strings.TrimPrefix(text, untranslated))
	if want == "" || len(want) > 40 {
		return ""
	}
	best, found, tie := len(want)/2+1, "", false
	for _, item := range list {
		near := len(want) + 1
		for _, name := range names(item) {
			near = min(near, distance(model.Fold(name), want))
		}
		switch {
		case near < best:
			best, found, tie = near, names(item)[0], false
		case near == best && found != "":
			tie = true
		}
	}
	if tie {
		return ""
	}
	return found
}

func (c *checker) checkUnit(cells []string, channel *model.Channel, system bool) {
	text, isNull := c.cell(cells, pUnit)
	web := channel != nil && channel.Form == model.FormFixedNo
	if strings.HasPrefix(text, untranslated) {
		c.add("R03", pUnit, cells, "", "")
		c.search(cells, c.plan.at[pUnit])
		return
	}
	if text == "" || isNull {
		if !web && !c.central && !(isNull && system) {
			c.add("R03", pUnit, cells, systemHint(isNull), "")
		}
		return
	}
	unit := c.units.of(text)
	c.row.Unit, c.unit = unit.text, unit
	c.search(cells, c.plan.at[pUnit])
	if unit.mojibake != "" {
		c.add("W08", pUnit, cells, "bogstaver, der er læst med forkert tegnsæt", unit.mojibake)
	}
	if web {
		c.add("W12", pUnit, cells, "", "")
	}
}

// systemHint tells a user whose row says NULL what NULL needs.
func systemHint(isNull bool) string {
	if isNull {
		return "NULL er kun tilladt i et systemudtræk"
	}
	return ""
}

func cleanUnit(s string) cleanText {
	text := norm.NFC.String(strings.Clone(s))
	return cleanText{text: text, mojibake: mojibake(text)}
}

// mojibake finds UTF-8 that was read as Windows-1252 (Ã¸ for ø) and gives the mended text.
func mojibake(s string) string {
	if !strings.ContainsAny(s, "ÃÂ") {
		return ""
	}
	raw := make([]byte, 0, len(s))
	for _, r := range s {
		b, ok := windows1252Byte(r)
		if !ok {
			return ""
		}
		raw = append(raw, b)
	}
	if mended := string(raw); utf8.Valid(raw) && mended != s {
		return mended
	}
	return ""
}

func (c *checker) checkSubject(cells []string) {
	text, isNull := c.cell(cells, pSubject)
	if text == "" || isNull {
		c.add("R06", pSubject, cells, "mangler", "")
		return
	}
	s := c.subjects.of(text)
	if s.harm != "" {
		c.add("W08", pSubject, cells, s.harm, s.mend)
	}
	if s.why != "" {
		c.add("R06", pSubject, cells, s.why, s.mend)
		c.search(cells, c.plan.at[pSubject])
		return
	}
	if !s.known {
		c.add("W11", pSubject, cells, "", "")
	}
	c.row.Subject, c.place = s.kle, s.place
}

func (c *checker) checkMoments(cells []string, channel *model.Channel) {
	text, _ := c.cell(cells, pDate)
	m, why := c.parse(pDate, text)
	switch {
	case text == "" || strings.EqualFold(text, null):
		c.add("R04", pDate, cells, "mangler", "")
	case why != "":
		c.add("R04", pDate, cells, why, "")
		c.search(cells, c.plan.at[pDate])
	case m > c.received:
		c.add("R04", pDate, cells, "ligger i fremtiden", "")
	default:
		c.row.Moment = m
		day := c.days.on(m.Date())
		c.day = day
		if channel != nil && channel.Personal && day.off != "" {
			c.add("W03", pDate, cells, day.off, "")
		}
		if day.round == "" {
			c.add("W01", pDate, cells, "", "")
		}
	}
	c.row.Start = c.moment(cells, pStart)
	c.row.End = c.moment(cells, pEnd)
	if c.row.Start != queries.None && c.row.End != queries.None {
		switch seconds := c.row.End - c.row.Start; {
		case seconds < 0:
			c.add("R12", pEnd, cells, "slut ligger før start", "")
		case seconds > 24*60*60:
			c.add("R12", pEnd, cells, "varigheden er over 24 timer", "")
		}
	}
}

func (c *checker) parse(is parameter, text string) (model.Moment, string) {
	if c.plan.mapped != nil {
		return c.plan.mapped.dates[is].read(text)
	}
	return c.read(text)
}

// moment reads an optional start or end time; an unreadable one is a fault of the row, since it would be lost otherwise.
func (c *checker) moment(cells []string, is parameter) model.Moment {
	text, isNull := c.cell(cells, is)
	if text == "" || isNull {
		return queries.None
	}
	m, why := c.parse(is, text)
	if why != "" {
		c.add("R04", is, cells, why, "")
		c.search(cells, c.plan.at[is])
		return queries.None
	}
	return m
}

// checkAnswers judges type, closing and form, which depend on the channel.
func (c *checker) checkAnswers(cells []string, channel *model.Channel, system bool) {
	web := channel != nil && channel.Form == model.FormFixedNo
	c.row.Type = c.answer(cells, pType, "R07", c.types, system)
	c.row.Closing = c.answer(cells, pClosing, "R08", c.closings, system)
	text, isNull := c.cell(cells, pForm)
	if optional := channel == nil || channel.Form == model.FormOptional; !optional || text != "" && !isNull {
		c.row.Form = c.answer(cells, pForm, "R09", c.forms, system)
	}
	if web {
		for _, fixed := range []struct {
			is        parameter
			got, want uint8
			code      string
		}{
			{pType, c.row.Type, c.book.TypeID("VEJL"), "VEJL"},
			{pClosing, c.row.Closing, c.straks, "STRAKS"},
			{pForm, c.row.Form, c.book.FormID("NEJ"), "NEJ"},
		} {
			if fixed.got != 0 && fixed.got != fixed.want {
				c.add("R10", fixed.is, cells, fixed.code, fixed.code)
			}
		}
	}
	if channel != nil && channel.Written && c.row.Closing != 0 && c.row.Closing == c.straks {
		c.add("W04", pClosing, cells, channel.Label, "")
	}
}

func (c *checker) answer(cells []string, is parameter, rule string, codes *memory[uint8], system bool) uint8 {
	text, isNull := c.cell(cells, is)
	if isNull && system {
		return 0
	}
	id := *codes.of(text)
	if id == 0 {
		detail := c.allowed(is)
		if hint := systemHint(isNull); hint != "" {
			detail += "; " + hint
		}
		c.add(rule, is, cells, detail, c.nearest(text, is))
		c.search(cells, c.plan.at[is])
	}
	return id
}

// allowed lists the codes that a parameter may hold.
func (c *checker) allowed(is parameter) string {
	var codes []string
	switch is {
	case pType:
		for _, t := range c.book.Types {
			codes = append(codes, t.Code)
		}
	case pClosing:
		for _, x := range c.book.Closings {
			codes = append(codes, x.Code)
		}
	case pForm:
		for _, x := range c.book.Forms {
			codes = append(codes, x.Code)
		}
	}
	return strings.Join(codes, ", ")
}

// nearest proposes a code for what a cell holds instead of one.
func (c *checker) nearest(text string, is parameter) string {
	if c.proposals[is] == nil {
		c.proposals[is] = newMemory(func(text string) string {
			switch is {
			case pChannel:
				return nearestCode(text, c.book.Channels, func(ch model.Channel) []string { return []string{ch.Code, ch.Label} })
			case pType:
				return nearestCode(text, c.book.Types, func(t model.ContactType) []string { return []string{t.Code, t.Label} })
			case pClosing:
				return nearestCode(text, c.book.Closings, func(x model.Closing) []string { return []string{x.Code, x.Label} })
			}
			return nearestCode(text, c.book.Forms, func(x model.Form) []string { return []string{x.Code, x.Label} })
		})
	}
	return *c.proposals[is].of(text)
}

func (c *checker) checkAmount(cells []string) {
	text, isNull := c.cell(cells, pAmount)
	if text == "" || text == "1" || isNull {
		return
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n < 1 || n > 1_000_000 {
		c.add("R14", pAmount, cells, "", "")
		c.search(cells, c.plan.at[pAmount])
		return
	}
	c.row.Amount = uint32(n)
}

func (c *checker) checkSource(cells []string) sourceID {
	text, isNull := c.cell(cells, pSource)
	if text == "" || isNull {
		text = c.source
	} else {
		c.search(cells, c.plan.at[pSource])
		if c.hits {
			return sourceID{} // the row is rejected, and its source must not be remembered
		}
	}
	return *c.sourceIDs.of(text)
}

func (c *checker) checkLocals(cells []string) {
	if id, isNull := c.cell(cells, pID); id != "" && !isNull {
		c.row.ID = id
		c.search(cells, c.plan.at[pID])
		if strings.IndexByte(id, '+') > 0 && exponent.MatchString(id) {
			c.add("W08", pID, cells, "et tal, som regnearket har skrevet med eksponent", "")
		}
	}
	c.locals = c.locals[:0]
	if len(c.plan.locals) == 0 {
		return
	}
	from := len(c.extra)
	gap := 0 // separators owed before the next value
	for n, i := range c.plan.locals {
		if n > 0 {
			gap++
		}
		if cells[i] == "" {
			continue
		}
		text := plain(cells[i])
		if text == "" || saysNull(text) {
			continue
		}
		c.search(cells, i)
		if strings.IndexByte(text, '\x1f') >= 0 {
			text = strings.ReplaceAll(text, "\x1f", "\u241f")
		}
		c.locals = append(c.locals, local{c.plan.folded[n], text})
		for ; gap > 0; gap-- {
			c.extra = append(c.extra, '\x1f')
		}
		c.extra = append(c.extra, text...)
	}
	c.row.Extra = c.extra[from:len(c.extra):len(c.extra)]
}

func plural(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return model.FormatInt(n) + " " + many
}
