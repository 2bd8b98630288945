package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"komhen/model"
)

// klikReceived is the day on which the files of testdata/klik come.
var klikReceived = time.Date(2026, 3, 15, 10, 0, 0, 0, model.Copenhagen)

type expectedKlik struct {
	Form     string            `json:"form,omitempty"`
	Rows     int               `json:"rows"`
	Refused  int               `json:"refused"`
	Tasks    int               `json:"tasks"`
	Steps    int               `json:"steps"`
	Findings []expectedFinding `json:"findings"`
}

func klikOutcome(book *model.Codebook, in *KlikImport) expectedKlik {
	e := expectedKlik{Form: in.File.Form, Rows: in.Rows, Refused: in.Refused, Tasks: len(in.Decision.Tasks), Steps: len(in.Decision.Steps), Findings: []expectedFinding{}}
	for _, x := range in.Findings {
		e.Findings = append(e.Findings, expectedFinding{x.Rule, x.Severity, x.Line, 0, x.Column, x.Value, book.MessageOf(x.Finding), x.Proposal})
	}
	return e
}

// TestKlikRules checks and imports every folder of testdata/klik, and each rule is met with the severity that it is published with.
func TestKlikRules(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join(testdata, "klik", "KL*"))
	must(t, err)
	met := map[string]model.Severity{}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			f := newFolder(t)
			by := Decision{At: klikReceived, By: "konto-1"}
			for _, name := range []string{"before.csv", "before-2.csv"} {
				if data, err := os.ReadFile(filepath.Join(dir, name)); err == nil {
					in, err := f.ImportKlik(t.Context(), name, data, by)
					must(t, err)
					if !in.Loaded || in.Refused > 0 || len(in.Findings) > 0 {
						t.Fatalf("%s: %+v", name, in.Findings)
					}
				}
			}
			paths, _ := filepath.Glob(filepath.Join(dir, "input.*"))
			data := readFile(t, paths[0])
			name := filepath.Base(paths[0])
			checked, err := f.CheckKlik(t.Context(), name, data, klikReceived)
			must(t, err)
			in, err := f.ImportKlik(t.Context(), name, data, by)
			must(t, err)
			got := klikOutcome(f.Book, in)
			var b bytes.Buffer
			enc := json.NewEncoder(&b)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			must(t, enc.Encode(got))
			if c := klikOutcome(f.Book, checked); len(c.Findings) != len(got.Findings) {
				t.Errorf("checking finds %d, importing %d", len(c.Findings), len(got.Findings))
			}
			path := filepath.Join(dir, "expected.json")
			if *update {
				must(t, os.WriteFile(path, b.Bytes(), 0o644))
			} else if want := readFile(t, path); !bytes.Equal(b.Bytes(), want) {
				t.Errorf("-update writes it anew.\n%s", lineDifferences(b.String(), string(want)))
			}
			for _, x := range in.Findings {
				if strings.HasPrefix(filepath.Base(dir), x.Rule+"-") {
					met[x.Rule] = x.Severity
				}
				if _, hit := model.MaskCPR(x.Value+x.Detail, false); hit {
					t.Errorf("a finding tells a CPR-shaped value: %+v", x)
				}
			}
			if again, err := f.ImportKlik(t.Context(), name, data, by); err != nil || again.Loaded {
				t.Errorf("the same file again changed something: %+v, %v", again.Decision, err)
			}
			if faults := audit(t, f); len(faults) > 0 {
				t.Error(faults)
			}
			if in.File.Fault {
				must(t, filepath.WalkDir(f.Dir, func(path string, d os.DirEntry, err error) error {
					if err == nil && d.Type().IsRegular() && bytes.Contains(readFile(t, path), []byte("010190-1234")) {
						t.Errorf("%s holds the CPR-shaped value", path)
					}
					return err
				}))
			}
		})
	}
	for _, r := range testBook(t).Klik.Rules {
		if met[r.ID] != r.Severity {
			t.Errorf("%s is met as %q by the folders of testdata/klik, and the table says %s", r.ID, met[r.ID], r.Severity)
		}
	}
}

