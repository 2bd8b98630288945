package ingest

import (
	"cmp"
	"context"
	"fmt"
	"sort"
	"strings"

	"komhen/model"
)

// virtualBase is where the columns begin that a profile makes: a parameter whose place in a plan lies from here on is no column of
// the file, but read from the profile's derived[place-virtualBase].
const virtualBase = 1 << 20

// untranslated stands before a value that a profile's table does not have. No code of ours begins with it, so the checks reject the
// row, each with its own rule.
const untranslated = "\uFFFF"

// mapped is a profile made ready for one file.
type mapped struct {
	derived []derived
	dates   [parameters]dateReader
	search  []int // columns that no check looks into: left out, or read in part
	// ownMunicipality: the file does not say it, the upload does
	ownMunicipality bool
}

// derived is a parameter that is not a column as it stands.
type derived struct {
	is          parameter
	from        []int // columns; none for a fixed value
	value       string
	join, split string
	part        int
	whole       bool // empty when one of the columns is
	codes       map[string]string
	other       string
	pass        bool
	amount      string
}

// readHeader makes the plan of the file: that of our layouts, or of the upload's profile. A fix-it file is read as its upload was.
func (u *Upload) readHeader(ctx context.Context, in *opened) (err error) {
	at := map[parameter]int{}
	for i, cell := range in.header {
		at[headerNames[model.Fold(plain(cell))]] = i
	}
	bag, fix := at[pFixUpload]
	if _, line := at[pFixLine]; fix && line {
		if u.opts.Mapping, err = storedMapping(ctx, u.load, cmp.Or(u.opts.bag, namedBag(bag, in))); err != nil {
			return err
		}
	}
	if u.opts.Mapping == nil {
		u.plan, err = readHeader(in.header)
	} else {
		u.plan, err = u.opts.Mapping.plan(in.header, u.folder.Book)
	}
	if err == nil {
		u.Receipt.Layout = u.plan.layout
	}
	if u.opts.sent {
		u.Receipt.Layout = SentLayout
	}
	return err
}

// needsMunicipality is the fault of a file whose municipality nobody states.
func (u *Upload) needsMunicipality() error {
	if m := u.plan.mapped; m != nil && m.ownMunicipality && u.opts.Municipality == 0 {
		return &fault{"F03", "»kommune«, som profilen ikke henter fra filen. Indlæs filen for én kommune"}
	}
	return nil
}

// plan makes a profile ready for a file with that header.
func (m *Mapping) plan(header []string, book *model.Codebook) (*plan, error) {
	p, folded, err := newPlan(header)
	if err != nil {
		return nil, err
	}
	p.mapped, p.layout = &mapped{}, "profilen »"+m.Name+"«"
	x := &planner{Mapping: m, plan: p, folded: folded, read: map[int]bool{}}
	for i, f := range folded {
		switch is := headerNames[f]; is {
		case pFixUpload, pFixLine, pFixFault, pFixProposal:
			p.is[i], p.at[is], x.read[i] = is, i, true
		}
	}
	if p.fix = p.has(pFixUpload) && p.has(pFixLine); p.fix {
		p.layout = "rettefil"
	}
	for _, f := range fieldParameters {
		field, ok := m.field(f.name, book)
		switch {
		case ok:
			x.place(f.is, field)
		case f.is == pMunicipality:
			p.mapped.ownMunicipality = true
			x.derive(derived{is: pMunicipality})
		case isMandatory(f.is):
			x.derive(derived{is: f.is})
		}
	}
	x.keepLocals()
	if x.double != "" {
		return nil, &fault{"F06", x.double}
	}
	if len(x.missing) > 0 {
		return nil, &fault{"F03", fmt.Sprintf("%s, som %s bruger. Filen har: %s", strings.Join(x.missing, ", "), "profilen »"+m.Name+"«", shownColumns(p.columns))}
	}
	for i := range p.columns {
		if !x.read[i] {
			p.mapped.search = append(p.mapped.search, i)
		}
	}
	return p, nil
}

type planner struct {
	*Mapping
	plan    *plan
	folded  []string
	read    map[int]bool // columns that the checks look into
	missing []string
	double  string
}

// column finds a column of the file, -1 when it is not there.
func (x *planner) column(name string) int {
	want, found := model.Fold(plain(name)), -1
	for i, f := range x.folded {
		if f != want || f == "" {
			continue
		}
		if found >= 0 {
			x.double = fmt.Sprintf("»%s« (kolonne %d) og »%s« (kolonne %d) har samme navn, og profilen »%s« bruger det",
				x.plan.columns[found], found+1, x.plan.columns[i], i+1, x.Name)
		}
		found = i
	}
	if found < 0 {
		x.missing = append(x.missing, "»"+show(name)+"«")
	}
	return found
}

