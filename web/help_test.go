package web

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"html"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"komhen/ingest"
	"komhen/model"
	"komhen/web/account"
)

var updateHelp = flag.Bool("update-help", false, "write what the receipts say into help/examples.json anew")

var (
	hrefs = regexp.MustCompile(`href="([^"]+)"`)
	ids   = regexp.MustCompile(` id="([^"]+)"`)
)

// mainOf is a page without its frame.
func mainOf(t testing.TB, body string) string {
	t.Helper()
	_, rest, there := strings.Cut(body, `<main`)
	inside, _, closed := strings.Cut(rest, `</main>`)
	if !there || !closed {
		t.Fatalf("no main in %.300s", body)
	}
	return inside
}

func helpPaths() []string {
	paths := []string{"/help", "/help/handbook"}
	for _, topic := range helpTopics() {
		paths = append(paths, "/help/"+topic.Path)
	}
	return paths
}

// TestHelpLinks: every page of the help shows, to everybody, and every link in it leads to something, down to the place on the page.
func TestHelpLinks(t *testing.T) {
	s := newSite(t, Config{})
	for _, v := range []*visitor{s.visit(t), s.as(t, account.Coordinator, 259, ""), s.as(t, account.Unit, 259, "Borgerservice")} {
		pages := map[string]string{}
		fetch := func(path string) string {
			t.Helper()
			if _, known := pages[path]; !known {
				status, body := v.get(path)
				if status != http.StatusOK {
					t.Errorf("%s: %d", path, status)
				}
				pages[path] = body
			}
			return pages[path]
		}
		links := 0
		for _, path := range helpPaths() {
			body := fetch(path)
			seen := map[string]bool{}
			for _, id := range ids.FindAllStringSubmatch(body, -1) {
				if seen[id[1]] {
					t.Errorf("%s: id %q twice", path, id[1])
				}
				seen[id[1]] = true
			}
			for _, link := range hrefs.FindAllStringSubmatch(mainOf(t, body), -1) {
				target, place, _ := strings.Cut(html.UnescapeString(link[1]), "#")
				if target == "" {
					target = path
				}
				if !strings.HasPrefix(target, "/") {
					t.Errorf("%s: a link out of the house, %q", path, target)
					continue
				}
				links++
				if text := fetch(target); place != "" && !strings.Contains(text, ` id="`+place+`"`) {
					t.Errorf("%s: %s has no place %q", path, target, place)
				}
			}
		}
		if links < 100 {
			t.Errorf("only %d links", links)
		}
	}
	if status, _ := s.visit(t).get("/help/nothing"); status != http.StatusNotFound {
		t.Errorf("an unknown topic: %d", status)
	}
}

// TestHelpTopics: a topic has its title, and the handbook and the index have every topic.
func TestHelpTopics(t *testing.T) {
	s := newSite(t, Config{})
	v := s.visit(t)
	_, index := v.get("/help")
	_, handbook := v.get("/help/handbook")
	for _, topic := range helpTopics() {
		_, body := v.get("/help/" + topic.Path)
		if !strings.Contains(body, "<h1>"+topic.Title+"</h1>") || !strings.Contains(body, topic.Lead) {
			t.Errorf("%s has not its own title", topic.Path)
		}
		if !strings.Contains(index, topic.Title) || !strings.Contains(handbook, `id="`+topic.Path+`">`+topic.Title) {
			t.Errorf("%s is not in the index and the handbook", topic.Path)
		}
		for _, hint := range []string{"&lt;no value", "%!", "ZgotmplZ", "komhen import"} {
			if strings.Contains(body, hint) {
				t.Errorf("%s says %q", topic.Path, hint)
			}
		}
	}
}

// TestHelpTemplate: the template that the page gives is the one that the command line writes.
func TestHelpTemplate(t *testing.T) {
	s := newSite(t, Config{})
	for _, format := range []string{"csv", "xlsx"} {
		var want bytes.Buffer
		check(t, ingest.WriteTemplate(&want, format, s.book))
		if _, body := s.visit(t).get("/help/template." + format); body != want.String() {
			t.Errorf("%s differs", format)
		}
	}
}

