package web

import (
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"komhen/ingest"
	"komhen/model"
	"komhen/queries"
)

// uploadsPerPage is how many lines the list of uploads shows at a time.
const uploadsPerPage = 100

type uploadForm struct {
	Operator       bool
	Municipalities []model.Municipality
	Sources        []string
	MaxMB          int64
}

type uploadLine struct {
	queries.StoredUpload
	Municipality, State string
	Sent                int // how many uploads the line stands for, where a program sent them; else 0
}

// linesOf is the list of uploads, newest first. What programs send comes in many small uploads, and a day of them is one line.
func (s *Server) linesOf(all []queries.StoredUpload, fold bool) (lines []uploadLine) {
	type day struct {
		municipality uint16
		source       string
		date         model.Date
		live, test   bool
	}
	days := map[day]int{}
	for _, u := range slices.Backward(all) {
		if !fold || u.Layout != ingest.SentLayout {
			lines = append(lines, uploadLine{u, s.nameOf(u.Municipality), stateWord(u), 0})
			continue
		}
		key := day{u.Municipality, u.Source, model.DateOf(u.Received), u.Live, u.Test}
		at, there := days[key]
		if !there {
			days[key] = len(lines)
			lines = append(lines, uploadLine{u, s.nameOf(u.Municipality), stateWord(u), 1})
			continue
		}
		line := &lines[at]
		line.Sent++
		line.Accepted, line.Rejected, line.Withheld = line.Accepted+u.Accepted, line.Rejected+u.Rejected, line.Withheld+u.Withheld
	}
	return lines
}

type waitingLine struct{ ID, File, State string }

// uploadsPage lists what came in, with the form to send more.
func (s *Server) uploadsPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	all, err := s.uploadsOf(r, v)
	if err != nil {
		return err
	}
	sources, err := s.sourceNames(r, v, all)
	if err != nil {
		return err
	}
	lines := s.linesOf(all, r.URL.Query().Get("sent") != "all")
	pager, from, to := newPager(r.URL, len(lines), uploadsPerPage)
	data := struct {
		Form    uploadForm
		Waiting []waitingLine
		Uploads []uploadLine
		Pager   pageLinks
		Central []centralLine // deliveries that wait for the municipality's answer
	}{Form: uploadForm{Operator: v.Operator(), Municipalities: s.book.Municipalities, Sources: sources, MaxMB: s.config.MaxUploadMB},
		Uploads: lines[from:to], Pager: pager}
	if data.Central, err = s.awaitsAnswer(r.Context(), v); err != nil {
		return err
	}
	for _, p := range s.pending.of(v.ID()) {
		data.Waiting = append(data.Waiting, waitingLine{p.id, p.options.Name, p.word()})
	}
	return s.page(w, r, v, "uploads", data)
}

// uploadsOf is every upload the viewer may see, oldest first.
func (s *Server) uploadsOf(r *http.Request, v Viewer) ([]queries.StoredUpload, error) {
	all, err := s.folder.Store.Uploads(r.Context())
	if err != nil || v.Operator() {
		return all, err
	}
	return slices.DeleteFunc(all, func(u queries.StoredUpload) bool { return !s.maySeeUpload(v, u) }), nil
}

// maySeeUpload: an upload is its municipality's. A file of several municipalities is KL's alone, because its receipt quotes rows
// of all of them.
func (s *Server) maySeeUpload(v Viewer, u queries.StoredUpload) bool {
	return v.Operator() || u.Municipality != 0 && v.Mends(u.Municipality)
}

// sourceNames are suggestions: the sources the viewer's uploads have used.
func (s *Server) sourceNames(_ *http.Request, _ Viewer, all []queries.StoredUpload) ([]string, error) {
	seen := map[string]bool{}
	var names []string
	for _, u := range all {
		if u.Source != "" && !seen[u.Source] {
			seen[u.Source] = true
			names = append(names, u.Source)
		}
	}
	slices.Sort(names)
	return names, nil
}

func stateWord(u queries.StoredUpload) string {
	switch {
	case !u.Live:
		return "fortrudt"
	case u.Test:
		return "prøvetælling"
	case u.Accepted == 0:
		return "ingen nye rækker"
	}
	return "tæller med"
}

