package ingest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"komhen/model"
	"komhen/queries"
)

// delivered is a file of Digital Post: five rows of Køge (one without a task that exists, one with a CPR number), three of Odense, one of
// a municipality that there is not, and one with too few cells.
const delivered = `KommuneID;Enhed;KLE Opgave kode;Henvendelses Kanal;Henvendelses type;Afslutning;Blanket;Dato
259;;23.05.10;DOKUD;INFO;HOLD;NEJ;23-04-2012
259;;23.05.10;DOKUD;INFO;HOLD;NEJ;23-04-2012
461;;23.05.10;DOKUD;INFO;HOLD;NEJ;23-04-2012
259;NULL;23.05.10;DOKUD;NULL;NULL;NULL;24-04-2012

259;;23.05.10.11;DOKUD;INFO;HOLD;NEJ;24-04-2012
461;Post;23.05.10;DOKUD;INFO;HOLD;NEJ;25-04-2012
461;;23.05.10;DOKUD;INFO;HOLD;NEJ;25-04-2012
259;010190-1234;23.05.10;DOKUD;INFO;HOLD;NEJ;25-04-2012
999;;23.05.10;DOKUD;INFO;HOLD;NEJ;25-04-2012
259;;23.05.10
`

var (
	deliveredAt  = time.Date(2012, 6, 19, 9, 0, 0, 0, model.Copenhagen)
	deliveryDay  = model.NewDate(2012, 6, 22)
	operator     = Decision{At: deliveredAt, By: "kl"}
	digitalPost  = Delivering{What: "Digital Post", Round: "2012F", Day: deliveryDay}
	koege, other = uint16(259), uint16(461)
)

func deliver(t fataler, f *Folder, data string, d Delivering) uint64 {
	t.Helper()
	number, u, err := f.Deliver(context.Background(), strings.NewReader(data), int64(len(data)), Options{Name: "digital post.csv", Received: deliveredAt, By: "kl", Delivering: &d})
	must(t, err)
	if u.Fault != nil {
		t.Fatalf("%s %s", u.Fault.Rule, u.Fault.Detail)
	}
	return number
}

func partOf(t fataler, f *Folder, number uint64, municipality uint16) queries.CentralPart {
	t.Helper()
	c, err := f.Store.Central(context.Background(), number)
	must(t, err)
	p := c.Part(municipality)
	if p == nil {
		t.Fatalf("no part for %d", municipality)
	}
	return *p
}

// due loads what is due and lists "municipality:upload".
func due(t fataler, f *Folder, at time.Time) string {
	t.Helper()
	var list []string
	must(t, f.LoadDue(context.Background(), at, func(_ uint64, u *Upload) {
		list = append(list, fmt.Sprint(u.Receipt.Municipality, ":", u.Receipt.Upload))
	}))
	return strings.Join(list, " ")
}

// centralState is everything there is to know of deliveries, and what counts.
func centralState(t fataler, f *Folder) string {
	t.Helper()
	list, err := f.Store.Centrals(context.Background())
	must(t, err)
	steps, err := f.Store.CentralSteps(context.Background(), 0)
	must(t, err)
	uploads, err := f.Store.Uploads(context.Background())
	must(t, err)
	var b strings.Builder
	for _, c := range list {
		fmt.Fprintf(&b, "%+v\n", c)
	}
	for _, s := range steps {
		fmt.Fprintf(&b, "%+v\n", s)
	}
	for _, u := range uploads {
		fmt.Fprintf(&b, "%+v %v %d\n", u.Receipt, u.Live, u.Delivery)
	}
	return fmt.Sprint(b.String(), countedBag(t, f, ""))
}

