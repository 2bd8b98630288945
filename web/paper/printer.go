package paper

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"

	"komhen/model"
)

const (
	printTime  = 90 * time.Second // for one document, on a busy machine
	waitTime   = 4 * time.Minute  // for its turn
	mostInLine = 20               // documents that wait
)

// ErrNoPDF is what a Printer without a browser says.
var ErrNoPDF = &model.Problem{Code: "pdf-unavailable", Message: "Serveren kan ikke lave PDF, fordi browseren Chromium ikke er installeret på den. Hent rapporten som HTML i stedet; din egen browser kan gemme den som PDF (Udskriv, Ctrl+P)."}

// Printer makes PDFs with a Chromium of the machine: one browser at a time, which is started for a document and ended with it. The
// document reaches it through a pipe, and the PDF comes back the same way, so neither is ever a file. The browser has no network.
type Printer struct {
	browser string // "" where there is none
	dir     string // for the browser's own short-lived folder; its path must be short, for there is a socket in it (108 bytes)
	turn    chan struct{}
	inLine  atomic.Int32
}

// NoBrowser is the name of no browser, for those who want no PDFs.
const NoBrowser = "none"

// FindBrowser is where the named Chromium is, or without a name one of the usual names; "" where there is none.
func FindBrowser(name string) string {
	names := []string{name}
	if name == "" {
		names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"}
	}
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// NewPrinter makes a printer. While the browser runs it keeps its own folder in the system's for temporary files; documents are not in it.
func NewPrinter(browser string) *Printer {
	return &Printer{browser: browser, turn: make(chan struct{}, 1)}
}

// Available tells whether there is a browser.
func (p *Printer) Available() bool { return p.browser != "" }

// PDF prints a document: tagged, with its title, language and outline. It waits for its turn. A *model.Problem "pdf-unavailable" means
// that there is no browser, "pdf-busy" that too many wait, "pdf-failed" that the browser did not do it; when ctx ends the browser is ended.
func (p *Printer) PDF(ctx context.Context, d Document) ([]byte, error) {
	if !p.Available() {
		return nil, ErrNoPDF
	}
	busy := &model.Problem{Code: "pdf-busy", Message: "Der bliver lavet for mange PDF’er lige nu. Prøv igen om et par minutter, eller hent rapporten som HTML."}
	if p.inLine.Add(1) > mostInLine {
		p.inLine.Add(-1)
		return nil, busy
	}
	defer p.inLine.Add(-1)
	wait := time.NewTimer(waitTime)
	defer wait.Stop()
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-wait.C:
		return nil, busy
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	limited, cancel := context.WithTimeout(ctx, printTime)
	defer cancel()
	pdf, err := p.print(limited, d)
	if err != nil && ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil {
		return nil, &model.Problem{Code: "pdf-failed", Message: "PDF’en kunne ikke laves lige nu. Prøv igen, eller hent rapporten som HTML.", Err: err}
	}
	return pdf, nil
}

func (p *Printer) print(ctx context.Context, d Document) (pdf []byte, err error) {
	home, err := os.MkdirTemp(p.dir, "komhen-*")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, removeSoon(home)) }()
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(p.browser), chromedp.UserDataDir(home), chromedp.DisableGPU, chromedp.Env("HOME="+home, "TMPDIR="+home, "XDG_CONFIG_HOME="+home, "XDG_CACHE_HOME="+home),
		chromedp.Flag("incognito", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-quic", true), chromedp.Flag("no-pings", true),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND"), chromedp.Flag("disable-remote-fonts", false))
	ctx, end := chromedp.NewExecAllocator(ctx, options...)
	defer end() // waits until the browser is gone
	ctx, cancel := chromedp.NewContext(ctx, chromedp.WithErrorf(func(string, ...any) {}))
	defer cancel()
	yes, no := true, false
	return chromedp.Run(ctx, func(ctx context.Context, t *chromedp.Target) ([]byte, error) {
		if _, err := cdp.Call(ctx, t, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true}); err != nil {
			return nil, err
		}
		tree, err := cdp.Call(ctx, t, page.GetFrameTree, cdp.Empty{})
		if err != nil {
			return nil, err
		}
		if _, err := cdp.Call(ctx, t, page.SetDocumentContent, page.SetDocumentContentParams{FrameID: tree.FrameTree.Frame.ID, HTML: string(d.HTML)}); err != nil {
			return nil, err
		}
		done, err := cdp.Call(ctx, t, page.PrintToPDF, page.PrintToPDFParams{PrintBackground: &yes, PreferCSSPageSize: &yes, DisplayHeaderFooter: &no, GenerateTaggedPDF: &yes, GenerateDocumentOutline: &yes})
		if err != nil {
			return nil, err
		}
		if !strings.HasPrefix(string(done.Data[:min(5, len(done.Data))]), "%PDF-") {
			return nil, fmt.Errorf("the browser gave %d bytes that are no PDF", len(done.Data))
		}
		return done.Data, nil
	})
}

// removeSoon removes the browser's folder; processes that end a moment later may still write to it.
func removeSoon(dir string) (err error) {
	for range 50 {
		if err = os.RemoveAll(dir); err == nil {
			if _, left := os.Lstat(filepath.Clean(dir)); errors.Is(left, os.ErrNotExist) {
				return nil
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	return err
}
