package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"komhen/ingest"
	"komhen/model"
	"komhen/model/codebook"
	"komhen/queries"
	"komhen/reports"
)

// TestCubeHistories: after any order of uploads and decisions, with the cube stale, half stale or fresh, every report is the one
// that contacts themselves give; and an approval stands exactly as long as its contacts are what they were.
func TestCubeHistories(t *testing.T) {
	stated := false
	flag.Visit(func(f *flag.Flag) { stated = stated || f.Name == "rapid.checks" })
	if !stated {
		if err := flag.Lookup("rapid.checks").Value.Set("6"); err != nil {
			t.Fatal(err)
		}
	}
	book, err := codebook.Load()
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(rt *rapid.T) {
		folder, err := ingest.Open(context.Background(), t.TempDir(), book, ingest.OpenOptions{})
		if err != nil {
			rt.Fatal(err)
		}
		defer folder.Close()
		h := &cubeHistory{t: rt, folder: folder, at: time.Date(2012, 5, 20, 12, 0, 0, 0, model.Copenhagen)}
		h.upload()
		for range rapid.IntRange(3, 9).Draw(rt, "steps") {
			h.step(rapid.SampledFrom([]string{"upload", "again", "fix", "undo", "redo", "further", "refresh", "approve", "overlap", "overlap"}).Draw(rt, "step"))
		}
		if err := folder.Store.RefreshCube(context.Background()); err != nil {
			rt.Fatal(err)
		}
		if n, err := folder.Store.StaleWeeks(context.Background()); n != 0 || err != nil {
			rt.Fatalf("%d stale weeks after a refresh, %v", n, err)
		}
		if n, err := folder.Store.CubeFaults(context.Background()); n != 0 || err != nil {
			rt.Fatalf("%d faults in the cube, %v", n, err)
		}
		for _, q := range h.questions() {
			h.compare(q)
		}
	})
}

type cubeHistory struct {
	t       *rapid.T
	folder  *ingest.Folder
	at      time.Time
	uploads []cubeUpload
}

type cubeUpload struct {
	number  uint32
	rows    []string
	faulty  []int64 // lines
	options ingest.Options
}

const cubeHeader = "kommune;enhed;opgave;kanal;type;afslutning;blanket;dato;antal;kilde_id\n"

var drawCubeRow = rapid.Custom(func(t *rapid.T) string {
	pick := func(what string, from ...string) string { return rapid.SampledFrom(from).Draw(t, what) }
	return strings.Join([]string{pick("municipality", "259", "253", "101"), pick("unit", "Borgerservice", "Børn"), pick("task", "23.09.02", "01.11.00"),
		pick("channel", "TLFIND", "PRSNLG", "EMLUD", "EMLUD"), pick("type", "OPRET", "INFO", "VEJL", "NULL"), pick("closing", "STRAKS", "HOLD"), pick("form", "JA", "JA", "NEJ"),
		pick("day", "23-04-2012", "29-04-2012 23:59:59", "30-04-2012", "22-04-2012", "22-10-2012", "14-05-2012"), pick("amount", "", "", "3"), pick("id", "", "", "", "a", "b")}, ";") + "\n"
})

// municipalities and rounds of the histories. 2012E has an upload now and then.
var (
	cubeMunicipalities = []uint16{259, 253, 101}
	cubeRounds         = []string{"2012F", "2012E"}
)

func (h *cubeHistory) step(what string) {
	approved, before := h.approved(), map[string]string{}
	for who := range approved {
		before[who] = h.extract(who)
	}
	switch what {
	case "upload":
		h.upload()
	case "again":
		old := h.pick("file")
		rows := append(rapid.Permutation(old.rows).Draw(h.t, "order"), rapid.SliceOfN(drawCubeRow, 0, 3).Draw(h.t, "more")...)
		h.load(rows, old.options)
	case "fix":
		h.fix()
	case "undo", "redo", "further":
		upload := h.pick("decided").number
		var err error
		switch what {
		case "undo":
			_, err = h.folder.Undo(context.Background(), upload, ingest.Decision{At: h.at, By: "k1"})
		case "redo":
			_, err = h.folder.Redo(context.Background(), upload, ingest.Decision{At: h.at, By: "k1"})
		case "further":
			_, err = h.folder.Further(context.Background(), upload, ingest.Decision{At: h.at, By: "k1"})
		}
		h.allow(err, "nothing-to-do", "not-a-bag")
	case "refresh":
		if err := h.folder.Store.RefreshCube(context.Background()); err != nil {
			h.t.Fatal(err)
		}
	case "approve":
		err := h.folder.Approve(context.Background(), rapid.SampledFrom(cubeMunicipalities).Draw(h.t, "municipality"), rapid.SampledFrom(cubeRounds).Draw(h.t, "round"), ingest.Decision{At: h.at, By: "k2"})
		h.allow(err, "nothing-to-do", "no-contacts")
	case "overlap":
		pair := rapid.SampledFrom([][2]string{{"Tracetool", "Systemudtræk"}, {"Systemudtræk", "Nummersystem"}, {"Nummersystem", "Tracetool"}}).Draw(h.t, "pair")
		drop := rapid.SampledFrom([]string{"", pair[0], pair[1], pair[1]}).Draw(h.t, "drop")
		err := h.folder.DecideOverlap(context.Background(), rapid.SampledFrom(cubeMunicipalities).Draw(h.t, "municipality"), rapid.SampledFrom(cubeRounds).Draw(h.t, "round"),
			pair[0], pair[1], drop, ingest.Decision{At: h.at, By: "k2"})
		h.allow(err, "nothing-to-do", "overlap-source", "overlap-circle")
	}
	now := h.approved()
	for who := range approved {
		same := h.extract(who) == before[who]
		if what == "further" && same {
			continue // they were taken back and came again
		}
		if now[who] != same {
			h.t.Fatalf("%s: the contacts of %s are the same: %t; its approval stands: %t", what, who, same, now[who])
		}
	}
	for range 3 {
		h.compare(rapid.SampledFrom(h.questions()).Draw(h.t, "question"))
	}
}