// sameAfterRebuild closes a folder, rebuilds it and holds the two states equal.
func sameAfterRebuild(t *testing.T, f *Folder) *Folder {
	t.Helper()
	before := centralState(t, f)
	must(t, f.Close())
	_, err := Rebuild(context.Background(), f.Dir, f.Book, OpenOptions{})
	must(t, err)
	again := openFolder(t, f.Dir)
	if after := centralState(t, again); after != before {
		t.Fatalf("rebuilt:\n%s\nbefore:\n%s", after, before)
	}
	if faults := audit(t, again); len(faults) > 0 {
		t.Fatal(faults)
	}
	return again
}

// TestCentralDueOnce: nobody answers, and each part loads once on its day, also after downtime over several openings; its receipt adds up
// to its own rows, and what is nobody's is loaded by nobody.
func TestCentralDueOnce(t *testing.T) {
	f := newFolder(t)
	number := deliver(t, f, delivered, digitalPost)
	if p := partOf(t, f, number, koege); p.Rows != 5 || p.Rejected != 2 || p.Contacts != 3 || p.State != model.PartWaiting {
		t.Fatalf("%+v", p)
	}
	if c, err := f.Store.Central(context.Background(), number); err != nil || c.Nobodys != 2 || len(c.Parts) != 2 {
		t.Fatalf("%+v, %v", c, err)
	}
	if n := len(countedBag(t, f, "")); n != 0 {
		t.Fatalf("%d rows count before anybody answered", n)
	}
	kept := readFile(t, f.Dir, "uploads", fmt.Sprintf("central-%06d.csv", number))
	if bytes.Contains(kept, []byte("010190-1234")) {
		t.Fatal("a person's number was kept")
	}
	if got := due(t, f, deliveryDay.Time().Add(-time.Second)); got != "" {
		t.Fatalf("loaded the evening before: %s", got)
	}
	must(t, f.Close()) // the service is down over the day
	f = openFolder(t, f.Dir)
	back := time.Date(2012, 6, 25, 7, 0, 0, 0, model.Copenhagen)
	if got := due(t, f, back); got != "259:1 461:2" {
		t.Fatalf("loaded %q", got)
	}
	must(t, f.Close())
	f = openFolder(t, f.Dir)
	if got := due(t, f, back.Add(time.Hour)); got != "" {
		t.Fatalf("loaded again: %q", got)
	}
	u, err := f.Store.Upload(context.Background(), 1)
	must(t, err)
	if !u.Balanced() || u.Accepted != 3 || u.Rejected != 2 || u.Records != 7 || u.Header != 1 || u.Blank != 1 || u.Contacts != 3 || u.Municipality != koege || !u.Restricted ||
		u.Source != "Digital Post" || u.Kind != model.System || u.By != ByService || u.Delivery != number {
		t.Fatalf("%+v", u)
	}
	var rules []string
	must(t, f.Store.Findings(context.Background(), 1, func(x model.Finding) error { rules = append(rules, x.Rule); return nil }))
	if got := strings.Join(rules, " "); got != "R06 R11" {
		t.Errorf("findings %s", got)
	}
	if p := partOf(t, f, number, koege); p.State != model.PartLoaded || p.Upload != 1 || p.Live != 1 || p.Approved || p.By != ByService {
		t.Errorf("%+v", p)
	}
	f = sameAfterRebuild(t, f)

	// A rejected row of a part is mended as any, without an Enhed.
	fix := strings.Replace(string(fixFileOf(t, f, 1, "csv")), "23.05.10.11", "23.05.10", 1)
	mended := load(t, f, []byte(fix), Options{Name: "ret.csv", Municipality: koege, Received: back})
	if mended.Receipt.Accepted != 1 || mended.Receipt.Bag != 1 {
		t.Errorf("%+v", mended.Receipt)
	}
	sameAfterRebuild(t, f)
}

