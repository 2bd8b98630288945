package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sort"

	"komhen/ingest"
	"komhen/model"
)

// startCheck checks a pending upload in the background, as a dry run: the same code as loading, up to the commit.
func (s *Server) startCheck(p *pending) {
	p.mu.Lock()
	p.stage, p.fault, p.err = checking, nil, nil
	p.done.Store(0)
	p.mu.Unlock()
	if !s.background(func(ctx context.Context) { s.check(ctx, p) }) {
		p.fail(errEnding)
	}
}

var errEnding = &model.Problem{Code: "ending", Message: "Tjenesten er ved at lukke ned. Intet er indlæst; prøv igen om lidt."}

func (p *pending) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stage, p.err = failed, err
}

func (p *pending) progress(done, _ int64) { p.done.Store(done) }

func (s *Server) check(ctx context.Context, p *pending) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	p.mu.Lock()
	p.cancel = cancel
	o := p.options
	p.mu.Unlock()
	look, err := s.folder.Look(ctx, p.file, p.size, o)
	if err != nil {
		s.failedInside(p, "look", err)
		return
	}
	if m := s.profileFor(look, o); m != nil && o.Mapping == nil && o.Delivering == nil {
		useMapping(&o, m)
		p.mu.Lock()
		useMapping(&p.options, m)
		p.mu.Unlock()
	}
	o.Received, o.Progress = s.now(), p.progress
	u, err := s.folder.Check(ctx, p.file, p.size, o)
	if err != nil {
		s.failedInside(p, "check", err)
		return
	}
	defer u.Discard()
	spoolFile, err := s.pending.nameless()
	if err != nil {
		s.failedInside(p, "check", err)
		return
	}
	spool := newFindingSpool(spoolFile)
	if err := errors.Join(u.Findings(ctx, spool.add), spool.end()); err != nil {
		spool.Close()
		s.failedInside(p, "check", err)
		return
	}
	full := u.Full()
	full.Upload, full.Receipt.Upload, full.Receipt.Bag = 0, 0, 0
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.findings != nil {
		p.findings.Close()
	}
	p.stage, p.sums, p.receipt, p.fault, p.findings, p.sheets = checked, u.Receipt, full.JSON(), u.Fault, spool, look.Sheets
	if u.Fault != nil {
		p.sentence = full.Say(*u.Fault)
	} else if o.Delivering != nil {
		s.checkedDelivery(p, u)
	}
}

func (s *Server) failedInside(p *pending, what string, err error) {
	var known *model.Problem
	if !errors.As(err, &known) && !errors.Is(err, context.Canceled) {
		s.log.Error("upload failed", "stage", what, "pending", p.id, "error", err)
	}
	p.fail(err)
}

// word says in a list where a pending upload stands.
func (p *pending) word() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch p.stage {
	case checking:
		return "tjekkes nu"
	case loading:
		return "indlæses nu"
	case failed:
		return "gik galt"
	}
	if p.fault != nil {
		return "kan ikke indlæses"
	}
	return fmt.Sprintf("%s klar til indlæsning, %s afvist", model.FormatInt(p.sums.Accepted), model.FormatInt(p.sums.Rejected))
}

func sortPending(list []*pending) {
	sort.Slice(list, func(i, j int) bool { return list[i].came.Before(list[j].came) })
}

type pendingView struct {
	File, Busy, Fault, LoadText string
	Delivery                    string // of a central delivery, who gets what
	Size                        int64
	Percent                     int64
	Loadable, CanMap            bool
	Sheets                      []string
	Sums                        model.Receipt
	Facts                       receiptFacts
	Findings                    findingsView
}

// pendingPage shows how far the check has come, then the receipt before anything is loaded, then goes on to the loaded upload.
func (s *Server) pendingPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	p, err := s.pending.find(r.PathValue("pending"), v.ID())
	if err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	view := pendingView{File: p.options.Name, Size: p.size, Percent: 100 * min(p.done.Load(), p.size) / max(p.size, 1)}
	switch p.stage {
	case checking:
		view.Busy = "Vi tjekker filen"
	case loading:
		view.Busy = "Vi indlæser filen"
	case loaded:
		to := cmp.Or(p.to, fmt.Sprintf("/uploads/%d", p.upload))
		if r.Header.Get("HX-Request") != "" {
			w.Header().Set("HX-Redirect", to)
			return nil
		}
		http.Redirect(w, r, to, http.StatusSeeOther)
		return nil
	case failed:
		problem, _ := problemOf(p.err)
		view.Fault = problem.Message
	case checked:
		if err := s.showCheck(&view, p, r); err != nil {
			return err
		}
	}
	return s.page(w, r, v, "pending", view)
}

