package ingest

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"komhen/queries"
)

// A thousand histories: lanes of them go in step, with the same decisions about the same files, but with rows of their own.
const (
	generatedHistories = 1000
	lanes              = 4
)

// rapidChecks makes rapid try n times in this test, unless -rapid.checks says otherwise.
func rapidChecks(t testing.TB, n int) {
	t.Helper()
	stated := false
	flag.Visit(func(f *flag.Flag) { stated = stated || f.Name == "rapid.checks" })
	if !stated {
		checks := flag.Lookup("rapid.checks").Value
		before := checks.String()
		must(t, checks.Set(fmt.Sprint(n)))
		t.Cleanup(func() { must(t, checks.Set(before)) })
	}
}

// historyFolders give histories a data folder. Many histories share one, as opening costs more than a history; the units and
// ids of each bear its own prefix, so that none can touch another, and the database is not empty when a history begins.
type historyFolders struct {
	t       *testing.T
	folder  *Folder
	number  int // of histories so far
	folders int
}

const stepsPerFolder = 25 // runs of lanes histories

func (h *historyFolders) next() (f *Folder, prefix string) {
	if h.number%stepsPerFolder == 0 {
		h.finish()
		h.folder = newFolder(h.t)
		h.folders++
		if h.folders%2 == 0 { // so many keys that a small upload is staged whole
			load(h.t, h.folder, manyRows(22_000), Options{Name: "mange.csv"})
		}
		if h.folders%2 == 1 { // most names are written with their rows
			h.folder.names = 3
		}
		if h.folders%3 != 0 {
			h.folder.Store.FetchNear = func(rows, _ int64) bool { return rows%2 == 0 }
		}
	}
	h.number++
	return h.folder, fmt.Sprintf("h%d-", h.number)
}

func manyRows(n int) []byte {
	var b strings.Builder
	b.WriteString("kommune;enhed;opgave;kanal;type;afslutning;blanket;dato\n")
	for i := range n {
		fmt.Fprintf(&b, "253;Mange;23.09.02;PRSNLG;OPRET;STRAKS;JA;23-04-2012 %02d:%02d:%02d\n", i/3600, i/60%60, i%60)
	}
	return []byte(b.String())
}

// finish ends the present folder: all of it must be counted right, and of the first folder a rebuilt database must be the same.
func (h *historyFolders) finish() {
	if h.folder == nil || h.t.Failed() {
		return
	}
	h.t.Helper()
	if faults := audit(h.t, h.folder); len(faults) > 0 {
		h.t.Fatal(faults)
	}
	if h.folders == 1 {
		rebuildIsEqual(h.t, h.folder)
	}
	must(h.t, h.folder.Close())
	h.folder = nil
}

// rebuildIsEqual closes the folder, makes its database anew, and compares contacts, uploads and findings.
func rebuildIsEqual(t *testing.T, f *Folder) {
	t.Helper()
	ctx := context.Background()
	before, uploads, findings := countedBag(t, f, ""), storedUploads(t, f), storedFindings(t, f)
	must(t, f.Close())
	if _, err := Rebuild(ctx, f.Dir, f.Book, OpenOptions{}); err != nil {
		t.Fatal(err)
	}
	again := openFolder(t, f.Dir)
	defer again.Close()
	if d := differences(countedBag(t, again, ""), before); d != "" {
		t.Errorf("a rebuilt database counts differently:\n%s", d)
	}
	if got := storedUploads(t, again); !slices.Equal(got, uploads) {
		t.Errorf("a rebuilt database has other receipts:\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(uploads, "\n"))
	}
	if d := differences(storedFindings(t, again), findings); d != "" {
		t.Errorf("a rebuilt database has other findings:\n%s", d)
	}
	if n := miscounted(t, again); n != 0 {
		t.Errorf("%d keys are miscounted in the rebuilt database", n)
	}
}

func storedUploads(t fataler, f *Folder) (list []string) {
	t.Helper()
	uploads, err := f.Store.Uploads(context.Background())
	must(t, err)
	for _, u := range uploads {
		list = append(list, fmt.Sprintf("%+v", u))
	}
	return list
}

func storedFindings(t fataler, f *Folder) map[string]int {
	t.Helper()
	bag := map[string]int{}
	query(t, f, func(text string, n int) { bag[text] += n },
		`SELECT concat_ws('|', upload, rule, severity, line, record, column_name, value, detail, proposal), 1 FROM findings`)
	return bag
}

// history carries out decisions both in a data folder and in the model.
type history struct {
	world
	t      *rapid.T
	f      *Folder
	prefix string
	pool   [lanes][]sample
	files  []*part // uploaded files by what stands in them, for uploading again
}

// TestHistories is the property of codebook §6: after any order of upload, re-upload, fix-it file, undo, redo and "these are further
// contacts" the database counts exactly what the model counts.
func TestHistories(t *testing.T) {
	workers := min(runtime.GOMAXPROCS(0), 2)
	rapidChecks(t, (generatedHistories/lanes+workers-1)/workers)
	for i := range workers {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			h := &historyFolders{t: t}
			rapid.Check(t, func(rt *rapid.T) {
				f, prefix := h.next()
				liveOneHistory(rt, f, prefix)
			})
			h.finish()
		})
	}
}

