package ingest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"komhen/ingest/workbook"
	"komhen/model"
	"komhen/queries"
)

// Options of an import. Received is when the file came; rows after it are "in the future" and uploads after a deadline are late.
type Options struct {
	Name         string // file name, for people
	Municipality uint16 // 0: each row its own
	Source       string // "" is the default of the kind
	Kind         model.Kind
	Test         bool
	Sheet        string
	Received     time.Time
	By           string                  // the account that imports, as an opaque id; goes into the journal
	Mapping      *Mapping                // how a file that is not in our layouts is read; nil for those that are. Not for fix-it files
	MaxBytes     int64                   // F05; 0 is DefaultMaxBytes
	Progress     func(done, total int64) // bytes; may be nil
	Delivering   *Delivering             // makes the file a central delivery, for Check and Deliver

	dryRun   bool
	further  bool                                  // the upload's rows are contacts of their own (codebook §6)
	replaces uint32                                // the upload it is loaded instead of
	bag      uint32                                // makes a fix-it file continue this bag, whatever its rows say
	replay   *Entry                                // the journal line that is carried out again
	kept     *keptFile                             // the file is among the kept ones already
	into     *queries.Load                         // the open transaction that the upload becomes a part of
	sent     bool                                  // the rows were sent one by one by a registration tool
	delivery uint64                                // the file is a central delivery, of which Municipality's rows alone are read
	records  func(*Upload) ([]model.Record, error) // that are one decision with the upload; may be nil
}

// keptFile is what is known of a file that is kept already.
type keptFile struct {
	name, sha256, keptSHA256 string
	size                     int64
}

// DefaultMaxBytes is the largest file that is taken in, unless Options say otherwise.
const DefaultMaxBytes = 8 << 30

// maxExpanded bounds what a workbook may hold when unpacked.
const maxExpanded = 4 << 30

// Default sources of rows without a Datakilde (ours; the names are the field's).
var defaultSource = map[model.Kind]string{model.Registration: "Tracetool", model.System: "Systemudtræk"}

// Upload is an import that has been checked and loaded but not committed. End it with Commit or Discard.
type Upload struct {
	Receipt model.Receipt
	Fault   *model.Finding // why nothing can be loaded; the file is then not kept
	// Sentence is what to say of the Fault where its rule's own sentence does not fit; "" otherwise.
	Sentence string
	plan     *plan

	folder *Folder
	load   *queries.Load // nil with a Fault
	keep   *keeper
	opts   Options
	stored queries.StoredUpload
	end    func()            // gives the turn to change the folder on
	fates  []queries.RowFate // of rows that were sent one by one

	filter    string               // temporary file of the filter that is kept; "" for none
	central   bool                 // it mends what came with a central delivery
	parts     map[uint16]partTally // of a central delivery, what each municipality has in it
	afresh    bool                 // it was tried as a repetition of an earlier upload, which it is not
	committed bool
}

// Prepare waits for the turn to change the folder, and keeps, decodes, checks and loads a file in an open transaction. A dry run is
// Prepare and Discard: the same code up to the commit. The error is for what went wrong inside; what is wrong with the file stands
// in the Upload.
//
// Danger: nobody else can change the folder until the Upload is committed or discarded. Defer Discard at once; never wait for a
// person in between.
func (f *Folder) Prepare(ctx context.Context, r io.ReaderAt, size int64, o Options) (*Upload, error) {
	end, err := f.begin(ctx)
	if err != nil {
		return nil, err
	}
	handed := false
	defer func() {
		if !handed { // also when it panics: the others must not wait for ever
			end()
		}
	}()
	u, err := f.prepare(ctx, r, size, o)
	if err != nil || u.Fault != nil { // nothing is open any more
		return u, err
	}
	u.end, handed = end, true
	return u, nil
}

