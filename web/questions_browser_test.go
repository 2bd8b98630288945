package web

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// TestQuestionsStory: a coordinator goes on with a draft, hands in too early and is told what is missing, answers, hands in, and sees the
// answers beside the others'; KL adds a question. None of it needs script.
func TestQuestionsStory(t *testing.T) {
	s := demoService(t)
	b := s.visit(t).browse()
	b.signIn("tovholder@koege.example")
	b.scripts(false)
	b.open("/questions")
	b.wants("Efterår 2012 kladde", "Forår 2012 indmeldt")
	b.open("/questions/2012E")
	b.press("button[value='hand-in']", ".error-summary a[href='#s6']")
	b.wants("Spørgsmål 6 skal besvares, før svarene kan indmeldes.")
	for _, choice := range []string{"s6-0", "s8-0", "s9-1", "s10-0", "s10-2", "s11-0", "s13-0", "s14-1"} {
		b.do(chromedp.Click(chromedp.CSS("label[for='" + choice + "']")))
	}
	b.do(chromedp.SendKeys(chromedp.CSS("#s15"), "96,5"), chromedp.SendKeys(chromedp.CSS("#s16"), "Kaffe & tålmodighed"))
	b.press("button[value='hand-in']", ".alert-success")
	b.wants("Svarene er indmeldt", "indmeldt efter frist")
	b.open("/reports/questions?round=2012E&municipality=259")
	b.wants("Kaffe & tålmodighed", "96,5", "Fagsystemerne kan ikke; Arbejdsgangene", "Indmeldt: 3 kommuner af 98.")
	b.become(s.visit(t))
	b.signIn("kl@kl.example")
	b.open("/questions/2012E")
	b.wants("3 af 98 kommuner har svaret", "Kaffe & tålmodighed", "Frivillige på bibliotekerne")
	b.open("/questions/2012E/edit")
	b.do(chromedp.SendKeys(chromedp.CSS("#text-16"), "Bruger I chat?"), chromedp.Click(chromedp.CSS("label[for=required-16]")))
	b.press("main .answer button[type=submit]", ".alert-success")
	b.wants("17 spørgsmål er gemt.")
	b.open("/questions/2012E")
	b.wants("Køge indmeldt, men spørgsmålene er ændret siden")
}
