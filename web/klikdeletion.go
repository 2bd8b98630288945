package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"komhen/ingest"
	"komhen/model"
	"komhen/reports"
	"komhen/web/account"
	"komhen/web/audit"
)

// klikDeletionView is the page of what is deleted from KLIK: announced, over, and the log of both (KL09).
type klikDeletionView struct {
	Form     *formData
	Operator bool
	Name     string // of the municipality; "" for all
	Notice   int
	Earliest string
	What     []option
	Ahead    []klikDeletionCard
	Done     []klikDeletionCard
	Log      []klikDeletionLine
}

type klikDeletionCard struct {
	Key, Heading, Day, Last, When, By string // Key is what a form calls the tasks
	At                                time.Time
	Rows                              []klikDeletionRow
	Has                               []klikFetcher // municipalities that have fetched all of their tasks
	Lacks                             []string
	Towns                             int
	Downloads                         []link
	Mend                              string // address of the form that moves it or takes it back
}

type klikDeletionRow struct {
	Title, Href, Towns string
	Fetched            time.Time // by the own municipality
}

type klikFetcher struct {
	Name string
	At   time.Time
}

type klikDeletionLine struct {
	At       time.Time
	Text, By string
}

func (s *Server) klikDeletionPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.showKlikDeletion(w, r, v, http.StatusOK, formOf(map[string]string{"what": r.URL.Query().Get("what")}))
}

func (s *Server) showKlikDeletion(w http.ResponseWriter, r *http.Request, v Viewer, status int, f *formData) error {
	today := model.DateOf(s.now())
	view := klikDeletionView{Form: f, Operator: v.Operator(), Notice: model.KlikNotice, Earliest: (today + model.KlikNotice).String()}
	if v.Municipality != 0 {
		view.Name = s.nameOf(v.Municipality)
	}
	found, err := reports.KlikDeletionsOf(r.Context(), s.folder.Store, v.Municipality, today)
	if err != nil {
		return err
	}
	fetches, err := s.klikFetchesSince(firstOf(found), v.Municipality)
	if err != nil {
		return err
	}
	for _, d := range found.Ahead {
		view.Ahead = append(view.Ahead, s.klikDeletionCard(&d, v, fetches, today))
	}
	for _, d := range found.Done {
		view.Done = append(view.Done, s.klikDeletionCard(&d, v, fetches, today))
	}
	view.Log = s.klikDeletionLog(found, v)
	if v.Operator() {
		if view.What, err = s.klikDeletable(r.Context(), found, f.Value("what"), today); err != nil {
			return err
		}
	}
	return s.pageWith(w, r, v, status, "klik-deletion", view)
}

// firstOf is the first announcement of anything that stands or is over.
func firstOf(d *reports.KlikDeletions) (first time.Time) {
	for _, list := range [][]reports.KlikDeletion{d.Ahead, d.Done} {
		for i := range list {
			if at, _ := list[i].First(); first.IsZero() || at.Before(first) {
				first = at
			}
		}
	}
	return first
}

func tasksText(n int) string { return countOf(int64(n), "opgave", "opgaver") }

func (s *Server) klikDeletionCard(d *reports.KlikDeletion, v Viewer, fetches klikFetches, today model.Date) klikDeletionCard {
	at, by := d.First()
	card := klikDeletionCard{Key: fmt.Sprintf("announced-%d-%s", d.Project, d.Day.ISO()), Heading: fmt.Sprintf("%s i »%s«", tasksText(len(d.Tasks)), d.Name), Day: d.Day.String(), Last: (d.Day - 1).String(), At: at, By: s.klikActor(by, v)}
	ahead := d.Day > today
	if left := int64(d.Day - today); ahead {
		card.When = "om " + countOf(left, "dag", "dage")
		card.Mend = "/klik/deletion?" + url.Values{"what": {card.Key}}.Encode() + "#announce"
	}
	for _, t := range d.Tasks {
		row := klikDeletionRow{Title: t.Task.Title, Towns: countOf(int64(len(t.Municipalities)), "kommune", "kommuner")}
		if v.Municipality != 0 {
			row.Fetched = fetches.of(v.Municipality, []reports.KlikDeleted{t})
		}
		if ahead {
			row.Href = fmt.Sprintf("/klik/tasks/%d", t.Task.ID)
		}
		card.Rows = append(card.Rows, row)
	}
	if v.Municipality != 0 {
		if ahead {
			query := url.Values{"municipality": {fmt.Sprint(v.Municipality)}, "project": {d.Name}}
			for _, p := range s.paperLinks("html", "pdf") {
				query.Set("format", p.Href)
				card.Downloads = append(card.Downloads, link{"/klik/export?" + query.Encode(), p.Text})
			}
		}
		return card
	}
	for _, code := range d.Municipalities() {
		card.Towns++
		name := s.book.KlikMunicipalityName(code)
		if at := fetches.of(code, d.Tasks); !at.IsZero() {
			card.Has = append(card.Has, klikFetcher{name, at})
		} else {
			card.Lacks = append(card.Lacks, name)
		}
	}
	return card
}

