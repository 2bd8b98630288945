package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestImportWithProfile: --mapping reads a file that is not in our layouts, and its fix-it file needs no profile.
func TestImportWithProfile(t *testing.T) {
	t.Parallel()
	data, dir := newData(t), t.TempDir()
	folder, fix := testdata("mappings", "website-visits"), filepath.Join(dir, "ret.csv")
	profile := filepath.Join(folder, "mapping.json")
	status, list := importing(t, data, "--municipality", "Køge", "--mapping", profile, "--fix-file", fix, filepath.Join(folder, "input.csv"))
	if u := list[0]; status != statusRejected || u.Accepted != 3 || u.Contacts != 2289 || u.Source != "Webstatistik" || u.Layout != "profilen »Besøg på hjemmesiden«" {
		t.Errorf("status %d %+v", status, u)
	}
	if status, list = importing(t, data, fix); status != statusRejected || list[0].Rejected != 3 || list[0].Bag == nil || *list[0].Bag != 1 {
		t.Errorf("status %d %+v", status, list[0])
	}
	wrong := filepath.Join(dir, "forkert.json")
	for text, message := range map[string]string{"{": "kan ikke læses som JSON", `{"version":1,"name":"x","header":["a"],"fields":{}}`: "Profilen kan ikke bruges."} {
		if err := os.WriteFile(wrong, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		says(t, want(t, statusUsage, data, "import", "--mapping", wrong, filepath.Join(folder, "input.csv")).stderr, message)
	}
	says(t, want(t, statusUsage, data, "import", "--mapping", filepath.Join(dir, "væk.json"), filepath.Join(folder, "input.csv")).stderr, "kan ikke læses")
}
