package web

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"komhen/ingest"
	"komhen/model"
	"komhen/queries"
	"komhen/web/account"
)

// serviceName is who did what nobody did: the service, on a day that was stated.
const serviceName = "Tjenesten"

// askEvery is how often it is asked whether the day of a delivery has come.
const askEvery = 5 * time.Minute

// loadDueParts loads the parts of central deliveries whose day has come, at the start and from then on.
func (s *Server) loadDueParts(ctx context.Context) {
	for {
		s.loadDueNow(ctx)
		select {
		case <-ctx.Done():
			return
		case <-time.After(askEvery):
		}
	}
}

// loadDueNow loads what is due. What cannot be loaded is told to those who run the service and tried again.
func (s *Server) loadDueNow(ctx context.Context) {
	by := Viewer{Account: account.Account{ID: ingest.ByService}}
	err := s.folder.LoadDue(ctx, s.now(), func(_ uint64, u *ingest.Upload) { s.nowLoaded(by, "", u) })
	if err != nil && ctx.Err() == nil {
		s.log.Error("central delivery", "error", err)
	}
}

// partWords are what became of a part.
func partWords(c queries.Central, p queries.CentralPart) string {
	switch {
	case p.State == model.PartTaken && p.Live != 0:
		return "overtaget, men bragt tilbage af kommunen"
	case p.State == model.PartLoaded && p.Live == 0:
		return "indlæst, men fortrudt"
	case p.State == model.PartLoaded && p.Approved:
		return "godkendt og indlæst"
	case p.State == model.PartLoaded:
		return "indlæst på dagen"
	case c.Withdrawn:
		return "trukket tilbage"
	case p.State == model.PartTaken:
		return "overtaget af kommunen"
	}
	return "afventer svar"
}

// centralLine is a delivery in a list, or as its own page shows it.
type centralLine struct {
	Number                                   uint64
	What, Round, Day, State, File, By        string
	Came                                     time.Time
	Waiting, Approved, Taken, Loaded, Undone int // parts
	Nobodys                                  int64
	Withdrawn, Open                          bool // Open: not all of it is loaded
	Part                                     *partLine
}

// partLine is a municipality's part.
type partLine struct {
	Municipality, State, Period, By string
	Code                            uint16
	Rows, Rejected, Contacts        int64
	At                              time.Time
	Upload                          uint32 // its receipt, 0 for none
	CanApprove, CanTake, CanReturn  bool
	Waits                           bool
}

// centralLine shows a delivery to a viewer; Part is the viewer's own.
func (s *Server) centralLine(c queries.Central, v Viewer) centralLine {
	d := centralLine{Number: c.Number, What: c.What, Round: c.Round, Day: c.On().String(), File: c.File.Name, Came: c.Came, By: s.personOf(c.By),
		Nobodys: c.Nobodys, Withdrawn: c.Withdrawn, State: "indlæses " + c.On().String()}
	if r, err := s.book.Round(c.Round); err == nil {
		d.Round = r.Title()
	}
	for _, p := range c.Parts {
		switch {
		case p.State == model.PartTaken:
			d.Taken++
		case p.State == model.PartLoaded && p.Live == 0:
			d.Undone++
		case p.State == model.PartLoaded && p.Approved:
			d.Approved++
		case p.State == model.PartLoaded:
			d.Loaded++
		case !c.Withdrawn:
			d.Waiting++
		}
	}
	d.Open = !c.Withdrawn && d.Waiting+d.Taken > 0
	switch {
	case c.Withdrawn:
		d.State = "trukket tilbage"
	case d.Waiting == 0:
		d.State = "afsluttet"
	}
	if own := c.Part(v.Municipality); own != nil && !v.Operator() {
		line := s.partLine(c, *own)
		d.Part = &line
	}
	return d
}

func (s *Server) partLine(c queries.Central, p queries.CentralPart) partLine {
	l := partLine{Municipality: s.nameOf(p.Municipality), Code: p.Municipality, State: partWords(c, p), Rows: p.Rows, Rejected: p.Rejected, Contacts: p.Contacts,
		At: p.At, By: s.personOf(p.By), Upload: p.Upload, Period: model.Missing}
	if first, last := dayOf(p.First), dayOf(p.Last); first != 0 {
		if l.Period = first.String(); last != first {
			l.Period += " til " + last.String()
		}
	}
	if p.Live != 0 {
		l.Upload = p.Live
	}
	l.Waits = p.State == model.PartWaiting && !c.Withdrawn
	l.CanApprove = p.State != model.PartLoaded && !c.Withdrawn
	l.CanTake = (p.State != model.PartTaken || p.Live != 0) && !c.Withdrawn
	l.CanReturn = p.State == model.PartTaken && !c.Withdrawn
	return l
}

// dayOf reads yyyy-mm-dd; 0 for none.
func dayOf(text string) model.Date { return model.Delivery{Day: text}.On() }

// centralsOf is what the viewer may see of all deliveries, newest first: KL all of them, a coordinator those with a part of its own.
func (s *Server) centralsOf(ctx context.Context, v Viewer) ([]queries.Central, error) {
	list, err := s.folder.Store.Centrals(ctx)
	slices.Reverse(list)
	return slices.DeleteFunc(list, func(c queries.Central) bool { return !v.Operator() && c.Part(v.Municipality) == nil }), err
}

// awaitsAnswer are the deliveries that the viewer's municipality has not answered.
func (s *Server) awaitsAnswer(ctx context.Context, v Viewer) (lines []centralLine, err error) {
	if v.Operator() {
		return nil, nil
	}
	list, err := s.centralsOf(ctx, v)
	for _, c := range list {
		if d := s.centralLine(c, v); d.Part.Waits {
			lines = append(lines, d)
		}
	}
	return lines, err
}