// TestCentralAnswers walks the three answers and changes of mind; nothing counts twice, and every step is told.
func TestCentralAnswers(t *testing.T) {
	f, ctx := newFolder(t), context.Background()
	number := deliver(t, f, delivered, digitalPost)
	tove := Decision{At: deliveredAt.Add(time.Hour), By: "tove"}
	u, err := f.ApprovePart(ctx, number, other, tove)
	must(t, err)
	if u.Receipt.Accepted != 3 || u.Receipt.Municipality != other {
		t.Fatalf("%+v", u.Receipt)
	}
	wants := func(err error, code string) {
		t.Helper()
		var p *model.Problem
		if !errors.As(err, &p) || p.Code != code {
			t.Errorf("got %v, want %s", err, code)
		}
	}
	_, err = f.ApprovePart(ctx, number, other, tove)
	wants(err, "nothing-to-do")
	must(t, f.TakePart(ctx, number, koege, tove))
	wants(f.TakePart(ctx, number, koege, tove), "nothing-to-do")
	wants(f.TakePart(ctx, number, 101, tove), "delivery-unknown")
	if got := due(t, f, deliveryDay.Time()); got != "" {
		t.Errorf("what was taken over was loaded: %s", got)
	}

	// The part's own file: units are added, and it is sent as the municipality's own.
	var part bytes.Buffer
	must(t, f.WritePart(ctx, number, koege, &part))
	if s := part.String(); strings.Contains(s, "461") || strings.Contains(s, "010190") || strings.Count(s, "\n") != 6 || !strings.Contains(s, "259;NULL;23.05.10;DOKUD;INFO;HOLD;NEJ;23-04-2012;Digital Post;JA") {
		t.Fatalf("the part:\n%s", s)
	}
	withUnits := strings.Replace(part.String(), "259;NULL", "259;Borgerservice", 1)
	own := load(t, f, []byte(withUnits), Options{Name: "egen.csv", Municipality: koege, Received: deliveredAt.Add(2 * time.Hour)})
	if own.Receipt.Accepted != 3 || own.Receipt.Rejected != 2 {
		t.Errorf("%+v", own.Receipt)
	}
	must(t, f.GivePartBack(ctx, number, koege, tove))
	wants(f.GivePartBack(ctx, number, koege, tove), "nothing-to-do")
	must(t, f.Postpone(ctx, number, deliveryDay+7, operator))
	wants(f.Postpone(ctx, number, deliveryDay, operator), "central-day")
	if got := due(t, f, deliveryDay.Time()); got != "" {
		t.Errorf("postponed, and loaded: %s", got)
	}
	f = sameAfterRebuild(t, f)
	if got := due(t, f, (deliveryDay + 7).Time()); got != "259:3" {
		t.Errorf("loaded %q", got)
	}
	counted := func() (n int) {
		for content, copies := range countedBag(t, f, "") {
			if strings.HasPrefix(content, "259|") {
				n += copies
			}
		}
		return n
	}
	if n := counted(); n != 4 { // of the part's three rows the municipality has sent two the same
		t.Errorf("%d count", n)
	}
	must(t, f.TakePart(ctx, number, koege, tove)) // a change of mind after all: undone in the same decision
	if p := partOf(t, f, number, koege); p.State != model.PartTaken || p.Live != 0 {
		t.Errorf("%+v", p)
	}
	if n := counted(); n != 3 {
		t.Errorf("%d still count", n)
	}
	_, err = f.Redo(ctx, 3, tove) // and brought back as any upload: it is taken over only when it is undone
	must(t, err)
	must(t, f.TakePart(ctx, number, koege, tove))
	if p := partOf(t, f, number, koege); p.State != model.PartTaken || p.Live != 0 {
		t.Errorf("%+v", p)
	}
	_, err = f.Further(ctx, u.Receipt.Upload, tove) // a part reads as a part also then
	must(t, err)
	if p := partOf(t, f, number, other); p.Live != 4 {
		t.Errorf("%+v", p)
	}
	wants(f.WithdrawDelivery(ctx, 77, operator), "delivery-unknown")
	must(t, f.WithdrawDelivery(ctx, number, operator))
	wants(f.WithdrawDelivery(ctx, number, operator), "nothing-to-do")
	wants(f.GivePartBack(ctx, number, koege, tove), "nothing-to-do")
	if got := due(t, f, (deliveryDay + 30).Time()); got != "" {
		t.Errorf("withdrawn, and loaded: %s", got)
	}
	steps, err := f.Store.CentralSteps(ctx, 0)
	must(t, err)
	var said []string
	for _, s := range steps {
		said = append(said, fmt.Sprint(s.What, s.Municipality))
		if s.Sentence() == "" || s.At.IsZero() {
			t.Errorf("%+v", s)
		}
	}
	if got := strings.Join(said, " "); got != "delivered0 approved461 taken259 givenback259 postponed0 loaded259 taken259 taken259 withdrawn0" {
		t.Errorf("steps %s", got)
	}
	news, err := f.Store.CentralNews(ctx, steps[4].Seq)
	must(t, err)
	if len(news) != 5 || news[0].Municipality != koege || news[4].What != model.CentralWithdrawn {
		t.Errorf("news %+v", news)
	}
	sameAfterRebuild(t, f)
}

