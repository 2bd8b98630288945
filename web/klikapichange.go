package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strings"

	"komhen/ingest"
	"komhen/model"
	"komhen/reports"
)

// The API that changes KLIK, by the methods that the pages change it with. A key of the same role may the same.

// readJSON reads a request's one JSON document. Another Content-Type is a *model.Problem "media-type", anything unreadable one of the code with the message.
func readJSON(r *http.Request, to any, code, message string) error {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return &model.Problem{Code: "media-type", Message: "Send det som application/json."}
	}
	in := json.NewDecoder(r.Body)
	in.DisallowUnknownFields()
	err := in.Decode(to)
	if err == nil && in.Decode(&struct{}{}) != io.EOF {
		err = errors.New("more than one document")
	}
	var large *http.MaxBytesError
	if err == nil || errors.As(err, &large) {
		return err
	}
	return &model.Problem{Code: code, Message: message, Err: err}
}

// formFaults are what is wrong with fields, for programs.
type formFaults []formFault

type formFault struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

func (formFaults) Error() string { return "fields are wrong" }

// problem is what is wrong with a form, as one problem; nil when nothing is.
func (f *formData) problem(code string) error {
	if len(f.Errors) == 0 {
		return nil
	}
	var faults formFaults
	var text []string
	for _, e := range f.Errors {
		faults = append(faults, formFault(e))
		text = append(text, e.Field+": "+e.Message)
	}
	return &model.Problem{Code: code, Message: "Intet er ændret. " + strings.Join(text, " "), Err: faults}
}

// tried refuses a key that only sends trials: there is no trial of KLIK.
func (v Viewer) tried() error {
	if v.Token.Test {
		return &model.Problem{Code: "forbidden", Message: "Nøglen er kun til prøvetællinger. Lav en nøgle uden prøve, og brug den til KLIK."}
	}
	return nil
}

var errKlikTask = &model.Problem{Code: "klik-task-unknown", Message: "Opgaven findes ikke, eller kommunen har den ikke."}

// apiKlikTaskAt is klikTaskAt for programs.
func (s *Server) apiKlikTaskAt(r *http.Request, v Viewer, parameters ...string) (id uint32, code uint16, err error) {
	if _, err := asked(r, parameters...); err != nil {
		return 0, 0, err
	}
	if err := v.tried(); err != nil {
		return 0, 0, err
	}
	if id, code, err = s.klikTaskAt(r, v); err == errNotFound {
		err = errKlikTask
	}
	return id, code, err
}

// sentKlikWork is what a municipality says of its task. What is left out, or null, stays as it stands; "" empties what may be empty.
type sentKlikWork struct {
	Status      *string `json:"status"`
	Responsible *string `json:"responsible"`
	Performer   *string `json:"performer"`
	Start       *string `json:"start"`
	End         *string `json:"end"`
	Comment     *string `json:"comment"`
}

// klikTaskAnswer is a municipality's task as it then stands.
type klikTaskAnswer struct {
	Task         uint32  `json:"task"`
	Reference    string  `json:"reference"`
	Title        string  `json:"title"`
	Municipality string  `json:"municipality"`
	Status       string  `json:"status"`
	Responsible  string  `json:"responsible"`
	Performer    string  `json:"performer"`
	OwnStart     *string `json:"start"` // null where the task's own day holds
	OwnEnd       *string `json:"end"`
	Holds        apiSpan `json:"holds"`
	Deadline     string  `json:"deadline"`
	Changed      bool    `json:"changed"`
	Commented    bool    `json:"commented"`
}

type apiSpan struct {
	Start *string `json:"start"`
	End   *string `json:"end"`
}

func dayOrNull(d model.Date) *string {
	if d == 0 {
		return nil
	}
	text := d.ISO()
	return &text
}

func spanOf(s model.KlikSpan) apiSpan { return apiSpan{dayOrNull(s.Start), dayOrNull(s.End)} }

// klikCode is a municipality as the API names it.
func klikCode(code uint16) string { return fmt.Sprintf("%d", code) }

