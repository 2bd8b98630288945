package web

import (
	"net/http"
	"net/url"
	"slices"

	"komhen/model"
	"komhen/reports"
	"komhen/web/account"
	"komhen/web/schedule"
)

// whatChoices are the products a viewer may set up, each report by its name.
func whatChoices(v Viewer) (list []option) {
	for _, p := range products() {
		if !p.who.admits(v) {
			continue
		}
		if p.name != "report" {
			list = append(list, option{Value: p.name, Text: p.label})
		}
		switch p.name {
		case "report":
			for _, d := range reports.Names() {
				list = append(list, option{Value: "report:" + d.Name, Text: "Rapport: " + d.Title})
			}
		case "klik":
			for _, d := range reports.KlikNames() {
				list = append(list, option{Value: "klik:" + d.Name, Text: "KLIK: " + d.Title})
			}
		}
	}
	return list
}

var kindChoices = []option{{Value: schedule.Weekly, Text: "På bestemte ugedage"}, {Value: schedule.Deadline, Text: "I forhold til en frist eller en dag i runden"}, {Value: schedule.Daily, Text: "Hver dag"},
	{Value: schedule.Monthly, Text: "En bestemt dag i måneden"}, {Value: schedule.Cron, Text: "Efter et cron-udtryk, for dem der kender det"}}

var onlyChoices = []option{{Value: schedule.AllYear, Text: "Hele året"}, {Value: schedule.CountWeeks, Text: "Kun i tælleugerne"}, {Value: schedule.WeekAfter, Text: "I tælleugerne og ugen efter"}}

var weekdayChoices = []option{{Value: "1", Text: "Mandag"}, {Value: "2", Text: "Tirsdag"}, {Value: "3", Text: "Onsdag"}, {Value: "4", Text: "Torsdag"}, {Value: "5", Text: "Fredag"}, {Value: "6", Text: "Lørdag"}, {Value: "7", Text: "Søndag"}}

var sideChoices = []option{{Value: "after", Text: "dage efter"}, {Value: "before", Text: "dage før"}}

var formatChoices = []option{{Value: "xlsx", Text: "Excel"}, {Value: "csv", Text: "CSV"}, {Value: "json", Text: "JSON"}, {Value: "pdf", Text: "PDF"}}

// scheduleHref is the form for a job, with what a page shows filled in.
func scheduleHref(what, municipality, filter string) string {
	q := url.Values{"what": {what}}
	for name, value := range map[string]string{"municipality": municipality, "filter": filter} {
		if value != "" {
			q.Set(name, value)
		}
	}
	return "/schedule/new?" + q.Encode()
}

func anchorChoices() (list []option) {
	for _, a := range schedule.Anchors {
		list = append(list, option{Value: a.Name, Text: a.Label})
	}
	return list
}

// personChoice is somebody who may be sent what a job makes.
type personChoice struct {
	ID, Name, Role  string
	Chosen, Stopped bool
}

// peopleFor are those who may be sent what a job makes: people of its municipality, and KL's own where a KL's job it is.
func (s *Server) peopleFor(j schedule.Job, p product, q url.Values) (list []personChoice) {
	owner, _ := s.accounts.Account(j.Owner)
	for _, a := range s.accounts.Accounts() {
		inside := a.Municipality == j.Municipality && j.Municipality != 0 || a.Role == account.Operator && owner.Role == account.Operator
		if a.Disabled || !inside || p.may == nil || s.mayHave(p, q, viewerFor(a)) != nil {
			continue
		}
		list = append(list, personChoice{a.ID, a.Name, a.Role.Label(), slices.Contains(j.To, a.ID), s.schedule.Stopped(a.ID, j.ID)})
	}
	return list
}

// seesSchedule tells whether a viewer may know of a job or run of a municipality.
func seesSchedule(v Viewer, municipality uint16) bool {
	return v.Operator() || readers.admits(v) && municipality != 0 && municipality == v.Municipality
}

// changesJob tells whether a viewer may change a job: its owner, KL, and a coordinator those of the own municipality's people.
func (s *Server) changesJob(v Viewer, j schedule.Job) bool {
	owner, there := s.accounts.Account(j.Owner)
	return v.Operator() || j.Owner == v.Account.ID && analysts.admits(v) || v.Is(account.Coordinator) && v.Municipality == j.Municipality && (!there || owner.Municipality == v.Municipality)
}

// jobOf is the job of the address. One that the viewer may not know of is as if it did not exist.
func (s *Server) jobOf(r *http.Request, v Viewer) (schedule.Job, error) {
	j, there := s.schedule.Job(r.PathValue("job"))
	if !there || !seesSchedule(v, j.Municipality) {
		return j, &model.Problem{Code: "job-unknown", Message: "Planen findes ikke, eller den er en anden kommunes. Gå til Tidsplan, og se efter."}
	}
	return j, nil
}
