package ingest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"

	"komhen/model"
	"komhen/queries"
)

// An import is a line of goroutines: one cuts the file into chunks, as many workers as there are processors check rows, one keeps
// what came, one gathers, one loads. Channels are short, so memory does not grow with the file.

// job is a chunk on its way through the workers; turn passes from chunk to chunk, so that the filter sees the keys in order.
type job struct {
	*chunk
	turn, done chan struct{}
}

// outcome is what a worker makes of a chunk.
type outcome struct {
	seq           int
	chunk         *chunk
	raw, masked   []byte
	maskedTo      [2]int         // how far masking has come, in the text and in the raw bytes
	fresh, staged *queries.Batch // certainly new; perhaps known
	noted         *queries.Batch // very likely known
	findings      []model.Finding
	rejected      []queries.Rejected
	header, blank int64
	records       int64
	rows          int64 // rows without an error
}

// pipeline is one file on its way.
type pipeline struct {
	terms    *terms
	load     *queries.Load
	keep     *keeper
	source   chunkSource
	encoding encoding
	comma    rune
	header   []string
	headerAt int64
	stageAll bool
	repeats  uint32  // the upload that the file seems to be once more: its rows are only added up
	sum      bagSum  // of them
	own      *filter // keys of this file
	known    *filter // keys of the database; nil when it has none
	progress func(int64)
	spare    chan *queries.Batch // that are loaded, for other rows

	mu    sync.Mutex
	tally *tally

	rounds map[string]dayTally // of all valid rows, once they are counted

	// sums, written by the gathering goroutine alone
	counted   outcome
	rejected  int64
	conflicts int64 // of them R13
	warnings  int64
}

// chunkSource gives the chunks of a file in order; nil ends it.
type chunkSource interface{ next() (*chunk, error) }

const (
	rowsPerLoad     = 122_880 // a row group of DuckDB
	findingsPerLoad = 20_000
)

// What is worth to be used again: batches of so many rows, and as many of them as are mostly on their way at once.
const (
	leastSpareRows   = 1 << 10
	mostSpareBatches = 24
)

// batch gives an empty batch for n rows.
func (p *pipeline) batch(n int) *queries.Batch {
	if n >= leastSpareRows {
		select {
		case b := <-p.spare:
			b.Clear()
			return b
		default:
		}
	}
	return queries.NewBatch(n + n/8) // one that is used again seldom has to grow
}

// loaded keeps batches for other rows.
func (p *pipeline) loaded(batches []*queries.Batch) {
	for _, b := range batches {
		if b.Len() < leastSpareRows {
			continue
		}
		select {
		case p.spare <- b:
		default:
			return
		}
	}
}

func (p *pipeline) run(ctx context.Context) error {
	p.spare = make(chan *queries.Batch, mostSpareBatches)
	group, ctx := errgroup.WithContext(ctx)
	workers := queries.Processors
	jobs := make(chan job, 1)
	outcomes := make(chan *outcome, workers)
	ordered := make(chan *outcome, 2)
	runs := make(chan *run, 1) // one run is gathered while another is loaded and a third waits, no more
	group.Go(func() error { defer close(jobs); return p.cut(ctx, jobs) })
	var working sync.WaitGroup
	for range workers {
		working.Add(1)
		group.Go(func() error { defer working.Done(); return p.work(ctx, jobs, outcomes) })
	}
	group.Go(func() error { working.Wait(); close(outcomes); return nil })
	group.Go(func() error { defer close(ordered); return p.keepInOrder(ctx, outcomes, ordered) })
	group.Go(func() error { defer close(runs); return p.gather(ctx, ordered, runs) })
	group.Go(func() error { return p.loadRuns(ctx, runs) })
	err := group.Wait()
	p.spare = nil // the memory is the database's from here on
	return err
}

