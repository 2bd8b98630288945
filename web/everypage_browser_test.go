package web

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"komhen/reports"
	"komhen/web/account"
	"komhen/web/schedule"
)

// look is an address that somebody looks at.
type look struct {
	who   string // a key of pageSite.people
	path  string
	first bool // of its route
}

// pageSite is the demonstration with one of everything that a page can be about.
type pageSite struct {
	*site
	people map[string]*visitor
	values map[string]string // what the wildcards of routes become
}

// newPageSite sends files in all states, invites people and makes a key and a profile.
func newPageSite(t *testing.T) *pageSite {
	t.Helper()
	s := demoSite(t, Config{Demo: DemoUsers(), Now: at(2012, 11, 20)})
	link, err := s.FirstLink()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.AddDemoUsers(); err != nil {
		t.Fatal(err)
	}
	if err := s.AddDemoDelivery(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := &pageSite{s, map[string]*visitor{"nobody": s.visit(t)}, map[string]string{"first": strings.TrimPrefix(link, s.config.BaseURL+"/link/")}}
	for who, email := range map[string]string{"operator": "kl@kl.example", "coordinator": "tovholder@koege.example", "analyst": "analytiker@koege.example",
		"unit": "borgerservice@koege.example", "reader": "laeser@koege.example"} {
		a, ok := s.accounts.ByEmail(email)
		if !ok {
			t.Fatal("no demo user " + email)
		}
		p.people[who] = s.signedInAs(t, a)
	}
	deliveries, err := s.folder.Store.Centrals(t.Context())
	if err != nil || len(deliveries) != 1 {
		t.Fatal(deliveries, err)
	}
	p.values["delivery"] = fmt.Sprintf("/central/%d", deliveries[0].Number)
	contacts := s.contacts.Contacts(259)
	p.values["contact"] = contacts[len(contacts)-1].ID
	if p.values["confirm"], err = s.contacts.Link(contacts[0].ID, s.now()); err != nil {
		t.Fatal(err)
	}
	p.sendFiles(t)
	coordinator := p.people["coordinator"]
	tove, _ := s.accounts.ByEmail("tovholder@koege.example")
	coordinator.post("/people", url.Values{"name": {"Anna Lind"}, "email": {"anna@koege.example"}, "role": {"unit"}, "unit": {"Borgerservice"}})
	anna, ok := s.accounts.ByEmail("anna@koege.example")
	if !ok {
		t.Fatal("not invited")
	}
	p.values["account"] = anna.ID
	if p.values["secret"], err = s.accounts.Invite(anna.ID, account.Invited, time.Hour, s.now()); err != nil {
		t.Fatal(err)
	}
	where, status, body := coordinator.sendJob(url.Values{"what": {"report:units"}, "municipality": {"259"}, "round": {"2012F"}, "format": {"csv"}, "kind": {"weekly"}, "weekdays": {"1", "5"}, "at": {"07:00"},
		"title": {"Enheder mandag og fredag"}, "to": {anna.ID}})
	if p.values["job"] = strings.TrimPrefix(where, "/schedule/"); status != 200 {
		t.Fatal(status, words(body))
	}
	run, _, err := s.schedule.OpenRun(schedule.Opening{Job: p.values["job"], Due: s.now().AddDate(0, 0, -4), Title: "Enheder mandag og fredag", Owner: tove.ID, Municipality: 259, Product: "report",
		Question: "name=units&municipality=259&round=2012F&format=csv", Missed: 2, Since: s.now().AddDate(0, 0, -11)}, s.now())
	if err != nil {
		t.Fatal(err)
	}
	s.sweep(t.Context())
	p.values["run"] = run.ID()
	if p.values["ticket"], err = s.schedule.Ticket(anna.ID, "reminders"); err != nil {
		t.Fatal(err)
	}
	coordinator.post("/account/tokens", url.Values{"name": {"Kø"}, "role": {"unit"}, "unit": {"Borgerservice"}, "days": {"30"}})
	return p
}

// sendFiles leaves a file loaded with rows to mend, one before its receipt's answer, one that needs its columns explained and one that
// is no table.
func (p *pageSite) sendFiles(t *testing.T) {
	t.Helper()
	v := p.people["coordinator"]
	queue, err := os.ReadFile("../testdata/mappings/queue-system/input.csv")
	if err != nil {
		t.Fatal(err)
	}
	where, _, _ := v.send(nil, map[string][]byte{"1-registreringer.csv": walkFile(t, "1-registreringer.csv")})
	v.settle(where)
	v.post(where+"/load", nil)
	loaded, _ := v.settle(where)
	p.values["upload"] = strings.TrimPrefix(loaded, "/uploads/")
	waiting := func(name, file string, content []byte) {
		where, _, _ := v.send(map[string]string{"kind": "system", "source": "Telefonsystem"}, map[string][]byte{file: content})
		v.settle(where)
		if !strings.HasPrefix(where, "/incoming/") {
			t.Fatalf("%s ended at %s", file, where)
		}
		p.values[name] = strings.TrimPrefix(where, "/incoming/")
	}
	waiting("pending", "2-telefonsystem.csv", walkFile(t, "2-telefonsystem.csv"))
	waiting("unmapped", "koesystem.csv", queue)
	waiting("broken", "billede.csv", []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x01\x00"))
}

// looks says who looks at the page of a route, and at which addresses. A route without a line here is not a page, and must be in
// notPages.
func (p *pageSite) looks() map[string][]look {
	to := func(who string, paths ...string) (list []look) {
		for _, path := range paths {
			list = append(list, look{who: who, path: path})
		}
		return list
	}
	help := map[string][]look{"GET /help": to("nobody", "/help"), "GET /help/handbook": to("reader", "/help/handbook")}
	for _, topic := range helpTopics() {
		help["GET /help/{topic}"] = append(help["GET /help/{topic}"], look{who: "nobody", path: "/help/" + topic.Path})
	}
	help["GET /help/{topic}"] = append(help["GET /help/{topic}"], to("unit", "/help/codebook?q=pas", "/help/codebook?q=findesikke")...)
	reportPages := append(to("analyst", "/reports/channels?round=2012E&municipality=259&print=1"), to("coordinator", "/reports/channels?round=2020E&municipality=259")...)
	reportPages = append(reportPages, to("operator", "/reports/units?municipality=all&round=2012E")...)
	for _, d := range reports.Names() {
		reportPages = append(reportPages, look{who: "analyst", path: "/reports/" + d.Name})
	}
	pages := map[string][]look{
		"GET /{$}":                   slices.Concat(to("operator", "/"), to("coordinator", "/", "/?round=2012F"), to("reader", "/?round=2020E")),
		"GET /board":                 slices.Concat(to("operator", "/board?municipality=all&round=2012E", "/board?municipality=all&round=2012E&show=silent&sort=coverage"), to("coordinator", "/board?municipality=259&round=2012E", "/board?municipality=259&round=2012E&unit=Borgerservice"), to("reader", "/board?municipality=259&round=2020E")),
		"GET /municipalities/{code}": to("operator", "/municipalities/461?round=2012F"),
		"GET /rounds":                slices.Concat(to("operator", "/rounds"), to("reader", "/rounds")),
		"GET /rounds/{round}":        slices.Concat(to("operator", "/rounds/2012E", "/rounds/2013F"), to("reader", "/rounds/2012F")),
		"GET /reports":               to("analyst", "/reports"),
		"GET /reports/{name}":        reportPages,
		"GET /klik":                  slices.Concat(to("operator", "/klik", "/klik?view=progress&municipality=all", "/klik?view=blocking&municipality=all"), to("reader", "/klik", "/klik?view=municipalities&deadline=red&deadline=yellow&municipality=259")),
		"GET /klik/tasks":            slices.Concat(to("operator", "/klik/tasks?completed=1"), to("coordinator", "/klik/tasks?status=IKKE")),
		"GET /klik/tasks/{task}":     slices.Concat(to("operator", "/klik/tasks/5"), to("coordinator", "/klik/tasks/5")),
		"GET /klik/templates":        to("operator", "/klik/templates"),
		"GET /klik/import":           to("operator", "/klik/import"),
		"GET /klik/deletion":         slices.Concat(to("operator", "/klik/deletion"), to("coordinator", "/klik/deletion")),
		"GET /klik/what-if":          slices.Concat(to("operator", "/klik/what-if", "/klik/what-if?wave=1&days=-60", "/klik/what-if?wave=1&days=x"), to("coordinator", "/klik/what-if?wave=1&days=-60&project=1&first=2012-11-01&last=2012-11-30")),
		"GET /rankings":              to("reader", "/rankings", "/rankings?round=2012E&group=region&print=1"),
		"GET /map":                   slices.Concat(to("reader", "/map?view=tiles"), to("operator", "/map?municipality=all&round=2012E")),

		"GET /totals":                 slices.Concat(to("coordinator", "/totals", "/totals?year=2012&period=2012E"), to("operator", "/totals", "/totals?municipality=461&year=2012"), to("reader", "/totals?year=2011")),
		"GET /questions":              slices.Concat(to("operator", "/questions"), to("coordinator", "/questions")),
		"GET /questions/{round}":      slices.Concat(to("coordinator", "/questions/2012E", "/questions/2013F"), to("operator", "/questions/2012E"), to("reader", "/questions/2012F")),
		"GET /questions/{round}/edit": to("operator", "/questions/2012E/edit", "/questions/2013F/edit"),

		"GET /schedule":            slices.Concat(to("coordinator", "/schedule"), to("operator", "/schedule"), to("reader", "/schedule")),
		"GET /schedule/new":        slices.Concat(to("coordinator", "/schedule/new", "/schedule/new?what=klik:tasks&municipality=259&filter=deadline%3Dred%26status%3DIKKE"), to("operator", "/schedule/new?what=benchmark&municipality=461")),
		"GET /schedule/{job}":      slices.Concat(to("coordinator", "/schedule/"+p.values["job"], "/schedule/forkert"), to("reader", "/schedule/"+p.values["job"])),
		"GET /schedule/runs/{run}": slices.Concat(to("coordinator", "/schedule/runs/"+p.values["run"]), to("reader", "/schedule/runs/"+p.values["run"])),

		"GET /login":                        to("nobody", "/login"),
		"GET /login/forgotten":              to("nobody", "/login/forgotten"),
		"GET /municipalities/{code}/report": slices.Concat(to("coordinator", "/municipalities/259/report?round=2012E"), to("reader", "/municipalities/259/report"), to("operator", "/municipalities/all/report?round=2012E")),
		"GET /link/{secret}":                to("nobody", "/link/"+p.values["first"], "/link/"+p.values["secret"], "/link/forkert"),
		"GET /unsubscribe/{ticket}":         to("nobody", "/unsubscribe/"+p.values["ticket"], "/unsubscribe/forkert"),
		"GET /account":                      slices.Concat(to("operator", "/account"), to("coordinator", "/account"), to("unit", "/account")),
		"GET /people":                       slices.Concat(to("operator", "/people"), to("coordinator", "/people")),
		"GET /people/{account}":             to("coordinator", "/people/"+p.values["account"]),
		"GET /audit":                        slices.Concat(to("operator", "/audit"), to("coordinator", "/audit", "/audit?from=i+g%C3%A5r")),

		"GET /central":            slices.Concat(to("operator", "/central"), to("coordinator", "/central")),
		"GET /central/{delivery}": slices.Concat(to("coordinator", p.values["delivery"]), to("operator", p.values["delivery"])),

		"GET /overlaps":                slices.Concat(to("coordinator", "/overlaps", "/overlaps?round=2020E"), to("operator", "/overlaps", "/overlaps?municipality=461&round=2012F")),
		"GET /klik/operations":         slices.Concat(to("operator", "/klik/operations"), to("reader", "/klik/operations?month=2012-09&system=Fællestorvet", "/klik/operations?month=2019-01")),
		"GET /klik/readiness":          slices.Concat(to("operator", "/klik/readiness", "/klik/readiness?system="+url.QueryEscape("havblikdataaps/havbliksag")), to("reader", "/klik/readiness?system="+url.QueryEscape("havblikdataaps/havbliksag"))),
		"GET /klik/contacts":           slices.Concat(to("operator", "/klik/contacts"), to("coordinator", "/klik/contacts"), to("reader", "/klik/contacts")),
		"GET /klik/contacts/{contact}": to("coordinator", "/klik/contacts/"+p.values["contact"]),
		"GET /klik/confirm/{secret}":   to("nobody", "/klik/confirm/"+p.values["confirm"], "/klik/confirm/forkert"),

		"GET /uploads":                    slices.Concat(to("coordinator", "/uploads"), to("operator", "/uploads")),
		"GET /incoming/{pending}":         to("coordinator", "/incoming/"+p.values["pending"], "/incoming/"+p.values["unmapped"], "/incoming/"+p.values["broken"]),
		"GET /incoming/{pending}/mapping": to("coordinator", "/incoming/"+p.values["unmapped"]+"/mapping"),
		"GET /profiles":                   to("coordinator", "/profiles"),
		"GET /uploads/{upload}":           to("coordinator", "/uploads/"+p.values["upload"]),
		"GET /uploads/{upload}/mend":      to("coordinator", "/uploads/"+p.values["upload"]+"/mend"),
	}
	for pattern, list := range help {
		pages[pattern] = list
	}
	return pages
}

// notPages are the routes one reads no page at: files to download, and what programs ask.
var notPages = map[string]bool{"GET /healthz": true, "GET /metrics": true, "GET /oidc/start": true, "GET /oidc/callback": true,
	"GET /reports/{name}/download": true, "GET /benchmark.xlsx": true, "GET /export/contacts": true, "GET /rankings/download": true, "GET /klik/download": true, "GET /klik/export": true, "GET /klik/tasks/{task}/export": true, "GET /klik/operations/download": true, "GET /klik/readiness/download": true, "GET /klik/contacts/download": true,
	"GET /municipalities/{code}/report.html": true, "GET /municipalities/{code}/report.pdf": true, "GET /calendar.ics": true, "GET /schedule/runs/{run}/{file}": true, "GET /uploads/{upload}/fix-file": true, "GET /uploads/{upload}/file": true, "GET /help/template.csv": true, "GET /help/template.xlsx": true, "GET /totals/template.csv": true, "GET /totals/template.xlsx": true, "GET /central/{delivery}/part": true}

// everyLook is every page of the table of routes, those that look sorted so that each comes once.
func (p *pageSite) everyLook(t *testing.T) []look {
	t.Helper()
	pages := p.looks()
	list := []look{{"coordinator", "/nowhere", true}, {"unit", "/people", false}}
	for _, rt := range p.routes() {
		if !strings.HasPrefix(rt.pattern, "GET ") || strings.HasPrefix(rt.pattern, "GET /api/") || notPages[rt.pattern] {
			continue
		}
		if len(pages[rt.pattern]) == 0 {
			t.Errorf("%s: say in this test who looks at it and where, or that it is no page", rt.pattern)
		}
		for i, l := range pages[rt.pattern] {
			l.first = i == 0
			list = append(list, l)
		}
	}
	slices.SortStableFunc(list, func(a, b look) int { return strings.Compare(a.who, b.who) })
	return list
}

// TestEveryPage holds every page of the service to what all must keep: axe finds nothing, nothing is cut off on a phone or at 400 %
// zoom, and everything is reached and seen without a mouse.
func TestEveryPage(t *testing.T) {
	t.Parallel()
	p := newPageSite(t)
	list := p.everyLook(t)
	for i, part := range [][]look{list[:len(list)/2], list[len(list)/2:]} { // a browser keeps one processor busy
		t.Run(fmt.Sprint("part ", i+1), func(t *testing.T) {
			t.Parallel()
			b := p.visit(t).browse()
			p.lookAtAll(b, part)
			if i == 0 {
				p.sendEmpty(b)
			}
		})
	}
}

func (p *pageSite) lookAtAll(b *browser, list []look) {
	who := ""
	for _, l := range list {
		if only := os.Getenv("KOMHEN_ONLY"); only != "" && !strings.Contains(l.path, only) {
			continue
		}
		if l.who != who {
			who = l.who
			b.become(p.people[who])
		}
		b.lookOver(l.path, p.pictureName(l), l.first)
		b.keyboardFits(l.path)
	}
}

// sendEmpty sends forms with nothing in them: the summary, and the errors at the fields.
func (p *pageSite) sendEmpty(b *browser) {
	for _, page := range []look{{who: "operator", path: "/people"}, {who: "operator", path: "/account"}, {who: "nobody", path: "/login"}} {
		b.become(p.people[page.who])
		for _, width := range []int64{1280, 320} {
			b.size(width, 900)
			b.open(page.path)
			ask[bool](b, `document.querySelectorAll("main form[method=post]").forEach(f => { if (f.getAttribute("action") === "`+page.path+`") f.submit() }), true`)
			b.waitFor(".error-summary")
			b.axe(page.path + " with errors")
			b.fitsWidth(page.path + " with errors")
			b.full()
			b.picture(fmt.Sprintf("%s-errors-%d", page.path, width))
		}
	}
}

// pictureName is stable: ids and secrets are named by what they are.
func (p *pageSite) pictureName(l look) string {
	name := l.path
	for key, value := range p.values {
		if len(value) > 8 {
			name = strings.ReplaceAll(name, value, key)
		}
	}
	return l.who + "-" + name
}

// TestNothingThere looks over the pages of a service without any contacts.
func TestNothingThere(t *testing.T) {
	s := newSite(t, Config{Now: at(2013, 1, 20)})
	b := s.as(t, account.Coordinator, 259, "").browse()
	for _, path := range []string{"/", "/reports", "/reports/channels", "/rankings", "/map", "/uploads", "/board"} {
		b.lookOver(path, "empty-"+path, false)
	}
}
