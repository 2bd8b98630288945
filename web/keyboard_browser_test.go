package web

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// keys is the script that looks at a page as one who has no mouse: testdata/keys.js.
func keys(t *testing.T) string {
	t.Helper()
	script, err := os.ReadFile(filepath.Join("testdata", "keys.js"))
	if err != nil {
		t.Fatal(err)
	}
	return string(script)
}

// tab presses the tab key n times.
func (b *browser) tab(n int) {
	b.t.Helper()
	b.do(chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		for range n {
			if err := chromedp.Do(ctx, chromedp.KeyEvent("\t")); err != nil {
				return err
			}
		}
		return nil
	}))
}

// keyboardFits fails when something on the page that is open cannot be reached, seen or used without a mouse.
func (b *browser) keyboardFits(path string) {
	b.t.Helper()
	ask[bool](b, keys(b.t)+";true")
	b.tab(1)
	for _, fault := range ask[[]string](b, `keys.faults()`) {
		b.t.Errorf("%s: %s", path, fault)
	}
}

// tabsThrough presses Tab from the top to the end: everything gets the focus, in the order of the page, visibly.
func (b *browser) tabsThrough(path string) {
	b.t.Helper()
	b.open(path)
	ask[bool](b, keys(b.t)+";true")
	stops := ask[int](b, `keys.watch()`)
	b.tab(stops)
	for _, fault := range ask[[]string](b, `keys.walked()`) {
		b.t.Errorf("%s, tabbing: %s", path, fault)
	}
}

// TestTabKey presses Tab through the pages people work in, wide and narrow.
func TestTabKey(t *testing.T) {
	t.Parallel()
	p := newPageSite(t)
	b := p.visit(t).browse()
	coordinator := []string{"/", "/uploads", "/incoming/" + p.values["pending"], "/uploads/" + p.values["upload"] + "/mend", "/incoming/" + p.values["unmapped"] + "/mapping",
		"/reports/channels?round=2012E&municipality=259", "/reports/subjects?round=2012E&municipality=259", "/map?view=tiles&round=2012E", "/people", "/board?round=2012E&municipality=259&unit=Borgerservice"}
	for _, who := range []string{"nobody", "coordinator"} {
		b.become(p.people[who])
		paths := coordinator
		if who == "nobody" {
			paths = []string{"/login", "/help/codebook"}
		}
		for _, path := range paths {
			for _, width := range []int64{1280, 320} {
				if width == 320 && (strings.HasSuffix(path, "/mapping") || strings.Contains(path, "codebook")) {
					continue // long, and the same as the wide one but for its width
				}
				b.size(width, 900)
				b.tabsThrough(path)
			}
		}
	}
}
