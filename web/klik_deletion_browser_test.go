package web

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"komhen/ingest"
	"komhen/reports"
	"komhen/web/account"
)

// TestKlikDeletionStory is a deletion in a browser: the operator announces it, a municipality reads of it, writes a last word, fetches the task as PDF from its page
// and all of them at once, and every word is in the PDFs.
func TestKlikDeletionStory(t *testing.T) {
	chromium(t)
	s, _, project := klikDeletionSite(t, "")
	long := strings.Repeat("Ærø, Ålborg og Ørsted står i en lang sætning, som ikke må blive skåret over. ", 40) + "Her slutter den: Æblegrød."
	address := "https://eksempel.example/" + strings.Repeat("en-meget-lang-adresse-", 12) + "slut"
	text := "Projekt;Opgavetitel;Fase;Tema;Prioritet;STS;Bølge;Varighed;Slutdato (fra Go-live);Startdato (fra slutdato);Beskrivelse;Mål;Metode og fremgangsmåde;Resultat;Kvalitetskriterier;Eksterne bilag;Anbefalet udfører\n" +
		"Prøve;(P 3) Gør en stor, øm å åben;1;Viden og færdigheder;Obligatorisk;nej;Bølge A;3;-1;-10;" + long + ";Målet er nået;\"1. Åbn døren\n   a. Først håndtaget\n2. Luk den\";Døren er lukket;Den er tæt;" + address + ";Projektleder\n"
	in, err := s.folder.ImportKlik(t.Context(), "c.csv", []byte(text), ingest.Decision{At: s.now()})
	if err != nil || !in.Loaded || in.Refused > 0 {
		t.Fatalf("%v %+v", err, in.Findings)
	}
	plan, err := s.folder.Store.KlikPlan(t.Context(), 0)
	check(t, err)
	task := plan.Find(project, "P 3").ID

	b := s.as(t, account.Operator, 0, "").browse()
	b.open("/klik/deletion")
	b.do(chromedp.SetAttributeValue(chromedp.CSS("#day"), "value", "2012-12-10"))
	ask[chromedp.Void](b, fmt.Sprintf(`document.querySelector("#what").value = "project-%d"`, project))
	b.press("#announce ~ form button.button-primary", ".alert-success")
	b.wants("3 opgaver i »Prøve« bliver slettet 10-12-2012.")
	b.lookOver("/klik/deletion", "klik-deletion-operator", true)
	ask[bool](b, `document.querySelector("#announce ~ form").submit(), true`)
	b.waitFor(".error-summary")
	b.axe("/klik/deletion with errors")
	b.picture("klik-deletion-errors")
	b.lookOver(fmt.Sprintf("/klik/tasks/%d?municipality=all", task), "klik-task-deleted-operator", false)

	coordinator := s.as(t, account.Coordinator, 259, "")
	b.become(coordinator)
	b.lookOver("/klik", "klik-notice", true)
	b.press(".alert-warning a[href='/klik/deletion']", ".klik-deletion")
	b.wants("3 opgaver i »Prøve«", "ikke hentet")
	page := fmt.Sprintf("/klik/tasks/%d?municipality=259", task)
	b.open(page)
	b.wants("Opgaven bliver slettet 10-12-2012")
	b.do(chromedp.SendKeys(chromedp.CSS("#responsible"), "Søren Æbelø"), chromedp.SendKeys(chromedp.CSS("#comment"), "Vi nåede det: blå bånd på Ø-vej 3"))
	b.press("form[action*='/klik/tasks/'] button.button-primary", ".alert-success")
	b.lookOver(page, "klik-task-deleted", true)
	href := ask[string](b, `[...document.querySelectorAll(".downloads a")].find(a => a.textContent.includes("PDF")).getAttribute("href")`)
	one, info := printed(t, "klik-opgave", b.fetch(href))
	wanted := []string{"(P 3) Gør en stor, øm å åben", "Køge Kommune", long, address, "1. Åbn døren", "a. Først håndtaget", "2. Luk den", "Døren er lukket", "Den er tæt", "Projektleder", "Søren Æbelø", "Vi nåede det: blå bånd på Ø-vej 3", "Målet er nået", "Opgaven slettes", "10-12-2012", "Historik"}
	for _, want := range wanted {
		if !strings.Contains(packed(withoutMargins(one)), packed(want)) {
			t.Errorf("the PDF does not say %.80q:\n%s", want, one)
		}
	}
	if !strings.Contains(info, "Tagged:          yes") || !strings.Contains(info, "Title:           (P 3) Gør en stor, øm å åben, Køge Kommune") {
		t.Error(info)
	}
	b.open("/klik/deletion")
	b.wants("(P 3) Gør en stor, øm å åben: hentet", "(P 1) Gør det først: ikke hentet")
	b.lookOver("/klik/deletion", "klik-deletion", true)
	href = ask[string](b, `[...document.querySelectorAll(".downloads a")].find(a => a.textContent.includes("PDF")).getAttribute("href")`)
	all, info := printed(t, "klik-opgaver", b.fetch(href))
	for _, want := range append(wanted, "3 opgaver, hver med alt", "(P 1) Gør det først", "(P 2) Gør det bagefter", "Indhold") {
		if !strings.Contains(packed(withoutMargins(all)), packed(want)) {
			t.Errorf("the PDF of all does not say %.80q", want)
		}
	}
	if !strings.Contains(info, "Title:           KLIK-opgaver, Køge Kommune") {
		t.Error(info)
	}
	b.open("/klik/deletion")
	if text := b.text(".klik-deletion"); strings.Contains(text, "ikke hentet") {
		t.Error(text)
	}
}

