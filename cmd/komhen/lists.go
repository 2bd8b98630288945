package main

import (
	"bufio"
	"fmt"
	"regexp"
	"strings"
	"text/tabwriter"

	"komhen/model"
)

type listFlags struct {
	JSON bool `help:"Skriv listen som JSON." name:"json"`
}

type codebookCommand struct{ listFlags }

func (c *codebookCommand) Run(p *program) error {
	b := p.book
	if c.JSON {
		return writeJSON(p.stdout, b.Published())
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "Kodebog %s\n\nKanal\tBetydning\tRetning\tDigital\tBlanket\n", b.Version)
	forms := map[model.FormRule]string{model.FormRequired: "skal udfyldes", model.FormOptional: "kan udelades", model.FormFixedNo: "altid NEJ"}
	for _, x := range b.Channels {
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", x.Code, x.Label, x.Direction, yesNo(x.Digital), forms[x.Form])
	}
	fmt.Fprint(w, "\nType\tBetydning\tGruppe\n")
	for _, x := range b.Types {
		var groups []string
		for _, e := range b.Editions {
			groups = append(groups, e.Name+": "+string(x.Groups[e.Name]))
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", x.Code, x.Label, strings.Join(groups, ", "))
	}
	fmt.Fprint(w, "\nAfslutning\tBetydning\n")
	for _, x := range b.Closings {
		fmt.Fprintf(w, "%s\t%s\n", x.Code, x.Label)
	}
	fmt.Fprint(w, "\nBlanket\tBetydning\n")
	for _, x := range b.Forms {
		fmt.Fprintf(w, "%s\t%s\n", x.Code, x.Label)
	}
	fmt.Fprint(w, "\nOpgave\tBetydning\tPakke\n")
	for _, x := range b.Subjects {
		var packages []string
		for _, e := range b.Editions {
			if role := x.Packages[e.Name]; role != "" {
				packages = append(packages, e.Name+": "+string(role))
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", x.KLE, x.Label, strings.Join(packages, ", "))
	}
	return w.Flush()
}

func yesNo(b bool) string {
	if b {
		return "ja"
	}
	return "nej"
}

// placeholder is where a rule's text takes in what was found.
var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

type rulesCommand struct{ listFlags }

func (c *rulesCommand) Run(p *program) error {
	if c.JSON {
		return writeJSON(p.stdout, p.book.PublishedRules())
	}
	words := map[model.Severity]string{model.File: "hele filen", model.Error: "fejl", model.Warning: "advarsel"}
	w := bufio.NewWriter(p.stdout)
	for _, r := range p.book.AllRules() {
		fmt.Fprintf(w, "%s  %-10s  %s\n", r.ID, words[r.Severity], r.Title)
		if err := writeWrapped(w, strings.Repeat(" ", 17), placeholder.ReplaceAllString(r.Remedy, "…")); err != nil {
			return err
		}
	}
	return w.Flush()
}

type municipalitiesCommand struct{ listFlags }

func (c *municipalitiesCommand) Run(p *program) error {
	if c.JSON {
		return writeJSON(p.stdout, p.book.PublishedMunicipalities())
	}
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "Kode\tKommune\tRegion\tIndbyggere\tOpgjort")
	today := model.DateOf(now())
	for _, m := range p.book.Municipalities {
		n, quarter := m.PopulationOn(today)
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", m.CodeText(), m.Name, m.Region, model.FormatInt(int64(n)), quarter)
	}
	fmt.Fprintln(w, "Kilde: Danmarks Statistik, statistikbanken.dk/FOLK1A")
	return w.Flush()
}
