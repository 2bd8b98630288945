package ingest

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"komhen/model"
	"komhen/model/codebook"
)

var update = flag.Bool("update", false, "write expected files anew")

// Whatever still holds a piece of a chunk that is done shows in every test.
func init() {
	overwrite = func(b []byte) {
		for i := range b {
			b[i] = '#'
		}
	}
}

const testdata = "../testdata"

// usualReceived is when a test's file comes unless it says otherwise: in the deadline of round 2012F.
var usualReceived = time.Date(2012, 5, 20, 12, 0, 0, 0, model.Copenhagen)

var usualDecision = Decision{At: usualReceived}

var loadBook = sync.OnceValues(codebook.Load)

// fataler is what *testing.T, *testing.F and *rapid.T have in common.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

func testBook(t fataler) *model.Codebook {
	t.Helper()
	book, err := loadBook()
	must(t, err)
	return book
}

func must(t fataler, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v", err)
	}
}

func openFolder(t testing.TB, dir string) *Folder {
	t.Helper()
	f, err := Open(context.Background(), dir, testBook(t), OpenOptions{})
	must(t, err)
	t.Cleanup(func() { f.Close() })
	return f
}

func newFolder(t testing.TB) *Folder {
	t.Helper()
	return openFolder(t, t.TempDir())
}

func prepare(t fataler, f *Folder, data []byte, o Options) *Upload {
	t.Helper()
	if o.Received.IsZero() {
		o.Received = usualReceived
	}
	u, err := f.Prepare(context.Background(), bytes.NewReader(data), int64(len(data)), o)
	must(t, err)
	return u
}

// load imports data and commits it; a file fault ends the test.
func load(t fataler, f *Folder, data []byte, o Options) *Upload {
	t.Helper()
	u := prepare(t, f, data, o)
	if u.Fault != nil {
		t.Fatalf("%s %s", u.Fault.Rule, u.Fault.Detail)
	}
	must(t, u.Commit(context.Background()))
	return u
}

func findingsOf(t fataler, u *Upload) (list []model.Finding) {
	t.Helper()
	must(t, u.Findings(context.Background(), func(x model.Finding) error { list = append(list, x); return nil }))
	return list
}

// rulesOf are the findings as "R05 line column", whole-upload warnings left out.
func rulesOf(t fataler, u *Upload) string {
	t.Helper()
	var list []string
	for _, x := range findingsOf(t, u) {
		if x.Line > 0 && x.Rule != "W05" && x.Rule != "W07" {
			list = append(list, fmt.Sprintf("%s:%d", x.Rule, x.Line))
		}
	}
	return strings.Join(list, " ")
}

func fixFileOf(t fataler, f *Folder, upload uint32, format string) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, f.WriteFixFile(context.Background(), upload, &b, format))
	return b.Bytes()
}

// contentColumns are everything of a contact that a report could tell, independently of the keys.
const contentColumns = `concat_ws('|', c.municipality, lower(s.name), c.channel, c.type, c.closing, c.form, c.subject, c.moment, c.start_moment, c.end_moment, c.amount,
	coalesce(c.unit, ''), coalesce(c.id, ''), coalesce(c.extra, ''), c.test)`

// countedBag is what counts now: contents and how many contacts have them. Only units that begin with prefix are looked at.
func countedBag(t fataler, f *Folder, prefix string) map[string]int {
	t.Helper()
	bag := map[string]int{}
	query(t, f, func(content string, n int) { bag[content] += n }, `SELECT `+contentColumns+`, c.copies
		FROM contacts c JOIN sources s USING (source) WHERE c.copies > 0 AND starts_with(coalesce(c.unit, ''), $1)`, prefix)
	return bag
}

// query runs a query of the test's own that gives a text and a number a row.
func query(t fataler, f *Folder, row func(string, int), sql string, args ...any) {
	t.Helper()
	ctx := context.Background()
	l, err := f.Store.BeginLoad(ctx, 0, false)
	must(t, err)
	defer l.Rollback()
	rows, err := l.Conn().QueryContext(ctx, sql, args...)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var text string
		var n int
		must(t, rows.Scan(&text, &n))
		row(text, n)
	}
	must(t, rows.Err())
}

func miscounted(t fataler, f *Folder) int64 {
	t.Helper()
	n, err := f.Store.MiscountedKeys(context.Background())
	must(t, err)
	return n
}

// audit are the faults that Audit finds.
func audit(t fataler, f *Folder) (faults []string) {
	t.Helper()
	must(t, f.Audit(context.Background(), func(s string) { faults = append(faults, s) }))
	return faults
}

func readFile(t fataler, path ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	must(t, err)
	return data
}

// Tests treat small files and folders as large ones are treated.
func init() { leastRepeat, leastKept = 0, 0 }
