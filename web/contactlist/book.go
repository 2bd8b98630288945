package contactlist

import (
	"cmp"
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
const FileName = "contacts.json"

const fileVersion = 1

// UsualMonths is how many months a confirmation lasts unless the operator says otherwise (ours).
const UsualMonths = 6

// content is what the file holds. One that others may see is never changed: a change makes a copy, writes it, and puts it in place.
type content struct {
	Version  int       `json:"version"`
	Key      []byte    `json:"key"`    // signs links; whoever has it can confirm for others
	Months   int       `json:"months"` // between two confirmations
	Contacts []Contact `json:"contacts"`
}

// Book is the open file. It may be used from several goroutines; readers never wait for the disk.
type Book struct {
	path    string
	roles   []model.KlikRole
	now     atomic.Pointer[content]
	writing sync.Mutex // held by the one change under way
}

// Open reads the data folder's contacts; a folder without any gives an empty book. The folder itself must exist.
// Errors are *model.Problem "service-file".
func Open(dir string, roles []model.KlikRole) (*Book, error) {
	b := &Book{path: filepath.Join(dir, FileName), roles: roles}
	c := &content{Version: fileVersion, Months: UsualMonths}
	err := wholefile.Load(b.path, c)
	if err != nil && !errors.Is(err, wholefile.ErrContent) {
		return nil, problem(err)
	}
	if err != nil || c.Version != fileVersion || c.Months < 1 {
		return nil, &model.Problem{Code: "service-file", Err: fmt.Errorf("version %d: %w", c.Version, err), Message: fmt.Sprintf(
			"Filen %s med kontakter kan ikke læses: den er beskadiget eller lavet af et nyere komhen. Hent den frem fra en sikkerhedskopi.", b.path)}
	}
	b.now.Store(c)
	return b, nil
}

func problem(err error) error {
	return &model.Problem{Code: "service-file", Err: err, Message: "Kontakterne kunne ikke gemmes eller læses. Der er ikke ændret noget; se, om disken er fuld eller skrivebeskyttet."}
}

// change carries a change out on a copy and makes it everyone's when it is on disk. On an error nothing has changed.
func (b *Book) change(do func(c *content) error) error {
	b.writing.Lock()
	defer b.writing.Unlock()
	before := b.now.Load()
	c := &content{Version: fileVersion, Key: before.Key, Months: before.Months, Contacts: slices.Clone(before.Contacts)}
	if len(c.Key) == 0 {
		c.Key = make([]byte, 32)
		rand.Read(c.Key) // never fails
	}
	if err := do(c); err != nil {
		return err
	}
	if err := wholefile.Save(b.path, c); err != nil {
		return problem(err)
	}
	b.now.Store(c)
	return nil
}

// Months is how many months a confirmation lasts.
func (b *Book) Months() int { return b.now.Load().Months }

// SetMonths changes it. Problem: "contact-invalid".
func (b *Book) SetMonths(n int) error {
	if n < 1 || n > 36 {
		return invalid("months", "En bekræftelse kan gælde mellem 1 og 36 måneder.")
	}
	return b.change(func(c *content) error {
		c.Months = n
		return nil
	})
}

// Roles is the gallery.
func (b *Book) Roles() []model.KlikRole { return b.roles }

// Role is the gallery's entry with a code; nil for none.
func (b *Book) Role(code string) *model.KlikRole {
	if i := slices.IndexFunc(b.roles, func(r model.KlikRole) bool { return r.Code == code }); i >= 0 {
		return &b.roles[i]
	}
	return nil
}

// Contacts lists a municipality's, 0 for all: by municipality, role in the gallery's order, and name.
func (b *Book) Contacts(municipality uint16) []Contact {
	var list []Contact
	for _, c := range b.now.Load().Contacts {
		if municipality == 0 || c.Municipality == municipality {
			list = append(list, c)
		}
	}
	place := func(code string) int {
		return slices.IndexFunc(b.roles, func(r model.KlikRole) bool { return r.Code == code })
	}
	slices.SortFunc(list, func(x, y Contact) int {
		return cmp.Or(cmp.Compare(x.Municipality, y.Municipality), cmp.Compare(place(x.Role), place(y.Role)), cmp.Compare(x.Name, y.Name), cmp.Compare(x.ID, y.ID))
	})
	return list
}

// Contact finds one by its ID.
func (b *Book) Contact(id string) (Contact, bool) {
	c := b.now.Load()
	if i := c.find(id); i >= 0 {
		return c.Contacts[i], true
	}
	return Contact{}, false
}

func (c *content) find(id string) int {
	return slices.IndexFunc(c.Contacts, func(x Contact) bool { return x.ID == id })
}

// Unfilled are the roles that a municipality should have named somebody for and has not.
func (b *Book) Unfilled(municipality uint16) []model.KlikRole {
	var list []model.KlikRole
	contacts := b.Contacts(municipality)
	for _, r := range b.roles {
		if r.Required && !slices.ContainsFunc(contacts, func(c Contact) bool { return c.Role == r.Code }) {
			list = append(list, r)
		}
	}
	return list
}

// Due tells whether a contact must be confirmed again: its confirmation is too old, or somebody has said that it is wrong.
func (b *Book) Due(c Contact, now time.Time) bool {
	return !c.Wrong.IsZero() || c.Confirmed.IsZero() || !c.Confirmed.AddDate(0, b.Months(), 0).After(now)
}

// AskAgain is how long someone is left in peace who has been asked and has not answered (ours). It is counted in days of the calendar, so that letters of one
// time of day keep to their day of the week when the clock changes.
const AskAgain = 14 * 24 * time.Hour

// ToAsk lists who must be asked now: due, not said to be wrong, and not asked lately.
func (b *Book) ToAsk(now time.Time) []Contact {
	var list []Contact
	for _, c := range b.Contacts(0) {
		if b.Due(c, now) && c.Wrong.IsZero() && (c.Asked.IsZero() || model.DateOf(now)-model.DateOf(c.Asked) >= model.Date(AskAgain/(24*time.Hour))) {
			list = append(list, c)
		}
	}
	return list
}

// Asked notes that contacts have been asked; those that are gone meanwhile are passed over.
func (b *Book) Asked(now time.Time, ids ...string) error {
	return b.change(func(c *content) error {
		for _, id := range ids {
			if i := c.find(id); i >= 0 {
				c.Contacts[i].Asked = now
			}
		}
		return nil
	})
}

// newID is an opaque name that was never used.
func newID() string {
	var raw [8]byte
	rand.Read(raw[:]) // never fails
	return "k" + hex.EncodeToString(raw[:])
}
