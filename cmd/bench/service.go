//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"komhen/model"
	"komhen/model/codebook"
	"komhen/web/account"
)

// Deadline night: every municipality's coordinator sends a file within a few minutes of the others, while people look at reports.
const (
	nightRows     = 50_000
	nightReaders  = 50
	nightPause    = 2 * time.Second // between two pages of a reader
	nightIdle     = 20 * time.Second
	nightPassword = "en lang stille nat ved havet"
	nightRound    = "2012F"
)

// service measures a served folder under the load of deadline night, from outside, over HTTP.
func (b *bench) service() error {
	book, err := codebook.Load()
	if err != nil {
		return err
	}
	data, drop, err := b.folder()
	if err != nil {
		return err
	}
	defer drop()
	n := &night{bench: b, book: book, data: data, within: b.within, files: min(b.files, len(book.Municipalities))}
	if err := n.people(); err != nil {
		return err
	}
	stop, err := n.serve()
	if err != nil {
		return err
	}
	defer stop()
	return n.run(stop)
}

type night struct {
	*bench
	book   *model.Codebook
	data   string
	within time.Duration // in which all coordinators send
	files  int           // how many do
	base   string
	server *exec.Cmd

	tokens  []string // of coordinators, in the order of book.Municipalities
	readers []string // mail addresses

	faults  atomic.Int64 // answers of 500 and above, and broken connections
	refused atomic.Int64
}

// people makes the accounts before the service starts.
func (n *night) people() error {
	accounts, err := account.Open(n.data)
	if err != nil {
		return err
	}
	now := time.Now()
	for i, m := range n.book.Municipalities {
		if i < n.files {
			a, err := accounts.Create(account.Account{Email: fmt.Sprintf("tovholder@%d.example", m.Code), Name: "Tovholder", Role: account.Coordinator, Municipality: m.Code, Created: now}, "")
			if err != nil {
				return err
			}
			secret, _, err := accounts.IssueToken(account.Token{AccountID: a.ID, Name: "nat", Role: account.Coordinator, Municipality: m.Code, Expires: now.Add(24 * time.Hour)}, now)
			if err != nil {
				return err
			}
			n.tokens = append(n.tokens, secret)
		}
		if i < nightReaders {
			email := fmt.Sprintf("laeser@%d.example", m.Code)
			if _, err := accounts.Create(account.Account{Email: email, Name: "Læser", Role: account.Reader, Municipality: m.Code, Created: now}, nightPassword); err != nil {
				return err
			}
			n.readers = append(n.readers, email)
		}
	}
	return nil
}

// serve starts the service and waits until it answers. stop ends it and gives its peak memory in MB.
func (n *night) serve() (stop func() (float64, error), err error) {
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := free.Addr().String()
	free.Close()
	n.base = "http://" + address
	n.server = exec.Command(n.program, "--data", n.data, "serve", "--addr", address)
	log, err := os.Create(n.data + ".log")
	if err != nil {
		return nil, err
	}
	n.server.Stdout, n.server.Stderr = log, log
	if err := n.server.Start(); err != nil {
		return nil, err
	}
	stop = sync.OnceValues(func() (float64, error) {
		peak := peakOf(n.server.Process.Pid)
		_ = n.server.Process.Signal(syscall.SIGTERM)
		err := n.server.Wait()
		log.Close()
		return peak, err
	})
	for range 100 {
		if r, err := http.Get(n.base + "/healthz"); err == nil {
			r.Body.Close()
			return stop, nil
		}
		time.Sleep(100 * time.Millisecond)
	}
	stop()
	said, _ := os.ReadFile(n.data + ".log")
	return nil, fmt.Errorf("the service does not answer: %s", tail(said))
}

// peakOf is the most memory a running process has held.
func peakOf(pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024
		}
	}
	return 0
}

