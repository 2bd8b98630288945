package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"time"

	"komhen/model"
	"komhen/queries"
)

// A central delivery is kept once, like a KLE file, and is a decision of its own with a record for itself and one for each municipality.
// A municipality's part is an upload that reads the kept file, leaving all other rows out; the record that says so stands in the same
// line of the journal, so a part is never loaded without being told, nor twice.

// ByService is who decides when nobody did: the service, on the day that was stated.
const ByService = "service"

// Delivering says what a file is that is made a central delivery.
type Delivering struct {
	What  string // of model.CentralSources
	Round string
	Day   model.Date // on which the parts load that nobody has answered
}

// partTally is what a municipality has in a central delivery: rows, rejected ones among them, what the others stand for, and their period.
type partTally struct {
	rows, rejected, contacts int64
	first, last              model.Date
}

func (p partTally) with(o partTally) partTally {
	if p.first == 0 || o.first != 0 && o.first < p.first {
		p.first = o.first
	}
	return partTally{p.rows + o.rows, p.rejected + o.rejected, p.contacts + o.contacts, p.first, max(p.last, o.last)}
}

func (t *tally) addPart(r *queries.Row, rejected bool) {
	one := partTally{rows: 1}
	if rejected {
		one.rejected = 1
	} else {
		day := r.Moment.Date()
		one.contacts, one.first, one.last = int64(r.Amount), day, day
	}
	t.parts[r.Municipality] = t.parts[r.Municipality].with(one)
}

// Deliver keeps a file as a central delivery; options.Delivering says what it is. Nothing of it counts before a part is approved or its
// day comes. The Upload tells what was found, or has a Fault; it is at its end already. number is the delivery's.
func (f *Folder) Deliver(ctx context.Context, r io.ReaderAt, size int64, o Options) (number uint64, u *Upload, err error) {
	end, err := f.begin(ctx)
	if err != nil {
		return 0, nil, err
	}
	defer end()
	d := o.Delivering
	if _, err := f.Book.Round(d.Round); err != nil {
		return 0, nil, err
	}
	if err := model.CheckDelivery(d.What, d.Day, model.DateOf(o.Received)); err != nil {
		return 0, nil, err
	}
	if u, err = f.prepare(ctx, r, size, o); err != nil || u.Fault != nil {
		return 0, u, err
	}
	checked := u
	defer func() { err = errors.Join(err, checked.Discard()) }()
	if err := u.DeliveryProblem(); err != nil {
		return 0, nil, err
	}
	if err := u.load.Rollback(); err != nil {
		return 0, nil, err
	}
	e := Entry{Seq: f.journal.nextSeq(), At: u.opts.Received, Op: "central", By: o.By, File: u.opts.Name, SHA256: u.Receipt.SHA256, KeptSHA256: u.Receipt.KeptSHA256,
		Size: size, Source: u.opts.Source, Kind: u.opts.Kind, Sheet: u.opts.Sheet, Round: d.Round}
	e.Kept = fmt.Sprintf("%s/central-%06d.%s", uploadsName, e.Seq, u.Receipt.Format)
	if e.Records, err = u.deliveryRecords(e, *d); err != nil {
		return 0, nil, err
	}
	load, err := f.beginDeclared(ctx, e)
	if err != nil {
		return 0, nil, err
	}
	u.keep.final = f.path(e.Kept)
	if err := u.keep.place(); err != nil {
		return 0, nil, errors.Join(folderProblem(f.Dir, err), load.Rollback())
	}
	if err := f.decide(ctx, load, &e); err != nil {
		return 0, nil, err
	}
	u.keep.placed = false // the kept file is the folder's now
	return e.Seq, u, nil
}

// DeliveryProblem is why a file that was checked cannot be a central delivery although it can be read; nil when it can.
func (u *Upload) DeliveryProblem() error {
	d := u.opts.Delivering
	valid := int64(0)
	for code, p := range u.parts {
		if code != 0 {
			valid += p.rows - p.rejected
		}
	}
	switch {
	case u.plan.fix:
		return &model.Problem{Code: "central-fix", Message: "En rettefil kan ikke være en central levering. Send den under Indmeldinger."}
	case valid == 0:
		return &model.Problem{Code: "central-empty", Message: "Filen har ingen rækker, som en kommune kan få. Se fejlene i kvitteringen, ret filen, og send den igen."}
	case u.Receipt.Round != d.Round:
		lies := "uden for tællerunderne"
		if r, err := u.folder.Book.Round(u.Receipt.Round); err == nil {
			lies = "i " + r.Title()
		}
		return &model.Problem{Code: "central-round", Message: fmt.Sprintf("Filens rækker ligger %s, men du har valgt runden %s. Vælg den rigtige runde eller den rigtige fil.", lies, d.Round)}
	}
	return nil
}

