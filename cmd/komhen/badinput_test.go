package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestFileFaults gives the program every file that is no table: one sentence, status 4, one finding, nothing changed.
func TestFileFaults(t *testing.T) {
	t.Parallel()
	data := newData(t)
	imported(t, data, testdata("layouts", "c-utf8.csv"))
	before := fingerprint(t, data)
	faults, err := filepath.Glob(testdata("rules", "F*", "input.*"))
	if err != nil || len(faults) == 0 {
		t.Fatal("no faulty files", err)
	}
	for _, path := range faults {
		name := filepath.Base(filepath.Dir(path))
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), "options.json")); err == nil {
			continue // needs limits that no flag sets
		}
		t.Run(name, func(t *testing.T) {
			status, list := importing(t, data, "--dry-run", path)
			if status != statusNothing {
				if strings.Contains(read(t, filepath.Join(filepath.Dir(path), "expected.json")), `"`+name[:3]+`"`) {
					t.Errorf("status %d", status)
				}
				return // a folder that proves where the rule keeps quiet
			}
			u := list[0]
			if len(u.Findings) != 1 || u.Findings[0].Rule != name[:3] || u.Records != 0 || len(u.SHA256) != 64 {
				t.Errorf("%+v", u)
			}
			text := want(t, statusNothing, data, "import", path)
			says(t, text.stderr, filepath.Base(path)+": ")
			if text.stdout != "" || strings.Count(text.stderr, "\n") != 1 {
				t.Errorf("stdout %q, stderr %q", text.stdout, text.stderr)
			}
		})
	}
	if changed := differs(before, fingerprint(t, data)); len(changed) > 0 {
		t.Errorf("changed: %v", changed)
	}
}

// TestPaths: what is no file at all.
func TestPaths(t *testing.T) {
	data, dir := newData(t), t.TempDir()
	says(t, want(t, statusNothing, data, "import", filepath.Join(dir, "væk.csv")).stderr, "væk.csv findes ikke")
	says(t, want(t, statusNothing, data, "import", dir).stderr, "en mappe og ikke en fil")
	says(t, want(t, statusNothing, data, "import", filepath.Join(write(t, dir, "a.csv", "x"), "b.csv")).stderr, "kan ikke læses")
	pipe := filepath.Join(dir, "rør")
	if err := syscall.Mkfifo(pipe, 0o600); err == nil {
		says(t, want(t, statusNothing, data, "import", pipe).stderr, "ikke en almindelig fil")
	}
	says(t, want(t, statusNothing, data, "kle", "import", filepath.Join(dir, "væk.xml")).stderr, "findes ikke")
	says(t, want(t, statusNothing, data, "kle", "import", testdata("layouts", "c-utf8.csv")).stderr, "KLE-filen")
	// A file name that holds a CPR-shaped number (invented) is masked like everything else.
	named := write(t, dir, "sag-010190-1234.csv", read(t, testdata("layouts", "c-utf8.csv")))
	o := want(t, statusDone, data, "import", "--json", named)
	if list := ok(t, data, "uploads"); strings.Contains(o.stdout+list, "010190-1234") {
		t.Error("the number in the file name is shown")
	}
	gone := want(t, statusNothing, data, "import", filepath.Join(dir, "sag-020290-1234.csv"))
	if strings.Contains(gone.stdout+gone.stderr, "020290-1234") {
		t.Error("the number in the name of a file that is not there is shown")
	}
}

