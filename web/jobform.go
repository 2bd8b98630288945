package web

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"komhen/web/schedule"
)

// jobFields are the fields of the form for a job; those with several answers are kept as "1,3".
var jobFields = []string{"title", "what", "municipality", "round", "weeks", "types", "group", "format", "filter", "kind", "day", "days", "side", "anchor", "at", "only", "cron", "attach", "paused", "preview"}

const titleMost = 120 // characters

// jobForm is the page where a job is set up.
type jobForm struct {
	Form                                                                 *formData
	Job                                                                  schedule.Job // zero for a new one
	Action, Submit                                                       string
	What, Municipalities, Rounds, Weeks, Types, Groups, Formats, Filters []option
	Kinds, Weekdays, Sides, Anchors, Only                                []option
	People                                                               []personChoice
	Upcoming                                                             []time.Time
	UpcomingText                                                         string
	Preview, Mails                                                       bool
	DaysMost                                                             int
}

// formOfJob is a job as its form shows it.
func formOfJob(j schedule.Job) *formData {
	q, _ := url.ParseQuery(j.Question)
	what := j.Product
	if view := q.Get(map[string]string{"report": "name", "klik": "view"}[what]); view != "" {
		what += ":" + view
	}
	w := j.When
	v := map[string]string{"title": j.Title, "what": what, "kind": w.Kind, "at": w.At, "only": w.Only, "cron": w.Cron, "anchor": w.Anchor, "day": "", "days": "", "side": "after", "attach": "", "paused": ""}
	for _, name := range []string{"municipality", "round", "weeks", "types", "group", "format"} {
		v[name] = q.Get(name)
	}
	v["filter"] = klikFilterIn(q)
	if w.Day > 0 {
		v["day"] = fmt.Sprint(w.Day)
	}
	if w.Kind == schedule.Deadline {
		v["days"] = fmt.Sprint(max(w.Days, -w.Days))
		if w.Days < 0 {
			v["side"] = "before"
		}
	}
	var days []string
	for _, d := range w.Weekdays {
		days = append(days, fmt.Sprint(d))
	}
	v["weekdays"], v["to"] = strings.Join(days, ","), strings.Join(j.To, ",")
	if j.Attach {
		v["attach"] = "1"
	}
	if j.Paused {
		v["paused"] = "1"
	}
	return formOf(v)
}

// readJob takes a job from its form, with all that is wrong in it. Whose it is comes from before: a new one is the viewer's.
func (s *Server) readJob(r *http.Request, v Viewer, before schedule.Job) (schedule.Job, *formData, error) {
	f, err := readForm(r, jobFields...)
	if err != nil {
		return before, nil, err
	}
	f.Values["weekdays"], f.Values["to"] = strings.Join(r.PostForm["weekdays"], ","), strings.Join(r.PostForm["to"], ",")
	j := before
	if j.ID == "" {
		j.Owner, j.Municipality = v.Account.ID, v.Municipality
	}
	owner, _ := s.accounts.Account(j.Owner)
	p := s.readWhat(f, &j, v, viewerFor(owner))
	j.When = readWhen(f)
	for _, fault := range j.When.Faults() {
		f.wrong(fault.Field, fault.Message)
	}
	q, _ := url.ParseQuery(j.Question)
	if v.Operator() && before.ID == "" { // whose people it is for
		j.Municipality, _ = s.whose(q, v)
	}
	if j.Title = strings.Join(strings.Fields(f.Values["title"]), " "); j.Title == "" && p.what != nil {
		if title := []rune(p.what(s, q)); len(title) > titleMost {
			j.Title = string(title[:titleMost-1]) + "…"
		} else {
			j.Title = string(title)
		}
	}
	if len([]rune(j.Title)) > titleMost {
		f.wrong("title", "Titlen er for lang. Skriv højst 120 tegn.")
	}
	f.Values["title"] = j.Title
	j.Attach, j.Paused = f.Values["attach"] != "" && !p.rows, f.Values["paused"] != ""
	j.To = nil
	for _, choice := range s.peopleFor(j, p, q) {
		if slices.Contains(r.PostForm["to"], choice.ID) {
			j.To = append(j.To, choice.ID)
		}
	}
	if !slices.IsSorted(j.To) {
		slices.Sort(j.To)
	}
	return j, f, nil
}

