// Package audit keeps what was done, by whom and when: uploads, decisions, downloads, logins and changes of rights, one JSON line
// each, in a file a month in the data folder. Lines are only ever added; a whole month is taken away when it is old (Prune).
//
// Danger: it outlives the people in it, so nothing in a Record may be personal but the account's ID: no names, no mail
// addresses, no cell of a file. One process writes; reading takes no lock.
package audit

import (
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"komhen/model"
	"komhen/web/wholefile"
)

// FolderName is the folder in the data folder.
const FolderName = "audit"

// Record is one thing that was done.
type Record struct {
	At           time.Time `json:"at"`
	Actor        string    `json:"actor,omitempty"`        // an account's or token's ID; "" for someone unknown or the service itself
	ActorName    string    `json:"-"`                      // never stored: whoever shows the record looks it up
	Municipality uint16    `json:"municipality,omitempty"` // whose audit it belongs to; 0 is the operator's only
	Action       string    `json:"action"`                 // "login", "upload.undo": English, stable
	Object       string    `json:"object,omitempty"`       // what it was done to: an upload's number, an ID
	Detail       string    `json:"detail,omitempty"`       // a few words, nothing personal
	Address      string    `json:"address,omitempty"`      // network of the caller, shortened by Append
}

const (
	textMax = 1000      // bytes of any text in a record
	lineMax = 64 * 1024 // a longer line is not ours, and is passed over
)

// Log is the open audit of a data folder. It may be used from several goroutines.
type Log struct {
	dir string

	lock  sync.Mutex
	month string
	file  *os.File
}

// Open makes the folder where it is missing. Close it when the service stops.
func Open(dataDir string) (*Log, error) {
	l := &Log{dir: filepath.Join(dataDir, FolderName)}
	if err := os.MkdirAll(l.dir, 0o700); err != nil {
		return nil, problem(err)
	}
	return l, nil
}

// Close ends writing; a later Append opens the file anew.
func (l *Log) Close() error {
	l.lock.Lock()
	defer l.lock.Unlock()
	return l.closeFile()
}

func (l *Log) closeFile() error {
	if l.file == nil {
		return nil
	}
	err := l.file.Close()
	l.file, l.month = nil, ""
	return err
}

func problem(err error) error {
	return &model.Problem{Code: "audit", Err: err, Message: "Hændelsesloggen kan ikke skrives eller læses. Se, om disken er fuld eller skrivebeskyttet."}
}

// Append writes a record and waits for the disk. At is kept in UTC; without it, it is now. Problem: "audit".
func (l *Log) Append(r Record) error {
	if r.At.IsZero() {
		r.At = time.Now()
	}
	r.At = r.At.UTC().Round(0)
	r.Actor, r.Action, r.Object, r.Detail, r.Address = clip(r.Actor), clip(r.Action), clip(r.Object), clip(r.Detail), Shorten(r.Address)
	line, err := json.Marshal(r)
	if err != nil {
		return problem(err)
	}
	line = append(line, '\n')
	l.lock.Lock()
	defer l.lock.Unlock()
	if err := l.open(monthOf(r.At)); err != nil {
		return problem(err)
	}
	_, err = l.file.Write(line)
	if err = errors.Join(err, l.file.Sync()); err != nil {
		return problem(errors.Join(err, l.closeFile())) // the next Append looks at what this one left
	}
	return nil
}

func monthOf(t time.Time) string { return t.In(model.Copenhagen).Format("2006-01") }

func (l *Log) path(month string) string { return filepath.Join(l.dir, month+".jsonl") }

// open has the month's file ready for a line of its own, whatever a crash left at its end.
func (l *Log) open(month string) error {
	if l.month == month {
		return nil
	}
	if err := l.closeFile(); err != nil {
		return err
	}
	f, err := os.OpenFile(l.path(month), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	size, err := f.Seek(0, io.SeekEnd)
	last := []byte{'\n'}
	if err == nil && size > 0 {
		_, err = f.ReadAt(last, size-1)
	}
	if err == nil && last[0] != '\n' {
		_, err = f.Write([]byte{'\n'})
	}
	if err == nil && size == 0 {
		err = wholefile.SyncDir(l.dir)
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	l.file, l.month = f, month
	return nil
}

// clip keeps a hostile text from filling the disk.
func clip(s string) string {
	s = strings.ToValidUTF8(s, "�")
	if len(s) <= textMax {
		return s
	}
	end := textMax
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}

// Shorten makes a network of an address, with or without a port: 192.0.2.0/24, 2001:db8:1::/48. Anything else becomes "".
func Shorten(address string) string {
	var a netip.Addr
	if p, err := netip.ParseAddrPort(address); err == nil {
		a = p.Addr()
	} else if n, err := netip.ParsePrefix(address); err == nil {
		a = n.Addr()
	} else if a, err = netip.ParseAddr(address); err != nil {
		return ""
	}
	a = a.Unmap().WithZone("")
	bits := 48
	if a.Is4() {
		bits = 24
	}
	network, err := a.Prefix(bits)
	if err != nil {
		return ""
	}
	return network.String()
}

var monthFile = regexp.MustCompile(`^(\d{4}-\d{2})\.jsonl$`)

// months lists the months that have a file, newest first.
func (l *Log) months() ([]string, error) {
	entries, err := os.ReadDir(l.dir)
	if err != nil {
		return nil, problem(err)
	}
	var months []string
	for i := len(entries) - 1; i >= 0; i-- { // ReadDir sorts by name
		if m := monthFile.FindStringSubmatch(entries[i].Name()); m != nil && entries[i].Type().IsRegular() {
			months = append(months, m[1])
		}
	}
	return months, nil
}

// Prune removes the months that ended before the day, and says how many.
func (l *Log) Prune(before time.Time) (removed int, err error) {
	months, err := l.months()
	if err != nil {
		return 0, err
	}
	l.lock.Lock()
	defer l.lock.Unlock()
	for _, month := range months {
		if month >= monthOf(before) {
			continue
		}
		if month == l.month {
			err = errors.Join(err, l.closeFile())
		}
		if e := os.Remove(l.path(month)); e != nil {
			err = errors.Join(err, e)
			continue
		}
		removed++
	}
	if err != nil {
		return removed, problem(err)
	}
	return removed, nil
}