// Check is Prepare without a kept file: for a dry run. It cannot be committed. Read its Findings before Discard.
func (f *Folder) Check(ctx context.Context, r io.ReaderAt, size int64, o Options) (*Upload, error) {
	o.dryRun = true
	return f.Prepare(ctx, r, size, o)
}

// prepare is Prepare for those who have the turn already.
func (f *Folder) prepare(ctx context.Context, r io.ReaderAt, size int64, o Options) (*Upload, error) {
	if m := o.Mapping; m != nil && o.kept == nil { // what was journaled stays as it was
		if err := mappingProblem(m.Validate(f.Book)); err != nil {
			return nil, err
		}
		o.Kind, o.Source = cmp.Or(o.Kind, m.Kind), cmp.Or(o.Source, m.Source)
	}
	if d := o.Delivering; d != nil {
		o.Kind, o.Source, o.Municipality, o.Test, o.Mapping = model.System, d.What, 0, false, nil
	}
	o.Kind = cmp.Or(o.Kind, model.Registration)
	o.Source = cmp.Or(o.Source, defaultSource[o.Kind])
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.Received.IsZero() {
		o.Received = time.Now()
	}
	o.Received = o.Received.Truncate(time.Second)
	o.Name, _ = model.MaskCPR(strings.ToValidUTF8(o.Name, "\uFFFD"), false)
	u := &Upload{folder: f, opts: o}
	u.Receipt = model.Receipt{File: o.Name, Size: size, Municipality: o.Municipality, Source: o.Source, Kind: o.Kind, Test: o.Test}
	receipt := u.Receipt
	err := u.run(ctx, r, size)
	if errors.Is(err, errNoRepeat) {
		if err := u.Discard(); err != nil {
			return nil, err
		}
		u = &Upload{folder: f, opts: o, Receipt: receipt, afresh: true}
		err = u.run(ctx, r, size)
	}
	stop := fileFault(err)
	switch {
	case stop == nil && err != nil:
		return nil, errors.Join(diskProblem(err), u.Discard())
	case stop == nil:
		return u, nil
	}
	if err := u.Discard(); err != nil {
		return nil, err
	}
	u.load = nil
	u.Fault = f.faultFinding(stop)
	if u.Receipt.SHA256 == "" && stop.rule != "F05" { // a file above the limit is not read, however long that would take
		if u.Receipt.SHA256, err = hashOf(r, size); err != nil {
			return nil, err
		}
	}
	r0 := &u.Receipt
	r0.Records, r0.Header, r0.Blank, r0.Accepted, r0.Rejected, r0.Withheld, r0.Contacts, r0.Warnings = 0, 0, 0, 0, 0, 0, 0, 0
	return u, nil
}

// fileFault is what is wrong with a file, nil when an error is none of the file's.
func fileFault(err error) *fault {
	var stop *fault
	var book *workbook.Fault
	switch {
	case errors.As(err, &stop):
	case errors.As(err, &book):
		stop = &fault{book.Rule, book.Detail}
	}
	return stop
}

func (f *Folder) faultFinding(stop *fault) *model.Finding {
	detail, _ := model.MaskCPR(stop.detail, false)
	finding := &model.Finding{Rule: stop.rule, Severity: model.File, Detail: detail}
	if rule := f.Book.Rule(stop.rule); rule != nil {
		finding.Severity = rule.Severity
	}
	return finding
}

// diskProblem tells a full disk from other errors.
func diskProblem(err error) error {
	if strings.Contains(err.Error(), "No space left") || strings.Contains(err.Error(), "no space left") ||
		strings.Contains(err.Error(), "failed to offload data block") {
		return &model.Problem{Code: "disk-full", Message: diskFull, Err: err}
	}
	return err
}