func liveOneHistory(t *rapid.T, f *Folder, prefix string) {
	h := &history{t: t, f: f, prefix: prefix}
	for lane := range h.pool {
		h.pool[lane] = rapid.SliceOfN(drawSample, 2, 5).Draw(t, "pool")
		for i := range h.pool[lane] {
			h.pool[lane][i].lane = lane
		}
	}
	h.upload()
	for range rapid.IntRange(1, 6).Draw(t, "steps") {
		switch rapid.SampledFrom([]string{"upload", "again", "again", "fix", "fix", "undo", "undo", "redo", "further"}).Draw(t, "step") {
		case "upload":
			h.upload()
		case "again":
			h.again()
		case "fix":
			h.fix()
		case "undo":
			h.flip(true)
		case "redo":
			h.flip(false)
		case "further":
			h.further()
		}
	}
	h.compare()
	if !h.conflicting() && len(h.parts) <= 5 && rapid.IntRange(0, 3).Draw(t, "other order") == 0 {
		h.otherOrder()
	}
}

// fail ends a history that does not hold, with all of it.
func (h *history) fail(format string, args ...any) {
	h.t.Helper()
	var list []string
	for _, p := range h.parts {
		list = append(list, p.String())
	}
	h.t.Fatalf("%s\n%s", fmt.Sprintf(format, args...), strings.Join(list, "\n"))
}

func (h *history) compare() {
	h.t.Helper()
	if d := differences(countedBag(h.t, h.f, h.prefix), h.counted(h.prefix)); d != "" {
		h.fail("codebook §6 does not hold:\n%s", d)
	}
}

// upload brings a new file.
func (h *history) upload() {
	p := &part{uploadTerms: uploadTerms{
		municipality: rapid.SampledFrom([]uint16{0, 0, 0, 259}).Draw(h.t, "uploader"),
		source:       rapid.SampledFrom([]string{"", "", "Telefonsystem"}).Draw(h.t, "source option"),
		test:         rapid.IntRange(0, 7).Draw(h.t, "test") == 7,
	}}
	for _, pool := range h.pool {
		for _, s := range rapid.SliceOfN(rapid.SampledFrom(pool), 0, 12).Draw(h.t, "rows") {
			s.fault = drawFault.Draw(h.t, "fault")
			p.rows = append(p.rows, s)
		}
	}
	h.load(p)
}

// again uploads a file once more: other row order and looks, sometimes a few rows more.
func (h *history) again() {
	old := rapid.SampledFrom(h.files).Draw(h.t, "file")
	p := &part{uploadTerms: old.uploadTerms}
	if len(old.rows) > 0 {
		p.rows = rapid.Permutation(old.rows).Draw(h.t, "row order")
	}
	for _, pool := range h.pool {
		p.rows = append(p.rows, rapid.SliceOfN(rapid.SampledFrom(pool), 0, 2).Draw(h.t, "rows more")...)
	}
	h.load(p)
}

// load uploads a part that starts a bag of its own.
func (h *history) load(p *part) {
	d := drawDress.Draw(h.t, "look")
	if len(p.rows) == 0 && d.encoding == "xlsx" {
		d.encoding = "UTF-8"
	}
	var data []byte
	data, p.lines = d.write(h.t, p.rows, h.prefix, 0, nil)
	p.live = true
	h.files = append(h.files, p)
	h.expect(p, load(h.t, h.f, data, p.options("fil."+d.encoding)), func(u *Upload) uint32 { return u.Receipt.Upload })
}

// expect takes an upload into the model and holds its receipt to what changed there.
func (h *history) expect(p *part, u *Upload, bag func(*Upload) uint32) {
	h.t.Helper()
	before := h.counted("")
	p.number = u.Receipt.Upload
	p.bag = bag(u)
	p.judge()
	h.parts = append(h.parts, p)
	h.receipt(u, before, p)
}

func (h *history) receipt(u *Upload, before map[string]int, parts ...*part) {
	h.t.Helper()
	r := u.Receipt
	rejected := 0
	for _, p := range parts {
		if p.bag == p.number {
			rejected += len(p.rejected)
		}
	}
	if parts[0].bag == parts[0].number && r.Rejected != int64(rejected) {
		h.fail("upload %d rejects %d rows, must be %d: %s", r.Upload, r.Rejected, rejected, rulesOf(h.t, u))
	}
	after := h.counted("")
	if added := int64(sum(after) - sum(before)); r.Accepted-r.Corrections != added {
		h.fail("upload %d adds %d − %d contact rows, must be %d", r.Upload, r.Accepted, r.Corrections, added)
	}
	if !r.Balanced() || r.Bag != parts[0].bag {
		h.fail("receipt %+v", r)
	}
}

