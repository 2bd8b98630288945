package ingest

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"komhen/model"
	"komhen/queries"
)

// Folder is an open data folder. Opened for writing it holds the folder's lock until Close; no other process can write. It is
// safe for concurrent use.
type Folder struct {
	Dir   string
	Store *queries.Store
	Book  *model.Codebook // the folder's own: it answers with the rounds' dates that were declared here

	lock     *os.File
	journal  *journal
	readOnly bool
	memoryMB int
	once     bool
	names    int // how many names of units get a number; tests lower it

	turn      chan struct{} // holds one while somebody changes the folder
	closing   chan struct{}
	closeOnce sync.Once
}

// folderAt is a folder that is not open yet.
func folderAt(dir string, book *model.Codebook, o OpenOptions) *Folder {
	return &Folder{Dir: dir, Book: book.Own(), readOnly: o.ReadOnly, memoryMB: o.MemoryMB, once: o.Once, names: mostUnitNames, turn: make(chan struct{}, 1), closing: make(chan struct{})}
}

const (
	lockName    = "komhen.lock"
	storeName   = "komhen.duckdb"
	journalName = "journal.jsonl"
	uploadsName = "uploads"
	tmpName     = "tmp"
)

// OpenOptions of a data folder. ReadOnly shares the folder with other readers and changes nothing in it. Once is for who changes one thing
// and closes it again: that is quicker so, and many changes would be slower.
type OpenOptions struct {
	ReadOnly bool
	MemoryMB int
	Once     bool
}

// Open opens a data folder, making it when it is new, and brings the database up to the journal: what a crash cut off after it
// was journaled is loaded now. Errors are *model.Problem, "data-in-use" among them.
func Open(ctx context.Context, dir string, book *model.Codebook, o OpenOptions) (*Folder, error) {
	f := folderAt(dir, book, o)
	if err := f.take(); err != nil {
		return nil, err
	}
	if err := f.open(ctx); err != nil {
		f.release()
		return nil, err
	}
	return f, nil
}

// take makes the folder where it is missing and takes its lock.
func (f *Folder) take() error {
	if !f.readOnly {
		for _, dir := range []string{f.Dir, f.path(uploadsName), f.path(tmpName)} {
			if err := os.MkdirAll(dir, 0o700); err != nil {
				return folderProblem(f.Dir, err)
			}
		}
	}
	flags, how := os.O_RDWR|os.O_CREATE, syscall.LOCK_EX
	if f.readOnly {
		flags, how = os.O_RDONLY, syscall.LOCK_SH
	}
	lock, err := os.OpenFile(f.path(lockName), flags, 0o600)
	if f.readOnly && errors.Is(err, fs.ErrNotExist) {
		return &model.Problem{Code: "data-empty", Message: fmt.Sprintf("Der er ingen data i %s endnu. Indlæs en fil med komhen import, eller prøv komhen demo.", f.Dir), Err: err}
	}
	if f.readOnly && errors.Is(err, fs.ErrPermission) {
		return &model.Problem{Code: "data-folder", Message: fmt.Sprintf("Du har ikke lov til at læse datamappen %s. Bed den, der ejer den, om adgang.", f.Dir), Err: err}
	}
	if err != nil {
		return folderProblem(f.Dir, err)
	}
	// A reader that is just finishing is waited for; a server that holds the folder is not.
	for try := 0; ; try++ {
		err = syscall.Flock(int(lock.Fd()), how|syscall.LOCK_NB)
		if err == nil || try == 10 {
			break
		}
		time.Sleep(100 * time.Millisecond)
	}
	if err != nil {
		owner, _ := os.ReadFile(f.path(lockName))
		lock.Close()
		return inUse(f.Dir, strings.TrimSpace(string(owner)), err)
	}
	f.lock = lock
	if !f.readOnly {
		if err := lock.Truncate(0); err != nil {
			return folderProblem(f.Dir, err)
		}
		_, err = lock.WriteAt([]byte("pid "+strconv.Itoa(os.Getpid())+"\n"), 0)
		if err != nil {
			return folderProblem(f.Dir, err)
		}
	}
	return nil
}

