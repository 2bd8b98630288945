package web

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"komhen/ingest"
	"komhen/model"
	"komhen/reports"
)

type roundView struct {
	roundCard
	Standard model.Round // what goes where nothing is declared
	Note     string      // why the dates are as they are
	History  []roundVersionLine
	Form     *formData // nil for those who may not change it
	Central  []string  // names of the form's fields for central deliveries
	Links    []roundLink
}

// roundVersionLine is a decision about the round's dates, with the name of who took it.
type roundVersionLine struct {
	reports.RoundVersion
	Who string
}

// roundPage is one round: its days, for KL the form that changes them, and everything that was changed.
func (s *Server) roundPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.showRound(w, r, v, http.StatusOK, nil)
}

// leastCentralRows is how many central deliveries the form has room for at least; there is always an empty row for one more.
const leastCentralRows = 3

func (s *Server) showRound(w http.ResponseWriter, r *http.Request, v Viewer, status int, f *formData) error {
	round, err := s.book.Round(r.PathValue("round"))
	if err != nil {
		return err
	}
	standard, err := s.book.DefaultRound(round.Name)
	if err != nil {
		return err
	}
	history, err := reports.RoundHistory(r.Context(), s.folder.Store, s.book, round.Name)
	if err != nil {
		return err
	}
	view := roundView{roundCard: s.roundCard(round), Standard: standard, Links: s.linksFor(v)}
	for i := len(history) - 1; i >= 0; i-- {
		line := roundVersionLine{history[i], "KL"}
		if v.Operator() {
			line.Who = s.deciderOf(history[i].By)
		}
		view.History = append(view.History, line)
	}
	if n := len(history); n > 0 {
		view.Note = history[n-1].Note
	}
	if v.Operator() {
		dates, err := s.folder.RoundDates(r.Context(), round.Name)
		if err != nil {
			return err
		}
		if dates == nil {
			dates = &model.RoundDates{}
		}
		rows := max(leastCentralRows, len(dates.Central)+1)
		if f == nil {
			f = formOfDates(*dates)
		}
		view.Form = f
		for i := range rows {
			view.Central = append(view.Central, fmt.Sprintf("central%d", i+1))
		}
	}
	return s.pageWith(w, r, v, status, "round", view)
}

// deciderOf is who took a decision, as KL's own people see it.
func (s *Server) deciderOf(id string) string {
	if id == "" {
		return "Kommandolinjen"
	}
	return s.actorName(id)
}

// formOfDates fills the form in with what is declared; what goes by the default is empty.
func formOfDates(d model.RoundDates) *formData {
	values := map[string]string{"weeks": model.WeeksText(d.Weeks), "data": dayOrNothing(d.DataDeadline), "totals": dayOrNothing(d.TotalsDeadline), "note": d.Note}
	if d.Primary != 0 {
		values["primary"] = fmt.Sprint(d.Primary)
	}
	if d.NoTotals {
		values["no-totals"] = "1"
	}
	for i, c := range d.Central {
		name := fmt.Sprintf("central%d", i+1)
		values[name], values[name+"-day"] = c.What, dayOrNothing(c.Day)
	}
	return formOf(values)
}

func dayOrNothing(d model.Date) string {
	if d == 0 {
		return ""
	}
	return d.String()
}

// datesOf reads the form. What cannot be read is an error at its field.
func datesOf(f *formData) (d model.RoundDates) {
	day := func(name string) model.Date {
		text := f.plain(name)
		if text == "" {
			return 0
		}
		day, ok := model.ParseDay(text)
		if !ok {
			f.wrong(name, "Datoen kan ikke læses. Skriv den som 01-06-2027.")
		}
		return day
	}
	if text := f.plain("weeks"); text != "" {
		weeks, ok := model.ParseWeeks(text)
		if !ok {
			f.wrong("weeks", "Ugerne kan ikke læses. Skriv dem som 17, 18 og 19.")
		}
		d.Weeks = weeks
	}
	if text := f.plain("primary"); text != "" {
		weeks, ok := model.ParseWeeks(text)
		if !ok || len(weeks) != 1 {
			f.wrong("primary", "Den primære uge skal være ét ugenummer, fx 17.")
		} else {
			d.Primary = weeks[0]
		}
	}
	d.DataDeadline, d.TotalsDeadline, d.NoTotals, d.Note = day("data"), day("totals"), f.Values["no-totals"] != "", f.plain("note")
	for i := 1; f.has(fmt.Sprintf("central%d", i)); i++ {
		name := fmt.Sprintf("central%d", i)
		what := f.plain(name)
		if what == "" && f.plain(name+"-day") == "" {
			continue
		}
		if f.plain(name+"-day") == "" {
			f.wrong(name+"-day", fmt.Sprintf("Skriv den dag, %s bliver indlæst.", what))
		}
		d.Central = append(d.Central, model.CentralDelivery{What: what, Day: day(name + "-day")})
	}
	return d
}

