package ingest

import (
	"context"
	"os"
	"path/filepath"
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
		for name, text := range files {
			must(t, os.WriteFile(filepath.Join(f.Dir, name), []byte(text), 0o600))
		}
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
		g := openFolder(t, back)
		must(t, g.Close())
	}
}
