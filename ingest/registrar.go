package ingest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"komhen/model"
	"komhen/queries"
)

// SentLayout is what a receipt calls rows that a registration tool sent.
const SentLayout = "registreringer fra et program"

// RegistrationBatch is what one request brings. Municipality and Unit are those of its token: rows need not name them, and must not
// name others.
type RegistrationBatch struct {
	Municipality     uint16
	Unit, Source, By string // Source "" is the default of registrations
	Test             bool
	Received         time.Time
	Rows             []Registration
}

// Outcome is what became of a registration.
type Outcome string

const (
	Accepted  Outcome = "accepted"
	Known     Outcome = "known"     // the same id with the same content counts already
	Corrected Outcome = "corrected" // it replaces what the id had before
	Refused   Outcome = "rejected"
)

// RegistrationAnswer is the answer to one row. Findings are warnings too; the lines that R13 names are rows of the request, from 1. Upload is where the row is kept, 0 when it could not be
// read; what is accepted, known or corrected is on disk.
type RegistrationAnswer struct {
	ID       string
	Outcome  Outcome
	Upload   uint32
	Findings []model.Finding
}

// Registrar takes registrations in as they come. Requests of one municipality and source that wait for their turn at the same time
// share one upload: one file, one transaction, one wait for the disk. It is safe for concurrent use.
type Registrar struct {
	folder *Folder
	mu     sync.Mutex
	queues map[queueKey][]*sentBatch // the waiting ones; a queue that is there has a goroutine
}

type queueKey struct {
	municipality uint16
	source       string
	test         bool
}

// sentBatch is a request that waits.
type sentBatch struct {
	RegistrationBatch
	ctx     context.Context
	rows    []*sentRow
	answers []RegistrationAnswer
	err     error
	done    chan struct{}
}

// sentRow is a row that could be read.
type sentRow struct {
	Registration
	number int // in its request, from 1
	answer *RegistrationAnswer
}

// content is what the row says, to be compared.
func (r *sentRow) content() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(r.Values)) {
		fmt.Fprintf(&b, "%q:%q,", name, r.Values[name])
	}
	return b.String()
}

func NewRegistrar(folder *Folder) *Registrar {
	return &Registrar{folder: folder, queues: map[queueKey][]*sentBatch{}}
}