// TestCentralRefuses: what cannot be a delivery changes nothing.
func TestCentralRefuses(t *testing.T) {
	f := newFolder(t)
	for name, c := range map[string]struct {
		data string
		d    Delivering
		code string
	}{
		"a day that has gone": {delivered, Delivering{"Digital Post", "2012F", model.DateOf(deliveredAt)}, "central-day"},
		"no such statistics":  {delivered, Delivering{"Telefon", "2012F", deliveryDay}, "central-what"},
		"another round":       {delivered, Delivering{"Digital Post", "2012E", deliveryDay}, "central-round"},
		"no such round":       {delivered, Delivering{"Digital Post", "forår", deliveryDay}, "round-unknown"},
		"nobody's rows":       {strings.ReplaceAll(strings.ReplaceAll(delivered, "259;", "999;"), "461;", "999;"), digitalPost, "central-empty"},
	} {
		_, _, err := f.Deliver(context.Background(), strings.NewReader(c.data), int64(len(c.data)), Options{Received: deliveredAt, Delivering: &c.d})
		var p *model.Problem
		if !errors.As(err, &p) || p.Code != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, u, err := f.Deliver(context.Background(), strings.NewReader("\x00"), 1, Options{Received: deliveredAt, Delivering: &digitalPost}); err != nil || u.Fault == nil {
		t.Errorf("no table: %v", err)
	}
	files, err := os.ReadDir(filepath.Join(f.Dir, uploadsName))
	must(t, err)
	if len(files) != 0 || f.journal.nextSeq() != 1 {
		t.Errorf("something was kept: %v", files)
	}
}

// TestCentralBackup: a backup holds the delivery's file once, and a restore ends the same.
func TestCentralBackup(t *testing.T) {
	f := newFolder(t)
	number := deliver(t, f, delivered, digitalPost)
	due(t, f, deliveryDay.Time())
	copied, back := t.TempDir(), filepath.Join(t.TempDir(), "igen")
	if n, err := Backup(context.Background(), f.Dir, copied); err != nil || n != 1 {
		t.Fatalf("%d files, %v", n, err)
	}
	before := centralState(t, f)
	_, err := Restore(context.Background(), copied, back, f.Book, OpenOptions{})
	must(t, err)
	if after := centralState(t, openFolder(t, back)); after != before {
		t.Fatalf("restored:\n%s\nbefore:\n%s", after, before)
	}
	orphan := filepath.Join(f.Dir, uploadsName, fmt.Sprintf("central-%06d.csv", number+9))
	must(t, os.WriteFile(orphan, []byte("x"), 0o600))
	must(t, f.Close())
	f = openFolder(t, f.Dir)
	if _, err := os.Stat(orphan); !os.IsNotExist(err) {
		t.Error("a file that never was journaled is still there")
	}
	if faults := audit(t, f); len(faults) > 0 {
		t.Error(faults)
	}
}
