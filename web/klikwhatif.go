package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"komhen/ingest"
	"komhen/model"
	"komhen/reports"
)

// klikWhatIfFields are the parameters of the address.
var klikWhatIfFields = []string{"wave", "days", "project", "first", "last"}

type klikWhatIfView struct {
	Form            *formData
	Waves, Projects []option
	Asked           bool
	Forecast        *reports.KlikForecast
	Moves           string // what is asked, in words
	Zone            string
	Towns           []klikShiftsRow
	Shifts          []klikShiftRow
	More            int
	Save            *klikSave
}

type klikShiftsRow struct {
	Name string
	reports.KlikShifts
}

type klikShiftRow struct {
	Title, Href, Municipality, Before, After, From, FromName, To, ToName, Clash string
	Worse                                                                       bool
}

// klikSave is what the operator may then save.
type klikSave struct {
	Wave uint32
	Seen string // the go-live that the page moved from
	Days int
	Text string
}

// klikWhatIfPage shows what would happen, before anything is saved: the question is the address.
func (s *Server) klikWhatIfPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	f := formOf(map[string]string{})
	for _, name := range klikWhatIfFields {
		f.Values[name] = strings.TrimSpace(r.URL.Query().Get(name))
	}
	return s.showKlikWhatIf(w, r, v, http.StatusOK, f)
}

func (s *Server) showKlikWhatIf(w http.ResponseWriter, r *http.Request, v Viewer, status int, f *formData) error {
	view := klikWhatIfView{Form: f}
	plan, err := s.folder.Store.KlikPlan(r.Context(), 0)
	if err != nil {
		return err
	}
	view.Waves, view.Projects = []option{{"", "Ingen", f.Value("wave") == ""}}, []option{{"", "Intet", f.Value("project") == ""}}
	for _, p := range plan.Projects {
		view.Projects = append(view.Projects, option{fmt.Sprint(p.ID), p.Name, f.Value("project") == fmt.Sprint(p.ID)})
		for _, wave := range plan.Waves {
			if wave.Project != p.ID || wave.GoLive == 0 || !v.Operator() && wave.Test() {
				continue
			}
			view.Waves = append(view.Waves, option{fmt.Sprint(wave.ID), p.Name + ", " + wave.Name + ", go-live " + wave.GoLive.String(), f.Value("wave") == fmt.Sprint(wave.ID)})
		}
	}
	for _, name := range klikWhatIfFields {
		view.Asked = view.Asked || f.Value(name) != ""
	}
	if view.Asked && len(f.Errors) == 0 {
		change := f.klikChange()
		if len(f.Errors) == 0 {
			if err := s.foresee(r, v, &view, change); err != nil {
				return err
			}
		}
		if len(f.Errors) > 0 {
			status = http.StatusUnprocessableEntity
		}
	}
	return s.pageWith(w, r, v, status, "klik-what-if", view)
}

// klikChange reads what is asked. A half question is an error that says what is missing.
func (f *formData) klikChange() (c reports.KlikChange) {
	number := func(field string) uint32 {
		n, err := strconv.ParseUint(f.Value(field), 10, 32)
		if err != nil && f.Value(field) != "" {
			f.wrong(field, "Vælg en fra listen.")
		}
		return uint32(n)
	}
	c.Wave, c.Of = number("wave"), number("project")
	c.Zone = model.KlikZone{First: f.klikDay("first"), Last: f.klikDay("last")}
	if text := f.Value("days"); text != "" {
		var err error
		if c.Days, err = strconv.Atoi(strings.TrimPrefix(text, "+")); err != nil {
			f.wrong("days", "Skriv et helt antal dage, fx 14 eller -7.")
		} else if c.Wave == 0 && c.Days != 0 && f.Error("wave") == "" {
			f.wrong("wave", "Vælg den bølge, der skal flyttes.")
		}
	}
	if c.Of == 0 && (c.Zone.First != 0 || c.Zone.Last != 0) {
		f.wrong("project", "Vælg det projekt, der får den frosne periode.")
	}
	return c
}

// klikForecast is what a change would do to the tasks that the viewer may see.
func (s *Server) klikForecast(r *http.Request, v Viewer, change reports.KlikChange) (*reports.KlikForecast, error) {
	wish := reports.KlikQuery{Today: model.DateOf(s.now())}
	if !v.Operator() {
		wish.Own = v.Municipality
	}
	return reports.KlikWhatIf(r.Context(), s.folder.Store, s.book, wish, change)
}

