package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"golang.org/x/sync/errgroup"

	"komhen/model"
	"komhen/queries"
)

// fixTarget is the bag that a fix-it file continues.
type fixTarget struct {
	upload uint32         // as the file names it
	lines  map[int64]bool // rejected lines of the bag's first upload
}

// run takes a file from its first byte to an open transaction that is ready to commit.
func (u *Upload) run(ctx context.Context, r io.ReaderAt, size int64) error {
	in, err := open(r, size, u.opts)
	if err != nil {
		return err
	}
	rc := &u.Receipt
	rc.Format, rc.Encoding, rc.Delimiter = "csv", in.encoding.String(), string(in.comma)
	if in.book != nil {
		rc.Format, rc.Encoding, rc.Delimiter, rc.Sheet = "xlsx", "", "", in.sheet.Safe
	}
	if u.load = u.opts.into; u.load != nil {
		err = u.load.Another(ctx)
	} else {
		u.load, err = u.folder.Store.BeginLoad(ctx, 0, false)
	}
	if err != nil {
		return err
	}
	if err := u.readHeader(ctx, in); err != nil {
		return err
	}
	t, err := u.terms(ctx, in)
	if err != nil {
		return err
	}
	if err := u.needsMunicipality(); err != nil {
		return err
	}
	u.load.Continue(u.Receipt.Bag, u.opts.Test)
	if u.Receipt.Bag == 0 {
		u.Receipt.Bag = u.load.Upload()
	}
	if t.salt != 0 {
		t.salt = u.Receipt.Bag
	}
	if err := u.startKeeping(); err != nil {
		return err
	}
	p := &pipeline{terms: t, load: u.load, keep: u.keep, encoding: in.encoding, comma: in.comma, header: in.header, headerAt: in.headerAt,
		tally: newTally(u.folder.Book), progress: u.progress(size)}
	if p.repeats, err = u.repeated(ctx, r, size); err != nil {
		return err
	}
	if p.repeats == 0 {
		if err := u.chooseRoad(ctx, p, size); err != nil {
			return err
		}
	}
	group, groupCtx := errgroup.WithContext(ctx)
	if in.book != nil {
		p.source = newSheetSource(groupCtx, group, in)
	} else {
		if err := p.keep.write(in.prefix, nil); err != nil {
			return err
		}
		p.source = in.source
	}
	group.Go(func() error { return p.run(groupCtx) })
	if err := group.Wait(); err != nil {
		return err
	}
	if size >= largeUpload {
		debug.FreeOSMemory() // the database decides now, and wants the memory that the rows had
	}
	if err := t.sources.full(); err != nil {
		return err
	}
	if in.book != nil {
		if err := u.keepBook(in, r, size); err != nil {
			return err
		}
	}
	return u.finish(ctx, r, size, in, p)
}

// largeUpload is from how many bytes on checking leaves so much garbage behind that it is worth collecting at once.
const largeUpload = 64 << 20

func (u *Upload) progress(size int64) func(int64) {
	done := int64(0)
	return func(n int64) {
		done += n
		if u.opts.Progress != nil {
			u.opts.Progress(done, size)
		}
	}
}

// terms gathers what the rows are checked against.
func (u *Upload) terms(ctx context.Context, in *opened) (*terms, error) {
	f, o := u.folder, &u.opts
	if u.plan.fix {
		if err := u.continueBag(ctx, in); err != nil {
			return nil, err
		}
	}
	sources, err := f.Store.Sources(ctx)
	if err != nil {
		return nil, err
	}
	kle, _, err := f.Store.KLENumbers(ctx)
	if err != nil {
		return nil, err
	}
	names, err := u.load.UnitNames(ctx)
	if err != nil {
		return nil, err
	}
	t := &terms{book: f.Book, plan: u.plan, unitNames: newUnitNames(names, f.names), kle: kle, municipality: o.Municipality, source: o.Source, kind: o.Kind, test: o.Test,
		received: model.MomentOf(o.Received), sources: newSourceList(sources), damaged: in.damaged,
		central: o.Delivering != nil || o.delivery != 0 || u.central, delivering: o.Delivering != nil, part: o.delivery != 0}
	if o.further {
		t.salt = 1 // the upload's own number, once it has one
	}
	if u.plan.fix {
		lines, err := u.load.RejectedLines(ctx, u.Receipt.Bag)
		if err != nil {
			return nil, err
		}
		t.fix = &fixTarget{namedBag(u.plan.at[pFixUpload], in), lines}
	}
	return t, nil
}

