package model

import (
	"fmt"
	"regexp"
	"strings"
)

// Klarmelding: whether a supplier's system is ready to use the shared infrastructure, interface by interface (seed 003, inventory §14).

// Integration is a system's use of one interface (snitflade), with what the supplier says of it and how it was judged.
type Integration struct {
	Supplier  string      `json:"supplier"`
	System    string      `json:"system"`
	Pilot     uint16      `json:"pilot,omitempty"` // the pilot municipality; 0 for none
	Version   string      `json:"version,omitempty"`
	Interface string      `json:"interface"` // "SF0810"
	Name      string      `json:"name,omitempty"`
	Statement string      `json:"statement,omitempty"` // the supplier's own, in the supplier's words
	Stated    *bool       `json:"stated,omitempty"`    // the verdict as it was written
	Remarks   string      `json:"remarks,omitempty"`
	Criteria  []Criterion `json:"criteria,omitempty"`
}

// Criterion is one numbered condition and whether it is met; nil is not answered, which counts as no.
type Criterion struct {
	Number int64  `json:"number"`
	Text   string `json:"text,omitempty"`
	Met    *bool  `json:"met,omitempty"`
}

// Answer is Ja, Nej or that there is none.
func (c Criterion) Answer() string {
	switch {
	case c.Met == nil:
		return "Ikke besvaret"
	case *c.Met:
		return "Ja"
	}
	return "Nej"
}

// NotRelevant is the supplier's statement that the system has no use for the interface; it is then in no count (ours).
const NotRelevant = "Ikke relevant"

var interfaceNumber = regexp.MustCompile(`^[A-ZÆØÅ]{2}\d{4}(_[A-Z0-9]{1,3})?$`)

// Key names the integration among records.
func (i Integration) Key() string {
	return Fold(i.Supplier) + "/" + Fold(i.System) + "/" + i.Interface
}

// Relevant tells whether the integration is to be counted: the supplier has not said otherwise, or it is declared ready all the same.
func (i Integration) Relevant() bool {
	return Fold(i.Statement) != Fold(NotRelevant) || i.Stated != nil && *i.Stated
}

// Unmet lists the criteria that are not answered Ja.
func (i Integration) Unmet() []Criterion {
	var list []Criterion
	for _, c := range i.Criteria {
		if c.Met == nil || !*c.Met {
			list = append(list, c)
		}
	}
	return list
}

// Ready is the overall verdict: Ja only when every criterion is (ours, from the seed's blank form), and never against a written Nej. Without
// criteria it is what was written; nothing written is Nej.
func (i Integration) Ready() bool {
	switch {
	case len(i.Unmet()) > 0:
		return false
	case i.Stated != nil:
		return *i.Stated
	}
	return len(i.Criteria) > 0
}

// Contradiction says in Danish how what was written differs from the criteria; "" when it does not.
func (i Integration) Contradiction() string {
	if i.Stated == nil || len(i.Criteria) == 0 {
		return ""
	}
	unmet := i.Unmet()
	switch {
	case *i.Stated && len(unmet) > 0:
		var numbers []string
		for _, c := range unmet {
			numbers = append(numbers, fmt.Sprint(c.Number))
		}
		return fmt.Sprintf("Der er skrevet Ja, men kriterium %s er ikke opfyldt. Vurderingen er derfor Nej.", strings.Join(numbers, ", "))
	case !*i.Stated && len(unmet) == 0:
		return "Alle kriterier er Ja, men der er skrevet Nej. Det bliver stående, til nogen skriver Ja."
	}
	return ""
}

// Validate says what is wrong with an integration, as a *Problem.
func (i Integration) Validate() error {
	for _, name := range []struct {
		what, text string
		required   bool
	}{{"Leverandøren", i.Supplier, true}, {"Systemet", i.System, true}, {"Versionen", i.Version, false}, {"Leverandørens selvangivelse", i.Statement, false}} {
		if err := declaredName(name.what, name.text, name.required); err != nil {
			return err
		}
	}
	if !interfaceNumber.MatchString(i.Interface) {
		return &Problem{Code: "record-invalid", Message: fmt.Sprintf("Snitfladen »%s« er ikke et nummer som SF0810 eller SF1460_A.", i.Interface)}
	}
	if err := declaredText("Integrationens navn", i.Name); err != nil {
		return err
	}
	if err := declaredText("Bemærkningerne", i.Remarks); err != nil {
		return err
	}
	seen := map[int64]bool{}
	for _, c := range i.Criteria {
		if c.Number < 1 || c.Number > 999 || seen[c.Number] {
			return &Problem{Code: "record-invalid", Message: fmt.Sprintf("Kriterium %d har intet brugbart nummer, eller nummeret står to gange.", c.Number)}
		}
		seen[c.Number] = true
		if err := declaredText("Kriteriet", c.Text); err != nil {
			return err
		}
	}
	return nil
}
