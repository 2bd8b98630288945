package ingest

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"komhen/model"
)

// Entry is one decision. The journal and the kept files are all that rebuild needs.
type Entry struct {
	Seq  uint64    `json:"seq"`
	At   time.Time `json:"at"`
	Op   string    `json:"op"`   // "upload", "undo", "redo", "kle"
	Prev string    `json:"prev"` // hash of the line before, so that a line taken away shows

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
}

// journal is the file journal.jsonl: one JSON line a decision, each with the hash of the line before.
type journal struct {
	path string
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
	e.Seq, e.Prev = j.seq+1, j.hash
	line, err = json.Marshal(e)
	if err != nil {
		return nil, "", err
	}
	return append(line, '\n'), lineHash(line), nil
}

// append writes a prepared line and waits until it is on disk. On failure the journal is as before.
func (j *journal) append(line []byte, hash string) (err error) {
	f, err := os.OpenFile(j.path, os.O_WRONLY|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err = f.WriteAt(line, j.size); err == nil {
		err = f.Sync()
	}
	if err != nil {
		return errors.Join(err, f.Truncate(j.size))
	}
	j.seq, j.hash, j.size = j.seq+1, hash, j.size+int64(len(line))
	return nil
}

// takeBack removes the line just appended; used when the database could not commit.
func (j *journal) takeBack(line []byte, before journal) error {
	err := os.Truncate(j.path, before.size)
	*j = before
	return err
}
