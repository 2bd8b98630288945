package reports

import (
	"context"
	"fmt"
	"slices"

	"komhen/model"
)

// summary is the key figures and the main things of the chapters that follow.
func (j *roundJob) summary(ctx context.Context) error {
	trend, err := j.run(ctx, "trend", allOf)
	if err != nil {
		return err
	}
	at := func(row []any, name string) any { return row[columnNamed(trend, name)] }
	now := trend.Rows[len(trend.Rows)-1]
	for _, row := range slices.Backward(trend.Rows[:len(trend.Rows)-1]) {
		if at(row, "contacts") != nil {
			if j.previous, err = j.cb.Round(at(row, "round").(string)); err != nil {
				return err
			}
			break
		}
	}
	since := "første runde med tal"
	if j.previous.Name != "" {
		since = "siden " + inSentence(j.previous.Title())
	}
	change := KeyFigure{"Ændring", model.Missing, since}
	if share, ok := at(now, "change_share").(float64); ok {
		if change.Text = CellText(share, Share); share > 0 {
			change.Text = "+" + change.Text
		}
	}
	j.Key = []KeyFigure{{"Henvendelser", CellText(at(now, "contacts"), Count), weeksText(j.Round.Weeks)}, change,
		{"Digital andel", CellText(at(now, "digital_share"), Share), "af de indgående"},
		{"Transaktioner", CellText(at(now, "transaction_share"), Share), "hvor typen er oplyst"}}
	var points []string
	for _, name := range []string{"channels", "subjects", "types"} {
		rep, err := j.run(ctx, name, allOf)
		if err != nil {
			return err
		}
		points = append(points, largestOf(rep))
	}
	closings, err := j.run(ctx, "closings", allOf)
	if err != nil {
		return err
	}
	points = append(points, atOnce(closings))
	j.chapter("summary", Chapter{Parts: []Part{{Remarks: said(points)}}})
	return nil
}

// overall is the whole pattern: channels, types, tasks and days.
func (j *roundJob) overall(ctx context.Context) error {
	c := Chapter{Text: []string{"Her er alle henvendelser med, også dem, hvor typen ikke er oplyst. " + DigitalDefinition}}
	channels, err := j.run(ctx, "channels", allOf)
	if err != nil {
		return err
	}
	moved, err := j.moved(ctx, "channels", allOf, channels)
	if err != nil {
		return err
	}
	c.Parts = append(c.Parts, j.part("Kanaler", channels, moved))
	types, err := j.run(ctx, "types", allOf)
	if err != nil {
		return err
	}
	c.Parts = append(c.Parts, j.part("Henvendelsestyper", types, types.Notes[0]))
	for _, more := range []struct {
		name, title string
		remarks     func(*Report) []string
	}{
		{"days", "Dag for dag", func(r *Report) []string { return []string{perWorkday(r)} }},
		{"subjects", "Opgaver", func(r *Report) []string { return []string{topShare(r, 5, "opgaver"), withoutContacts(r)} }},
		{"digital-share", "Digital andel for hver opgave", func(*Report) []string { return nil }},
	} {
		rep, err := j.run(ctx, more.name, allOf)
		if err != nil {
			return err
		}
		p := j.picture(more.title, rep, more.remarks(rep)...)
		p.Remarks = append(p.Remarks, fmt.Sprintf("Tabellen står i %s.", j.appendix(more.title, rep)))
		c.Parts = append(c.Parts, p)
	}
	j.chapter("overall", c)
	return nil
}

// picture is a report as a chart alone.
func (j *roundJob) picture(title string, rep *Report, remarks ...string) Part {
	p := j.part(title, rep, remarks...)
	p.Table, p.Folded = false, ""
	return p
}

// appendix puts a report's table at the end, and gives the name of that place.
func (j *roundJob) appendix(title string, rep *Report) string {
	p := j.part(title, rep)
	p.Draw = false
	j.Appendices = append(j.Appendices, p)
	return fmt.Sprintf("bilag %c", 'A'+len(j.Appendices)-1)
}

