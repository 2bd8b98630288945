package ingest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBackupTakesTheServiceAlong: people and audit are in a backup and come back with it, also before the first file came.
func TestBackupTakesTheServiceAlong(t *testing.T) {
	ctx := context.Background()
	for _, withData := range []bool{false, true} {
		f := newFolder(t)
		if withData {
			load(t, f, rows(goodRow), Options{Name: "a.csv"})
		}
		must(t, os.Mkdir(filepath.Join(f.Dir, auditName), 0o700))
		files := map[string]string{serviceName: `{"version":1}`, bordersName: "{}", contactsName: `{"version":1,"contacts":[]}`, "audit/2026-10.jsonl": "one\n", "audit/2026-11.jsonl": "two\n"}
		must(t, os.MkdirAll(filepath.Join(f.Dir, "archive/j1-20120423T050000Z"), 0o700))
		files[scheduleName], files["archive/j1-20120423T050000Z/kanaler.csv"] = `{"version":1}`, "tal"
		for name, text := range files {
			must(t, os.WriteFile(filepath.Join(f.Dir, name), []byte(text), 0o600))
		}
		must(t, os.WriteFile(filepath.Join(f.Dir, runsName), []byte("{\"run\":\"a\"}\n{\"run\":\"b\""), 0o600)) // a line is being written
		must(t, os.WriteFile(filepath.Join(f.Dir, "archive/j1-20120423T050000Z/.making"), nil, 0o600))
		must(t, os.WriteFile(filepath.Join(f.Dir, "audit/notes.txt"), nil, 0o600)) // not ours
		target, back := filepath.Join(t.TempDir(), "copy"), filepath.Join(t.TempDir(), "back")
		for range 2 { // the second continues the first
			_, err := Backup(ctx, f.Dir, target)
			must(t, err)
			files[serviceName] += " "
			must(t, os.WriteFile(filepath.Join(f.Dir, serviceName), []byte(files[serviceName]), 0o600))
		}
		_, err := Backup(ctx, f.Dir, target)
		must(t, err)
		_, err = Restore(ctx, target, back, f.Book, OpenOptions{})
		must(t, err)
		for name, text := range files {
			if got := string(readFile(t, back, name)); got != text {
				t.Errorf("%s: %q, want %q", name, got, text)
			}
			if info, err := os.Stat(filepath.Join(back, name)); err != nil || info.Mode().Perm() != 0o600 {
				t.Error(name, info.Mode(), err)
			}
		}
		if _, err := os.Stat(filepath.Join(target, "audit/notes.txt")); err == nil {
			t.Error("a file that is not ours was copied")
		}
		if _, err := os.Stat(filepath.Join(target, "archive/j1-20120423T050000Z/.making")); err == nil {
			t.Error("a file that was being made was copied")
		}
		lines := strings.Split(string(readFile(t, back, runsName)), "\n")
		if len(lines) != 3 || lines[0] != `{"run":"a"}` || !strings.HasSuffix(lines[1], `"what":"restored"}`) || lines[2] != "" {
			t.Errorf("the runs came back as %q", lines)
		}
		g := openFolder(t, back)
		must(t, g.Close())
	}
}