func (x *planner) place(is parameter, f Field) {
	var from []int
	for _, name := range f.Columns {
		i := x.column(name)
		if i < 0 {
			return
		}
		from = append(from, i)
	}
	if is == pDate || is == pStart || is == pEnd {
		x.plan.mapped.dates[is] = dateReader(f.Format)
	}
	if len(from) == 1 {
		x.plan.declared[from[0]] = x.plan.declared[from[0]] || is == pSubject || is == pID
	}
	if len(from) == 1 && f.Split == "" && len(f.Codes) == 0 && !(is == pAmount && f.Format != "") && !x.read[from[0]] {
		x.plan.is[from[0]], x.plan.at[is], x.read[from[0]] = is, from[0], true
		return
	}
	d := derived{is: is, from: from, value: f.Value, join: cmp.Or(f.Join, " "), split: f.Split, part: f.Part, other: f.Default, pass: f.Pass,
		whole: is == pStart || is == pEnd}
	if is == pAmount {
		d.amount = f.Format
	}
	if len(f.Codes) > 0 {
		d.codes = map[string]string{}
		for theirs, ours := range f.Codes {
			d.codes[model.Fold(plain(theirs))] = ours
		}
	}
	if f.Split == "" && f.Default == "" && !f.Pass {
		for _, i := range from { // what is not vouched for is searched by the check of the parameter
			x.read[i] = true
		}
	}
	x.derive(d)
}

func (x *planner) derive(d derived) {
	x.plan.at[d.is] = virtualBase + len(x.plan.mapped.derived)
	x.plan.mapped.derived = append(x.plan.mapped.derived, d)
}

// keepLocals makes local parameters of the columns that are kept, and of columns that the profile does not know: nothing is dropped
// that nobody decided to drop.
func (x *planner) keepLocals() {
	named := map[int]string{}
	for column, name := range x.Keep {
		folded := model.Fold(plain(column))
		for i, f := range x.folded {
			if f == folded && f != "" {
				named[i] = cmp.Or(plain(name), x.plan.columns[i])
			}
		}
	}
	known := map[string]bool{"": true}
	for _, f := range foldedHeader(x.Header) {
		known[f] = true
	}
	for i, f := range x.folded {
		if _, ours := headerNames[f]; !known[f] && !ours {
			named[i] = x.plan.columns[i]
		}
	}
	p := x.plan
	for i := range named {
		p.locals, x.read[i] = append(p.locals, i), true
	}
	sort.Slice(p.locals, func(a, b int) bool {
		na, nb := model.Fold(named[p.locals[a]]), model.Fold(named[p.locals[b]])
		return na < nb || na == nb && p.locals[a] < p.locals[b]
	})
	for _, i := range p.locals {
		p.addLocalName(named[i])
	}
}

// raw is what the file says, before it is translated.
func (d *derived) raw(cells []string) string {
	if len(d.from) == 0 {
		return d.value
	}
	text := ""
	for _, i := range d.from {
		part := ""
		if i < len(cells) {
			part = plain(cells[i])
		}
		switch {
		case part == "" && d.whole:
			return ""
		case part == "":
		case text == "":
			text = part
		default:
			text += d.join + part
		}
	}
	if d.split == "" {
		return text
	}
	parts := strings.Split(text, d.split)
	switch {
	case d.part < 0:
		return plain(parts[len(parts)-1])
	case d.part >= 1 && d.part <= len(parts):
		return plain(parts[d.part-1])
	}
	return ""
}

// translate reads the derived parameters of a row into c.virtual, and searches the cells that no check looks into.
func (c *checker) translate(cells []string) {
	m := c.plan.mapped
	c.virtual = c.virtual[:0]
	for i := range m.derived {
		d := &m.derived[i]
		text := d.raw(cells)
		switch {
		case d.codes != nil:
			text = c.translated(d, text)
		case d.amount != "":
			text = plainAmount(text, d.amount)
		case d.is == pMunicipality && m.ownMunicipality:
			text = fmt.Sprint(c.municipality)
		}
		c.virtual = append(c.virtual, text)
	}
	for _, i := range m.search {
		c.search(cells, i)
	}
}

func (c *checker) translated(d *derived, text string) string {
	ours, ok := d.codes[model.Fold(text)]
	switch {
	case ok:
		return ours
	case text == "" || strings.EqualFold(text, null):
		return text
	case d.other != "":
		return d.other
	case d.pass || c.plan.fix: // whoever mends a row may write our codes
		return text
	}
	return untranslated + text
}

// derivedCell is what a finding says of a derived parameter: the file's own columns and what stands in them.
func (p *plan) derivedCell(d *derived, cells []string) (column, value string) {
	if len(d.from) == 0 {
		return parameterName(d.is), d.value
	}
	var names []string
	for _, i := range d.from {
		names = append(names, p.columns[i])
	}
	whole := *d
	whole.split, whole.whole = "", false
	return strings.Join(names, " + "), whole.raw(cells)
}

// describeDerived says in a finding which columns of the file it is about, what stands there, and what the profile made of it.
func (c *checker) describeDerived(f *model.Finding, i int, cells []string) {
	d := &c.plan.mapped.derived[i]
	var value string
	f.Column, value = c.plan.derivedCell(d, cells)
	if i < len(c.virtual) && d.codes != nil && c.virtual[i] != d.raw(cells) && !strings.HasPrefix(c.virtual[i], untranslated) {
		value += " = " + c.virtual[i]
	}
	value, _ = model.MaskCPR(show(value), false)
	f.Value = strings.Clone(value) // a piece of the chunk's text would keep all of it
}

// searchDerived looks for a CPR-shaped value in the columns of a derived parameter, and in what they are when put together.
func (c *checker) searchDerived(cells []string, d *derived) {
	before := len(c.findings)
	for _, i := range d.from {
		c.search(cells, i)
	}
	if _, hit := model.MaskCPR(d.raw(cells), false); hit && len(c.findings) == before {
		c.add("R11", d.is, cells, "", "")
	}
}