// klikDeletionLog is what was announced, moved, taken back and carried out, the newest first.
func (s *Server) klikDeletionLog(d *reports.KlikDeletions, v Viewer) (list []klikDeletionLine) {
	for _, a := range d.Log {
		list = append(list, klikDeletionLine{a.At, announcedText(a), s.klikActor(a.By, v)})
	}
	for _, x := range d.Done {
		list = append(list, klikDeletionLine{x.Day.Time(), fmt.Sprintf("%s i »%s« blev slettet.", tasksText(len(x.Tasks)), x.Name), serviceName})
	}
	slices.SortStableFunc(list, func(x, y klikDeletionLine) int { return y.At.Compare(x.At) })
	return list
}

// announcedText says what an announcement changed.
func announcedText(a reports.KlikAnnouncement) string {
	what := fmt.Sprintf("%s i »%s«", tasksText(len(a.Tasks)), a.Name)
	if len(a.Tasks) == 1 {
		what = fmt.Sprintf("»%s« i »%s«", a.Tasks[0].Reference(), a.Name)
	}
	switch {
	case a.To == 0:
		return fmt.Sprintf("%s bliver ikke slettet alligevel. Det var annonceret til %s.", what, a.From)
	case a.From == 0:
		return fmt.Sprintf("%s bliver slettet %s.", what, a.To)
	}
	return fmt.Sprintf("%s bliver slettet %s og ikke %s.", what, a.To, a.From)
}

// klikDeletable is what the operator can choose: what is announced, whole projects, and the one task that the address or the form names.
func (s *Server) klikDeletable(ctx context.Context, found *reports.KlikDeletions, chosen string, today model.Date) ([]option, error) {
	plan, err := s.folder.Store.KlikPlan(ctx, 0)
	if err != nil {
		return nil, err
	}
	plan = plan.On(today)
	list := []option{{"", "Vælg, hvad der skal slettes", chosen == ""}}
	if tasks := klikChosen(plan, chosen); len(tasks) == 1 && strings.HasPrefix(chosen, "task-") {
		list = append(list, option{chosen, "Opgaven " + tasks[0].Title, true})
	}
	for _, d := range found.Ahead {
		key := fmt.Sprintf("announced-%d-%s", d.Project, d.Day.ISO())
		list = append(list, option{key, fmt.Sprintf("Annonceret til %s: %s i »%s«", d.Day, tasksText(len(d.Tasks)), d.Name), key == chosen})
	}
	for _, p := range plan.Projects {
		key := fmt.Sprintf("project-%d", p.ID)
		if n := len(klikChosen(plan, key)); n > 0 {
			list = append(list, option{key, fmt.Sprintf("Hele projektet »%s« (%s)", p.Name, tasksText(n)), key == chosen})
		}
	}
	return list, nil
}

// klikChosen are the tasks that a choice of the form stands for: "task-15", "project-3", or "announced-3-2027-05-01".
func klikChosen(plan *model.KlikPlan, choice string) (tasks []model.KlikTask) {
	kind, rest, _ := strings.Cut(choice, "-")
	id, day, _ := strings.Cut(rest, "-")
	for _, t := range plan.Tasks {
		switch {
		case kind == "task" && rest == fmt.Sprint(t.ID), kind == "project" && rest == fmt.Sprint(t.Project),
			kind == "announced" && id == fmt.Sprint(t.Project) && t.Deletes != 0 && day == t.Deletes.ISO():
			tasks = append(tasks, t)
		}
	}
	return tasks
}

