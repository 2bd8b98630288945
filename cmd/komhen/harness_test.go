package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"komhen/ingest"
	"komhen/model/codebook"
)

// outcome of one run of the program.
type outcome struct {
	status         int
	stdout, stderr string
}

// run runs the program in this process, with a data folder, and holds what it says to being Danish.
func run(t testing.TB, data string, args ...string) outcome {
	t.Helper()
	o := runAs(t, append([]string{"--data", data}, args...)...)
	inDanishOnly(t, o.stderr)
	return o
}

func runAs(t testing.TB, args ...string) outcome {
	t.Helper()
	var out, err bytes.Buffer
	p := &program{stdin: strings.NewReader(""), stdout: &out, stderr: &err}
	status := p.run(t.Context(), args)
	return outcome{status, out.String(), err.String()}
}

// runApart is run in a process of its own: DuckDB may wait for ever for a database whose queries this process has interrupted.
func runApart(t testing.TB, data string, args ...string) outcome {
	t.Helper()
	var out, err bytes.Buffer
	cmd := command(t, data, args...)
	cmd.Stdout, cmd.Stderr = &out, &err
	status := statusDone
	var exit *exec.ExitError
	if e := cmd.Run(); errors.As(e, &exit) {
		status = exit.ExitCode()
	} else if e != nil {
		t.Fatal(e)
	}
	inDanishOnly(t, err.String())
	return outcome{status, out.String(), err.String()}
}

// ok runs a command that must go well, and gives what it printed.
func ok(t testing.TB, data string, args ...string) string {
	t.Helper()
	return want(t, statusDone, data, args...).stdout
}

// want runs a command that must exit with a status.
func want(t testing.TB, status int, data string, args ...string) outcome {
	t.Helper()
	o := run(t, data, args...)
	if o.status != status {
		if o.status == statusFailed { // why, in the words of whoever failed
			t.Log(runAs(t, append([]string{"--verbose", "--data", data}, args...)...).stderr)
		}
		t.Fatalf("komhen %s: status %d, want %d\nstdout: %.2000s\nstderr: %.2000s", strings.Join(args, " "), o.status, status, o.stdout, o.stderr)
	}
	return o
}

// english are words that only a message in English, or a crash, has.
var english = regexp.MustCompile(`(?i)\b(panic|goroutine|unknown|expected|invalid|failed|cannot|could not|no such|permission denied|error|missing|must|exception|internal|out of memory)\b`)

func inDanishOnly(t testing.TB, text string) {
	t.Helper()
	if word := english.FindString(text); word != "" {
		t.Errorf("%q is not Danish: %.1000s", word, text)
	}
}

// says fails unless a text holds every part.
func says(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not said in:\n%.2000s", part, text)
		}
	}
}

// receiptDoc is an upload of import --json, with the types of contract.md and what we add to them.
type receiptDoc struct {
	Upload       *uint32      `json:"upload"`
	Bag          *uint32      `json:"bag"`
	State        string       `json:"state"`
	File         string       `json:"file"`
	SHA256       string       `json:"sha256"`
	KeptSHA256   string       `json:"kept_sha256"`
	Municipality *string      `json:"municipality"`
	Source       string       `json:"source"`
	Kind         string       `json:"kind"`
	Test         bool         `json:"test"`
	Round        *string      `json:"round"`
	Period       []string     `json:"period"`
	Format       string       `json:"format"`
	Encoding     string       `json:"encoding"`
	Delimiter    string       `json:"delimiter"`
	Sheet        string       `json:"sheet"`
	Layout       string       `json:"layout"`
	Records      int64        `json:"records"`
	Header       int64        `json:"header"`
	Blank        int64        `json:"blank"`
	Accepted     int64        `json:"accepted"`
	Rejected     int64        `json:"rejected"`
	Withheld     int64        `json:"withheld"`
	Contacts     int64        `json:"contacts"`
	Warnings     int64        `json:"warnings"`
	Corrections  int64        `json:"corrections"`
	Received     string       `json:"received"` // in the list of uploads
	Findings     []findingDoc `json:"findings"`
}

type findingDoc struct {
	Rule     string  `json:"rule"`
	Severity string  `json:"severity"`
	Line     *int64  `json:"line"`
	Record   *int64  `json:"record"`
	Column   *string `json:"column"`
	Value    *string `json:"value"`
	Message  string  `json:"message"`
	Proposal *string `json:"proposal"`
}

// uploadsIn reads the one JSON document that stdout must be.
func uploadsIn(t testing.TB, stdout string) []receiptDoc {
	t.Helper()
	var doc struct {
		Uploads []receiptDoc `json:"uploads"`
	}
	oneDocument(t, stdout, &doc)
	for _, u := range doc.Uploads {
		if u.Records != u.Header+u.Blank+u.Accepted+u.Rejected+u.Withheld {
			t.Errorf("%s: %d records are not %d + %d + %d + %d + %d", u.File, u.Records, u.Header, u.Blank, u.Accepted, u.Rejected, u.Withheld)
		}
		for _, f := range u.Findings {
			inDanishOnly(t, f.Message)
		}
	}
	return doc.Uploads
}

func oneDocument(t testing.TB, stdout string, into any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(stdout))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		t.Fatalf("not the document: %v\n%.2000s", err, stdout)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Fatalf("more than one document: %.2000s", stdout)
	}
}

