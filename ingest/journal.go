package ingest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"

	"komhen/model"
)

// Entry is one decision. The journal and the kept files are all that rebuild needs.
type Entry struct {
	Seq  uint64    `json:"seq"`
	At   time.Time `json:"at"`
	Op   string    `json:"op"`           // "upload", "undo", "redo", "further", "approve", "reopen", "kle", "declare", "central", "klik"
	Prev string    `json:"prev"`         // hash of the line before, so that a line taken away shows
	By   string    `json:"by,omitempty"` // the account that decided, as an opaque id

	Upload       uint32     `json:"upload,omitempty"`
	File         string     `json:"file,omitempty"`
	Kept         string     `json:"kept,omitempty"`
	SHA256       string     `json:"sha256,omitempty"`
	KeptSHA256   string     `json:"kept_sha256,omitempty"`
	Size         int64      `json:"size,omitempty"`
	Municipality uint16     `json:"municipality,omitempty"`
	Source       string     `json:"source,omitempty"`
	Kind         model.Kind `json:"kind,omitempty"`
	Test         bool       `json:"test,omitempty"`
	Sheet        string     `json:"sheet,omitempty"`
	Further      bool       `json:"further,omitempty"`  // its rows are contacts of their own
	Replaces     uint32     `json:"replaces,omitempty"` // the upload that it was loaded instead of
	Bag          uint32     `json:"bag,omitempty"`      // the bag that a fix-it file continues
	Mapping      *Mapping   `json:"mapping,omitempty"`  // how the file was read; later changes of the profile leave it alone
	Sent         bool       `json:"sent,omitempty"`     // rows sent one by one by a registration tool
	Round        string     `json:"round,omitempty"`    // that is approved or reopened
	Delivery     uint64     `json:"delivery,omitempty"` // the central delivery that an upload is a municipality's part of

	Records []model.Record      `json:"records,omitempty"` // that are declared, or that come with what else the decision does
	Klik    *model.KlikDecision `json:"klik,omitempty"`    // what a decision about KLIK changes, unless it is a kept file's
}

// journal is the file journal.jsonl: one JSON line a decision, each with the hash of the line before.
type journal struct {
	path string
	mu   sync.Mutex // guards tail: there is one writer, and readers ask at any time
	tail
}

// tail is the last line that was acknowledged, and how long the file is up to its end. The file may be one line longer while a
// decision is on its way.
type tail struct {
	seq  uint64
	hash string
	size int64
}

// openJournal reads the journal to its end. A last line that was cut off was never acknowledged; with repair it is taken away.
func openJournal(path string, repair bool, visit func(Entry) error) (*journal, error) {
	j := &journal{path: path}
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return j, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := bufio.NewReader(f)
	for {
		line, err := r.ReadBytes('\n')
		if err == io.EOF {
			if len(line) > 0 && repair {
				return j, os.Truncate(path, j.size)
			}
			return j, nil
		}
		if err != nil {
			return nil, err
		}
		var e Entry
		if err := json.Unmarshal(line, &e); err != nil || e.Seq != j.seq+1 || e.Prev != j.hash {
			return nil, &model.Problem{Code: "journal-broken",
				Message: fmt.Sprintf("Journalen er ændret eller beskadiget i linje %d. Hent en sikkerhedskopi frem med komhen restore.", j.seq+1), Err: err}
		}
		if visit != nil {
			if err := visit(e); err != nil {
				return nil, err
			}
		}
		j.seq, j.hash, j.size = e.Seq, lineHash(line), j.size+int64(len(line))
	}
}

func lineHash(line []byte) string {
	sum := sha256.Sum256(bytes.TrimSuffix(line, []byte{'\n'}))
	return hex.EncodeToString(sum[:])
}

// next prepares an entry's line without writing it.
func (j *journal) next(e *Entry) (line []byte, hash string, err error) {
	j.mu.Lock()
	e.Seq, e.Prev = j.seq+1, j.hash
	j.mu.Unlock()
	line, err = json.Marshal(e)
	if err != nil {
		return nil, "", err
	}
	return append(line, '\n'), lineHash(line), nil
}

// nextSeq is the number that the next decision gets.
func (j *journal) nextSeq() uint64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.seq + 1
}

// append writes a prepared line and waits until it is on disk. On failure the journal is as before.
func (j *journal) append(line []byte) (err error) {
	f, err := os.OpenFile(j.path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	end := j.end()
	if err = f.Truncate(end); err != nil { // a line that could not be taken back
		return err
	}
	if _, err = f.WriteAt(line, end); err == nil {
		err = f.Sync()
	}
	if err != nil {
		return errors.Join(err, f.Truncate(end))
	}
	return nil
}

// end is how long the acknowledged journal is.
func (j *journal) end() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.size
}

// acknowledge makes the line just appended the last one, once the database has it too.
func (j *journal) acknowledge(line []byte, hash string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.seq, j.hash, j.size = j.seq+1, hash, j.size+int64(len(line))
}

// takeBack removes the line just appended; used when the database could not commit.
func (j *journal) takeBack() error { return os.Truncate(j.path, j.end()) }

// Decisions gives every acknowledged decision to visit, oldest first. It may be called at any time, while others write too.
func (f *Folder) Decisions(ctx context.Context, visit func(Entry) error) error {
	if f.journal.end() == 0 {
		return nil
	}
	file, err := os.Open(f.journal.path)
	if err != nil {
		return folderProblem(f.Dir, err)
	}
	defer file.Close()
	d := json.NewDecoder(bufio.NewReader(io.LimitReader(file, f.journal.end())))
	for {
		var e Entry
		if err := d.Decode(&e); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := errors.Join(ctx.Err(), visit(e)); err != nil {
			return err
		}
	}
}
