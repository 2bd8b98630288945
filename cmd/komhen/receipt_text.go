package main

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"unicode/utf8"

	"komhen/ingest"
	"komhen/model"
)

// receiptWidth is how wide a receipt is written: wide enough for a sentence, narrow enough for a window beside a spreadsheet.
const receiptWidth = 100

// writeReceiptText is the receipt for a person: what was detected, sums that add up, and every finding, faults first.
func writeReceiptText(ctx context.Context, w *bufio.Writer, book *model.Codebook, r ingest.FullReceipt) error {
	title := fmt.Sprintf("Indmelding %d: %s", r.Upload, r.File)
	if r.Upload == 0 {
		title = fmt.Sprintf("%s (ikke indlæst)", r.File)
	}
	fmt.Fprintln(w, title)
	if r.Layout != "" {
		writeReceiptSums(w, r)
	}
	if r.State == "undone" {
		fmt.Fprintln(w, "  Indmeldingen er fortrudt og tæller ikke med.")
	}
	if r.Rejected > 0 {
		fmt.Fprintf(w, "\n%s er afvist:\n", count(r.Rejected, "række", "rækker"))
		if err := writeFindings(ctx, w, book, r, func(s model.Severity) bool { return s != model.Warning }); err != nil {
			return err
		}
	}
	if r.Warnings > 0 {
		fmt.Fprintf(w, "\n%s:\n", count(r.Warnings, "advarsel", "advarsler"))
		return writeFindings(ctx, w, book, r, func(s model.Severity) bool { return s == model.Warning })
	}
	return nil
}

func writeReceiptSums(w *bufio.Writer, r ingest.FullReceipt) {
	form := fmt.Sprintf("%s, skilletegn %s", r.Encoding, r.DelimiterWord())
	if r.Format == "xlsx" {
		form = fmt.Sprintf("Excel-ark »%s«", r.Sheet)
	}
	fmt.Fprintf(w, "  Læst som %s, %s.\n", r.Layout, form)
	fmt.Fprintf(w, "  Kilde: %s. Runde: %s.", r.Source, dash(r.Round))
	if r.First != 0 {
		fmt.Fprintf(w, " Periode: %s til %s.", r.First, r.Last)
	}
	fmt.Fprintln(w)
	fmt.Fprintf(w, "  %s = %s overskrift + %s tomme + %s godtaget + %s afvist + %s tilbageholdt\n", count(r.Records, "række", "rækker"),
		model.FormatInt(r.Header), model.FormatInt(r.Blank), model.FormatInt(r.Accepted), model.FormatInt(r.Rejected), model.FormatInt(r.Withheld))
	fmt.Fprintf(w, "  De godtagne rækker giver %s.\n", count(r.Contacts, "henvendelse", "henvendelser"))
	if r.Corrections > 0 {
		fmt.Fprintf(w, "  %s retter en tidligere indlæst henvendelse.\n", count(r.Corrections, "række", "rækker"))
	}
}

// writeFindings writes the findings of some severities. What to do about a rule is said the first time the rule is met.
func writeFindings(ctx context.Context, w *bufio.Writer, book *model.Codebook, r ingest.FullReceipt, wanted func(model.Severity) bool) error {
	said := map[string]bool{}
	return r.Findings(ctx, func(f model.Finding) error {
		if !wanted(f.Severity) {
			return nil
		}
		text := r.Say(f)
		if rule := book.Rule(f.Rule); rule != nil && said[f.Rule] {
			text = strings.TrimSuffix(text, " "+rule.Remedy) // a remedy with placeholders differs, and stays
		}
		said[f.Rule] = true
		place := ""
		switch {
		case f.Line > 0 && f.Column != "":
			place = fmt.Sprintf("linje %d, %s: ", f.Line, f.Column)
		case f.Line > 0:
			place = fmt.Sprintf("linje %d: ", f.Line)
		}
		return writeWrapped(w, "  "+f.Rule+" ", place+text)
	})
}

// writeWrapped writes a text after a lead, with the lines below it as far in.
func writeWrapped(w *bufio.Writer, lead, text string) error {
	w.WriteString(lead)
	indent := utf8.RuneCountInString(lead)
	at := indent
	for word := range strings.FieldsSeq(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case at == indent:
		case at+1+n > receiptWidth:
			w.WriteByte('\n')
			w.WriteString(strings.Repeat(" ", indent))
			at = indent
		default:
			w.WriteByte(' ')
			at++
		}
		w.WriteString(word)
		at += n
	}
	return w.WriteByte('\n')
}
