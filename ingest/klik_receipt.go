package ingest

import (
	"strings"

	"komhen/model"
)

// KlikReceipt is what a program is told of a KLIK file, by the command line and by the API alike.
type KlikReceipt struct {
	File     string               `json:"file"` // its name as it may be shown
	Form     string               `json:"form,omitempty"`
	Loaded   bool                 `json:"loaded"`
	Rows     int                  `json:"rows"`
	Refused  int                  `json:"refused"`
	Projects int                  `json:"projects_changed"`
	Waves    int                  `json:"waves_changed"`
	Tasks    int                  `json:"tasks_changed"`
	Statuses int                  `json:"statuses_changed"`
	Document *KlikReceiptDocument `json:"document,omitempty"`
	Findings []KlikReceiptFinding `json:"findings"`
}

// KlikReceiptDocument is a task document as it was read, by the template's labels.
type KlikReceiptDocument struct {
	Prefix string            `json:"prefix"`
	Number int               `json:"number"`
	Title  string            `json:"title"`
	Fields map[string]string `json:"fields"`
}

// KlikReceiptFinding is a finding with its place: file, sheet and line. The remedy is the rule's.
type KlikReceiptFinding struct {
	Rule     string         `json:"rule"`
	Severity model.Severity `json:"severity"`
	File     string         `json:"file"`
	Sheet    string         `json:"sheet,omitempty"`
	Line     int64          `json:"line"`
	Field    string         `json:"field"`
	Value    string         `json:"value"`
	Message  string         `json:"message"`
	Remedy   string         `json:"remedy"`
}

// Good tells whether something of a file could be used.
func (in *KlikImport) Good() bool { return !in.File.Fault && in.Refused < in.Rows }

// Nothing tells whether nothing of a file could be used.
func (in *KlikImport) Nothing() bool { return in.File.Fault || in.Rows > 0 && in.Refused == in.Rows }

// Receipt tells what became of a file. name must be one that may be shown.
func (in *KlikImport) Receipt(book *model.Codebook, name string) KlikReceipt {
	d := &in.Decision
	a := KlikReceipt{File: name, Form: in.File.Form, Loaded: in.Loaded, Rows: in.Rows, Refused: in.Refused, Projects: len(d.Projects), Waves: len(d.Waves), Tasks: len(d.Tasks),
		Statuses: len(d.Steps), Findings: []KlikReceiptFinding{}}
	if in.File.Form == "document" {
		row := in.File.Rows[0]
		a.Document = &KlikReceiptDocument{Fields: map[string]string{}}
		a.Document.Prefix, a.Document.Number, a.Document.Title, _ = model.ParseKlikTitle(strings.Join(strings.Fields(row.Cells["title"]), " "))
		for field, text := range row.Cells {
			a.Document.Fields[book.Klik.Named(field).Label] = text
		}
	}
	for _, f := range in.Findings {
		said := KlikReceiptFinding{Rule: f.Rule, Severity: f.Severity, File: name, Sheet: f.Sheet, Line: f.Line, Field: f.Column, Value: f.Value, Message: book.MessageOf(f.Finding)}
		if rule := book.Rule(f.Rule); rule != nil {
			said.Remedy = rule.Remedy
			said.Message = strings.TrimSpace(strings.TrimSuffix(said.Message, rule.Remedy))
		}
		a.Findings = append(a.Findings, said)
	}
	return a
}
