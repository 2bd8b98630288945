package web

import (
	"context"
	"fmt"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"komhen/model"
	"komhen/web/static"
)

// answer is a handler. What it returns as an error becomes a page or problem+json; it must not have written anything then.
type answer func(w http.ResponseWriter, r *http.Request, v Viewer) error

// route is one line of the table of everything the service answers.
type route struct {
	pattern string // of net/http.ServeMux
	who     who
	answer  answer
	streams bool // takes or gives large bodies: limits of its own
}

// routes is every route. A route that is not here does not exist; the test of rights walks this table with every role.
func (s *Server) routes() []route {
	return slices.Concat(s.pageRoutes(), s.helpRoutes(), s.apiRoutes())
}

func (s *Server) pageRoutes() []route {
	return []route{
		{pattern: "GET /{$}", who: readers, answer: s.frontPage},
		{pattern: "GET /healthz", who: everyone, answer: s.healthz},

		{pattern: "GET /municipalities/{code}", who: readers, answer: s.municipalityPage},
		{pattern: "GET /rounds", who: readers, answer: s.roundsPage},
		{pattern: "GET /rounds/{round}", who: readers, answer: s.roundPage},
		{pattern: "POST /rounds/{round}", who: operators, answer: s.setRound},
		{pattern: "POST /rounds/{round}/withdraw", who: operators, answer: s.withdrawRound},
		{pattern: "GET /calendar.ics", who: everyone, answer: s.calendarFeed},
		{pattern: "GET /municipalities/{code}/report", who: readers, answer: s.roundReportPage},
		{pattern: "POST /municipalities/{code}/report", who: uploaders, answer: s.saveRemarks},
		{pattern: "GET /municipalities/{code}/report.html", who: readers, answer: s.roundReportFile("html"), streams: true},
		{pattern: "GET /municipalities/{code}/report.pdf", who: readers, answer: s.roundReportFile("pdf"), streams: true},
		{pattern: "POST /rounds/{round}/approve", who: uploaders, answer: s.approve},
		{pattern: "POST /rounds/{round}/reopen", who: uploaders, answer: s.reopen},

		{pattern: "GET /board", who: readers, answer: s.boardPage},
		{pattern: "POST /board/zeros", who: uploaders, answer: s.declareZeros},
		{pattern: "POST /board/zeros/withdraw", who: uploaders, answer: s.takeBackZero},

		{pattern: "GET /reports", who: readers, answer: s.reportsPage},
		{pattern: "GET /reports/{name}", who: readers, answer: s.reportPage},
		{pattern: "GET /reports/{name}/download", who: readers, answer: s.downloadReport, streams: true},
		{pattern: "GET /benchmark.xlsx", who: readers, answer: s.benchmark, streams: true},
		{pattern: "GET /export/contacts", who: analysts, answer: s.exportContacts, streams: true},
		{pattern: "GET /rankings", who: readers, answer: s.rankingsPage},
		{pattern: "GET /rankings/download", who: readers, answer: s.downloadRanking, streams: true},
		{pattern: "GET /map", who: readers, answer: s.mapPage},
		{pattern: "POST /map/borders", who: operators, answer: s.importBorders, streams: true},
		{pattern: "POST /map/borders/delete", who: operators, answer: s.deleteBorders},

		{pattern: "GET /totals", who: readers, answer: s.totalsPage},
		{pattern: "POST /totals", who: uploaders, answer: s.declareTotals},
		{pattern: "POST /totals/file", who: uploaders, answer: s.declareTotalsFile},
		{pattern: "POST /totals/delete", who: uploaders, answer: s.deleteTotal},
		{pattern: "POST /totals/context", who: operators, answer: s.declareContext},
		{pattern: "GET /questions", who: readers, answer: s.questionsIndex},
		{pattern: "GET /questions/{round}", who: readers, answer: s.questionsPage},
		{pattern: "POST /questions/{round}", who: uploaders, answer: s.answerQuestions},
		{pattern: "GET /questions/{round}/edit", who: operators, answer: s.editQuestions},
		{pattern: "POST /questions/{round}/edit", who: operators, answer: s.saveQuestions},
		{pattern: "GET /totals/template.csv", who: readers, answer: s.totalsTemplate("csv")},
		{pattern: "GET /totals/template.xlsx", who: readers, answer: s.totalsTemplate("xlsx")},
		{pattern: "GET /schedule", who: readers, answer: s.schedulePage},
		{pattern: "GET /schedule/new", who: analysts, answer: s.newJobPage},
		{pattern: "POST /schedule", who: analysts, answer: s.createJob},
		{pattern: "GET /schedule/{job}", who: readers, answer: s.jobPage},
		{pattern: "POST /schedule/{job}", who: analysts, answer: s.changeJob},
		{pattern: "POST /schedule/{job}/delete", who: analysts, answer: s.deleteJob},
		{pattern: "POST /schedule/{job}/run", who: analysts, answer: s.runJobNow},
		{pattern: "POST /schedule/{job}/receive", who: readers, answer: s.receiveJob(true)},
		{pattern: "POST /schedule/{job}/leave", who: readers, answer: s.receiveJob(false)},
		{pattern: "GET /schedule/runs/{run}", who: readers, answer: s.runPage},
		{pattern: "GET /schedule/runs/{run}/{file}", who: readers, answer: s.archivedFile, streams: true},
		{pattern: "GET /klik", who: readers, answer: s.klikPage},
		{pattern: "GET /klik/tasks", who: readers, answer: s.klikTasksPage},
		{pattern: "GET /klik/tasks/{task}", who: readers, answer: s.klikTaskPage},
		{pattern: "POST /klik/tasks/{task}", who: uploaders, answer: s.workOnKlik},
		{pattern: "POST /klik/tasks/{task}/message", who: operators, answer: s.messageKlik},
		{pattern: "GET /klik/what-if", who: uploaders, answer: s.klikWhatIfPage},
		{pattern: "POST /klik/what-if", who: operators, answer: s.moveKlikGoLive},
		{pattern: "GET /klik/tasks/{task}/export", who: readers, answer: s.exportKlikTask, streams: true},
		{pattern: "GET /klik/export", who: readers, answer: s.exportKlik, streams: true},
		{pattern: "GET /klik/deletion", who: readers, answer: s.klikDeletionPage},
		{pattern: "POST /klik/deletion", who: operators, answer: s.announceKlikDeletion},
		{pattern: "GET /klik/download", who: readers, answer: s.klikDownload, streams: true},
		{pattern: "GET /klik/import", who: operators, answer: s.klikImportPage},
		{pattern: "POST /klik/import", who: operators, answer: s.importKlik, streams: true},
		{pattern: "GET /klik/templates", who: operators, answer: s.klikTemplatesPage},
		{pattern: "POST /klik/templates", who: operators, answer: s.useKlikTemplate},
		{pattern: "POST /klik/filters", who: readers, answer: s.saveKlikFilter},
		{pattern: "POST /klik/filters/{filter}/delete", who: readers, answer: s.deleteKlikFilter},

		{pattern: "GET /login", who: everyone, answer: s.loginPage},
		{pattern: "POST /login", who: everyone, answer: s.login},
		{pattern: "POST /logout", who: everyone, answer: s.logout},
		{pattern: "GET /login/forgotten", who: everyone, answer: s.forgottenPage},
		{pattern: "POST /login/forgotten", who: everyone, answer: s.forgotten},
		{pattern: "GET /link/{secret}", who: everyone, answer: s.linkPage},
		{pattern: "POST /link/{secret}", who: everyone, answer: s.useLink},
		{pattern: "GET /oidc/start", who: everyone, answer: s.startSignOn},
		{pattern: "GET /oidc/callback", who: everyone, answer: s.endSignOn},
		{pattern: "GET /unsubscribe/{ticket}", who: everyone, answer: s.stopPage},
		{pattern: "POST /unsubscribe/{ticket}", who: everyone, answer: s.stopMail},
		{pattern: "POST /unsubscribe/{ticket}/undo", who: everyone, answer: s.startMail},
		{pattern: "GET /account", who: members, answer: s.ownPage},
		{pattern: "POST /account", who: members, answer: s.changePassword},
		{pattern: "POST /account/reminders", who: uploaders, answer: s.saveReminders},
		{pattern: "POST /account/tokens", who: analysts, answer: s.issueToken},
		{pattern: "POST /tokens/{token}/revoke", who: analysts, answer: s.revokeToken},
		{pattern: "GET /people", who: uploaders, answer: s.peoplePage},
		{pattern: "POST /people", who: uploaders, answer: s.invite},
		{pattern: "GET /people/{account}", who: uploaders, answer: s.personPage},
		{pattern: "POST /people/{account}", who: uploaders, answer: s.changePerson},
		{pattern: "POST /people/{account}/link", who: uploaders, answer: s.newLink},
		{pattern: "POST /people/{account}/delete", who: uploaders, answer: s.deletePerson},
		{pattern: "GET /audit", who: uploaders, answer: s.auditPage},

		{pattern: "GET /central", who: uploaders, answer: s.centralPage},
		{pattern: "POST /central", who: operators, answer: s.receiveDelivery, streams: true},
		{pattern: "GET /central/{delivery}", who: uploaders, answer: s.deliveryPage},
		{pattern: "GET /central/{delivery}/part", who: uploaders, answer: s.downloadPart, streams: true},
		{pattern: "POST /central/{delivery}/approve", who: uploaders, answer: s.approvePart},
		{pattern: "POST /central/{delivery}/take", who: uploaders, answer: s.takePart},
		{pattern: "POST /central/{delivery}/give-back", who: uploaders, answer: s.givePartBack},
		{pattern: "POST /central/{delivery}/postpone", who: operators, answer: s.postponeDelivery},
		{pattern: "POST /central/{delivery}/withdraw", who: operators, answer: s.withdrawDelivery},

		{pattern: "GET /overlaps", who: uploaders, answer: s.overlapsPage},
		{pattern: "POST /overlaps", who: uploaders, answer: s.decideOverlap},

		{pattern: "GET /uploads", who: uploaders, answer: s.uploadsPage},
		{pattern: "POST /uploads", who: uploaders, answer: s.receiveUploads, streams: true},
		{pattern: "GET /incoming/{pending}", who: uploaders, answer: s.pendingPage},
		{pattern: "POST /incoming/{pending}/load", who: uploaders, answer: s.loadPending},
		{pattern: "POST /incoming/{pending}/cancel", who: uploaders, answer: s.cancelPending},
		{pattern: "POST /incoming/{pending}/sheet", who: uploaders, answer: s.chooseSheet},
		{pattern: "GET /incoming/{pending}/mapping", who: uploaders, answer: s.mappingPage},
		{pattern: "POST /incoming/{pending}/mapping", who: uploaders, answer: s.setMapping},
		{pattern: "GET /profiles", who: uploaders, answer: s.profilesPage},
		{pattern: "POST /profiles/{profile}/delete", who: uploaders, answer: s.deleteProfile},
		{pattern: "GET /uploads/{upload}", who: uploaders, answer: s.uploadPage},
		{pattern: "GET /uploads/{upload}/mend", who: uploaders, answer: s.mendPage},
		{pattern: "POST /uploads/{upload}/mend", who: uploaders, answer: s.mend},
		{pattern: "GET /uploads/{upload}/fix-file", who: uploaders, answer: s.fixFile, streams: true},
		{pattern: "GET /uploads/{upload}/file", who: uploaders, answer: s.keptFile, streams: true},
		{pattern: "POST /uploads/{upload}/undo", who: uploaders, answer: s.undo},
		{pattern: "POST /uploads/{upload}/redo", who: uploaders, answer: s.redo},
		{pattern: "POST /uploads/{upload}/further", who: uploaders, answer: s.further},

		{pattern: "GET /klik/operations", who: readers, answer: s.operationsPage},
		{pattern: "POST /klik/operations", who: operators, answer: s.importOperations, streams: true},
		{pattern: "POST /klik/operations/withdraw", who: operators, answer: s.withdrawOperations},
		{pattern: "GET /klik/operations/download", who: readers, answer: s.downloadOperations, streams: true},
		{pattern: "GET /klik/readiness", who: readers, answer: s.readinessPage},
		{pattern: "POST /klik/readiness", who: operators, answer: s.importReadiness, streams: true},
		{pattern: "POST /klik/readiness/withdraw", who: operators, answer: s.withdrawReadiness},
		{pattern: "GET /klik/readiness/download", who: readers, answer: s.downloadReadiness, streams: true},
		{pattern: "GET /klik/contacts", who: readers, answer: s.contactsPage},
		{pattern: "POST /klik/contacts", who: readers, answer: s.addContact},
		{pattern: "POST /klik/contacts/months", who: operators, answer: s.setContactMonths},
		{pattern: "GET /klik/contacts/download", who: readers, answer: s.downloadContacts, streams: true},
		{pattern: "GET /klik/contacts/{contact}", who: readers, answer: s.contactPage},
		{pattern: "POST /klik/contacts/{contact}", who: readers, answer: s.changeContact},
		{pattern: "POST /klik/contacts/{contact}/confirm", who: readers, answer: s.confirmContact},
		{pattern: "POST /klik/contacts/{contact}/ask", who: readers, answer: s.askContact},
		{pattern: "POST /klik/contacts/{contact}/delete", who: readers, answer: s.deleteContact},
		{pattern: "GET /klik/confirm/{secret}", who: everyone, answer: s.confirmPage},
		{pattern: "POST /klik/confirm/{secret}", who: everyone, answer: s.useConfirm},
	}
}