// withoutMargins takes what stands at the edges of every sheet out of the text of a PDF, so that a sentence over two sheets is found.
func withoutMargins(text string) string {
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\f", "\n"), "\n") {
		if !strings.Contains(line, "Udskrevet ") && !strings.Contains(line, "KLIK den ") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// TestKlikTablesOnPaper: driftsstatus and klarmelding as PDF hold every figure, breach, incident and criterion of their pages.
func TestKlikTablesOnPaper(t *testing.T) {
	chromium(t)
	s := newSite(t, Config{Now: at(2012, 11, 20)})
	importKlikTables(t, s)
	v := s.as(t, account.Reader, 259, "")
	o, err := reports.RunOperations(t.Context(), s.folder.Store, 0, "")
	check(t, err)
	text, info := printed(t, "driftsstatus", []byte(paperOf(t, v, "/klik/operations/download?"+url.Values{"format": {"pdf"}, "month": {o.Month.ISO()}}.Encode())))
	holdsReport(t, "driftsstatus", text, o.Report())
	wanted := []string{o.Summary()}
	for _, b := range o.Breaches {
		wanted = append(wanted, b.Sentence())
	}
	for _, i := range o.Incidents {
		wanted = append(wanted, i.Title, i.Effect, i.Cause, i.Remedy, i.Solution)
	}
	if len(o.Breaches) == 0 || len(o.Incidents) == 0 || !strings.Contains(info, "Title:           Driftsstatus, De fælles systemer") {
		t.Error(info)
	}
	r, err := reports.RunReadiness(t.Context(), s.folder.Store, s.book)
	check(t, err)
	ready, info := printed(t, "klarmelding", []byte(paperOf(t, v, "/klik/readiness/download?format=pdf")))
	holdsReport(t, "klarmelding", ready, r.Report())
	holdsReport(t, "snitflader", ready, r.InterfaceReport())
	if !strings.Contains(info, "Title:           Klarmelding, Leverandører og systemer, KLIK den 20-11-2012") {
		t.Error(info)
	}
	for _, system := range r.Systems {
		for _, i := range system.Integrations {
			wanted = append(wanted, i.Interface, i.Statement, i.Remarks)
			for _, c := range i.Criteria {
				wanted = append(wanted, c.Text)
			}
		}
	}
	for _, want := range wanted {
		if !strings.Contains(packed(withoutMargins(text+ready)), packed(want)) && !broken(text+ready, want) {
			t.Errorf("the PDFs do not say %q", want)
		}
	}
}

func paperOf(t *testing.T, v *visitor, path string) string {
	t.Helper()
	status, body := v.get(path)
	if status != 200 || !strings.HasPrefix(body, "%PDF-") {
		t.Fatalf("%s: %d %.300s", path, status, words(body))
	}
	return body
}
