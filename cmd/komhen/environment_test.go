package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// smallDisk mounts a disk of a size, or skips the test where that cannot be done.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can mount a small disk to fill")
	}
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		t.Skip("a small disk cannot be mounted here:", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func resize(t *testing.T, disk, options string, flags uintptr) {
	t.Helper()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT|flags, options); err != nil {
		t.Fatal(err)
	}
}

// TestFullDisk fills the disk during an import, at a different stage for each size: it must be said, nothing may have changed,
// and with room again everything works.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "64m")
	big := filepath.Join(t.TempDir(), "stor.csv")
	if err := os.WriteFile(big, someContacts(60_000, 1), 0o600); err != nil {
		t.Fatal(err)
	}
	full := 0
	for _, free := range []int64{64, 256, 512, 1024, 2048, 3072, 4096, 6144, 8192, 12288} { // kB beside what is there already
		t.Run(fmt.Sprintf("%dkB", free), func(t *testing.T) {
			data := filepath.Join(disk, "data")
			defer os.RemoveAll(data)
			resize(t, disk, "size=64m", 0)
			imported(t, data, testdata("layouts", "c-utf8.csv"))
			before, journal := contacts(t, data), read(t, filepath.Join(data, "journal.jsonl"))
			resize(t, disk, fmt.Sprintf("size=%dk", used(t, disk)/1024+free), 0)
			o := run(t, data, "import", "--json", big)
			switch o.status {
			case statusDone:
			case statusFailed:
				full++
				says(t, o.stderr, "Disken er fuld", "ikke ændret noget")
				if list := uploadsIn(t, o.stdout); len(list) != 0 {
					t.Errorf("a receipt all the same: %+v", list)
				}
				if read(t, filepath.Join(data, "journal.jsonl")) != journal {
					t.Error("the journal changed")
				}
				// Still full: what is there can be asked for.
				if n := contacts(t, data); n != before {
					t.Errorf("%d contacts, want %d", n, before)
				}
				resize(t, disk, "size=64m", 0)
				if u := imported(t, data, big); u.Accepted != 60_000 || *u.Upload != 2 {
					t.Errorf("with room again: %+v", u)
				}
			default:
				t.Errorf("status %d, stderr %q", o.status, o.stderr)
			}
			if n := contacts(t, data); n != before+60_000 {
				t.Errorf("%d contacts, want %d", n, before+60_000)
			}
			says(t, ok(t, data, "check"), "Alt passer sammen")
			if o := run(t, data, "rebuild"); o.status != statusDone { // it needs room for a second database
				says(t, o.stderr, "Disken er fuld")
				resize(t, disk, "size=64m", 0)
				ok(t, data, "rebuild")
			}
			if n := contacts(t, data); n != before+60_000 {
				t.Errorf("%d contacts after rebuild, want %d", n, before+60_000)
			}
		})
	}
	if full == 0 {
		t.Error("the disk was never full")
	}

	// Many small uploads until one does not fit.
	data := filepath.Join(disk, "data")
	resize(t, disk, "size=64m", 0)
	imported(t, data, testdata("layouts", "c-utf8.csv"))
	resize(t, disk, fmt.Sprintf("size=%dk", used(t, disk)/1024+600), 0)
	small := filepath.Join(t.TempDir(), "lille.csv")
	loaded := int64(1000)
	for seed := uint64(2); ; seed++ {
		if err := os.WriteFile(small, someContacts(100, seed), 0o600); err != nil {
			t.Fatal(err)
		}
		o := run(t, data, "import", "--json", small)
		if o.status == statusFailed {
			says(t, o.stderr, "Disken er fuld")
			break
		}
		if o.status != statusDone || seed > 200 {
			t.Fatalf("status %d after %d uploads: %s", o.status, seed, o.stderr)
		}
		loaded += uploadsIn(t, o.stdout)[0].Accepted
	}
	if o := run(t, data, "undo", "1"); o.status != statusDone {
		says(t, o.stderr, "Disken er fuld")
	}
	resize(t, disk, "size=64m", 0)
	run(t, data, "redo", "1")
	if n := contacts(t, data); n != loaded {
		t.Errorf("%d contacts, want %d", n, loaded)
	}
	says(t, ok(t, data, "check"), "Alt passer sammen")

	// An output that does not fit is said, and not left half written.
	resize(t, disk, fmt.Sprintf("size=%dk", used(t, disk)/1024+8), 0)
	out := filepath.Join(disk, "udtræk.csv")
	says(t, want(t, statusFailed, data, "export", "contacts", "-o", out).stderr, "Disken er fuld")
	if _, err := os.Stat(out); err == nil {
		t.Error("a half-written extract was left")
	}
}

