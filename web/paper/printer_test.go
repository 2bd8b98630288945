package paper

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"komhen/model"
)

// newPrinter is a printer with a real Chromium; a test without one is skipped, loudly.
func newPrinter(t *testing.T) *Printer {
	t.Helper()
	browser := FindBrowser("")
	if browser == "" {
		if os.Getenv("KOMHEN_NEED_BROWSER") != "" {
			t.Fatal("there is no Chromium here, and this run must have one")
		}
		t.Skip("SKIPPED: printing needs Chromium, which is not here. Debian: apt-get install chromium")
	}
	p := NewPrinter(browser)
	var err error
	if p.dir, err = os.MkdirTemp("", "p"); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(p.dir) })
	return p
}

// browsers counts the browsers that run with a folder of the printer; each has a folder of its own.
func browsers(t *testing.T, dir string) int {
	t.Helper()
	found := map[string]bool{}
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil || len(lines) == 0 {
		t.Skip("SKIPPED: processes are counted in /proc, which is not here")
	}
	for _, path := range lines {
		text, err := os.ReadFile(path)
		if err != nil {
			continue // it has ended
		}
		for argument := range strings.SplitSeq(string(text), "\x00") {
			if own, ok := strings.CutPrefix(argument, "--user-data-dir="); ok && strings.HasPrefix(own, dir) {
				found[own] = true
			}
		}
	}
	return len(found)
}

func leftOver(t *testing.T, dir string) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

var hello = Document{"Prøve", []byte(`<!DOCTYPE html><html lang="da"><head><title>Prøve</title></head><body><h1>Hej</h1></body></html>`)}

// TestOneBrowserAtATime: documents that come together are printed one by one, and nothing is left.
func TestOneBrowserAtATime(t *testing.T) {
	p := newPrinter(t)
	var group sync.WaitGroup
	var running atomic.Bool
	running.Store(true)
	for range 3 {
		group.Go(func() {
			if pdf, err := p.PDF(t.Context(), hello); err != nil || !strings.HasPrefix(string(pdf), "%PDF-") {
				t.Errorf("%d bytes, %v", len(pdf), err)
			}
		})
	}
	go func() { group.Wait(); running.Store(false) }()
	most := 0
	for running.Load() {
		most = max(most, browsers(t, p.dir))
		time.Sleep(5 * time.Millisecond)
	}
	if most != 1 {
		t.Errorf("%d browsers at a time", most)
	}
	if left := leftOver(t, p.dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

// TestCancelledPrinting: who leaves ends the browser at once, with everything it started, and the next one gets the turn.
func TestCancelledPrinting(t *testing.T) {
	p := newPrinter(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for browsers(t, p.dir) == 0 && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	if _, err := p.PDF(ctx, hello); !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled: %v", err)
	}
	for browsers(t, p.dir) > 0 { // until the test's own time limit
		time.Sleep(10 * time.Millisecond)
	}
	if left := leftOver(t, p.dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if _, err := p.PDF(t.Context(), hello); err != nil {
		t.Errorf("after a cancelled one: %v", err)
	}
}

// TestWaitingForTheTurn: who waits may leave; when too many wait, the next is told so; without a browser everybody is.
func TestWaitingForTheTurn(t *testing.T) {
	p := NewPrinter("/nowhere")
	p.turn <- struct{}{}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.PDF(ctx, hello); !errors.Is(err, context.Canceled) {
		t.Errorf("who left: %v", err)
	}
	code := func(err error) string {
		var problem *model.Problem
		if errors.As(err, &problem) {
			return problem.Code
		}
		return ""
	}
	p.inLine.Store(mostInLine)
	if _, err := p.PDF(t.Context(), hello); code(err) != "pdf-busy" {
		t.Errorf("too many: %v", err)
	}
	p.inLine.Store(0)
	<-p.turn
	if _, err := p.PDF(t.Context(), hello); code(err) != "pdf-failed" {
		t.Errorf("a browser that is not there any more: %v", err)
	}
	if _, err := NewPrinter("").PDF(t.Context(), hello); code(err) != "pdf-unavailable" {
		t.Errorf("no browser: %v", err)
	}
}

// TestNoNetwork: nothing is fetched and no script runs, even when the document asks for it.
func TestNoNetwork(t *testing.T) {
	p := newPrinter(t)
	var asked atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	defer server.Close()
	d := Document{"Net", []byte(`<!DOCTYPE html><html lang="da"><head><title>Net</title><link rel="stylesheet" href="` + server.URL + `/a.css"></head><body><p>Hej</p><img alt="" src="` + server.URL +
		`/b.png"><script>fetch("` + server.URL + `/c")</script></body></html>`)}
	if _, err := p.PDF(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("the browser asked %d times", n)
	}
}
