package web

import (
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"komhen/reports"
	"komhen/web/account"
	"komhen/web/paper"
	"komhen/web/post/posttest"
	"komhen/web/schedule"
)

var scheduleLink = regexp.MustCompile(`href="(/schedule/new\?[^"]+)"`)

// TestKlikFromPageToMail goes the whole way for every view and format: the filter of the page comes along into the form, what is mailed is to the byte what the page
// gives to be fetched, and each reads what the page shows them.
func TestKlikFromPageToMail(t *testing.T) {
	server, office := mailTo(t, posttest.Options{})
	clock := &handClock{at: local("2012-11-20 06:00")}
	s := newSiteAt(t, demoFolder(t), Config{Mail: office, Now: clock.now, Chromium: paper.NoBrowser})
	importKlikTables(t, s)
	tove := s.person(t, account.Account{Email: "tove@koege.example", Name: "Tove", Role: account.Coordinator, Municipality: 259})
	lis := s.person(t, account.Account{Email: "lis@koege.example", Name: "Lis", Role: account.Reader, Municipality: 259})
	v, reader := s.signedInAs(t, tove), s.signedInAs(t, lis)
	if _, body := reader.get("/klik"); strings.Contains(body, "/schedule/new") {
		t.Error("a reader is led to a form that is not for readers")
	}
	const filter = "deadline=yellow&deadline=red&priority=KRITISK&priority=OBLIGATORISK"
	_, body := v.get("/klik/tasks?municipality=259&" + filter)
	link := scheduleLink.FindStringSubmatch(body)
	if link == nil {
		t.Fatal(words(body))
	}
	_, body = v.get(strings.ReplaceAll(link[1], "&amp;", "&"))
	v.wants(body, "Deadline: Gul eller Rød; Prioritet: Obligatorisk på kritisk vej eller Obligatorisk")
	chosen := selected(t, body)
	if chosen["what"] != "klik:tasks" || chosen["municipality"] != "259" || chosen["filter"] != filter {
		t.Fatalf("%v", chosen)
	}
	v.post("/klik/filters", url.Values{"name": {"Hængepartier"}, "query": {"municipality=259&deadline=red&completed=1"}})
	_, body = v.get("/schedule/new?what=klik")
	v.wants(body, "»Hængepartier«: Deadline: Rød; Vis fuldførte: ja")
	saved := "completed=1&deadline=red"
	if !strings.Contains(body, `value="completed=1&amp;deadline=red"`) {
		t.Error("the saved filter is not offered")
	}
	wants := map[string]string{} // title → the address of the page's file
	add := func(title, what, code, filter, format, address string) {
		t.Helper()
		form := someJob("what", what, "municipality", code, "filter", filter, "format", format, "title", title, "kind", "daily", "at", "07:00")
		form["to"] = []string{tove.ID, lis.ID}
		if where, status, body := v.sendJob(form); status != 200 || where == "/schedule" {
			t.Fatalf("%s: %d %s", title, status, words(mainOf(t, body)))
		}
		wants[title] = address
	}
	for _, d := range reports.KlikNames() {
		add(d.Name, "klik:"+d.Name, "259", saved, "csv", "/klik/download?format=csv&municipality=259&view="+d.Name+"&"+saved)
	}
	for _, format := range []string{"xlsx", "json", "pdf"} {
		add("tasks "+format, "klik:tasks", "259", filter, format, "/klik/download?view=tasks&municipality=259&format="+strings.Replace(format, "pdf", "html", 1)+"&"+filter)
	}
	add("the country", "klik:projects", nation, "deadline=red", "csv", "/klik/download?view=projects&format=csv&municipality=all&deadline=red")
	add("own of the country", "klik:municipalities", nation, "", "csv", "/klik/download?view=municipalities&format=csv&municipality=all")
	add("everything", "klik", "259", "priority=OBLIGATORISK", "csv", "/klik/download?view=workbook&municipality=259&priority=OBLIGATORISK") // whatever the format says
	add("operations", "klik-operations", "259", "", "xlsx", "/klik/operations/download?format=xlsx")
	add("readiness", "klik-readiness", "259", "", "json", "/klik/readiness/download?format=json")
	add("operations on paper", "klik-operations", "259", "", "pdf", "/klik/operations/download?format=html")
	add("readiness on paper", "klik-readiness", "259", "", "pdf", "/klik/readiness/download?format=html")
	jobs := len(s.schedule.Jobs())
	for field, bad := range map[string]url.Values{
		"what":         someJob("what", "klik:nothing"),
		"filter":       someJob("what", "klik:tasks", "filter", "deadline=lilla"),
		"municipality": someJob("what", "klik:tasks", "municipality", nation, "filter", "municipality=259&municipality=461"),
	} {
		if _, status, body := v.sendJob(bad); status != 422 || !strings.Contains(body, `id="`+field+`-error"`) {
			t.Errorf("%s: %d %s", field, status, words(mainOf(t, body)))
		}
	}
	if _, status, _ := v.sendJob(someJob("what", "klik-operations", "format", "parquet")); status != 422 {
		t.Error(status)
	}
	kl := s.as(t, account.Operator, 0, "")
	for address, want := range map[string]string{"/klik?municipality=all&deadline=red": nation, "/klik/tasks?municipality=461": "461", "/klik/tasks?municipality=259&municipality=461": nation, "/klik/operations": nation} {
		_, body := kl.get(address)
		link := scheduleLink.FindStringSubmatch(body)
		if link == nil {
			t.Fatalf("%s leads nowhere: %s", address, words(mainOf(t, body)))
		}
		if status, body := kl.get(strings.ReplaceAll(link[1], "&amp;", "&")); status != 200 || selected(t, body)["municipality"] != want {
			t.Errorf("%s: %d %v", address, status, selected(t, body))
		}
	}
	if _, body := kl.get("/klik?municipality=999"); scheduleLink.MatchString(body) {
		t.Error("Korsbæk is offered to be mailed")
	}
	if _, status, body := kl.sendJob(someJob("what", "klik:tasks", "municipality", nation, "format", "pdf")); status != 422 || !strings.Contains(body, `id="format-error"`) {
		t.Errorf("%d %s", status, words(mainOf(t, body)))
	}
	if where, status, body := kl.sendJob(someJob("what", "klik:tasks", "municipality", nation, "filter", "municipality=259&municipality=461&deadline=red", "title", "To kommuner", "kind", "daily")); status != 200 {
		t.Errorf("%s %d %s", where, status, words(mainOf(t, body)))
	} else if _, again := kl.get(where); selected(t, again)["filter"] != "deadline=red&municipality=259&municipality=461" {
		t.Errorf("a job's filter is not in its form: %v", selected(t, again))
	}
	if n := len(s.schedule.Jobs()); n != jobs+1 {
		t.Fatalf("%d jobs", n)
	}
	clock.set(local("2012-11-20 07:00"))
	s.sweep(t.Context())
	got := map[string]int{}
	for _, m := range server.Mails() {
		l := m.Read(t)
		title, _, _ := strings.Cut(l.Subject, ", 20-11-2012")
		address, ours := wants[title]
		if !ours {
			continue
		}
		got[title]++
		who := v
		if m.To == lis.Email {
			who = reader
		}
		_, page := who.get(address)
		for name, content := range l.Files {
			if noPDF.ReplaceAllString(string(content), "") != page {
				t.Errorf("%s: %s to %s is not what the page gives (%d and %d bytes)", title, name, m.To, len(content), len(page))
			}
			opensInOffice(t, name, content)
		}
		if len(l.Files) != 1 {
			t.Errorf("%s: %d files", title, len(l.Files))
		}
		if title == "tasks xlsx" && !strings.Contains(l.Text, "Deadline: Gul eller Rød; Prioritet: Obligatorisk på kritisk vej") {
			t.Errorf("the letter does not say what the file is limited to:\n%s", l.Text)
		}
	}
	for title := range wants {
		if got[title] != 2 {
			t.Errorf("%s came %d times", title, got[title])
		}
	}
	for _, r := range s.schedule.Runs(0, func(r schedule.Run) bool { return r.State == schedule.Failed }) {
		t.Errorf("%s: %s", r.Title, r.Why)
	}
}

