package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"komhen/model"
	"komhen/web/account"
)

// digitalPost is what the operator has: three rows of Køge, two of Odense, one of Vallensbæk, one that is nobody's.
const digitalPost = `kommune;enhed;opgave;kanal;type;afslutning;blanket;dato
259;;23.05.10;DOKUD;INFO;HOLD;NEJ;23-04-2012
259;;23.05.10;DOKUD;INFO;HOLD;NEJ;23-04-2012
259;;23.05.10;DOKUD;INFO;HOLD;NEJ;24-04-2012
461;;23.05.10;DOKUD;INFO;HOLD;NEJ;23-04-2012
461;;23.05.10;DOKUD;INFO;HOLD;NEJ;24-04-2012
187;;23.05.10;DOKUD;INFO;HOLD;NEJ;24-04-2012
999;;23.05.10;DOKUD;INFO;HOLD;NEJ;24-04-2012
`

// movedClock is a clock that a test sets.
type movedClock struct{ at atomic.Int64 }

func clockAt(t time.Time) *movedClock { c := &movedClock{}; c.set(t); return c }

func (c *movedClock) set(t time.Time) { c.at.Store(t.Unix()) }
func (c *movedClock) now() time.Time  { return time.Unix(c.at.Load(), 0) }
func junAt(day, hour int) time.Time   { return time.Date(2012, 6, day, hour, 0, 0, 0, model.Copenhagen) }
func fieldsOf(day string) []string {
	return []string{"what", "Digital Post", "round", "2012F", "day", day}
}

// sendDelivery posts the operator's form and gives where it ends.
func (v *visitor) sendDelivery(content string, fields ...string) (where string, status int, body string) {
	v.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	for i := 0; i+1 < len(fields); i += 2 {
		form.WriteField(fields[i], fields[i+1])
	}
	part, err := form.CreateFormFile("files", "digital post.csv")
	if err != nil {
		v.t.Fatal(err)
	}
	part.Write([]byte(content))
	form.Close()
	r, err := v.Post(v.s.URL+"/central", form.FormDataContentType(), &b)
	if err != nil {
		v.t.Fatal(err)
	}
	where = r.Request.URL.Path
	status, body = v.read(r, nil)
	return where, status, body
}

// delivers walks the form to its end and gives the delivery's page.
func (v *visitor) delivers(content string, fields ...string) string {
	v.t.Helper()
	where, status, body := v.sendDelivery(content, fields...)
	if status != http.StatusOK {
		v.t.Fatalf("%d %s", status, words(body))
	}
	_, body = v.settle(where)
	v.wants(body, "Filen har rækker til 3 kommuner", "1 række passer ikke med en kommune")
	v.post(where+"/load", nil)
	where, _ = v.settle(where)
	if !strings.HasPrefix(where, "/central/") {
		v.t.Fatalf("ended at %s", where)
	}
	return where
}