func (f *formData) has(name string) bool {
	_, ok := f.Values[name]
	return ok
}

// setRound declares the dates of the form.
func (s *Server) setRound(w http.ResponseWriter, r *http.Request, v Viewer) error {
	standard, err := s.book.DefaultRound(r.PathValue("round"))
	if err != nil {
		return err
	}
	names := []string{"weeks", "primary", "data", "totals", "no-totals", "note"}
	f, err := readForm(r, names...)
	if err != nil {
		return err
	}
	for i := 1; i <= 20; i++ { // as many as the form had
		for _, name := range []string{fmt.Sprintf("central%d", i), fmt.Sprintf("central%d-day", i)} {
			if r.PostForm.Has(name) {
				f.Values[name] = r.PostFormValue(name)
			}
		}
	}
	dates := datesOf(f)
	if len(f.Errors) == 0 {
		for _, fault := range dates.Faults(standard) {
			field := fault.Field
			if field == "central" {
				field = "central1"
			}
			f.wrong(field, fault.Message)
		}
	}
	if len(f.Errors) > 0 {
		return s.showRound(w, r, v, http.StatusUnprocessableEntity, f)
	}
	before, err := s.book.Round(standard.Name)
	if err != nil {
		return err
	}
	after, err := s.folder.SetRound(r.Context(), standard.Name, dates, s.decision(v))
	if nothing := (*model.Problem)(nil); errors.As(err, &nothing) && nothing.Code == "nothing-to-do" {
		s.flash(r, nothing.Message)
		http.Redirect(w, r, "/rounds/"+standard.Name, http.StatusSeeOther)
		return nil
	} else if err != nil {
		return err
	}
	return s.roundIsNow(w, r, v, "round.dates", before, after)
}

// withdrawRound gives a round the default's dates again.
func (s *Server) withdrawRound(w http.ResponseWriter, r *http.Request, v Viewer) error {
	before, err := s.book.Round(r.PathValue("round"))
	if err != nil {
		return err
	}
	after, err := s.folder.WithdrawRound(r.Context(), before.Name, s.decision(v))
	if err != nil {
		return err
	}
	return s.roundIsNow(w, r, v, "round.withdraw", before, after)
}

func (s *Server) decision(v Viewer) ingest.Decision {
	return ingest.Decision{At: s.now().Truncate(time.Second), By: v.ID()}
}

// roundIsNow logs a decision, says what it changed, and goes back to the round.
func (s *Server) roundIsNow(w http.ResponseWriter, r *http.Request, v Viewer, action string, before, after model.Round) error {
	s.record(v, addressOf(r), action, 0, after.Name)
	said := "Datoerne er gemt. Ingen af dem er blevet andre."
	if changes := model.RoundChanges(before, after); len(changes) > 0 {
		said = "Datoerne er gemt. " + strings.Join(changes, ". ") + "."
	}
	if before.First != after.First || before.Last != after.Last {
		said += " Rundens dage er andre, så de kommuner, der havde godkendt, skal godkende igen."
	}
	s.flash(r, said)
	http.Redirect(w, r, "/rounds/"+after.Name, http.StatusSeeOther)
	return nil
}

// StandardWeeks, TotalsHint and CentralHint say what goes where a field is left empty.
func (v roundView) StandardWeeks() string { return model.WeeksText(v.Standard.Weeks) }

func (v roundView) TotalsHint() string {
	if v.Standard.TotalsDeadline == 0 {
		return "Tom: ingen, for total-tal meldes én gang om året."
	}
	return fmt.Sprintf("Fx %s. Tom: den almindelige frist.", v.Standard.TotalsDeadline)
}

func (v roundView) CentralHint() string {
	if len(v.Standard.CentralDelivery) == 0 {
		return "Fx Selvbetjening eller Digital Post. Tomme: ingen dag er fastsat, og en levering indlæses den dag, fristen for data udløber."
	}
	var days []string
	for _, d := range v.Standard.CentralDelivery {
		days = append(days, d.What+" "+d.Day.String())
	}
	return "Tomme: " + strings.Join(days, ", ") + "."
}
