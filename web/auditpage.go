package web

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"komhen/ingest"
	"komhen/model"
	"komhen/web/account"
	"komhen/web/audit"
)

const auditPageSize = 100

// pruneAudit takes months away from the log that are older than Config.AuditMonths, once a day.
func (s *Server) pruneAudit(ctx context.Context) {
	for {
		if n, err := s.audit.Prune(s.now().AddDate(0, -s.config.AuditMonths, 0)); err != nil {
			s.log.Error("audit log", "error", err)
		} else if n > 0 {
			s.log.Info("audit log", "months removed", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(24 * time.Hour):
		}
	}
}

// actionNames are what the log's actions are called to people. One that is missing is shown as it is.
var actionNames = map[string]string{
	"login": "Loggede ind", "login.failed": "Forkert login", "login.out": "Loggede ud",
	"account.create": "Oprettede bruger", "account.change": "Ændrede bruger", "account.delete": "Slettede bruger", "account.link": "Lavede link til adgangskode",
	"account.forgotten": "Bad om et link til en ny adgangskode", "account.link-used": "Brugte link til adgangskode", "account.password": "Ændrede sin adgangskode",
	"token.issue": "Lavede adgangsnøgle", "token.revoke": "Trak adgangsnøgle tilbage",
	"upload.load": "Indlæste fil", "upload.undo": "Tog indmelding tilbage", "upload.redo": "Hentede indmelding frem igen", "upload.further": "Gjorde rækker til flere henvendelser",
	"upload.mend": "Rettede rækker på siden", "registration.send": "Sendte registreringer",
	"download.report": "Hentede rapport", "download.benchmark": "Hentede benchmark", "download.round-report": "Hentede runderapport", "remark.save": "Skrev bemærkninger til runderapporten", "download.contacts": "Hentede udtræk af rækker", "download.file": "Hentede indsendt fil", "download.fix-file": "Hentede rettefil",
	"download.ranking": "Hentede rangliste", "map.borders": "Indlæste grænser til landkortet", "map.borders-delete": "Slettede grænserne på landkortet",
	"round.approve": "Godkendte runde", "round.reopen": "Genåbnede runde", "round.dates": "Ændrede en rundes datoer", "round.withdraw": "Gav en runde de almindelige datoer igen",
	"zero.declare": "Erklærede nul", "zero.withdraw": "Tog nul tilbage",
	"mail.reminders":  "Valgte påmindelser",
	"central.deliver": "Gjorde central levering klar", "central.postpone": "Flyttede dagen for central levering", "central.withdraw": "Trak central levering tilbage",
	"central.approve": "Godkendte sin del af central levering", "central.take": "Overtog sin del af central levering", "central.give-back": "Gav sin del af central levering tilbage",
	"download.part":  "Hentede sin del af central levering",
	"overlap.decide": "Besluttede om dobbeltregistreringer",
	"questions.save": "Gemte spørgsmål til runde", "questions.draft": "Gemte kladde til svar", "questions.hand-in": "Indmeldte svar",
	"totals.declare": "Indmeldte total-tal", "totals.delete": "Slettede total-tal", "totals.context": "Indmeldte central serie", "download.totals-template": "Hentede skabelon til total-tal",
	"schedule.create": "Satte på tidsplanen", "schedule.change": "Ændrede tidsplanen", "schedule.delete": "Tog af tidsplanen", "schedule.run": "Lavede med det samme fra tidsplanen",
	"download.archive": "Hentede fra arkivet",
	"mail.stop":        "Afmeldte mails", "mail.start": "Ville have mails igen",
	"download.klik": "Hentede KLIK-rapport", "klik.import": "Indlæste KLIK-fil", "klik.template": "Brugte KLIK-skabelon", "klik.filter-save": "Gemte KLIK-filter", "klik.filter-delete": "Slettede KLIK-filter",
	"klik.work": "Ændrede KLIK-opgave", "klik.comment": "Skrev kommentar til KLIK-opgave", "klik.message": "Skrev besked til kommunerne om KLIK-opgave", "klik.golive": "Flyttede go-live",
	"klik.export": "Hentede hele KLIK-opgaver", "klik.deletion": "Annoncerede sletning af KLIK-opgaver", "klik.deletion-withdraw": "Tog annonceret sletning tilbage", "klik.deleted": "KLIK-opgaver blev slettet",
	"klik.operations": "Indlæste driftsstatus", "klik.readiness": "Indlæste klarmelding", "klik.withdraw": "Tog driftsstatus eller klarmelding tilbage", "download.operations": "Hentede driftsstatus", "download.readiness": "Hentede klarmelding",
	"contact.create": "Tilføjede kontakt", "contact.change": "Rettede kontakt", "contact.delete": "Slettede kontakt", "contact.confirm": "Bekræftede kontakt", "contact.ask": "Lavede link til bekræftelse",
	"contact.wrong": "Meldte kontakt forkert", "contact.months": "Ændrede, hvor længe en bekræftelse gælder", "download.klik-contacts": "Hentede kontaktliste",
}

// detailWords are what the words of a detail are called to people.
var detailWords = map[string]string{
	"password": "med adgangskode", "link": "med link", "oidc": "udefra", "invite": "invitation", "reset": "ny adgangskode", "first": "første administrator",
	"operator": "Administrator", "coordinator": "Tovholder", "analyst": "Analytiker", "unit": "Enhed", "reader": "Læser", "disabled": "lukket", "enabled": "åbnet", "renamed": "nyt navn på enhed", "klik-admin": "KLIK-administrator", "not-klik-admin": "ikke KLIK-administrator",
}

// inDanish is a detail as people read it, word by word.
func inDanish(detail string) string {
	words := strings.Fields(detail)
	for i, w := range words {
		words[i] = cmp.Or(detailWords[w], w)
	}
	return strings.Join(words, " ")
}

// actionGroups are the choices of the filter.
var actionGroups = []struct{ Value, Label string }{
	{"login", "Login"}, {"account", "Brugere og rettigheder"}, {"token", "Adgangsnøgler"}, {"upload", "Indmeldinger"}, {"registration", "Registreringer"}, {"download", "Hentninger"}, {"round", "Runder"}, {"central", "Centrale leveringer"}, {"overlap", "Dobbeltregistreringer"}, {"totals", "Total-tal"}, {"questions", "Spørgsmål"}, {"schedule", "Tidsplan"}, {"mail", "Mails"}, {"klik", "KLIK"}, {"contact", "Kontakter"},
}

type auditRow struct {
	audit.Record
	Who, Where, What, Object, Href string
}

type auditData struct {
	Form           *formData
	Rows           []auditRow
	People         []account.Account
	Municipalities []model.Municipality
	Groups         []struct{ Value, Label string }
	Older, Newest  string // addresses
}

// auditPage shows the log: KL all of it, a coordinator the own municipality's.
func (s *Server) auditPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	q := r.URL.Query()
	d := auditData{Form: formOf(map[string]string{}), Groups: actionGroups}
	for _, name := range []string{"municipality", "actor", "action", "from", "to"} {
		d.Form.Values[name] = strings.TrimSpace(q.Get(name))
	}
	filter := audit.Filter{Actor: d.Form.Values["actor"], Action: d.Form.Values["action"]}
	if v.Operator() {
		filter.Municipality = s.municipalityIn(d.Form)
		d.Municipalities = s.book.Municipalities
	} else if filter.Municipality = v.Municipality; filter.Municipality == 0 {
		return errForbidden // a filter of 0 is everybody's
	}
	filter.From = s.dayIn(d.Form, "from", 0)
	filter.To = s.dayIn(d.Form, "to", 1)
	for _, a := range s.accounts.Accounts() {
		if filter.Municipality == 0 || a.Municipality == filter.Municipality {
			d.People = append(d.People, a)
		}
	}
	status := http.StatusOK
	if len(d.Form.Errors) > 0 {
		status = http.StatusUnprocessableEntity
	} else {
		records, next, err := s.audit.Read(filter, q.Get("before"), auditPageSize)
		if err != nil {
			return err
		}
		for _, rec := range records {
			d.Rows = append(d.Rows, s.auditRow(rec))
		}
		if next != "" {
			d.Older = s.auditHref(d.Form, next)
		}
		if q.Get("before") != "" {
			d.Newest = s.auditHref(d.Form, "")
		}
	}
	return s.pageWith(w, r, v, status, "audit", d)
}

