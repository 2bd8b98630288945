package web

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"komhen/model"
	"komhen/web/account"
	"komhen/web/post"
	"komhen/web/schedule"
)

// How a run goes on from wherever it stands: made, then sent to each, then ended; and when it went wrong, its owner is told. Each step is stored before the
// next begins, so a service that was killed goes on where it was.

// makeMost is how long making something may take.
const makeMost = 15 * time.Minute

// attachMost is how much goes with a letter; more is fetched by a link. Many mail servers refuse more than 10 MB, and base64 adds a third.
const attachMost = 7_000_000

func (s *Server) advance(ctx context.Context, r schedule.Run) error {
	p, known := productOf(r.Product)
	if !known {
		if r.Product == "" {
			return nil // of somebody who does it all: reminders
		}
		return s.end(r, schedule.Failed, "Det kan denne version af tjenesten ikke lave.")
	}
	if r.State == schedule.Due || r.State == schedule.Started {
		if s.waits(r.Next) {
			return nil
		}
		if err := s.makeRun(ctx, p, r); err != nil {
			return err
		}
		r, _ = s.schedule.Run(r.ID())
	}
	if r.State == schedule.Made || r.State == schedule.Sending {
		if err := s.sendRun(ctx, p, r); err != nil {
			return err
		}
		r, _ = s.schedule.Run(r.ID())
	}
	if r.State.Ended() && r.Open() {
		return s.tellOwner(ctx, r)
	}
	return nil
}

func (s *Server) end(r schedule.Run, state schedule.State, why string) error {
	s.metrics.runs.WithLabelValues(string(state)).Inc()
	if state == schedule.Failed {
		s.log.Error("scheduled run failed", "run", r.ID(), "why", why)
	}
	return s.schedule.Note(r.ID(), schedule.Step{At: s.now(), What: state, Why: why}, time.Time{})
}

// makeRun makes the files of a run with its owner's rights as they are now.
func (s *Server) makeRun(ctx context.Context, p product, r schedule.Run) error {
	owner, there := s.accounts.Account(r.Owner)
	if !there || owner.Disabled {
		return s.end(r, schedule.Failed, "Den, der satte det op, har ikke længere adgang. Lad en anden sætte det op.")
	}
	if r.State == schedule.Started && r.Tries > len(backOff) { // it may be what brings the service down
		return s.end(r, schedule.Failed, fmt.Sprintf("Tjenesten blev afbrudt, mens det blev lavet. Det er prøvet %d gange.", r.Tries))
	}
	if err := s.schedule.Note(r.ID(), schedule.Step{At: s.now(), What: schedule.Started}, time.Time{}); err != nil {
		return err
	}
	files, err := s.filesOf(ctx, p, r, viewerFor(owner))
	switch {
	case err == nil:
		return s.schedule.Note(r.ID(), schedule.Step{At: s.now(), What: schedule.Made, Files: files}, time.Time{})
	case ctx.Err() != nil:
		return nil // the service is closing; the next one makes it
	}
	problem, status := problemOf(err)
	if status < http.StatusInternalServerError {
		return s.end(r, schedule.Failed, problem.Message)
	}
	s.log.Error("scheduled run", "run", r.ID(), "error", err)
	if r.Tries >= len(backOff) {
		return s.end(r, schedule.Failed, fmt.Sprintf("%s Det er prøvet %d gange.", problem.Message, r.Tries+1))
	}
	return s.schedule.Note(r.ID(), schedule.Step{At: s.now(), What: schedule.Due, Why: problem.Message}, s.now().Add(backOff[r.Tries]))
}

