package schedule

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"komhen/model"
	"komhen/web/wholefile"
)

// The names in the data folder; package ingest knows them too, for backup.
const (
	FileName    = "schedule.json"
	RunsName    = "runs.jsonl"
	ArchiveName = "archive"
)

// Book is the open schedule of a data folder. It may be used from several goroutines.
type Book struct {
	dir string

	lock     sync.Mutex
	content  *content // jobs and stops; replaced, never changed
	runs     map[string]*Run
	order    []string             // of runs, oldest first
	last     map[string]time.Time // latest due time of each job that has a run
	open     map[string]bool      // runs with something left to do
	version  int                  // of content
	restored time.Time            // when the folder was fetched from a backup, if it was
	file     *os.File
	cutOff   int // letters that a crash left on their way, found when it was opened
}

// OpenBook reads the folder's schedule; a folder without any gives an empty one. Letters that an earlier process was just sending become "may have been sent",
// durably, before anything else can happen. Errors are *model.Problem "schedule-file". Close it when the service stops.
func OpenBook(dir string, now time.Time) (*Book, error) {
	b := &Book{dir: dir, runs: map[string]*Run{}, last: map[string]time.Time{}, open: map[string]bool{}}
	var err error
	if b.content, err = readContent(dir); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(b.path(ArchiveName), 0o700); err != nil {
		return nil, problem(err)
	}
	if err := b.openRuns(); err != nil {
		return nil, err
	}
	for _, id := range b.order {
		for _, d := range b.runs[id].Deliveries {
			if d.State != Sending {
				continue
			}
			e := event{At: now, Run: id, What: Unsure, To: d.To, Word: d.Word, Why: "Tjenesten blev afbrudt, mens mailen var ved at blive sendt."}
			if err := b.append(e); err != nil {
				return nil, errors.Join(err, b.file.Close())
			}
			b.cutOff++
		}
	}
	return b, nil
}

// CutOff is how many letters were on their way when an earlier process ended: they may have been sent.
func (b *Book) CutOff() int { return b.cutOff }

// Restored is when the folder was fetched from a backup, zero if it never was. What was due before is not made again.
func (b *Book) Restored() time.Time {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.restored
}

// Close ends writing.
func (b *Book) Close() error {
	b.lock.Lock()
	defer b.lock.Unlock()
	if b.file == nil {
		return nil
	}
	err := b.file.Close()
	b.file = nil
	return err
}

func (b *Book) path(parts ...string) string {
	return filepath.Join(append([]string{b.dir}, parts...)...)
}

func problem(err error) error {
	return &model.Problem{Code: "schedule-file", Err: err, Message: "Tidsplanen kan ikke gemmes eller læses. Se, om disken er fuld eller skrivebeskyttet."}
}

// openRuns reads what was done and has the file ready for a line of its own. A last line that was cut off was never acted upon, and is taken away.
func (b *Book) openRuns() error {
	f, err := os.OpenFile(b.path(RunsName), os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return problem(err)
	}
	whole := int64(0)
	lines := bufio.NewReaderSize(f, 1<<16)
	for number := 1; ; number++ {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF {
			break
		}
		if err != nil {
			return errors.Join(problem(err), f.Close())
		}
		whole += int64(len(line))
		var e event
		if err := json.Unmarshal(bytes.TrimSpace(line), &e); err != nil {
			f.Close()
			return &model.Problem{Code: "schedule-file", Err: fmt.Errorf("line %d: %w", number, err), Message: fmt.Sprintf(
				"Linje %d i %s kan ikke læses. Hent filen frem fra en sikkerhedskopi; ellers kan noget blive sendt to gange.", number, b.path(RunsName))}
		}
		b.apply(e)
	}
	if err := f.Truncate(whole); err != nil {
		return errors.Join(problem(err), f.Close())
	}
	if err := errors.Join(f.Sync(), wholefile.SyncDir(b.dir)); err != nil {
		return errors.Join(problem(err), f.Close())
	}
	b.file = f
	return nil
}