// Announce says in the lock where the service that holds the folder is reached, so that a command that finds it taken can say so.
func (f *Folder) Announce(where string) error {
	if err := f.lock.Truncate(0); err != nil {
		return folderProblem(f.Dir, err)
	}
	if _, err := f.lock.WriteAt([]byte("tjenesten på "+where+", pid "+strconv.Itoa(os.Getpid())+"\n"), 0); err != nil {
		return folderProblem(f.Dir, err)
	}
	return nil
}

func inUse(dir, owner string, err error) error {
	if owner != "" {
		owner = " (" + owner + ")"
	}
	return &model.Problem{Code: "data-in-use", Err: err, Message: fmt.Sprintf(
		"Datamappen %s er i brug af et andet komhen-program%s. Vent, til det er færdigt, eller gør det samme gennem den kørende tjeneste.", dir, owner)}
}

func folderProblem(dir string, err error) error {
	var known *model.Problem
	if errors.As(err, &known) {
		return err
	}
	message := fmt.Sprintf("Datamappen %s kan ikke bruges.", dir)
	switch {
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		message = fmt.Sprintf("Datamappen %s er skrivebeskyttet. Vælg en anden mappe med --data, eller giv dig selv lov til at skrive i den.", dir)
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		message = diskFull
	case errors.Is(err, syscall.ENOTDIR):
		message = fmt.Sprintf("%s er en fil og ikke en mappe. Vælg en mappe med --data.", dir)
	}
	return &model.Problem{Code: "data-folder", Message: message, Err: err}
}

const diskFull = "Disken er fuld. Der er ikke ændret noget; skaf plads, og prøv igen."

func (f *Folder) path(parts ...string) string {
	return filepath.Join(append([]string{f.Dir}, parts...)...)
}

func (f *Folder) storeOptions() queries.Options {
	return queries.Options{Path: f.path(storeName), TempDir: f.path(tmpName), ReadOnly: f.readOnly, MemoryMB: f.memoryMB, NoLog: f.once}
}

