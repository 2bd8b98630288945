package web

import (
	"fmt"
	"mime"
	"net/http"
	"slices"
	"time"

	"komhen/ingest"
	"komhen/model"
	"komhen/web/audit"
)

// registrationsDocument answers the rows of a request, in their order. The counts add up to the number of rows.
type registrationsDocument struct {
	Accepted      int               `json:"accepted"`
	Known         int               `json:"known"`
	Corrected     int               `json:"corrected"`
	Rejected      int               `json:"rejected"`
	Registrations []registrationRow `json:"registrations"`
}

// registrationRow is the answer to one row. ID is null where it could not be read, and Upload where the row is kept nowhere.
type registrationRow struct {
	ID       *string               `json:"id"`
	Outcome  ingest.Outcome        `json:"outcome"`
	Upload   *uint32               `json:"upload"`
	Findings []registrationFinding `json:"findings"`
}

type registrationFinding struct {
	Rule     string         `json:"rule"`
	Severity model.Severity `json:"severity"`
	Column   *string        `json:"column"`
	Value    *string        `json:"value"`
	Message  string         `json:"message"`
	Proposal *string        `json:"proposal"`
}

// listTypes are what registrations may be sent as. A form's type is not among them, so no page elsewhere can send any for a person.
var listTypes = []string{"application/json", "application/x-ndjson", "application/ndjson", "application/jsonl", "application/x-jsonlines"}

// register takes registrations of one unit in, as a tool sends them: an array, lines, or one alone. 200 when at least one row counts
// or there was none, 422 when every row was rejected. What the answer says is accepted is on disk.
func (s *Server) register(w http.ResponseWriter, r *http.Request, v Viewer) error {
	release, err := s.hold()
	if err != nil {
		return err
	}
	defer release()
	fields, err := asked(r, "test")
	if err != nil {
		return err
	}
	test, err := yes(fields, "test")
	if err != nil {
		return err
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(listTypes, kind) {
		return &model.Problem{Code: "media-type", Message: "Send registreringerne som application/json (en liste) eller application/x-ndjson (én på hver linje)."}
	}
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(quietClient))
	rows, err := ingest.DecodeRegistrations(http.MaxBytesReader(w, r.Body, ingest.MaxRegistrationBytes+1))
	if err != nil {
		return cutOff(err)
	}
	_ = control.SetReadDeadline(time.Time{}) // the turn may take its time; a deadline that passes would end the request
	answers, err := s.registrar.Register(r.Context(), ingest.RegistrationBatch{Municipality: v.Municipality, Unit: v.Unit, By: v.ID(),
		Test: test || v.Token.Test, Received: s.now(), Rows: rows})
	if err != nil {
		return err
	}
	document := s.answered(answers)
	s.nowRegistered(r, v, answers)
	status := http.StatusOK
	if document.Rejected > 0 && document.Rejected == len(answers) {
		status = http.StatusUnprocessableEntity
	}
	_ = control.SetWriteDeadline(time.Now().Add(quietClient))
	return writeJSON(w, status, document)
}

func (s *Server) answered(answers []ingest.RegistrationAnswer) registrationsDocument {
	document := registrationsDocument{Registrations: []registrationRow{}}
	for _, a := range answers {
		row := registrationRow{ID: textOrNull(a.ID), Outcome: a.Outcome, Findings: []registrationFinding{}}
		if a.Upload != 0 {
			row.Upload = &a.Upload
		}
		for _, f := range a.Findings {
			row.Findings = append(row.Findings, registrationFinding{f.Rule, f.Severity, textOrNull(f.Column), textOrNull(f.Value), s.book.MessageOf(f), textOrNull(f.Proposal)})
		}
		switch a.Outcome {
		case ingest.Accepted:
			document.Accepted++
		case ingest.Known:
			document.Known++
		case ingest.Corrected:
			document.Corrected++
		default:
			document.Rejected++
		}
		document.Registrations = append(document.Registrations, row)
	}
	return document
}

func textOrNull(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// nowRegistered tells all who want to know what a request brought. The log names the uploads that hold its rows.
func (s *Server) nowRegistered(r *http.Request, v Viewer, answers []ingest.RegistrationAnswer) {
	rows := map[uint32]int{}
	var uploads []uint32
	moved := false
	for _, a := range answers {
		s.metrics.registered(a.Outcome)
		moved = moved || a.Outcome == ingest.Accepted || a.Outcome == ingest.Corrected
		if a.Upload != 0 {
			if rows[a.Upload] == 0 {
				uploads = append(uploads, a.Upload)
			}
			rows[a.Upload]++
		}
	}
	for _, u := range uploads {
		s.note(r, v, audit.Record{Action: "registration.send", Municipality: v.Municipality, Object: fmt.Sprint(u), Detail: countOf(int64(rows[u]), "række", "rækker")})
	}
	if moved {
		s.changed()
	}
}
