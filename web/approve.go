package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"komhen/ingest"
	"komhen/model"
)

// approve says that a round of a municipality is final.
func (s *Server) approve(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.decideRound(w, r, v, "round.approve", s.folder.Approve, "%s er godkendt. Ændrer I noget bagefter, bliver tallene foreløbige igen.")
}

// reopen makes an approved round provisional again.
func (s *Server) reopen(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.decideRound(w, r, v, "round.reopen", s.folder.Reopen, "%s er genåbnet, og tallene er foreløbige.")
}

// decideRound carries a decision about a round of the municipality in the form out, and goes back to its front page.
func (s *Server) decideRound(w http.ResponseWriter, r *http.Request, v Viewer, action string,
	act func(ctx context.Context, municipality uint16, round string, d ingest.Decision) error, said string) error {
	code := v.Municipality
	if text := strings.TrimSpace(r.FormValue("municipality")); text != "" {
		if code = s.book.MunicipalityCode(text); code == 0 {
			return errMunicipality
		}
	}
	if code == 0 {
		return &model.Problem{Code: "municipality-needed", Message: "Vælg kommunen, som runden skal godkendes for: gå til dens side fra overblikket."}
	}
	if !v.Mends(code) {
		return errForbidden
	}
	round, err := s.book.Round(r.PathValue("round"))
	if err != nil {
		return err
	}
	if err := act(r.Context(), code, round.Name, ingest.Decision{At: s.now(), By: v.ID()}); err != nil {
		return err
	}
	s.record(v, addressOf(r), action, code, round.Name)
	s.flash(r, fmt.Sprintf(said, round.Title()))
	http.Redirect(w, r, fmt.Sprintf("/municipalities/%d?round=%s", code, round.Name), http.StatusSeeOther)
	return nil
}
