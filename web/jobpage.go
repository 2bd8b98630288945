package web

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"time"

	"komhen/web/account"
	"komhen/web/schedule"
)

// jobRow is a job as a list shows it.
type jobRow struct {
	schedule.Job
	What, Whose, When, OwnerName string
	Next                         time.Time
	Last                         *schedule.Run
	People                       int
	Problem                      string
}

func (s *Server) jobRow(j schedule.Job) jobRow {
	q, _ := url.ParseQuery(j.Question)
	row := jobRow{Job: j, Whose: s.nameOf(j.Municipality), When: j.When.Text(), OwnerName: s.actorName(j.Owner), People: len(j.To)}
	if j.Municipality == 0 {
		row.Whose = "KL"
	}
	owner, there := s.accounts.Account(j.Owner)
	p, known := productOf(j.Product)
	switch {
	case !known:
		row.Problem = "Det kan denne version af tjenesten ikke lave."
	case !there || owner.Disabled:
		row.What, row.Problem = p.what(s, q), "Den, der satte det op, har ikke længere adgang, så det bliver ikke lavet."
	case s.mayHave(p, q, viewerFor(owner)) != nil:
		row.What, row.Problem = p.what(s, q), "Den, der satte det op, må ikke længere se det, så det bliver ikke lavet."
	default:
		row.What = p.what(s, q)
	}
	if !j.Paused {
		row.Next, _ = j.When.Next(s.now(), s.rounds)
	}
	if list := s.schedule.Runs(1, func(r schedule.Run) bool { return r.Job == j.ID }); len(list) > 0 {
		row.Last = &list[0]
	}
	return row
}

type scheduleData struct {
	Jobs             []jobRow
	Runs, Faults     []runRow
	New, Mails, More bool
	Restored         time.Time // from a backup, lately
	Server           string    // of the mail, for the operator
}

// archiveShown is how many runs a page lists.
const archiveShown = 50

// schedulePage lists what is made, and what was.
func (s *Server) schedulePage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	d := scheduleData{New: analysts.admits(v), Mails: s.mails()}
	if v.Operator() && s.mails() {
		d.Server = s.config.Mail.Server()
	}
	for _, j := range s.schedule.Jobs() {
		if seesSchedule(v, j.Municipality) {
			d.Jobs = append(d.Jobs, s.jobRow(j))
		}
	}
	if at := s.schedule.Restored(); s.now().Sub(at) < 30*24*time.Hour {
		d.Restored = at
	}
	most := archiveShown + 1 // one more tells that there are more
	if r.URL.Query().Get("all") != "" {
		most = 0
	}
	for _, run := range s.schedule.Runs(most, func(r schedule.Run) bool { return seesSchedule(v, r.Municipality) }) {
		if most > 0 && len(d.Runs) == archiveShown {
			d.More = true
			break
		}
		d.Runs = append(d.Runs, s.runRow(v, run))
	}
	since := s.now().AddDate(0, 0, -14)
	for _, run := range s.schedule.Runs(20, func(r schedule.Run) bool {
		return v.CanUpload() && seesSchedule(v, r.Municipality) && (r.State == schedule.Failed || r.State == schedule.Unsure) && r.Recorded.After(since)
	}) {
		d.Faults = append(d.Faults, s.runRow(v, run))
	}
	return s.page(w, r, v, "schedule", d)
}

type jobData struct {
	jobForm
	Row               jobRow
	Changes, Receives bool
	CanReceive        bool
	Stopped           bool
	Runs              []runRow
	Sure              *formData
}

func (s *Server) jobPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	j, err := s.jobOf(r, v)
	if err != nil {
		return err
	}
	d, err := s.jobFormFor(r, v, j, formOfJob(j))
	if err != nil {
		return err
	}
	return s.showJob(w, r, v, http.StatusOK, j, d)
}

func (s *Server) showJob(w http.ResponseWriter, r *http.Request, v Viewer, status int, shownJob schedule.Job, form jobForm) error {
	j, there := s.schedule.Job(shownJob.ID) // as it is, whatever the form says
	if !there {
		return errNotFound
	}
	d := jobData{jobForm: form, Row: s.jobRow(j), Changes: s.changesJob(v, j), Receives: slices.Contains(j.To, v.Account.ID), Stopped: s.schedule.Stopped(v.Account.ID, j.ID)}
	p, _ := productOf(j.Product)
	q, _ := url.ParseQuery(j.Question)
	d.CanReceive = slices.ContainsFunc(s.peopleFor(j, p, q), func(c personChoice) bool { return c.ID == v.Account.ID })
	for _, run := range s.schedule.Runs(archiveShown, func(r schedule.Run) bool { return r.Job == j.ID }) {
		d.Runs = append(d.Runs, s.runRow(v, run))
	}
	return s.pageWith(w, r, v, status, "job", d)
}