// apiKlikWork sets what is sent of a municipality's task.
func (s *Server) apiKlikWork(w http.ResponseWriter, r *http.Request, v Viewer) error {
	id, code, err := s.apiKlikTaskAt(r, v, "municipality")
	switch {
	case err != nil:
		return err
	case code == 0:
		return &model.Problem{Code: "municipality-needed", Message: "Skriv, hvis opgave det er, fx municipality=259."}
	case !v.worksIn(code):
		return errKlikTask
	}
	var sent sentKlikWork
	if err := readJSON(r, &sent, "klik-unreadable", "Det, der er sendt, kan ikke læses. Send ét JSON-objekt med status, responsible, performer, start, end og comment, eller nogle af dem."); err != nil {
		return err
	}
	f := formOf(map[string]string{})
	var changes []func(*model.KlikWork)
	take := func(field string, value *string, change func(*model.KlikWork)) {
		if value != nil {
			f.Values[field] = *value
			changes = append(changes, change)
		}
	}
	var given model.KlikWork
	take("status", sent.Status, func(w *model.KlikWork) { w.Status = given.Status })
	take("responsible", sent.Responsible, func(w *model.KlikWork) { w.Responsible = given.Responsible })
	take("performer", sent.Performer, func(w *model.KlikWork) { w.Performer = given.Performer })
	take("start", sent.Start, func(w *model.KlikWork) { w.Start = given.Start })
	take("end", sent.End, func(w *model.KlikWork) { w.End = given.End })
	take("comment", sent.Comment, func(*model.KlikWork) {})
	if sent.Status != nil {
		given.Status = s.klikStatus(f)
	}
	given.Responsible, given.Performer = f.klikName("responsible"), f.klikName("performer")
	given.Start, given.End = f.klikDay("start"), f.klikDay("end")
	comment := f.klikText("comment")
	if err := f.problem("klik-work"); err != nil {
		return err
	}
	changed, err := s.setKlikWork(r, v, id, code, comment, func(stands model.KlikWork) model.KlikWork {
		for _, change := range changes {
			change(&stands)
		}
		return stands
	})
	if err != nil {
		return err
	}
	found, err := reports.KlikTask(r.Context(), s.folder.Store, s.book, id, code, reports.KlikQuery{Today: model.DateOf(s.now())})
	if err != nil {
		return err
	}
	l := found.Lines[0]
	answer := klikTaskAnswer{Task: id, Reference: l.Task.Reference(), Title: l.Task.Title, Municipality: klikCode(code), Responsible: l.Work.Responsible, Performer: l.Work.Performer, OwnStart: dayOrNull(l.Work.Start), OwnEnd: dayOrNull(l.Work.End),
		Holds: spanOf(l.Span), Deadline: l.Colour.Name(), Changed: changed, Commented: comment != ""}
	for _, c := range s.book.Klik.Statuses {
		if c.ID == l.Work.Status {
			answer.Status = c.Code
		}
	}
	return writeJSON(w, http.StatusOK, answer)
}

// apiKlikMessage sends a #besked to all municipalities of a task.
func (s *Server) apiKlikMessage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	id, _, err := s.apiKlikTaskAt(r, v)
	if err != nil {
		return err
	}
	var sent struct {
		Message string `json:"message"`
	}
	if err := readJSON(r, &sent, "klik-unreadable", "Det, der er sendt, kan ikke læses. Send ét JSON-objekt med message."); err != nil {
		return err
	}
	f := formOf(map[string]string{"message": sent.Message})
	text := f.klikMessage()
	if err := f.problem("klik-message"); err != nil {
		return err
	}
	towns, err := s.sendKlikMessage(r, v, id, text)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{"task": id, "municipalities": towns})
}

// apiKlikImport loads task documents and lists, or with check=1 only checks them. The answer is the document of komhen klik import --json: 201 when something was
// loaded, 200 when nothing was to be, 422 when nothing of what was sent could be used.
func (s *Server) apiKlikImport(w http.ResponseWriter, r *http.Request, v Viewer) error {
	fields, err := asked(r, "check")
	if err != nil {
		return err
	}
	only, err := yes(fields, "check")
	if err != nil {
		return err
	}
	if err := v.tried(); err != nil {
		return err
	}
	files, _, err := receiveKlik(w, r)
	if err != nil {
		return err
	}
	list, err := s.loadKlik(r, v, files, only)
	if err != nil {
		return err
	}
	receipts := []ingest.KlikReceipt{}
	var loaded, good, nothing bool
	for i, in := range list {
		loaded, good, nothing = loaded || in.Loaded, good || in.Good(), nothing || in.Nothing()
		receipts = append(receipts, in.Receipt(s.book, shownName(files[i].name)))
	}
	status := http.StatusOK
	switch {
	case loaded:
		status = http.StatusCreated
	case nothing && !good:
		status = http.StatusUnprocessableEntity
	}
	return writeJSON(w, status, map[string]any{"files": receipts})
}