// TestHelpCodebook: the page has every code and task, and a search finds them by code, name and part of a name.
func TestHelpCodebook(t *testing.T) {
	s := newSite(t, Config{})
	v := s.visit(t)
	_, all := v.get("/help/codebook")
	text := html.UnescapeString(words(all))
	published := s.book.Published()
	for _, c := range published.Channels {
		v.wants(all, c.Code, c.Label)
	}
	for _, x := range published.Subjects {
		if !strings.Contains(text, x.KLE) || !strings.Contains(text, strings.Join(strings.Fields(x.Label), " ")) {
			t.Errorf("%s %s is not there", x.KLE, x.Label)
		}
	}
	for query, want := range map[string]string{"23.09.04": "Kørekort", "koerekort": "23.09.04", "digital+post": "DOCIND", "dokind": "DOCIND", "straks": "STRAKS", "%3Cscript%3E": "Intet i kodebogen passer"} {
		_, body := v.get("/help/codebook?q=" + query)
		if v.wants(body, want); len(words(body)) > len(words(all))/2 || strings.Contains(body, "<script>") {
			t.Errorf("the search for %s shows too much", query)
		}
	}
}

// TestHelpRules: every rule has its place, its title and an example, and nothing else has.
func TestHelpRules(t *testing.T) {
	s := newSite(t, Config{})
	_, body := s.visit(t).get("/help/rules")
	examples := ruleExamples()
	for _, r := range s.book.Rules {
		if !strings.Contains(body, `id="`+r.ID+`"`) || !strings.Contains(html.UnescapeString(body), r.Title) {
			t.Errorf("%s is not on the page", r.ID)
		}
		e, there := examples[r.ID]
		if !there || len(e.Cells) == 0 && len(e.Lines) == 0 && e.Story == "" {
			t.Errorf("%s has no example", r.ID)
		}
		if e.Says != "" && !strings.Contains(html.UnescapeString(body), e.Says) {
			t.Errorf("%s: the page does not say what the receipt says", r.ID)
		}
		delete(examples, r.ID)
	}
	for id := range examples {
		t.Errorf("an example of %s, which is no rule", id)
	}
}

// TestRuleExamples: what the page shows as wrong meets the rule, in the words that the page gives; what it shows as right does not.
func TestRuleExamples(t *testing.T) {
	s := newSite(t, Config{})
	var list []ruleExample
	check(t, json.Unmarshal(examplesFile, &list))
	for i := range list {
		e := &list[i]
		var says []string
		switch {
		case e.Case != "":
			says = saidInCase(t, e.Rule, e.Case)
		case e.Cells != nil:
			says = s.saidOf(t, e.Rule, fileOf(e.Cells, func(c badCell) string { return c.Wrong }))
			if right := s.saidOf(t, e.Rule, fileOf(e.Cells, func(c badCell) string { return c.Right })); right != nil {
				t.Errorf("%s: what is shown as right is not: %q", e.Rule, right)
			}
		case e.Lines != nil:
			says = s.saidOf(t, e.Rule, strings.Join(e.Lines, "\n")+"\n")
			if right := s.saidOf(t, e.Rule, strings.Join(e.Mended, "\n")+"\n"); right != nil {
				t.Errorf("%s: what is shown as mended is not: %q", e.Rule, right)
			}
		default:
			continue
		}
		if len(says) == 0 {
			t.Errorf("%s: what is shown as wrong does not meet the rule", e.Rule)
			continue
		}
		if *updateHelp {
			e.Says = says[0]
		} else if !slices.Contains(says, e.Says) {
			t.Errorf("%s: the page says %q, the receipt %q", e.Rule, e.Says, says)
		}
	}
	if *updateHelp {
		var b bytes.Buffer
		for i, e := range list {
			b.WriteString(map[bool]string{true: "[\n", false: ",\n"}[i == 0])
			one := json.NewEncoder(&b)
			one.SetEscapeHTML(false)
			check(t, one.Encode(e))
			b.Truncate(b.Len() - 1)
		}
		b.WriteString("\n]\n")
		check(t, os.WriteFile("help/examples.json", b.Bytes(), 0o644))
	}
}

