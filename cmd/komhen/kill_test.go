package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"komhen/queries"
)

// killRounds is how many times the program is killed: few in go test, many in make kill.
func killRounds(t *testing.T) int {
	if text := os.Getenv("KOMHEN_KILL_ROUNDS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("KOMHEN_KILL_ROUNDS is %q", text)
		}
		return n
	}
	return 5
}

// killState is what must be true of the folder that is being killed in.
type killState struct {
	data     string
	uploads  map[uint32]*killUpload
	random   *rand.Rand
	duration map[string]time.Duration // how long each kind of command takes, per unit of its size
	told     struct{ ended, after, before, there, replays int }
}

type killUpload struct {
	rows int64
	live bool
}

// TestKill kills the program at random moments of an import, an undo and a redo. Nothing that was acknowledged may be lost, nothing
// may be half there, and the folder must open by itself.
func TestKill(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("KOMHEN_KILL_SEED"); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("KOMHEN_KILL_SEED=%d", seed)
	k := &killState{data: newData(t), uploads: map[uint32]*killUpload{}, random: rand.New(rand.NewPCG(seed, 1)), duration: map[string]time.Duration{}}
	rounds := killRounds(t)
	most := 200_000
	if rounds <= 10 {
		most = 40_000
	}
	k.calibrate(t)
	for round := range rounds {
		if round%4 == 3 {
			k.killDecision(t)
		} else {
			k.killImport(t, seed, round, most)
		}
		k.audit(t)
		if t.Failed() {
			t.Fatalf("round %d", round+1)
		}
		if round%10 == 9 || round == rounds-1 {
			before := ok(t, k.data, "report", "channels", "--format", "json", "--round", "2012F")
			ok(t, k.data, "rebuild")
			if after := ok(t, k.data, "report", "channels", "--format", "json", "--round", "2012F"); after != before {
				t.Fatalf("round %d: rebuild gives another report:\n%s\n%s", round+1, before, after)
			}
			k.audit(t)
			t.Logf("after %d rounds: %d uploads, %d contacts", round+1, len(k.uploads), k.expected())
		}
	}
	t.Logf("%d rounds: %d ended before the kill; killed: %d after the receipt, %d before it; of these %d were there all the same, and %d needed a replay of the journal",
		rounds, k.told.ended, k.told.after, k.told.before, k.told.there, k.told.replays)
}

// calibrate lets each command run to its end once, so that kills hit all of it.
func (k *killState) calibrate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "fil.csv")
	const rows = 20_000
	if err := os.WriteFile(path, someContacts(rows, 1), 0o600); err != nil {
		t.Fatal(err)
	}
	built(t)
	for _, args := range [][]string{{"import", "--json", path}, {"undo", "1", "--json"}, {"redo", "1", "--json"}} {
		start := time.Now()
		if out, err := command(t, k.data, args...).CombinedOutput(); err != nil {
			t.Fatal(err, string(out))
		}
		k.duration[args[0]] = time.Since(start)
	}
	k.duration["row"] = k.duration["import"] / (2 * rows) // about half is start-up
	k.uploads[1] = &killUpload{rows, true}
}

func (k *killState) killImport(t *testing.T, seed uint64, round, most int) {
	rows := int(10_000 * math.Pow(float64(most)/10_000, k.random.Float64())) // few are large
	path := filepath.Join(t.TempDir(), fmt.Sprintf("fil-%d.csv", round))
	// A number of its own makes every row of every round different, so each upload must come in whole.
	content := bytes.ReplaceAll(someContacts(rows, seed+uint64(round)), []byte("\n"), []byte(fmt.Sprintf("-%d\n", round)))
	content = bytes.Replace(content, []byte(fmt.Sprintf("løbenummer-%d\n", round)), []byte("løbenummer\n"), 1)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	next := k.next(t)
	took := k.duration["import"]/2 + time.Duration(rows)*k.duration["row"]
	acknowledged := func(out []byte) bool {
		var doc struct{ Uploads []receiptDoc }
		if json.Unmarshal(out, &doc) != nil || len(doc.Uploads) != 1 {
			return false
		}
		if u := doc.Uploads[0]; u.Upload == nil || *u.Upload != next || u.Accepted != int64(rows) {
			t.Errorf("the receipt says %+v", u)
		}
		return true
	}
	acked := k.kill(t, took, acknowledged, "import", "--json", path)
	list := k.list(t)
	there := list[next] != nil
	if acked && !there {
		t.Errorf("upload %d was acknowledged and is lost", next)
	}
	if there {
		k.uploads[next] = &killUpload{int64(rows), true}
	}
	if there && !acked {
		k.told.there++
	}
}