type klikForecastAnswer struct {
	Wave           *klikForecastWave `json:"wave"`
	Zone           *klikForecastZone `json:"zone"`
	Total          klikShiftSums     `json:"total"`
	Municipalities []klikShiftSums   `json:"municipalities"`
	Tasks          []klikShiftAnswer `json:"tasks"`
	Definition     string            `json:"definition"`
}

type klikForecastWave struct {
	Wave    uint32 `json:"wave"`
	Project string `json:"project"`
	Name    string `json:"name"`
	GoLive  string `json:"go_live"`
	MovedTo string `json:"moved_to"`
}

type klikForecastZone struct {
	Project string `json:"project"`
	First   string `json:"first"`
	Last    string `json:"last"`
}

// klikShiftSums are of a municipality, or "" of all.
type klikShiftSums struct {
	Municipality string `json:"municipality"`
	Moved        int    `json:"moved"`
	Yellow       int    `json:"yellow"`
	Red          int    `json:"red"`
	Better       int    `json:"better"`
	Clash        int    `json:"clash"`
}

func shiftSums(name string, x reports.KlikShifts) klikShiftSums {
	return klikShiftSums{name, x.Moved, x.Yellow, x.Red, x.Better, x.Clash}
}

type klikShiftAnswer struct {
	Task         uint32  `json:"task"`
	Reference    string  `json:"reference"`
	Title        string  `json:"title"`
	Municipality string  `json:"municipality"`
	Before       apiSpan `json:"before"`
	After        apiSpan `json:"after"`
	From         string  `json:"from"`
	To           string  `json:"to"`
	Clash        string  `json:"clash"`
}

// apiKlikWhatIf foresees what the page does, whole; nothing is saved.
func (s *Server) apiKlikWhatIf(w http.ResponseWriter, r *http.Request, v Viewer) error {
	fields, err := asked(r, klikWhatIfFields...)
	if err != nil {
		return err
	}
	f := formOf(fields)
	change := f.klikChange()
	if err := f.problem("klik-what-if"); err != nil {
		return err
	}
	found, err := s.klikForecast(r, v, change)
	if err != nil {
		return err
	}
	answer := klikForecastAnswer{Total: shiftSums("", found.Total), Municipalities: []klikShiftSums{}, Tasks: []klikShiftAnswer{}, Definition: found.Definition}
	if found.Wave != nil {
		answer.Wave = &klikForecastWave{found.Wave.ID, found.Project, found.Wave.Name, found.Wave.GoLive.ISO(), found.GoLive.ISO()}
	}
	if found.Zoned != "" {
		answer.Zone = &klikForecastZone{found.Zoned, change.Zone.First.ISO(), change.Zone.Last.ISO()}
	}
	for _, x := range found.Municipalities {
		answer.Municipalities = append(answer.Municipalities, shiftSums(klikCode(x.Municipality), x))
	}
	for i := range found.Shifts {
		x := &found.Shifts[i]
		answer.Tasks = append(answer.Tasks, klikShiftAnswer{x.Task.ID, x.Task.Reference(), x.Task.Title, klikCode(x.Municipality), spanOf(x.Before), spanOf(x.After), x.From.Name(), x.To.Name(), x.Clash})
	}
	return writeJSON(w, http.StatusOK, answer)
}

// apiKlikGoLive saves a go-live that was foreseen first.
func (s *Server) apiKlikGoLive(w http.ResponseWriter, r *http.Request, v Viewer) error {
	if _, err := asked(r); err != nil {
		return err
	}
	if err := v.tried(); err != nil {
		return err
	}
	var sent struct {
		Wave uint32 `json:"wave"`
		Days int    `json:"days"`
		Seen string `json:"seen"`
	}
	if err := readJSON(r, &sent, "klik-unreadable", "Det, der er sendt, kan ikke læses. Send ét JSON-objekt med wave, days og seen: den go-live, du flytter fra."); err != nil {
		return err
	}
	moved, err := s.setKlikGoLive(r, v, reports.KlikChange{Wave: sent.Wave, Days: sent.Days}, sent.Seen)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{"wave": moved.ID, "go_live": moved.GoLive.ISO()})
}