func used(t *testing.T, disk string) int64 {
	t.Helper()
	var s syscall.Statfs_t
	if err := syscall.Statfs(disk, &s); err != nil {
		t.Fatal(err)
	}
	return int64(s.Blocks-s.Bfree) * s.Bsize
}

// TestReadOnlyFolder: on a disk that cannot be written, reports work, and what would write says why it cannot.
func TestReadOnlyFolder(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, "64m")
	data := filepath.Join(disk, "data")
	want(t, statusRejected, data, "import", testdata("walkthrough", "1-registreringer.csv"))
	resize(t, disk, "size=64m", syscall.MS_RDONLY)
	if n := contacts(t, data); n != 55 {
		t.Errorf("%d contacts", n)
	}
	says(t, ok(t, data, "receipt", "1"), "55 godtaget")
	says(t, ok(t, data, "check"), "Alt passer sammen")
	ok(t, data, "export", "contacts", "-o", filepath.Join(t.TempDir(), "x.xlsx"), "--format", "xlsx")
	ok(t, data, "benchmark", "--municipality", "259", "-o", filepath.Join(t.TempDir(), "b.xlsx"))
	ok(t, data, "backup", filepath.Join(t.TempDir(), "kopi"))
	for _, args := range [][]string{{"import", testdata("layouts", "c-utf8.csv")}, {"undo", "1"}, {"rebuild"}, {"kle", "import", testdata("kle", "small.xml")}} {
		says(t, want(t, statusFailed, data, args...).stderr, data, "skrivebeskyttet", "--data")
	}
	says(t, want(t, statusFailed, filepath.Join(disk, "ny"), "import", testdata("layouts", "c-utf8.csv")).stderr, "skrivebeskyttet")
	resize(t, disk, "size=64m", 0)
	imported(t, data, testdata("layouts", "c-utf8.csv"))
}

