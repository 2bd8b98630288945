package ingest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// The web service's own files in the data folder: who may do what (package web/account), what was done (web/audit), contacts, the map's borders, and what is made
// and sent on a calendar (web/schedule). They govern no figure, so neither the journal nor rebuild knows them; backup and restore bring them along.
const (
	serviceName  = "service.json"
	bordersName  = "borders.json"  // of the map
	contactsName = "contacts.json" // whom municipalities have named for KOMBIT (web/contactlist)
	auditName    = "audit"
	monthPattern = "????-??.jsonl"
	scheduleName = "schedule.json"
	runsName     = "runs.jsonl" // what was made and sent
	archiveName  = "archive"    // a folder a run
)

// holdsData tells whether there is anything in a folder that a backup would take.
func holdsData(dir string) (bool, error) {
	for _, name := range []string{journalName, serviceName} {
		switch _, err := os.Stat(filepath.Join(dir, name)); {
		case err == nil:
			return true, nil
		case !errors.Is(err, fs.ErrNotExist):
			return false, err
		}
	}
	return false, nil
}

// copyService copies the service's files as they are now. Each is replaced whole by its writer, or, like the audit, only
// grows, so both can be read while the service runs. Months that the source no longer has stay in the copy.
func copyService(from, to string) error {
	names := []string{serviceName, bordersName, contactsName, scheduleName, runsName} // runs before the archive: what a run names is there when the run says so
	months, err := os.ReadDir(filepath.Join(from, auditName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, month := range months {
		if matched, _ := filepath.Match(monthPattern, month.Name()); matched && month.Type().IsRegular() {
			names = append(names, filepath.Join(auditName, month.Name()))
		}
	}
	if len(months) > 0 {
		if err := os.MkdirAll(filepath.Join(to, auditName), 0o700); err != nil {
			return err
		}
	}
	for _, name := range names {
		if err := copyFile(filepath.Join(from, name), filepath.Join(to, name), -1); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err // one that is missing was pruned meanwhile, or there is no service here
		}
	}
	if len(months) > 0 {
		if err := syncDir(filepath.Join(to, auditName)); err != nil {
			return err
		}
	}
	return copyArchive(filepath.Join(from, archiveName), filepath.Join(to, archiveName))
}

// copyArchive copies the files of runs that the copy does not have. A file there never changes; one that is being made has a name with a dot in front.
func copyArchive(from, to string) error {
	runs, err := os.ReadDir(from)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, run := range runs {
		files, err := os.ReadDir(filepath.Join(from, run.Name()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) || !run.IsDir() {
			return err
		}
		if err := os.MkdirAll(filepath.Join(to, run.Name()), 0o700); err != nil {
			return err
		}
		for _, file := range files {
			there, err := os.Stat(filepath.Join(to, run.Name(), file.Name()))
			if info, e := file.Info(); strings.HasPrefix(file.Name(), ".") || e == nil && err == nil && info.Size() == there.Size() && !there.ModTime().Before(info.ModTime()) {
				continue
			}
			if err := copyFile(filepath.Join(from, run.Name(), file.Name()), filepath.Join(to, run.Name(), file.Name()), -1); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		if err := syncDir(filepath.Join(to, run.Name())); err != nil {
			return err
		}
	}
	return syncDir(to)
}

// noteRestored tells the schedule that the folder is an earlier state of itself: what was due or under way when the copy was taken may have been sent since,
// so it is not sent again (web/schedule). A folder without jobs and runs has nothing to be told.
func noteRestored(dir string, now time.Time) error {
	flags := os.O_RDWR
	if _, err := os.Stat(filepath.Join(dir, scheduleName)); err == nil {
		flags |= os.O_CREATE // jobs that have not run yet
	}
	f, err := os.OpenFile(filepath.Join(dir, runsName), flags, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	whole, err := io.ReadAll(f)
	if err == nil { // a line that was being written when the copy was taken is none
		end := int64(bytes.LastIndexByte(whole, '\n') + 1)
		line := fmt.Sprintf("{\"at\":%q,\"what\":\"restored\"}\n", now.UTC().Format(time.RFC3339))
		err = f.Truncate(end)
		if err == nil {
			_, err = f.WriteAt([]byte(line), end)
		}
	}
	return errors.Join(err, f.Sync(), f.Close())
}