// kinds are the chapters on transactions, general information and information on a case: the channels and the tasks of each.
func (j *roundJob) kinds(ctx context.Context) error {
	for _, kind := range kindsOfContact {
		channels, err := j.run(ctx, "channels", kind.types)
		if err != nil {
			return err
		}
		moved, err := j.moved(ctx, "channels", kind.types, channels)
		if err != nil {
			return err
		}
		subjects, err := j.run(ctx, "subjects", kind.types)
		if err != nil {
			return err
		}
		c := Chapter{Text: []string{j.kindText(kind.types)}}
		if c.Parts = []Part{j.part("Kanaler", channels, moved)}; hasContacts(channels) {
			cross, err := j.run(ctx, "channel-by-subject", kind.types)
			if err != nil {
				return err
			}
			j.where[kind.types] = j.appendix("Kanaler for hver opgave: "+kind.title, cross)
			c.Parts = append(c.Parts, j.picture("Opgaver", subjects, topShare(subjects, 5, "opgaver"), fmt.Sprintf("Alle opgaver med deres kanaler står i %s.", j.where[kind.types])))
		}
		j.chapter(kind.chapter, c)
	}
	return nil
}

// kindText says what a kind of contact holds by the edition of the round. Which group INFO belongs to changed between editions.
func (j *roundJob) kindText(kind string) string {
	var names []string
	for _, id := range typesOf(j.cb, j.Round.Edition, kind) {
		t := j.cb.Type(id)
		names = append(names, fmt.Sprintf("%s (%s)", t.Label, t.Code))
	}
	text := fmt.Sprintf("Her er kun disse henvendelsestyper med: %s. Henvendelser uden oplyst type er ikke med.", listText(names))
	info := j.cb.Type(j.cb.TypeID(caseInformation))
	if info == nil {
		return text
	}
	switch group := info.Groups[j.Round.Edition]; {
	case kind == "case" && group == model.Transaction:
		text += fmt.Sprintf(" I kodebogens udgave %s hører %s til transaktionerne, så de samme henvendelser er også med i kapitlet Transaktioner.", j.Round.Edition, info.Code)
	case kind == "case":
		text += fmt.Sprintf(" I kodebogens udgave %s hører %s til gruppen %s; her står de for sig og er ikke med i kapitlet Generel information.", j.Round.Edition, info.Code, group)
	case kind == "transaction" && group == model.Transaction:
		text += fmt.Sprintf(" I kodebogens udgave %s hører %s med til transaktionerne; fra udgave 2013 gør de det ikke.", j.Round.Edition, info.Code)
	}
	return text
}

// channelsOfTasks shows which channels each task has, for each kind of contact.
func (j *roundJob) channelsOfTasks(ctx context.Context) error {
	c := Chapter{Text: []string{"Her ses for de opgaver, der fylder mest, hvilke kanaler henvendelserne kommer gennem. Jo mørkere feltet er, jo større en del af opgavens henvendelser kommer den vej. Mørke felter på telefon, breve og fremmøde viser, hvor der er noget at flytte."}}
	for _, kind := range kindsOfContact {
		rep, err := j.run(ctx, "channel-by-subject", kind.types)
		if err != nil {
			return err
		}
		p := j.picture(upperFirst(kind.title), rep, j.mostlyOne(rep))
		if p.Report != nil {
			p.Remarks = append(p.Remarks, fmt.Sprintf("Tabellen med alle opgaver og antal står i %s.", j.where[kind.types]))
		}
		c.Parts = append(c.Parts, p)
	}
	j.chapter("channels", c)
	return nil
}

