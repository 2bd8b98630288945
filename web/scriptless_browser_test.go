package web

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// scripts lets pages run theirs, or not.
func (b *browser) scripts(run bool) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !run})
		return err
	}))
}

// reading is what a page says.
type reading struct {
	Tables, Charts string
	Drawn          int // plain bars, cells and tiles in view
	Scripted       int // what only script makes
	Words          string
}

func (b *browser) read(path string) reading {
	b.t.Helper()
	b.open(path)
	return ask[reading](b, `(() => { const text = e => e.textContent.replace(/\s+/g, " ").trim(), all = s => [...document.querySelectorAll("main " + s)];
		return {Tables: all("table").filter(t => !t.closest(".chart")).map(text).join("\n"), Charts: all(".chart-summary, .map-value, .tile").map(text).join("\n"),
			Drawn: all(".chart-plain .chart-bar rect, .chart-plain td[class^=heat], .map-svg .map-area").filter(e => e.checkVisibility() && e.getBoundingClientRect().width > 0).length, Scripted: all(".sort-button, .chart-canvas svg").length, Words: document.body.innerText} })()`)
}

// TestWithoutScript: the pages one reads say the same without script, and show a plain drawing where there is a chart.
func TestWithoutScript(t *testing.T) {
	t.Parallel()
	p := newPageSite(t)
	b := p.people["coordinator"].browse()
	b.size(1280, 900)
	const chosen = "round=2012E&municipality=259"
	paths := []string{"/?round=2012E", "/reports", "/reports/channels?" + chosen, "/reports/channel-by-subject?" + chosen, "/reports/closings?" + chosen, "/reports/days?" + chosen,
		"/reports/trend?" + chosen, "/reports/ranking?" + chosen, "/reports/completeness?" + chosen, "/rankings?round=2012E", "/map?view=tiles&round=2012E", "/help", "/help/codebook?q=pas", "/help/rules"}
	with := map[string]reading{}
	for _, path := range paths {
		with[path] = b.read(path)
	}
	b.scripts(false)
	for _, path := range paths {
		without := b.read(path)
		if without.Tables != with[path].Tables || without.Charts != with[path].Charts {
			t.Errorf("%s says something else without script:\n%.600s\n%.600s", path, with[path].Tables+with[path].Charts, without.Tables+without.Charts)
		}
		if strings.Contains(path, "round=") && (without.Tables == "" || without.Drawn == 0 && !strings.HasPrefix(path, "/rankings")) {
			t.Errorf("%s: %d marks are drawn without script; tables: %.100q", path, without.Drawn, without.Tables)
		}
		if without.Scripted > 0 {
			t.Errorf("%s runs script", path)
		}
		if words := strings.ToLower(without.Words); strings.Contains(words, "javascript") || strings.Contains(words, "slå script") {
			t.Errorf("%s complains that there is no script", path)
		}
	}
	if with[paths[2]].Scripted == 0 {
		t.Error("script never ran")
	}
	b.sendWithoutScript()
	b.open("/incoming/" + p.values["pending"])
	b.press("form[action$='/load'] button", "form[action$='/undo'] button")
	b.wants("tæller med", "Telefonsystem")
}

// sendWithoutScript sends a file by the plain form, reads the receipt and drops it, as it is loaded already, and mends the rows of the first.
func (b *browser) sendWithoutScript() {
	b.t.Helper()
	file, err := filepath.Abs("../testdata/walkthrough/1-registreringer.csv")
	if err != nil {
		b.t.Fatal(err)
	}
	b.open("/uploads")
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{file}))
	b.press(".upload-form button[type=submit]", ".answer form[action$='/cancel'] button") // the waiting page comes again by itself
	b.wants("Kvittering før indlæsning", "Afvist 5", "R05")
	b.press(".answer form[action$='/cancel'] button", ".upload-form")
	b.wants("Intet er indlæst")
	b.do(chromedp.Click(chromedp.CSS("table tbody tr:first-child td a")), chromedp.WaitVisible(chromedp.CSS("a[href$='/mend']")))
	b.press("a[href$='/mend']", ".mending button[type=submit]")
	b.wants("Der stod »TLFINN«")
	for _, line := range []string{"21", "33", "55"} {
		b.do(chromedp.Click(chromedp.CSS("label[for='row-" + line + "']")))
	}
	b.press(".mending button[type=submit]", ".alert-success")
	b.wants("2 rækker er rettet og tæller med.")
}
