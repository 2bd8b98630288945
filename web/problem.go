package web

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"syscall"

	"komhen/model"
)

// statusOf says which HTTP status a problem's code stands for. A code that is not here is the sender's mistake: 400.
var statusOf = map[string]int{
	"sign-in": http.StatusUnauthorized, "token-unknown": http.StatusUnauthorized,
	"token-expired": http.StatusUnauthorized, "token-revoked": http.StatusUnauthorized, "login-failed": http.StatusUnprocessableEntity,
	"forbidden": http.StatusForbidden, "not-found": http.StatusNotFound, "upload-unknown": http.StatusNotFound, "report-unknown": http.StatusNotFound,
	"account-unknown": http.StatusNotFound, "delivery-unknown": http.StatusNotFound, "link-unknown": http.StatusNotFound, "pending-unknown": http.StatusNotFound,
	"token-gone": http.StatusNotFound, "link-invalid": http.StatusNotFound,
	"profile-unknown": http.StatusNotFound, "filter-unknown": http.StatusNotFound, "klik-task-unknown": http.StatusNotFound, "klik-task-deleted": http.StatusGone, "klik-export-none": http.StatusNotFound, "klik-blocked": http.StatusConflict,
	"klik-work": http.StatusUnprocessableEntity, "klik-message": http.StatusUnprocessableEntity, "klik-days": http.StatusUnprocessableEntity, "klik-frozen": http.StatusUnprocessableEntity, "klik-moved": http.StatusConflict,
	"audit-cursor": http.StatusNotFound, "last-operator": http.StatusConflict, "external-disabled": http.StatusForbidden,
	"login-busy": http.StatusServiceUnavailable, "service-file": http.StatusInternalServerError, "audit": http.StatusInternalServerError,
	"oidc-away": http.StatusBadGateway, "oidc-no-role": http.StatusForbidden, "oidc-denied": http.StatusForbidden,
	"method": http.StatusMethodNotAllowed, "cross-origin": http.StatusForbidden, "no-contacts": http.StatusNotFound, "benchmark-empty": http.StatusNotFound,
	"municipality-unknown": http.StatusNotFound, "round-unknown": http.StatusNotFound,
	"too-large": http.StatusRequestEntityTooLarge, "too-many": http.StatusTooManyRequests, "too-slow": http.StatusRequestTimeout,
	"registrations-too-large": http.StatusRequestEntityTooLarge, "registrations-too-many": http.StatusRequestEntityTooLarge, "registrations-whose": http.StatusForbidden,
	"contact-unknown": http.StatusNotFound, "contact-exists": http.StatusUnprocessableEntity, "system-unknown": http.StatusNotFound,
	"nothing-to-do": http.StatusConflict, "media-type": http.StatusUnsupportedMediaType,
	"disk-full": http.StatusInsufficientStorage, "database": http.StatusInternalServerError, "ending": http.StatusServiceUnavailable,
	"pdf-unavailable": http.StatusNotImplemented, "pdf-busy": http.StatusServiceUnavailable, "pdf-failed": http.StatusServiceUnavailable, "remark-changed": http.StatusConflict,
	"busy": http.StatusServiceUnavailable, "closing": http.StatusServiceUnavailable,
	"job-unknown": http.StatusNotFound, "run-unknown": http.StatusNotFound, "ticket-invalid": http.StatusNotFound, "archive-unknown": http.StatusNotFound,
	"schedule-file": http.StatusInternalServerError, "archive-file": http.StatusInternalServerError,
	"mail-none": http.StatusNotFound, "mail-away": http.StatusBadGateway, "mail-refused": http.StatusBadGateway, "mail-unsure": http.StatusBadGateway,
	"receipt-unwritten": http.StatusInternalServerError, "kept-file-missing": http.StatusInternalServerError, "kept-file-changed": http.StatusInternalServerError, "data-folder": http.StatusInternalServerError,
}