func (u *Upload) startKeeping() (err error) {
	if u.opts.dryRun || u.opts.kept != nil {
		u.keep = &keeper{sum: newSum()}
		return nil
	}
	if u.keep, err = u.folder.newKeeper(); err != nil {
		return err
	}
	u.stored.Kept = keptName(u.load.Upload(), u.Receipt.Format)
	u.keep.final = u.folder.path(u.stored.Kept)
	return nil
}

// chooseRoad decides whether the known keys are worth reading into the filter. A small upload to a large database is staged whole:
// asking for its few keys is quicker than reading all the others.
func (u *Upload) chooseRoad(ctx context.Context, p *pipeline, size int64) error {
	const bytesPerRow = 128
	expected := int(size/bytesPerRow) + 1000
	stored, err := u.load.StoredKeys(ctx)
	if err != nil {
		return err
	}
	p.own = newFilter(expected)
	p.stageAll = u.plan.fix || u.opts.sent || stored > 20*int64(expected)
	if p.stageAll || stored == 0 {
		return nil
	}
	after := uint32(0)
	if stored >= leastKept {
		if p.known, after, err = u.keptFilter(ctx); err != nil && !errors.Is(err, errNoFilter) {
			return err
		}
	}
	if p.known == nil {
		p.known, after = newFilter(int(stored)+expected), 0
	}
	return u.fill(ctx, p.known, after)
}

// fill puts the database's keys into a filter, those of uploads after one: one goroutine fetches, one fills.
func (u *Upload) fill(ctx context.Context, known *filter, after uint32) error {
	const together = 1 << 16
	fetched := make(chan [][2]uint64, 2)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(fetched)
		keys := make([][2]uint64, 0, together)
		send := func() {
			select {
			case fetched <- keys:
			case <-ctx.Done():
			}
			keys = make([][2]uint64, 0, together)
		}
		err := u.load.KnownKeys(ctx, after, func(hi, lo []uint64) {
			for i := range hi {
				keys = append(keys, [2]uint64{hi[i], lo[i]})
			}
			if len(keys)+len(hi) > together {
				send()
			}
		})
		send()
		return err
	})
	group.Go(func() error {
		sum := uint64(0)
		for keys := range fetched {
			for i, k := range keys {
				if i%fetchedTogether == 0 {
					for _, k := range keys[i:min(i+fetchedTogether, len(keys))] {
						sum += known.fetch(k[0])
					}
				}
				known.seen(k[0], k[1])
			}
		}
		runtime.KeepAlive(sum)
		return nil
	})
	return group.Wait()
}

// finish decides what is new, adds the findings about the whole upload, and stores the upload itself.
func (u *Upload) finish(ctx context.Context, r io.ReaderAt, size int64, in *opened, p *pipeline) error {
	rc := &u.Receipt
	var writing errgroup.Group // the disk is waited for while the database decides
	writing.Go(u.keep.sync)
	conflicts, err := u.rejectConflicts(ctx, r, size, in, p)
	if err != nil {
		return err
	}
	p.conflicts = conflicts
	direct, contacts, err := u.load.Direct(ctx)
	if err != nil {
		return err
	}
	for id, name := range p.terms.sources.added {
		if err := u.load.AddSource(ctx, id, name); err != nil {
			return err
		}
	}
	if n := p.terms.unitNames; len(n.added) > 0 {
		if err := u.load.AddUnitNames(ctx, len(n.known)-len(n.added)+1, n.added); err != nil {
			return err
		}
	}
	days := newCalendar(u.folder.Book)
	rc.First, rc.Last, p.rounds = p.tally.period(&days)
	rc.Round, u.parts = mainRound(p.rounds), p.tally.parts
	done, err := u.resolve(ctx, r, size, p)
	if err != nil {
		return err
	}
	rc.Records, rc.Header, rc.Blank = p.counted.records, p.counted.header, p.counted.blank
	rc.Rejected = p.rejected + conflicts
	rc.Accepted = direct + done.Accepted
	rc.Withheld = p.counted.rows - conflicts - rc.Accepted
	rc.Contacts, rc.Corrections = contacts+done.Contacts, done.Corrections
	if err := u.wholeUpload(ctx, p, done); err != nil {
		return err
	}
	if !rc.Balanced() || rc.Withheld < 0 {
		return &fault{"F04", fmt.Sprintf("%d poster, men %d overskrift, %d tomme, %d godtaget, %d afvist og %d tilbageholdt", rc.Records, rc.Header, rc.Blank, rc.Accepted, rc.Rejected, rc.Withheld)}
	}
	if err := writing.Wait(); err != nil {
		return err
	}
	rc.SHA256, rc.KeptSHA256 = u.keep.sums()
	if k := u.opts.kept; k != nil {
		if rc.SHA256 != k.keptSHA256 {
			return &model.Problem{Code: "kept-file-changed", Message: fmt.Sprintf("Den gemte fil %s er ikke længere den, der blev indlæst.", k.name)}
		}
		rc.SHA256, rc.KeptSHA256, rc.Size, u.stored.Kept = k.sha256, k.keptSHA256, k.size, k.name
	}
	rc.Warnings = p.warnings
	if codes := p.tally.codes(); rc.Municipality == 0 && len(codes) == 1 {
		rc.Municipality = codes[0] // a national file in form, one municipality's in fact
	}
	if err := u.keepFilter(ctx, p); err != nil {
		return err
	}
	u.stored.Restricted = u.opts.Municipality != 0
	u.stored.Receipt, u.stored.Received, u.stored.By, u.stored.Replaces = *rc, u.opts.Received, u.opts.By, u.opts.replaces
	u.stored.Delivery = u.opts.delivery
	u.stored.Columns, u.stored.Locals = u.plan.columns, u.plan.names
	if err := u.load.InsertUpload(ctx, u.stored, u.ownSpan(p)); err != nil {
		return err
	}
	if err := u.storeMapping(ctx); err != nil {
		return err
	}
	rc.Upload = u.load.Upload()
	return nil
}

