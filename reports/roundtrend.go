package reports

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"komhen/model"
)

// development is what became of it since earlier rounds.
func (j *roundJob) development(ctx context.Context) error {
	rep, err := j.run(ctx, "trend", allOf)
	if err != nil {
		return err
	}
	p := Part{Title: "Alle henvendelser", Report: rep, Draw: true, Table: true, Remarks: j.points(rep)}
	c := Chapter{Text: []string{"Ændring er siden den seneste tidligere runde med henvendelser. En runde uden henvendelser er ikke talt og står som " + model.Missing + ".", TransactionDefinition}, Parts: []Part{p}}
	for _, kind := range kindsOfContact {
		of, err := j.run(ctx, "trend", kind.types)
		if err != nil {
			return err
		}
		if len(of.Rows) > 1 && hasContacts(of) {
			c.Parts = append(c.Parts, Part{Title: upperFirst(kind.title), Report: without(of, "transaction_share"), Table: true})
		}
	}
	j.chapter("trend", c)
	return nil
}

// without leaves a column out that says nothing there: transactions are all of the transactions.
func without(rep *Report, column string) *Report {
	i := columnNamed(rep, column)
	short := *rep
	short.Columns, short.Rows = slices.Delete(slices.Clone(rep.Columns), i, i+1), nil
	for _, row := range rep.Rows {
		short.Rows = append(short.Rows, slices.Delete(slices.Clone(row), i, i+1))
	}
	return &short
}

// points says how many percentage points the shares have moved since the last round with contacts.
func (j *roundJob) points(rep *Report) (list []string) {
	if j.previous.Name == "" {
		return []string{"Det er den første runde med henvendelser, så der er ikke noget at sammenligne med endnu."}
	}
	name := columnNamed(rep, "round")
	now := rep.Rows[len(rep.Rows)-1]
	for _, row := range rep.Rows {
		if row[name] != j.previous.Name {
			continue
		}
		for _, column := range []string{"digital_share", "transaction_share"} {
			i := columnNamed(rep, column)
			before, ok := row[i].(float64)
			after, also := now[i].(float64)
			if ok && also {
				list = append(list, fmt.Sprintf("%s %s siden %s.", rep.Columns[i].Label, movedText(before, after), inSentence(j.previous.Title())))
			}
		}
	}
	return list
}

// moved names the row whose share has moved most since the last round with contacts.
func (j *roundJob) moved(ctx context.Context, name, types string, rep *Report) (string, error) {
	before, err := j.before(ctx, name, types)
	if err != nil || before == nil || !hasContacts(before) || !hasContacts(rep) {
		return "", err
	}
	label, part := columnNamed(rep, "label"), columnNamed(rep, shareColumn.Name)
	old := map[any]float64{}
	for _, row := range before.Rows {
		old[row[label]], _ = row[part].(float64)
	}
	most, from, to := "", 0.0, 0.0
	for _, row := range rep.Rows {
		v, _ := row[part].(float64)
		was, known := old[row[label]]
		if known && math.Abs(v-was) > math.Abs(to-from) {
			most, from, to = fmt.Sprint(row[label]), was, v
		}
	}
	if most == "" {
		return "", nil
	}
	return fmt.Sprintf("Siden %s har %s flyttet sig mest: andelen %s.", inSentence(j.previous.Title()), most, movedText(from, to)), nil
}

// movedText is "er steget fra 12,0 % til 15,5 %", with what is shown deciding whether it moved.
func movedText(before, after float64) string {
	a, b := CellText(before, Share), CellText(after, Share)
	switch {
	case a == b:
		return "er uændret (" + a + ")"
	case after > before:
		return fmt.Sprintf("er steget fra %s til %s", a, b)
	}
	return fmt.Sprintf("er faldet fra %s til %s", a, b)
}

// inSentence is a round's title inside a sentence: "forår 2012".
func inSentence(title string) string { return strings.ToLower(title[:1]) + title[1:] }