// changeable is the job of the address if the viewer may change it.
func (s *Server) changeable(r *http.Request, v Viewer) (schedule.Job, error) {
	j, err := s.jobOf(r, v)
	if err == nil && !s.changesJob(v, j) {
		err = errForbidden
	}
	return j, err
}

func (s *Server) changeJob(w http.ResponseWriter, r *http.Request, v Viewer) error {
	before, err := s.changeable(r, v)
	if err != nil {
		return err
	}
	j, f, err := s.readJob(r, v, before)
	if err != nil {
		return err
	}
	if len(f.Errors) > 0 || f.Values["preview"] != "" {
		return s.showJobForm(w, r, v, "job", j, f)
	}
	if j, err = s.schedule.ChangeJob(j.ID, s.now(), func(now *schedule.Job) {
		now.Title, now.Product, now.Question, now.When, now.To, now.Attach, now.Paused = j.Title, j.Product, j.Question, j.When, j.To, j.Attach, j.Paused
	}); err != nil {
		return err
	}
	s.record(v, addressOf(r), "schedule.change", j.Municipality, j.ID)
	s.flash(r, "Ændringen er gemt.")
	http.Redirect(w, r, "/schedule/"+j.ID, http.StatusSeeOther)
	return nil
}

func (s *Server) deleteJob(w http.ResponseWriter, r *http.Request, v Viewer) error {
	j, err := s.changeable(r, v)
	if err != nil {
		return err
	}
	f, err := readSure(r, "Det, der er lavet, bliver i arkivet.")
	if err != nil {
		return err
	}
	if len(f.Errors) > 0 {
		d, err := s.jobFormFor(r, v, j, formOfJob(j))
		if err != nil {
			return err
		}
		d.Form.Errors = f.Errors
		return s.showJob(w, r, v, http.StatusUnprocessableEntity, j, d)
	}
	if err := s.schedule.DeleteJob(j.ID); err != nil {
		return err
	}
	s.record(v, addressOf(r), "schedule.delete", j.Municipality, j.ID)
	s.flash(r, "»"+j.Title+"« er taget af tidsplanen. Det, der er lavet, ligger stadig i arkivet.")
	http.Redirect(w, r, "/schedule", http.StatusSeeOther)
	return nil
}

// receiveJob puts the viewer on or off the list of who gets it.
func (s *Server) receiveJob(on bool) answer {
	return func(w http.ResponseWriter, r *http.Request, v Viewer) error {
		j, err := s.jobOf(r, v)
		if err != nil {
			return err
		}
		p, _ := productOf(j.Product)
		q, _ := url.ParseQuery(j.Question)
		if on && !slices.ContainsFunc(s.peopleFor(j, p, q), func(c personChoice) bool { return c.ID == v.Account.ID }) {
			return errForbidden
		}
		if on {
			if err := s.schedule.Start(v.Account.ID, j.ID); err != nil {
				return err
			}
		}
		if _, err := s.schedule.ChangeJob(j.ID, s.now(), func(j *schedule.Job) {
			j.To = slices.DeleteFunc(j.To, func(id string) bool { return id == v.Account.ID })
			if on {
				j.To = append(j.To, v.Account.ID)
			}
		}); err != nil {
			return err
		}
		s.record(v, addressOf(r), map[bool]string{true: "mail.start", false: "mail.stop"}[on], v.Municipality, j.ID)
		s.flash(r, map[bool]string{true: "Du får den med mail fra nu af.", false: "Du får den ikke længere med mail."}[on])
		http.Redirect(w, r, "/schedule/"+j.ID, http.StatusSeeOther)
		return nil
	}
}

// runJobNow makes what a job makes at once, as a run of its own; what is due later is made all the same.
func (s *Server) runJobNow(w http.ResponseWriter, r *http.Request, v Viewer) error {
	j, err := s.changeable(r, v)
	if err != nil {
		return err
	}
	now := s.now()
	run, opened, err := s.schedule.OpenRun(schedule.Opening{Job: j.ID, Due: now.Truncate(time.Second), Title: j.Title, Owner: j.Owner, Municipality: j.Municipality, Product: j.Product, Question: j.Question, Attach: j.Attach}, now)
	if err != nil {
		return err
	}
	if opened {
		s.record(v, addressOf(r), "schedule.run", j.Municipality, j.ID)
		s.background(func(ctx context.Context) { s.sweep(ctx) })
	}
	http.Redirect(w, r, "/schedule/runs/"+run.ID(), http.StatusSeeOther)
	return nil
}

// mayKnowNames tells whether a viewer may read who else gets a mail.
func mayKnowNames(v Viewer) bool { return v.Is(account.Operator, account.Coordinator, account.Analyst) }
