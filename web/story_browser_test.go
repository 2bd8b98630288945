package web

import (
	"bytes"
	"encoding/base64"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"komhen/reports"
)

// demoService is what make run shows: the demo round, with its people.
func demoService(t *testing.T) *site {
	s := demoSite(t, Config{Demo: DemoUsers()})
	if err := s.AddDemoUsers(); err != nil {
		t.Fatal(err)
	}
	return s
}

// signIn types a demo user's mail address and password, and presses enter: no mouse is needed.
func (b *browser) signIn(email string) {
	b.t.Helper()
	for _, u := range DemoUsers() {
		if u.Email == email {
			b.open("/login")
			b.do(chromedp.SendKeys(chromedp.CSS("input[name=email]"), u.Email), chromedp.SendKeys(chromedp.CSS("input[name=password]"), u.Password+"\r"),
				chromedp.WaitVisible(chromedp.CSS("form[action='/logout']")))
			return
		}
	}
	b.t.Fatal("no demo user " + email)
}

func (b *browser) press(selector string, then string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)), chromedp.WaitVisible(chromedp.CSS(then)))
}

func (b *browser) wants(parts ...string) {
	b.t.Helper()
	text := strings.Join(strings.Fields(ask[string](b, `document.body.innerText`)), " ")
	for _, p := range parts {
		if !strings.Contains(text, p) {
			b.t.Errorf("the page does not say %q:\n%s", p, text)
		}
	}
}

// total is the last figure under a report: all contacts.
func (b *browser) total(path string) string {
	b.t.Helper()
	b.open(path)
	return ask[string](b, `[...document.querySelectorAll("table tfoot tr:last-child td")].map(e => e.textContent.trim()).find(t => /^[\d.]+$/.test(t)) || ""`)
}

// fetch downloads what a link on the page leads to.
func (b *browser) fetch(path string) []byte {
	b.t.Helper()
	text := ask[string](b, `fetch(`+"`"+path+"`"+`).then(r => r.ok ? r.arrayBuffer() : Promise.reject(r.status)).then(a => { let s = ""; for (const x of new Uint8Array(a)) s += String.fromCharCode(x); return btoa(s) })`)
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		b.t.Fatal(err)
	}
	return data
}

func (b *browser) sendFile(name, source string) {
	b.t.Helper()
	path, err := filepath.Abs("../testdata/walkthrough/" + name)
	if err != nil {
		b.t.Fatal(err)
	}
	b.open("/uploads")
	if source != "" {
		b.do(chromedp.Click(chromedp.CSS("#kind-system")), chromedp.SendKeys(chromedp.CSS("#source"), source))
	}
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{path}))
	b.press(".upload-form button[type=submit]", "form[action$='/load'] button")
}

// TestCoordinatorStory is a newcomer's first twenty minutes, in a browser: sign in, send, read the receipt, load, mend, undo, redo, see
// the figures move, download the workbook, approve.
func TestCoordinatorStory(t *testing.T) {
	t.Parallel()
	s := demoService(t)
	b := s.visit(t).browse()
	b.signIn("tovholder@koege.example")
	const report = "/reports/channels?round=2012F&municipality=259"
	before := b.total(report)
	b.sendFile("1-registreringer.csv", "")
	b.wants("Kvittering før indlæsning", "Afvist 5", "R05")
	b.press("form[action$='/load'] button", "form[action$='/undo'] button")
	b.wants("tæller med", "Modtaget")
	loaded := b.total(report)
	if before == "" || before == loaded {
		t.Errorf("the figures did not move: %q, %q", before, loaded)
	}
	b.open("/uploads")
	b.do(chromedp.Click(chromedp.CSS("table tbody tr:first-child td a")), chromedp.WaitVisible(chromedp.CSS("a[href$='/mend']")))
	upload := ask[string](b, "location.pathname")
	b.press("a[href$='/mend']", ".mending button[type=submit]")
	b.wants("Der stod »TLFINN«")
	ask[chromedp.Void](b, `(() => { for (const box of document.querySelectorAll("input[name=row]")) if (box.value !== "10" && box.value !== "44") box.checked = false })()`)
	b.press(".mending button[type=submit]", ".alert-success")
	b.wants("2 rækker er rettet og tæller med.")
	mended := b.total(report)
	if mended == loaded {
		t.Error("the mended rows do not count")
	}
	b.sendFile("2-telefonsystem.csv", "Telefonsystem")
	b.press("form[action$='/load'] button", "form[action$='/undo'] button")
	second := ask[string](b, "location.pathname")
	more := b.total(report)
	b.open(second)
	b.press("form[action$='/undo'] button", "form[action$='/redo'] button")
	b.wants("er fortrudt. Det tog")
	if now := b.total(report); now != mended {
		t.Errorf("undone there are %s, before %s", now, mended)
	}
	b.open(second)
	b.press("form[action$='/redo'] button", "form[action$='/undo'] button")
	if now := b.total(report); now != more {
		t.Errorf("redone there are %s, before %s", now, more)
	}
	b.open(upload)
	b.wants("Historik", "indlæst af Tove Tovholder")
	verified(t, b.fetch("/benchmark.xlsx?round=2012F&municipality=259"))
	b.open("/?round=2012F")
	b.press("form[action$='/approve'] button", "form[action$='/reopen'] button")
	b.wants("Godkendt")
}