// PathFault makes an Upload of a path that OpenFile could not open. No rule's own sentence fits it, so Sentence holds one.
func PathFault(o Options, path, bad string) *Upload {
	if o.Kind == "" {
		o.Kind = model.Registration
	}
	if o.Source == "" {
		o.Source = defaultSource[o.Kind]
	}
	o.Name, _ = model.MaskCPR(strings.ToValidUTF8(o.Name, "\uFFFD"), false)
	path, _ = model.MaskCPR(strings.ToValidUTF8(path, "\uFFFD"), false)
	return &Upload{opts: o, Receipt: model.Receipt{File: o.Name, Municipality: o.Municipality, Source: o.Source, Kind: o.Kind, Test: o.Test},
		Fault:    &model.Finding{Rule: "F02", Severity: model.File, Detail: bad},
		Sentence: fmt.Sprintf("%s %s. Se efter, om filens navn og mappe er skrevet rigtigt, og om du har lov til at læse den.", path, bad)}
}

// OpenFile opens a path for Prepare. bad says what is wrong with it, in Danish, to follow its name.
func OpenFile(path string) (file *os.File, size int64, bad string) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, 0, "findes ikke"
	case err != nil:
		return nil, 0, "kan ikke læses"
	case info.IsDir():
		return nil, 0, "er en mappe og ikke en fil"
	case !info.Mode().IsRegular():
		return nil, 0, "er ikke en almindelig fil"
	}
	file, err = os.Open(path)
	if err != nil {
		return nil, 0, "må du ikke læse"
	}
	return file, info.Size(), ""
}

// Commit keeps the file, writes the journal and makes the upload count. Once it returns, a crash can take nothing away.
func (u *Upload) Commit(ctx context.Context) error {
	f := u.folder
	defer u.Discard()
	if u.load == nil || u.opts.dryRun || u.opts.Delivering != nil {
		return fmt.Errorf("nothing to commit")
	}
	if e := u.opts.replay; e != nil {
		err := addRecords(ctx, u.load, *e)
		if err == nil {
			err = f.applied(ctx, u.load, *e)
		}
		if err == nil {
			u.placeFilter()
		}
		return err
	}
	o := u.opts
	if o.kept == nil {
		if err := u.keep.place(); err != nil {
			return folderProblem(f.Dir, err)
		}
	}
	e := &Entry{Seq: f.journal.nextSeq(), At: o.Received, Op: "upload", Upload: u.load.Upload(), File: o.Name, Kept: u.stored.Kept, SHA256: u.Receipt.SHA256,
		KeptSHA256: u.Receipt.KeptSHA256, Size: u.Receipt.Size, Municipality: o.Municipality, Source: o.Source, Kind: o.Kind,
		Test: o.Test, Sheet: o.Sheet, Further: o.further, Replaces: o.replaces, Bag: o.bag, By: o.By, Mapping: o.Mapping, Sent: o.sent, Delivery: o.delivery}
	if o.records != nil {
		var err error
		if e.Records, err = o.records(u); err == nil {
			err = addRecords(ctx, u.load, *e)
		}
		if err != nil {
			return errors.Join(err, u.load.Rollback())
		}
	}
	if err := f.decide(ctx, u.load, e); err != nil {
		return errors.Join(err, u.keep.remove())
	}
	u.keep.placed, u.committed = false, true // the kept file is the folder's now
	u.placeFilter()
	return nil
}

// Discard leaves the folder as it was, and lets the next one change it. It does nothing after Commit.
func (u *Upload) Discard() error {
	if u.end != nil {
		defer u.end()
	}
	var err error
	if u.load != nil {
		err = u.load.Rollback()
	}
	if u.keep != nil {
		err = errors.Join(err, u.keep.remove())
	}
	return errors.Join(err, u.dropFilter())
}

// Findings gives everything found to f, in the order of the lines.
func (u *Upload) Findings(ctx context.Context, f func(model.Finding) error) error {
	if u.Fault != nil {
		return f(*u.Fault)
	}
	if u.committed {
		return u.folder.Store.Findings(ctx, u.Receipt.Upload, f)
	}
	return u.load.Findings(ctx, f)
}
