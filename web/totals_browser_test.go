package web

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"
)

// TestTotalsStory: a coordinator fills the dates in, types two numbers, forgets the declaration and is told, declares, sees the coverage, and
// sends the rest as a file that first has a fault. All of it works without script.
func TestTotalsStory(t *testing.T) {
	t.Parallel()
	s := demoService(t)
	b := s.visit(t).browse()
	b.signIn("tovholder@koege.example")
	for _, run := range []bool{true, false} {
		b.scripts(run)
		b.open("/totals?year=2012&period=2012F")
		b.wants("Køge Kommune, 2012", "Total-tal for 2012", "4.380")
		if from := ask[string](b, `document.getElementById("fra-PPRIND").value`); from != "2012-04-23" {
			t.Errorf("the dates are not filled in: %q", from)
		}
		number := map[bool]string{true: "365", false: "730"}[run]
		ask[chromedp.Void](b, `(() => { for (const id of ["antal-PPRIND", "kilde-PPRIND"]) document.getElementById(id).value = "" })()`)
		b.do(chromedp.SendKeys(chromedp.CSS("#antal-PPRIND"), number), chromedp.SendKeys(chromedp.CSS("#kilde-PPRIND"), "Posten\r")) // the enter key sends the form
		b.waitFor(".error-summary a[href='#declared']")
		b.wants("Sæt hak ved erklæringen")
		if kept := ask[string](b, `document.getElementById("antal-PPRIND").value`); kept != number {
			t.Errorf("what was typed is gone: %q", kept)
		}
		b.do(chromedp.Click(chromedp.CSS("label[for=declared]")))
		b.press(".totals-form button[type=submit]", ".alert-success")
	}
	b.scripts(true)
	b.open("/reports/coverage?round=2012F&municipality=259")
	b.wants("Papirbrev ind", "10,0 %", "108,3 %", "fejl: over 100 %", "ikke sammenlignelig")
	b.open("/totals?year=2012&period=2012F")
	file := filepath.Join(t.TempDir(), "total-tal.csv")
	send := func(content, then string) {
		t.Helper()
		if err := os.WriteFile(file, []byte("kommune;kanal;fra;til;antal;erklæring;kilde\n"+content), 0o600); err != nil {
			t.Fatal(err)
		}
		b.do(chromedp.SetUploadFiles(chromedp.CSS("#totals-file"), []string{file}))
		b.press("form[action='/totals/file'] button", then)
	}
	send("Køge;Telefon ud;23-04-2012;13-05-2012;1.0500;JA;\n", ".error-summary")
	b.wants("Linje 2, kolonnen antal", "Intet er indmeldt")
	send("Køge;Telefon ud;23-04-2012;13-05-2012;1.050;JA;\n", ".alert-success")
	b.wants("Total-tal: 1 indmeldt.")
	b.open("/totals?year=2012")
	b.press("form[action='/totals/delete'] button", ".alert-success")
	b.wants("Tallet er slettet")
}
