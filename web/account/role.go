package account

import "slices"

// Role is what a person or program may do.
type Role string

const (
	Operator    Role = "operator"    // KL: sees and manages everything; belongs to no municipality
	Coordinator Role = "coordinator" // tovholder: uploads, approves and manages people of one municipality
	Analyst     Role = "analyst"     // reads a municipality's rows and reports
	Unit        Role = "unit"        // registers contacts of one unit, and nothing else
	Reader      Role = "reader"      // reads a municipality's reports
)

// AllRoles, widest first.
var AllRoles = []Role{Operator, Coordinator, Analyst, Unit, Reader}

// Label is the role's Danish name.
func (r Role) Label() string {
	switch r {
	case Operator:
		return "Administrator (KL)"
	case Coordinator:
		return "Tovholder"
	case Analyst:
		return "Analytiker"
	case Unit:
		return "Enhed"
	case Reader:
		return "Læser"
	}
	return string(r)
}

// May says in Danish what the role is for, to people who choose one.
func (r Role) May() string {
	switch r {
	case Operator:
		return "ser alle kommuner og styrer tjenesten"
	case Coordinator:
		return "sender, retter og godkender kommunens tal og styrer dens brugere"
	case Analyst:
		return "ser kommunens rækker, rapporter og udtræk"
	case Unit:
		return "registrerer henvendelser for en enhed"
	case Reader:
		return "ser kommunens rapporter"
	}
	return ""
}

// Known tells whether it is one of AllRoles.
func (r Role) Known() bool { return slices.Contains(AllRoles, r) }

// within says which roles a role may hand on to a program, in its own municipality.
var within = map[Role][]Role{
	Coordinator: {Coordinator, Analyst, Unit, Reader},
	Analyst:     {Analyst, Reader},
	Unit:        {Unit},
	Reader:      {Reader},
}

// Covers tells whether the account's rights hold those of a role, so that a token with them gives its owner nothing new.
func (a Account) Covers(r Role, municipality uint16, unit string) bool {
	if a.Disabled || !r.Known() {
		return false
	}
	if a.Role == Operator {
		return true
	}
	return slices.Contains(within[a.Role], r) && municipality == a.Municipality && (a.Role != Unit || unit == a.Unit)
}
