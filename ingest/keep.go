package ingest

import (
	"crypto/sha256"
	marshal "encoding"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
)

// keeper writes the copy of an upload that is kept. It only ever sees bytes in which CPR-shaped values are masked.
type keeper struct {
	folder *Folder
	file   *os.File
	sum    hash.Hash // of the file as it came, up to here
	kept   hash.Hash // of the copy, once it differs
	final  string    // where it goes
	placed bool
}

func (f *Folder) newKeeper() (*keeper, error) {
	file, err := os.CreateTemp(f.path(tmpName), "upload-*")
	if err != nil {
		return nil, folderProblem(f.Dir, err)
	}
	return &keeper{folder: f, file: file, sum: newSum()}, nil
}

// write adds bytes as they came, and the same bytes masked when they differ (masked nil: they do not). A nil keeper, of a dry
// run, only lets the caller's code be the same.
func (k *keeper) write(raw, masked []byte) error {
	if masked != nil && k.kept == nil {
		if err := k.fork(); err != nil {
			return err
		}
	}
	k.sum.Write(raw)
	out := raw
	if masked != nil {
		out = masked
	}
	if k.kept != nil {
		k.kept.Write(out)
	}
	if k.file == nil {
		return nil
	}
	_, err := k.file.Write(out)
	return err
}

// fork starts the copy's own hash from where the two still were equal.
func (k *keeper) fork() error {
	state, err := k.sum.(marshal.BinaryMarshaler).MarshalBinary()
	if err != nil {
		return err
	}
	k.kept = newSum()
	return k.kept.(marshal.BinaryUnmarshaler).UnmarshalBinary(state)
}

// sums are the SHA-256 of what came and of what is kept.
func (k *keeper) sums() (came, kept string) {
	came = hex.EncodeToString(k.sum.Sum(nil))
	if k.kept == nil {
		return came, came
	}
	return came, hex.EncodeToString(k.kept.Sum(nil))
}

// sync waits until the copy is on disk.
func (k *keeper) sync() error {
	if k.file == nil {
		return nil
	}
	err := k.file.Sync()
	if err == nil {
		notSoon(k.file)
	}
	return err
}

// place gives the copy its name.
func (k *keeper) place() error {
	err := os.Rename(k.file.Name(), k.final)
	if err == nil {
		k.placed = true
		err = syncDir(filepath.Dir(k.final))
	}
	return err
}

// remove takes the copy away, wherever it stands.
func (k *keeper) remove() error {
	if k.file == nil {
		return nil
	}
	err := k.file.Close()
	if k.placed {
		err = errors.Join(err, os.Remove(k.final))
		k.placed = false
	} else if rm := os.Remove(k.file.Name()); rm != nil && !os.IsNotExist(rm) {
		err = errors.Join(err, rm)
	}
	k.file = nil
	return err
}

func newSum() hash.Hash { return sha256.New() }

func keptName(upload uint32, format string) string {
	return fmt.Sprintf("%s/%06d.%s", uploadsName, upload, format)
}

func hashOf(r io.ReaderAt, size int64) (string, error) {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(r, 0, size)); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