// Parts is how many municipalities a delivery that was checked has rows of, and how many rows are nobody's.
func (u *Upload) Parts() (municipalities int, nobodys int64) {
	municipalities = len(u.parts)
	if nobodys = u.parts[0].rows; nobodys > 0 {
		municipalities--
	}
	return municipalities, nobodys
}

// deliveryRecords are the records of a new delivery: its own first, then the parts'.
func (u *Upload) deliveryRecords(e Entry, d Delivering) ([]model.Record, error) {
	key := strconv.FormatUint(e.Seq, 10)
	own, err := model.NewRecord(model.RecordCentral, 0, d.Round, key, model.Delivery{What: d.What, Day: d.Day.ISO(), Came: e.At, Nobodys: u.parts[0].rows,
		File: model.KeptFile{Name: e.File, Kept: e.Kept, SHA256: e.SHA256, KeptSHA256: e.KeptSHA256, Size: e.Size, Sheet: e.Sheet}})
	list := []model.Record{own}
	for _, code := range slices.Sorted(maps.Keys(u.parts)) {
		p := u.parts[code]
		if code == 0 || err != nil {
			continue
		}
		body := model.DeliveryPart{State: model.PartWaiting, Rows: p.rows, Rejected: p.rejected, Contacts: p.contacts}
		if p.first != 0 {
			body.First, body.Last = p.first.ISO(), p.last.ISO()
		}
		var r model.Record
		r, err = model.NewRecord(model.RecordCentral, code, d.Round, key, body)
		list = append(list, r)
	}
	return list, err
}

// Postpone moves the day of a delivery to a later one.
func (f *Folder) Postpone(ctx context.Context, number uint64, day model.Date, by Decision) error {
	return f.redeliver(ctx, number, by, func(c *queries.Central) error {
		if day <= c.On() {
			return &model.Problem{Code: "central-day", Message: fmt.Sprintf("Leveringen indlæses %s. Vælg en senere dag; den kan ikke rykkes frem, for kommunerne har fået dagen at vide.", c.On())}
		}
		c.Day = day.ISO()
		return model.CheckDelivery(c.What, day, model.DateOf(by.At))
	})
}

// WithdrawDelivery takes a delivery back: parts that are not loaded never will be. Those that are stay; they are undone like any upload.
func (f *Folder) WithdrawDelivery(ctx context.Context, number uint64, by Decision) error {
	return f.redeliver(ctx, number, by, func(c *queries.Central) error {
		c.Withdrawn = true
		return nil
	})
}

// redeliver changes what KL says of a delivery, as long as parts of it are not loaded.
func (f *Folder) redeliver(ctx context.Context, number uint64, by Decision, change func(*queries.Central) error) error {
	return f.Declare(ctx, by, func(ctx context.Context) ([]model.Record, error) {
		c, err := f.Store.Central(ctx, number)
		if err != nil {
			return nil, err
		}
		if c.Withdrawn {
			return nil, withdrawn(c)
		}
		if !slices.ContainsFunc(c.Parts, func(p queries.CentralPart) bool { return p.State != model.PartLoaded }) {
			return nil, &model.Problem{Code: "nothing-to-do", Message: "Alle dele af leveringen er indlæst. Der er ikke ændret noget; en del kan fortrydes under Indmeldinger."}
		}
		if err := change(&c); err != nil {
			return nil, err
		}
		r, err := model.NewRecord(model.RecordCentral, 0, c.Round, strconv.FormatUint(number, 10), c.Delivery)
		return []model.Record{r}, err
	})
}

func withdrawn(c queries.Central) error {
	return &model.Problem{Code: "nothing-to-do", Message: fmt.Sprintf("KL har trukket leveringen af %s tilbage. Der er ikke ændret noget.", c.What)}
}

// part finds a municipality's part, which must be of a delivery that stands.
func (f *Folder) part(ctx context.Context, number uint64, municipality uint16) (c queries.Central, p queries.CentralPart, err error) {
	if c, err = f.Store.Central(ctx, number); err != nil {
		return c, p, err
	}
	own := c.Part(municipality)
	switch {
	case own == nil:
		return c, p, &model.Problem{Code: "delivery-unknown", Message: fmt.Sprintf("Den centrale levering nummer %d har ingen rækker for kommunen.", number)}
	case c.Withdrawn:
		return c, *own, withdrawn(c)
	}
	return c, *own, nil
}

// TakePart has a municipality do its part itself: it is not loaded centrally, and undone where it was.
func (f *Folder) TakePart(ctx context.Context, number uint64, municipality uint16, by Decision) error {
	end, err := f.begin(ctx)
	if err != nil {
		return err
	}
	defer end()
	c, p, err := f.part(ctx, number, municipality)
	if err != nil {
		return err
	}
	if p.State == model.PartTaken && p.Live == 0 { // what was brought back under Indmeldinger is undone once more
		return &model.Problem{Code: "nothing-to-do", Message: "Kommunen har allerede overtaget sin del. Der er ikke ændret noget."}
	}
	records, err := partRecord(c, p, func(body *model.DeliveryPart) { body.State, body.Upload, body.Approved = model.PartTaken, 0, false })
	if err != nil {
		return err
	}
	if p.Live != 0 {
		_, err := f.flipNow(ctx, "undo", p.Live, by, records)
		return err
	}
	return f.declare(ctx, by, records)
}