// fix continues a bag: some of its rejected lines mended, or mended twice, or wrong again.
func (h *history) fix() {
	var roots []*part
	for _, p := range h.parts {
		if p.bag == p.number && len(p.rejected) > 0 {
			roots = append(roots, p)
		}
	}
	if len(roots) == 0 {
		return
	}
	root := rapid.SampledFrom(roots).Draw(h.t, "fix upload")
	p := &part{uploadTerms: root.uploadTerms, salt: root.salt, live: true}
	for _, line := range rapid.SliceOfN(rapid.SampledFrom(root.openLines()), 1, 6*lanes).Draw(h.t, "lines") {
		s := rapid.SampledFrom(rapid.SampledFrom(h.pool[:]).Draw(h.t, "lane")).Draw(h.t, "mended")
		s.fault = drawFault.Draw(h.t, "fault")
		p.rows, p.lines = append(p.rows, s), append(p.lines, line)
	}
	data, _ := drawDress.Draw(h.t, "look").write(h.t, p.rows, h.prefix, root.number, p.lines)
	// whatever the fix-it file is uploaded with, it goes on as its upload was
	h.expect(p, load(h.t, h.f, data, Options{Name: "rettelser.csv"}), func(*Upload) uint32 { return root.number })
}

// flip undoes or redoes an upload.
func (h *history) flip(live bool) {
	var some []*part
	for _, p := range h.parts {
		if p.live == live {
			some = append(some, p)
		}
	}
	if len(some) == 0 {
		return
	}
	p := rapid.SampledFrom(some).Draw(h.t, "flipped")
	before := sum(h.counted(""))
	var d queries.Difference
	var err error
	if live {
		d, err = h.f.Undo(context.Background(), p.number, usualDecision)
	} else {
		d, err = h.f.Redo(context.Background(), p.number, usualDecision)
	}
	must(h.t, err)
	p.live = !live
	if added := int64(sum(h.counted("")) - before); d.Rows-d.RowsAway != added {
		h.fail("upload %d live=%t: %+v, must be %d rows", p.number, p.live, d, added)
	}
}

// further makes a bag a source of its own.
func (h *history) further() {
	var roots []*part
	for _, p := range h.parts {
		if p.bag == p.number && p.live {
			roots = append(roots, p)
		}
	}
	if len(roots) == 0 {
		return
	}
	root := rapid.SampledFrom(roots).Draw(h.t, "further")
	u, err := h.f.Further(context.Background(), root.number, usualDecision)
	must(h.t, err)
	number := u.Receipt.Upload
	bag := number
	for _, p := range slices.Clone(h.parts) {
		if p.bag != root.number || !p.live {
			continue
		}
		again := *p
		again.number, again.bag, again.salt = number, bag, bag
		again.judge()
		h.parts = append(h.parts, &again)
		number++
	}
	root.live = false
}

// otherOrder loads what survived once, in another order and under another prefix, and must find the same bag.
func (h *history) otherOrder() {
	want := h.counted("")
	other := &history{t: h.t, f: h.f, prefix: "x" + h.prefix}
	var roots []*part
	for _, p := range h.parts {
		if p.bag == p.number && p.live {
			roots = append(roots, p)
		}
	}
	rand.New(rand.NewPCG(uint64(len(roots)), 1)).Shuffle(len(roots), func(i, j int) { roots[i], roots[j] = roots[j], roots[i] })
	for _, root := range roots {
		p := *root
		data, lines := dress{encoding: "UTF-8", comma: ';', order: []int{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}}.write(h.t, p.rows, other.prefix, 0, nil)
		moved := map[int64]int64{} // old line to new
		for i, line := range p.lines {
			moved[line] = lines[i]
		}
		o := p.options("igen.csv")
		if root.salt != 0 {
			o.further, o.replaces = true, root.number
		}
		u := load(h.t, h.f, data, o)
		mends := h.mends(root)
		var rows []sample
		var at []int64
		for _, line := range slices.Sorted(maps.Keys(mends)) {
			rows, at = append(rows, mends[line].stand[line]), append(at, moved[line])
		}
		if len(rows) > 0 {
			data, _ := dress{encoding: "UTF-8", comma: ',', order: []int{11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0}}.write(h.t, rows, other.prefix, u.Receipt.Upload, at)
			load(h.t, h.f, data, Options{Name: "rettelser igen.csv"})
		}
	}
	got := map[string]int{}
	for content, n := range countedBag(h.t, h.f, other.prefix) {
		got[strings.ReplaceAll(content, other.prefix, "")] += n
	}
	if d := differences(got, want); d != "" {
		h.fail("another order counts differently:\n%s", d)
	}
}
