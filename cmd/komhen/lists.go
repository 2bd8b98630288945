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
		type subject struct {
			KLE      string                   `json:"kle"`
			Label    string                   `json:"label"`
			Packages map[string]model.Package `json:"packages"`
		}
		type channel struct {
			Code      string `json:"code"`
			Label     string `json:"label"`
			Direction string `json:"direction"`
			Digital   bool   `json:"digital"`
			Form      string `json:"form"`
		}
		type contactType struct {
			Code   string                     `json:"code"`
			Label  string                     `json:"label"`
			Groups map[string]model.TypeGroup `json:"groups"`
		}
		type code struct {
			Code  string `json:"code"`
			Label string `json:"label"`
		}
		out := struct {
			Version  string        `json:"version"`
			Channels []channel     `json:"channels"`
			Types    []contactType `json:"types"`
			Closings []code        `json:"closings"`
			Forms    []code        `json:"forms"`
			Subjects []subject     `json:"subjects"`
		}{Version: b.Version}
		for _, x := range b.Channels {
			out.Channels = append(out.Channels, channel{x.Code, x.Label, string(x.Direction), x.Digital, string(x.Form)})
		}
		for _, x := range b.Types {
			out.Types = append(out.Types, contactType{x.Code, x.Label, x.Groups})
		}
		for _, x := range b.Closings {
			out.Closings = append(out.Closings, code{x.Code, x.Label})
		}
		for _, x := range b.Forms {
			out.Forms = append(out.Forms, code{x.Code, x.Label})
		}
		for _, x := range b.Subjects {
			out.Subjects = append(out.Subjects, subject{x.KLE.String(), x.Label, x.Packages})
		}
		return writeJSON(p.stdout, out)
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
		type rule struct {
			ID       string `json:"id"`
			Severity string `json:"severity"`
			Title    string `json:"title"`
			Message  string `json:"message"`
			Remedy   string `json:"remedy"`
		}
		var list []rule
		for _, r := range p.book.Rules {
			list = append(list, rule{r.ID, string(r.Severity), r.Title, r.Message, r.Remedy})
		}
		return writeJSON(p.stdout, map[string]any{"rules": list})
	}
	words := map[model.Severity]string{model.File: "hele filen", model.Error: "fejl", model.Warning: "advarsel"}
	w := bufio.NewWriter(p.stdout)
	for _, r := range p.book.Rules {
		fmt.Fprintf(w, "%s  %-10s  %s\n", r.ID, words[r.Severity], r.Title)
		if err := writeWrapped(w, strings.Repeat(" ", 17), placeholder.ReplaceAllString(r.Remedy, "…")); err != nil {
			return err
		}
	}
	return w.Flush()
}

type roundsCommand struct{ listFlags }

func (c *roundsCommand) Run(p *program) error {
	type round struct {
		Round          string `json:"round"`
		Title          string `json:"title"`
		Weeks          []int  `json:"weeks"`
		Primary        int    `json:"primary_week"`
		First          string `json:"first"`
		Last           string `json:"last"`
		DataDeadline   string `json:"data_deadline"`
		TotalsDeadline string `json:"totals_deadline,omitempty"`
		Edition        string `json:"edition"`
	}
	var list []round
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "Runde\tNavn\tUger\tPrimær uge\tFørste dag\tSidste dag\tFrist for data\tFrist for total-tal\tKodebog")
	for _, r := range p.book.Rounds(model.DateOf(now())) {
		totals, machine := model.Missing, ""
		if r.TotalsDeadline != 0 {
			totals, machine = r.TotalsDeadline.String(), r.TotalsDeadline.ISO()
		}
		list = append(list, round{r.Name, r.Title(), r.Weeks, r.Primary, r.First.ISO(), r.Last.ISO(), r.DataDeadline.ISO(), machine, r.Edition})
		weeks := strings.ReplaceAll(strings.Trim(fmt.Sprint(r.Weeks), "[]"), " ", ", ")
		fmt.Fprintf(w, "%s\t%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\n", r.Name, r.Title(), weeks, r.Primary, r.First, r.Last, r.DataDeadline, totals, r.Edition)
	}
	if c.JSON {
		return writeJSON(p.stdout, map[string]any{"rounds": list})
	}
	return w.Flush()
}

type municipalitiesCommand struct{ listFlags }

func (c *municipalitiesCommand) Run(p *program) error {
	type municipality struct {
		Code       string         `json:"code"`
		Name       string         `json:"name"`
		Region     string         `json:"region"`
		Population map[string]int `json:"population"`
	}
	var list []municipality
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "Kode\tKommune\tRegion\tIndbyggere\tOpgjort")
	today := model.DateOf(now())
	for _, m := range p.book.Municipalities {
		list = append(list, municipality{m.CodeText(), m.Name, m.Region, m.Population})
		n, quarter := m.PopulationOn(today)
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", m.CodeText(), m.Name, m.Region, model.FormatInt(int64(n)), quarter)
	}
	if c.JSON {
		return writeJSON(p.stdout, map[string]any{"municipalities": list})
	}
	fmt.Fprintln(w, "Kilde: Danmarks Statistik, statistikbanken.dk/FOLK1A")
	return w.Flush()
}
