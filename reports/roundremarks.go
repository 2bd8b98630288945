package reports

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"komhen/model"
)

// Sentences about reports, made of the figures as they are shown.

// ranked is a report's rows by contacts, most first, without what is not filled in.
func ranked(rep *Report) (rows [][]any, n, label, part int) {
	n, label, part = columnNamed(rep, contactsColumn.Name), columnNamed(rep, "label"), columnNamed(rep, shareColumn.Name)
	if label < 0 {
		label = 0
	}
	for _, row := range rep.Shown() {
		if of, _ := row[n].(int64); of > 0 && row[label] != notFilledInLabel {
			rows = append(rows, row)
		}
	}
	slices.SortStableFunc(rows, func(a, b []any) int { return cmp.Compare(b[n].(int64), a[n].(int64)) })
	return rows, n, label, part
}

// largestWords are how a report's largest row is told.
var largestWords = map[string]string{
	"channels": "Flest henvendelser kommer gennem %s: %s (%s).",
	"subjects": "Den opgave, der fylder mest, er %s: %s (%s).",
	"types":    "Den hyppigste henvendelsestype er %s: %s (%s).",
}

func largestOf(rep *Report) string {
	rows, n, label, part := ranked(rep)
	if len(rows) == 0 {
		return ""
	}
	return fmt.Sprintf(largestWords[rep.Name], rows[0][label], contactsText(rows[0][n].(int64)), CellText(rows[0][part], Share))
}

// topShare says how much the largest rows are of all.
func topShare(rep *Report, most int, what string) string {
	rows, n, _, _ := ranked(rep)
	if len(rows) <= most {
		return ""
	}
	var of int64
	for _, row := range rows[:most] {
		of += row[n].(int64)
	}
	all, _ := rep.Totals[n].(int64)
	return fmt.Sprintf("De %d største %s har tilsammen %s af henvendelserne (%s af %s).", most, what, CellText(share(of, all), Share), model.FormatInt(of), model.FormatInt(all))
}

// withoutContacts names the obligatory tasks that have none.
func withoutContacts(rep *Report) string {
	n, label, role := columnNamed(rep, contactsColumn.Name), columnNamed(rep, "label"), columnNamed(rep, "package")
	var names []string
	for _, row := range rep.Rows {
		if row[n] == int64(0) && row[role] == string(model.Obligatory) {
			names = append(names, fmt.Sprint(row[label]))
		}
	}
	switch len(names) {
	case 0:
		return "Alle obligatoriske opgaver har henvendelser."
	case 1:
		return fmt.Sprintf("Én obligatorisk opgave har ingen henvendelser: %s.", names[0])
	}
	return fmt.Sprintf("%d obligatoriske opgaver har ingen henvendelser: %s.", len(names), listText(names))
}

// atOnce says how many are closed at once, of those where the closing is known.
func atOnce(rep *Report) string {
	n, code := columnNamed(rep, contactsColumn.Name), columnNamed(rep, "code")
	var done, known int64
	for _, row := range rep.Rows {
		of := row[n].(int64)
		if row[code] != notFilledIn {
			known += of
		}
		if row[code] == "STRAKS" {
			done = of
		}
	}
	part, ok := share(done, known).(float64)
	if !ok {
		return "Afslutningen er ikke oplyst for nogen af henvendelserne."
	}
	return fmt.Sprintf("Hvor afslutningen er oplyst, er %s straksafsluttet (%s af %s).", CellText(part, Share), model.FormatInt(done), model.FormatInt(known))
}

// perWorkday is the mean of Mondays to Fridays, holidays included.
func perWorkday(rep *Report) string {
	date, n := columnNamed(rep, "date"), columnNamed(rep, contactsColumn.Name)
	var of, days int64
	for _, row := range rep.Rows {
		if w := row[date].(model.Date).Weekday(); w != time.Saturday && w != time.Sunday {
			of, days = of+row[n].(int64), days+1
		}
	}
	if days == 0 {
		return ""
	}
	return fmt.Sprintf("På en dag fra mandag til fredag er der i gennemsnit %s henvendelser.", model.FormatDecimal(float64(of)/float64(days), 1))
}
