// Package web is the service in the browser and for other programs: pages, HTTP API and sign-in, over one open data folder.
//
// Danger: a Server owns its Folder while it runs; no other process may write there. Every route stands in routes.go with who may
// use it, and what a viewer may see of a municipality is asked of Viewer, never of the request.
package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/alexedwards/scs/v2"

	"komhen/ingest"
	"komhen/model"
	"komhen/model/codebook"
	"komhen/web/account"
	"komhen/web/audit"
	"komhen/web/contactlist"
	"komhen/web/paper"
	"komhen/web/post"
	"komhen/web/schedule"
	"komhen/web/tilemap"
)

// Config of a service. The zero value is a service on this machine only, without mail or single sign-on.
type Config struct {
	BaseURL     string // how people reach it, "https://komhen.example.dk"; links in invitations begin with it
	MaxUploadMB int64  // F05; 0 is 1024
	Demo        []DemoUser
	OIDC        *OIDCConfig      // another way to sign in; nil for none
	Mail        *post.Office     // takes our mail to people; nil for none
	Proxies     []netip.Prefix   // proxies in front of us, whose X-Forwarded-For is believed
	Logins      int              // attempts a minute from one address; 0 is 60
	AuditMonths int              // how long the log is kept; 0 is 60
	Now         func() time.Time // nil is time.Now
	Log         *slog.Logger     // nil is slog.Default
	Chromium    string           // the browser that prints PDFs; "" looks for one, paper.NoBrowser is none
}

// DemoUser is shown on the sign-in page of a demonstration, with its password: never in a real service.
type DemoUser struct{ Email, Password, What string }

// Server is the running service. Make one with New and end it with Close.
type Server struct {
	folder    *ingest.Folder
	book      *model.Codebook
	accounts  *account.Book
	audit     *audit.Log
	schedule  *schedule.Book
	scheduler scheduler
	sessions  *scs.SessionManager
	brakes    *brakes
	signOn    *signOn // nil without OpenID Connect
	config    Config
	log       *slog.Logger
	pages     pages
	pending   *pendingBox
	metrics   *metrics
	registrar *ingest.Registrar
	printer   *paper.Printer
	handler   http.Handler
	moved     chan struct{}                   // contacts have; see keepInStep
	borders   atomic.Pointer[tilemap.Borders] // nil as long as nobody has imported any
	templates []model.KlikTemplate
	contacts  *contactlist.Book

	alive  context.Context // ends when Close begins; checks stop then, loads finish
	stop   context.CancelFunc
	ending sync.Mutex // held to begin background work or to begin the end
	ended  bool
	work   sync.WaitGroup
}

// New makes a service over an open folder, which must be open for writing. Accounts and the log of who did what lie in the same
// data folder.
func New(ctx context.Context, folder *ingest.Folder, c Config) (*Server, error) {
	if c.MaxUploadMB == 0 {
		c.MaxUploadMB = 1024
	}
	if c.AuditMonths == 0 {
		c.AuditMonths = 60
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Log == nil {
		c.Log = slog.Default()
	}
	s := &Server{folder: folder, book: folder.Book, config: c, log: c.Log, moved: make(chan struct{}, 1)}
	s.alive, s.stop = context.WithCancel(context.WithoutCancel(ctx))
	var err error
	if s.accounts, err = account.Open(folder.Dir); err != nil {
		return nil, err
	}
	if s.audit, err = audit.Open(folder.Dir); err != nil {
		return nil, err
	}
	if s.schedule, err = schedule.OpenBook(folder.Dir, c.Now()); err != nil {
		return nil, err
	}
	roles, err := codebook.KlikRoles()
	if err != nil {
		return nil, err
	}
	if s.contacts, err = contactlist.Open(folder.Dir, roles); err != nil {
		return nil, err
	}
	if s.templates, err = codebook.KlikTemplates(s.book); err != nil {
		return nil, err
	}
	if s.pages, err = readPages(); err != nil {
		return nil, err
	}
	s.sessions = newSessions(c.secure())
	s.brakes = newBrakes(c.Logins)
	if s.signOn, err = newSignOn(c.OIDC, c.BaseURL, s.book, s.now); err != nil {
		return nil, err
	}
	s.pending = newPendingBox(folder.Dir)
	s.metrics = newMetrics(s.pending.count)
	s.registrar = ingest.NewRegistrar(folder)
	s.printer = paper.NewPrinter(paper.FindBrowser(c.Chromium))
	s.loadBorders()
	if s.handler, err = s.wire(ctx); err != nil {
		return nil, err
	}
	s.background(s.pending.sweep)
	s.background(s.keepInStep)
	s.background(s.pruneAudit)
	if err := s.startBeat(); err != nil {
		return nil, err
	}
	s.background(s.loadDueParts)
	s.background(s.logKlikDeletions)
	return s, nil
}

// Handler answers every request.
func (s *Server) Handler() http.Handler { return s.handler }

// Accounts is the people and tokens of the service.
func (s *Server) Accounts() *account.Book { return s.accounts }

// background runs f beside the requests. Close cancels its context and waits for it. It does nothing once Close has begun.
func (s *Server) background(f func(context.Context)) bool {
	s.ending.Lock()
	defer s.ending.Unlock()
	if s.ended {
		return false
	}
	s.work.Add(1)
	go func() {
		defer s.work.Done()
		f(s.alive)
	}()
	return true
}

// hold keeps Close waiting for a request that changes data, until release is called. A service that is closing begins nothing.
func (s *Server) hold() (release func(), err error) {
	s.ending.Lock()
	defer s.ending.Unlock()
	if s.ended {
		return nil, errEnding
	}
	s.work.Add(1)
	return s.work.Done, nil
}

// Close ends the service: what is being loaded is finished, what is only being checked is dropped. The folder stays open.
func (s *Server) Close() error {
	s.ending.Lock()
	s.ended = true
	s.ending.Unlock()
	s.stop()
	beat := s.scheduler.beat.Shutdown()
	s.work.Wait()
	s.pending.clear()
	return errors.Join(beat, s.schedule.Close(), s.audit.Close())
}

func (s *Server) now() time.Time { return s.config.Now().In(model.Copenhagen) }