func (s *Server) auditHref(f *formData, before string) string {
	q := url.Values{}
	for name, value := range f.Values {
		if value != "" {
			q.Set(name, value)
		}
	}
	if before != "" {
		q.Set("before", before)
	}
	return "/audit?" + q.Encode()
}

// dayIn is the start of the day in a field, plus days: "21-11-2026", or "2026-11-21" as browsers send it.
func (s *Server) dayIn(f *formData, name string, plus int) time.Time {
	text := f.Values[name]
	if text == "" {
		return time.Time{}
	}
	for _, layout := range []string{"02-01-2006", "2006-01-02", "2-1-2006"} {
		if t, err := time.ParseInLocation(layout, text, model.Copenhagen); err == nil {
			f.Values[name] = t.Format("02-01-2006")
			return t.AddDate(0, 0, plus)
		}
	}
	f.wrong(name, "Datoen kan ikke læses. Skriv den som 21-11-2026.")
	return time.Time{}
}

func (s *Server) auditRow(rec audit.Record) auditRow {
	row := auditRow{Record: rec, Who: s.actorName(rec.Actor), What: cmp.Or(actionNames[rec.Action], rec.Action), Object: rec.Object}
	row.Detail = inDanish(rec.Detail)
	if rec.Municipality != 0 {
		row.Where = s.nameOf(rec.Municipality)
	}
	group, _, _ := strings.Cut(rec.Action, ".")
	switch {
	case rec.Object == "":
	case group == "login" || group == "account":
		row.Object = s.actorName(rec.Object)
	case group == "token":
		row.Object = s.actorName("token:" + rec.Object)
	case group == "central":
		row.Object, row.Href = "Levering "+rec.Object, "/central/"+rec.Object
	case group == "schedule" || group == "mail":
		row.Object = cmp.Or(s.topicName(rec.Object), "Slettet plan ("+rec.Object+")")
		if _, there := s.schedule.Job(rec.Object); there {
			row.Href = "/schedule/" + rec.Object
		}
	case rec.Action == "download.archive":
		row.Href = "/schedule/runs/" + rec.Object
	case group == "upload" || group == "registration" || group == "download":
		if n, err := strconv.ParseUint(rec.Object, 10, 32); err == nil {
			row.Object, row.Href = "Indmelding "+rec.Object, "/uploads/"+strconv.FormatUint(n, 10)
		}
	}
	return row
}

// actorName is what an ID in the log is called today.
func (s *Server) actorName(id string) string {
	if id == "" {
		return "Ukendt"
	}
	if id == ingest.ByService {
		return serviceName
	}
	if key, isToken := strings.CutPrefix(id, "token:"); isToken {
		if t, ok := s.accounts.Token(key); ok {
			return "Nøglen »" + t.Name + "«"
		}
		return "Slettet nøgle (" + key + ")"
	}
	if a, ok := s.accounts.Account(id); ok {
		return a.Name
	}
	return "Slettet bruger (" + id + ")"
}