func (n *night) run(stop func() (float64, error)) error {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := n.upload(ctx, 0, nightRows); err != nil { // something to read
		return err
	}
	readers, err := n.signIn(ctx)
	if err != nil {
		return err
	}
	busyCtx, busyEnd := context.WithCancel(ctx)
	var busy []time.Duration
	var reading sync.WaitGroup
	reading.Go(func() { busy = n.read(busyCtx, readers) })
	begin := time.Now()
	waits, err := n.uploadAll(ctx)
	took := time.Since(begin)
	busyEnd()
	reading.Wait()
	if err != nil {
		return err
	}
	pause(ctx, 5*time.Second) // what the last file set going has ended
	idleCtx, idleEnd := context.WithTimeout(ctx, nightIdle)
	idle := n.read(idleCtx, readers)
	idleEnd()
	peak, err := stop()
	if err != nil {
		return err
	}
	if err := n.nothingLost(); err != nil {
		return err
	}
	fmt.Printf("deadline night: %d files of %s rows within %.0f s, ended after %.0f s; receipt p50 %.2f s, p95 %.2f s; %d + %d pages read; idle is the same folder afterwards\n",
		len(waits)+1, thousands(nightRows), n.within.Seconds(), took.Seconds(), at(waits, 50).Seconds(), at(waits, 95).Seconds(), len(idle), len(busy))
	fmt.Printf("readers: idle p50 %.3f s, p95 %.3f s; busy p50 %.3f s, p95 %.3f s\n", at(idle, 50).Seconds(), at(idle, 95).Seconds(), at(busy, 50).Seconds(), at(busy, 95).Seconds())
	n.judge("deadline night: faults (5xx, broken connections)", usage{}, float64(n.faults.Load()), 0, "faults")
	n.judge("  readers' p95 to that of an idle service", usage{wall: at(busy, 95)}, over(at(busy, 95), at(idle, 95)), 5, "")
	n.judge("  memory of the service", usage{peakMB: peak}, peak, 2048, "MB")
	return nil
}

// at is a percentile.
func at(all []time.Duration, percent int) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(len(sorted)-1, len(sorted)*percent/100)]
}

// signIn signs the readers in as people do.
func (n *night) signIn(ctx context.Context) ([]*http.Client, error) {
	var clients []*http.Client
	for _, email := range n.readers {
		jar, err := cookiejar.New(nil)
		if err != nil {
			return nil, err
		}
		c := &http.Client{Jar: jar, Timeout: 2 * time.Minute}
		r, err := c.PostForm(n.base+"/login", url.Values{"email": {email}, "password": {nightPassword}})
		if err != nil {
			return nil, err
		}
		io.Copy(io.Discard, r.Body)
		r.Body.Close()
		if r.StatusCode != http.StatusOK || r.Request.URL.Path == "/login" {
			return nil, fmt.Errorf("%s could not sign in: %d at %s", email, r.StatusCode, r.Request.URL.Path)
		}
		clients = append(clients, c)
	}
	return clients, ctx.Err()
}

// read lets every reader open one page after another until the context ends, and gives how long each page took.
func (n *night) read(ctx context.Context, readers []*http.Client) []time.Duration {
	var mu sync.Mutex
	var all []time.Duration
	var group sync.WaitGroup
	for i, c := range readers {
		group.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(i)))
			for ctx.Err() == nil {
				pause(ctx, time.Duration(r.Int64N(int64(2*nightPause))))
				if ctx.Err() != nil {
					return
				}
				begin := time.Now()
				if n.page(c, i, r) {
					mu.Lock()
					all = append(all, time.Since(begin))
					mu.Unlock()
				}
			}
		})
	}
	group.Wait()
	return all
}

