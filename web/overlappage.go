package web

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"komhen/ingest"
	"komhen/model"
	"komhen/queries"
	"komhen/reports"
)

// overlapRows is how many tasks of a pair of sources are shown; the sum is always of all.
const overlapRows = 50

type overlapView struct {
	Municipality, Round, RoundName string
	Code                           uint16
	Rounds                         []option
	Municipalities                 []model.Municipality // for KL to choose from
	Pairs                          []overlapPair
	Left                           []queries.LeftOut
	History                        []overlapStep
}

// overlapPair is what two sources may both hold, and what was decided.
type overlapPair struct {
	Place       int
	A, B, Drop  string
	Decided     bool
	Both        int64
	Rows        []overlapLine
	More        int // tasks that are not shown
	DecidedText string
}

type overlapLine struct {
	Family, KLE, Task string
	InA, InB, Both    int64
}

type overlapStep struct {
	At       time.Time
	What, By string
}

func overlapHref(municipality uint16, round string) string {
	return fmt.Sprintf("/overlaps?municipality=%d&round=%s", municipality, url.QueryEscape(round))
}

// overlapsPage proposes contacts of a round that two sources of a municipality may both hold.
func (s *Server) overlapsPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	code, err := s.whose(r.URL.Query(), v)
	if err != nil {
		return err
	}
	round, err := s.overlapRound(r.Context(), r.URL.Query().Get("round"))
	if err != nil {
		return err
	}
	view := overlapView{Municipality: s.nameOf(code), Code: code, Round: round.Title(), RoundName: round.Name}
	for _, x := range slices.Backward(s.book.Rounds(model.DateOf(s.now()))) {
		view.Rounds = append(view.Rounds, option{x.Name, x.Title(), x.Name == round.Name})
	}
	if v.Operator() {
		view.Municipalities = s.book.Municipalities
	}
	if code != 0 {
		if err := s.fillOverlaps(r.Context(), &view, round); err != nil {
			return err
		}
	}
	return s.page(w, r, v, "overlaps", view)
}

// overlapRound is the round of a name, or the latest with contacts.
func (s *Server) overlapRound(ctx context.Context, name string) (model.Round, error) {
	if name = strings.TrimSpace(name); name != "" {
		return s.book.Round(name)
	}
	round, found, err := reports.LatestRound(ctx, s.folder.Store, s.book)
	if err == nil && !found {
		err = errNoContacts
	}
	return round, err
}

func (s *Server) fillOverlaps(ctx context.Context, view *overlapView, round model.Round) error {
	filter := queries.RoundFilter(round, view.Code)
	families, names := s.book.Families()
	rows, err := s.folder.Store.Overlaps(ctx, filter, families)
	if err != nil {
		return err
	}
	record := queries.RecordFilter{Kind: model.RecordOverlap, Municipality: view.Code, Round: round.Name}
	decided, err := queries.Standing[model.Overlap](ctx, s.folder.Store, record)
	if err != nil {
		return err
	}
	pair := func(a, b string) *overlapPair {
		for i := range view.Pairs {
			if view.Pairs[i].A == a && view.Pairs[i].B == b {
				return &view.Pairs[i]
			}
		}
		view.Pairs = append(view.Pairs, overlapPair{Place: len(view.Pairs) + 1, A: a, B: b, DecidedText: "Ikke besluttet: alle tæller"})
		return &view.Pairs[len(view.Pairs)-1]
	}
	for _, row := range rows {
		p := pair(row.A, row.B)
		p.Both += row.Both
		if len(p.Rows) == overlapRows {
			p.More++
			continue
		}
		line := overlapLine{KLE: row.Subject.String(), InA: row.InA, InB: row.InB, Both: row.Both}
		if at := int(row.Family) - queries.FamilyBase; at >= 0 && at < len(names) {
			line.Family = names[at]
		} else if ch := s.book.Channel(uint8(row.Family)); ch != nil {
			line.Family = ch.Label
		}
		if task := s.book.Subject(row.Subject); task != nil {
			line.Task = task.Label
		}
		p.Rows = append(p.Rows, line)
	}
	for _, d := range decided {
		p := pair(d.Value.Sources[0], d.Value.Sources[1])
		p.Decided, p.Drop, p.DecidedText = true, d.Value.Drop, decisionWords(d.Value)
	}
	if view.Left, err = s.folder.Store.LeftOut(ctx, filter); err != nil {
		return err
	}
	history, err := queries.History[model.Overlap](ctx, s.folder.Store, record)
	for _, h := range history {
		view.History = append(view.History, overlapStep{h.At, h.Value.Sources[0] + " og " + h.Value.Sources[1] + ": " + decisionWords(h.Value), s.personOf(h.By)})
	}
	return err
}

func decisionWords(o model.Overlap) string {
	if o.Drop == "" {
		return "begge tæller"
	}
	return o.Drop + " viger for " + o.Keep()
}

// decideOverlap carries out what a person decided about two sources.
func (s *Server) decideOverlap(w http.ResponseWriter, r *http.Request, v Viewer) error {
	f, err := readForm(r, "round", "a", "b", "drop")
	if err != nil {
		return err
	}
	code, err := s.partOwner(r, v)
	if err != nil {
		return err
	}
	round, err := s.book.Round(f.plain("round"))
	if err != nil {
		return err
	}
	release, err := s.hold()
	if err != nil {
		return err
	}
	defer release()
	ctx, drop := context.WithoutCancel(r.Context()), f.Values["drop"]
	if err := s.folder.DecideOverlap(ctx, code, round.Name, f.Values["a"], f.Values["b"], drop, ingest.Decision{At: s.now(), By: v.ID()}); err != nil {
		return err
	}
	s.record(v, addressOf(r), "overlap.decide", code, round.Name)
	s.changed()
	left, err := s.folder.Store.LeftOut(ctx, queries.RoundFilter(round, code))
	if err != nil {
		return err
	}
	gone := int64(0)
	for _, l := range left {
		gone += l.Contacts
	}
	s.flash(r, fmt.Sprintf("Beslutningen er gemt: %s. I %s er der nu %s holdt ude.", cmp.Or(overlapSaid(drop), "begge datakilder tæller"), round.Title(), countOf(gone, "henvendelse", "henvendelser")))
	http.Redirect(w, r, overlapHref(code, round.Name), http.StatusSeeOther)
	return nil
}

func overlapSaid(drop string) string {
	if drop == "" {
		return ""
	}
	return drop + " viger"
}