// resolve decides the rows that were put aside.
func (u *Upload) resolve(ctx context.Context, r io.ReaderAt, size int64, p *pipeline) (queries.Resolved, error) {
	where := queries.Range{First: u.Receipt.First, Last: u.Receipt.Last}
	if codes := p.tally.codes(); len(codes) > 0 {
		where.MinMunicipality, where.MaxMunicipality = codes[0], codes[len(codes)-1]
	}
	if p.repeats != 0 {
		if same, err := u.load.MatchRepeated(ctx, p.repeats, p.sum.bag()); err != nil || !same {
			return queries.Resolved{}, cmp.Or(err, errNoRepeat)
		}
		return u.load.Resolve(ctx, where)
	}
	if err := u.load.Match(ctx, where); err != nil {
		return queries.Resolved{}, err
	}
	if err := u.readUnread(ctx, r, size, p); err != nil {
		return queries.Resolved{}, err
	}
	if u.opts.sent {
		var err error
		if u.fates, err = u.load.Fates(ctx, u.opts.Municipality); err != nil {
			return queries.Resolved{}, err
		}
	}
	return u.load.Resolve(ctx, where)
}

// rejectConflicts rejects rows whose kilde_id the file holds with other contents too (R13). Their cells have gone by already, so
// the file is read once more; that is rare.
func (u *Upload) rejectConflicts(ctx context.Context, r io.ReaderAt, size int64, in *opened, p *pipeline) (int64, error) {
	lines, err := u.load.MarkConflicts(ctx)
	if err != nil || lines == 0 {
		return 0, err
	}
	c := newChecker(p.terms)
	pick := picker[queries.Conflict]{
		after: u.load.ConflictsAfter,
		line:  func(x queries.Conflict) int64 { return x.Line },
		take: func(rec *record, x queries.Conflict, out *run) {
			c.findings = c.findings[:0]
			c.add("R13", pID, rec.cells, x.Others, "")
			f := c.findings[0]
			f.Line, f.Record = rec.line, rec.number
			out.findings = append(out.findings, f)
			out.rejected = append(out.rejected, c.rejectedRow(rec))
		},
	}
	return lines, pick.run(ctx, u, r, size, p)
}

// readUnread stages the rows that were only noted and are new after all. The filter is wrong about one key in a thousand or so.
func (u *Upload) readUnread(ctx context.Context, r io.ReaderAt, size int64, p *pipeline) error {
	c := newChecker(p.terms)
	pick := picker[int64]{
		after: u.load.UnreadAfter,
		line:  func(line int64) int64 { return line },
		take: func(rec *record, _ int64, out *run) {
			c.check(rec.cells, rec.line)
			if len(out.staged) == 0 {
				out.staged = []*queries.Batch{queries.NewBatch(1024)}
			}
			out.staged[0].Add(c.row)
			out.rows++
		},
	}
	return pick.run(ctx, u, r, size, p)
}

// picker reads a file once more for some of its lines, which the database lists in order.
type picker[T any] struct {
	after func(ctx context.Context, line int64) ([]T, error) // the next of them
	line  func(T) int64
	take  func(*record, T, *run)

	page []T
	last int64
	done bool
}