func (s *Server) filesOf(ctx context.Context, p product, r schedule.Run, v Viewer) ([]schedule.File, error) {
	q, err := url.ParseQuery(r.Question)
	if err != nil {
		return nil, &model.Problem{Code: "question", Message: "Det, der skal laves, kan ikke læses. Sæt det op igen.", Err: err}
	}
	if err := s.mayHave(p, q, v); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, makeMost)
	defer cancel()
	list, err := p.make(s, ctx, q, v)
	if err != nil {
		return nil, err
	}
	var files []schedule.File
	for _, one := range list {
		f, err := s.schedule.Keep(r.ID(), one.name, fileType(one.name), one.write)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// receives tells whether an account may be sent what a run made; the reason stands in the run's log.
func (s *Server) receives(p product, r schedule.Run, id string) (a account.Account, why string) {
	a, there := s.accounts.Account(id)
	switch {
	case !there:
		return a, "Modtageren er slettet."
	case a.Disabled:
		return a, "Modtageren er lukket ude."
	case a.Role != account.Operator && (a.Municipality != r.Municipality || r.Municipality == 0):
		return a, "Modtageren hører ikke længere til kommunen."
	}
	q, err := url.ParseQuery(r.Question)
	if err == nil {
		err = s.mayHave(p, q, viewerFor(a))
	}
	if err != nil {
		return a, "Modtageren må ikke længere se det."
	}
	return a, ""
}

// sendRun sends what was made to each who is to have it, and ends the run when nobody is left.
func (s *Server) sendRun(ctx context.Context, p product, r schedule.Run) error {
	var to []string
	if j, there := s.schedule.Job(r.Job); there {
		to = j.To
	}
	for _, d := range r.Deliveries { // who was taken off since, or whose job was deleted, while a try was waiting
		if !d.Word && !d.State.Ended() && !slices.Contains(to, d.To) {
			if err := s.schedule.Note(r.ID(), schedule.Step{At: s.now(), What: schedule.Skipped, To: d.To, Why: "Modtageren er taget af listen."}, time.Time{}); err != nil {
				return err
			}
		}
	}
	if len(to) > 0 && !s.mails() {
		return s.end(r, schedule.Kept, "Der er ikke sat en mailserver op, så det ligger kun i arkivet.")
	}
	waiting := false
	for _, id := range to {
		if ctx.Err() != nil {
			return nil
		}
		if d, _ := r.Delivery(id, false); d.State.Ended() {
			continue
		}
		a, why := s.receives(p, r, id)
		if why != "" {
			if err := s.schedule.Note(r.ID(), schedule.Step{At: s.now(), What: schedule.Skipped, To: id, Why: why}, time.Time{}); err != nil {
				return err
			}
			continue
		}
		if d, _ := r.Delivery(id, false); s.scheduler.mailAway || s.waits(d.Next) {
			waiting = true
			continue
		}
		l, err := s.runLetter(p, r, a)
		if problem, _ := problemOf(err); err != nil && strings.HasPrefix(problem.Code, "archive-") { // the file is not the one that was made: it is not sent
			return s.end(r, schedule.Failed, problem.Message)
		}
		if err != nil {
			return err
		}
		state, err := s.deliverLetter(ctx, r.ID(), a.ID, r.Job, false, l)
		if err != nil {
			return err
		}
		if state == schedule.Waiting {
			waiting, s.scheduler.mailAway = true, true
		}
	}
	if waiting {
		return nil
	}
	r, _ = s.schedule.Run(r.ID())
	outcome := r.Outcome()
	why := map[schedule.State]string{schedule.Failed: "Ikke alle kunne få det.", schedule.Unsure: "Mailserverens svar mangler for nogle: de kan have fået det."}[outcome]
	return s.end(r, outcome, why)
}

// runLetter is the letter with which a reader gets what was made.
func (s *Server) runLetter(p product, r schedule.Run, a account.Account) (post.Letter, error) {
	day := r.Due.In(model.Copenhagen)
	body := []post.Part{{Text: fmt.Sprintf("Her er »%s« fra %s.", r.Title, dayAndClock(day))}}
	if q, err := url.ParseQuery(r.Question); err == nil {
		body[0].Text += " " + p.what(s, q) + "."
	}
	for _, text := range lateWords(r) {
		body = append(body, post.Part{Text: text})
	}
	size := int64(0)
	var names []string
	for _, f := range r.Files {
		size += f.Size
		names = append(names, fmt.Sprintf("%s (%s)", f.Name, sizeText(f.Size)))
	}
	href := s.linkTo("schedule", "runs", r.ID())
	attach := r.Attach && !p.rows && size <= attachMost
	var files []post.File
	if attach {
		body = append(body, post.Part{Text: "Vedhæftet:", List: names}, post.Part{Link: "Se den også i arkivet", Href: href})
		for _, f := range r.Files {
			content, err := s.archived(r.ID(), f.Name)
			if err != nil {
				return post.Letter{}, err
			}
			files = append(files, post.File{Name: f.Name, Type: f.Type, Content: content})
		}
	} else {
		if r.Attach && !p.rows {
			body = append(body, post.Part{Text: "Den er for stor til at blive vedhæftet."})
		}
		body = append(body, post.Part{Text: "Log ind, og hent:", List: names}, post.Part{Link: "Hent den her", Href: href})
	}
	why := "Du får mailen, fordi du står på listen over modtagere."
	if j, there := s.schedule.Job(r.Job); there {
		why = fmt.Sprintf("Du får mailen, fordi du står på listen over modtagere. Den kommer %s.", j.When.Text())
	}
	if owner, there := s.accounts.Account(r.Owner); there && owner.ID != a.ID {
		why += " " + owner.Name + " har sat den op."
	}
	l, err := s.letterTo(a, r.ID()+"."+a.ID, r.Job, r.Title+", "+day.Format("02-01-2006"), why, body...)
	l.Files = files
	return l, err
}

// lateWords say what downtime did to a run.
func lateWords(r schedule.Run) (list []string) {
	if r.Late() {
		list = append(list, fmt.Sprintf("Den skulle være lavet %s, men tjenesten kørte ikke. Den er lavet %s, så snart tjenesten kørte igen, med de tal, der var da.", dayAndClock(r.Due), dayAndClock(r.Recorded)))
	}
	if r.Missed == 1 {
		list = append(list, fmt.Sprintf("Også den fra %s faldt i den tid. Den er ikke lavet for sig, for den ville vise de samme tal.", dayAndClock(r.Since)))
	} else if r.Missed > 1 {
		list = append(list, fmt.Sprintf("Også %d tidligere, den første fra %s, faldt i den tid. De er ikke lavet for sig, for de ville vise de samme tal.", r.Missed, dayAndClock(r.Since)))
	}
	return list
}

func dayAndClock(t time.Time) string {
	return t.In(model.Copenhagen).Format("02-01-2006 kl. 15.04")
}

func sizeText(n int64) string {
	if n < 1e6 {
		return model.FormatInt((n+999)/1000) + " kB"
	}
	return model.FormatDecimal(float64(n)/1e6, 1) + " MB"
}

// archived is a whole file of the archive.
func (s *Server) archived(run, name string) ([]byte, error) {
	f, _, err := s.schedule.OpenFile(run, name)
	if err != nil {
		return nil, err
	}
	content, err := io.ReadAll(f)
	return content, errors.Join(err, f.Close())
}

// tellOwner writes to the owner of a run that went wrong, or may have, once. Where that cannot be, the run's page has said it.
func (s *Server) tellOwner(ctx context.Context, r schedule.Run) error {
	skip := func(why string) error {
		return s.schedule.Note(r.ID(), schedule.Step{At: s.now(), What: schedule.Skipped, To: r.Owner, Word: true, Why: why}, time.Time{})
	}
	owner, there := s.accounts.Account(r.Owner)
	switch {
	case !there || owner.Disabled:
		return skip("Der er ingen at sige det til: den, der satte det op, har ikke længere adgang.")
	case !s.mails():
		return skip("Der er ikke sat en mailserver op, så det står kun her.")
	case s.scheduler.mailAway:
		return nil
	}
	if d, tried := r.Delivery(owner.ID, true); tried && s.waits(d.Next) {
		return nil
	}
	var who []string
	for _, d := range r.Deliveries {
		if a, known := s.accounts.Account(d.To); known && !d.Word && (d.State == schedule.Failed || d.State == schedule.Unsure) {
			who = append(who, a.Name+": "+d.Why)
		}
	}
	body := []post.Part{{Text: fmt.Sprintf("»%s«, som skulle være lavet og sendt %s, gik galt.", r.Title, dayAndClock(r.Due))}, {Text: strings.TrimSpace(r.Why), List: who},
		{Text: "Næste gang bliver den lavet igen som aftalt. Her kan du se, hvad der skete:", Link: "Se kørslen", Href: s.linkTo("schedule", "runs", r.ID())}}
	subject := "Gik galt: " + r.Title
	if r.State == schedule.Unsure {
		subject = "Kan være sendt: " + r.Title
		body[0].Text = fmt.Sprintf("»%s« fra %s er lavet, men vi ved ikke, om alle fik den. Vi sender den ikke igen, for så kunne nogen få den to gange. Spørg dem, eller send dem linket.", r.Title, dayAndClock(r.Due))
		body[2].Text = "Her ligger den, og her kan du se, hvad der skete:"
	}
	l, err := s.letterTo(owner, r.ID()+"."+owner.ID+".word", "", subject, "Du får mailen, fordi du har sat den op.", body...)
	if err != nil {
		return err
	}
	state, err := s.deliverLetter(ctx, r.ID(), owner.ID, "", true, l)
	if state == schedule.Waiting {
		s.scheduler.mailAway = true
	}
	return err
}
