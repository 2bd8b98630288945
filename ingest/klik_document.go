package ingest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"komhen/model"
)

// klikRemark is a comment of Word's as it comes out in plain text; it holds a person's name and is no part of the task.
var klikRemark = regexp.MustCompile(`(?m)[ \t]+Comment by [^:\n]{1,200}:.*$`)

// document reads a task in the template's form: a label on a line of its own, which begins with a tab where the text comes from the
// template's table, and below it the field's text up to the next label.
func (r *klikReader) document(text string) error {
	text = klikRemark.ReplaceAllString(text, "")
	r.file.kept = []byte(text)
	if _, hit := model.MaskCPR(text, false); hit {
		return &klikFault{rule: "KL18"}
	}
	lines := strings.Split(text, "\n")
	tabbed := slices.ContainsFunc(lines, func(line string) bool {
		field, _ := r.label(line, false)
		return field != "" && strings.HasPrefix(line, "\t")
	})
	row := KlikRow{Line: 1, Cells: map[string]string{}, lines: map[string]int64{}}
	field := ""
	content := map[string][]string{}
	for i, line := range lines {
		next, inline := r.label(line, tabbed)
		if next == "" {
			if field != "" {
				content[field] = append(content[field], strings.TrimRight(strings.TrimLeft(line, "\t"), " \t\u00a0"))
			}
			continue
		}
		if at, twice := row.lines[next]; twice {
			r.file.Findings = append(r.file.Findings, KlikFinding{Finding: model.Finding{Rule: "KL16", Severity: model.Error, Line: int64(i + 1),
				Column: r.book.Klik.Named(next).Label, Value: r.book.Klik.Named(next).Label, Detail: fmt.Sprint(at)}})
		} else {
			row.lines[next] = int64(i + 1)
		}
		field = next
		content[field] = append(content[field], inline)
	}
	if len(row.lines) < 2 {
		return notKlik("den har ikke skabelonens felter, hvert på en linje for sig")
	}
	for field, text := range content {
		row.Cells[field] = strings.Trim(strings.Join(text, "\n"), "\n \t\u00a0")
	}
	row.Line = row.lineOf("title")
	r.file.Form, r.file.Rows = "document", []KlikRow{row}
	return nil
}

// label tells which field begins on a line, and what stands behind the label's colon. "Prioritet: Obligatorisk på kritisk vej, …" is how the
// template itself writes that label.
func (r *klikReader) label(line string, tabbed bool) (field, inline string) {
	text := strings.TrimSpace(line)
	star := strings.HasPrefix(text, "*")
	if text == "" || len(text) > 200 || tabbed && !star && !strings.HasPrefix(line, "\t") {
		return "", ""
	}
	if f := r.book.Klik.Field(text); f != nil && f.Document {
		return f.Field, ""
	}
	before, after, colon := strings.Cut(text, ":")
	if !star || !colon {
		return "", ""
	}
	f := r.book.Klik.Field(before)
	if f == nil || !f.Document {
		return "", ""
	}
	after = strings.TrimSpace(after)
	if f.Field == "priority" && model.FindKlikCode(r.book.Klik.Priorities, after) == nil {
		after = ""
	}
	return f.Field, after
}
