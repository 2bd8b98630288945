package web

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"komhen/model"
)

// centralRows is a delivery for the three municipalities of the demonstration.
const centralRows = `kommune;enhed;opgave;kanal;type;afslutning;blanket;dato;antal
259;;23.05.10;DOKUD;INFO;HOLD;NEJ;23-10-2012;40
259;;01.11.00;DOKUD;INFO;HOLD;NEJ;24-10-2012;2
461;;23.05.10;DOKUD;INFO;HOLD;NEJ;23-10-2012;60
187;;23.05.10;DOKUD;INFO;HOLD;NEJ;23-10-2012;7
`

// pressUntil presses a button that leads to another page of the same kind, and waits until the page says something.
func (b *browser) pressUntil(selector, says string) {
	b.t.Helper()
	b.do(chromedp.Click(chromedp.CSS(selector)))
	for end := time.Now().Add(30 * time.Second); !strings.Contains(b.seen(), says); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("never %q: %s", says, b.seen())
		}
	}
}

// TestCentralStory is a central delivery in a browser: KL makes it ready, Køge approves, Odense takes over and sends its own file, and
// Vallensbæk does nothing. Køge then decides about what it has from two sources.
func TestCentralStory(t *testing.T) {
	t.Parallel()
	clock := clockAt(time.Date(2012, 11, 20, 12, 0, 0, 0, model.Copenhagen))
	s := demoSite(t, Config{Demo: DemoUsers(), Now: clock.now})
	if err := s.AddDemoUsers(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	file := filepath.Join(dir, "digital post 2012E.csv")
	if err := os.WriteFile(file, []byte(centralRows), 0o600); err != nil {
		t.Fatal(err)
	}
	b := s.visit(t).browse()
	b.signIn("kl@kl.example")
	b.open("/central")
	b.do(chromedp.Click(chromedp.CSS("input[value='Digital Post']")), chromedp.SendKeys(chromedp.CSS("#day"), "04-12-2012"),
		chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{file}))
	b.press(".upload-form button[type=submit]", "form[action$='/load'] button")
	b.wants("Filen har rækker til 3 kommuner", "ellers indlæses den 04-12-2012")
	b.press("form[action$='/load'] button", "form[action$='/withdraw'] button")
	b.wants("Køge Kommune", "Odense Kommune", "Vallensbæk Kommune", "afventer svar", "gjort klar til kommunerne, med indlæsning 04-12-2012 af Karen KL")
	page := ask[string](b, "location.pathname")

	const report = "/reports/channels?round=2012E&municipality="
	koege := s.visit(t).browse()
	koege.signIn("tovholder@koege.example")
	before := koege.total(report + "259")
	koege.open("/uploads")
	koege.wants("KL har 42 henvendelser fra Digital Post klar til jer. De indlæses 04-12-2012")
	koege.press(".alert a[href='"+page+"']", "form[action$='/approve'] button")
	koege.wants("Gør I ingenting")
	koege.pressUntil("form[action$='/approve'] button", "42 henvendelser tæller med")
	koege.wants("godkendt og indlæst", "af Tove Tovholder")
	if now := koege.total(report + "259"); now == before {
		t.Error("what was approved does not count")
	}

	odense := s.visit(t).browse()
	odense.signIn("tovholder@odense.example")
	odense.open(page)
	odense.pressUntil("form[action$='/take'] button", "I har taget over")
	part := odense.fetch(page + "/part")
	if bytes.Contains(part, []byte("259")) {
		t.Errorf("Odense's part: %s", part)
	}
	own := filepath.Join(dir, "odense.csv")
	if err := os.WriteFile(own, bytes.ReplaceAll(part, []byte("461;NULL"), []byte("461;Borgerservice")), 0o600); err != nil {
		t.Fatal(err)
	}
	odense.open("/uploads")
	odense.do(chromedp.Click(chromedp.CSS("#kind-system")), chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{own}))
	odense.press(".upload-form button[type=submit]", "form[action$='/load'] button")
	odense.press("form[action$='/load'] button", "form[action$='/undo'] button")
	odense.wants("tæller med", "som 60 henvendelser")

	clock.set(time.Date(2012, 12, 4, 0, 1, 0, 0, model.Copenhagen))
	s.loadDueNow(t.Context())
	b.open(page)
	b.wants("godkendt og indlæst", "overtaget af kommunen", "indlæst på dagen", "indlæst, fordi dagen kom af Tjenesten")

	koege.open(page)
	koege.press("a[href^='/overlaps']", "form[action='/overlaps'][method=post] button")
	koege.wants("Ikke besluttet: alle tæller")
	before = koege.total(report + "259")
	koege.open("/overlaps?round=2012E")
	koege.do(chromedp.Click(chromedp.CSS("label[for='b-1']")))
	koege.pressUntil("form[action='/overlaps'][method=post] button", "Beslutningen er gemt")
	koege.wants("Holdt ude nu", "viger for", "besluttet af Tove Tovholder")
	now := koege.total(report + "259")
	if now == before {
		t.Error("the decision changes nothing")
	}
	koege.wants("som er besluttet at være med fra to datakilder")
	koege.open("/overlaps?round=2012E")
	koege.do(chromedp.Click(chromedp.CSS("label[for='keep-1']")))
	koege.pressUntil("form[action='/overlaps'][method=post] button", "Beslutningen er gemt")
	if again := koege.total(report + "259"); again != before {
		t.Errorf("reversed there are %s, before %s", again, before)
	}
}
