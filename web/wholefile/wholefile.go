// Package wholefile keeps small files of JSON, replaced whole, so that a crash leaves the old one or the new one.
//
// Danger: one process writes a file at a time; the caller sees to it.
package wholefile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

func temporary(path string) string { return path + ".tmp" }

// ErrContent is of a file that is there and holds something else than it should.
var ErrContent = errors.New("not the content that it should have")

// Load reads a file into v, which stays as it is where there is no file. What a write that was cut off left is taken away first. A field that v does not
// have is ErrContent too: a newer program's would be lost with the next Save.
func Load(path string, v any) error {
	if err := os.Remove(temporary(path)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w: %w", ErrContent, err)
	}
	return nil
}

// Save puts v in a file's place: it is whole on disk before it takes the name. Only the owner can read it.
func Save(path string, v any) error {
	content, err := json.MarshalIndent(v, "", " ")
	if err != nil {
		return err
	}
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
	return SyncDir(filepath.Dir(path))
}

// SyncDir makes the names in a folder permanent.
func SyncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
