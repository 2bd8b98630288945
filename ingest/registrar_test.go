package ingest

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"golang.org/x/sync/errgroup"

	"komhen/model"
)

// expectedAnswer is a line of answers.json.
type expectedAnswer struct {
	ID       string   `json:"id"`
	Outcome  Outcome  `json:"outcome"`
	Upload   uint32   `json:"upload,omitempty"`
	Findings []string `json:"findings,omitempty"`
}

func register(t *testing.T, g *Registrar, body string, change ...func(*RegistrationBatch)) []RegistrationAnswer {
	t.Helper()
	rows, err := DecodeRegistrations(strings.NewReader(body))
	must(t, err)
	b := RegistrationBatch{Municipality: 259, Unit: "Borgerservice", By: "konto-1", Received: usualReceived, Rows: rows}
	for _, c := range change {
		c(&b)
	}
	answers, err := g.Register(context.Background(), b)
	must(t, err)
	return answers
}

func outcomesOf(answers []RegistrationAnswer) string {
	var list []string
	for _, a := range answers {
		list = append(list, a.ID+" "+string(a.Outcome))
	}
	return strings.Join(list, ", ")
}

func registration(id, more string) string {
	return fmt.Sprintf(`{"id":%q,"opgave":"23.05.10","kanal":"TLFIND","type":"OPRET","afslutning":"STRAKS","dato":"23-04-2012 10:05"%s}`, id, more)
}

// TestRegistrations compares the answers to those of testdata/registrations, word for word, sends everything once more, and rebuilds.
func TestRegistrations(t *testing.T) {
	f := newFolder(t)
	g := NewRegistrar(f)
	body := string(readFile(t, testdata, "registrations", "body.json"))
	for _, name := range []string{"answers.json", "again.json"} {
		var got []expectedAnswer
		for _, a := range register(t, g, body) {
			e := expectedAnswer{ID: a.ID, Outcome: a.Outcome, Upload: a.Upload}
			for _, x := range a.Findings {
				e.Findings = append(e.Findings, x.Rule+" "+f.Book.MessageOf(x))
			}
			got = append(got, e)
		}
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		must(t, enc.Encode(got))
		path := filepath.Join(testdata, "registrations", name)
		if *update {
			must(t, os.WriteFile(path, b.Bytes(), 0o644))
		} else if want := readFile(t, path); !bytes.Equal(b.Bytes(), want) {
			t.Errorf("%s differs; -update writes it anew.\n%s", name, lineDifferences(b.String(), string(want)))
		}
		if strings.Contains(b.String(), "230412") {
			t.Error("a CPR-shaped value is told")
		}
	}
	if n := sum(countedBag(t, f, "")); n != 3 {
		t.Errorf("%d contacts rows count", n)
	}
	if kept := string(readFile(t, f.Dir, "uploads/000001.csv")); strings.Contains(kept, "230412") || !strings.Contains(kept, "a;b") {
		t.Error(kept)
	}
	list, err := f.Store.Uploads(context.Background())
	must(t, err)
	if u := list[0]; u.Layout != SentLayout || u.Source != "Tracetool" || u.File != "registreringer 20-05-2012 12.00.00.csv" || u.Municipality != 259 {
		t.Errorf("%+v", u)
	}
	if faults := audit(t, f); len(faults) > 0 {
		t.Error(faults)
	}
	rebuildIsEqual(t, f)
}