// TestKlikHistory: a status list that comes again changes nothing, one that says otherwise keeps what was, a list in another order of columns
// is the same, what a page decides is kept too, and rebuild ends the same.
func TestKlikHistory(t *testing.T) {
	f, ctx := newFolder(t), context.Background()
	day := func(n int) Decision { return Decision{At: klikReceived.AddDate(0, 0, n), By: "konto-1"} }
	load := func(n int, text string) *KlikImport {
		t.Helper()
		in, err := f.ImportKlik(ctx, "liste.csv", []byte(text), day(n))
		must(t, err)
		if in.Refused > 0 {
			t.Fatalf("%+v", in.Findings)
		}
		return in
	}
	folder := filepath.Join(testdata, "klik", "KL04-open-prerequisite")
	load(0, string(readFile(t, folder, "before.csv")))
	load(0, string(readFile(t, folder, "before-2.csv")))
	load(1, "Projekt;Opgave;Kommune;Status;Ansvarlig;Ændret\nNy løsning;Start 1;Køge;I gang;Projektleder;01-03-2026\nNy løsning;Start 1;Greve;I gang;;\n")
	if in := load(2, "Kommune;Status;Opgave;Projekt;Ansvarlig;Ændret\n259;I gang;(Start 1) Udpeg en projektleder;NY LØSNING;Projektleder;2026-03-01\n"); in.Loaded {
		t.Errorf("the same again: %+v", in.Decision)
	}
	load(3, "Projekt;Opgave;Kommune;Status;Kommentar\nNy løsning;Start 1;Køge;Fuldført;Alt er klar\nNy løsning;Start 2;Køge;Fuldført;\n")
	load(4, "Projekt;Opgave;Kommune;Status;Kommentar\nNy løsning;Start 1;Køge;Fuldført;Alt er klar\n")
	decide := func(status uint8) error {
		return f.DecideKlik(ctx, day(5), func(_ context.Context, s KlikStanding) (model.KlikDecision, error) {
			w := s.Works.Of(2, 253)
			w.Status = status
			return model.KlikDecision{Steps: []model.KlikStep{{KlikWork: w}}, Comments: []model.KlikComment{{Task: 2, Municipality: 253, Text: "<vi & de>"}}}, nil
		})
	}
	if err := decide(model.KlikCompleted); err == nil || !strings.Contains(err.Error(), "Start 1") {
		t.Errorf("Greve completed a task whose prerequisite is open: %v", err)
	}
	must(t, decide(2))
	must(t, f.DecideKlik(ctx, day(6), func(_ context.Context, s KlikStanding) (model.KlikDecision, error) {
		moved := s.Plan.Waves[0]
		moved.GoLive += 14
		return model.KlikDecision{Waves: []model.KlikWave{moved}, Comments: []model.KlikComment{{Task: 1, Text: "#besked Begynd nu, frist 01-04-2026"}}}, nil
	}))
	for code, step := range map[string]model.KlikWork{"klik-days": {Task: 2, Municipality: 253, Status: 2, Start: 20000, End: 19999}, "klik-task-unknown": {Task: 2, Municipality: 461, Status: 2}} {
		err := f.DecideKlik(ctx, day(7), func(context.Context, KlikStanding) (model.KlikDecision, error) {
			return model.KlikDecision{Steps: []model.KlikStep{{KlikWork: step}}}, nil
		})
		if p := (*model.Problem)(nil); !errors.As(err, &p) || p.Code != code {
			t.Errorf("%s: %v", code, err)
		}
	}
	check := func(f *Folder) string {
		t.Helper()
		plan, err := f.Store.KlikPlan(ctx, 0)
		must(t, err)
		steps, err := f.Store.KlikSteps(ctx, 0, 0)
		must(t, err)
		comments, err := f.Store.KlikComments(ctx, 0, 0)
		must(t, err)
		if len(plan.Tasks) != 2 || len(comments) != 3 || len(steps) != 5 {
			t.Fatalf("%d tasks, %d comments, steps %+v", len(plan.Tasks), len(comments), steps)
		}
		first := steps[0]
		if first.Status != 2 || first.At.Date() != model.NewDate(2026, 3, 1) || first.By != "konto-1" || first.Responsible != "Projektleder" {
			t.Errorf("%+v", first)
		}
		works, err := f.Store.KlikWorks(ctx, 0, 259)
		must(t, err)
		if w := works.Of(1, 259); w.Status != model.KlikCompleted || w.Responsible != "Projektleder" { // a column that is not there changes nothing
			t.Errorf("%+v", w)
		}
		before, err := f.Store.KlikWorks(ctx, model.NewDate(2026, 3, 10), 259)
		must(t, err)
		if w := before.Of(1, 259); w.Status != 2 {
			t.Errorf("on 10-03: %+v", w)
		}
		text, err := json.Marshal([]any{plan, steps, comments})
		must(t, err)
		return string(text)
	}
	was := check(f)
	must(t, f.Close())
	if _, err := Rebuild(ctx, f.Dir, f.Book, OpenOptions{}); err != nil {
		t.Fatal(err)
	}
	copied := t.TempDir()
	if _, err := Backup(ctx, f.Dir, copied); err != nil {
		t.Fatal(err)
	}
	restored := filepath.Join(t.TempDir(), "data")
	if _, err := Restore(ctx, copied, restored, f.Book, OpenOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{f.Dir, restored} {
		again, err := Open(ctx, dir, f.Book, OpenOptions{})
		must(t, err)
		if got := check(again); got != was {
			t.Errorf("rebuilt differently:\n%s\n%s", got, was)
		}
		if faults := audit(t, again); len(faults) > 0 {
			t.Error(faults)
		}
		must(t, again.Close())
	}
}

// TestKlikNotKept: a file that cannot be kept changes nothing and leaves nothing behind, and is taken when it can be.
func TestKlikNotKept(t *testing.T) {
	f := newFolder(t)
	data, by := []byte("Projekt;Bølge;Go-live\nFlytning;Bølge 1;01-06-2026\n"), Decision{At: klikReceived}
	uploads := f.path(uploadsName)
	must(t, os.Rename(uploads, uploads+".away"))
	must(t, os.WriteFile(uploads, nil, 0o600))
	if in, err := f.ImportKlik(t.Context(), "boelger.csv", data, by); err == nil {
		t.Errorf("%+v", in)
	}
	left, err := os.ReadDir(f.path(tmpName))
	must(t, err)
	for _, x := range left {
		if strings.HasPrefix(x.Name(), "upload-") {
			t.Errorf("%s is left", x.Name())
		}
	}
	must(t, os.Remove(uploads))
	must(t, os.Rename(uploads+".away", uploads))
	in, err := f.ImportKlik(t.Context(), "boelger.csv", data, by)
	must(t, err)
	if kept, err := os.ReadDir(uploads); err != nil || len(kept) != 1 || !in.Loaded {
		t.Errorf("%d kept, %v, %+v", len(kept), err, in)
	}
}
