package model

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// TableFault is something wrong with a small file that people fill in by hand: where, and what to do. Line is the line of a csv file or the
// row of a sheet.
type TableFault struct {
	Sheet   string `json:"sheet,omitempty"`
	Line    int64  `json:"line,omitempty"`   // 0 for the whole file
	Column  string `json:"column,omitempty"` // as the header writes it
	Message string `json:"message"`          // Danish
}

// String is the fault as a sentence.
func (f TableFault) String() string {
	var place []string
	if f.Sheet != "" {
		place = append(place, "arket »"+f.Sheet+"«")
	}
	if f.Line != 0 {
		place = append(place, fmt.Sprintf("linje %d", f.Line))
	}
	if f.Column != "" {
		place = append(place, "kolonnen »"+f.Column+"«")
	}
	if len(place) == 0 {
		return f.Message
	}
	text := strings.Join(place, ", ")
	return strings.ToUpper(text[:1]) + text[1:] + ": " + f.Message
}

// Longest texts, in characters.
const (
	maxOperationName = 100
	maxOperationText = 4_000
)

func declaredName(what, s string, required bool) error {
	switch {
	case required && s == "":
		return &Problem{Code: "record-invalid", Message: what + " mangler."}
	case utf8.RuneCountInString(s) > maxOperationName:
		return &Problem{Code: "record-invalid", Message: fmt.Sprintf("%s er for lang. Skriv højst %d tegn.", what, maxOperationName)}
	}
	return nil
}

func declaredText(what, s string) error {
	if utf8.RuneCountInString(s) > maxOperationText {
		return &Problem{Code: "record-invalid", Message: fmt.Sprintf("%s er for lang. Skriv højst %s tegn.", what, FormatInt(maxOperationText))}
	}
	return nil
}

// Validate says what is wrong with a figure, as a *Problem.
func (f OperationFigure) Validate() error {
	if err := declaredName("Driftsområdet", f.Area, f.Measure != MeasureCalls); err != nil {
		return err
	}
	if err := declaredName("Systemet", f.System, false); err != nil {
		return err
	}
	calls := f.Measure == MeasureCalls
	switch {
	case !slices.Contains(Measures, f.Measure):
		return &Problem{Code: "record-invalid", Message: fmt.Sprintf("Målingen »%s« kendes ikke. Skriv m1, m2, applikation, infrastruktur eller servicekald.", f.Measure)}
	case calls && (f.Calls == nil || *f.Calls < 0 || f.Value != nil || f.Target != nil):
		return &Problem{Code: "record-invalid", Message: "Servicekald er et antal og har intet SLA-mål."}
	case !calls && (f.Value == nil || f.Calls != nil || outside(*f.Value) || f.Target != nil && outside(*f.Target)):
		return &Problem{Code: "record-invalid", Message: "Driftseffektivitet er en procent mellem 0 og 100."}
	}
	return nil
}

func outside(a Availability) bool { return a < 0 || a > FullAvailability }

// Validate says what is wrong with a narrative, as a *Problem.
func (n OperationNarrative) Validate() error {
	if err := declaredName("Systemet", n.System, false); err != nil {
		return err
	}
	if n.Windows != nil && (*n.Windows < 0 || *n.Windows > 1000) {
		return &Problem{Code: "record-invalid", Message: "Antal servicevinduer er et helt tal, som ikke er negativt."}
	}
	return declaredText("Bemærkningen", n.Text)
}

// Validate says what is wrong with an incident, as a *Problem.
func (i Incident) Validate() error {
	if err := declaredName("Driftsområdet", i.Area, true); err != nil {
		return err
	}
	for _, text := range []struct{ what, text string }{{"Hændelsen", i.Title}, {"Virkningen", i.Effect}, {"Årsagen", i.Cause}, {"Afhjælpningen", i.Remedy},
		{"Den permanente løsning", i.Solution}, {"Den midlertidige foranstaltning", i.Interim}, {"Opstramningen", i.Procedure}} {
		if err := declaredText(text.what, text.text); err != nil {
			return err
		}
	}
	switch {
	case i.Title == "":
		return &Problem{Code: "record-invalid", Message: "Hændelsen mangler et navn. Skriv med få ord, hvad der skete."}
	case i.Measure != "" && (i.Measure == MeasureCalls || !slices.Contains(Measures, i.Measure)):
		return &Problem{Code: "record-invalid", Message: fmt.Sprintf("Målingen »%s« kendes ikke. Skriv m1, m2, applikation eller infrastruktur.", i.Measure)}
	case i.To <= i.From:
		return &Problem{Code: "record-invalid", Message: "Hændelsen slutter, før den begynder. Ret tidspunkterne."}
	case i.Colour != "" && i.Colour != IncidentRed && i.Colour != IncidentYellow:
		return &Problem{Code: "record-invalid", Message: "Farven er rød, når systemet ikke kunne bruges, og gul, når det manglede funktionalitet."}
	}
	return nil
}
