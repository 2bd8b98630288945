package demo

import (
	"bytes"
	"testing"

	"komhen/ingest"
	"komhen/model"
	"komhen/model/codebook"
)

// TestKlik: the invented files are the same each time, and the import takes every row of them.
func TestKlik(t *testing.T) {
	cb, err := codebook.Load()
	if err != nil {
		t.Fatal(err)
	}
	sizes := []Size{Small, National}
	if testing.Short() {
		sizes = sizes[:1]
	}
	for _, size := range sizes {
		f, err := ingest.Open(t.Context(), t.TempDir(), cb, ingest.OpenOptions{})
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		today := model.NewDate(2026, 11, 22)
		files := map[string][]byte{}
		take := func(k KlikFile) error {
			files[k.Name] = k.Data
			in, err := f.ImportKlik(t.Context(), k.Name, k.Data, ingest.Decision{At: k.Received})
			if err != nil {
				return err
			}
			if !in.Loaded || in.Refused > 0 || len(in.Findings) > 0 {
				t.Errorf("%s: %d of %d refused: %.20v", k.Name, in.Refused, in.Rows, in.Findings[:min(3, len(in.Findings))])
			}
			return nil
		}
		if err := Klik(cb, size, today, take); err != nil {
			t.Fatal(err)
		}
		if err := Klik(cb, size, today, func(k KlikFile) error {
			if !bytes.Equal(files[k.Name], k.Data) {
				t.Errorf("%s differs the second time", k.Name)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		plan, err := f.Store.KlikPlan(t.Context(), 0)
		if err != nil {
			t.Fatal(err)
		}
		tasks := 0
		plan.Assignments(func(_ *model.KlikTask, w *model.KlikWave, _ uint16) {
			if !w.Test() {
				tasks++
			}
		})
		steps, err := f.Store.KlikSteps(t.Context(), 0, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d projects, %d waves, %d tasks, %d tasks of municipalities, %d steps", size, len(plan.Projects), len(plan.Waves), len(plan.Tasks), tasks, len(steps))
		if size == National && (len(plan.Projects) != 3 || len(plan.Waves) != 7 || len(plan.Tasks) != 200 || tasks != 19_600) {
			t.Error("the demonstration is not what was promised")
		}
		countWeek(t, f, size, today, take)
	}
}

// countWeek makes the count week's project, whose lists are taken whole too. Køge is in the middle of it.
func countWeek(t *testing.T, f *ingest.Folder, size Size, today model.Date, take func(KlikFile) error) {
	templates, err := codebook.KlikTemplates(f.Book)
	if err != nil {
		t.Fatal(err)
	}
	template := model.FindKlikTemplate(templates, "taelleuge")
	week, err := CountWeekOf(f.Book, template, size, today)
	if err != nil {
		t.Fatal(err)
	}
	u, err := f.UseKlikTemplate(t.Context(), template, week.Round, 0, ingest.Decision{At: week.At})
	if err != nil || u.Tasks != len(template.Tasks) {
		t.Fatal(u, err)
	}
	for _, file := range week.Files {
		if err := take(file); err != nil {
			t.Fatal(err)
		}
	}
	works, err := f.Store.KlikWorks(t.Context(), 0, 259)
	if err != nil {
		t.Fatal(err)
	}
	plan, err := f.Store.KlikPlan(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	said := map[uint8]int{}
	for _, x := range plan.Tasks {
		if x.Project == plan.ProjectNamed(u.Project).ID {
			said[works[model.KlikKey{Task: x.ID, Municipality: 259}].Status]++
		}
	}
	if said[model.KlikCompleted] != len(template.Tasks)-left[259] || len(said) != 3 {
		t.Errorf("Køge has said %v", said)
	}
}