func (s *Server) foresee(r *http.Request, v Viewer, view *klikWhatIfView, change reports.KlikChange) error {
	found, err := s.klikForecast(r, v, change)
	if p := (*model.Problem)(nil); errors.As(err, &p) && p.Code == "klik-what-if" {
		field := "wave"
		switch {
		case change.Wave != 0 && (change.Days == 0 || change.Days > reports.KlikMost || change.Days < -reports.KlikMost):
			field = "days"
		case change.Of != 0:
			field = "first"
		}
		view.Form.wrong(field, p.Message)
		return nil
	}
	if err != nil {
		return err
	}
	view.Forecast = found
	if found.Wave != nil {
		view.Moves = fmt.Sprintf("%s, %s: go-live flyttes fra %s til %s", found.Project, found.Wave.Name, found.Wave.GoLive, found.GoLive)
		if v.Operator() {
			view.Save = &klikSave{found.Wave.ID, found.Wave.GoLive.ISO(), change.Days, found.GoLive.String()}
		}
	}
	if found.Zoned != "" {
		view.Zone = fmt.Sprintf("%s får den frosne periode %s", found.Zoned, change.Zone)
	}
	for _, sum := range found.Municipalities {
		view.Towns = append(view.Towns, klikShiftsRow{s.book.KlikMunicipalityName(sum.Municipality), sum})
	}
	for i := range found.Shifts {
		if i == klikShownRows {
			view.More = len(found.Shifts) - i
			break
		}
		x := &found.Shifts[i]
		view.Shifts = append(view.Shifts, klikShiftRow{x.Task.Title, fmt.Sprintf("/klik/tasks/%d?municipality=%d", x.Task.ID, x.Municipality), s.book.KlikMunicipalityName(x.Municipality), klikEnd(x.Before), klikEnd(x.After),
			x.From.String(), x.From.Name(), x.To.String(), x.To.Name(), x.Clash, x.Worse()})
	}
	return nil
}

func klikEnd(s model.KlikSpan) string {
	if s.End == 0 {
		return model.Missing
	}
	return s.End.String()
}

// moveKlikGoLive saves a go-live that was looked at first. It is refused when somebody has moved the wave since, and when a task that is marked would start
// or end in a frozen zone (KL03), as a file that says so is.
func (s *Server) moveKlikGoLive(w http.ResponseWriter, r *http.Request, v Viewer) error {
	f, err := readForm(r, "wave", "days", "seen")
	if err != nil {
		return err
	}
	change := f.klikChange()
	var moved model.KlikWave
	if len(f.Errors) == 0 {
		moved, err = s.setKlikGoLive(r, v, change, f.Value("seen"))
		if p := (*model.Problem)(nil); errors.As(err, &p) && p.Code == "klik-moved" {
			f.wrong("days", p.Message)
		} else if err != nil {
			return err
		}
	}
	if len(f.Errors) > 0 {
		return s.showKlikWhatIf(w, r, v, http.StatusUnprocessableEntity, f)
	}
	s.flash(r, "»"+reports.PlainText(moved.Name)+"« går live "+moved.GoLive.String()+". Opgavernes dage er flyttet med.")
	http.Redirect(w, r, "/klik?"+url.Values{"view": {"waves"}, "municipality": {nation}}.Encode(), http.StatusSeeOther)
	return nil
}

// setKlikGoLive moves a wave from the go-live that was seen (yyyy-mm-dd). Problem: "klik-moved", which says what to do.
func (s *Server) setKlikGoLive(r *http.Request, v Viewer, change reports.KlikChange, seen string) (moved model.KlikWave, err error) {
	err = s.folder.DecideKlik(r.Context(), ingest.Decision{At: s.now(), By: v.ID()}, func(_ context.Context, at ingest.KlikStanding) (d model.KlikDecision, err error) {
		wave := at.Plan.Wave(change.Wave)
		if wave == nil || wave.GoLive == 0 || wave.GoLive.ISO() != seen {
			return d, &model.Problem{Code: "klik-moved", Message: "Bølgens go-live er ændret, siden du så på den. Se igen, hvad der sker, og gem så."}
		}
		if change.Days == 0 || change.Days < -reports.KlikMost || change.Days > reports.KlikMost {
			return d, &model.Problem{Code: "klik-moved", Message: "Skriv, hvor mange dage go-live flyttes, og se, hvad der sker, før du gemmer."}
		}
		moved = *wave
		moved.GoLive += model.Date(change.Days)
		var hit []string
		for i := range at.Plan.Tasks {
			if t := &at.Plan.Tasks[i]; t.Frozen {
				if own := at.Plan.Project(t.Project); own != nil && slices.Contains(t.Waves, moved.ID) {
					if clash := model.FrozenClash(t.SpanOf(&moved), own.Frozen); clash != "" {
						hit = append(hit, "»"+t.Reference()+"«: "+clash)
					}
				}
			}
		}
		if len(hit) > 0 {
			return d, &model.Problem{Code: "klik-moved", Message: "Go-live er ikke flyttet. Opgaver, der er mærket Frozen zone, ville ramme en: " + inWords(hit) + ". Ret opgaverne først, eller vælg en anden dag."}
		}
		d.Waves = []model.KlikWave{moved}
		return d, nil
	})
	if err == nil {
		s.record(v, addressOf(r), "klik.golive", 0, fmt.Sprintf("%d %s", moved.ID, moved.GoLive.ISO()))
	}
	return moved, err
}
