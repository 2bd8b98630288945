package account

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"komhen/model"
	"komhen/web/wholefile"
)

// FileName is the file in the data folder that holds everything of this package.
const FileName = "service.json"

const fileVersion = 1

// content is what the file holds. One that others may see is never changed: a change makes a copy, writes it, and puts it in place.
type content struct {
	Version  int       `json:"version"`
	Accounts []person  `json:"accounts"`
	Links    []link    `json:"links"`
	Tokens   []token   `json:"tokens"`
	Profiles []Profile `json:"profiles"`
	Filters  []Filter  `json:"filters,omitempty"`
}

func (c *content) clone() *content {
	return &content{Version: fileVersion, Accounts: slices.Clone(c.Accounts), Links: slices.Clone(c.Links),
		Tokens: slices.Clone(c.Tokens), Profiles: slices.Clone(c.Profiles), Filters: slices.Clone(c.Filters)}
}

// Book is the open file. It may be used from several goroutines; readers never wait for the disk.
type Book struct {
	path    string
	now     atomic.Pointer[content]
	writing sync.Mutex // held by the one change under way
	hasher  *hasher

	usedLock sync.Mutex
	used     map[string]time.Time // last use of tokens, written along with the next change or after an hour
}

// Open reads the data folder's accounts; a folder without any gives an empty book. The folder itself must exist.
// Errors are *model.Problem "service-file".
func Open(dir string) (*Book, error) {
	b := &Book{path: filepath.Join(dir, FileName), hasher: newHasher(usualCost), used: map[string]time.Time{}}
	c := &content{Version: fileVersion}
	err := wholefile.Load(b.path, c)
	if err != nil && !errors.Is(err, wholefile.ErrContent) {
		return nil, problem(err)
	}
	if err != nil || c.Version != fileVersion {
		return nil, &model.Problem{Code: "service-file", Err: fmt.Errorf("version %d: %w", c.Version, err), Message: fmt.Sprintf(
			"Filen %s med brugere og rettigheder kan ikke læses: den er beskadiget eller lavet af et nyere komhen. Hent den frem fra en sikkerhedskopi.", b.path)}
	}
	b.now.Store(c)
	return b, nil
}

func problem(err error) error {
	return &model.Problem{Code: "service-file", Err: err, Message: "Brugere og rettigheder kunne ikke gemmes eller læses. Der er ikke ændret noget; se, om disken er fuld eller skrivebeskyttet."}
}

// change carries a change out on a copy and makes it everyone's when it is on disk. On an error nothing has changed.
func (b *Book) change(do func(c *content) error) error {
	b.writing.Lock()
	defer b.writing.Unlock()
	before := b.now.Load()
	c := before.clone()
	if err := do(c); err != nil {
		return err
	}
	if activeOperators(before) > 0 && activeOperators(c) == 0 {
		return &model.Problem{Code: "last-operator", Message: "Det er den sidste aktive administrator. Giv en anden den rolle først; ellers kan ingen styre tjenesten."}
	}
	b.usedLock.Lock()
	for i := range c.Tokens {
		if at, ok := b.used[c.Tokens[i].ID]; ok {
			c.Tokens[i].LastUsed = at
		}
	}
	b.usedLock.Unlock()
	if err := wholefile.Save(b.path, c); err != nil {
		return problem(err)
	}
	b.now.Store(c)
	return nil
}

// newID is an opaque name that was never used: 64 random bits after a letter for the kind.
func newID(kind string) string {
	var raw [8]byte
	rand.Read(raw[:]) // never fails
	return kind + hex.EncodeToString(raw[:])
}
