package web

import (
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"komhen/web/account"
)

// TestScript tries what komhen.js adds to the pages, in a browser and below the service's own content security policy.
func TestScript(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{})
	v := s.as(t, account.Coordinator, 259, "")
	b := v.browse()

	// A file is sent with progress, and the answer is the page that is shown without script too.
	b.open("/uploads")
	file, err := filepath.Abs("../testdata/walkthrough/1-registreringer.csv")
	if err != nil {
		t.Fatal(err)
	}
	b.do(chromedp.SetUploadFiles(chromedp.CSS("#files"), []string{file}))
	if said := b.text(".upload-files"); said == "" {
		t.Error("the chosen file is not named")
	}
	b.do(chromedp.Click(chromedp.CSS(".upload-form button[type=submit]")), chromedp.WaitVisible(chromedp.CSS("form[action$='/load'] button")))
	b.do(chromedp.Click(chromedp.CSS("form[action$='/load'] button")), chromedp.WaitVisible(chromedp.CSS("form[action$='/undo'] button")))

	// A report has its chart, drawn as SVG, which says what it shows; nothing was refused.
	b.do(chromedp.EmulateViewport(1280, 900))
	b.open("/reports/channels?round=2012F&municipality=259")
	b.do(chromedp.WaitVisible(chromedp.CSS(".chart-drawn .chart-canvas svg")))
	chart := ask[struct {
		Label, Plain string
		Bars         int
	}](b, `({Label: document.querySelector(".chart-canvas").getAttribute("aria-label"), Plain: getComputedStyle(document.querySelector(".chart-plain")).display, Bars: document.querySelectorAll(".chart-row").length})`)
	if chart.Label == "" || chart.Plain != "none" || chart.Bars == 0 {
		t.Errorf("the chart: %+v", chart)
	}

	// A table is sorted by the header that is pressed, and says so.
	type order struct {
		Sort   string
		Values []string
	}
	press := func() order {
		return ask[order](b, `(() => { const t = document.querySelector("table[data-sortable]"); const h = [...t.tHead.rows[0].cells].filter(c => c.classList.contains("numeric"))[0]; h.querySelector("button").click();
			return {Sort: h.getAttribute("aria-sort"), Values: [...t.tBodies[0].rows].map(r => r.cells[h.cellIndex].textContent)} })()`)
	}
	first, second := press(), press()
	if n := len(first.Values); first.Sort != "descending" || second.Sort != "ascending" || n < 3 || first.Values[0] != second.Values[n-1] || first.Values[0] == "0" {
		t.Errorf("sorted: %+v, then %+v", first, second)
	}

	// The map is one stop for the tab key; the arrow keys go from Køge to its neighbour to the east.
	b.open("/map?view=tiles&round=2012F")
	b.do(chromedp.WaitVisible(chromedp.CSS(".map-svg")))
	keys := ask[struct {
		Stops  int
		From   string
		To     string
		Styles int
	}](b, `(() => { const stops = document.querySelectorAll(".map-area a:not([tabindex='-1'])"); stops[0].focus(); const from = document.activeElement.getAttribute("aria-label");
		document.activeElement.dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowRight", bubbles: true, cancelable: true}));
		return {Stops: stops.length, From: from, To: document.activeElement.getAttribute("aria-label"), Styles: document.querySelectorAll("main [style], main style").length} })()`)
	if keys.Stops != 1 || keys.From == "" || keys.From == keys.To || keys.To == "" || keys.Styles != 0 {
		t.Errorf("the map: %+v", keys)
	}
}