// mostlyOne counts the tasks that have more than half of their contacts on one channel.
func (j *roundJob) mostlyOne(rep *Report) string {
	n := columnNamed(rep, contactsColumn.Name)
	tasks, one := 0, map[string]int{}
	for _, row := range rep.Rows {
		all, _ := row[n].(int64)
		if all == 0 {
			continue
		}
		tasks++
		for i, c := range rep.Columns {
			if of, ok := row[i].(int64); ok && i != n && c.Unit == Count && 2*of > all {
				one[c.Label]++
			}
		}
	}
	best := ""
	for _, c := range rep.Columns {
		if one[c.Label] > one[best] {
			best = c.Label
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("%d af %d opgaver har mere end halvdelen af deres henvendelser på %s.", one[best], tasks, best)
}

// endings is how contacts are closed, in all and for each kind.
func (j *roundJob) endings(ctx context.Context) error {
	all, err := j.run(ctx, "closings", allOf)
	if err != nil {
		return err
	}
	c := Chapter{Text: []string{"Straksafsluttet er det, borgeren får svar på med det samme; resten er lagt til senere behandling."}, Parts: []Part{j.part("Alle henvendelser", all, atOnce(all))}}
	for _, kind := range kindsOfContact {
		rep, err := j.run(ctx, "closings", kind.types)
		if err != nil {
			return err
		}
		p := j.part(upperFirst(kind.title), rep)
		c.Parts = append(c.Parts, p)
	}
	j.chapter("closings", c)
	return nil
}

// papers is the share of contacts with a form.
func (j *roundJob) papers(ctx context.Context) error {
	rep, err := j.run(ctx, "forms", allOf)
	if err != nil {
		return err
	}
	yes, known := int64(0), int64(0)
	n, code := columnNamed(rep, contactsColumn.Name), columnNamed(rep, "code")
	for _, row := range rep.Rows {
		if row[code] != notFilledIn {
			known += row[n].(int64)
		}
		if row[code] == "JA" {
			yes = row[n].(int64)
		}
	}
	remark := ""
	if part, ok := share(yes, known).(float64); ok {
		remark = fmt.Sprintf("Hvor det er oplyst, følger der en blanket med %s af henvendelserne (%s af %s).", CellText(part, Share), model.FormatInt(yes), model.FormatInt(known))
	}
	j.chapter("forms", Chapter{Text: rep.Notes[:1], Parts: []Part{j.part("Henvendelser med blanket", rep, remark)}})
	return nil
}

// places are the municipality's own units, or for the country its municipalities.
func (j *roundJob) places(ctx context.Context) error {
	if j.Municipality == nil {
		rep, err := j.run(ctx, "ranking", allOf)
		if err != nil {
			return err
		}
		where := j.appendix("Kommunerne sammenlignet", rep)
		j.chapter("municipalities", Chapter{Text: rep.Notes[:3], Parts: []Part{{Title: "Digital andel", Report: rep, Draw: true, Remarks: []string{fmt.Sprintf("Alle kommuner står i %s.", where)}}}})
		return nil
	}
	all, err := j.run(ctx, "units", allOf)
	if err != nil {
		return err
	}
	kinds, err := j.unitsByKind(ctx, all)
	if err != nil {
		return err
	}
	c := Chapter{Text: []string{"Enheder er kommunens egne og indgår aldrig i tal på tværs af kommuner."}}
	first := j.part("Alle henvendelser", all, topShare(all, 3, "enheder"))
	c.Parts = append(c.Parts, first)
	if kinds != nil && hasContacts(kinds) {
		c.Parts = append(c.Parts, Part{Title: "Hvad enhederne bliver spurgt om", Report: kinds, Table: true})
	}
	j.chapter("units", c)
	return nil
}

// unitsByKind sets the units' reports of each kind side by side. A kind that is part of another one by the edition says so in chapter "case".
func (j *roundJob) unitsByKind(ctx context.Context, all *Report) (*Report, error) {
	side := *all
	side.Title = "Enhedernes henvendelser efter slags"
	side.Columns, side.Rows, side.Totals = []Column{all.Columns[0], all.Columns[1]}, nil, nil
	var lists []map[any]any
	for _, kind := range kindsOfContact {
		rep, err := j.run(ctx, "units", kind.types)
		if err != nil {
			return nil, err
		}
		found := map[any]any{sum: rep.Totals[1]}
		for _, row := range rep.Rows {
			found[row[0]] = row[1]
		}
		lists = append(lists, found)
		side.Columns = append(side.Columns, Column{Name: kind.types, Label: upperFirst(kind.title), Unit: Count})
	}
	line := func(row []any) []any {
		cells := []any{row[0], row[1]}
		for _, found := range lists {
			n := found[row[0]]
			if n == nil {
				n = int64(0)
			}
			cells = append(cells, n)
		}
		return cells
	}
	for _, row := range all.Rows {
		side.Rows = append(side.Rows, line(row))
	}
	side.Totals = line(all.Totals)
	return &side, nil
}