// readWhat reads what is to be made. Both who asks and whose rights it is made with must be allowed to see it.
func (s *Server) readWhat(f *formData, j *schedule.Job, v, owner Viewer) product {
	name, view, _ := strings.Cut(f.Values["what"], ":")
	p, known := productOf(name)
	if !known || !p.who.admits(v) {
		f.wrong("what", "Vælg, hvad der skal laves.")
		return product{}
	}
	q := url.Values{}
	for _, field := range p.fields {
		if value := f.plain(field); value != "" && field != "name" {
			q.Set(field, value)
		}
	}
	if name == "report" {
		def, err := definitionOf(view)
		if err != nil {
			f.wrong("what", "Vælg, hvad der skal laves.")
			return product{}
		}
		q.Set("name", view)
		if !def.TakesWeeks {
			q.Del("weeks")
		}
		if !def.TakesTypes {
			q.Del("types")
		}
		if def.NeedsMunicipality && f.plain("municipality") == nation {
			f.wrong("municipality", "Rapporten er en kommunes. Vælg kommunen.")
		}
	}
	q.Set("municipality", cmp.Or(f.plain("municipality"), codeOrNation(v.Municipality)))
	if name == "klik" {
		s.readKlikWhat(f, q, view, owner)
	}
	if format := q.Get("format"); format != "" && !slices.Contains(p.formats, format) {
		f.wrong("format", "Det kan ikke laves i det format. Vælg et andet.")
	}
	for field, choices := range map[string][]option{"weeks": weekChoices, "types": typeChoices, "group": groupChoices} {
		if value := q.Get(field); value != "" && !slices.ContainsFunc(choices, func(o option) bool { return o.Value == value }) {
			f.wrong(field, "Vælg en af mulighederne på listen.")
		}
	}
	if round := q.Get("round"); round != "" && round != "all" {
		if _, err := s.book.Round(round); err != nil {
			f.wrong("round", "Runden kendes ikke. Vælg en på listen.")
		}
	}
	for _, who := range []Viewer{v, owner} {
		if err := s.mayHave(p, q, who); err != nil {
			problem, _ := problemOf(err)
			f.wrong("municipality", problem.Message)
			break
		}
	}
	j.Product, j.Question = p.name, q.Encode()
	return p
}

func codeOrNation(code uint16) string { return question{Municipality: code}.code() }

// clockText takes 7.00 and 7:00 for 07:00.
func clockText(s string) string {
	s = strings.Replace(s, ".", ":", 1)
	if len(s) == 4 {
		return "0" + s
	}
	return s
}

func readWhen(f *formData) schedule.When {
	w := schedule.When{Kind: f.Values["kind"], At: clockText(f.plain("at")), Only: f.Values["only"]}
	switch w.Kind {
	case schedule.Weekly:
		for text := range strings.SplitSeq(f.Values["weekdays"], ",") {
			if n, err := strconv.Atoi(text); err == nil {
				w.Weekdays = append(w.Weekdays, n)
			}
		}
	case schedule.Monthly:
		w.Day, _ = strconv.Atoi(f.plain("day"))
		w.Only = schedule.AllYear
	case schedule.Deadline:
		w.Anchor, w.Only = f.Values["anchor"], schedule.AllYear
		n, err := strconv.Atoi(cmp.Or(f.plain("days"), "0"))
		if err != nil || n < 0 {
			n = schedule.DaysMost + 1 // which is refused
		}
		if w.Days = n; f.Values["side"] == "before" {
			w.Days = -n
		}
	case schedule.Cron:
		w.Cron, w.At = strings.Join(strings.Fields(f.Values["cron"]), " "), ""
	}
	return w
}

