package web

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"komhen/ingest"
	"komhen/model"
	"komhen/model/holidays"
)

// zeroForm is a posted form about zeros: whose, and the page it came from.
func (s *Server) zeroForm(r *http.Request, v Viewer) (code uint16, form url.Values, back string, err error) {
	if err := r.ParseForm(); err != nil {
		return 0, nil, "", &model.Problem{Code: "form", Message: "Formularen kunne ikke læses. Prøv igen.", Err: err}
	}
	form = r.PostForm
	if code = s.book.MunicipalityCode(strings.TrimSpace(form.Get("municipality"))); code == 0 {
		return 0, nil, "", errMunicipality
	}
	if !v.Mends(code) {
		return 0, nil, "", errForbidden
	}
	q := url.Values{"municipality": {fmt.Sprint(code)}}
	for field, name := range map[string]string{"round": "round", "shown-from": "from", "shown-to": "to", "shown-unit": "unit"} {
		if text := form.Get(field); text != "" {
			q.Set(name, text)
		}
	}
	return code, form, "/board?" + q.Encode(), nil
}

// What the form says a zero is of: the whole municipality, or a unit, whose name stands after the colon. Nothing chosen is neither.
const (
	everyUnit = "all"
	oneUnit   = "unit:"
)

// mostZeroDays is how many days one form can declare.
const mostZeroDays = 31

// declareZeros says that nothing came to a unit, or to all, on a day or some days. Closed days between two others are passed over: they
// need no word.
func (s *Server) declareZeros(w http.ResponseWriter, r *http.Request, v Viewer) error {
	code, form, back, err := s.zeroForm(r, v)
	if err != nil {
		return err
	}
	first, ok := model.ParseDate(form.Get("day"))
	last := first
	if text := strings.TrimSpace(form.Get("last")); text != "" && ok {
		last, ok = model.ParseDate(text)
	}
	today := model.DateOf(s.now())
	if !ok || last < first || last-first >= mostZeroDays || first < model.NewDate(2011, 1, 1) || last > today+366 {
		return &model.Problem{Code: "zero-invalid", Message: fmt.Sprintf("Vælg en dag, eller højst %d dage i træk, og den første før den sidste.", mostZeroDays)}
	}
	unit, one := strings.CutPrefix(form.Get("whose"), oneUnit)
	if !one && unit != everyUnit || one && unit == "" {
		return &model.Problem{Code: "zero-invalid", Message: "Vælg, om det gælder en enhed eller hele kommunen."}
	}
	if !one {
		unit = ""
	}
	var zeros []model.Zero
	for d := first; d <= last; d++ {
		if first == last || holidays.Closed(d) == "" {
			zeros = append(zeros, model.Zero{Day: d, Unit: unit, Channel: form.Get("channel"), Why: strings.TrimSpace(form.Get("why"))})
		}
	}
	n, err := s.folder.DeclareZeros(r.Context(), code, zeros, ingest.Decision{At: s.now(), By: v.ID()})
	if err != nil {
		return err
	}
	for _, z := range zeros {
		s.record(v, addressOf(r), "zero.declare", code, z.Key())
	}
	if n == 1 {
		s.flash(r, fmt.Sprintf("Nul er erklæret for %s. Kommer der henvendelser alligevel, så tæller de.", first))
	} else {
		s.flash(r, fmt.Sprintf("Nul er erklæret for %d dage, %s – %s. Kommer der henvendelser alligevel, så tæller de.", n, first, last))
	}
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}

// takeBackZero withdraws a zero.
func (s *Server) takeBackZero(w http.ResponseWriter, r *http.Request, v Viewer) error {
	code, form, back, err := s.zeroForm(r, v)
	if err != nil {
		return err
	}
	key := form.Get("key")
	if _, err := s.folder.TakeBackZeros(r.Context(), code, []string{key}, ingest.Decision{At: s.now(), By: v.ID()}); err != nil {
		return err
	}
	s.record(v, addressOf(r), "zero.withdraw", code, key)
	s.flash(r, "Nul er taget tilbage.")
	http.Redirect(w, r, back, http.StatusSeeOther)
	return nil
}
