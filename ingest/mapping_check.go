package ingest

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"komhen/model"
)

// MappingFault is something that keeps a profile from being used. Field or Column say where; Message is Danish.
type MappingFault struct {
	Field   string // our name of the parameter, "" when it is about something else
	Column  string
	Message string
}

// mappingProblem makes one error of a profile's faults, nil when there are none.
func mappingProblem(faults []MappingFault) error {
	if len(faults) == 0 {
		return nil
	}
	var said []string
	for _, f := range faults[:min(len(faults), 5)] {
		said = append(said, f.Message)
	}
	if n := len(faults) - len(said); n > 0 {
		said = append(said, fmt.Sprintf("Der er %d fejl mere.", n))
	}
	return &model.Problem{Code: "mapping-invalid", Message: "Profilen kan ikke bruges. " + strings.Join(said, " ")}
}

type mappingCheck struct {
	*Mapping
	book   *model.Codebook
	folded []string // the header
	used   map[string]bool
	faults []MappingFault
}

// Validate finds everything that is wrong with a profile, in the order of the template.
func (m *Mapping) Validate(book *model.Codebook) []MappingFault {
	c := &mappingCheck{Mapping: m, book: book, folded: foldedHeader(m.Header), used: map[string]bool{}}
	if m.Version != MappingVersion {
		c.add("", "", "Profilen har version %d, og dette program kender version %d.", m.Version, MappingVersion)
		return c.faults
	}
	if name := trim(m.Name); name == "" || len(m.Name) > 100 || strings.ContainsAny(m.Name, "\r\n\x1f") {
		c.add("", "", "Giv profilen et navn på højst 100 tegn.")
	}
	if len(c.folded) == 0 || len(c.folded) > 500 {
		c.add("", "", "Profilen skal have filens overskrift med 1 til 500 kolonner.")
	}
	if m.Kind != "" && m.Kind != model.Registration && m.Kind != model.System {
		c.add("", "", "Profilens art er »%s«; den skal være registration eller system.", show(string(m.Kind)))
	}
	if text, err := json.Marshal(m); err != nil {
		c.add("", "", "Profilen kan ikke gemmes.")
	} else if _, hit := model.MaskCPR(string(text), false); hit {
		c.add("", "", "Der står noget i profilen, som ligner et CPR-nummer. Tag det ud.")
	}
	for _, p := range fieldParameters {
		c.checkField(p.name, p.is)
	}
	for _, name := range slices.Sorted(maps.Keys(m.Fields)) {
		if _, known := fieldParameter(name); !known {
			c.add(name, "", "Profilen udfylder »%s«, som ikke er en parameter i kodebogen.", show(name))
		}
	}
	c.checkKept()
	c.checkRest()
	return c.faults
}

func (c *mappingCheck) add(field, column, format string, args ...any) {
	c.faults = append(c.faults, MappingFault{field, column, fmt.Sprintf(format, args...)})
}

func (c *mappingCheck) checkField(name string, is parameter) {
	f, ok := c.field(name, c.book)
	if !ok {
		if is != pMunicipality && slices.ContainsFunc(mandatory, func(m struct {
			is   parameter
			name string
		}) bool {
			return m.is == is
		}) {
			c.add(name, "", "Vælg, hvor %s kommer fra: en kolonne, en fast værdi, eller at den er tom.", name)
		}
		return
	}
	for _, column := range f.Columns {
		c.use(name, column)
	}
	date := is == pDate || is == pStart || is == pEnd
	switch {
	case len(f.Columns) > 4:
		c.add(name, "", "%s kan højst sættes sammen af fire kolonner.", name)
	case len(f.Columns) > 0 && f.Value != "":
		c.add(name, "", "%s kan ikke både have en kolonne og en fast værdi.", name)
	case len(f.Columns) == 0 && (f.Split != "" || f.Join != "" || f.Part != 0 || f.Format != "" || len(f.Codes) > 0 || f.Default != "" || f.Pass):
		c.add(name, "", "%s har regler for en kolonne, men ingen kolonne.", name)
	case (f.Split == "") != (f.Part == 0) || f.Part < -1:
		c.add(name, "", "Skal %s deles, så angiv både skilletegn og hvilken del der bruges (1 er den første, -1 den sidste).", name)
	case date && !isDateFormat(f.Format):
		c.add(name, "", "Datoformen »%s« kendes ikke. Vælg en af disse: %s.", show(f.Format), DanishFormat(strings.Join(DateFormats, ", ")))
	case is == pAmount && f.Format != "" && !slices.Contains(AmountFormats, f.Format):
		c.add(name, "", "Talformen »%s« kendes ikke. Vælg en af disse: %s.", show(f.Format), strings.Join(AmountFormats, "; "))
	case !date && is != pAmount && f.Format != "":
		c.add(name, "", "%s har ingen form; den gælder kun dato, start, slut og antal.", name)
	case (date || is == pAmount || is == pID) && (len(f.Codes) > 0 || f.Default != "" || f.Pass):
		c.add(name, "", "%s kan ikke oversættes med en tabel.", name)
	case len(f.Codes) == 0 && (f.Default != "" || f.Pass):
		c.add(name, "", "%s har en regel for ukendte værdier, men ingen oversættelse.", name)
	case f.Default != "" && f.Pass:
		c.add(name, "", "Ukendte værdier af %s kan ikke både få en fast værdi og gå videre, som de er.", name)
	case len(f.Codes) > 5000:
		c.add(name, "", "Oversættelsen af %s har over 5.000 værdier.", name)
	}
	if is == pDate && len(f.Columns) == 0 && f.Value == "" {
		c.add(name, "", "dato må ikke være tom. Vælg den kolonne, der har datoen.")
	}
	c.checkValues(name, is, f)
}