// TestRegistrationsAreContacts: a registration is the same contact as the row of a file with its id, and what comes of an id later is a
// correction; another unit cannot take it over.
func TestRegistrationsAreContacts(t *testing.T) {
	f, ctx := newFolder(t), context.Background()
	g := NewRegistrar(f)
	say := func(want, body string, change ...func(*RegistrationBatch)) []RegistrationAnswer {
		t.Helper()
		answers := register(t, g, body, change...)
		if got := outcomesOf(answers); got != want {
			t.Errorf("%s, must be %s", got, want)
		}
		return answers
	}
	say("x accepted, y accepted", registration("x", "")+"\n\n"+registration("y", ""))
	say("x known, y known", registration("y", "")[:0]+"["+registration("x", "")+","+registration("y", "")+"]")
	if r := load(t, f, []byte(withID+"259;Borgerservice;23.05.10;TLFIND;OPRET;STRAKS;;23-04-2012 10:05;x\n"), Options{}).Receipt; r.Withheld != 1 {
		t.Errorf("%+v", r)
	}
	say("x corrected", registration("x", `,"note":"rettet"`))
	say("x known", registration("x", `,"note":"rettet"`))
	say("x corrected", registration("x", ""))
	jobcenter := func(b *RegistrationBatch) { b.Unit = "Jobcenter" }
	answers := say("x rejected, z accepted", registration("x", "")+"\n"+registration("z", ""), jobcenter)
	if a := answers[0]; a.Upload != 0 || len(a.Findings) != 1 || a.Findings[0].Rule != "R16" {
		t.Errorf("%+v", a)
	}
	say("x rejected", registration("x", ""), jobcenter)
	say("x accepted", registration("x", ""), jobcenter, func(b *RegistrationBatch) { b.Source = "Andet program" })
	say("x accepted", registration("x", ""), func(b *RegistrationBatch) { b.Municipality, b.Unit = 253, "Jobcenter" })
	test := func(b *RegistrationBatch) { b.Test = true }
	say("x accepted", registration("x", ""), test)
	say("x known", registration("x", ""), test)
	if n := sum(countedBag(t, f, "Borgerservice")); n != 3 { // x, y, and the test row
		t.Errorf("%d contacts", n)
	}
	must(t, undo(f)(ctx, 1, usualDecision))
	say("x known, y known", registration("x", "")+"\n"+registration("y", "")) // the second sending holds them too
	for _, wrong := range []RegistrationBatch{{}, {Municipality: 259}, {Unit: "x"}, {Municipality: 1, Unit: "x"}} {
		if _, err := g.Register(ctx, wrong); problem(err) != "registrations-whose" {
			t.Errorf("%+v: %v", wrong, err)
		}
	}
	if faults := audit(t, f); len(faults) > 0 {
		t.Error(faults)
	}
	rebuildIsEqual(t, f)
}

// waitingFor waits until so many requests wait.
func (g *Registrar) waitingFor(n int) {
	for waiting := 0; waiting < n; runtime.Gosched() {
		g.mu.Lock()
		waiting = 0
		for _, q := range g.queues {
			waiting += len(q)
		}
		g.mu.Unlock()
	}
}

// TestRegistrationsShareUploads: requests that wait at the same time become one upload for each municipality, and each gets its own
// answers; two that contradict each other are kept apart and in order.
func TestRegistrationsShareUploads(t *testing.T) {
	f, ctx := newFolder(t), context.Background()
	g := NewRegistrar(f)
	u := prepare(t, f, rows(goodRow), Options{})
	const requests = 40
	var group errgroup.Group
	send := func(want string, b RegistrationBatch) {
		group.Go(func() error {
			b.Received, b.Unit = usualReceived, "Borgerservice"
			answers, err := g.Register(ctx, b)
			if got := outcomesOf(answers); err == nil && got != want {
				err = fmt.Errorf("%s, must be %s", got, want)
			}
			return err
		})
	}
	decoded := func(body string) []Registration {
		list, err := DecodeRegistrations(strings.NewReader(body))
		must(t, err)
		return list
	}
	for i := range requests {
		municipality := []uint16{259, 253}[i%2]
		good, bad := fmt.Sprint("g", i), fmt.Sprint("b", i)
		send(good+" accepted, "+bad+" rejected", RegistrationBatch{Municipality: municipality, By: fmt.Sprint("konto-", i%4),
			Rows: decoded(registration(good, "") + "\n" + registration(bad, `,"blanket":"måske"`))})
	}
	g.waitingFor(requests)
	given, giveUp := context.WithCancel(ctx)
	refused := make(chan error, 1)
	go func() {
		_, err := g.Register(given, RegistrationBatch{Municipality: 259, Unit: "Borgerservice", Received: usualReceived, Rows: decoded(registration("never", ""))})
		refused <- err
	}()
	g.waitingFor(requests + 1)
	for i, want := range []string{"s accepted", "s corrected", "s corrected"} {
		send(want, RegistrationBatch{Municipality: 259, Rows: decoded(registration("s", fmt.Sprintf(`,"note":"%d"`, i)))})
		g.waitingFor(requests + 2 + i)
	}
	giveUp()
	if err := <-refused; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	must(t, u.Discard())
	must(t, group.Wait())
	list, err := f.Store.Uploads(ctx)
	must(t, err)
	if len(list) != 4 { // two municipalities, and the two corrections
		t.Errorf("%d uploads", len(list))
	}
	if n := sum(countedBag(t, f, "")); n != requests+1 {
		t.Errorf("%d contacts", n)
	}
	for left := 1; left > 0; runtime.Gosched() { // no queue is left behind
		g.mu.Lock()
		left = len(g.queues)
		g.mu.Unlock()
	}
	by := map[string]bool{}
	must(t, f.Decisions(ctx, func(e Entry) error { by[e.By] = true; return nil }))
	if len(by) < 2 {
		t.Errorf("%v", by)
	}
	must(t, f.Close())
	if _, err := g.Register(ctx, RegistrationBatch{Municipality: 259, Unit: "x", Rows: decoded(registration("a", ""))}); problem(err) != "closing" {
		t.Error(err)
	}
}

