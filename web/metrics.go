package web

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"komhen/ingest"
	"komhen/model"
	"komhen/web/account"
	"komhen/web/schedule"
)

// metrics are what those who run the service watch it by. Nothing in them is about a person, a municipality or a file's content.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	uploads  prometheus.Counter
	rows     *prometheus.CounterVec
	sent     *prometheus.CounterVec
	runs     *prometheus.CounterVec
	handler  http.Handler
}

// newMetrics makes the metrics of one service. pending counts the files that are under way.
func newMetrics(pending func() int) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "komhen_http_requests_total", Help: "Requests answered, by route and status."}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "komhen_http_request_seconds", Help: "Time to answer a request, by route.",
			Buckets: []float64{0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300}}, []string{"route"}),
		uploads: prometheus.NewCounter(prometheus.CounterOpts{Name: "komhen_uploads_total", Help: "Uploads loaded since the start."}),
		rows:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "komhen_upload_rows_total", Help: "Rows of loaded uploads since the start, by what became of them."}, []string{"outcome"}),
		sent:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "komhen_registrations_total", Help: "Registrations that programs sent since the start, by what became of them."}, []string{"outcome"}),
	}
	m.runs = prometheus.NewCounterVec(prometheus.CounterOpts{Name: "komhen_scheduled_runs_total", Help: "Runs of the schedule that ended since the start, by how."}, []string{"outcome"})
	waiting := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "komhen_pending_uploads", Help: "Files that are being checked or loaded, or wait for an answer."},
		func() float64 { return float64(pending()) })
	m.registry.MustRegister(m.requests, m.seconds, m.uploads, m.rows, m.sent, m.runs, waiting, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, outcome := range []string{"accepted", "rejected", "withheld"} {
		m.rows.WithLabelValues(outcome)
	}
	for _, outcome := range []schedule.State{schedule.Sent, schedule.Kept, schedule.Unsure, schedule.Failed} {
		m.runs.WithLabelValues(string(outcome))
	}
	for _, outcome := range []ingest.Outcome{ingest.Accepted, ingest.Known, ingest.Corrected, ingest.Refused} {
		m.sent.WithLabelValues(string(outcome))
	}
	m.handler = promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
	return m
}

func (m *metrics) loaded(r model.Receipt) {
	m.uploads.Inc()
	m.rows.WithLabelValues("accepted").Add(float64(r.Accepted))
	m.rows.WithLabelValues("rejected").Add(float64(r.Rejected))
	m.rows.WithLabelValues("withheld").Add(float64(r.Withheld))
}

func (m *metrics) registered(o ingest.Outcome) { m.sent.WithLabelValues(string(o)).Inc() }

// watch counts and times what a route answers. The label is the route's pattern, never an address: those hold what anybody writes.
func (m *metrics) watch(pattern string, next http.HandlerFunc) http.Handler {
	if pattern == "" {
		pattern = "other"
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		status := &statusWriter{ResponseWriter: w}
		defer func() {
			m.seconds.WithLabelValues(pattern).Observe(time.Since(began).Seconds())
			m.requests.WithLabelValues(pattern, strconv.Itoa(status.code())).Inc()
		}()
		next(status, r)
	})
}

// statusWriter remembers the status that was sent.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (s *statusWriter) WriteHeader(status int) {
	if s.status == 0 {
		s.status = status
	}
	s.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach deadlines.
func (s *statusWriter) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func (s *statusWriter) code() int {
	if s.status == 0 {
		return http.StatusOK
	}
	return s.status
}

// metricsPage is for a watchman on the same machine, or one with an operator's token.
func (s *Server) metricsPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	if !v.Is(account.Operator) && !fromThisMachine(r) {
		if !v.SignedIn() {
			return errSignIn
		}
		return errForbidden
	}
	s.metrics.handler.ServeHTTP(w, r)
	return nil
}

// fromThisMachine tells whether a request comes from this machine and was meant for it. One that a proxy here passes on is not:
// it bears the proxy's headers, or the name that the service has outside.
func fromThisMachine(r *http.Request) bool {
	for _, header := range []string{"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"} {
		if r.Header.Get(header) != "" {
			return false
		}
	}
	return loopback(r.RemoteAddr) && loopback(r.Host)
}

func loopback(hostPort string) bool {
	host, _, err := net.SplitHostPort(hostPort)
	if err != nil {
		host = strings.Trim(hostPort, "[]")
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
