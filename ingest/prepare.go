package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"

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
	if u.plan, err = readHeader(in.header); err != nil {
		return err
	}
	rc.Layout = u.plan.layout
	t, err := u.terms(ctx, in)
	if err != nil {
		return err
	}
	if u.load, err = u.folder.Store.BeginLoad(ctx, u.Receipt.Bag, u.opts.Test); err != nil {
		return err
	}
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
	if err := u.chooseRoad(ctx, p, size); err != nil {
		return err
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
	t := &terms{book: f.Book, plan: u.plan, kle: kle, municipality: o.Municipality, source: o.Source, kind: o.Kind, test: o.Test,
		received: model.MomentOf(o.Received), sources: newSourceList(sources), damaged: in.damaged}
	if o.further {
		t.salt = 1 // the upload's own number, once it has one
	}
	if u.plan.fix {
		lines, err := f.Store.RejectedLines(ctx, u.Receipt.Bag)
		if err != nil {
			return nil, err
		}
		t.fix = &fixTarget{namedBag(u.plan, in), lines}
	}
	return t, nil
}

func (u *Upload) startKeeping() (err error) {
	if u.opts.dryRun || u.opts.replay != nil {
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
	const bytesPerRow = 100
	expected := int(size/bytesPerRow) + 1000
	stored, err := u.folder.Store.StoredKeys(ctx)
	if err != nil {
		return err
	}
	p.stageAll = u.plan.fix || stored > 20*int64(expected)
	if p.stageAll {
		return nil
	}
	p.own = newFilter(expected)
	if stored == 0 {
		return nil
	}
	p.known = newFilter(int(stored))
	return u.load.KnownKeys(ctx, func(hi, lo []uint64) {
		for i := range hi {
			p.known.seen(hi[i], lo[i])
		}
	})
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
	direct, contacts, err := u.load.Direct(ctx)
	if err != nil {
		return err
	}
	for id, name := range p.terms.sources.added {
		if err := u.load.AddSource(ctx, id, name); err != nil {
			return err
		}
	}
	done, err := u.load.Resolve(ctx)
	if err != nil {
		return err
	}
	rc.Records, rc.Header, rc.Blank = p.counted.records, p.counted.header, p.counted.blank
	rc.Rejected = p.rejected + conflicts
	rc.Accepted = direct + done.Accepted
	rc.Withheld = p.counted.rows - conflicts - rc.Accepted
	rc.Contacts, rc.Corrections = contacts+done.Contacts, done.Corrections
	days := newCalendar(u.folder.Book)
	rc.First, rc.Last, p.rounds = p.tally.period(&days)
	rc.Round = mainRound(p.rounds)
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
	if e := u.opts.replay; e != nil {
		if rc.SHA256 != e.KeptSHA256 {
			return &model.Problem{Code: "kept-file-changed", Message: fmt.Sprintf("Den gemte fil %s er ikke længere den, der blev indlæst. Hent en sikkerhedskopi frem med komhen restore.", e.Kept)}
		}
		rc.SHA256, rc.KeptSHA256, rc.Size, u.stored.Kept = e.SHA256, e.KeptSHA256, e.Size, e.Kept
	}
	rc.Warnings = p.warnings
	if codes := p.tally.codes(); rc.Municipality == 0 && len(codes) == 1 {
		rc.Municipality = codes[0] // a national file in form, one municipality's in fact
	}
	u.stored.Restricted = u.opts.Municipality != 0
	u.stored.Receipt, u.stored.Received, u.stored.Replaces = *rc, u.opts.Received, u.opts.replaces
	u.stored.Columns, u.stored.Locals = u.plan.columns, u.plan.names
	if err := u.load.InsertUpload(ctx, u.stored); err != nil {
		return err
	}
	rc.Upload = u.load.Upload()
	return nil
}

// rejectConflicts rejects rows whose kilde_id the file holds with other contents too (R13). Their cells have gone by already, so
// the file is read once more; that is rare.
func (u *Upload) rejectConflicts(ctx context.Context, r io.ReaderAt, size int64, in *opened, p *pipeline) (int64, error) {
	lines, err := u.load.MarkConflicts(ctx)
	if err != nil || lines == 0 {
		return 0, err
	}
	again, err := open(r, size, u.opts)
	if err != nil {
		return 0, err
	}
	group, groupCtx := errgroup.WithContext(ctx)
	source := again.source
	if again.book != nil {
		source = newSheetSource(groupCtx, group, again)
	}
	group.Go(func() error { return u.pickConflicts(groupCtx, source, p) })
	return lines, group.Wait()
}

func (u *Upload) pickConflicts(ctx context.Context, source chunkSource, p *pipeline) error {
	c := newChecker(p.terms)
	var page []queries.Conflict
	last, done := int64(0), false
	next := func() (queries.Conflict, bool, error) {
		if len(page) == 0 && !done {
			var err error
			if page, err = u.load.ConflictsAfter(ctx, last); err != nil {
				return queries.Conflict{}, false, err
			}
			done = len(page) == 0
		}
		if done {
			return queries.Conflict{}, false, nil
		}
		return page[0], true, nil
	}
	for {
		k, err := source.next()
		if err != nil {
			return err
		}
		if k == nil {
			return nil
		}
		if k.text == nil && k.rows == nil {
			k.text, _ = p.encoding.decode(k.raw, true)
		}
		var rejected []queries.Rejected
		var findings []model.Finding
		err = k.each(p.comma, func(rec *record) error {
			conflict, ok, err := next()
			if err != nil || !ok || rec.line != conflict.Line {
				return err
			}
			page, last = page[1:], conflict.Line
			if c.findings = c.findings[:0]; c.plan.fix {
				c.checkFix(rec.cells) // the line it mends
				c.findings = c.findings[:0]
			}
			c.add("R13", pID, rec.cells, conflict.Others, "")
			f := c.findings[0]
			f.Line, f.Record = rec.line, rec.number
			findings = append(findings, f)
			rejected = append(rejected, c.rejectedRow(rec))
			return nil
		})
		if err != nil {
			return err
		}
		if err := u.load.InsertFindings(ctx, findings); err != nil {
			return err
		}
		if err := u.load.InsertRejected(ctx, rejected); err != nil {
			return err
		}
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
	bag := namedBag(u.plan, in)
	if o.bag != 0 {
		bag = o.bag
	}
	root, err := u.folder.Store.Upload(ctx, bag)
	var unknown *model.Problem
	if err != nil && !errors.As(err, &unknown) {
		return err
	}
	if err != nil || root.Bag != root.Upload {
		return &fault{"F08", fmt.Sprint(bag)}
	}
	if o.Municipality != 0 && root.Restricted && o.Municipality != root.Municipality {
		return &fault{"F08", fmt.Sprintf("%d, som hører til en anden kommune", bag)}
	}
	o.Municipality, o.Source, o.Kind, o.Test = 0, root.Source, root.Kind, root.Test
	o.further = root.Replaces != 0
	if root.Restricted {
		o.Municipality = root.Municipality
	}
	rc := &u.Receipt
	rc.Bag, rc.Municipality, rc.Source, rc.Kind, rc.Test = bag, o.Municipality, o.Source, o.Kind, o.Test
	return nil
}

// namedBag is the upload that a fix-it file's first row says it mends; 0 when it says nothing readable.
func namedBag(p *plan, in *opened) uint32 {
	at := p.at[pFixUpload]
	if at >= len(in.first) {
		return 0
	}
	text := trim(in.first[at])
	if n := num(text, 0, len(text)); n > 0 && len(text) <= 9 {
		return uint32(n)
	}
	return 0
}
