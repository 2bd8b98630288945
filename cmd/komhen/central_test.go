package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// centralFile is a delivery of rows rows for each of some municipalities.
func centralFile(t *testing.T, rows int, municipalities ...int) string {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("kommune;enhed;opgave;kanal;type;afslutning;blanket;dato\n")
	for i := range rows {
		for _, code := range municipalities {
			fmt.Fprintf(&b, "%d;;23.05.10;DOKUD;INFO;HOLD;NEJ;%d-04-2012 10:%02d:%02d\n", code, 23+i%7, i/60%60, i%60)
		}
	}
	path := filepath.Join(t.TempDir(), "digital-post.csv")
	if err := os.WriteFile(path, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

var aheadOfUs = time.Now().AddDate(0, 0, 30).Format("02-01-2006")

func deliveries(t *testing.T, data string) (list []deliveryJSON) {
	t.Helper()
	var doc struct{ Deliveries []deliveryJSON }
	oneDocument(t, ok(t, data, "central", "list", "--json"), &doc)
	return doc.Deliveries
}

// TestCentralCommands: a delivery is made ready, listed and approved on the command line; what cannot be is wrong use.
func TestCentralCommands(t *testing.T) {
	data, file := newData(t), centralFile(t, 10, 259, 461)
	says(t, ok(t, data, "central", "import", file, "--what", "Digital Post", "--round", "2012F", "--day", aheadOfUs), "Central levering 1 er klar til 2 kommuner")
	says(t, ok(t, data, "central", "list"), "Køge", "Odense", "afventer", aheadOfUs)
	says(t, ok(t, data, "central", "load"), "intet at indlæse")
	says(t, ok(t, data, "central", "approve", "1", "--municipality", "Køge"), "indmelding 1 med 10 henvendelser")
	want(t, statusUsage, data, "central", "approve", "1", "--municipality", "Køge")
	want(t, statusUsage, data, "central", "approve", "7", "--municipality", "Køge")
	want(t, statusUsage, data, "central", "import", file, "--what", "Digital Post", "--round", "2012F", "--day", "22-06-2012")
	want(t, statusUsage, data, "central", "import", file, "--what", "Telefon", "--round", "2012F", "--day", aheadOfUs)
	want(t, statusUsage, data, "central", "import", file, "--what", "Digital Post", "--round", "2012E", "--day", aheadOfUs)
	want(t, statusUsage, data, "central", "import", file, "--what", "Digital Post", "--round", "2013F")
	want(t, statusNothing, data, "central", "import", testdata("README.md"), "--what", "Digital Post", "--round", "2012F", "--day", aheadOfUs)
	list := deliveries(t, data)
	if len(list) != 1 || list[0].Parts[0].State != "loaded" || list[0].Parts[0].Upload != 1 || list[0].Parts[1].State != "waiting" {
		t.Errorf("%+v", list)
	}
}

// TestKillCentral kills the program while a delivery comes and while parts are loaded. A part is loaded exactly when its record says so,
// never twice, and nothing half done is left.
func TestKillCentral(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 3))
	data := newData(t)
	const rows = 3000
	municipalities := []int{101, 147, 187, 253, 259, 461}
	file := centralFile(t, rows, municipalities...)
	built(t)
	// timed lets a command run, and killed ends it somewhere, mostly in its last steps.
	k := &killState{data: data, random: random, duration: map[string]time.Duration{}}
	killed := func(took time.Duration, args ...string) {
		t.Helper()
		cmd := command(t, data, args...)
		var errs bytes.Buffer
		cmd.Stderr = &errs
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		select {
		case err := <-ended:
			var exit *exec.ExitError
			if errors.As(err, &exit) && exit.ExitCode() != statusUsage {
				t.Fatalf("komhen %s: %v %s", strings.Join(args, " "), err, errs.String())
			}
		case <-k.moment(took):
			cmd.Process.Kill()
			<-ended
		}
	}
	// sound: what lies there fits together, or the kill came before anything was written.
	sound := func() {
		t.Helper()
		if _, err := os.Stat(filepath.Join(data, "komhen.lock")); errors.Is(err, fs.ErrNotExist) {
			says(t, want(t, statusUsage, data, "check").stderr, "ingen data")
			return
		}
		says(t, ok(t, data, "check"), "Alt passer sammen")
	}
	start := time.Now()
	ok(t, newData(t), "central", "import", file, "--what", "Digital Post", "--round", "2012F", "--day", aheadOfUs)
	took := time.Since(start)
	bring := []string{"central", "import", file, "--what", "Digital Post", "--round", "2012F", "--day", aheadOfUs}
	for range killRounds(t) {
		killed(took, bring...)
		sound()
	}
	ok(t, data, bring...)
	list := deliveries(t, data)
	last := list[len(list)-1]
	if len(last.Parts) != len(municipalities) {
		t.Fatalf("%+v", last)
	}
	for _, part := range last.Parts {
		approve := []string{"central", "approve", fmt.Sprint(last.Delivery), "--municipality", part.Municipality}
		for range 2 {
			killed(took, approve...)
			sound()
			uploads, loaded := map[uint32]*receiptDoc{}, 0
			for _, u := range uploadsIn(t, ok(t, data, "uploads", "--json")) {
				uploads[*u.Upload] = &u
			}
			list := deliveries(t, data)
			for _, p := range list[len(list)-1].Parts {
				if p.State != "loaded" {
					continue
				}
				loaded++
				if u := uploads[p.Upload]; u == nil || u.Accepted != rows {
					t.Fatalf("%+v is told loaded, its upload is %+v", p, u)
				}
			}
			if loaded != len(uploads) {
				t.Fatalf("%d parts are told loaded, and there are %d uploads", loaded, len(uploads))
			}
		}
		run(t, data, approve...) // it may be loaded
	}
	if n := contacts(t, data); n != int64(rows*len(municipalities)) {
		t.Errorf("%d contacts", n)
	}
	before := ok(t, data, "central", "list", "--json") + ok(t, data, "uploads", "--json")
	ok(t, data, "rebuild")
	if after := ok(t, data, "central", "list", "--json") + ok(t, data, "uploads", "--json"); after != before {
		t.Errorf("rebuilt:\n%s\nbefore:\n%s", after, before)
	}
}
