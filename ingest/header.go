package ingest

import (
	"fmt"
	"sort"
	"strings"

	"komhen/model"
)

// parameter is what a column of an upload holds.
type parameter int

const (
	pLocal parameter = iota // voluntary or local, kept as name → value
	pIgnored
	pMunicipality
	pMunicipalityName // layout B has the name beside the code
	pUnit
	pSubject
	pChannel
	pType
	pClosing
	pForm
	pDate
	pStart
	pEnd
	pSource
	pID
	pAmount
	pSystem
	pFixUpload
	pFixLine
	pFixFault
	pFixProposal
	parameters // how many there are
)

// The header names of layouts A, B and C and their everyday spellings (codebook §1), folded by model.Fold.
var headerNames = map[string]parameter{
	"kommune": pMunicipality, "kommuneid": pMunicipality, "kommunekode": pMunicipality, "kommunenr": pMunicipality,
	"kommunenummer": pMunicipality, "id": pMunicipality, "kommunenavn": pMunicipalityName,
	"enhed": pUnit, "enhedsnavn": pUnit,
	"opgave": pSubject, "kleopgavekode": pSubject, "kleopgave": pSubject, "kle": pSubject, "klenr": pSubject, "klenummer": pSubject, "klekode": pSubject, "opgavekode": pSubject,
	"kanal": pChannel, "henvendelseskanal": pChannel, "henvendelsekanal": pChannel,
	"type": pType, "henvendelsestype": pType, "henvendelsetype": pType,
	"afslutning": pClosing, "blanket": pForm,
	"dato": pDate, "datotid": pDate, "datotidspunkt": pDate, "tidspunkt": pDate,
	"start": pStart, "starttidspunkt": pStart, "slut": pEnd, "sluttidspunkt": pEnd,
	"datakilde": pSource, "kilde": pSource, "kildeid": pID, "antal": pAmount, "systemudtraek": pSystem,
	"retindmelding": pFixUpload, "retlinje": pFixLine, "retfejl": pFixFault, "retforslag": pFixProposal,
}

// FixColumns are the trailing columns of a fix-it file.
var FixColumns = []string{"ret_indmelding", "ret_linje", "ret_fejl", "ret_forslag"}

// mandatory parameters with the name layout C gives them.
var mandatory = []struct {
	is   parameter
	name string
}{
	{pMunicipality, "kommune"}, {pUnit, "enhed"}, {pSubject, "opgave"}, {pChannel, "kanal"},
	{pType, "type"}, {pClosing, "afslutning"}, {pForm, "blanket"}, {pDate, "dato"},
}

func isMandatory(is parameter) bool {
	for _, m := range mandatory {
		if m.is == is {
			return true
		}
	}
	return false
}

// plan is how the columns of one file are read.
type plan struct {
	columns  []string    // header as written, CPR-shaped digits masked, without trailing empty cells
	is       []parameter // by column
	declared []bool      // by column: KLE numbers, phone numbers and ids are not searched for undashed CPR numbers
	at       [parameters]int
	locals   []int    // columns of local parameters, in the order of their folded names
	names    []string // their names, as written
	folded   []string // their names, folded
	doubles  []string // the same before double names were numbered
	layout   string
	fix      bool
	hits     []int   // header cells that looked like a CPR number
	mapped   *mapped // of a file that is read with a profile
}

func (p *plan) has(is parameter) bool { return p.at[is] >= 0 }

// recognised counts how many mandatory parameters a header row holds: how the delimiter and the sheet are chosen.
func recognised(cells []string) int {
	seen := map[parameter]bool{}
	for _, c := range cells {
		if is, ok := headerNames[model.Fold(c)]; ok {
			seen[is] = true
		}
	}
	n := 0
	for _, m := range mandatory {
		if seen[m.is] {
			n++
		}
	}
	if seen[pFixUpload] && seen[pFixLine] { // of a profile's upload perhaps, whose own columns are not known
		n += 2
	}
	return n
}

// newPlan takes the header's names in, before it is known what they are; folded are the names as they are compared.
func newPlan(header []string) (p *plan, folded []string, err error) {
	cells := make([]string, 0, len(header))
	for _, c := range header {
		cells = append(cells, plain(strings.ToValidUTF8(c, "\uFFFD")))
	}
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	if len(cells) == 0 {
		return nil, nil, &fault{"F01", "ingen overskrift"}
	}
	p = &plan{columns: cells, is: make([]parameter, len(cells)), declared: make([]bool, len(cells))}
	for i := range p.at {
		p.at[i] = -1
	}
	folded = make([]string, len(cells))
	for i, c := range cells {
		masked, hit := model.MaskCPR(c, false)
		if hit || model.MaskedCPR(c) {
			cells[i] = masked
			p.hits = append(p.hits, i)
		}
		folded[i] = model.Fold(cells[i])
	}
	return p, folded, nil
}