// wire puts the routes behind what every request passes: limits, headers, origin, session, rights.
func (s *Server) wire(ctx context.Context) (http.Handler, error) {
	mux := http.NewServeMux()
	for _, rt := range s.routes() {
		mux.Handle(rt.pattern, s.serve(rt))
	}
	mux.Handle("GET /static/", static.Handler())
	mux.Handle("/", s.serve(route{who: everyone, answer: func(_ http.ResponseWriter, r *http.Request, _ Viewer) error {
		if isAPI(r) {
			return errNoEndpoint
		}
		return errNotFound
	}}))
	origin := http.NewCrossOriginProtection()
	origin.AddInsecureBypassPattern("POST /unsubscribe/{ticket}") // a mail program may send it from its own page; the address alone is the right to it
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, Viewer{}, &model.Problem{Code: "cross-origin", Message: "Det kom fra en anden side end vores. Gå til siden her, og prøv igen."})
	}))
	var h http.Handler = s.oneMethod(mux)
	h = origin.Handler(h)
	h = s.sessions.LoadAndSave(h)
	h = s.recovering(h)
	return behindProxy(s.config.Proxies, headers(h)), nil
}

// serve answers a route for those who may use it.
func (s *Server) serve(rt route) http.Handler {
	return s.metrics.watch(rt.pattern, func(w http.ResponseWriter, r *http.Request) {
		if !rt.streams {
			r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
			deadline(w, time.Minute)
		}
		v, err := s.viewerOf(r)
		if err != nil {
			s.fail(w, r, v, err)
			return
		}
		switch {
		case rt.who.admits(v):
			err = rt.answer(w, r, v)
		case !v.SignedIn():
			err = errSignIn
		default:
			err = errForbidden
		}
		if err != nil {
			s.fail(w, r, v, err)
		}
	})
}

