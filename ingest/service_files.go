package ingest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// The web service's own files in the data folder: who may do what (package web/account), what was done (web/audit), contacts, and the map's borders. They
// govern no figure, so neither the journal nor rebuild knows them; backup and restore bring them along.
const (
	serviceName  = "service.json"
	bordersName  = "borders.json"  // of the map
	contactsName = "contacts.json" // whom municipalities have named for KOMBIT (web/contactlist)
	auditName    = "audit"
	monthPattern = "????-??.jsonl"
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
	names := []string{serviceName, bordersName, contactsName}
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
		return syncDir(filepath.Join(to, auditName))
	}
	return nil
}
