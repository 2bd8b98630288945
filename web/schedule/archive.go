package schedule

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"komhen/model"
	"komhen/web/wholefile"
)

// idForm is what jobs may be called: it becomes the name of a folder and part of an address.
var idForm = regexp.MustCompile(`^[a-z][a-z0-9]{0,40}$`)

// nameForm is what files may be called.
var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,120}$`)

// Keep writes a file of a run into the archive and waits for the disk. One that an earlier try left is replaced. The run knows of it
// when Made is noted with what Keep gives.
func (b *Book) Keep(run, name, kind string, write func(io.Writer) error) (File, error) {
	if _, ok := b.Run(run); !ok || !nameForm.MatchString(name) {
		return File{}, problem(fmt.Errorf("no file %q of run %q can be kept", name, run))
	}
	dir := b.path(ArchiveName, run)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return File{}, problem(err)
	}
	temporary := filepath.Join(dir, ".making")
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return File{}, problem(err)
	}
	sum := &counted{to: f, sum: sha256.New()}
	out := bufio.NewWriterSize(sum, 1<<16)
	err = write(out)
	if err == nil {
		err = out.Flush()
	}
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = errors.Join(os.Rename(temporary, filepath.Join(dir, name)), wholefile.SyncDir(dir), wholefile.SyncDir(b.path(ArchiveName)))
	}
	if err != nil {
		os.Remove(temporary)
		return File{}, err // whoever writes knows best what went wrong
	}
	return File{Name: name, Type: kind, Size: sum.size, SHA256: hex.EncodeToString(sum.sum.Sum(nil))}, nil
}

type counted struct {
	to   io.Writer
	sum  hash.Hash
	size int64
}

func (c *counted) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.sum.Write(p[:n])
	c.size += int64(n)
	return n, err
}

// OpenFile opens a file of a run, which is the one that was made: its hash is looked at first. Problem: "archive-file".
func (b *Book) OpenFile(run, name string) (*os.File, File, error) {
	r, ok := b.Run(run)
	i := slices.IndexFunc(r.Files, func(f File) bool { return f.Name == name })
	if !ok || i < 0 || r.Pruned {
		return nil, File{}, &model.Problem{Code: "archive-unknown", Message: "Filen findes ikke i arkivet. Se under Tidsplan, hvad der er lavet."}
	}
	f, err := os.Open(b.path(ArchiveName, run, name))
	if err != nil {
		return nil, File{}, changed(err)
	}
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil || hex.EncodeToString(sum.Sum(nil)) != r.Files[i].SHA256 {
		return nil, File{}, changed(errors.Join(err, f.Close()))
	}
	return f, r.Files[i], nil
}

func changed(err error) error {
	return &model.Problem{Code: "archive-file", Err: err, Message: "Filen i arkivet mangler eller er ikke længere den, der blev lavet. Hent en sikkerhedskopi frem, eller lav rapporten igen under Rapporter."}
}

// Prune deletes the files of runs that were due before a time, and says of how many runs. Their log stays.
func (b *Book) Prune(before, now time.Time) (pruned int, err error) {
	for _, r := range b.Runs(0, func(r Run) bool { return r.Due.Before(before) && !r.Pruned && len(r.Files) > 0 && !r.Open() }) {
		if err := b.Note(r.ID(), Step{At: now, What: prunedFiles}, time.Time{}); err != nil { // first, so that nothing is offered that is gone
			return pruned, err
		}
		if err := os.RemoveAll(b.path(ArchiveName, r.ID())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return pruned, problem(err)
		}
		pruned++
	}
	return pruned, nil
}