// append writes a line, waits for the disk, and only then lets it count. The caller holds the lock, or is alone.
func (b *Book) append(e event) error {
	if b.file == nil {
		return problem(fs.ErrClosed)
	}
	e.At, e.Next = e.At.UTC().Round(0), e.Next.UTC().Round(0)
	line, err := json.Marshal(e)
	if err != nil {
		return problem(err)
	}
	size, err := b.file.Seek(0, io.SeekEnd)
	if err != nil {
		return problem(err)
	}
	_, err = b.file.Write(append(line, '\n'))
	if err = errors.Join(err, b.file.Sync()); err != nil {
		return problem(errors.Join(err, b.file.Truncate(size)))
	}
	b.apply(e)
	return nil
}

// OpenRun stores that a job is due, before any work starts. opened is false when that (job, due time) is there already: then it is somebody else's, or
// was done before.
func (b *Book) OpenRun(o Opening, now time.Time) (r Run, opened bool, err error) {
	o.Due, o.Since = o.Due.UTC().Round(0), o.Since.UTC().Round(0)
	if !idForm.MatchString(o.Job) || o.Due.IsZero() {
		return Run{}, false, problem(fmt.Errorf("no run can be of job %q", o.Job))
	}
	b.lock.Lock()
	defer b.lock.Unlock()
	if r := b.runs[o.ID()]; r != nil {
		return r.clone(), false, nil
	}
	if err := b.append(event{At: now, Run: o.ID(), What: Due, Opening: &o}); err != nil {
		return Run{}, false, err
	}
	return b.runs[o.ID()].clone(), true, nil
}

// Note stores a step of a run. The files of Made must be in the archive (Keep). Problem: "schedule-file", and then nothing was noted: the caller must not
// go on as if it were.
func (b *Book) Note(run string, s Step, next time.Time) error {
	b.lock.Lock()
	defer b.lock.Unlock()
	r := b.runs[run]
	if r == nil {
		return problem(fmt.Errorf("no run %q", run))
	}
	if s.What == Sending || s.What == Waiting {
		if d, ok := r.Delivery(s.To, s.Word); ok && d.State.Ended() {
			return problem(fmt.Errorf("run %s: a letter that is %s is not sent again", run, d.State))
		}
	}
	return b.append(event{At: s.At, Run: run, What: s.What, To: s.To, Word: s.Word, Why: s.Why, Files: s.Files, Next: next})
}

// Run finds one by its ID.
func (b *Book) Run(id string) (Run, bool) {
	b.lock.Lock()
	defer b.lock.Unlock()
	if r := b.runs[id]; r != nil {
		return r.clone(), true
	}
	return Run{}, false
}

// Runs lists those that want says yes to, at most so many of the latest; 0 is all. Latest due first. want must not keep what it is given.
func (b *Book) Runs(most int, want func(Run) bool) (list []Run) {
	b.lock.Lock()
	defer b.lock.Unlock()
	for _, id := range slices.Backward(b.order) {
		if most > 0 && len(list) == most { // stored later is due later, but for what was late
			break
		}
		if r := b.runs[id]; want == nil || want(*r) {
			list = append(list, r.clone())
		}
	}
	slices.SortStableFunc(list, func(x, y Run) int { return cmp.Or(y.Due.Compare(x.Due), cmp.Compare(x.Job, y.Job)) })
	return list
}

// OpenRuns are those with something left to do, in the order they fell due.
func (b *Book) OpenRuns() (list []Run) {
	b.lock.Lock()
	defer b.lock.Unlock()
	for id := range b.open {
		list = append(list, b.runs[id].clone())
	}
	slices.SortFunc(list, func(x, y Run) int { return cmp.Or(x.Due.Compare(y.Due), cmp.Compare(x.Job, y.Job)) })
	return list
}

// Version changes with every change of jobs.
func (b *Book) Version() int {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.version
}

// Last is the latest due time of a job, not after now, that a run was opened for; zero if none was. What a clock that was wrong opened for the future keeps
// nothing from being due until then.
func (b *Book) Last(job string, now time.Time) (last time.Time) {
	b.lock.Lock()
	defer b.lock.Unlock()
	if last = b.last[job]; !last.After(now) {
		return last
	}
	last = time.Time{}
	for _, r := range b.runs {
		if r.Job == job && r.Due.After(last) && !r.Due.After(now) {
			last = r.Due
		}
	}
	return last
}
