package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"komhen/ingest"
	"komhen/model"
	"komhen/reports"
	"komhen/web/account"
)

// messageKlik takes the operator's message on a master task to all of its municipalities. One that KL10 has something to say about is not taken, so that
// nobody believes that somebody was told.
func (s *Server) messageKlik(w http.ResponseWriter, r *http.Request, v Viewer) error {
	id, code, err := s.klikTaskAt(r, v)
	if err != nil {
		return err
	}
	f, err := readForm(r, "message")
	if err != nil {
		return err
	}
	text := f.klikMessage()
	if len(f.Errors) > 0 {
		return s.showKlikTask(w, r, v, http.StatusUnprocessableEntity, id, code, klikForms{Message: f})
	}
	towns, err := s.sendKlikMessage(r, v, id, text)
	if err != nil {
		return err
	}
	told := "Den står på kommunens forside, og tovholderne får den med morgendagens mail."
	if !s.mails() {
		told = "Den står på kommunens forside. Der er ikke sat en mailserver op, så ingen får mail."
	}
	s.flash(r, "Beskeden står hos "+countOf(int64(towns), "kommune", "kommuner")+". "+told)
	http.Redirect(w, r, fmt.Sprintf("/klik/tasks/%d?%s", id, backQuery(code)), http.StatusSeeOther)
	return nil
}

// klikMessage reads a message, and says what KL10 says of it.
func (f *formData) klikMessage() string {
	text := f.klikText("message")
	if lacks := model.KlikMessageLacks(text); len(lacks) > 0 && len(f.Errors) == 0 {
		f.wrong("message", "Ingen har fået beskeden: den "+inWords(lacks)+". Begynd med "+model.KlikMessageMark+", og skriv, hvornår opgaven kan startes, og en kort frist. Send den så igen.")
	}
	return text
}

// sendKlikMessage stores a message on a master task, and tells how many municipalities have the task.
func (s *Server) sendKlikMessage(r *http.Request, v Viewer, id uint32, text string) (towns int, err error) {
	err = s.folder.DecideKlik(r.Context(), ingest.Decision{At: s.now(), By: v.ID()}, func(_ context.Context, at ingest.KlikStanding) (d model.KlikDecision, err error) {
		at.Plan.Assignments(func(t *model.KlikTask, _ *model.KlikWave, _ uint16) {
			if t.ID == id {
				towns++
			}
		})
		return model.KlikDecision{Comments: []model.KlikComment{{Task: id, Text: text}}}, nil
	})
	if err == nil {
		s.record(v, addressOf(r), "klik.message", 0, fmt.Sprint(id))
	}
	return towns, err
}

// klikMessageShown is how much of a message a letter or notice has, in characters.
const klikMessageShown = 300

// klikMessageDays is how many days a message stands on the front page, unless the task is closed before (ours).
const klikMessageDays = 14

// klikWords is a message without its mark, and no longer than is shown.
func klikWords(text string) string {
	words := []rune(strings.Join(strings.Fields(text), " "))[len([]rune(model.KlikMessageMark)):]
	if len(words) > klikMessageShown {
		words = append(words[:klikMessageShown], '…')
	}
	return strings.TrimSpace(string(words))
}

// klikNotice is a message on the front page and on KLIK's.
type klikNotice struct {
	Title, Href, Text string
	At                time.Time
}

// klikNotices are the messages of the last fortnight on tasks that a municipality has not closed, newest first. They are there for everybody who reads, also for
// those who have no mail.
func (s *Server) klikNotices(ctx context.Context, code uint16) (list []klikNotice, err error) {
	messages, err := reports.KlikMessages(ctx, s.folder.Store, code, s.now().AddDate(0, 0, -klikMessageDays), s.now())
	if err != nil || len(messages) == 0 {
		return nil, err
	}
	works, err := s.folder.Store.KlikWorks(ctx, 0, code)
	if err != nil {
		return nil, err
	}
	for _, m := range slices.Backward(messages) {
		if !s.book.Klik.Closed(works.Of(m.Task.ID, code).Status) {
			list = append(list, klikNotice{m.Task.Title, fmt.Sprintf("/klik/tasks/%d?municipality=%d", m.Task.ID, code), klikWords(m.Text), m.At})
		}
	}
	return list, nil
}

// klikReminders bring the messages of the last day to those who do the tasks.
func klikReminders(ctx context.Context, s *Server, day reminderDay, a account.Account) (list []reminder, err error) {
	messages, err := reports.KlikMessages(ctx, s.folder.Store, a.Municipality, reminderTime(day.before), reminderTime(day.today))
	for _, m := range messages {
		list = append(list, reminder{Text: fmt.Sprintf("Besked om KLIK-opgaven »%s«: %s", m.Task.Reference(), klikWords(m.Text)), Link: "Gå til opgaven",
			Href: fmt.Sprintf("/klik/tasks/%d?municipality=%d", m.Task.ID, a.Municipality), Now: true})
	}
	return list, err
}
