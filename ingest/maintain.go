package ingest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"komhen/model"
	"komhen/queries"
)

// Rebuild makes the database anew from the journal and the kept files, and puts it in place of the old one when it is whole.
func Rebuild(ctx context.Context, dir string, book *model.Codebook, o OpenOptions) (entries int, err error) {
	f := folderAt(dir, book, OpenOptions{MemoryMB: o.MemoryMB})
	if _, err := os.Stat(f.path(journalName)); errors.Is(err, fs.ErrNotExist) {
		return 0, &model.Problem{Code: "data-empty", Message: fmt.Sprintf("Der er ingen journal i %s, så der er intet at lave databasen af.", dir)}
	}
	if err := f.take(); err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if err := emptyFolder(f.path(tmpName)); err != nil {
		return 0, folderProblem(dir, err)
	}
	fresh := f.path(tmpName, storeName)
	options := f.storeOptions()
	options.Path = fresh
	if f.Store, err = queries.Open(ctx, options); err != nil {
		return 0, freshProblem(err)
	}
	f.journal, err = openJournal(f.path(journalName), true, func(e Entry) error {
		entries++
		return f.replay(ctx, e)
	})
	if err != nil {
		return 0, diskProblem(err)
	}
	if err := f.Store.Close(); err != nil {
		return 0, diskProblem(err)
	}
	f.Store = nil
	if err := os.Remove(f.path(storeName) + ".wal"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return 0, folderProblem(dir, err)
	}
	if err := os.Rename(fresh, f.path(storeName)); err != nil {
		return 0, folderProblem(dir, err)
	}
	return entries, syncDir(dir)
}

// freshProblem is why a new database could not be made.
func freshProblem(err error) error {
	var p *model.Problem
	if errors.As(err, &p) && p.Err != nil {
		if full := diskProblem(p.Err); full != p.Err {
			return full
		}
	}
	return err
}

// Backup copies the journal, the kept files and the web service's own files to a folder. It takes no lock, so it works while the
// folder is in use: the former only ever grow, and what a journal line names is on disk before the line is. An earlier backup of
// the same folder is continued. Only the former are counted.
func Backup(ctx context.Context, dir, target string) (files int, err error) {
	source := &Folder{Dir: dir}
	switch held, err := holdsData(dir); {
	case err != nil:
		return 0, folderProblem(dir, err)
	case !held:
		return 0, &model.Problem{Code: "data-empty", Message: fmt.Sprintf("Der er ingen data i %s at tage kopi af.", dir), Err: err}
	}
	copy := &Folder{Dir: target}
	if err := os.MkdirAll(copy.path(uploadsName), 0o700); err != nil {
		return 0, folderProblem(target, err)
	}
	var entries []Entry
	journal, err := openJournal(source.path(journalName), false, func(e Entry) error { entries = append(entries, e); return nil })
	if err != nil {
		return 0, err
	}
	older, err := openJournal(copy.path(journalName), false, nil)
	if err != nil {
		return 0, err
	}
	if older.seq > 0 && (older.seq > journal.seq || older.seq > 0 && hashAt(entries, journal, older.seq) != older.hash) {
		return 0, &model.Problem{Code: "backup-differs", Message: fmt.Sprintf("%s er en kopi af en anden datamappe. Vælg en tom mappe.", target)}
	}
	done := map[string]bool{} // the parts of a central delivery share a file
	for _, e := range entries {
		if e.Kept == "" || done[e.Kept] {
			continue
		}
		done[e.Kept] = true
		if err := ctx.Err(); err != nil {
			return files, err
		}
		copied, err := copyKept(source.path(e.Kept), copy.path(e.Kept), e)
		if err != nil {
			return files, err
		}
		if copied {
			files++
		}
	}
	if err := copyFile(source.path(journalName), copy.path(journalName), journal.size); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return files, folderProblem(target, err) // without a journal there are people only
	}
	if err := copyService(dir, target); err != nil {
		return files, folderProblem(target, err)
	}
	return files, errors.Join(syncDir(copy.path(uploadsName)), syncDir(target))
}

// hashAt is the hash of a journal's line with that number.
func hashAt(entries []Entry, j *journal, seq uint64) string {
	if seq == j.seq {
		return j.hash
	}
	return entries[seq].Prev
}

// copyKept copies a kept file unless a whole copy stands there already, and checks that it is the file the journal names.
func copyKept(from, to string, e Entry) (copied bool, err error) {
	if sum, err := fileHash(to); err == nil && sum == e.KeptSHA256 {
		return false, nil
	}
	sum, err := fileHash(from)
	if err != nil || sum != e.KeptSHA256 {
		return false, &model.Problem{Code: "kept-file-changed", Err: err, Message: fmt.Sprintf("Den gemte fil %s mangler eller er ikke længere den, der blev indlæst.", e.Kept)}
	}
	info, err := os.Stat(from)
	if err != nil {
		return false, err
	}
	if err := copyFile(from, to, info.Size()); err != nil {
		return false, folderProblem(filepath.Dir(to), err)
	}
	return true, nil
}