// TestAnotherUser: a folder and a file that the user may not touch.
func TestAnotherUser(t *testing.T) {
	t.Parallel()
	if os.Getuid() != 0 {
		t.Skip("only root can run the program as another user")
	}
	dir, err := os.MkdirTemp("", "komhen-user-*") // its parents may be entered by everyone
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	os.Chmod(dir, 0o755)
	program := filepath.Join(dir, "komhen")
	if out, err := exec.Command("cp", built(t), program).CombinedOutput(); err != nil {
		t.Fatal(err, string(out))
	}
	data := filepath.Join(dir, "data")
	imported(t, data, testdata("layouts", "c-utf8.csv"))
	as := func(args ...string) (int, string, string) {
		var out, errs strings.Builder
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, []string{"HOME=" + dir}, &out, &errs
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
		var exit *exec.ExitError
		if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		inDanishOnly(t, errs.String())
		return cmd.ProcessState.ExitCode(), out.String(), errs.String()
	}
	file := filepath.Join(dir, "hemmelig.csv")
	if err := os.WriteFile(file, someContacts(10, 1), 0o600); err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(dir, "egen")
	if err := os.Mkdir(own, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(own, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	status, _, errs := as("--data", own, "import", file)
	says(t, errs, "hemmelig.csv", "må du ikke læse")
	if status != statusNothing {
		t.Errorf("an unreadable file: status %d", status)
	}
	for _, args := range []string{"uploads", "check", "undo 1", "report channels", "rebuild", "backup " + filepath.Join(own, "kopi"), "import " + file} {
		status, out, errs := as(append([]string{"--data", data}, strings.Fields(args)...)...)
		if status != statusFailed || out != "" {
			t.Errorf("%s in another's folder: status %d, stdout %q", args, status, out)
		}
		says(t, errs, data)
	}
}

// TestBrokenFolder: what each kind of damage is called, and what then helps.
func TestBrokenFolder(t *testing.T) {
	t.Parallel()
	whole := newData(t)
	want(t, statusRejected, whole, "import", testdata("walkthrough", "1-registreringer.csv"))
	imported(t, whole, testdata("walkthrough", "3-registreringer-rettet-og-flere.csv"))
	ok(t, whole, "undo", "1")
	ok(t, whole, "redo", "1")
	before := account(t, whole)
	damage := func(t *testing.T, name string, change func(string) string) string {
		data := copyFolder(t, whole)
		path := filepath.Join(data, name)
		if err := os.WriteFile(path, []byte(change(read(t, path))), 0o600); err != nil {
			t.Fatal(err)
		}
		return data
	}
	mendsBy := func(t *testing.T, data string, says_ string, commands ...string) {
		for _, args := range []string{"uploads", "report channels", "undo 1", "import " + testdata("layouts", "c-utf8.csv")} {
			says(t, want(t, statusFailed, data, strings.Fields(args)...).stderr, says_, "komhen "+commands[0])
		}
		says(t, want(t, statusFailed, data, "check").stdout, says_)
		for _, c := range commands[1:] {
			ok(t, data, c)
			sameAccount(t, c, before, account(t, data))
		}
	}
	t.Run("garbage in the database", func(t *testing.T) {
		mendsBy(t, damage(t, "komhen.duckdb", func(string) string { return strings.Repeat("vrøvl", 10_000) }), "Databasen i", "rebuild", "rebuild")
	})
	t.Run("database cut off", func(t *testing.T) {
		mendsBy(t, damage(t, "komhen.duckdb", func(s string) string { return s[:5000] }), "Databasen i", "rebuild", "rebuild")
	})
	t.Run("database gone", func(t *testing.T) {
		for _, args := range [][]string{{"uploads"}, {"undo", "2"}} {
			data := copyFolder(t, whole)
			if err := os.Remove(filepath.Join(data, "komhen.duckdb")); err != nil {
				t.Fatal(err)
			}
			ok(t, data, args...)
			if args[0] == "undo" {
				ok(t, data, "redo", "2")
				continue // the times of the decisions differ
			}
			sameAccount(t, "replay", before, account(t, data))
		}
	})
	t.Run("older database", func(t *testing.T) {
		data := newData(t)
		want(t, statusRejected, data, "import", testdata("walkthrough", "1-registreringer.csv"))
		old := read(t, filepath.Join(data, "komhen.duckdb"))
		imported(t, data, testdata("walkthrough", "3-registreringer-rettet-og-flere.csv"))
		later := account(t, data)
		write(t, data, "komhen.duckdb", old)
		sameAccount(t, "replay", later, account(t, data))
	})
	t.Run("a line of the journal changed", func(t *testing.T) {
		mendsBy(t, damage(t, "journal.jsonl", func(s string) string { return strings.Replace(s, "1-registreringer", "9-registreringer", 1) }), "i linje", "restore")
	})
	t.Run("the last line of the journal changed", func(t *testing.T) {
		mendsBy(t, damage(t, "journal.jsonl", func(s string) string {
			i := strings.LastIndex(s, `"redo"`)
			return s[:i] + `"undo"` + s[i+6:]
		}), "passer ikke sammen", "restore")
	})
	t.Run("the journal's end is gone", func(t *testing.T) {
		data := damage(t, "journal.jsonl", func(s string) string { return strings.Join(strings.SplitAfter(s, "\n")[:2], "") })
		mendsBy(t, data, "mangler de sidste beslutninger (2 af 4)", "restore")
	})
	t.Run("half a line at the journal's end", func(t *testing.T) {
		data := damage(t, "journal.jsonl", func(s string) string { return s + `{"seq":5,"at":"20` })
		sameAccount(t, "half a line", before, account(t, data))
		ok(t, data, "undo", "1") // a writer takes it away
		ok(t, data, "redo", "1")
		says(t, ok(t, data, "check"), "Alt passer sammen")
	})
	t.Run("a kept file changed", func(t *testing.T) {
		data := damage(t, "uploads/000001.csv", func(s string) string { return strings.Replace(s, "PPRUD", "PPRID", 1) })
		says(t, want(t, statusFailed, data, "check").stdout, "uploads/000001.csv", "ændret")
		var doc struct {
			OK     bool     `json:"ok"`
			Faults []string `json:"faults"`
		}
		oneDocument(t, want(t, statusFailed, data, "check", "--json").stdout, &doc)
		if doc.OK || len(doc.Faults) != 1 {
			t.Errorf("%+v", doc)
		}
		says(t, want(t, statusFailed, data, "rebuild").stderr, "uploads/000001.csv", "komhen restore")
		says(t, want(t, statusFailed, data, "backup", t.TempDir()).stderr, "uploads/000001.csv")
		if n := contacts(t, data); n != 75 {
			t.Errorf("a rebuild that failed changed the figures: %d", n)
		}
	})
	t.Run("a kept file gone", func(t *testing.T) {
		data := copyFolder(t, whole)
		if err := os.Remove(filepath.Join(data, "uploads", "000002.csv")); err != nil {
			t.Fatal(err)
		}
		says(t, want(t, statusFailed, data, "check").stdout, "uploads/000002.csv", "mangler")
		says(t, want(t, statusFailed, data, "rebuild").stderr, "uploads/000002.csv", "komhen restore")
		says(t, want(t, statusFailed, data, "further", "2").stderr, "000002.csv")
		if n := contacts(t, data); n != 75 {
			t.Errorf("further that failed left %d contacts", n)
		}
	})
	t.Run("the folder is a file", func(t *testing.T) {
		file := write(t, t.TempDir(), "data", "x")
		for _, args := range []string{"import " + testdata("layouts", "c-utf8.csv"), "uploads", "rebuild", "backup " + t.TempDir(), "demo", "check"} {
			says(t, want(t, statusFailed, file, strings.Fields(args)...).stderr, file, "en fil og ikke en mappe")
		}
	})
	t.Run("an import that was cut off", func(t *testing.T) {
		data := copyFolder(t, whole)
		write(t, filepath.Join(data, "uploads"), "000003.csv", "halv")
		write(t, filepath.Join(data, "uploads"), "kle-000005.xml", "<halv")
		write(t, filepath.Join(data, "tmp"), "upload-17", "halv")
		sameAccount(t, "cut off", before, account(t, data)) // what was never acknowledged is no fault
		if u := imported(t, data, testdata("layouts", "c-utf8.csv")); *u.Upload != 3 {
			t.Errorf("upload %d", *u.Upload)
		}
		for _, left := range []string{"uploads/kle-000005.xml", "tmp/upload-17"} {
			if _, err := os.Stat(filepath.Join(data, left)); err == nil {
				t.Errorf("%s is still there", left)
			}
		}
		says(t, ok(t, data, "check"), "Alt passer sammen")
		ok(t, data, "kle", "import", testdata("kle", "small.xml"))
		says(t, ok(t, data, "check"), "Alt passer sammen")
	})
	t.Run("a file that nobody named", func(t *testing.T) {
		data := copyFolder(t, whole)
		write(t, filepath.Join(data, "uploads"), "brev.txt", "x")
		says(t, want(t, statusFailed, data, "check").stdout, "uploads/brev.txt")
	})
}

// TestInterrupt: an interrupt is said, takes effect soon, and leaves nothing behind; what was acknowledged before stays.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	data := newData(t)
	first := imported(t, data, testdata("layouts", "c-utf8.csv"))
	path := filepath.Join(t.TempDir(), "stor.csv")
	if err := os.WriteFile(path, someContacts(200_000, 1), 0o600); err != nil {
		t.Fatal(err)
	}
	interrupted := 0
	for _, wait := range []time.Duration{50, 150, 300, 500, 800} {
		var out, errs strings.Builder
		cmd := command(t, data, "import", "--json", path)
		cmd.Stdout, cmd.Stderr = &out, &errs
		if err := cmd.Start(); err != nil { // the clock runs from here: on a busy machine starting takes a while
			t.Fatal(err)
		}
		time.AfterFunc(wait*time.Millisecond, func() { cmd.Process.Signal(os.Interrupt) })
		_ = cmd.Wait()
		switch cmd.ProcessState.ExitCode() {
		case statusDone: // it was too late
			if list := uploadsIn(t, out.String()); list[0].Accepted != 200_000 && list[0].Withheld != 200_000 {
				t.Errorf("%+v", list[0])
			}
		case statusFailed:
			interrupted++
			says(t, errs.String(), "Afbrudt")
			inDanishOnly(t, errs.String())
			if n := contacts(t, data); n != first.Contacts {
				t.Errorf("%d contacts after an interrupt", n)
			}
		case -1: // before the program could listen
		default:
			t.Errorf("status %d, %s", cmd.ProcessState.ExitCode(), errs.String())
		}
		says(t, ok(t, data, "check"), "Alt passer sammen")
		if list := uploadsIn(t, ok(t, data, "uploads", "--json")); len(list) > 1 {
			ok(t, data, "undo", "2")
			break
		}
	}
	if interrupted == 0 {
		t.Log("every interrupt came too late or too early")
	}
}

// hold keeps a data folder open for writing from another process until the test ends or the function is called.
func hold(t *testing.T, data string) (release func()) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), "KOMHEN_TEST_HOLD="+data)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(out, make([]byte, 5)); err != nil {
		t.Fatal("the holder did not start:", err)
	}
	var once sync.Once
	release = func() { once.Do(func() { in.Close(); cmd.Wait() }) }
	t.Cleanup(release)
	return release
}