// next is the line to look for.
func (k *picker[T]) next(ctx context.Context) (item T, ok bool, err error) {
	if len(k.page) == 0 && !k.done {
		if k.page, err = k.after(ctx, k.last); err != nil {
			return item, false, err
		}
		k.done = len(k.page) == 0
	}
	if k.done {
		return item, false, nil
	}
	return k.page[0], true, nil
}

func (k *picker[T]) run(ctx context.Context, u *Upload, r io.ReaderAt, size int64, p *pipeline) error {
	if _, ok, err := k.next(ctx); err != nil || !ok {
		return err
	}
	in, err := open(r, size, u.opts)
	if err != nil {
		return err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	source := in.source
	if in.book != nil {
		source = newSheetSource(groupCtx, group, in)
	}
	group.Go(func() error { return k.walk(groupCtx, source, p) })
	return group.Wait()
}

func (k *picker[T]) walk(ctx context.Context, source chunkSource, p *pipeline) error {
	found := &run{}
	for {
		part, err := source.next()
		if err != nil {
			return err
		}
		if part == nil {
			return p.loadRun(ctx, found)
		}
		if part.text == nil && part.rows == nil {
			part.text, _ = p.encoding.decode(part.raw, true)
		}
		err = part.each(p.comma, func(rec *record) error {
			item, ok, err := k.next(ctx)
			if err != nil || !ok || rec.line != k.line(item) {
				return err
			}
			k.page, k.last = k.page[1:], rec.line
			k.take(rec, item, found)
			return nil
		})
		if err != nil {
			return err
		}
		if found.rows < findingsPerLoad && len(found.findings) < findingsPerLoad {
			continue
		}
		if err := p.loadRun(ctx, found); err != nil {
			return err
		}
		found = &run{}
	}
}

// keepBook writes the kept copy of a workbook: as it came, or masked when any cell needs it.
func (u *Upload) keepBook(in *opened, r io.ReaderAt, size int64) error {
	_, err := io.Copy(writerFunc(func(b []byte) error { u.keep.sum.Write(b); return nil }), io.NewSectionReader(r, 0, size))
	if err != nil || u.keep.file == nil {
		return err
	}
	needs, err := in.book.NeedsMasking(in.sheet.Name, u.plan.declaredColumns())
	if err != nil {
		return err
	}
	if !needs {
		_, err := io.Copy(u.keep.file, io.NewSectionReader(r, 0, size))
		return err
	}
	u.keep.kept = newSum()
	_, err = in.book.WriteMasked(io.MultiWriter(u.keep.file, u.keep.kept), in.sheet.Name, u.plan.declaredColumns())
	return err
}

func (p *plan) declaredColumns() map[int]bool {
	columns := map[int]bool{}
	for i, declared := range p.declared {
		if declared {
			columns[i] = true
		}
	}
	return columns
}

type writerFunc func([]byte) error

func (f writerFunc) Write(b []byte) (int, error) { return len(b), f(b) }

// continueBag makes the upload a part of the bag that its fix-it columns name.
func (u *Upload) continueBag(ctx context.Context, in *opened) error {
	o := &u.opts
	bag := cmp.Or(o.bag, namedBag(u.plan.at[pFixUpload], in))
	root, err := u.load.StoredUpload(ctx, bag)
	var unknown *model.Problem
	if err != nil && !errors.As(err, &unknown) {
		return err
	}
	if err != nil || root.Bag != root.Upload {
		return &fault{"F08", fmt.Sprintf("%d, som ikke findes her", bag)}
	}
	if o.Municipality != 0 && root.Restricted && o.Municipality != root.Municipality {
		return &fault{"F08", fmt.Sprintf("%d, som hører til en anden kommune", bag)}
	}
	o.Municipality, o.Source, o.Kind, o.Test = 0, root.Source, root.Kind, root.Test
	o.further, u.central = root.Replaces != 0, root.Delivery != 0
	if root.Restricted {
		o.Municipality = root.Municipality
	}
	rc := &u.Receipt
	rc.Bag, rc.Municipality, rc.Source, rc.Kind, rc.Test = bag, o.Municipality, o.Source, o.Kind, o.Test
	return nil
}

// namedBag is the upload that a fix-it file's first row says it mends; 0 when it says nothing readable.
func namedBag(at int, in *opened) uint32 {
	if at < 0 || at >= len(in.first) {
		return 0
	}
	text := trim(in.first[at])
	if n := num(text, 0, len(text)); n > 0 && len(text) <= 9 {
		return uint32(n)
	}
	return 0
}
