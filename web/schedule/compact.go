package schedule

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"slices"
	"time"

	"komhen/web/wholefile"
)

// Compact forgets the runs that were due before a time, and says how many: the file is written anew without their lines. A job's latest run stays, for what
// is due next is reckoned from it; so does one that is not ended, and one whose files have not been pruned.
func (b *Book) Compact(before time.Time) (forgotten int, err error) {
	b.lock.Lock()
	defer b.lock.Unlock()
	gone := map[string]bool{}
	for id, r := range b.runs {
		if r.Due.Before(before) && !r.Open() && !r.Due.Equal(b.last[r.Job]) && (r.Pruned || len(r.Files) == 0) {
			gone[id] = true
		}
	}
	if len(gone) == 0 || b.file == nil {
		return 0, nil
	}
	if err := b.rewrite(gone); err != nil {
		return 0, problem(err)
	}
	for id := range gone {
		delete(b.runs, id)
	}
	b.order = slices.DeleteFunc(b.order, func(id string) bool { return gone[id] })
	return len(gone), nil
}

// rewrite replaces the file by one without the lines of some runs: the new one is whole on disk before it takes the name.
func (b *Book) rewrite(gone map[string]bool) error {
	old, err := os.Open(b.path(RunsName))
	if err != nil {
		return err
	}
	defer old.Close()
	temporary := b.path(RunsName) + ".tmp"
	f, err := os.OpenFile(temporary, os.O_RDWR|os.O_CREATE|os.O_TRUNC|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	lines, out := bufio.NewReaderSize(old, 1<<16), bufio.NewWriterSize(f, 1<<16)
	for err == nil {
		var line []byte
		if line, err = lines.ReadBytes('\n'); err != nil {
			break
		}
		var e event
		if err = json.Unmarshal(bytes.TrimSpace(line), &e); err == nil && !gone[e.Run] {
			_, err = out.Write(line)
		}
	}
	if err == io.EOF {
		err = nil
	}
	if err = errors.Join(err, out.Flush(), f.Sync()); err == nil {
		err = os.Rename(temporary, b.path(RunsName))
	}
	if err != nil {
		os.Remove(temporary)
		return errors.Join(err, f.Close())
	}
	earlier := b.file
	b.file = f
	return errors.Join(wholefile.SyncDir(b.dir), earlier.Close())
}