type centralView struct {
	Form       *formData
	Sources    []string
	Rounds     []centralRound
	MaxMB      int64
	Deliveries []centralLine
}

// centralRound is a choice of the form, with the days that the round states.
type centralRound struct{ Name, Title, Days string }

func (s *Server) centralPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.showCentral(w, r, v, http.StatusOK, nil)
}

func (s *Server) showCentral(w http.ResponseWriter, r *http.Request, v Viewer, status int, f *formData) error {
	view := centralView{Form: f, Sources: model.CentralSources, MaxMB: s.config.MaxUploadMB}
	list, err := s.centralsOf(r.Context(), v)
	if err != nil {
		return err
	}
	for _, c := range list {
		view.Deliveries = append(view.Deliveries, s.centralLine(c, v))
	}
	for _, round := range slices.Backward(s.book.Rounds(model.DateOf(s.now()) + 90)) {
		line := centralRound{Name: round.Name, Title: round.Title()}
		var days []string
		for _, c := range round.CentralDelivery {
			days = append(days, c.What+" "+c.Day.String())
		}
		line.Days = strings.Join(days, ", ")
		view.Rounds = append(view.Rounds, line)
	}
	return s.pageWith(w, r, v, status, "central", view)
}

// receiveDelivery takes the operator's file in, and goes on to its receipt.
func (s *Server) receiveDelivery(w http.ResponseWriter, r *http.Request, v Viewer) error {
	fields := map[string]string{}
	got, err := s.receive(w, r, v, fields)
	drop := func(err error) error {
		for _, p := range got {
			s.pending.drop(p)
		}
		return err
	}
	if err != nil {
		return drop(err)
	}
	if len(got) != 1 {
		return drop(&model.Problem{Code: "too-many", Message: "En central levering er én fil. Send en ad gangen."})
	}
	f := formOf(map[string]string{"what": fields["what"], "round": fields["round"], "day": strings.TrimSpace(fields["day"])})
	d := s.deliveringIn(f)
	if len(f.Errors) > 0 {
		drop(nil)
		return s.showCentral(w, r, v, http.StatusUnprocessableEntity, f)
	}
	p := got[0]
	p.options.Delivering = d
	s.startCheck(p)
	http.Redirect(w, r, "/incoming/"+p.id, http.StatusSeeOther)
	return nil
}

// deliveringIn reads what a form says of a delivery. A day that is left out is the round's own.
func (s *Server) deliveringIn(f *formData) *ingest.Delivering {
	d := &ingest.Delivering{What: f.Values["what"]}
	if !slices.Contains(model.CentralSources, d.What) {
		f.wrong("what", "Vælg, hvad filen er.")
	}
	round, err := s.book.Round(f.plain("round"))
	if err != nil {
		f.wrong("round", "Vælg runden.")
		return d
	}
	d.Round = round.Name
	if t := s.dayIn(f, "day", 0); !t.IsZero() {
		d.Day = model.DateOf(t)
	} else if f.plain("day") == "" {
		d.Day = round.CentralDay(d.What)
	}
	if len(f.Errors) == 0 {
		if p, bad := model.CheckDelivery(d.What, d.Day, model.DateOf(s.now())).(*model.Problem); bad {
			f.wrong("day", p.Message)
		}
	}
	return d
}

// checkedDelivery says what a delivery that was checked holds, or why it can be none. The caller holds p.mu.
func (s *Server) checkedDelivery(p *pending, u *ingest.Upload) {
	if err := u.DeliveryProblem(); err != nil {
		problem, _ := problemOf(err)
		p.fault, p.sentence = &model.Finding{Severity: model.File}, problem.Message
		return
	}
	municipalities, nobodys := u.Parts()
	d := p.options.Delivering
	p.delivery = fmt.Sprintf("Filen har rækker til %s. Hver kommune får sin egen del at se og kan godkende den eller selv tage over; ellers indlæses den %s. Intet tæller med endnu.",
		countOf(int64(municipalities), "kommune", "kommuner"), d.Day)
	if nobodys > 0 {
		p.delivery += fmt.Sprintf(" %s ikke med en kommune, vi kender, og bliver ikke indlæst af nogen.", countOf(nobodys, "række passer", "rækker passer"))
	}
}

// deliverPending makes a file that was checked a central delivery.
func (s *Server) deliverPending(ctx context.Context, p *pending, o ingest.Options, v Viewer, address string) {
	o.By = v.ID()
	number, u, err := s.folder.Deliver(ctx, p.file, p.size, o)
	if err == nil && u.Fault != nil {
		err = &model.Problem{Code: "central-fault", Message: s.book.MessageOf(*u.Fault), Err: io.ErrUnexpectedEOF}
	}
	if err != nil {
		s.failedInside(p, "deliver", err)
		return
	}
	s.record(v, address, "central.deliver", 0, fmt.Sprint(number))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stage, p.to = loaded, fmt.Sprintf("/central/%d", number)
	p.release()
}

// delivery is the one that a request names, if the viewer may see it; another's does not exist to them.
func (s *Server) delivery(r *http.Request, v Viewer) (queries.Central, error) {
	number, err := strconv.ParseUint(r.PathValue("delivery"), 10, 64)
	if err != nil {
		return queries.Central{}, errNotFound
	}
	c, err := s.folder.Store.Central(r.Context(), number)
	if err == nil && !v.Operator() && c.Part(v.Municipality) == nil {
		err = &model.Problem{Code: "delivery-unknown", Message: fmt.Sprintf("Der er ingen central levering nummer %d. Se dem alle under Centrale leveringer.", number)}
	}
	return c, err
}