// storedUpload is the upload a request names, if the viewer may see it; another's does not exist to them.
func (s *Server) storedUpload(r *http.Request, v Viewer) (queries.StoredUpload, error) {
	n, err := strconv.ParseUint(r.PathValue("upload"), 10, 32)
	if err != nil {
		return queries.StoredUpload{}, errNotFound
	}
	u, err := s.folder.Store.Upload(r.Context(), uint32(n))
	var none *model.Problem
	if errors.As(err, &none) && none.Code == "upload-unknown" || err == nil && !s.maySeeUpload(v, u) { // one answer for both
		return u, &model.Problem{Code: "upload-unknown", Message: fmt.Sprintf("Der er ingen indmelding nummer %d. Se dem alle under Indmeldinger.", n)}
	}
	if err != nil {
		return u, err
	}
	return u, nil
}

// receiveUploads takes the files of the form in, begins to check them, and goes on to their receipt.
func (s *Server) receiveUploads(w http.ResponseWriter, r *http.Request, v Viewer) error {
	got, err := s.receive(w, r, v, map[string]string{})
	for _, p := range got {
		s.startCheck(p)
	}
	if err != nil && len(got) == 0 {
		return err
	}
	if err != nil {
		p, _ := problemOf(err)
		s.flash(r, "Ikke alle filer kom med. "+p.Message)
	}
	to := "/uploads"
	if len(got) == 1 {
		to = "/incoming/" + got[0].id
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// Limits of one request with files.
const (
	filesPerRequest = 20
	quietClient     = 30 * time.Second // a client that sends nothing for so long is cut off
	longestUpload   = 30 * time.Minute // and so is one that sends, but is not done by then
)

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// receive reads a multipart form: the fields first, which it adds to those given, then the files, each straight into a file
// without a name. What it gives must be dropped in the end, also with an error.
func (s *Server) receive(w http.ResponseWriter, r *http.Request, v Viewer, fields map[string]string) ([]*pending, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/form-data" {
		return nil, &model.Problem{Code: "media-type", Message: "Send filen som multipart/form-data."}
	}
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Time{})
	limit := s.config.MaxUploadMB << 20
	last := time.Now().Add(longestUpload)
	body := &patientReader{r: http.MaxBytesReader(w, r.Body, limit*2+1<<20), wait: func() { _ = control.SetReadDeadline(earlier(time.Now().Add(quietClient), last)) }}
	r.Body = io.NopCloser(body)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, &model.Problem{Code: "media-type", Message: "Send filen som multipart/form-data.", Err: err}
	}
	var got []*pending
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return got, cutOff(err)
		}
		if part.FileName() == "" {
			if err := readField(part, fields); err != nil {
				return got, err
			}
			continue
		}
		if len(got) == filesPerRequest {
			return got, &model.Problem{Code: "too-many", Message: fmt.Sprintf("Send højst %d filer ad gangen.", filesPerRequest)}
		}
		p, err := s.receiveFile(part, fields, v, limit)
		if err != nil {
			return got, err
		}
		got = append(got, p)
	}
	if len(got) == 0 {
		return nil, &model.Problem{Code: "no-file", Message: "Der var ingen fil med. Vælg en fil, og send igen."}
	}
	return got, nil
}

func readField(part *multipart.Part, fields map[string]string) error {
	const longest = 200
	if len(fields) > 40 {
		return &model.Problem{Code: "too-large", Message: "Der er for mange felter i formularen."}
	}
	value, err := io.ReadAll(io.LimitReader(part, longest+1))
	if err != nil {
		return cutOff(err)
	}
	if len(value) > longest {
		return &model.Problem{Code: "too-large", Message: fmt.Sprintf("Et felt i formularen er længere end %d tegn.", longest)}
	}
	fields[part.FormName()] = string(value)
	return nil
}

func (s *Server) receiveFile(part *multipart.Part, fields map[string]string, v Viewer, limit int64) (*pending, error) {
	o, err := s.uploadOptions(fields, v)
	if err != nil {
		return nil, err
	}
	o.Name = fileName(part.FileName())
	o.MaxBytes = limit
	// One byte more than allowed is taken in, so that the rule about size can say so.
	p, err := s.pending.receive(io.LimitReader(part, limit+1), v.ID(), o)
	if err != nil {
		return nil, cutOff(err)
	}
	_, err = io.Copy(io.Discard, part)
	return p, cutOff(err)
}