// TestLargeFiles: a file above the limit, and files of one endless line, are refused at once and in little memory.
func TestLargeFiles(t *testing.T) {
	data, dir := newData(t), t.TempDir()
	sparse := filepath.Join(dir, "stor.csv")
	if err := os.WriteFile(sparse, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(sparse, 10<<30); err != nil {
		t.Skip("no sparse files here:", err)
	}
	start := time.Now()
	status, list := importing(t, data, sparse)
	if status != statusNothing || list[0].Findings[0].Rule != "F05" {
		t.Errorf("status %d, %+v", status, list[0])
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("a file that is not read took %v", took)
	}
	says(t, list[0].Findings[0].Message, "10.240", "8.192", "Del den")
	says(t, want(t, statusNothing, data, "import", "--max-mb", "1", sparse).stderr, "for stor")

	header := "kommune;enhed;opgave;kanal;type;afslutning;blanket;dato\n"
	for _, c := range []struct{ name, head, block, rule string }{
		{"one-line", "", "abcdefgh", "F03"},
		{"one-row", header + "259;", "abcdefgh", "F04"},
		{"one-row-of-cells", header, "abcdefg;", "F04"},
		{"open-quote", header + `"`, "abcdefg\n", "F04"},
		{"NUL", header, "\x00\x00\x00\x00\x00\x00\x00\x00", "F02"},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "linje.csv")
			f, err := os.Create(path)
			if err != nil {
				t.Fatal(err)
			}
			f.WriteString(c.head)
			block := bytes.Repeat([]byte(c.block), 1<<17)
			for range 200 {
				if _, err := f.Write(block); err != nil {
					t.Fatal(err)
				}
			}
			f.Close()
			cmd := command(t, data, "import", "--json", path)
			out, _ := cmd.Output()
			if list := uploadsIn(t, string(out)); list[0].Findings[0].Rule != c.rule || cmd.ProcessState.ExitCode() != statusNothing {
				t.Errorf("status %d: %.500s", cmd.ProcessState.ExitCode(), out)
			}
			if len(out) > 20_000 {
				t.Errorf("%d bytes are said about it", len(out))
			}
			if peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss / 1024; peak > 400 {
				t.Errorf("peak memory %d MB", peak)
			}
		})
	}
	if _, err := os.Stat(filepath.Join(data, "uploads")); err == nil {
		if left, _ := os.ReadDir(filepath.Join(data, "uploads")); len(left) > 0 {
			t.Errorf("%v is kept", left)
		}
	}
}

// TestZipBomb: a workbook of a few megabytes that unpacks to gigabytes is refused before it fills anything.
func TestZipBomb(t *testing.T) {
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	// One block of spaces, packed once; the same packed bytes again and again are more spaces.
	spaces := bytes.Repeat([]byte(" "), 1<<20)
	w.Write(spaces)
	w.Flush()
	block := bytes.Clone(packed.Bytes())
	const blocks = 5 << 10 // 5 GB
	packed.Reset()
	for range blocks {
		packed.Write(block)
	}
	packed.Write([]byte{1, 0, 0, 0xff, 0xff}) // the last, empty block
	source, err := partsOf(testdata("layouts", "c-text.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	var bomb bytes.Buffer
	z := zip.NewWriter(&bomb)
	for name, content := range source {
		if name != "xl/worksheets/sheet1.xml" {
			part, _ := z.Create(name)
			part.Write(content)
		}
	}
	part, err := z.CreateRaw(&zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate, CRC32: crc32.ChecksumIEEE(spaces),
		CompressedSize64: uint64(packed.Len()), UncompressedSize64: blocks << 20})
	if err != nil {
		t.Fatal(err)
	}
	part.Write(packed.Bytes())
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := write(t, t.TempDir(), "bombe.xlsx", bomb.String())
	data := newData(t)
	start := time.Now()
	cmd := command(t, data, "import", "--json", path)
	out, _ := cmd.Output()
	list := uploadsIn(t, string(out))
	if cmd.ProcessState.ExitCode() != statusNothing || list[0].Findings[0].Rule != "F02" {
		t.Errorf("status %d: %.1000s", cmd.ProcessState.ExitCode(), out)
	}
	if peak := cmd.ProcessState.SysUsage().(*syscall.Rusage).Maxrss / 1024; peak > 300 {
		t.Errorf("peak memory %d MB", peak)
	}
	t.Logf("%d kB refused in %v: %s", bomb.Len()>>10, time.Since(start).Round(time.Millisecond), list[0].Findings[0].Message)
}

// partsOf are the parts of a workbook.
func partsOf(path string) (map[string][]byte, error) {
	z, err := zip.OpenReader(path)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	parts := map[string][]byte{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		parts[f.Name], err = io.ReadAll(r)
		if err = errors.Join(err, r.Close()); err != nil {
			return nil, err
		}
	}
	return parts, nil
}