// readHeader makes the plan of a file in one of our layouts from its header row, or says what is wrong with it (F01, F03, F06).
func readHeader(header []string) (*plan, error) {
	p, folded, err := newPlan(header)
	if err != nil {
		return nil, err
	}
	cells := p.columns
	extract := false // layout B: Kommune is the name and ID the code
	for _, f := range folded {
		extract = extract || f == "id"
	}
	for i, f := range folded {
		is, known := headerNames[f]
		if known && extract && f == "kommune" {
			is = pMunicipalityName
		}
		if !known {
			p.declared[i] = declaredName(f)
			p.locals = append(p.locals, i)
			continue
		}
		if other := p.at[is]; other >= 0 {
			return nil, &fault{"F06", fmt.Sprintf("»%s« (kolonne %d) og »%s« (kolonne %d) er begge %s", cells[other], other+1, cells[i], i+1, parameterName(is))}
		}
		p.is[i], p.at[is] = is, i
		p.declared[i] = is == pSubject || is == pID
	}
	if missing := p.missing(folded); missing != "" {
		if recognised(cells) == 0 && looksLikeData(cells) {
			return nil, &fault{"F01", "uden overskrift"}
		}
		return nil, &fault{"F03", missing}
	}
	p.fix = p.has(pFixUpload) && p.has(pFixLine)
	p.nameLocals(folded)
	switch {
	case p.fix:
		p.layout = "rettefil"
	case extract:
		p.layout = "rådataudtræk (B)"
	case p.at[pMunicipality] >= 0 && folded[p.at[pMunicipality]] == "kommuneid":
		p.layout = "uploadskabelon (A)"
	default:
		p.layout = "vores skabelon (C)"
	}
	return p, nil
}

// looksLikeData tells that a first row is a row of contacts: the header is missing.
func looksLikeData(cells []string) bool {
	for _, c := range cells {
		if _, why := parseMoment(c); why == "" {
			return true
		}
		if _, ok := model.ParseKLE(c); ok {
			return true
		}
	}
	return false
}

// nameLocals orders the local parameters by name, so that column order never matters, and makes double names distinct.
func (p *plan) nameLocals(folded []string) {
	named := p.locals[:0]
	for _, i := range p.locals {
		if folded[i] == "" && p.columns[i] == "" {
			p.columns[i] = fmt.Sprintf("kolonne %d", i+1)
		}
		named = append(named, i)
	}
	sort.SliceStable(named, func(a, b int) bool { return folded[named[a]] < folded[named[b]] })
	p.locals = named
	for _, i := range named {
		p.addLocalName(p.columns[i])
	}
}

// addLocalName names the next local parameter; names are added in the order of their folded forms.
func (p *plan) addLocalName(name string) {
	folded := model.Fold(name)
	n := 1
	for _, other := range p.doubles {
		if other == folded {
			n++
		}
	}
	p.doubles = append(p.doubles, folded)
	if n > 1 {
		name = fmt.Sprintf("%s (%d)", name, n)
	}
	p.names = append(p.names, name)
	p.folded = append(p.folded, model.Fold(name))
}

// declaredName tells that a local column's name declares it as an id or a phone number.
func declaredName(folded string) bool {
	for _, word := range []string{"telefon", "tlf", "mobil", "sagsnr", "sagsnummer", "journalnr", "journalnummer", "loebenr", "kontonr", "cvr"} {
		if strings.Contains(folded, word) {
			return true
		}
	}
	return strings.HasSuffix(folded, "id") || strings.HasPrefix(folded, "kle")
}

func (p *plan) missing(folded []string) string {
	var missing []string
	for _, m := range mandatory {
		if p.has(m.is) {
			continue
		}
		text := "»" + m.name + "«"
		if near := nearest(m.name, p.columns, folded, p.is); near != "" {
			text += " (tættest på er »" + near + "«)"
		}
		missing = append(missing, text)
	}
	if len(missing) == 0 {
		return ""
	}
	return fmt.Sprintf("%s. Filen har: %s", strings.Join(missing, ", "), shownColumns(p.columns))
}

func shownColumns(columns []string) string {
	const most = 20
	var shown []string
	for _, c := range columns[:min(len(columns), most)] {
		shown = append(shown, show(c)) // a file of one long line has one long column
	}
	more := ""
	if n := len(columns) - most; n > 0 {
		more = fmt.Sprintf(" og %d til", n)
	}
	return strings.Join(shown, ", ") + more
}

// nearest finds the unrecognised column whose name is closest to a wanted name, if any is close.
func nearest(want string, columns, folded []string, is []parameter) string {
	best, found := len(want)/2+1, ""
	for i, f := range folded {
		if is[i] != pLocal || f == "" {
			continue
		}
		d := distance(f, want)
		if strings.Contains(f, want) {
			d = 1
		}
		if d < best {
			best, found = d, columns[i]
		}
	}
	return found
}

// distance is the Levenshtein distance of two short words.
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}

func parameterName(is parameter) string {
	for _, m := range mandatory {
		if m.is == is {
			return m.name
		}
	}
	switch is {
	case pMunicipalityName:
		return "kommunens navn"
	case pStart:
		return "start"
	case pEnd:
		return "slut"
	case pSource:
		return "datakilde"
	case pID:
		return "kilde_id"
	case pAmount:
		return "antal"
	case pSystem:
		return "systemudtræk"
	}
	return "rettefilens kolonner"
}