// TestInUse: while another process writes, everyone else is told who it is, soon, with status 5.
func TestInUse(t *testing.T) {
	t.Parallel()
	data := copyFolder(t, demoData(t))
	release := hold(t, data)
	var wait sync.WaitGroup
	for _, args := range []string{"uploads", "report channels", "undo 1", "import --json " + testdata("layouts", "c-utf8.csv"), "rebuild", "check"} {
		wait.Go(func() {
			start := time.Now()
			o := run(t, data, strings.Fields(args)...)
			if o.status != statusDataInUse {
				t.Errorf("%s: status %d", args, o.status)
			}
			says(t, o.stderr, data, "i brug", "pid ", "Vent", "tjeneste")
			if took := time.Since(start); took > 4*time.Second {
				t.Errorf("%s waited %v", args, took)
			}
		})
	}
	wait.Wait()
	ok(t, data, "backup", t.TempDir()) // takes no lock
	release()
	ok(t, data, "uploads")
}

// TestManyReaders: readers do not keep each other out, a short writer is waited for, and a writer waits for a short reader.
func TestManyReaders(t *testing.T) {
	data := demoData(t)
	var wait sync.WaitGroup
	first := ok(t, data, "report", "channels", "--format", "json")
	for range 6 {
		wait.Go(func() {
			if o := runAs(t, "--data", data, "report", "channels", "--format", "json"); o.stdout != first {
				t.Errorf("status %d, %s", o.status, o.stderr)
			}
		})
		wait.Go(func() {
			out, err := command(t, data, "report", "channels", "--format", "json").CombinedOutput()
			if err != nil || string(out) != first {
				t.Errorf("%v: %.300s", err, out)
			}
		})
	}
	wait.Wait()

	data = copyFolder(t, data)
	release := hold(t, data)
	time.AfterFunc(300*time.Millisecond, release)
	ok(t, data, "uploads")
}