// jobFormFor fills the page's choices in.
func (s *Server) jobFormFor(r *http.Request, v Viewer, j schedule.Job, f *formData) (jobForm, error) {
	a, err := s.questionOf(r.Context(), url.Values{})
	if err != nil {
		return jobForm{}, err
	}
	chosen := v.Municipality
	if code := s.book.MunicipalityCode(f.Values["municipality"]); code != 0 && f.Values["municipality"] != nation {
		chosen = code
	} else if f.Values["municipality"] == nation {
		chosen = 0
	}
	d := jobForm{Form: f, Job: j, Mails: s.mails(), DaysMost: schedule.DaysMost, What: choose(whatChoices(v), f.Values["what"]), Municipalities: s.municipalityChoices(v, chosen),
		Weeks: choose(weekChoices, f.Values["weeks"]), Types: choose(typeChoices, f.Values["types"]), Groups: choose(groupChoices, f.Values["group"]), Formats: choose(formatChoices, f.Values["format"]), Filters: s.klikFilterChoices(v, f.Values["filter"]),
		Kinds: choose(kindChoices, f.Values["kind"]), Sides: choose(sideChoices, f.Values["side"]), Anchors: choose(anchorChoices(), f.Values["anchor"]), Only: choose(onlyChoices, f.Values["only"])}
	d.Rounds = []option{{Value: "", Text: "Den seneste runde med henvendelser"}}
	for _, o := range a.roundChoices() {
		d.Rounds = append(d.Rounds, option{Value: o.Value, Text: o.Text})
	}
	d.Rounds = choose(append(d.Rounds, option{Value: "all", Text: "Alt, også lokale tællinger (kun udtræk af rækker)"}), f.Values["round"])
	days := strings.Split(f.Values["weekdays"], ",")
	d.Weekdays = slices.Clone(weekdayChoices)
	for i := range d.Weekdays {
		d.Weekdays[i].Chosen = slices.Contains(days, d.Weekdays[i].Value)
	}
	if j.Owner == "" {
		j.Owner, j.Municipality = v.Account.ID, v.Municipality
	}
	if v.Operator() && j.ID == "" {
		j.Municipality = chosen
	}
	p, known := productOf(j.Product)
	q, _ := url.ParseQuery(j.Question)
	if !known { // nothing chosen yet: whoever may see a report of it
		p, _ = productOf("report")
		q = url.Values{"municipality": {codeOrNation(chosen)}}
	}
	if f.Values["to"] != "" {
		j.To = strings.Split(f.Values["to"], ",")
	}
	d.People = s.peopleFor(j, p, q)
	if len(j.When.Faults()) == 0 {
		d.Upcoming, d.UpcomingText = j.When.Upcoming(s.now(), s.rounds, 5), j.When.Text()
	}
	d.Action, d.Submit = "/schedule", "Sæt det på tidsplanen"
	if j.ID != "" {
		d.Action, d.Submit = "/schedule/"+j.ID, "Gem"
	}
	return d, nil
}

// newJobPage is the empty form; ?what= and the fields of a report's address are taken along, so that a report's page can lead here.
func (s *Server) newJobPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	f := formOfJob(schedule.Job{When: schedule.When{Kind: schedule.Weekly, Weekdays: []int{1}, At: "07:00", Only: schedule.WeekAfter}})
	f.Values["to"], f.Values["attach"], f.Values["municipality"] = v.Account.ID, "1", codeOrNation(v.Municipality)
	for _, name := range []string{"what", "municipality", "round", "weeks", "types", "group", "format", "filter"} {
		if value := r.URL.Query().Get(name); value != "" {
			f.Values[name] = value
		}
	}
	if strings.HasPrefix(f.Values["what"], "klik") { // which has no count weeks
		f.Values["only"] = schedule.AllYear
	}
	code, err := s.whose(url.Values{"municipality": {f.Values["municipality"]}}, v)
	if err != nil {
		return err
	}
	f.Values["municipality"] = codeOrNation(code)
	d, err := s.jobFormFor(r, v, schedule.Job{When: readWhen(f)}, f)
	if err != nil {
		return err
	}
	return s.page(w, r, v, "jobnew", d)
}

func (s *Server) createJob(w http.ResponseWriter, r *http.Request, v Viewer) error {
	j, f, err := s.readJob(r, v, schedule.Job{})
	if err != nil {
		return err
	}
	if len(f.Errors) > 0 || f.Values["preview"] != "" {
		return s.showJobForm(w, r, v, "jobnew", j, f)
	}
	if j, err = s.schedule.AddJob(j, s.now()); err != nil {
		return err
	}
	s.record(v, addressOf(r), "schedule.create", j.Municipality, j.ID)
	s.flash(r, "»"+j.Title+"« er sat på tidsplanen.")
	http.Redirect(w, r, "/schedule/"+j.ID, http.StatusSeeOther)
	return nil
}

// showJobForm shows a form again: with what is wrong in it, or with the next due times.
func (s *Server) showJobForm(w http.ResponseWriter, r *http.Request, v Viewer, page string, j schedule.Job, f *formData) error {
	d, err := s.jobFormFor(r, v, j, f)
	if err != nil {
		return err
	}
	status := http.StatusOK
	if len(f.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	}
	d.Preview = f.Values["preview"] != "" && status == http.StatusOK
	if page == "job" {
		return s.showJob(w, r, v, status, j, d)
	}
	return s.pageWith(w, r, v, status, page, d)
}