// fileOf is a file of the usual row with some cells changed.
func fileOf(cells []badCell, value func(badCell) string) string {
	columns := strings.Split("kommune;enhed;opgave;kanal;type;afslutning;blanket;dato", ";")
	row := strings.Split("259;Borgerservice;23.09.02;PRSNLG;OPRET;STRAKS;JA;23-04-2012", ";")
	for _, c := range cells {
		at := slices.Index(columns, c.Column)
		if at < 0 {
			at = len(columns)
			columns, row = append(columns, c.Column), append(row, "")
		}
		row[at] = value(c)
	}
	return strings.Join(columns, ";") + "\n" + strings.Join(row, ";") + "\n"
}

// saidOf is what the receipt of a file says after a rule.
func (s *site) saidOf(t *testing.T, rule, text string) (says []string) {
	t.Helper()
	u, err := s.folder.Check(t.Context(), strings.NewReader(text), int64(len(text)), ingest.Options{Name: "fil.csv", Received: inRound})
	check(t, err)
	defer u.Discard()
	check(t, u.Findings(t.Context(), func(f model.Finding) error {
		if f.Rule == rule {
			says = append(says, s.book.MessageOf(f))
		}
		return nil
	}))
	return says
}

// saidInCase is what the receipt of a folder of testdata/rules says after a rule; package ingest holds the folder to the program.
func saidInCase(t *testing.T, rule, folder string) (says []string) {
	t.Helper()
	if folder == "registrations" { // what a program is answered
		var answers []struct{ Findings []string }
		check(t, json.Unmarshal(read(t, registrationsFolder+"answers.json"), &answers))
		for _, a := range answers {
			for _, f := range a.Findings {
				if text, ofRule := strings.CutPrefix(f, rule+" "); ofRule && strings.Contains(text, "mangler et id") {
					says = append(says, text)
				}
			}
		}
		return says
	}
	var receipt struct {
		Findings []struct{ Rule, Message string }
	}
	check(t, json.Unmarshal(read(t, filepath.Join("../testdata/rules", folder, "expected.json")), &receipt))
	for _, f := range receipt.Findings {
		if f.Rule == rule {
			says = append(says, f.Message)
		}
	}
	return says
}

// TestDuplicatesExample loads the two files of the worked example: the rows that the page calls new are those that count.
func TestDuplicatesExample(t *testing.T) {
	s := newSite(t, Config{})
	load := func(text string) model.Receipt {
		t.Helper()
		u, err := s.folder.Prepare(t.Context(), strings.NewReader(text), int64(len(text)), ingest.Options{Name: "fil.csv", Received: inRound})
		check(t, err)
		check(t, u.Commit(t.Context()))
		return u.Receipt
	}
	view := s.duplicatesHelp(nil, Viewer{}).(map[string]any)
	monday, tuesday := load(mondayFile), load(tuesdayFile)
	for name, pair := range map[string][2]any{"first": {view["FirstCount"], monday.Accepted}, "added": {view["Added"], tuesday.Accepted},
		"withheld": {view["Withheld"], tuesday.Withheld}, "total": {view["Total"], monday.Contacts + tuesday.Contacts}} {
		if fmt.Sprint(pair[0]) != fmt.Sprint(pair[1]) {
			t.Errorf("%s: the page says %v, and it is %v", name, pair[0], pair[1])
		}
	}
	d, err := s.folder.Undo(t.Context(), monday.Upload, ingest.Decision{At: inRound})
	if check(t, err); d.Contacts-d.ContactsAway != 0 {
		t.Errorf("undoing Monday's file takes %d away", d.ContactsAway)
	}
	reversed := newSite(t, Config{})
	s = reversed
	if n := load(tuesdayFile).Contacts + load(mondayFile).Contacts; n != int64(view["Total"].(int)) {
		t.Errorf("the other way round it is %d", n)
	}
}

// TestHelpRoles: the table of rights is the routes'.
func TestHelpRoles(t *testing.T) {
	s := newSite(t, Config{})
	lines := s.rolesHelp(nil, Viewer{}).(map[string]any)["Lines"].([]rightsLine)
	if len(lines) != len(rightsLines) {
		t.Errorf("%d of %d lines: a route is called something else now", len(lines), len(rightsLines))
	}
	for _, l := range lines {
		if len(l.May) != len(account.AllRoles) || !slices.Contains(l.May, true) {
			t.Errorf("%s: %v", l.What, l.May)
		}
	}
}
