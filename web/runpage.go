package web

import (
	"net/http"
	"net/url"
	"slices"
	"time"

	"komhen/model"
	"komhen/web/schedule"
)

// runRow is a run as a list shows it.
type runRow struct {
	schedule.Run
	Whose   string
	Fetches bool // the viewer may have its files
}

func (s *Server) runRow(v Viewer, r schedule.Run) runRow {
	row := runRow{Run: r, Whose: s.nameOf(r.Municipality), Fetches: s.fetches(v, r) && !r.Pruned && len(r.Files) > 0}
	if r.Municipality == 0 {
		row.Whose = "KL"
	}
	return row
}

// fetches tells whether a viewer may have what a run made: as if the viewer asked for it now.
func (s *Server) fetches(v Viewer, r schedule.Run) bool {
	p, known := productOf(r.Product)
	q, err := url.ParseQuery(r.Question)
	return known && err == nil && s.mayHave(p, q, v) == nil
}

type runData struct {
	runRow
	What, OwnerName string
	Words           []string // what downtime did
	Log             []logLine
	Letters         []letterLine
	JobThere        bool
	Working         bool
}

type logLine struct {
	At        time.Time
	What, Who string
	Why       string
	Files     []schedule.File
}

type letterLine struct {
	Who, State, Why string
	Word            bool
	Next            time.Time
}

// runOf is the run of the address. One that the viewer may not know of is as if it did not exist.
func (s *Server) runOf(r *http.Request, v Viewer) (schedule.Run, error) {
	run, there := s.schedule.Run(r.PathValue("run"))
	if !there || !seesSchedule(v, run.Municipality) {
		return run, &model.Problem{Code: "run-unknown", Message: "Kørslen findes ikke, eller den er en anden kommunes. Gå til Tidsplan, og se efter."}
	}
	return run, nil
}

// runPage is the log of a run, and its files.
func (s *Server) runPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	run, err := s.runOf(r, v)
	if err != nil {
		return err
	}
	d := runData{runRow: s.runRow(v, run), Words: lateWords(run), Working: run.Open()}
	if p, known := productOf(run.Product); known {
		q, _ := url.ParseQuery(run.Question)
		d.What = p.what(s, q)
	}
	if run.Owner != "" {
		d.OwnerName = s.actorName(run.Owner)
	}
	_, d.JobThere = s.schedule.Job(run.Job)
	names := mayKnowNames(v)
	who := func(id string) string {
		switch {
		case id == "":
			return ""
		case id == v.Account.ID:
			return "dig"
		case run.Job == contactTopic:
			return s.contactWord(id)
		case names:
			return s.actorName(id)
		}
		return "en anden modtager"
	}
	for _, step := range run.Log {
		d.Log = append(d.Log, logLine{step.At, stepText(step), who(step.To), step.Why, step.Files})
	}
	for _, x := range run.Deliveries {
		d.Letters = append(d.Letters, letterLine{who(x.To), x.State.Label(), x.Why, x.Word, x.Next})
	}
	return s.page(w, r, v, "run", d)
}

// stepText says what a line of the log is about.
func stepText(step schedule.Step) string {
	switch {
	case step.To == "":
		if step.What == schedule.Due && step.Why != "" {
			return "Det gik ikke; det bliver prøvet igen"
		}
		return map[schedule.State]string{schedule.Due: "Faldt for og blev skrevet op", schedule.Started: "Blev begyndt", schedule.Made: "Blev lavet og lagt i arkivet"}[step.What] +
			map[bool]string{true: "", false: step.What.Label()}[slices.Contains([]schedule.State{schedule.Due, schedule.Started, schedule.Made}, step.What)]
	case step.Word && step.What == schedule.Sent:
		return "Der er sagt besked til"
	case step.What == schedule.Sending:
		return "Mail på vej til"
	case step.What == schedule.Sent:
		return "Mail sendt til"
	case step.What == schedule.Waiting:
		return "Mailen kom ikke af sted og bliver prøvet igen til"
	case step.What == schedule.Unsure:
		return "Mailen kan være sendt til"
	case step.What == schedule.Skipped:
		return "Ingen mail til"
	}
	return "Mailen kunne ikke sendes til"
}

// archivedFile gives a file of the archive to who may have it now.
func (s *Server) archivedFile(w http.ResponseWriter, r *http.Request, v Viewer) error {
	run, err := s.runOf(r, v)
	if err != nil {
		return err
	}
	if !s.fetches(v, run) {
		return errForbidden
	}
	f, file, err := s.schedule.OpenFile(run.ID(), r.PathValue("file"))
	if err != nil {
		return err
	}
	defer f.Close()
	s.record(v, addressOf(r), "download.archive", run.Municipality, run.ID())
	return sendFile(w, r, f, file.Name)
}
