package web

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"time"

	"komhen/model"
	"komhen/queries"
	"komhen/reports"
)

type countryView struct {
	NoData, Upload bool
	When, Left     string
	Rounds, Shows  []option
	Deliveries     *reports.Deliveries
	Rows           []deliveryLine
	Running        *runningRound
	Unassigned     []queries.UnmendedRows
	Query          string // of reports about the same round
}

// deliveryLine is a municipality's line. Received is its latest upload of the round.
type deliveryLine struct {
	Code               uint16
	Name, Href         string
	Delivery, Word     string // whether and when it came; whether it is approved
	Missing, Late, Fit bool   // Fit is approved
	Contacts, Rejected int64
	Received           time.Time
}

// shows are the parts of the country that KL looks after.
var shows = []option{{Value: "all", Text: "Alle kommuner"}, {Value: "missing", Text: "Har ikke indmeldt"}, {Value: "late", Text: "Indmeldte efter fristen"},
	{Value: "rejected", Text: "Har rækker, der mangler at blive rettet"}, {Value: "provisional", Text: "Har ikke godkendt"}}

// countryPage tells who has delivered, on time or late, and whose figures are provisional.
func (s *Server) countryPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	a, err := s.questionOf(r.Context(), r.URL.Query())
	if err != nil {
		return err
	}
	show := cmp.Or(strings.TrimSpace(r.URL.Query().Get("show")), "all")
	if err := among(show, shows, "show-unknown", "Der kan vises alle, dem der mangler (missing), er sent på den (late), har rækker at rette (rejected) eller ikke har godkendt (provisional)."); err != nil {
		return err
	}
	view := countryView{Upload: v.CanUpload(), Shows: choose(shows, show)}
	running := s.running()
	switch {
	case a.Round.Name == "" && running == nil:
		view.NoData = true
		return s.page(w, r, v, "country", view)
	case a.Round.Name == "":
		a.Round = *running
	case running != nil && running.Name != a.Round.Name:
		view.Running = &runningRound{running.Title(), "/?round=" + running.Name, running.DataDeadline}
		a.rounds = withRound(a.rounds, *running)
	}
	d, err := reports.DeliveriesOf(r.Context(), s.folder.Store, s.book, a.Round, s.now())
	if err != nil {
		return err
	}
	view.Deliveries, view.Unassigned, view.When, view.Left = d, d.Unassigned, a.Round.Title()+" ("+a.Round.Name+")", deadlineText(d.DaysLeft)
	view.Rounds, view.Query = a.roundChoices(), a.query()
	for _, one := range d.Rows {
		if line := deliveryOf(one, d.DaysLeft, a.Round); line.in(show) {
			view.Rows = append(view.Rows, line)
		}
	}
	return s.page(w, r, v, "country", view)
}

func (l deliveryLine) in(show string) bool {
	switch show {
	case "missing":
		return l.Missing
	case "late":
		return l.Late
	case "rejected":
		return l.Rejected > 0
	case "provisional":
		return !l.Missing && !l.Fit
	}
	return true
}

func deliveryOf(d reports.Delivery, daysLeft int, round model.Round) deliveryLine {
	l := deliveryLine{Code: d.Municipality.Code, Name: d.Municipality.Name, Href: fmt.Sprintf("/municipalities/%d?round=%s", d.Municipality.Code, round.Name),
		Missing: !d.Delivered, Late: d.Delivered && !d.OnTime, Fit: d.Delivered && d.Approved(), Contacts: d.Contacts, Rejected: d.RejectedRows(), Word: model.Missing}
	switch {
	case l.Missing && daysLeft >= 0:
		l.Delivery = "ikke endnu"
	case l.Missing:
		l.Delivery = "mangler"
	case l.Late:
		l.Delivery = "efter fristen"
	case d.LateUploads > 0:
		l.Delivery = "til tiden, og mere efter fristen"
	default:
		l.Delivery = "til tiden"
	}
	switch {
	case l.Fit:
		l.Word = "godkendt"
	case d.Delivered:
		l.Word = "foreløbig"
	}
	if n := len(d.Uploads); n > 0 {
		l.Received = d.Uploads[n-1].Received
	}
	return l
}