// verified reads a downloaded workbook back and holds it to its own seal.
func verified(t *testing.T, workbook []byte) {
	t.Helper()
	verdict, err := reports.VerifyBytes(workbook)
	if err != nil {
		t.Fatal(err)
	}
	if verdict.State != reports.Untouched {
		t.Errorf("the workbook is not as we wrote it: %+v", verdict)
	}
}

// TestOperatorStory: KL sees who has delivered, opens a municipality, the map and the log, and invites a coordinator.
func TestOperatorStory(t *testing.T) {
	s := demoService(t)
	b := s.visit(t).browse()
	b.signIn("kl@kl.example")
	b.open("/?round=2012F")
	b.wants("Køge", "Odense", "Vallensbæk")
	b.open("/municipalities/461?round=2012F")
	b.wants("Odense", "Henvendelser")
	b.open("/map?round=2012F")
	if tiles := ask[int](b, `document.querySelectorAll(".map-svg a, .map-svg [data-code]").length`); tiles < 98 {
		t.Errorf("%d tiles", tiles)
	}
	b.open("/people")
	b.do(chromedp.SendKeys(chromedp.CSS("input[name=email]"), "ny@vallensbaek.example"), chromedp.SendKeys(chromedp.CSS("input[name=name]"), "Nanna Ny"))
	ask[chromedp.Void](b, `(() => { const box = document.querySelector("input[name=role][value=coordinator]"); if (box) box.checked = true; const m = document.querySelector("form.narrow-form [name=municipality]"); m.value = m.tagName === "SELECT" ? "187" : "Vallensbæk" })()`)
	b.do(chromedp.Click(chromedp.CSS("form.narrow-form[action='/people'] button[type=submit]")), chromedp.WaitVisible(chromedp.CSS("input[value*='/link/'], code, .shown-once")))
	b.open("/audit")
	b.wants("Karen KL")
}

// TestAnalystStory: an analyst chooses weeks and types, shares the address, and takes the figures along; nothing can be changed.
func TestAnalystStory(t *testing.T) {
	s := demoService(t)
	b := s.visit(t).browse()
	b.signIn("analytiker@koege.example")
	all := b.total("/reports/channels?round=2012E&municipality=259")
	primary := b.total("/reports/channels?round=2012E&municipality=259&weeks=primary")
	if all == "" || all == primary {
		t.Errorf("all weeks %q, the primary week %q", all, primary)
	}
	for _, format := range []string{"csv", "json", "xlsx"} {
		if data := b.fetch("/reports/channels/download?round=2012E&municipality=259&format=" + format); len(data) < 100 || format == "xlsx" && !bytes.HasPrefix(data, []byte("PK")) {
			t.Errorf("%s: %d bytes", format, len(data))
		}
	}
	verified(t, b.fetch("/benchmark.xlsx?round=2012E&municipality=259"))
	if data := b.fetch("/export/contacts?round=2012E&municipality=259&format=csv"); bytes.Count(data, []byte("\n")) < 1000 {
		t.Errorf("the extract has %d lines", bytes.Count(data, []byte("\n")))
	}
	if status := ask[int](b, `fetch("/uploads").then(r => r.status)`); status != 403 {
		t.Errorf("the uploads' page: %d", status)
	}
	if status := ask[int](b, `fetch("/reports/channels?round=2012E&municipality=461").then(r => r.status)`); status != 403 {
		t.Errorf("another municipality's report: %d", status)
	}
}