// TestRegistrationBodies: what is no list is refused whole; a line that cannot be read is not.
func TestRegistrationBodies(t *testing.T) {
	for body, code := range map[string]string{
		"": "registrations-unreadable", " \n": "registrations-unreadable", "[1,": "registrations-unreadable", "[" + strings.Repeat("{},", MaxRegistrations) + "{}]": "registrations-too-many",
		strings.Repeat(" ", MaxRegistrationBytes+1): "registrations-too-large",
	} {
		if _, err := DecodeRegistrations(strings.NewReader(body)); problem(err) != code {
			t.Errorf("%.20q: %v", body, err)
		}
	}
	list, err := DecodeRegistrations(strings.NewReader("\ufeff" + registration("a", "") + "\nvrøvl\r\n" + registration("b", "") + "\n{\"id\":\"c\""))
	must(t, err)
	if len(list) != 4 || list[0].Fault != nil || list[1].Fault == nil || list[2].Fault != nil || list[3].Fault == nil {
		t.Errorf("%+v", list)
	}
	list, err = DecodeRegistrations(strings.NewReader("{\n \"id\": \"a\",\n \"kanal\": \"WEB\"\n}"))
	must(t, err)
	if len(list) != 1 || list[0].Values["kanal"] != "WEB" {
		t.Errorf("%+v", list)
	}
	for body, want := range map[string]string{
		`{"id":"` + strings.Repeat("x", maxRegistrationID+1) + `"}`: "over 200 tegn",
		`{"id":"a","note":"` + strings.Repeat("x", 2000) + `"}`:     "over 1000 tegn",
		`{"id":"a","x":{"y":1}}`:                                    "hverken tekst",
		`{"id":"a","systemudtræk":"JA"}`:                            "kan ikke være navnet",
		`{"id":"a","id":"b"}`:                                       "samme parameter",
		`{"id":"a","---":"b"}`:                                      "kan ikke være navnet",
		`{"id":null}`:                                               "mangler et id",
		`{"id":"a",` + strings.Repeat(`"x":1,`, 3) + `"y":1}`:       "samme parameter",
		`{"id":"a"} {"id":"b"}`:                                     "ikke et JSON-objekt",
	} {
		list, err := DecodeRegistrations(strings.NewReader(body))
		must(t, err)
		if len(list) != 1 || list[0].Fault == nil || !strings.Contains(list[0].Fault.Detail, want) {
			t.Errorf("%.60s: %+v", body, list)
		}
	}
}

// FuzzRegistrations: whatever is sent, the rows that could be read become as many lines of a table, none of which holds a mark that
// would end it early, and no finding tells a person's number.
func FuzzRegistrations(f *testing.F) {
	f.Add(readFile(f, testdata, "registrations", "body.json"))
	f.Add([]byte(registration("a", "") + "\n" + registration("b", `,"\u0000":"\u2028","x\ny":"\""`)))
	f.Add([]byte(`[{"id":"230412-1234","2304121234":"x"},null,1,"x",{}]`))
	f.Fuzz(func(t *testing.T, body []byte) {
		list, err := DecodeRegistrations(bytes.NewReader(body))
		if err != nil {
			if problem(err) == "" || list != nil {
				t.Fatal(list, err)
			}
			return
		}
		book := testBook(t)
		b := &sentBatch{RegistrationBatch: RegistrationBatch{Municipality: 259, Unit: "Borgerservice"}, answers: make([]RegistrationAnswer, len(list))}
		for i, r := range list {
			b.take(book, i, r)
		}
		for _, a := range b.answers {
			for _, x := range a.Findings {
				text := x.Column + "\n" + x.Value + "\n" + x.Detail + "\n" + x.Proposal
				if masked, hit := model.MaskCPR(text, false); hit {
					t.Fatalf("a finding tells %q", masked)
				}
			}
		}
		data, err := writeTable(registrationTable(b.rows))
		must(t, err)
		if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 || bytes.Count(data, []byte("\n")) != len(b.rows)+1 {
			t.Fatalf("%d rows became %q", len(b.rows), data)
		}
		r := csv.NewReader(bytes.NewReader(data[3:]))
		r.Comma = ';'
		table, err := r.ReadAll()
		must(t, err)
		if _, err := readHeader(table[0]); err != nil || len(table) != len(b.rows)+1 {
			t.Fatalf("%d rows became %d: %v", len(b.rows), len(table)-1, err)
		}
	})
}
