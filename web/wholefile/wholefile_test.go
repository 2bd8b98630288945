package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// TestFiles: what is saved is loaded, a folder without the file leaves the value alone, what a crash left is taken away, and what is not the content is told apart
// from a disk that cannot be read.
func TestFiles(t *testing.T) {
	type content struct{ Words []string }
	path := filepath.Join(t.TempDir(), "small.json")
	c := content{Words: []string{"usual"}}
	if err := os.WriteFile(temporary(path), []byte(`{"Wor`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := Load(path, &c); err != nil || len(c.Words) != 1 {
		t.Error(c, err)
	}
	if _, err := os.Stat(temporary(path)); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if err := Save(path, content{[]string{"a", "b"}}); err != nil {
		t.Fatal(err)
	}
	if err := Load(path, &c); err != nil || len(c.Words) != 2 {
		t.Error(c, err)
	}
	for _, wrong := range []string{"", `{"Words":`, `{"Newer":1}`, `[]`} {
		if err := os.WriteFile(path, []byte(wrong), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := Load(path, &c); !errors.Is(err, ErrContent) {
			t.Errorf("%q: %v", wrong, err)
		}
	}
	if err := Load(filepath.Dir(path), &c); err == nil || errors.Is(err, ErrContent) {
		t.Error(err)
	}
	if err := Save(filepath.Dir(path), c); err == nil {
		t.Error("a folder was replaced")
	}
}