// announceKlikDeletion announces a deletion, moves it, or takes it back. It is a new version of each task, so the journal has it.
func (s *Server) announceKlikDeletion(w http.ResponseWriter, r *http.Request, v Viewer) error {
	f, err := readForm(r, "what", "day", "withdraw")
	if err != nil {
		return err
	}
	if f.Value("what") == "" {
		f.wrong("what", "Vælg, hvad der skal slettes, flyttes eller tages tilbage.")
	}
	day, back := model.Date(0), f.Value("withdraw") != ""
	if !back {
		if day = f.klikDay("day"); day == 0 && f.Error("day") == "" {
			f.wrong("day", "Skriv den dag, opgaverne bliver slettet. Det er tidligst "+(model.DateOf(s.now())+model.KlikNotice).String()+".")
		}
	}
	var tasks []model.KlikTask
	var project string
	changed, towns := 0, map[uint16]bool{}
	if len(f.Errors) == 0 {
		err = s.folder.DecideKlik(r.Context(), ingest.Decision{At: s.now(), By: v.ID()}, func(_ context.Context, at ingest.KlikStanding) (d model.KlikDecision, err error) {
			if tasks = klikChosen(at.Plan, f.Value("what")); len(tasks) == 0 {
				return d, &model.Problem{Code: "klik-choice", Message: "Vælg et projekt eller noget, der er annonceret. Det, du valgte, er her ikke mere."}
			}
			chosen := map[uint32]bool{}
			for _, t := range tasks {
				if p := at.Plan.Project(t.Project); p != nil {
					project = p.Name
				}
				chosen[t.ID] = true
				if t.Deletes != day {
					t.Deletes = day
					d.Tasks = append(d.Tasks, t)
				}
			}
			changed = len(d.Tasks)
			at.Plan.Assignments(func(t *model.KlikTask, _ *model.KlikWave, code uint16) { towns[code] = towns[code] || chosen[t.ID] })
			return d, nil
		})
		if p := (*model.Problem)(nil); errors.As(err, &p) && (p.Code == "klik-choice" || p.Code == "klik-notice") {
			f.wrong(map[string]string{"klik-choice": "what", "klik-notice": "day"}[p.Code], p.Message)
		} else if err != nil {
			return err
		}
	}
	if len(f.Errors) > 0 {
		return s.showKlikDeletion(w, r, v, http.StatusUnprocessableEntity, f)
	}
	n := 0
	for _, has := range towns {
		if has {
			n++
		}
	}
	what := fmt.Sprintf("%s i »%s«", tasksText(len(tasks)), reports.PlainText(project))
	switch {
	case changed == 0:
		s.flash(r, "Det står allerede sådan. Intet er ændret.")
	case back:
		s.note(r, v, audit.Record{Action: "klik.deletion-withdraw", Object: klikRanges(klikIDs(tasks))[0]})
		s.flash(r, what+" bliver ikke slettet. Tovholderne får det at vide med morgendagens mail.")
	default:
		s.note(r, v, audit.Record{Action: "klik.deletion", Object: klikRanges(klikIDs(tasks))[0], Detail: day.String()})
		s.flash(r, fmt.Sprintf("%s bliver slettet %s. %s kan hente dem til og med %s; tovholderne får det at vide med morgendagens mail.", what, day, countOf(int64(n), "kommune", "kommuner"), day-1))
	}
	http.Redirect(w, r, "/klik/deletion", http.StatusSeeOther)
	return nil
}

func klikIDs(tasks []model.KlikTask) (ids []uint32) {
	for _, t := range tasks {
		ids = append(ids, t.ID)
	}
	return ids
}