// page opens a report, of the reader's own municipality or the national one.
func (n *night) page(c *http.Client, reader int, r *rand.Rand) bool {
	names := []string{"channels", "subjects", "types", "closings", "forms", "channel-by-subject", "days", "digital-share", "ranking"}
	q := url.Values{"round": {nightRound}}
	if r.IntN(2) == 0 {
		q.Set("municipality", n.book.Municipalities[0].CodeText())
		if reader != 0 {
			q.Del("municipality")
		}
	}
	answer, err := c.Get(n.base + "/reports/" + names[r.IntN(len(names))] + "?" + q.Encode())
	if err != nil {
		n.faults.Add(1)
		return false
	}
	_, err = io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
	if answer.StatusCode >= 500 || err != nil {
		n.faults.Add(1)
		return false
	}
	if answer.StatusCode != http.StatusOK {
		n.refused.Add(1)
	}
	return true
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// uploadAll lets all coordinators but the first send their file at a random moment.
func (n *night) uploadAll(ctx context.Context) ([]time.Duration, error) {
	r := rand.New(rand.NewPCG(2, 2))
	waits := make([]time.Duration, len(n.tokens))
	faults := make([]error, len(n.tokens))
	var group sync.WaitGroup
	for i := 1; i < len(n.tokens); i++ {
		wait := time.Duration(r.Int64N(int64(n.within)))
		group.Go(func() {
			pause(ctx, wait)
			begin := time.Now()
			faults[i] = n.upload(ctx, i, nightRows)
			waits[i] = time.Since(begin)
		})
	}
	group.Wait()
	return waits[1:], errors.Join(faults...)
}

// upload sends one municipality's file and sees that its receipt holds every row.
func (n *night) upload(ctx context.Context, i, rows int) error {
	body, writer := io.Pipe()
	form := multipart.NewWriter(writer)
	go func() {
		part, err := form.CreateFormFile("file", fmt.Sprintf("kommune-%d.csv", n.book.Municipalities[i].Code))
		if err == nil {
			err = n.file(part, i, rows)
		}
		writer.CloseWithError(errors.Join(err, form.Close()))
	}()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, n.base+"/api/v1/uploads", body)
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+n.tokens[i])
	request.Header.Set("Content-Type", form.FormDataContentType())
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		n.faults.Add(1)
		return err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	if answer.StatusCode >= 500 {
		n.faults.Add(1)
	}
	var document struct{ Uploads []receipt }
	if err := json.Unmarshal(text, &document); err != nil || answer.StatusCode != http.StatusCreated || len(document.Uploads) != 1 || document.Uploads[0].Accepted != rows {
		return fmt.Errorf("file of %s: %d %s", n.book.Municipalities[i].Name, answer.StatusCode, bytes.TrimSpace(text[:min(len(text), 300)]))
	}
	return nil
}

// file writes a municipality's registrations of the round; no two rows of it are equal.
func (n *night) file(w io.Writer, i, rows int) error {
	out := bufio.NewWriter(w)
	r := rand.New(rand.NewPCG(3, uint64(i)))
	m := n.book.Municipalities[i]
	channels := []string{"TLFIND", "PRSNLG", "EMLIND", "TLFUD", "DOCIND"}
	types := []string{"OPRET", "STATUS", "INFO", "VEJL", "SLVBTJN", "FEJL"}
	fmt.Fprint(out, "kommune;enhed;opgave;kanal;type;afslutning;blanket;dato;kilde_id\n")
	for k := range rows {
		day := []int{23, 24, 25, 26, 27}[r.IntN(5)]
		fmt.Fprintf(out, "%d;Enhed %d;%s;%s;%s;%s;NEJ;%d-04-2012 %02d:%02d:%02d;%d-%d\n", m.Code, r.IntN(12), n.book.Subjects[r.IntN(len(n.book.Subjects))].KLE,
			channels[r.IntN(len(channels))], types[r.IntN(len(types))], []string{"STRAKS", "HOLD"}[r.IntN(2)], day, 8+r.IntN(8), r.IntN(60), r.IntN(60), m.Code, k)
	}
	return out.Flush()
}

// nothingLost holds the folder, once the service has stopped, to what was acknowledged.
func (n *night) nothingLost() error {
	if _, err := child(io.Discard, nil, n.program, "--data", n.data, "check"); err != nil {
		return err
	}
	var out bytes.Buffer
	if _, err := child(&out, nil, n.program, "--data", n.data, "report", "channels", "--round", nightRound, "--format", "json"); err != nil {
		return err
	}
	var report struct {
		Rows [][]any `json:"rows"`
	}
	if err := json.Unmarshal(out.Bytes(), &report); err != nil {
		return err
	}
	total := 0
	for _, row := range report.Rows {
		if x, ok := row[3].(float64); ok {
			total += int(x)
		}
	}
	if want := len(n.tokens) * nightRows; total != want {
		return fmt.Errorf("%d contacts counted of %d sent", total, want)
	}
	return nil
}