func (f *Folder) open(ctx context.Context) (err error) {
	if !f.readOnly {
		if err := emptyFolder(f.path(tmpName)); err != nil {
			return folderProblem(f.Dir, err)
		}
	}
	if f.Store, err = queries.Open(ctx, f.storeOptions()); err != nil {
		if f.readOnly {
			return f.reopenAfterRepair(ctx, err)
		}
		return f.storeProblem(err)
	}
	seq, hash, err := f.Store.Applied(ctx)
	if err != nil {
		return err
	}
	if err := f.readRounds(ctx); err != nil {
		return err
	}
	var behind []Entry
	agrees := seq == 0 && hash == ""
	f.journal, err = openJournal(f.path(journalName), !f.readOnly, func(e Entry) error {
		if e.Seq == seq+1 {
			agrees = e.Prev == hash
		}
		if e.Seq > seq {
			behind = append(behind, e)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if f.journal.seq == seq {
		agrees = f.journal.hash == hash
	}
	switch {
	case f.journal.seq < seq: // rebuilding would lose what the journal no longer tells
		return &model.Problem{Code: "journal-differs", Message: fmt.Sprintf(
			"Journalen i %s mangler de sidste beslutninger (%d af %d). Hent en sikkerhedskopi frem i en tom mappe med komhen restore.", f.Dir, seq-f.journal.seq, seq)}
	case !agrees:
		return &model.Problem{Code: "journal-differs", Message: fmt.Sprintf(
			"Databasen og journalen i %s passer ikke sammen. Er journalen ændret, så hent en sikkerhedskopi frem i en tom mappe med komhen restore. Er det databasen, så kør komhen rebuild.", f.Dir)}
	}
	leftovers, err := f.Store.Leftovers(ctx)
	if err != nil {
		return err
	}
	if f.readOnly && (len(behind) > 0 || leftovers) {
		return f.reopenAfterRepair(ctx, nil)
	}
	if leftovers {
		if err := f.Store.RemoveLeftovers(ctx); err != nil {
			return diskProblem(err)
		}
	}
	for _, e := range behind {
		if err := f.replay(ctx, e); err != nil {
			return err
		}
	}
	if f.readOnly {
		return nil
	}
	return f.removeOrphans()
}

// storeProblem says what to do about a database that cannot be opened: it can always be made again.
func (f *Folder) storeProblem(err error) error {
	var p *model.Problem
	if !errors.As(err, &p) || p.Code != "database" {
		return err
	}
	if full := diskProblem(p.Err); full != p.Err {
		return full
	}
	return &model.Problem{Code: "database", Err: err, Message: fmt.Sprintf(
		"Databasen i %s kan ikke åbnes; den er beskadiget, eller du har ikke lov til at læse den. Kør komhen rebuild, som laver den igen ud fra journalen og de gemte filer.", f.Dir)}
}

// reopenAfterRepair lets a writer bring the folder in order once, then shares it again.
func (f *Folder) reopenAfterRepair(ctx context.Context, cause error) error {
	var p *model.Problem
	if errors.As(cause, &p) && p.Code != "database" {
		return cause
	}
	f.release()
	writer, err := Open(ctx, f.Dir, f.Book, OpenOptions{MemoryMB: f.memoryMB})
	if err != nil {
		return err
	}
	if err := writer.Close(); err != nil {
		return err
	}
	f.Store = nil
	if err := f.take(); err != nil {
		return err
	}
	if f.Store, err = queries.Open(ctx, f.storeOptions()); err != nil {
		return err
	}
	if err := f.readRounds(ctx); err != nil {
		return err
	}
	f.journal, err = openJournal(f.path(journalName), false, nil)
	return err
}

// removeOrphans deletes kept files that no journal line names: an import that was cut off before it was acknowledged.
func (f *Folder) removeOrphans() error {
	entries, err := os.ReadDir(f.path(uploadsName))
	if err != nil {
		return folderProblem(f.Dir, err)
	}
	if len(entries) == 0 {
		return nil
	}
	next, err := f.Store.NextUpload(context.Background())
	if err != nil {
		return err
	}
	for _, e := range entries {
		if cutOff(e.Name(), next, f.journal.nextSeq()) {
			if err := os.Remove(f.path(uploadsName, e.Name())); err != nil {
				return folderProblem(f.Dir, err)
			}
		}
	}
	return nil
}

// cutOff tells whether a kept file belongs to a decision that never was journaled: its number was still to come.
func cutOff(name string, nextUpload uint32, nextSeq uint64) bool {
	first := uint64(nextUpload)
	number, _, _ := strings.Cut(name, ".")
	for _, kind := range []string{"kle-", "klik-", "central-"} { // numbered as the journal is
		if own, is := strings.CutPrefix(number, kind); is {
			number, first = own, nextSeq
		}
	}
	n, err := strconv.ParseUint(number, 10, 64)
	return err == nil && n >= first
}

func emptyFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// release gives the folder free.
func (f *Folder) release() error {
	var err error
	if f.Store != nil {
		err = f.Store.Close()
		f.Store = nil
	}
	if f.lock != nil {
		err = errors.Join(err, f.lock.Close())
		f.lock = nil
	}
	return err
}

// syncDir makes names in a directory permanent.
func syncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// decide writes a decision: first into the open transaction, then into the journal, then it commits. On any error nothing has
// changed; a crash in between is mended by the next Open (ARCHITECTURE.md, "The data folder").
func (f *Folder) decide(ctx context.Context, l *queries.Load, e *Entry) error {
	line, hash, err := f.journal.next(e)
	if err != nil {
		return errors.Join(err, l.Rollback())
	}
	if err := l.SetApplied(ctx, e.Seq, hash); err != nil {
		return errors.Join(err, l.Rollback())
	}
	ctx = context.WithoutCancel(ctx) // an interrupt between the journal and the database would leave them apart
	if err := f.journal.append(line); err != nil {
		return errors.Join(folderProblem(f.Dir, err), l.Rollback())
	}
	if err := l.Commit(ctx); err != nil {
		return errors.Join(commitProblem(err), f.journal.takeBack())
	}
	f.journal.acknowledge(line, hash)
	return nil
}

func commitProblem(err error) error {
	if strings.Contains(err.Error(), "No space left") || errors.Is(err, syscall.ENOSPC) {
		return &model.Problem{Code: "disk-full", Message: diskFull, Err: err}
	}
	return &model.Problem{Code: "database", Message: "Databasen kunne ikke gemme. Der er ikke ændret noget.", Err: err}
}

// message is the Danish sentence of a finding.
func (f *Folder) message(x model.Finding) string { return f.Book.MessageOf(x) }