// importing imports with --json and gives the status and the receipts.
func importing(t testing.TB, data string, args ...string) (int, []receiptDoc) {
	t.Helper()
	o := run(t, data, append([]string{"import", "--json"}, args...)...)
	if o.stderr != "" && o.status == statusDone {
		t.Errorf("komhen import --json %s: stderr %q", strings.Join(args, " "), o.stderr)
	}
	return o.status, uploadsIn(t, o.stdout)
}

// imported imports one file that must load whole.
func imported(t testing.TB, data string, args ...string) receiptDoc {
	t.Helper()
	status, list := importing(t, data, args...)
	if status != statusDone || len(list) != 1 {
		t.Fatalf("komhen import %s: status %d, %d receipts", strings.Join(args, " "), status, len(list))
	}
	return list[0]
}

// newData is a data folder that does not exist yet.
func newData(t testing.TB) string { return filepath.Join(t.TempDir(), "data") }

func testdata(parts ...string) string {
	return filepath.Join(append([]string{"..", "..", "testdata"}, parts...)...)
}

func write(t testing.TB, dir, name, content string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// fingerprint is every file below a folder with its hash.
func fingerprint(t testing.TB, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		sum := sha256.Sum256(b)
		out[path[len(dir):]] = hex.EncodeToString(sum[:8])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// differs tells which files of two fingerprints are not the same.
func differs(a, b map[string]string) (names []string) {
	for name := range maps.Keys(a) {
		if a[name] != b[name] {
			names = append(names, name)
		}
	}
	for name := range maps.Keys(b) {
		if _, known := a[name]; !known {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func copyFolder(t testing.TB, from string) string {
	t.Helper()
	to := newData(t)
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

var demoOnce struct {
	sync.Once
	dir string
	err error
}

// demoData is a small demo folder that all tests share; they only read it, or copy it.
func demoData(t testing.TB) string {
	t.Helper()
	demoOnce.Do(func() {
		if demoOnce.dir, demoOnce.err = os.MkdirTemp("", "komhen-demo-data-*"); demoOnce.err == nil {
			if o := runAs(t, "--data", demoOnce.dir, "demo"); o.status != 0 {
				demoOnce.err = fmt.Errorf("demo: %s", o.stderr)
			}
		}
	})
	if demoOnce.err != nil {
		t.Fatal(demoOnce.err)
	}
	return demoOnce.dir
}

var builtOnce struct {
	sync.Once
	path string
	err  error
}

// built is the program as a file, for the tests that need a process of their own to kill or to hold a lock.
func built(t testing.TB) string {
	t.Helper()
	builtOnce.Do(func() {
		dir, err := os.MkdirTemp("", "komhen-bin-*")
		if err != nil {
			builtOnce.err = err
			return
		}
		builtOnce.path = filepath.Join(dir, "komhen")
		if out, err := exec.Command("go", "build", "-o", builtOnce.path, ".").CombinedOutput(); err != nil {
			builtOnce.err = fmt.Errorf("%w: %s", err, out)
		}
	})
	if builtOnce.err != nil {
		t.Fatal(builtOnce.err)
	}
	return builtOnce.path
}

func TestMain(m *testing.M) {
	os.Unsetenv("KOMHEN_DATA")
	os.Unsetenv("KOMHEN_MEMORY_MB")
	if data := os.Getenv("KOMHEN_TEST_HOLD"); data != "" {
		holdFolder(data)
	}
	status := m.Run()
	os.RemoveAll(demoOnce.dir)
	if builtOnce.path != "" {
		os.RemoveAll(filepath.Dir(builtOnce.path))
	}
	os.Exit(status)
}

// someContacts is a file in layout C with n invented contacts of Køge in round 2012F; the seed makes files that share few rows.
func someContacts(n int, seed uint64) []byte {
	r := rand.New(rand.NewPCG(seed, 17))
	channels := []string{"TLFIND", "PRSNLG", "EMLIND", "PPRIND", "DOCIND", "SMSIND"}
	units := []string{"Borgerservice", "Ydelse", "Teknik og Miljø", "Ældre på Rådhuset"}
	subjects := []string{"23.05.10", "32.03.16", "23.09.02", "27.60.00", "02.34.02"}
	types := []string{"OPRET", "STATUS", "INFO", "VEJL"}
	var b bytes.Buffer
	b.WriteString("kommune;enhed;opgave;kanal;type;afslutning;blanket;dato;løbenummer\n")
	for i := range n {
		fmt.Fprintf(&b, "259;%s;%s;%s;%s;HOLD;NEJ;%02d-05-2012 %02d:%02d:%02d;%d\n", units[r.IntN(len(units))], subjects[r.IntN(len(subjects))],
			channels[r.IntN(len(channels))], types[r.IntN(len(types))], 2+r.IntN(3), 8+r.IntN(8), r.IntN(60), r.IntN(60), i)
	}
	return b.Bytes()
}

// command is the program as a process of its own.
func command(t testing.TB, data string, args ...string) *exec.Cmd {
	t.Helper()
	return exec.CommandContext(t.Context(), built(t), append([]string{"--data", data}, args...)...)
}

// holdFolder is another process that writes in a folder: it opens it, says so, and waits for its stdin to close.
func holdFolder(data string) {
	book, err := codebook.Load()
	if err == nil {
		var folder *ingest.Folder
		if folder, err = ingest.Open(context.Background(), data, book, ingest.OpenOptions{}); err == nil {
			fmt.Println("open")
			io.Copy(io.Discard, os.Stdin)
			err = folder.Close()
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}