// uploadOptions reads the fields that say what a file is. A municipality's own people load for it alone.
func (s *Server) uploadOptions(fields map[string]string, v Viewer) (ingest.Options, error) {
	o := ingest.Options{Kind: model.Registration, Source: strings.TrimSpace(fields["source"]), Sheet: fields["sheet"], Municipality: v.Municipality}
	switch kind := fields["kind"]; kind {
	case "", "registration":
	case "system":
		o.Kind = model.System
	default:
		return o, &model.Problem{Code: "kind-unknown", Message: "Sig, om filen er registreringer (registration) eller et systemudtræk (system)."}
	}
	switch fields["test"] {
	case "", "0", "false":
	case "1", "true", "on":
		o.Test = true
	default:
		return o, &model.Problem{Code: "test-unknown", Message: "Feltet test skal være 1, når det er en prøvetælling, og ellers tomt."}
	}
	if v.Token.Test {
		o.Test = true
	}
	if text := fields["municipality"]; text != "" {
		code := s.book.MunicipalityCode(text)
		if code == 0 {
			return o, &model.Problem{Code: "municipality-unknown", Message: "Kommunen kendes ikke. Skriv en kommunekode eller et navn."}
		}
		if !v.Mends(code) {
			return o, errForbidden
		}
		o.Municipality = code
	}
	if strings.ContainsFunc(o.Source, func(c rune) bool { return c < ' ' }) {
		return o, &model.Problem{Code: "source-unknown", Message: "Datakilden må ikke have linjeskift."}
	}
	return o, nil
}

// fileName is the last part of what a browser calls a file, without what would play tricks on a page or a terminal.
func fileName(name string) string {
	name = strings.ReplaceAll(name, `\`, "/")
	name = filepath.Base("/" + name)
	name = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c >= 0x202a && c <= 0x202e || c >= 0x2066 && c <= 0x2069 || c == 0x200e || c == 0x200f {
			return -1
		}
		return c
	}, strings.ToValidUTF8(name, "\uFFFD"))
	if runes := []rune(name); len(runes) > 150 {
		name = string(runes[:100]) + "…" + string(runes[len(runes)-40:])
	}
	if name == "" || name == "/" || name == "." {
		return "fil uden navn"
	}
	return name
}

// patientReader moves the deadline on as long as the client sends something.
type patientReader struct {
	r    io.Reader
	wait func()
}

func (p *patientReader) Read(b []byte) (int, error) {
	p.wait()
	return p.r.Read(b)
}

// cutOff makes a broken or slow sender's error one that can be told.
func cutOff(err error) error {
	var known *model.Problem
	var large *http.MaxBytesError
	if err == nil || errors.As(err, &known) || errors.As(err, &large) {
		return err
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return &model.Problem{Code: "too-slow", Message: "Vi hørte ikke mere fra din maskine. Intet er indlæst; prøv igen.", Err: err}
	}
	var disk *os.PathError
	if errors.As(err, &disk) {
		return err
	}
	return &model.Problem{Code: "cut-off", Message: "Filen kom ikke helt frem. Intet er indlæst; prøv igen.", Err: err}
}

// pageLinks leads through a long list.
type pageLinks struct {
	Page, Pages    int
	Previous, Next string
}

// newPager reads ?page= and gives the part of the list that the page shows.
func newPager(u *url.URL, total, each int) (p pageLinks, from, to int) {
	p.Pages = max(1, (total+each-1)/each)
	p.Page, _ = strconv.Atoi(u.Query().Get("page"))
	p.Page = min(max(p.Page, 1), p.Pages)
	link := func(n int) string {
		q := u.Query()
		q.Set("page", strconv.Itoa(n))
		return u.Path + "?" + q.Encode()
	}
	if p.Page > 1 {
		p.Previous = link(p.Page - 1)
	}
	if p.Page < p.Pages {
		p.Next = link(p.Page + 1)
	}
	from = (p.Page - 1) * each
	return p, from, min(from+each, total)
}