// Register answers each row, in the order of the batch, when all that is accepted is on disk. Without an answer (the context ended, or
// an error inside) the rows may or may not be in; sending them again with the same ids is always right.
func (g *Registrar) Register(ctx context.Context, batch RegistrationBatch) ([]RegistrationAnswer, error) {
	book := g.folder.Book
	if book.Municipality(batch.Municipality) == nil || trim(batch.Unit) == "" {
		return nil, &model.Problem{Code: "registrations-whose", Message: "Adgangsnøglen hører ikke til en kommune og en enhed. Bed din tovholder om en ny."}
	}
	if len(batch.Rows) > MaxRegistrations {
		return nil, &model.Problem{Code: "registrations-too-many", Message: fmt.Sprintf("Der er sendt %d registreringer på én gang, og grænsen er %d.", len(batch.Rows), MaxRegistrations)}
	}
	batch.Source = cmp.Or(batch.Source, defaultSource[model.Registration])
	if batch.Received.IsZero() {
		batch.Received = time.Now()
	}
	b := &sentBatch{RegistrationBatch: batch, ctx: ctx, answers: make([]RegistrationAnswer, len(batch.Rows)), done: make(chan struct{})}
	for i, row := range batch.Rows {
		b.take(book, i, row)
	}
	if len(b.rows) == 0 {
		return b.answers, nil
	}
	key := queueKey{batch.Municipality, foldSource(batch.Source), batch.Test}
	g.mu.Lock()
	_, running := g.queues[key]
	g.queues[key] = append(g.queues[key], b)
	g.mu.Unlock()
	if !running {
		go g.serve(key)
	}
	select {
	case <-b.done:
		return b.answers, b.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// take fills in whose row it is, or refuses it.
func (b *sentBatch) take(book *model.Codebook, i int, row Registration) {
	answer := &b.answers[i]
	answer.ID, _ = model.MaskCPR(show(row.ID), true)
	refuse := func(f model.Finding) {
		f.Severity = model.Error
		answer.Outcome, answer.Findings = Refused, []model.Finding{f}
	}
	if row.Fault != nil {
		refuse(*row.Fault)
		return
	}
	if named := row.Values["kommune"]; named != "" && book.MunicipalityCode(named) != b.Municipality {
		value, _ := model.MaskCPR(show(named), false)
		refuse(model.Finding{Rule: "R02", Column: "kommune", Value: value, Proposal: fmt.Sprint(b.Municipality),
			Detail: "er ikke " + book.Municipality(b.Municipality).Name + ", som adgangsnøglen hører til"})
		return
	}
	if named := row.Values["enhed"]; named != "" && model.Fold(named) != model.Fold(b.Unit) {
		value, _ := model.MaskCPR(show(named), false)
		refuse(model.Finding{Rule: "R03", Column: "enhed", Value: value, Proposal: b.Unit})
		return
	}
	row.Values = maps.Clone(row.Values)
	row.Values["kommune"], row.Values["enhed"] = fmt.Sprint(b.Municipality), trim(b.Unit)
	if channel := book.Channel(book.ChannelID(row.Values["kanal"])); channel != nil && channel.Form == model.FormFixedNo {
		delete(row.Values, "enhed") // codebook R10
	}
	b.rows = append(b.rows, &sentRow{row, i + 1, answer})
}

// serve takes a queue's requests in until there are none.
func (g *Registrar) serve(key queueKey) {
	ctx := context.Background() // a request that gives up must not stop those beside it
	for {
		end, err := g.folder.begin(ctx)
		group := g.next(key)
		if len(group) == 0 {
			if err == nil {
				end()
			}
			return
		}
		if err == nil {
			g.load(ctx, key, group)
			end()
		}
		for _, b := range group {
			if err != nil {
				b.err = err
			}
			close(b.done)
		}
	}
}

// next takes the requests that share the next upload out of their queue. One that holds an id which an earlier one holds with another
// content waits, with all that share an id with it, so that it is a correction and not a contradiction.
func (g *Registrar) next(key queueKey) (group []*sentBatch) {
	const most = 5_000 // rows
	g.mu.Lock()
	defer g.mu.Unlock()
	var left []*sentBatch
	contents, blocked, rows := map[string]string{}, map[string]bool{}, 0
	for _, b := range g.queues[key] {
		if b.ctx.Err() != nil {
			continue // nobody waits for the answer
		}
		wait := rows > 0 && rows+len(b.rows) > most
		for _, r := range b.rows {
			known, ok := contents[r.ID]
			wait = wait || blocked[r.ID] || ok && known != r.content()
		}
		for _, r := range b.rows {
			if wait {
				blocked[r.ID] = true
			} else {
				contents[r.ID] = r.content()
			}
		}
		if wait {
			left = append(left, b)
			continue
		}
		group, rows = append(group, b), rows+len(b.rows)
	}
	if g.queues[key] = left; len(group) == 0 {
		delete(g.queues, key)
	}
	return group
}

// load imports the rows of some requests as one upload, and answers them. The caller has the turn.
func (g *Registrar) load(ctx context.Context, key queueKey, group []*sentBatch) {
	var by []string
	received := group[0].Received
	for _, b := range group {
		if b.By != "" && !slices.Contains(by, b.By) {
			by = append(by, b.By)
		}
		if b.Received.After(received) {
			received = b.Received
		}
	}
	o := Options{Name: "registreringer " + received.In(model.Copenhagen).Format("02-01-2006 15.04.05") + ".csv", Municipality: key.municipality, Source: group[0].Source,
		Kind: model.Registration, Test: key.test, Received: received, By: strings.Join(by, ","), sent: true}
	for again := true; again; {
		var rows []*sentRow
		for _, b := range group {
			rows = append(rows, b.rows...)
		}
		if len(rows) == 0 {
			return
		}
		fault, others, err := g.importRows(ctx, rows, o)
		switch {
		case fault != nil && len(group) > 1: // whoever it was must not stop the others
			for _, b := range group {
				g.load(ctx, key, []*sentBatch{b})
			}
			return
		case fault != nil:
			err = &model.Problem{Code: "registrations-unreadable", Message: g.folder.Book.MessageOf(*fault)}
		}
		if err != nil {
			for _, b := range group {
				b.err = err
			}
			return
		}
		for _, b := range group {
			b.rows = slices.DeleteFunc(b.rows, func(r *sentRow) bool { return others[r] })
		}
		again = len(others) > 0
	}
}

// importRows imports rows as a file of our own layout and answers them. others are rows whose id another unit's contact has: they are
// refused, and then nothing is imported yet.
func (g *Registrar) importRows(ctx context.Context, rows []*sentRow, o Options) (fault *model.Finding, others map[*sentRow]bool, err error) {
	data, err := writeTable(registrationTable(rows))
	if err != nil {
		return nil, nil, err
	}
	u, err := g.folder.prepare(ctx, bytes.NewReader(data), int64(len(data)), o)
	if err != nil {
		return nil, nil, err
	}
	defer func() { err = errors.Join(err, u.Discard()) }()
	if u.Fault != nil {
		return u.Fault, nil, nil
	}
	rowAt := func(line int64) *sentRow {
		if i := line - 2; i >= 0 && i < int64(len(rows)) { // below the header, one line each
			return rows[i]
		}
		return nil
	}
	others = map[*sentRow]bool{}
	for _, x := range u.fates {
		if r := rowAt(x.Line); r != nil && x.OtherUnit {
			f := unreadable("dens id bruges allerede af en anden enhed. Giv hver registrering sit eget id")
			others[r], *r.answer = true, RegistrationAnswer{ID: r.answer.ID, Outcome: Refused, Findings: []model.Finding{*f}}
		}
	}
	if len(others) > 0 {
		return nil, others, nil
	}
	findings := map[*sentRow][]model.Finding{}
	err = u.Findings(ctx, func(f model.Finding) error {
		if r := rowAt(f.Line); r != nil && f.Record != 0 { // else it is about the whole upload
			f.Line, f.Record = 0, 0
			if f.Rule == "R13" { // it names other lines; they are the same request's
				f.Detail = digits.ReplaceAllStringFunc(f.Detail, func(line string) string {
					if other := rowAt(int64(num(line, 0, len(line)))); other != nil {
						return fmt.Sprint(other.number)
					}
					return line
				})
			}
			findings[r] = append(findings[r], f)
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	if err := u.Commit(ctx); err != nil {
		return nil, nil, err
	}
	for _, r := range rows {
		r.answer.Outcome, r.answer.Upload, r.answer.Findings = Refused, u.Receipt.Upload, findings[r]
	}
	for _, x := range u.fates {
		if r := rowAt(x.Line); r != nil {
			r.answer.Outcome = outcomes[x.Fate]
		}
	}
	return nil, nil, nil
}

var digits = regexp.MustCompile(`\d+`)

var outcomes = map[queries.Fate]Outcome{queries.FateNew: Accepted, queries.FateKnown: Known, queries.FateCorrection: Corrected}
