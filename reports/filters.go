package reports

import (
	"fmt"

	"komhen/model"
)

// Query.Weeks and Query.Types: what they may say, what they mean, and how a report tells that they are in force.

const (
	allOf       = "all"
	primaryWeek = "primary"
)

// caseInformation is the type whose group depends on the edition (codebook §2); the reports on "information on a case" are
// of it alone.
const caseInformation = "INFO"

// typeChoices are the four kinds of contact that a report can be limited to, with what its title adds.
var typeChoices = map[string]string{
	"": "", allOf: "",
	"transaction": "transaktioner",
	"information": "generel information",
	"case":        "information om en sag",
}

func checkFilters(def Definition, q Query) error {
	if q.Weeks != "" && q.Weeks != allOf {
		if !def.TakesWeeks {
			return &model.Problem{Code: "weeks-unknown", Message: fmt.Sprintf("Rapporten %q kan ikke afgrænses til bestemte uger.", def.Name)}
		}
		if err := checkWeeks(q.Weeks); err != nil {
			return err
		}
	}
	if q.Types != "" && q.Types != allOf {
		if !def.TakesTypes {
			return &model.Problem{Code: "types-unknown", Message: fmt.Sprintf("Rapporten %q kan ikke afgrænses til bestemte henvendelsestyper.", def.Name)}
		}
		if _, ok := typeChoices[q.Types]; !ok {
			return &model.Problem{Code: "types-unknown", Message: fmt.Sprintf("Henvendelsestyperne %q kendes ikke. Vælg all, transaction, information eller case.", q.Types)}
		}
	}
	return nil
}

func checkWeeks(weeks string) error {
	if weeks == "" || weeks == allOf || weeks == primaryWeek {
		return nil
	}
	return &model.Problem{Code: "weeks-unknown", Message: fmt.Sprintf("Ugerne %q kendes ikke. Vælg all (hele runden) eller primary (kun den primære uge).", weeks)}
}

func primaryNote(r model.Round) string {
	first, last := r.PrimaryWeek()
	return fmt.Sprintf("Uger: kun den primære uge, uge %d (%s – %s).", r.Primary, first, last)
}

// daysOf is the first and last day of a round's weeks.
func daysOf(r model.Round, weeks string) (first, last model.Date) {
	if weeks == primaryWeek {
		return r.PrimaryWeek()
	}
	return r.First, r.Last
}

// typesOf are the contact types of one of the four kinds; nil is all, also those that are not filled in.
func typesOf(cb *model.Codebook, edition, kind string) []uint8 {
	if typeChoices[kind] == "" {
		return nil
	}
	picked := []uint8{}
	for _, t := range cb.Types {
		is := false
		switch kind {
		case "transaction":
			is = t.Groups[edition] == model.Transaction
		case "information":
			is = t.Groups[edition] == model.Information && t.Code != caseInformation
		case "case":
			is = t.Code == caseInformation
		}
		if is {
			picked = append(picked, t.ID)
		}
	}
	return picked
}

// filterNotes says which filters are in force.
func (j *job) filterNotes(def Definition) {
	if j.q.Weeks == primaryWeek {
		j.Notes = append(j.Notes, primaryNote(j.Round))
	}
	if typeChoices[j.q.Types] == "" {
		if def.Name == "channel-by-subject" {
			j.Notes = append(j.Notes, "Alle henvendelsestyper er med, også hvor typen ikke er oplyst.")
		}
		return
	}
	var codes []string
	for _, id := range j.filter.Types {
		t := j.cb.Type(id)
		codes = append(codes, fmt.Sprintf("%s (%s)", t.Label, t.Code))
	}
	if len(codes) == 0 {
		j.Notes = append(j.Notes, fmt.Sprintf("Kodebogens udgave %s har ingen henvendelsestyper af denne slags.", j.Round.Edition))
		return
	}
	j.Notes = append(j.Notes, fmt.Sprintf("Med er kun disse henvendelsestyper: %s. Henvendelser uden oplyst type er ikke med. Grundlaget nedenfor er for alle typer.", listText(codes)))
}