func (k *killState) killDecision(t *testing.T) {
	var upload uint32
	for upload = range k.uploads {
		break
	}
	u := k.uploads[upload]
	verb, state := "undo", "undone"
	if !u.live {
		verb, state = "redo", "live"
	}
	acked := k.kill(t, k.duration[verb], func(out []byte) bool {
		return strings.Contains(string(out), `"state":"`+state+`"`) && bytes.HasSuffix(out, []byte("\n"))
	}, verb, fmt.Sprint(upload), "--json")
	list := k.list(t)
	changed := list[upload] != nil && list[upload].State == state
	if acked && !changed {
		t.Errorf("%s %d was acknowledged and is lost", verb, upload)
	}
	if changed {
		u.live = !u.live
	}
	if changed && !acked {
		k.told.there++
	}
}

// kill runs a command, kills it at a random moment, and tells whether it had acknowledged what it did.
func (k *killState) kill(t *testing.T, took time.Duration, acknowledged func([]byte) bool, args ...string) bool {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := command(t, k.data, args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	var err error
	select {
	case err = <-ended:
	case <-k.moment(took):
		cmd.Process.Kill()
		err = <-ended
	}
	acked := acknowledged(out.Bytes())
	var exit *exec.ExitError
	switch killed := errors.As(err, &exit) && exit.ExitCode() == -1; {
	case !killed && (err != nil || !acked):
		t.Errorf("komhen %s: %v, %s", strings.Join(args, " "), err, errs.String())
	case !killed:
		k.told.ended++
	case acked:
		k.told.after++
	default:
		k.told.before++
	}
	if k.behind(t) {
		k.told.replays++
	}
	return acked
}

// moment is when to kill: anywhere, or, every other time, in the last steps, just after the journal or the kept file changed.
func (k *killState) moment(took time.Duration) <-chan time.Time {
	if k.random.IntN(2) == 0 {
		return time.After(time.Duration(k.random.Int64N(int64(took * 6 / 5))))
	}
	watched := filepath.Join(k.data, []string{"uploads", "journal.jsonl"}[k.random.IntN(2)])
	wait := time.Duration(k.random.Int64N(int64(10 * time.Millisecond)))
	before, err := os.Stat(watched)
	due := make(chan time.Time, 1)
	go func() {
		for start := time.Now(); time.Since(start) < 10*took; time.Sleep(200 * time.Microsecond) {
			now, err2 := os.Stat(watched)
			if err == nil && err2 == nil && !now.ModTime().Equal(before.ModTime()) {
				break
			}
		}
		time.Sleep(wait)
		due <- time.Now()
	}()
	return due
}

// behind tells whether the journal holds decisions that the database does not, before anything mends that.
func (k *killState) behind(t *testing.T) bool {
	t.Helper()
	store, err := queries.Open(t.Context(), queries.Options{Path: filepath.Join(k.data, "komhen.duckdb"), ReadOnly: true})
	if err != nil {
		t.Fatalf("the database does not open: %v", err)
	}
	defer store.Close()
	seq, _, err := store.Applied(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Count(read(t, filepath.Join(k.data, "journal.jsonl")), "\n")
	return uint64(lines) > seq
}

func (k *killState) next(t *testing.T) uint32 {
	t.Helper()
	return uint32(len(k.list(t)) + 1)
}

func (k *killState) list(t *testing.T) map[uint32]*receiptDoc {
	t.Helper()
	out := map[uint32]*receiptDoc{}
	for _, u := range uploadsIn(t, ok(t, k.data, "uploads", "--json")) {
		out[*u.Upload] = &u
	}
	return out
}

func (k *killState) expected() (n int64) {
	for _, u := range k.uploads {
		if u.live {
			n += u.rows
		}
	}
	return n
}

// audit holds the folder to what was acknowledged: every upload whole, no other, the figures their sum, and nothing left behind.
func (k *killState) audit(t *testing.T) {
	t.Helper()
	says(t, ok(t, k.data, "check"), "Alt passer sammen")
	list := k.list(t)
	if len(list) != len(k.uploads) {
		t.Errorf("%d uploads, want %d", len(list), len(k.uploads))
	}
	for number, u := range k.uploads {
		got := list[number]
		if got == nil || got.Accepted != u.rows || got.Contacts != u.rows || (got.State == "live") != u.live {
			t.Errorf("upload %d is %+v, want %+v", number, got, u)
		}
	}
	if n := contacts(t, k.data); n != k.expected() {
		t.Errorf("%d contacts, want %d", n, k.expected())
	}
}

// TestTornLog cuts the database's log off at the end of each of its entries, as a kill in the middle of a commit does. The database
// then keeps rows of a transaction that it otherwise takes back. The upload must be there once and whole, for it was journaled before.
func TestTornLog(t *testing.T) {
	t.Parallel()
	data, dir := newData(t), t.TempDir()
	imported(t, data, testdata("layouts", "c-utf8.csv"))
	const rows = 130_000 // a whole row group, and then some: only those are kept
	first, second := filepath.Join(dir, "1.csv"), filepath.Join(dir, "2.csv")
	if err := os.WriteFile(first, someContacts(rows, 1), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(second, someContacts(200_000, 2), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := command(t, data, "import", "--json", first, second)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil { // the first receipt: its log is not in the database file yet
		t.Fatal(err)
	}
	cmd.Process.Kill()
	cmd.Wait()
	log, err := os.ReadFile(filepath.Join(data, "komhen.duckdb.wal"))
	if err != nil {
		t.Skip("the database keeps no log to cut off:", err)
	}
	if uploads := uploadsIn(t, ok(t, copyFolder(t, data), "uploads", "--json")); len(uploads) > 2 {
		t.Skip("the kill came too late")
	}
	ends := entriesOf(log)
	if len(ends) < 3 {
		t.Fatalf("%d entries found in a log of %d bytes: has its form changed?", len(ends), len(log))
	}
	cuts := []int{0, ends[0] / 2, len(log) - 100}
	for i, end := range ends {
		if i%8 == 0 || i >= len(ends)-6 { // the rows come last but one, the end of the transaction last
			cuts = append(cuts, end)
		}
	}
	repaired := 0
	for _, end := range cuts {
		torn := copyFolder(t, data)
		if err := os.Truncate(filepath.Join(torn, "komhen.duckdb.wal"), int64(end)); err != nil {
			t.Fatal(err)
		}
		if leftovers(t, torn) {
			repaired++
		}
		if n := contacts(t, torn); n != 1000+rows {
			t.Errorf("cut after %d of %d bytes: %d contacts, want %d", end, len(log), n, 1000+rows)
		}
		says(t, ok(t, torn, "check"), "Alt passer sammen")
	}
	t.Logf("%d cuts, after %d of which rows without an upload were left", len(cuts), repaired)
}

// entriesOf finds where the entries of the database's log end: each is its size, a checksum, and so many bytes, after a head.
func entriesOf(log []byte) (ends []int) {
	for head := range min(len(log), 300) {
		at := head
		ends = ends[:0]
		for at+16 <= len(log) {
			size := binary.LittleEndian.Uint64(log[at:])
			if size == 0 || size > uint64(len(log)-at-16) {
				break
			}
			at += 16 + int(size)
			ends = append(ends, at)
		}
		if at == len(log) {
			return ends
		}
	}
	return nil
}

func leftovers(t *testing.T, data string) bool {
	t.Helper()
	store, err := queries.Open(t.Context(), queries.Options{Path: filepath.Join(data, "komhen.duckdb"), ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	found, err := store.Leftovers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return found
}
