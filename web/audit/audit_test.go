package audit

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

var noon = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func open(t *testing.T) *Log {
	t.Helper()
	l, err := Open(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

func add(t *testing.T, l *Log, records ...Record) {
	t.Helper()
	for _, r := range records {
		if err := l.Append(r); err != nil {
			t.Fatal(err)
		}
	}
}

// all reads page by page.
func all(t *testing.T, l *Log, f Filter, limit int) (list []Record) {
	t.Helper()
	for cursor, pages := "", 0; ; pages++ {
		records, next, err := l.Read(f, cursor, limit)
		if err != nil {
			t.Fatal(err)
		}
		if len(records) > limit {
			t.Fatalf("%d records, limit %d", len(records), limit)
		}
		list = append(list, records...)
		if next == "" {
			return list
		}
		if next == cursor || pages > 100_000 {
			t.Fatalf("cursor %s stands still", next)
		}
		cursor = next
	}
}

func objects(list []Record) string {
	var b []string
	for _, r := range list {
		b = append(b, r.Object)
	}
	return strings.Join(b, " ")
}

func TestNewestFirstAcrossMonths(t *testing.T) {
	l := open(t)
	for i := range 9 {
		add(t, l, Record{At: noon.AddDate(0, i/3, i%3), Action: "login", Object: fmt.Sprint(i), Municipality: uint16(259 + i%2), Actor: fmt.Sprint("a", i%3)})
	}
	for limit := 1; limit <= 10; limit++ {
		if got := objects(all(t, l, Filter{}, limit)); got != "8 7 6 5 4 3 2 1 0" {
			t.Errorf("limit %d: %s", limit, got)
		}
	}
	for want, f := range map[string]Filter{
		"8 6 4 2 0":         {Municipality: 259},
		"7 4 1":             {Actor: "a1"},
		"":                  {Action: "logout"},
		"8 7 6 5 4 3 2 1 0": {Action: "login"},
		"5 4 3":             {From: noon.AddDate(0, 1, 0), To: noon.AddDate(0, 2, 0)},
	} {
		if got := objects(all(t, l, f, 2)); got != want {
			t.Errorf("%+v: %s, want %s", f, got, want)
		}
	}
	files, _ := filepath.Glob(filepath.Join(l.dir, "*"))
	if len(files) != 3 || filepath.Base(files[0]) != "2026-11.jsonl" {
		t.Error(files)
	}
	for _, file := range files {
		if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
			t.Error(file, info.Mode(), err)
		}
	}
}

func TestActionGroups(t *testing.T) {
	l := open(t)
	add(t, l, Record{At: noon, Action: "token.issue", Object: "1"}, Record{At: noon, Action: "tokens", Object: "2"}, Record{At: noon, Action: "token.revoke", Object: "3"})
	if got := objects(all(t, l, Filter{Action: "token"}, 10)); got != "3 1" {
		t.Error(got)
	}
}

func TestMonthEndsInCopenhagen(t *testing.T) {
	l := open(t)
	add(t, l, Record{At: time.Date(2026, 11, 30, 23, 30, 0, 0, time.UTC), Action: "login"})
	if _, err := os.Stat(l.path("2026-12")); err != nil {
		t.Error(err)
	}
}

func TestNothingPersonalIsWritten(t *testing.T) {
	l := open(t)
	add(t, l, Record{At: noon, Actor: "a1", ActorName: "Karen Holm", Action: "login", Address: "192.0.2.77:1234"})
	raw, err := os.ReadFile(l.path("2026-11"))
	if err != nil {
		t.Fatal(err)
	}
	if s := string(raw); strings.Contains(s, "Karen") || strings.Contains(s, "192.0.2.77") || !strings.Contains(s, "192.0.2.0/24") {
		t.Error(s)
	}
}

func TestShorten(t *testing.T) {
	for in, want := range map[string]string{
		"192.0.2.77": "192.0.2.0/24", "192.0.2.77:80": "192.0.2.0/24", "[2001:db8:1:2::5]:443": "2001:db8:1::/48",
		"2001:db8:1:2::5": "2001:db8:1::/48", "::ffff:192.0.2.77": "192.0.2.0/24", "fe80::1%eth0": "fe80::/48", "": "", "karen@koege.dk": "",
		"192.0.2.0/24": "192.0.2.0/24",
	} {
		if got := Shorten(in); got != want {
			t.Errorf("%s: %s, want %s", in, got, want)
		}
	}
}

// TestCutOffLine: a crash in the middle of a line costs that line only, and the next one stands on its own.
func TestCutOffLine(t *testing.T) {
	dir := t.TempDir()
	l, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	add(t, l, Record{At: noon, Action: "login", Object: "1"}, Record{At: noon, Action: "login", Object: "2"})
	l.Close()
	path := l.path("2026-11")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(path, info.Size()-5); err != nil {
		t.Fatal(err)
	}
	l, err = Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if got := objects(all(t, l, Filter{}, 5)); got != "1" {
		t.Error(got)
	}
	add(t, l, Record{At: noon, Action: "login", Object: "3"})
	if got := objects(all(t, l, Filter{}, 1)); got != "3 1" {
		t.Error(got)
	}
}

func TestLongTextsAreCut(t *testing.T) {
	l := open(t)
	add(t, l, Record{At: noon, Action: "upload", Detail: strings.Repeat("æ", 100_000) + "\xff", Object: "\"\n"})
	got := all(t, l, Filter{}, 5)
	if len(got) != 1 || len(got[0].Detail) != textMax || got[0].Object != "\"\n" {
		t.Error(len(got))
	}
}

func TestPrune(t *testing.T) {
	l := open(t)
	for i := range 4 {
		add(t, l, Record{At: noon.AddDate(0, i, 0), Action: "login", Object: fmt.Sprint(i)})
	}
	if err := os.WriteFile(filepath.Join(l.dir, "2020-01.jsonl.old"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	removed, err := l.Prune(noon.AddDate(0, 2, 0))
	if err != nil || removed != 2 {
		t.Error(removed, err)
	}
	if got := objects(all(t, l, Filter{}, 9)); got != "3 2" {
		t.Error(got)
	}
	if removed, err = l.Prune(noon.AddDate(1, 0, 0)); err != nil || removed != 2 {
		t.Error(removed, err)
	}
	add(t, l, Record{At: noon.AddDate(0, 3, 1), Action: "login", Object: "after"})
	if got := objects(all(t, l, Filter{}, 9)); got != "after" {
		t.Error(got)
	}
	if _, err := os.Stat(filepath.Join(l.dir, "2020-01.jsonl.old")); err != nil {
		t.Error("a file that is not ours was removed")
	}
}

func TestBadCursors(t *testing.T) {
	l := open(t)
	for _, cursor := range []string{"x", "2026-11", "2026-11:-1", "../../etc/passwd:3", "2026-11:99999999999999999999"} {
		if _, _, err := l.Read(Filter{}, cursor, 5); err == nil {
			t.Error(cursor)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	l := open(t)
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for j := range 20 {
				if err := l.Append(Record{At: noon, Action: "login", Object: fmt.Sprint(i*20 + j)}); err != nil {
					t.Error(err)
				}
				if _, _, err := l.Read(Filter{}, "", 5); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	if n := len(all(t, l, Filter{}, 7)); n != 160 {
		t.Error(n)
	}
}

// FuzzRead: whatever a month's file holds, the pages together are the records that a plain reading from the top finds.
func FuzzRead(f *testing.F) {
	f.Add([]byte("{\"action\":\"login\"}\n{\"action\":\"b\"}\n"), uint8(1))
	f.Add([]byte("{\"action\":\"login\"}\n\n\n{\"action\":\"cut o"), uint8(2))
	f.Add([]byte("\n[]\n{}\n\x00\xff\nnull\n{\"action\":7}\n{\"action\":\"x\",\"municipality\":-1}\n"), uint8(3))
	f.Add([]byte("{\"action\":\"a\",\"detail\":\""+strings.Repeat("x", blockSize-20)+"\"}\n{\"action\":\"b\"}"), uint8(1))
	f.Add([]byte(strings.Repeat("y", lineMax+1)+"\n{\"action\":\"b\"}\n"+strings.Repeat("{\"action\":\"c\"}\n", 5000)), uint8(200))
	f.Fuzz(func(t *testing.T, raw []byte, limit uint8) {
		l := &Log{dir: t.TempDir()}
		if err := os.WriteFile(l.path("2026-11"), raw, 0o600); err != nil {
			t.Fatal(err)
		}
		var want []Record
		for line := range strings.SplitSeq(string(raw), "\n") {
			var r Record
			if len(line) <= lineMax && json.Unmarshal([]byte(line), &r) == nil && r.Action != "" {
				want = append(want, r)
			}
		}
		slices.Reverse(want)
		got := all(t, l, Filter{}, max(1, int(limit)))
		if len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%d records, want %d", len(got), len(want))
		}
	})
}
