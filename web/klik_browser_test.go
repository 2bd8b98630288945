package web

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestKlikFilterStory: in a browser a coordinator chooses filters, saves them by a name, finds them again by it in a new session, has the list put on the schedule with
// them, and deletes them.
func TestKlikFilterStory(t *testing.T) {
	s, _, _, _ := klikWork(t, Config{Demo: DemoUsers()})
	check(t, s.AddDemoUsers())
	b := s.visit(t).browse()
	b.signIn("tovholder@koege.example")
	b.open("/klik/tasks?municipality=259")
	b.press(".klik-filters summary", "#project")
	ask[bool](b, `(document.querySelector("#project").value="Prøve", true)`)
	b.do(chromedp.Click(chromedp.CSS("label[for=deadline-2]")), chromedp.Click(chromedp.CSS("label[for=status-0]"))) // Grøn, Ikke påbegyndt
	b.pressUntil(".klik-form button[type=submit]", "Filtre (4 i brug)")
	b.wants("Projekt: Prøve; Kommune: Køge; Deadline: Grøn; Status: Ikke påbegyndt", "(P 1) Gør det først", "Filtre (4 i brug)")
	listed := b.text("table tbody")
	b.do(chromedp.SendKeys(chromedp.CSS("#name"), "Grønne, ikke begyndt"))
	b.press("form[action='/klik/filters'] button[type=submit]", ".klik-saved a")
	b.wants("Filteret »Grønne, ikke begyndt« er gemt.", "Dine filtre")
	b.axe("a saved filter")
	b.picture("klik-filter")
	b.become(s.visit(t))
	b.signIn("tovholder@koege.example")
	b.open("/klik")
	if address := ask[string](b, `[...document.querySelectorAll(".klik-saved a")].find(a => a.textContent === "Grønne, ikke begyndt")?.getAttribute("href") || ""`); !strings.HasPrefix(address, "/klik/tasks?") {
		t.Fatalf("the filter is not found by its name: %q", address)
	}
	b.pressUntil(".klik-saved a", "Deadline: Grøn; Status: Ikke påbegyndt")
	if got := b.text("table tbody"); got != listed || !strings.Contains(got, "P 1") {
		t.Errorf("another list by the saved filter:\n%s\n%s", got, listed)
	}
	b.press("a[href^='/schedule/new?']", "#filter")
	if got := ask[string](b, `document.querySelector("#filter").selectedOptions[0].textContent`); !strings.HasPrefix(got, "»Grønne, ikke begyndt«: Projekt: Prøve;") {
		t.Errorf("%q", got)
	}
	b.axe("the form of a KLIK list on the schedule")
	b.picture("klik-schedule")
	b.do(chromedp.SendKeys(chromedp.CSS("#title"), "Grønne hver mandag"))
	b.press(".job-form .button-primary", "#next")
	b.wants("»Grønne hver mandag« er sat på tidsplanen.", "KLIK: Kommunernes opgaver, Køge Kommune (Projekt: Prøve; Deadline: Grøn; Status: Ikke påbegyndt)")
	b.open("/klik")
	b.press(".klik-saved button", ".alert-success")
	b.wants("Filteret er slettet.")
	if strings.Contains(b.text("main"), "Grønne, ikke begyndt") {
		t.Error("the filter is still there")
	}
	if jobs := s.schedule.Jobs(); len(jobs) == 0 || !strings.Contains(jobs[len(jobs)-1].Question, "deadline=green") {
		t.Errorf("the job lost its filter: %+v", jobs)
	}
}
