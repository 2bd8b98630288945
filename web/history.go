package web

import (
	"fmt"
	"time"

	"komhen/ingest"
	"komhen/queries"
	"komhen/web/audit"
)

// historyLine is one thing that was done with an upload.
type historyLine struct {
	At       time.Time
	What, By string
}

var historyWords = map[string]string{"upload.load": "indlæst", "upload.undo": "fortrudt", "upload.redo": "bragt tilbage", "upload.further": "gjort til yderligere henvendelser",
	"upload.mend": "rettet her på siden"}

// historyOf tells who did what with an upload and when, oldest first.
func (s *Server) historyOf(u queries.StoredUpload) ([]historyLine, error) {
	const most = 200
	var lines []historyLine
	object := fmt.Sprint(u.Upload)
	for cursor := ""; len(lines) < most; {
		records, next, err := s.audit.Read(audit.Filter{Municipality: u.Municipality, Action: "upload", From: u.Received.Add(-time.Minute)}, cursor, 500)
		if err != nil {
			return nil, err
		}
		for _, r := range records {
			if what := historyWords[r.Action]; what != "" && r.Object == object {
				lines = append(lines, historyLine{r.At, what, s.personOf(r.Actor)})
			}
		}
		if cursor = next; cursor == "" {
			break
		}
	}
	for i, j := 0, len(lines)-1; i < j; i, j = i+1, j-1 {
		lines[i], lines[j] = lines[j], lines[i]
	}
	return lines, nil
}

// personOf is the name behind an ID of the log; people who are gone have none.
func (s *Server) personOf(id string) string {
	if id == ingest.ByService {
		return serviceName
	}
	if a, ok := s.accounts.Account(id); ok {
		return a.Name
	}
	return ""
}
