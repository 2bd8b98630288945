package web

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"komhen/ingest"
	"komhen/model"
)

// A pending upload is a received file that has been, or is being, checked, and waits for its sender to say yes or no. Its bytes
// are in a file without a name, so nothing of it is left when the service stops, and a CPR number in it has never been on disk
// under a name.

const (
	pendingAge    = 2 * time.Hour // then an unanswered upload is dropped
	pendingEach   = 40            // files that one person may have waiting
	pendingHeldMB = 16 << 10      // megabytes of all that wait
)

// stage of a pending upload.
type stage int32

const (
	checking stage = iota
	checked        // waits for an answer; or has a fault, and can only be cancelled
	loading
	loaded
	failed // something went wrong inside
)

type pending struct {
	id      string
	by      string // Viewer.ID of the sender
	options ingest.Options
	file    *os.File
	size    int64
	came    time.Time
	done    atomic.Int64 // bytes checked or loaded

	mu       sync.Mutex
	stage    stage
	receipt  ingest.ReceiptJSON
	sums     model.Receipt
	fault    *model.Finding
	sentence string // of the fault
	findings *findingSpool
	upload   uint32 // when loaded
	err      error  // when failed
	cancel   context.CancelFunc
	sheets   []string // of a workbook, those with data
	delivery string   // of a central delivery, who gets what
	to       string   // where one goes on to when it is loaded; "" is its receipt
}

// pendingBox holds every pending upload.
type pendingBox struct {
	dir  string
	mu   sync.Mutex
	all  map[string]*pending
	held int64
}

func newPendingBox(dir string) *pendingBox {
	return &pendingBox{dir: filepath.Join(dir, "tmp"), all: map[string]*pending{}}
}

var errPendingUnknown = &model.Problem{Code: "pending-unknown", Message: "Filen venter ikke længere på svar. Måske er den allerede indlæst eller fortrudt, eller tjenesten er genstartet. Se listen over indmeldinger, og send filen igen, hvis den mangler."}

// nameless makes a file that has no name on disk.
func (b *pendingBox) nameless() (*os.File, error) {
	f, err := os.CreateTemp(b.dir, "incoming-*")
	if err != nil {
		return nil, err
	}
	return f, errors.Join(os.Remove(f.Name()))
}

// receive takes a file in. The caller must have bounded r.
func (b *pendingBox) receive(r io.Reader, by string, o ingest.Options) (*pending, error) {
	if b.waiting(by) >= pendingEach {
		return nil, &model.Problem{Code: "too-many", Message: "Du har for mange filer, der venter på svar. Indlæs eller fortryd nogle af dem først."}
	}
	f, err := b.nameless()
	if err != nil {
		return nil, err
	}
	n, err := io.Copy(f, r)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	p := &pending{id: rand.Text(), by: by, options: o, file: f, size: n, came: time.Now(), cancel: func() {}}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.held+n > pendingHeldMB<<20 {
		return nil, errors.Join(&model.Problem{Code: "too-many", Message: "Der venter for mange filer på svar lige nu. Prøv igen om lidt."}, f.Close())
	}
	b.held += n
	b.all[p.id] = p
	return p, nil
}

func (b *pendingBox) waiting(by string) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.all {
		if p.by == by && p.at() != loaded {
			n++
		}
	}
	return n
}

// count is how many files are checked, loaded or wait for an answer.
func (b *pendingBox) count() (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, p := range b.all {
		if p.at() != loaded {
			n++
		}
	}
	return n
}

// of lists what waits of a sender, oldest first.
func (b *pendingBox) of(by string) []*pending {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []*pending
	for _, p := range b.all {
		if s := p.at(); p.by == by && s != loaded {
			list = append(list, p)
		}
	}
	sortPending(list)
	return list
}

// find gives the pending upload of that id if it is the viewer's own; anybody else's does not exist to them.
func (b *pendingBox) find(id, by string) (*pending, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if p := b.all[id]; p != nil && p.by == by {
		return p, nil
	}
	return nil, errPendingUnknown
}

// drop forgets a pending upload; its bytes are gone with it.
func (b *pendingBox) drop(p *pending) {
	b.mu.Lock()
	_, there := b.all[p.id]
	delete(b.all, p.id)
	if there {
		b.held -= p.size
	}
	b.mu.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cancel()
	p.release()
}

// release gives the bytes free; the outcome stays to be read.
func (p *pending) release() {
	p.file.Close()
	if p.findings != nil {
		p.findings.Close()
		p.findings = nil
	}
}

func (p *pending) at() stage {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.stage
}

// sweep drops what nobody answered.
func (b *pendingBox) sweep(ctx context.Context) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var old []*pending
		b.mu.Lock()
		for _, p := range b.all {
			if time.Since(p.came) > pendingAge && p.at() != loading && p.at() != checking {
				old = append(old, p)
			}
		}
		b.mu.Unlock()
		for _, p := range old {
			b.drop(p)
		}
	}
}

func (b *pendingBox) clear() {
	b.mu.Lock()
	var all []*pending
	for _, p := range b.all {
		all = append(all, p)
	}
	b.mu.Unlock()
	for _, p := range all {
		b.drop(p)
	}
}

// findingSpool keeps the findings of a check in a file without a name: a million of them must not fill the memory.
type findingSpool struct {
	file  *os.File
	w     *bufio.Writer
	at    int64
	first []int64        // where each finding begins
	rules []string       // its rule; the strings are shared
	count map[string]int // findings by rule
	order []string       // rules in the order they were first met
}

func newFindingSpool(f *os.File) *findingSpool {
	return &findingSpool{file: f, w: bufio.NewWriter(f), count: map[string]int{}}
}

func (f *findingSpool) add(x model.Finding) error {
	line, err := json.Marshal(x)
	if err != nil {
		return err
	}
	if f.count[x.Rule] == 0 {
		f.order = append(f.order, x.Rule)
	}
	f.count[x.Rule]++
	f.first, f.rules = append(f.first, f.at), append(f.rules, x.Rule)
	f.at += int64(len(line))
	_, err = f.w.Write(line)
	return err
}

func (f *findingSpool) end() error { return f.w.Flush() }

// page gives up to limit findings of a rule ("" is every rule), after skipping some.
func (f *findingSpool) page(rule string, skip, limit int) ([]model.Finding, error) {
	var out []model.Finding
	for i, r := range f.rules {
		if rule != "" && r != rule {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		if len(out) == limit {
			break
		}
		end := f.at
		if i+1 < len(f.first) {
			end = f.first[i+1]
		}
		line := make([]byte, end-f.first[i])
		if _, err := f.file.ReadAt(line, f.first[i]); err != nil {
			return nil, err
		}
		var x model.Finding
		if err := json.Unmarshal(line, &x); err != nil {
			return nil, err
		}
		out = append(out, x)
	}
	return out, nil
}

func (f *findingSpool) Close() error { return f.file.Close() }