// checkValues sees that everything a field can become is in the codebook.
func (c *mappingCheck) checkValues(name string, is parameter, f Field) {
	say := func(value, from string) {
		if why := c.wrongValue(is, value); why != "" && value != "" {
			c.add(name, "", "%s%s kan ikke være »%s«: %s.", name, from, show(value), why)
		}
	}
	say(f.Value, "")
	say(f.Default, " for ukendte værdier")
	seen := map[string]string{}
	for _, theirs := range slices.Sorted(maps.Keys(f.Codes)) {
		ours := f.Codes[theirs]
		if ours == "" && theirs != "" && !slices.Contains([]parameter{pUnit, pForm, pSource}, is) {
			c.add(name, "", "Vælg, hvad »%s« svarer til i %s.", show(theirs), name)
		}
		say(ours, " for »"+show(theirs)+"«")
		key := model.Fold(plain(theirs))
		if other, twice := seen[key]; twice && ours != f.Codes[other] {
			c.add(name, "", "»%s« og »%s« er samme værdi af %s og kan ikke oversættes forskelligt.", show(other), show(theirs), name)
		}
		seen[key] = theirs
	}
}

// wrongValue says why a parameter cannot have a value.
func (c *mappingCheck) wrongValue(is parameter, value string) string {
	if strings.EqualFold(value, null) {
		if c.Kind == model.System && slices.Contains([]parameter{pUnit, pType, pClosing, pForm}, is) {
			return ""
		}
		return "NULL er kun tilladt i et systemudtræk og kun for enhed, type, afslutning og blanket"
	}
	known := true
	switch is {
	case pMunicipality:
		known = c.book.MunicipalityCode(value) != 0
	case pChannel:
		known = c.book.ChannelID(value) != 0
	case pType:
		known = c.book.TypeID(value) != 0
	case pClosing:
		known = c.book.ClosingID(value) != 0
	case pForm:
		known = c.book.FormID(value) != 0
	case pSubject:
		if _, ok := model.ParseKLE(value); !ok {
			return "det er ikke et KLE-nummer på formen NN.NN.NN"
		}
	case pDate, pStart, pEnd:
		_, why := parseMoment(value)
		return why
	case pAmount:
		if n := num(value, 0, len(value)); n < 1 || n > 1_000_000 || len(value) > 7 {
			return "det er ikke et helt tal fra 1 til 1.000.000"
		}
	case pID:
		return "hver henvendelse har sit eget"
	}
	if !known {
		return "det findes ikke i kodebogen"
	}
	return ""
}

// use notes that a column is used, and sees that the header has it once.
func (c *mappingCheck) use(field, column string) {
	folded := model.Fold(plain(column))
	c.used[folded] = true
	n := 0
	for _, name := range c.folded {
		if name == folded && name != "" {
			n++
		}
	}
	switch n {
	case 0:
		c.add(field, column, "Kolonnen »%s« står ikke i profilens overskrift.", show(column))
	case 1:
	default:
		c.add(field, column, "Overskriften har %d kolonner med navnet »%s«, så de kan ikke kendes fra hinanden. Omdøb dem i filen, eller lad dem ude.", n, show(column))
	}
}

// checkKept judges the columns that are kept as local parameters.
func (c *mappingCheck) checkKept() {
	names := map[string]string{}
	for _, column := range slices.Sorted(maps.Keys(c.Keep)) {
		c.use("", column)
		name := c.Keep[column]
		if name == "" {
			name = column
		}
		folded := model.Fold(plain(name))
		if _, ours := headerNames[folded]; ours {
			c.add("", column, "Den lokale parameter »%s« hedder det samme som en af kodebogens. Giv den et andet navn.", show(name))
		}
		if other, twice := names[folded]; twice {
			c.add("", column, "Kolonnerne »%s« og »%s« bliver til samme lokale parameter.", show(other), show(column))
		}
		if folded == "" || len(name) > 100 || strings.ContainsAny(name, "\r\n\x1f") {
			c.add("", column, "Giv den lokale parameter i kolonnen »%s« et navn på højst 100 tegn.", show(column))
		}
		names[folded] = column
	}
}

// checkRest sees that no column is forgotten.
func (c *mappingCheck) checkRest() {
	left := map[string]bool{}
	for _, column := range c.Leave {
		left[model.Fold(plain(column))] = true
	}
	for i, folded := range c.folded {
		switch {
		case left[folded] && c.used[folded]:
			c.add("", c.Header[i], "Kolonnen »%s« er både brugt og ladt ude.", show(c.Header[i]))
		case !left[folded] && !c.used[folded] && folded != "":
			c.add("", c.Header[i], "Kolonnen »%s« er hverken brugt, beholdt eller ladt ude.", show(c.Header[i]))
		}
	}
}
