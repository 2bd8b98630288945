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
	"syscall"
	"unsafe"
)

// keeper writes the copy of an upload that is kept. It only ever sees bytes in which CPR-shaped values are masked.
type keeper struct {
	folder *Folder
	file   *os.File
	sum    hash.Hash // of the file as it came, up to here
	kept   hash.Hash // of the copy, once it differs
	final  string    // where it goes
	placed bool

	// A large copy goes to the disk without lying in memory on the way, where nobody reads it and the system would have to make room. What
	// of it waits for a whole block stands in block.
	block    []byte
	written  int64
	straight bool
}

const (
	keptPage  = 4096
	keptBlock = 1 << 20
	largeKept = 16 << 20 // a smaller one is on disk sooner the usual way
)

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
	return k.append(out)
}

// append adds bytes to the copy, in whole blocks.
func (k *keeper) append(b []byte) error {
	if k.block == nil {
		room := make([]byte, keptBlock+keptPage)
		skip := int(-uintptr(unsafe.Pointer(unsafe.SliceData(room))) % keptPage)
		k.block = room[skip : skip : skip+keptBlock]
	}
	for len(b) > 0 {
		n := min(len(b), cap(k.block)-len(k.block))
		k.block, b = append(k.block, b[:n]...), b[n:]
		if len(k.block) < cap(k.block) {
			break
		}
		if !k.straight && k.written == largeKept {
			k.straight = straight(k.file, true)
		}
		if err := k.flush(); err != nil {
			return err
		}
	}
	return nil
}

// flush writes what is waiting. A file system that takes no blocks as they are gets them the usual way from then on.
func (k *keeper) flush() error {
	n, err := k.file.Write(k.block)
	if k.straight && n == 0 && errors.Is(err, syscall.EINVAL) {
		k.straight = straight(k.file, false)
		n, err = k.file.Write(k.block)
	}
	k.written += int64(n)
	k.block = k.block[:0]
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
	k.straight = straight(k.file, false) // the rest is no whole block
	err := k.flush()
	if err == nil {
		err = k.file.Sync()
	}
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
