package reports

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"komhen/model"
	"komhen/queries"
)

// testBenchmarkLook renders the workbook with LibreOffice. With KOMHEN_LOOK set to a folder, the pictures stay there.
func testBenchmarkLook(t *testing.T, cb *model.Codebook, st *queries.Store) {
	for _, program := range []string{"soffice", "pdftoppm"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skipf("%s is not installed, so there is nothing to render with", program)
		}
	}
	var b bytes.Buffer
	if err := WriteBenchmark(context.Background(), st, cb, Benchmark{Round: mustRound(t, cb, "2013F"), Municipality: 259, Group: "all"}, &b); err != nil {
		t.Fatal(err)
	}
	folder := os.Getenv("KOMHEN_LOOK")
	if folder == "" {
		folder = t.TempDir()
	}
	path := filepath.Join(folder, "benchmark.xlsx")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	run := func(name string, args ...string) {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	run("soffice", "--headless", "--convert-to", "pdf", "--outdir", folder, path)
	run("pdftoppm", "-png", "-r", "60", filepath.Join(folder, "benchmark.pdf"), filepath.Join(folder, "side"))
	pages, err := filepath.Glob(filepath.Join(folder, "side*.png"))
	if err != nil || len(pages) < 10 {
		t.Fatalf("%d pages for 10 sheets: %v", len(pages), err)
	}
}
