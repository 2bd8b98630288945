package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"komhen/ingest"
	"komhen/model"
)

// doorCase is a file of testdata with what must be said of it, and what must be there before it.
type doorCase struct {
	dir, path string
	options   struct {
		Before       []string   `json:"before"`
		KLE          string     `json:"kle"`
		Received     *time.Time `json:"received"`
		Municipality uint16     `json:"municipality"`
		Source       string     `json:"source"`
		Kind         model.Kind `json:"kind"`
		Test         bool       `json:"test"`
		Sheet        string     `json:"sheet"`
		MaxBytes     int64      `json:"max_bytes"`
	}
}

func doorCases(t *testing.T) (cases []doorCase) {
	t.Helper()
	for _, pattern := range []string{"rules/*/input.*", "layouts/*.csv", "layouts/*.txt", "layouts/*.xlsx", "walkthrough/*.csv"} {
		paths, err := filepath.Glob("../testdata/" + pattern)
		check(t, err)
		for _, path := range paths {
			c := doorCase{dir: filepath.Dir(path), path: path}
			if text, err := os.ReadFile(filepath.Join(c.dir, "options.json")); err == nil {
				check(t, json.Unmarshal(text, &c.options))
			}
			if c.options.MaxBytes == 0 { // how large a file may be is each door's own matter
				cases = append(cases, c)
			}
		}
	}
	if len(cases) < 80 {
		t.Fatalf("only %d files", len(cases))
	}
	return cases
}

// fields are the options as a form has them.
func (c doorCase) fields() map[string]string {
	o, fields := c.options, map[string]string{}
	if o.Municipality != 0 {
		fields["municipality"] = fmt.Sprint(o.Municipality)
	}
	if o.Test {
		fields["test"] = "1"
	}
	for name, value := range map[string]string{"source": o.Source, "kind": string(o.Kind), "sheet": o.Sheet} {
		if value != "" {
			fields[name] = value
		}
	}
	return fields
}

// TestSameReceiptThroughEveryDoor: the page, the API and the command line's way give the same receipt of the same file, to the last
// letter of every finding, and so does loading it.
func TestSameReceiptThroughEveryDoor(t *testing.T) {
	t.Parallel()
	shared := newService(t)
	for _, c := range doorCases(t) {
		t.Run(strings.TrimPrefix(c.path, "../testdata/"), func(t *testing.T) {
			x := shared
			if c.options.Before != nil || c.options.KLE != "" || c.options.Received != nil {
				x = newService(t)
				c.prepare(t, x)
			}
			want := c.commandLine(t, x)
			var pairs []string
			for name, value := range c.fields() {
				pairs = append(pairs, name, value)
			}
			data := read(t, c.path)
			through := x.send("operator", "?dry_run=1", filepath.Base(c.path), data, pairs...)
			sameText(t, "the API", string(through.body), want)
			sameText(t, "the page", c.page(t, x, data), want)
			if x == shared {
				return
			}
			loaded := x.send("operator", "", filepath.Base(c.path), data, pairs...)
			sameText(t, "loading", withoutNumber(string(loaded.body)), want)
		})
	}
}

// prepare brings a service to where the case begins.
func (c doorCase) prepare(t *testing.T, x *service) {
	t.Helper()
	if c.options.Received != nil {
		x.clock = *c.options.Received
	}
	if c.options.KLE != "" {
		_, _, err := x.folder.ImportKLE(t.Context(), filepath.Join(c.dir, c.options.KLE), ingest.Decision{At: x.clock})
		check(t, err)
	}
	for _, name := range c.options.Before {
		x.sendFile("operator", "", filepath.Join(c.dir, name)).want(t, http.StatusCreated, "")
	}
}

// commandLine is what komhen import --json prints, made as it makes it.
func (c doorCase) commandLine(t *testing.T, x *service) string {
	t.Helper()
	file, size, bad := ingest.OpenFile(c.path)
	if bad != "" {
		t.Fatal(bad)
	}
	defer file.Close()
	u, err := x.folder.Check(t.Context(), file, size, ingest.Options{Name: filepath.Base(c.path), Municipality: c.options.Municipality, Source: c.options.Source, Kind: c.options.Kind,
		Test: c.options.Test, Sheet: c.options.Sheet, Received: x.clock})
	check(t, err)
	defer u.Discard()
	u.Receipt.Upload = 0
	return document(t, u.Full())
}

// page sends the file as a person does, and gives the receipt that waits for an answer.
func (c doorCase) page(t *testing.T, x *service, data []byte) string {
	t.Helper()
	a, ok := x.accounts.ByEmail("operator@example.dk")
	if !ok {
		t.Fatal("no operator")
	}
	v := x.signedInAs(t, a)
	where, _, _ := v.send(c.fields(), map[string][]byte{filepath.Base(c.path): data})
	v.settle(where)
	p, err := x.pending.find(strings.TrimPrefix(where, "/incoming/"), a.ID)
	check(t, err)
	defer x.pending.drop(p)
	sums := p.sums
	sums.Upload, sums.Bag = 0, 0
	full := ingest.FullReceipt{Receipt: sums, Say: x.book.MessageOf, Findings: func(_ context.Context, each func(model.Finding) error) error {
		found, err := p.findings.page("", 0, 1<<30)
		check(t, err)
		for _, f := range found {
			check(t, each(f))
		}
		return nil
	}}
	if p.fault != nil && p.sentence != x.book.MessageOf(*p.fault) {
		t.Errorf("the page says %q", p.sentence)
	}
	head, err := json.Marshal(p.receipt)
	check(t, err)
	text := document(t, full)
	if !strings.HasPrefix(text, `{"uploads":[`+strings.TrimSuffix(string(head), "}")) {
		t.Errorf("the page's receipt and its sums differ:\n%s\n%s", head, text)
	}
	return text
}

func document(t *testing.T, full ingest.FullReceipt) string {
	t.Helper()
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	_, err := w.WriteString(`{"uploads":[`)
	check(t, err)
	check(t, full.WriteJSON(t.Context(), w))
	_, err = w.WriteString("]}\n")
	check(t, err)
	check(t, w.Flush())
	return b.String()
}

// withoutNumber is a receipt as it would be if nothing had been loaded.
func withoutNumber(text string) string {
	var doc struct {
		Uploads []struct {
			Upload, Bag *uint32
		}
	}
	if json.Unmarshal([]byte(text), &doc) != nil || len(doc.Uploads) != 1 || doc.Uploads[0].Upload == nil {
		return text
	}
	text = strings.Replace(text, fmt.Sprintf(`"upload":%d`, *doc.Uploads[0].Upload), `"upload":null`, 1)
	if bag := doc.Uploads[0].Bag; bag != nil {
		text = strings.Replace(text, fmt.Sprintf(`"bag":%d,`, *bag), "", 1)
	}
	return text
}

func sameText(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		at := 0
		for at < len(got) && at < len(want) && got[at] == want[at] {
			at++
		}
		t.Errorf("%s differs at %d:\n%.300s\n%.300s", what, at, got[max(0, at-60):], want[max(0, at-60):])
	}
}

// TestCoordinatorsReceipt: a municipality's own people get the same receipt of a file that is theirs, only without the question whose it is.
func TestCoordinatorsReceipt(t *testing.T) {
	x := newService(t)
	path := walkFolder + "1-registreringer.csv"
	byCoordinator := x.sendFile("coordinator", "?dry_run=1", path)
	byOperator := x.sendFile("operator", "?dry_run=1&municipality=259", path)
	sameText(t, "the coordinator's", string(byCoordinator.body), string(byOperator.body))
}
