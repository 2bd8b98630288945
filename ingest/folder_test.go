package ingest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"komhen/model"
)

const (
	goodHeader = "kommune;enhed;opgave;kanal;type;afslutning;blanket;dato"
	goodRow    = "259;Borgerservice;23.09.02;PRSNLG;OPRET;STRAKS;JA;23-04-2012"
)

func rows(lines ...string) []byte {
	return []byte(goodHeader + "\n" + strings.Join(lines, "\n") + "\n")
}

// problem is the code of an error for people, "" when there is none.
func problem(err error) string {
	var p *model.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

func copyFolder(t *testing.T, from string) (to string) {
	t.Helper()
	to = t.TempDir()
	must(t, os.CopyFS(to, os.DirFS(from)))
	return to
}

// TestCrashAfterJournal: the journal line is on disk and the database did not commit. Nobody was told, and the next Open loads it.
func TestCrashAfterJournal(t *testing.T) {
	f := newFolder(t)
	load(t, f, rows(goodRow, goodRow), Options{Name: "a.csv"})
	must(t, f.Close())
	before := copyFolder(t, f.Dir) // the database of now ...
	g := openFolder(t, f.Dir)
	u := load(t, g, rows(goodRow, goodRow, goodRow, "259;Jobcenter;23.09.02;PRSNLG;OPRET;STRAKS;JX;23-04-2012"), Options{Name: "b.csv", Source: "Nummersystem"})
	_, err := g.Undo(context.Background(), 1, usualDecision)
	must(t, err)
	want, uploads, findings := countedBag(t, g, ""), storedUploads(t, g), storedFindings(t, g)
	must(t, g.Close())
	// ... with the journal and kept files of later
	for _, name := range []string{journalName, "uploads/000002.csv"} {
		must(t, os.WriteFile(filepath.Join(before, name), readFile(t, g.Dir, name), 0o600))
	}
	if u.Receipt.Upload != 2 {
		t.Fatal(u.Receipt.Upload)
	}
	h := openFolder(t, before)
	if d := differences(countedBag(t, h, ""), want); d != "" {
		t.Error(d)
	}
	if got := storedUploads(t, h); strings.Join(got, "\n") != strings.Join(uploads, "\n") {
		t.Errorf("receipts differ:\n%s\nnot\n%s", strings.Join(got, "\n"), strings.Join(uploads, "\n"))
	}
	if d := differences(storedFindings(t, h), findings); d != "" {
		t.Error(d)
	}
	if faults := audit(t, h); len(faults) > 0 {
		t.Error(faults)
	}
}

// TestReaderFindsUnfinishedFolder: a reader that comes after such a crash gets the whole folder too.
func TestReaderFindsUnfinishedFolder(t *testing.T) {
	f := newFolder(t)
	must(t, f.Close())
	empty := copyFolder(t, f.Dir)
	g := openFolder(t, f.Dir)
	load(t, g, rows(goodRow), Options{})
	must(t, g.Close())
	for _, name := range []string{journalName, "uploads/000001.csv"} {
		must(t, os.WriteFile(filepath.Join(empty, name), readFile(t, g.Dir, name), 0o600))
	}
	r, err := Open(context.Background(), empty, testBook(t), OpenOptions{ReadOnly: true})
	must(t, err)
	defer r.Close()
	if n, err := r.Store.CountedNow(context.Background(), 1); err != nil || n != 1 {
		t.Errorf("%d contacts, %v", n, err)
	}
}

// TestCrashBeforeJournal: a kept file that no journal line names was never acknowledged and goes away; so does work in progress and
// the beginning of a journal line.
func TestCrashBeforeJournal(t *testing.T) {
	f := newFolder(t)
	load(t, f, rows(goodRow), Options{})
	must(t, f.Close())
	journal := readFile(t, f.Dir, journalName)
	must(t, os.WriteFile(f.path("uploads/000002.csv"), rows(goodRow), 0o600))
	must(t, os.WriteFile(f.path("tmp/upload-17"), rows(goodRow), 0o600))
	must(t, os.WriteFile(f.path(journalName), append(bytes.Clone(journal), `{"seq":2,"at":"2012-05`...), 0o600))
	g := openFolder(t, f.Dir)
	for _, name := range []string{"uploads/000002.csv", "tmp/upload-17"} {
		if _, err := os.Stat(g.path(name)); err == nil {
			t.Errorf("%s is still there", name)
		}
	}
	if !bytes.Equal(readFile(t, f.Dir, journalName), journal) {
		t.Error("the cut-off line is still there")
	}
	if n := load(t, g, rows(goodRow, goodRow), Options{}).Receipt.Upload; n != 2 {
		t.Errorf("the next upload is number %d", n)
	}
	if faults := audit(t, g); len(faults) > 0 {
		t.Error(faults)
	}
}

// TestDiscardLeavesNothing: what is prepared and not committed leaves the folder as it was.
func TestDiscardLeavesNothing(t *testing.T) {
	f := newFolder(t)
	for _, check := range []bool{false, true} {
		u := prepare(t, f, rows(goodRow, "259;x"), Options{dryRun: check})
		if u.Receipt.Accepted != 1 || u.Receipt.Rejected != 1 || len(findingsOf(t, u)) == 0 {
			t.Errorf("%+v", u.Receipt)
		}
		if check && u.Commit(context.Background()) == nil {
			t.Error("a dry run was committed")
		}
		must(t, u.Discard())
		for _, dir := range []string{uploadsName, tmpName} {
			if list, err := os.ReadDir(f.path(dir)); err != nil || len(list) > 0 {
				t.Errorf("%s holds %v, %v", dir, list, err)
			}
		}
	}
	if n := load(t, f, rows(goodRow), Options{}).Receipt.Upload; n != 1 {
		t.Errorf("the first upload is number %d", n)
	}
}

func TestFolderInUse(t *testing.T) {
	f := newFolder(t)
	_, err := Open(context.Background(), f.Dir, f.Book, OpenOptions{})
	if problem(err) != "data-in-use" {
		t.Error(err)
	}
	_, err = Open(context.Background(), f.Dir, f.Book, OpenOptions{ReadOnly: true})
	if problem(err) != "data-in-use" {
		t.Error(err)
	}
}

func TestDecisionsThatChangeNothing(t *testing.T) {
	f := newFolder(t)
	n := load(t, f, rows(goodRow), Options{}).Receipt.Upload
	ctx := context.Background()
	_, err := f.Redo(ctx, n, usualDecision)
	if problem(err) != "nothing-to-do" {
		t.Error(err)
	}
	_, err = f.Undo(ctx, 7, usualDecision)
	if problem(err) != "upload-unknown" {
		t.Error(err)
	}
	_, err = f.Undo(ctx, n, usualDecision)
	must(t, err)
	_, err = f.Undo(ctx, n, usualDecision)
	if problem(err) != "nothing-to-do" {
		t.Error(err)
	}
}

// TestAudit: each kind of damage is named.
func TestAudit(t *testing.T) {
	f := newFolder(t)
	load(t, f, rows(goodRow), Options{Name: "a.csv"})
	load(t, f, rows(goodRow, goodRow), Options{Name: "b.csv"})
	if faults := audit(t, f); len(faults) > 0 {
		t.Fatal(faults)
	}
	must(t, os.Remove(f.path("uploads/000001.csv")))
	must(t, os.WriteFile(f.path("uploads/000002.csv"), rows(goodRow), 0o600))
	must(t, os.WriteFile(f.path("uploads/fremmed.csv"), nil, 0o600))
	got := strings.Join(audit(t, f), "\n")
	for _, want := range []string{"uploads/000001.csv mangler", "uploads/000002.csv er ændret", "uploads/fremmed.csv står ikke i journalen"} {
		if !strings.Contains(got, want) {
			t.Errorf("the audit does not say %q:\n%s", want, got)
		}
	}
	must(t, f.Close())
	if _, err := Rebuild(context.Background(), f.Dir, f.Book, OpenOptions{}); problem(err) != "kept-file-missing" {
		t.Error(err)
	}
	must(t, os.WriteFile(f.path("uploads/000001.csv"), rows(goodRow), 0o600))
	if _, err := Rebuild(context.Background(), f.Dir, f.Book, OpenOptions{}); problem(err) != "kept-file-changed" {
		t.Error(err)
	}
	openFolder(t, f.Dir) // a rebuild that fails leaves the old database
}

// TestBackup: a copy taken while the folder is in use, continued, and fetched back.
func TestBackup(t *testing.T) {
	ctx := context.Background()
	f, target := newFolder(t), t.TempDir()
	_, err := Backup(ctx, f.Dir, target)
	if problem(err) != "data-empty" {
		t.Error(err)
	}
	load(t, f, rows(goodRow, "259;Borger;x"), Options{Name: "a.csv"})
	for n, want := range []int{1, 0} {
		if files, err := Backup(ctx, f.Dir, target); err != nil || files != want {
			t.Errorf("copy %d took %d files, %v", n, files, err)
		}
	}
	load(t, f, rows(goodRow, goodRow), Options{Name: "b.csv"})
	_, err = f.Undo(ctx, 1, usualDecision)
	must(t, err)
	if files, err := Backup(ctx, f.Dir, target); err != nil || files != 1 {
		t.Errorf("the copy took %d files, %v", files, err)
	}
	want, uploads := countedBag(t, f, ""), storedUploads(t, f)

	other := newFolder(t)
	load(t, other, rows(goodRow), Options{})
	if _, err := Backup(ctx, other.Dir, target); problem(err) != "backup-differs" {
		t.Error(err)
	}
	if _, err := Restore(ctx, target, other.Dir, f.Book, OpenOptions{}); problem(err) != "data-not-empty" {
		t.Error(err)
	}
	if _, err := Restore(ctx, t.TempDir(), t.TempDir(), f.Book, OpenOptions{}); problem(err) != "backup-empty" {
		t.Error(err)
	}
	dir := filepath.Join(t.TempDir(), "ny")
	if entries, err := Restore(ctx, target, dir, f.Book, OpenOptions{}); err != nil || entries != 3 {
		t.Fatal(entries, err)
	}
	g := openFolder(t, dir)
	if d := differences(countedBag(t, g, ""), want); d != "" {
		t.Error(d)
	}
	if got := storedUploads(t, g); strings.Join(got, "\n") != strings.Join(uploads, "\n") {
		t.Errorf("receipts differ:\n%s", strings.Join(got, "\n"))
	}
	if faults := audit(t, g); len(faults) > 0 {
		t.Error(faults)
	}
	// a copy whose kept file is damaged is mended by the next backup, and refused by a restore
	must(t, os.WriteFile(filepath.Join(target, "uploads/000001.csv"), nil, 0o600))
	if _, err := Restore(ctx, target, filepath.Join(t.TempDir(), "ny"), f.Book, OpenOptions{}); problem(err) != "kept-file-changed" {
		t.Error(err)
	}
	if files, err := Backup(ctx, f.Dir, target); err != nil || files != 1 {
		t.Errorf("the copy took %d files, %v", files, err)
	}
}