// GivePartBack lets a part that was taken over be loaded centrally after all: at once when its day has come.
func (f *Folder) GivePartBack(ctx context.Context, number uint64, municipality uint16, by Decision) error {
	return f.Declare(ctx, by, func(ctx context.Context) ([]model.Record, error) {
		c, p, err := f.part(ctx, number, municipality)
		if err != nil {
			return nil, err
		}
		if p.State != model.PartTaken {
			return nil, &model.Problem{Code: "nothing-to-do", Message: "Kommunen har ikke overtaget sin del, så der er intet at give tilbage. Der er ikke ændret noget."}
		}
		return partRecord(c, p, func(body *model.DeliveryPart) { body.State = model.PartWaiting })
	})
}

// partRecord is the record of a changed part.
func partRecord(c queries.Central, p queries.CentralPart, change func(*model.DeliveryPart)) ([]model.Record, error) {
	body := p.DeliveryPart
	change(&body)
	r, err := model.NewRecord(model.RecordCentral, p.Municipality, c.Round, strconv.FormatUint(c.Number, 10), body)
	return []model.Record{r}, err
}

// ApprovePart loads a municipality's part at once.
func (f *Folder) ApprovePart(ctx context.Context, number uint64, municipality uint16, by Decision) (*Upload, error) {
	u, err := f.loadPart(ctx, number, municipality, by, true)
	if err == nil && u == nil {
		err = &model.Problem{Code: "nothing-to-do", Message: "Kommunens del er indlæst allerede. Der er ikke ændret noget; er den fortrudt, så bring den tilbage under Indmeldinger."}
	}
	return u, err
}

// LoadDue loads the parts whose day has come and that nobody has answered, each as an upload of its own, and tells loaded of each. What
// cannot be loaded waits for the next call and does not keep the others from it.
func (f *Folder) LoadDue(ctx context.Context, now time.Time, loaded func(number uint64, u *Upload)) error {
	list, err := f.Store.Centrals(ctx)
	for _, c := range list {
		if !c.Due(model.DateOf(now)) {
			continue
		}
		for _, p := range c.Parts {
			if p.State != model.PartWaiting {
				continue
			}
			if ctx.Err() != nil {
				return errors.Join(err, ctx.Err())
			}
			u, failed := f.loadPart(ctx, c.Number, p.Municipality, Decision{now, ByService}, false)
			if failed != nil {
				err = errors.Join(err, fmt.Errorf("part %d of delivery %d: %w", p.Municipality, c.Number, failed))
			} else if u != nil {
				loaded(c.Number, u)
			}
		}
	}
	return err
}

// loadPart loads a part as an upload: the municipality approves it, or its day has come. It gives nil where there is nothing to load any
// more: others may have decided since it was asked for.
func (f *Folder) loadPart(ctx context.Context, number uint64, municipality uint16, by Decision, approved bool) (*Upload, error) {
	end, err := f.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	c, p, err := f.part(ctx, number, municipality)
	switch {
	case err != nil && approved:
		return nil, err
	case err != nil && c.Withdrawn, p.State == model.PartLoaded:
		return nil, nil
	case err != nil:
		return nil, err
	case p.Live != 0: // brought back among the uploads, after it was taken over
		records, err := partRecord(c, p, func(body *model.DeliveryPart) {
			body.State, body.Upload, body.Approved = model.PartLoaded, p.Live, true
		})
		if err != nil {
			return nil, err
		}
		return nil, f.declare(ctx, by, records)
	case !approved && (p.State != model.PartWaiting || !c.Due(model.DateOf(by.At))):
		return nil, nil
	}
	o := f.partOptions(c, municipality)
	o.Received, o.By = by.At, by.By
	o.records = func(u *Upload) ([]model.Record, error) {
		return partRecord(c, p, func(body *model.DeliveryPart) {
			body.State, body.Upload, body.Approved = model.PartLoaded, u.load.Upload(), approved
		})
	}
	return f.again(ctx, o)
}

// partOptions are how a municipality's part of a delivery is read.
func (f *Folder) partOptions(c queries.Central, municipality uint16) Options {
	file := c.File
	return Options{Name: file.Name, Municipality: municipality, Source: c.What, Kind: model.System, Sheet: file.Sheet, delivery: c.Number,
		kept: &keptFile{file.Kept, file.SHA256, file.KeptSHA256, file.Size}}
}