// noPDF is what stands above a document that was to be a PDF where there is no browser.
var noPDF = regexp.MustCompile(`<p class="message">[^<]*</p>`)

// opensInOffice has a workbook read by another program than ours, where there is one.
func opensInOffice(t *testing.T, name string, content []byte) {
	t.Helper()
	office, err := exec.LookPath("soffice")
	if err != nil || testing.Short() || !strings.HasPrefix(name, "klik-workbook") {
		return
	}
	dir := t.TempDir()
	path := filepath.Join(dir, name)
	check(t, os.WriteFile(path, content, 0o600))
	out, err := exec.CommandContext(t.Context(), office, "-env:UserInstallation=file://"+dir+"/office", "--headless", "--convert-to", "pdf", "--outdir", dir, path).CombinedOutput()
	if info, missing := os.Stat(strings.TrimSuffix(path, ".xlsx") + ".pdf"); err != nil || missing != nil || info.Size() == 0 {
		t.Errorf("%s: %v %s", name, err, out)
	}
}

var selectBox = regexp.MustCompile(`(?s)<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>`)
var selectedOption = regexp.MustCompile(`<option value="([^"]*)" selected>`)

// selected is what the choices of a page stand at.
func selected(t *testing.T, body string) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, box := range selectBox.FindAllStringSubmatch(body, -1) {
		for _, o := range selectedOption.FindAllStringSubmatch(box[2], -1) {
			found[box[1]] = strings.ReplaceAll(o[1], "&amp;", "&")
		}
	}
	return found
}
