package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"komhen/model/codebook"
	accounts "komhen/web/account"
)

// served is the program as `komhen serve` runs it, stopped as Ctrl+C would.
type served struct {
	base, said string
	stop       context.CancelFunc
	ended      chan int
}

var address = regexp.MustCompile(`kører på (http://[^ ]+)`)

func startServing(t *testing.T, data string, args ...string) *served {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	read, write := io.Pipe()
	s := &served{stop: stop, ended: make(chan int, 1)}
	p := &program{stdin: strings.NewReader(""), stdout: write, stderr: io.Discard}
	go func() {
		s.ended <- p.run(ctx, append([]string{"--data", data, "serve", "--addr", "127.0.0.1:0"}, args...))
		write.Close()
	}()
	t.Cleanup(stop)
	lines := bufio.NewScanner(read)
	for lines.Scan() {
		s.said += lines.Text() + "\n"
		if m := address.FindStringSubmatch(lines.Text()); m != nil {
			s.base = m[1]
			break
		}
	}
	if s.base == "" {
		t.Fatalf("the service did not start: %s, status %d", s.said, <-s.ended)
	}
	rest := make(chan string, 1)
	go func() {
		text, _ := io.ReadAll(read)
		rest <- string(text)
	}()
	t.Cleanup(func() {
		stop()
		<-rest
	})
	return s
}

// TestServeOwnsTheFolder: a command that finds the service running says where it is, and exits with status 5.
func TestServeOwnsTheFolder(t *testing.T) {
	data := t.TempDir()
	s := startServing(t, data)
	o := run(t, data, "uploads")
	if o.status != statusDataInUse || !strings.Contains(o.stderr, s.base) {
		t.Errorf("status %d, %s", o.status, o.stderr)
	}
	if o := run(t, data, "serve", "--addr", "127.0.0.1:0"); o.status != statusDataInUse { // or everything on the schedule would be sent twice
		t.Errorf("a second service: status %d, %s", o.status, o.stderr)
	}
	answer, err := http.Get(s.base + "/healthz")
	fine(t, err)
	answer.Body.Close()
	s.stop()
	if status := <-s.ended; status != statusDone {
		t.Errorf("stopped with %d", status)
	}
	if o := run(t, data, "uploads"); o.status != statusDone {
		t.Errorf("after the stop: %d %s", o.status, o.stderr)
	}
}

// TestMailSettings: what is wrong with them is said at the start, and no password can stand among the arguments.
func TestMailSettings(t *testing.T) {
	data := t.TempDir()
	for _, args := range [][]string{{"--smtp", "smtp://mail.kl.example"}, {"--smtp", "smtp://bruger:hemmelig@mail.kl.example", "--mail-from", "t@kl.example"}, {"--smtp", "mail.kl.example", "--mail-from", "t@kl.example"},
		{"--smtp", "smtp://bruger@mail.kl.example", "--mail-from", "t@kl.example"}, {"--smtp", "smtp://bruger@mail.kl.example", "--mail-from", "t@kl.example", "--smtp-password-file", "findes-ikke"}} {
		if o := run(t, data, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...); o.status != statusUsage || strings.Contains(o.stderr+o.stdout, "hemmelig") {
			t.Errorf("%q: status %d, %s", args, o.status, o.stderr)
		}
	}
}

// TestDemoUsersStayAtHome: everybody knows their passwords.
func TestDemoUsersStayAtHome(t *testing.T) {
	if o := run(t, t.TempDir(), "serve", "--demo", "--addr", "0.0.0.0:0"); o.status != statusUsage {
		t.Errorf("status %d, %s", o.status, o.stderr)
	}
}

// TestStopDuringUploads stops the service while files come in: what was acknowledged is there, every file is there whole or not at
// all, and the folder is in order.
func TestStopDuringUploads(t *testing.T) {
	const rows = 60_000
	for _, after := range []time.Duration{0, 30 * time.Millisecond, 150 * time.Millisecond, 400 * time.Millisecond} {
		data := t.TempDir()
		book, err := accounts.Open(data)
		fine(t, err)
		a, err := book.Create(accounts.Account{Email: "kl@example.dk", Name: "KL", Role: accounts.Operator}, "")
		fine(t, err)
		key, _, err := book.IssueToken(accounts.Token{AccountID: a.ID, Name: "prøve", Role: accounts.Operator, Expires: time.Now().AddDate(0, 1, 0)}, time.Now())
		fine(t, err)
		s := startServing(t, data)
		acknowledged := make(chan int, 3)
		for i := range 3 {
			go func() {
				status, err := send(s.base, key, i, rows)
				if err == nil && status == http.StatusCreated {
					acknowledged <- 1
				} else {
					acknowledged <- 0
				}
			}()
		}
		time.Sleep(after)
		s.stop()
		if status := <-s.ended; status != statusDone {
			t.Errorf("stopped with %d", status)
		}
		told := <-acknowledged + <-acknowledged + <-acknowledged
		if o := runApart(t, data, "check"); o.status != statusDone {
			t.Errorf("after %v: %s %s", after, o.stdout, o.stderr)
		}
		o := runApart(t, data, "report", "channels", "--round", "2012F", "--format", "csv")
		there := strings.Count(runApart(t, data, "uploads").stdout, "tæller med")
		if there < told {
			t.Errorf("after %v: %d acknowledged, %d there", after, told, there)
		}
		if there > 0 && !strings.Contains(o.stdout, fmt.Sprint(there*rows)) {
			t.Errorf("after %v: %d files there, and the report says\n%s", after, there, o.stdout)
		}
	}
}

// send uploads a file of rows that no other has.
func send(base, key string, i, rows int) (int, error) {
	book, err := codebook.Load()
	if err != nil {
		return 0, err
	}
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", fmt.Sprintf("fil-%d.csv", i))
	if err != nil {
		return 0, err
	}
	fmt.Fprint(part, "kommune;enhed;opgave;kanal;type;afslutning;blanket;dato;kilde_id\n")
	for k := range rows {
		fmt.Fprintf(part, "%d;Enhed;23.05.10;TLFIND;VEJL;STRAKS;NEJ;23-04-2012;%d-%d\n", book.Municipalities[i].Code, i, k)
	}
	if err := form.Close(); err != nil {
		return 0, err
	}
	r, err := http.NewRequest(http.MethodPost, base+"/api/v1/uploads", &b)
	if err != nil {
		return 0, err
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", form.FormDataContentType())
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	_, err = io.Copy(io.Discard, answer.Body)
	return answer.StatusCode, err
}