func (h *cubeHistory) allow(err error, codes ...string) {
	if p, ok := err.(*model.Problem); err != nil && !(ok && slices.Contains(codes, p.Code)) {
		h.t.Fatal(err)
	}
}

func (h *cubeHistory) pick(what string) cubeUpload {
	return rapid.SampledFrom(h.uploads).Draw(h.t, what)
}

func (h *cubeHistory) upload() {
	o := ingest.Options{Name: "fil.csv", Received: h.at, Test: rapid.IntRange(0, 7).Draw(h.t, "test") == 7}
	if rapid.Bool().Draw(h.t, "system") {
		o.Kind = model.System
		o.Source = rapid.SampledFrom([]string{"", "Nummersystem"}).Draw(h.t, "source")
	}
	h.load(rapid.SliceOfN(drawCubeRow, 1, 12).Draw(h.t, "rows"), o)
}

func (h *cubeHistory) load(rows []string, o ingest.Options) {
	u := h.send(cubeHeader+strings.Join(rows, ""), o)
	up := cubeUpload{number: u.Receipt.Upload, rows: rows, options: o}
	if err := h.folder.Store.FixRows(context.Background(), up.number, func(r queries.FixRow) error {
		up.faulty = append(up.faulty, r.Line)
		return nil
	}); err != nil {
		h.t.Fatal(err)
	}
	h.uploads = append(h.uploads, up)
}

func (h *cubeHistory) send(data string, o ingest.Options) *ingest.Upload {
	u, err := h.folder.Prepare(context.Background(), strings.NewReader(data), int64(len(data)), o)
	if err != nil {
		h.t.Fatal(err)
	}
	if u.Fault != nil {
		h.t.Fatalf("%s %s", u.Fault.Rule, u.Fault.Detail)
	}
	if err := u.Commit(context.Background()); err != nil {
		h.t.Fatal(err)
	}
	return u
}

// fix mends rejected lines of an upload.
func (h *cubeHistory) fix() {
	up := h.pick("mended upload")
	if len(up.faulty) == 0 {
		return
	}
	var b strings.Builder
	b.WriteString(strings.TrimSpace(cubeHeader) + ";" + strings.Join(ingest.FixColumns, ";") + "\n")
	for _, line := range rapid.SliceOfN(rapid.SampledFrom(up.faulty), 1, 3).Draw(h.t, "lines") {
		fmt.Fprintf(&b, "%s;%d;%d;;\n", strings.TrimSpace(drawCubeRow.Draw(h.t, "mended")), up.number, line)
	}
	h.send(b.String(), ingest.Options{Name: "ret.csv", Received: h.at})
}

// approved are the rounds of municipalities that are approved now.
func (h *cubeHistory) approved() map[string]bool {
	standing := map[string]bool{}
	for _, round := range cubeRounds {
		list, err := h.folder.Store.Approvals(context.Background(), round, 0)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, a := range list {
			if a.Stands() {
				standing[fmt.Sprint(round, " ", a.Municipality)] = true
			}
		}
	}
	return standing
}

// extract is the contacts of a round of a municipality, in no order.
func (h *cubeHistory) extract(who string) string {
	var round string
	x := reports.Extract{Format: "csv"}
	if _, err := fmt.Sscan(who, &round, &x.Municipality); err != nil {
		h.t.Fatal(err)
	}
	var err error
	if x.Round, err = h.folder.Book.Round(round); err != nil {
		h.t.Fatal(err)
	}
	var b bytes.Buffer
	if _, err := reports.ExportContacts(context.Background(), h.folder.Store, h.folder.Book, x, &b); err != nil {
		h.t.Fatal(err)
	}
	return strings.Join(slices.Sorted(strings.Lines(b.String())), "")
}

func (h *cubeHistory) questions() (list []reports.Query) {
	for _, d := range reports.Names() {
		for _, name := range cubeRounds {
			round, err := h.folder.Book.Round(name)
			if err != nil {
				h.t.Fatal(err)
			}
			q := reports.Query{Name: d.Name, Round: round}
			if !d.NeedsMunicipality {
				list = append(list, q)
			}
			if !d.NationalOnly {
				q.Municipality = 259
				list = append(list, q)
			}
			if d.TakesWeeks {
				q.Weeks = "primary"
			}
			if d.TakesTypes {
				q.Types = "transaction"
			}
			list = append(list, q)
		}
	}
	return list
}

// compare holds a report to the one from contacts.
func (h *cubeHistory) compare(q reports.Query) {
	var tables [2]string
	for i, ctx := range []context.Context{context.Background(), queries.WithoutCube(context.Background())} {
		r, err := reports.Run(ctx, h.folder.Store, h.folder.Book, q)
		if err != nil {
			h.t.Fatal(err)
		}
		var b bytes.Buffer
		if err := reports.WriteJSON(&b, r); err != nil {
			h.t.Fatal(err)
		}
		tables[i] = b.String()
	}
	if tables[0] != tables[1] {
		h.t.Fatalf("%+v:\n%s\nfrom contacts:\n%s", q, tables[0], tables[1])
	}
}