func (s *Server) showCheck(view *pendingView, p *pending, r *http.Request) error {
	if p.fault != nil {
		view.Fault = p.sentence
		view.CanMap = slices.Contains([]string{"F03", "F06"}, p.fault.Rule) && p.options.Delivering == nil
		if p.fault.Rule == "F07" {
			view.Sheets = p.sheets
		}
		return nil
	}
	view.Sums, view.Facts, view.CanMap = p.sums, s.factsOf(p.sums), p.options.Mapping != nil
	view.Loadable = p.sums.Accepted+p.sums.Rejected > 0
	switch {
	case p.options.Delivering != nil:
		view.Delivery, view.Loadable, view.LoadText = p.delivery, true, "Gør leveringen klar til kommunerne"
	case p.sums.Accepted > 0 && p.sums.Rejected > 0:
		view.LoadText = "Indlæs de " + model.FormatInt(p.sums.Accepted) + " gode rækker"
	case p.sums.Accepted > 0:
		view.LoadText = "Indlæs " + countOf(p.sums.Accepted, "række", "rækker")
	case p.sums.Rejected > 0:
		view.LoadText = "Gem filen, så du kan rette " + countOf(p.sums.Rejected, "afvist række", "afviste rækker")
	case p.sums.Withheld > 0:
		view.Loadable, view.LoadText = true, "Gem filen; alle rækker tæller allerede med"
	default:
		view.LoadText = "Filen har ingen rækker at indlæse."
	}
	var err error
	view.Findings, err = s.findingsOf(r, p.findings.order, p.findings.count, s.book.MessageOf, p.findings.page)
	return err
}

func countOf(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return model.FormatInt(n) + " " + many
}

// loadPending loads what was checked. Others may have loaded something since, so the receipt that counts is the one made now.
func (s *Server) loadPending(w http.ResponseWriter, r *http.Request, v Viewer) error {
	p, err := s.pending.find(r.PathValue("pending"), v.ID())
	if err != nil {
		return err
	}
	p.mu.Lock()
	ready := p.stage == checked && p.fault == nil
	if ready {
		p.stage = loading
		p.done.Store(0)
	}
	p.mu.Unlock()
	if ready && !s.background(func(context.Context) { s.load(context.Background(), p, v, addressOf(r)) }) {
		p.fail(errEnding)
	}
	http.Redirect(w, r, "/incoming/"+p.id, http.StatusSeeOther)
	return nil
}

// load finishes even while the service is closing: what a person has said yes to is not dropped half way.
func (s *Server) load(ctx context.Context, p *pending, v Viewer, address string) {
	o := p.options
	o.Received, o.Progress = s.now(), p.progress
	if o.Delivering != nil {
		s.deliver(ctx, p, o, v, address)
		return
	}
	u, err := s.loadFile(ctx, p, o, v, address)
	if err != nil {
		s.failedInside(p, "load", err)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stage, p.upload = loaded, u.Receipt.Upload
	p.release()
}

// loadFile loads a received file and tells the log.
func (s *Server) loadFile(ctx context.Context, p *pending, o ingest.Options, v Viewer, address string) (*ingest.Upload, error) {
	o.By = v.ID()
	u, err := s.folder.Prepare(ctx, p.file, p.size, o)
	if err != nil {
		return nil, err
	}
	defer u.Discard()
	if u.Fault != nil {
		return u, nil
	}
	if err := u.Commit(ctx); err != nil {
		return nil, err
	}
	s.nowLoaded(v, address, u)
	return u, nil
}

// nowLoaded tells all who want to know that a file has been loaded.
func (s *Server) nowLoaded(v Viewer, address string, u *ingest.Upload) {
	s.record(v, address, "upload.load", u.Receipt.Municipality, fmt.Sprint(u.Receipt.Upload))
	s.metrics.loaded(u.Receipt)
	s.changed()
}

// cancelPending drops a file that was not loaded.
func (s *Server) cancelPending(w http.ResponseWriter, r *http.Request, v Viewer) error {
	p, err := s.pending.find(r.PathValue("pending"), v.ID())
	if err != nil {
		return err
	}
	if p.at() == loading {
		return &model.Problem{Code: "nothing-to-do", Message: "Filen er ved at blive indlæst. Vent, til den er færdig, og fortryd så indmeldingen."}
	}
	s.pending.drop(p)
	s.flash(r, "Filen er droppet. Intet er indlæst.")
	http.Redirect(w, r, "/uploads", http.StatusSeeOther)
	return nil
}