func (p *pipeline) cut(ctx context.Context, jobs chan<- job) error {
	turn := make(chan struct{})
	close(turn)
	for {
		k, err := p.source.next()
		if err != nil || k == nil {
			return err
		}
		done := make(chan struct{})
		select {
		case jobs <- job{k, turn, done}:
		case <-ctx.Done():
			return ctx.Err()
		}
		turn = done
	}
}

func (p *pipeline) work(ctx context.Context, jobs <-chan job, outcomes chan<- *outcome) error {
	c := newChecker(p.terms)
	defer func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.tally.merge(c.tally)
		p.sum.merge(&c.sum)
	}()
	for j := range jobs {
		out, err := p.process(ctx, c, j)
		if err != nil {
			return err
		}
		select {
		case outcomes <- out:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// road is the way a row takes into the database.
type road uint8

const (
	fresh  road = iota // its key is certainly new: straight into contacts
	staged             // its key may be known: decided by key
	noted              // its key is very likely known: only the key is looked up, and the row read again if it is new after all
)

// process checks the rows of a chunk and sends each on its road.
func (p *pipeline) process(ctx context.Context, c *checker, j job) (*outcome, error) {
	k := j.chunk
	if k.text == nil && k.rows == nil {
		k.text, _ = p.encoding.decode(k.raw, true)
	}
	out := &outcome{seq: k.seq, chunk: k, raw: k.raw}
	c.rows, c.roads, c.extra = c.rows[:0], c.roads[:0], c.extra[:0]
	err := k.each(p.comma, func(rec *record) error {
		out.records++
		switch {
		case rec.blank || emptyRow(rec.cells):
			out.blank++
			return nil
		case rec.number == p.headerAt || slices.Equal(rec.cells, p.header):
			out.header++
			if len(p.terms.plan.hits) > 0 {
				p.maskHeader(c, k, out, rec)
			}
			return nil
		}
		c.rows = append(c.rows, queries.Row{})
		c.row = &c.rows[len(c.rows)-1]
		c.check(rec.cells, rec.line)
		if c.others {
			out.records--
			c.rows = c.rows[:len(c.rows)-1]
			return nil
		}
		if p.terms.delivering {
			c.tally.addPart(c.row, c.rejects)
		}
		for i := range c.findings {
			c.findings[i].Line, c.findings[i].Record = rec.line, rec.number
		}
		out.findings = append(out.findings, c.findings...)
		if c.hits {
			p.mask(k, out, rec)
		}
		if c.rejects {
			out.rejected = append(out.rejected, c.rejectedRow(rec))
			c.rows = c.rows[:len(c.rows)-1]
			return nil
		}
		out.rows++
		return nil
	})
	if err != nil {
		return nil, err
	}
	if p.repeats != 0 {
		for i := range c.rows {
			c.sum.add(&c.rows[i])
		}
		close(j.done)
		out.fresh, out.staged, out.noted = &queries.Batch{}, &queries.Batch{}, &queries.Batch{}
		return out, nil
	}
	select {
	case <-j.turn:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var roads [3]int
	for i := range c.rows {
		if i%fetchedTogether == 0 {
			c.fetched += p.fetch(c.rows[i:min(i+fetchedTogether, len(c.rows))])
		}
		r := &c.rows[i]
		r.Again = p.own.seen(r.KeyHi, r.KeyLo)
		to := staged
		switch {
		case p.stageAll:
		case p.known != nil && p.known.seen(r.KeyHi, r.KeyLo): // from here on the keys of this file are known too
			to = noted
		case !r.Again:
			to = fresh
		}
		c.roads = append(c.roads, to)
		roads[to]++
	}
	close(j.done)
	if roads[noted] <= len(c.rows)/2 { // mostly new rows: the few hits are as likely the filter's mistakes, and reading them again costs a pass
		roads[staged], roads[noted] = roads[staged]+roads[noted], 0
		for i, to := range c.roads {
			if to == noted {
				c.roads[i] = staged
			}
		}
	}
	batches := [3]*queries.Batch{p.batch(roads[fresh]), p.batch(roads[staged]), p.batch(roads[noted])}
	for i := range c.rows {
		batches[c.roads[i]].Add(&c.rows[i])
	}
	out.fresh, out.staged, out.noted = batches[fresh], batches[staged], batches[noted]
	return out, nil
}

// fetchedTogether is for how many keys the filters' blocks are asked for before the first is used.
const fetchedTogether = 16

// fetch has the processor bring the blocks of some keys from memory side by side; one at a time, each would be waited for. What it
// gives is of no meaning, but must be used, so that the reading is not left out.
func (p *pipeline) fetch(rows []queries.Row) (sum uint64) {
	for i := range rows {
		sum += p.own.fetch(rows[i].KeyHi)
	}
	if p.known != nil {
		for i := range rows {
			sum += p.known.fetch(rows[i].KeyHi)
		}
	}
	return sum
}

// emptyRow tells that a row holds delimiters and white space only.
func emptyRow(cells []string) bool {
	for _, cell := range cells {
		if trim(cell) != "" {
			return false
		}
	}
	return true
}

// mask puts stars into the kept bytes of a record that holds a CPR-shaped value.
func (p *pipeline) mask(k *chunk, out *outcome, rec *record) {
	if k.rows != nil {
		return // a workbook is masked as a whole
	}
	if out.masked == nil {
		out.masked = slices.Clone(k.raw)
	}
	for i := range rec.cells {
		start, end := rec.raw(i)
		cell := slices.Clone(k.text[start:end])
		if model.MaskCPRBytes(cell, i < len(p.terms.plan.declared) && p.terms.plan.declared[i]) {
			out.maskedTo[1] += p.encoding.rawLength(k.text[out.maskedTo[0]:start])
			out.maskedTo[0] = start
			p.encoding.maskRaw(out.masked[out.maskedTo[1]:], k.text[start:end], cell)
		}
	}
}

func (p *pipeline) maskHeader(c *checker, k *chunk, out *outcome, rec *record) {
	p.mask(k, out, rec)
	for _, i := range p.terms.plan.hits {
		name := p.terms.plan.columns[i]
		out.findings = append(out.findings, model.Finding{Rule: "R11", Severity: severity(p.terms.book, "R11"), Line: rec.line, Record: rec.number, Column: name, Value: name})
	}
}

// rejectedRow copies a rejected row, masked, for the fix-it file.
func (c *checker) rejectedRow(rec *record) queries.Rejected {
	r := queries.Rejected{Line: rec.line, Record: rec.number, BagLine: rec.line, Cells: make([]string, len(rec.cells))}
	for i, cell := range rec.cells {
		masked, _ := model.MaskCPR(strings.ToValidUTF8(cell, "\uFFFD"), i < len(c.plan.declared) && c.plan.declared[i])
		r.Cells[i] = strings.Clone(masked)
	}
	if c.plan.fix && c.row.BagLine != 0 {
		r.BagLine = int64(c.row.BagLine)
	}
	return r
}

// keepInOrder writes what came to the kept file, in the order of the file, and hands the rows on.
func (p *pipeline) keepInOrder(ctx context.Context, outcomes <-chan *outcome, toLoad chan<- *outcome) error {
	waiting := map[int]*outcome{}
	next := 0
	for out := range outcomes {
		waiting[out.seq] = out
		for out := waiting[next]; out != nil; out = waiting[next] {
			delete(waiting, next)
			next++
			if out.raw != nil {
				if err := p.keep.write(out.raw, out.masked); err != nil {
					return err
				}
				p.progress(int64(len(out.raw)))
			}
			out.raw, out.masked = nil, nil
			out.chunk.done()
			out.chunk = nil
			select {
			case toLoad <- out:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	}
	return nil
}

// gather collects rows into runs that are worth a statement. While one run is loaded the next is gathered. What is not fresh is
// gathered by itself, in runs of its own size: DuckDB keeps whole blocks for each small insert until the transaction ends.
func (p *pipeline) gather(ctx context.Context, outcomes <-chan *outcome, runs chan<- *run) error {
	fresh, aside := &run{}, &run{}
	send := func(r **run) error {
		select {
		case runs <- *r:
			*r = &run{}
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	for out := range outcomes {
		fresh.addFresh(out)
		aside.addAside(out)
		p.counted.header += out.header
		p.counted.blank += out.blank
		p.counted.records += out.records
		p.counted.rows += out.rows
		p.rejected += int64(len(out.rejected))
		for _, f := range out.findings {
			if f.Severity == model.Warning {
				p.warnings++
			}
		}
		if fresh.rows >= rowsPerLoad {
			if err := send(&fresh); err != nil {
				return err
			}
		}
		if aside.rows >= rowsPerLoad || len(aside.findings) >= findingsPerLoad || len(aside.rejected) >= findingsPerLoad {
			if err := send(&aside); err != nil {
				return err
			}
		}
	}
	if err := send(&fresh); err != nil {
		return err
	}
	return send(&aside)
}

// loadRuns loads what was gathered. It has a thread of its own: everybody waits for it in the end, and a goroutine that comes back
// from the database would have to wait for one that checks rows to give its place up.
func (p *pipeline) loadRuns(ctx context.Context, runs <-chan *run) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for r := range runs {
		if err := p.loadRun(ctx, r); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (p *pipeline) loadRun(ctx context.Context, r *run) error {
	for _, part := range []struct {
		batches []*queries.Batch
		load    func(context.Context, []*queries.Batch) error
	}{{r.fresh, p.load.InsertContacts}, {r.staged, p.load.StageContacts}, {r.noted, p.load.NoteContacts}} {
		if len(part.batches) == 0 {
			continue
		}
		if err := part.load(ctx, part.batches); err != nil {
			return err
		}
		p.loaded(part.batches)
	}
	if err := p.load.InsertFindings(ctx, r.findings); err != nil {
		return err
	}
	return p.load.InsertRejected(ctx, r.rejected)
}

// run is what one round of loading takes in.
type run struct {
	fresh, staged []*queries.Batch
	noted         []*queries.Batch
	rows          int
	findings      []model.Finding
	rejected      []queries.Rejected
}

func (r *run) addFresh(out *outcome) {
	if n := out.fresh.Len(); n > 0 {
		r.fresh = append(r.fresh, out.fresh)
		r.rows += n
	}
}

func (r *run) addAside(out *outcome) {
	if out.staged.Len() > 0 {
		r.staged = append(r.staged, out.staged)
	}
	if out.noted.Len() > 0 {
		r.noted = append(r.noted, out.noted)
	}
	r.rows += out.staged.Len() + out.noted.Len()
	r.findings = append(r.findings, out.findings...)
	r.rejected = append(r.rejected, out.rejected...)
}

// sourceList gives source names their numbers; new ones are stored with the upload.
type sourceList struct {
	mu    sync.Mutex
	known map[string]uint16 // by folded name
	added map[uint16]string
	next  int
}

const maxSources = 60_000

func newSourceList(stored map[string]uint16) *sourceList {
	s := &sourceList{known: map[string]uint16{}, added: map[uint16]string{}, next: 1}
	for name, id := range stored {
		s.known[foldSource(name)] = id
		s.next = max(s.next, int(id)+1)
	}
	return s
}

func (s *sourceList) find(name string) sourceID {
	folded := foldSource(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	id, ok := s.known[folded]
	if !ok && s.next < maxSources {
		id = uint16(s.next)
		s.next++
		s.known[folded], s.added[id] = id, strings.Clone(name)
	}
	return sourceID{id, folded}
}

func (s *sourceList) full() error {
	if s.next >= maxSources {
		return &fault{"F06", fmt.Sprintf("kolonnen datakilde har over %d forskellige værdier, så den er næppe en datakilde", maxSources)}
	}
	return nil
}