// klikDeletionNotices are what the front page of KLIK says of what is to be deleted.
func (s *Server) klikDeletionNotices(ctx context.Context, v Viewer) (list []string, err error) {
	found, err := reports.KlikDeletionsOf(ctx, s.folder.Store, v.Municipality, model.DateOf(s.now()))
	if err != nil {
		return nil, err
	}
	for _, d := range found.Ahead {
		list = append(list, fmt.Sprintf("%s i »%s« bliver slettet %s. De kan hentes som PDF til og med %s.", tasksText(len(d.Tasks)), d.Name, d.Day, d.Day-1))
	}
	return list, nil
}

// klikDeletionReminders tell of what was announced, moved or taken back, and 7, 2 and 0 days before the last day of what nobody of the municipality has fetched.
func klikDeletionReminders(ctx context.Context, s *Server, day reminderDay, a account.Account) (list []reminder, err error) {
	news, err := reports.KlikDeletionNews(ctx, s.folder.Store, a.Municipality, reminderTime(day.before), reminderTime(day.today))
	if err != nil {
		return nil, err
	}
	told := map[string]bool{}
	for _, n := range news {
		if n.To != 0 && n.To <= day.today {
			continue
		}
		text := announcedText(n)
		if n.To != 0 {
			told[n.Name+n.To.ISO()] = true
			text += fmt.Sprintf(" Hent dem som PDF senest %s, hvis I vil gemme dem.", n.To-1)
		}
		list = append(list, reminder{Text: text, Link: "Se, hvad der bliver slettet", Href: "/klik/deletion", Now: true})
	}
	found, err := reports.KlikDeletionsOf(ctx, s.folder.Store, a.Municipality, day.today)
	if err != nil || len(found.Ahead) == 0 {
		return list, err
	}
	fetches, err := s.klikFetchesSince(firstOf(found), a.Municipality)
	if err != nil {
		return nil, err
	}
	for _, d := range found.Ahead {
		missing := 0
		for _, t := range d.Tasks {
			if fetches.of(a.Municipality, []reports.KlikDeleted{t}).IsZero() {
				missing++
			}
		}
		if missing > 0 && !told[d.Name+d.Day.ISO()] {
			list = append(list, reminder{Text: fmt.Sprintf("%s i »%s« bliver slettet %s. I har ikke hentet %s af dem. Det kan I til og med %s.", tasksText(len(d.Tasks)), d.Name, day.deadline(d.Day), model.FormatInt(int64(missing)), d.Day-1),
				Link: "Hent dem", Href: "/klik/deletion", Now: day.reaches(d.Day - 1)})
		}
	}
	return list, nil
}

// logKlikDeletions writes a line in the log for tasks whose day has come, at the start and from then on. Nothing waits for it: they are gone by the day itself.
func (s *Server) logKlikDeletions(ctx context.Context) {
	for {
		if err := s.logKlikDeleted(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("KLIK deletion", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(askEvery):
		}
	}
}

// klikDeletedAction is the line that tasks were deleted: the object is their numbers, the detail the day and the project.
const klikDeletedAction = "klik.deleted"

func (s *Server) logKlikDeleted(ctx context.Context) error {
	now := s.now()
	found, err := reports.KlikDeletionsOf(ctx, s.folder.Store, 0, model.DateOf(now))
	if err != nil || len(found.Done) == 0 {
		return err
	}
	kept := model.DateOf(now.AddDate(0, -s.config.AuditMonths, 0)) // of older days the log has lost the line
	written := map[string]bool{}
	for cursor := ""; ; {
		records, next, err := s.audit.Read(audit.Filter{Action: klikDeletedAction}, cursor, 500)
		if err != nil {
			return err
		}
		for _, rec := range records {
			written[rec.Detail+" "+rec.Object] = true
		}
		if next == "" {
			break
		}
		cursor = next
	}
	for _, d := range slices.Backward(found.Done) {
		if d.Day < kept {
			continue
		}
		var ids []uint32
		for _, t := range d.Tasks {
			ids = append(ids, t.Task.ID)
		}
		for _, object := range klikRanges(ids) {
			if written[d.Day.String()+" "+object] {
				continue
			}
			if err := s.audit.Append(audit.Record{At: now, Actor: ingest.ByService, Action: klikDeletedAction, Object: object, Detail: d.Day.String()}); err != nil {
				return err
			}
		}
	}
	return nil
}