// TestCentralPages: KL makes a delivery ready; one municipality approves, one takes over, one does nothing while the service is closed
// over the day. Each sees its own part and every step.
func TestCentralPages(t *testing.T) {
	dir, clock := t.TempDir(), clockAt(junAt(19, 9))
	s := newSiteAt(t, dir, Config{Now: clock.now})
	kl := s.as(t, account.Operator, 0, "")
	page := kl.delivers(digitalPost, fieldsOf("")...) // the round says 22-06-2012
	koege, odense, vallensbaek := s.as(t, account.Coordinator, 259, ""), s.as(t, account.Coordinator, 461, ""), s.as(t, account.Coordinator, 187, "")
	_, body := koege.get("/uploads")
	koege.wants(body, "KL har 3 henvendelser fra Digital Post klar til jer. De indlæses 22-06-2012")
	_, body = koege.get(page)
	koege.wants(body, "afventer svar", "Gør I ingenting, indlæser vi jeres del 22-06-2012", "Historik")
	if strings.Contains(body, "Odense") {
		t.Error("Køge sees Odense's part")
	}
	_, body = koege.post(page+"/approve", nil)
	koege.wants(body, "Godkendt og indlæst som indmelding 1: 3 henvendelser tæller med.", "godkendt og indlæst")
	if _, body := koege.get("/uploads/1"); !strings.Contains(body, "Digital Post (systemudtræk)") {
		t.Error("no receipt")
	}
	if _, file := koege.get("/uploads/1/file"); strings.Contains(file, "461") || strings.Count(file, "\n") != 4 {
		t.Errorf("the file of a part: %s", file)
	}
	if status, body := koege.post(page+"/approve", nil); status != http.StatusConflict {
		t.Errorf("approved twice: %d %s", status, words(body))
	}
	_, body = odense.post(page+"/take", nil)
	odense.wants(body, "I har taget over", "overtaget af kommunen")
	if _, file := odense.get(page + "/part"); strings.Contains(file, "259") || strings.Count(file, "\n") != 3 {
		t.Errorf("Odense's part: %s", file)
	}
	_, body = kl.post(page+"/postpone", url.Values{"day": {"i morgen"}})
	kl.wants(body, "Datoen kan ikke læses")
	_, body = kl.post(page+"/postpone", url.Values{"day": {"25-06-2012"}})
	kl.wants(body, "Indlæsningen er flyttet til 25-06-2012")
	clock.set(junAt(22, 1))
	s.loadDueNow(t.Context())
	_, body = vallensbaek.get(page)
	vallensbaek.wants(body, "afventer svar", "indlæsningen flyttet til 25-06-2012")

	s.Close()
	if err := s.folder.Close(); err != nil {
		t.Fatal(err)
	}
	clock.set(junAt(27, 7))
	s = newSiteAt(t, dir, Config{Now: clock.now}) // it asks at the start what is due
	vallensbaek = s.as(t, account.Coordinator, 187, "")
	for end := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		if _, body = vallensbaek.get(page); strings.Contains(body, "indlæst på dagen") {
			break
		}
		if time.Now().After(end) {
			t.Fatal(words(body))
		}
	}
	vallensbaek.wants(body, "af Tjenesten", "indlæst, fordi dagen kom")
	s.loadDueNow(t.Context())
	kl = s.as(t, account.Operator, 0, "")
	_, body = kl.get(page)
	kl.wants(body, "godkendt og indlæst", "overtaget af kommunen", "indlæst på dagen", "1 række, som ikke passer med en kommune")
	all, err := s.folder.Store.Uploads(t.Context())
	if err != nil || len(all) != 2 {
		t.Errorf("%d uploads, %v", len(all), err)
	}
	_, body = kl.get("/audit")
	kl.wants(body, "Gjorde central levering klar", "Godkendte sin del af central levering", "Overtog sin del af central levering", "Flyttede dagen", "Tjenesten")
	_, body = vallensbaek.post("/uploads/2/undo", nil)
	vallensbaek.wants(body, "fortrudt")
	_, body = vallensbaek.get(page)
	vallensbaek.wants(body, "indlæst, men fortrudt")
	_, body = kl.post(page+"/withdraw", nil)
	kl.wants(body, "trukket tilbage")
	odense = s.as(t, account.Coordinator, 461, "")
	_, body = odense.get(page)
	odense.wants(body, "trukket tilbage")
	if strings.Contains(body, "/give-back") {
		t.Error("a part of what was withdrawn can be given back")
	}
}

// TestCentralForm: what is missing is said at its field, and nothing is kept.
func TestCentralForm(t *testing.T) {
	s := newSite(t, Config{Now: clockAt(junAt(19, 9)).now})
	kl := s.as(t, account.Operator, 0, "")
	for _, c := range []struct{ fields, says string }{
		{"what=&round=2012F&day=22-06-2012", "Vælg, hvad filen er."},
		{"what=Digital Post&round=&day=22-06-2012", "Vælg runden."},
		{"what=Digital Post&round=2011F&day=", "er ikke en dag, der kommer"},
		{"what=Digital Post&round=2012F&day=19-06-2012", "ikke en dag, der kommer"},
		{"what=Digital Post&round=2012F&day=snart", "Datoen kan ikke læses"},
	} {
		var fields []string
		for _, pair := range strings.Split(c.fields, "&") {
			name, value, _ := strings.Cut(pair, "=")
			fields = append(fields, name, value)
		}
		_, status, body := kl.sendDelivery(digitalPost, fields...)
		if status != http.StatusUnprocessableEntity {
			t.Errorf("%s: %d", c.fields, status)
		}
		kl.wants(body, c.says)
	}
	where, _, _ := kl.sendDelivery(strings.ReplaceAll(digitalPost, "-04-2012", "-10-2011"), fieldsOf("22-06-2012")...)
	_, body := kl.settle(where)
	kl.wants(body, "Filen kan ikke indlæses", "men du har valgt runden 2012F")
	if n := s.pending.count(); n != 1 {
		t.Errorf("%d files wait", n)
	}
	if files, err := os.ReadDir(s.folder.Dir + "/uploads"); err != nil || len(files) != 0 {
		t.Errorf("%v kept, %v", files, err)
	}
	if status, _ := kl.get("/central/7"); status != http.StatusNotFound {
		t.Errorf("a delivery that there is not: %d", status)
	}
	if status, _ := kl.get("/central/x"); status != http.StatusNotFound {
		t.Errorf("no number: %d", status)
	}
}
