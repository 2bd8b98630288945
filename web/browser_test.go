package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// browser is a real Chromium, signed in as a visitor.
type browser struct {
	t   *testing.T
	s   *site
	ctx context.Context
}

// chromium finds the browser; a test without it is skipped, loudly.
func chromium(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("KOMHEN_NEED_BROWSER") != "" {
		t.Fatal("there is no Chromium here, and this run must have one")
	}
	t.Skip("SKIPPED: the browser tests need Chromium, which is not here and may not be installed. Debian: apt-get install chromium")
	return ""
}

// browse starts a browser with the cookies of a visitor.
func (v *visitor) browse() *browser {
	v.t.Helper()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium(v.t)), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.WindowSize(1280, 900))
	b := &browser{v.t, v.s, nil}
	for try := 1; b.ctx == nil; try++ { // a machine that is too busy may start a browser that never answers
		if ctx, err := startBrowser(v.t, options); err == nil {
			b.ctx = ctx
		} else if try == 3 {
			v.t.Fatal(err)
		} else {
			v.t.Logf("try %d: %v", try, err)
		}
	}
	b.become(v)
	return b
}

// startBrowser gives a browser that has answered; it ends with the test.
func startBrowser(t *testing.T, options []chromedp.ExecAllocatorOption) (context.Context, error) {
	ctx, endAll := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, end := chromedp.NewContext(ctx)
	stop := sync.OnceFunc(func() { within(func() { end(); endAll() }) })
	t.Cleanup(stop)
	var err error
	if !within(func() { err = chromedp.Do(ctx, chromedp.Navigate("about:blank")) }) { // the browser lives as long as the context of its first step, so that has no deadline
		stop()
		return nil, fmt.Errorf("the browser did not answer in %v", patience)
	}
	return ctx, err
}

// within does something, and tells whether it was done before patience ended. What takes longer goes on behind it.
func within(do func()) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		do()
	}()
	select {
	case <-done:
		return true
	case <-time.After(patience):
		return false
	}
}

// become gives the browser the cookies of another visitor, and no others.
func (b *browser) become(v *visitor) {
	b.t.Helper()
	home, err := url.Parse(v.s.URL)
	if err != nil {
		b.t.Fatal(err)
	}
	b.do(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.ClearBrowserCookies, cdp.Empty{}); err != nil {
			return err
		}
		for _, c := range v.Jar.Cookies(home) {
			if _, err := cdp.Call(ctx, t, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: v.s.URL}); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	step(b, func(ctx context.Context) (chromedp.Void, error) { return chromedp.Void{}, chromedp.Do(ctx, steps...) })
}

// step does one thing in the browser; one that does not end fails the test and tells where, instead of holding all others up.
func step[T any](b *browser, do func(context.Context) (T, error)) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := do(ctx)
	if err != nil {
		b.t.Fatalf("%v at:\n%.1500s", err, b.seen())
	}
	return v
}

// patience is how long one step may take on a busy machine.
const patience = time.Minute

// seen is what the page shows, for a test that cannot go on.
func (b *browser) seen() string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + document.body.innerText`))
	return text
}

// ask runs a script in the page and gives what it answers; a promise is waited for.
func ask[T any](b *browser, script string) T {
	b.t.Helper()
	return step(b, func(ctx context.Context) (T, error) {
		return chromedp.Run(ctx, chromedp.Evaluate[T](script, chromedp.EvalAwaitPromise))
	})
}

func (b *browser) open(path string) {
	b.t.Helper()
	b.do(chromedp.Navigate(b.s.URL+path), chromedp.WaitReady(chromedp.CSS("body")))
}

// size sets the window. A page at 320 px is also what 1280 px at 400 % zoom shows.
func (b *browser) size(width, height int64) {
	b.t.Helper()
	b.do(chromedp.EmulateViewport(width, height))
}

// waitFor waits until the page has what a selector names.
func (b *browser) waitFor(selector string) {
	b.t.Helper()
	b.do(chromedp.WaitReady(chromedp.CSS(selector)))
}

func (b *browser) text(selector string) string {
	b.t.Helper()
	return step(b, func(ctx context.Context) (string, error) {
		return chromedp.Run(ctx, chromedp.Text(chromedp.CSS(selector)))
	})
}

// fitsWidth fails when the page must be scrolled sideways.
func (b *browser) fitsWidth(path string) {
	b.t.Helper()
	over := ask[struct {
		Page, Window int
		Widest       string
	}](b, `(() => { const w = document.documentElement.clientWidth; let widest = ""; for (const e of document.querySelectorAll("main *, header *, footer *")) {
		if (e.getBoundingClientRect().right > w + 1 && !e.closest(".table--responsive-scroll, .scrolls, svg, .visually-hidden, .sr-only")) { widest = e.tagName + "." + e.className; break } }
		return {Page: document.documentElement.scrollWidth, Window: w, Widest: widest} })()`)
	if over.Page > over.Window {
		b.t.Errorf("%s is %d px wide in a window of %d; first over the edge: %s", path, over.Page, over.Window, over.Widest)
	}
}

// axe fails when axe-core finds anything on the page.
func (b *browser) axe(path string) {
	b.t.Helper()
	script, err := os.ReadFile(filepath.Join("testdata", "axe", "axe.min.js"))
	if err != nil {
		b.t.Fatal(err)
	}
	if !ask[bool](b, `"axe" in window`) {
		ask[chromedp.Void](b, string(script)+";undefined")
	}
	found := ask[string](b, `axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}).then(r => JSON.stringify(r.violations.map(v => v.id + ": " + v.help + " | " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 200) + " [" + (n.any[0] ? n.any[0].message : "") + "]").join(" || "))))`)
	var list []string
	if err := json.Unmarshal([]byte(found), &list); err != nil {
		b.t.Fatal(err)
	}
	for _, v := range list {
		b.t.Errorf("%s: %s", path, v)
	}
}

// picture keeps a picture of the whole page in the folder KOMHEN_PICTURES, for people to look at.
func (b *browser) picture(name string) {
	b.t.Helper()
	dir := os.Getenv("KOMHEN_PICTURES")
	if dir == "" {
		return
	}
	png := step(b, func(ctx context.Context) ([]byte, error) { return chromedp.Run(ctx, chromedp.CaptureScreenshot()) })
	name = strings.NewReplacer("/", "-", "?", "-", "&", "-", "=", "-").Replace(strings.Trim(name, "/"))
	if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

// lookOver holds a page to what every page must keep: axe finds nothing, and nothing is cut off on a phone. It stays open, wide. On a phone axe looks when it is told to: mostly it would see the same again.
func (b *browser) lookOver(path, name string, phone bool) {
	b.t.Helper()
	b.size(320, 640)
	b.open(path)
	b.fitsWidth(path)
	if phone {
		b.axe(path + " (320 px)")
	}
	b.full()
	b.picture(name + "-320")
	b.size(1280, 900)
	if ask[bool](b, `document.querySelector("figure.chart, figure.map") !== null`) { // drawn for the width that the page has when it comes; all else is style
		b.open(path)
	}
	b.axe(path)
	b.full()
	b.picture(name + "-1280")
}

// full makes the window as tall as the page, for its picture.
func (b *browser) full() {
	if os.Getenv("KOMHEN_PICTURES") == "" {
		return
	}
	s := ask[struct{ W, H int64 }](b, `({W: document.documentElement.clientWidth, H: Math.min(document.documentElement.scrollHeight, 6000)})`)
	b.size(s.W, s.H)
}