// deadline bounds how long a client may take to send and receive.
func deadline(w http.ResponseWriter, d time.Duration) {
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(time.Now().Add(d)) // not supported by a test's recorder
	_ = c.SetWriteDeadline(time.Now().Add(d))
}

// oneMethod answers a known path with an unknown method in our own words.
func (s *Server) oneMethod(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, pattern := mux.Handler(r); pattern == "/" && (isAPI(r) || r.Method != http.MethodGet && r.Method != http.MethodHead) {
			probe := r.Clone(r.Context())
			for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodDelete} {
				probe.Method = method
				if _, other := mux.Handler(probe); other != "/" && other != "" {
					w.Header().Add("Allow", method)
				}
			}
			if w.Header().Get("Allow") != "" {
				s.fail(w, r, Viewer{}, &model.Problem{Code: "method", Message: fmt.Sprintf("Her kan man ikke bruge %s.", r.Method)})
				return
			}
		}
		mux.ServeHTTP(w, r)
	})
}

func (s *Server) recovering(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if x := recover(); x != nil {
				if x == http.ErrAbortHandler {
					panic(x)
				}
				s.log.Error("panic", "value", x, "stack", string(debug.Stack()))
				s.failBare(w, r)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// failBare answers where not even a session is to be had.
func (s *Server) failBare(w http.ResponseWriter, r *http.Request) {
	p, status := problemOf(fmt.Errorf("panic"))
	if isAPI(r) {
		writeProblem(w, p, status, "")
		return
	}
	http.Error(w, p.Message, status)
}

// headers are sent with everything: nothing from elsewhere is loaded, nobody frames us, nothing is guessed.
func headers(next http.Handler) http.Handler {
	const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
		if strings.HasPrefix(r.Header.Get("X-Forwarded-Proto"), "https") || r.TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}
		next.ServeHTTP(w, r)
	})
}

// healthz tells a watchman that the service answers and its database too.
func (s *Server) healthz(w http.ResponseWriter, r *http.Request, _ Viewer) error {
	if _, err := s.folder.Store.NextUpload(r.Context()); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte("ok\n"))
	return ignoreGone(err)
}