func fileHash(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	return hashOf(f, info.Size())
}

// copyFile copies the first size bytes (-1: all there are when it begins) under a temporary name, waits for the disk, and renames.
func copyFile(from, to string, size int64) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	if size < 0 {
		info, err := in.Stat()
		if err != nil {
			return err
		}
		size = info.Size()
	}
	out, err := os.CreateTemp(filepath.Dir(to), ".copy-*")
	if err != nil {
		return err
	}
	_, err = io.CopyN(out, in, size)
	err = errors.Join(err, out.Sync(), out.Close())
	if err == nil {
		err = os.Rename(out.Name(), to)
	}
	if err != nil {
		os.Remove(out.Name())
	}
	return err
}

// Restore fills an empty data folder from a backup and rebuilds the database.
func Restore(ctx context.Context, backup, dir string, book *model.Codebook, o OpenOptions) (entries int, err error) {
	if held, err := holdsData(backup); err != nil || !held {
		return 0, &model.Problem{Code: "backup-empty", Message: fmt.Sprintf("Der er ingen sikkerhedskopi i %s.", backup), Err: err}
	}
	if list, err := os.ReadDir(dir); err == nil && len(list) > 0 {
		return 0, &model.Problem{Code: "data-not-empty", Message: fmt.Sprintf("Datamappen %s er ikke tom. Hent kopien frem i en tom mappe, eller flyt den gamle først; vi skriver ikke oven i data.", dir)}
	}
	if _, err := Backup(ctx, backup, dir); err != nil {
		return 0, err
	}
	if err := noteRestored(dir, time.Now()); err != nil {
		return 0, folderProblem(dir, err)
	}
	if _, err := os.Stat(filepath.Join(dir, journalName)); errors.Is(err, fs.ErrNotExist) {
		return 0, nil // people were let in, and nothing has come yet
	}
	return Rebuild(ctx, dir, book, o)
}

// Audit looks whether everything in the folder agrees: the journal's chain, every kept file with its hash, the database with
// the journal, every receipt's sum, every key's count with the uploads that hold it, and
// the sums that reports are read from with the contacts. fault gets what does not, in Danish.
func (f *Folder) Audit(ctx context.Context, fault func(string)) error {
	// First how far the database has come, then the journal: what is added meanwhile is no fault.
	next, err := f.Store.NextUpload(ctx)
	if err != nil {
		return err
	}
	nextSeq := f.journal.nextSeq()
	list, err := f.Store.Uploads(ctx)
	if err != nil {
		return err
	}
	kept := map[string]bool{}
	_, err = openJournal(f.path(journalName), false, func(e Entry) error {
		if e.Kept == "" || kept[e.Kept] {
			return nil
		}
		kept[e.Kept] = true
		sum, err := fileHash(f.path(e.Kept))
		switch {
		case err != nil:
			fault(fmt.Sprintf("Den gemte fil %s mangler eller kan ikke læses.", e.Kept))
		case sum != e.KeptSHA256:
			fault(fmt.Sprintf("Den gemte fil %s er ændret.", e.Kept))
		}
		return ctx.Err()
	})
	if err != nil {
		return err
	}
	files, err := os.ReadDir(f.path(uploadsName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return folderProblem(f.Dir, err)
	}
	for _, file := range files {
		name := uploadsName + "/" + file.Name()
		if !kept[name] && !strings.HasPrefix(file.Name(), ".") && !cutOff(file.Name(), next, nextSeq) { // the next writer removes what was cut off
			fault(fmt.Sprintf("Filen %s står ikke i journalen.", name))
		}
	}
	for _, u := range list {
		if !u.Balanced() {
			fault(fmt.Sprintf("Kvitteringen for indmelding %d går ikke op.", u.Upload))
		}
		if !kept[u.Kept] {
			fault(fmt.Sprintf("Indmelding %d står ikke i journalen.", u.Upload))
		}
	}
	wrong, err := f.Store.MiscountedKeys(ctx)
	if err != nil {
		return err
	}
	if wrong > 0 {
		fault(fmt.Sprintf("%s tæller ikke det antal gange, som indmeldingerne siger.", plural(wrong, "række", "rækker")))
	}
	differ, err := f.Store.CubeFaults(ctx)
	if err == nil && differ > 0 {
		fault(fmt.Sprintf("Summerne bag rapporterne passer ikke med henvendelserne i %s af en kommunes tal. Kør komhen rebuild.", plural(differ, "uge", "uger")))
	}
	return err
}