// problemOf gives every error a problem that may be shown, and its status. What went wrong inside is only in the log.
func problemOf(err error) (*model.Problem, int) {
	var p *model.Problem
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return &model.Problem{Code: "too-large", Message: "Det, du sendte, er for stort. Del det op, og prøv igen."}, http.StatusRequestEntityTooLarge
	case errors.As(err, &p):
		if status, known := statusOf[p.Code]; known {
			return p, status
		}
		return p, http.StatusBadRequest
	case errors.Is(err, syscall.ENOSPC):
		return &model.Problem{Code: "disk-full", Message: "Der er ikke plads på serveren. Der er ikke ændret noget; sig det til driften, og prøv igen senere."}, http.StatusInsufficientStorage
	}
	return &model.Problem{Code: "internal", Message: "Noget gik galt hos os. Der er ikke ændret noget. Prøv igen om lidt."}, http.StatusInternalServerError
}

// fail answers with an error: a page for people, problem+json for programs. It sends nothing when the answer has begun or
// the client has gone.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, v Viewer, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil || errors.Is(err, errGone) {
		return
	}
	p, status := problemOf(err)
	number := ""
	if status >= 500 {
		number = rand.Text()[:8]
		s.log.Error("request failed", "number", number, "method", r.Method, "path", r.URL.Path, "error", err)
	}
	if isAPI(r) {
		writeProblem(w, p, status, number)
		return
	}
	if status == http.StatusUnauthorized && r.Method == http.MethodGet {
		http.Redirect(w, r, "/login?next="+escapedNext(r), http.StatusSeeOther)
		return
	}
	data := struct {
		Title, Message, Code, Number string
		Status                       int
	}{problemTitle(status), p.Message, p.Code, number, status}
	if r.Header.Get("HX-Request") != "" {
		w.Header().Set("HX-Retarget", "body")
	}
	if err := s.pageWith(w, r, v, status, "problem", data); err != nil {
		s.log.Error("error page failed", "error", err)
		http.Error(w, p.Message, status)
	}
}

func problemTitle(status int) string {
	switch {
	case status == http.StatusNotFound:
		return "Vi kan ikke finde det"
	case status == http.StatusForbidden || status == http.StatusUnauthorized:
		return "Det har du ikke adgang til"
	case status == http.StatusGone:
		return "Det er her ikke mere"
	case status == http.StatusTooManyRequests:
		return "Vent lidt"
	case status >= 500:
		return "Noget gik galt hos os"
	}
	return "Det kunne ikke lade sig gøre"
}

// writeProblem answers as RFC 9457 has it.
func writeProblem(w http.ResponseWriter, p *model.Problem, status int, number string) {
	body := struct {
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
		Code   string `json:"code"`
		Detail string `json:"detail"`
		Number string `json:"instance,omitempty"`
		// Members of our own, where a program can do something with them.
		Faults formFaults       `json:"faults,omitempty"`
		Needs  []model.KlikNeed `json:"open_prerequisites,omitempty"`
	}{Type: "about:blank", Title: http.StatusText(status), Status: status, Code: p.Code, Detail: p.Message, Number: number}
	errors.As(p.Err, &body.Faults)
	if blocked := (*model.KlikBlocked)(nil); errors.As(p.Err, &blocked) {
		body.Needs = blocked.Needs
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	if status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Bearer realm="komhen"`)
	}
	w.WriteHeader(status)
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(body) // the client may be gone; there is nobody left to tell
}

// isAPI tells whether programs ask, and not browsers: they may come with a token, and are answered with problem+json.
func isAPI(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, "/api/") || r.URL.Path == "/metrics"
}

// errGone is a client that left before the answer was sent.
var errGone = errors.New("client gone")

// ignoreGone makes a failed write harmless: the answer had begun, so no other can be sent.
func ignoreGone(err error) error {
	if err != nil {
		return errors.Join(errGone, err)
	}
	return nil
}
