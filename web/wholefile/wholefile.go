// Package wholefile replaces small files whole, so that a crash leaves the old one or the new one.
//
// Danger: one process writes a file at a time; the caller sees to it.
package wholefile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

func temporary(path string) string { return path + ".tmp" }

// Clean takes away what a write that was cut off left.
func Clean(path string) error {
	if err := os.Remove(temporary(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Replace puts a new content in a file's place: it is whole on disk before it takes the name. Only the owner can read it.
func Replace(path string, content []byte) error {
	f, err := os.OpenFile(temporary(path), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(temporary(path), path)
	}
	if err != nil {
		os.Remove(temporary(path))
		return err
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
