package schedule

import (
	"cmp"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"komhen/model"
	"komhen/web/wholefile"
)

// Job is something that is made again and again.
type Job struct {
	ID           string    `json:"id"` // opaque, never used again
	Title        string    `json:"title"`
	Owner        string    `json:"owner"`                  // account; its rights are asked for at every run
	Municipality uint16    `json:"municipality,omitempty"` // whose people may see the job; 0 is KL's
	Product      string    `json:"product"`                // what it is: a name of the service's registry
	Question     string    `json:"question"`               // as in the page's address
	When         When      `json:"when"`
	To           []string  `json:"to,omitempty"` // accounts that get it by mail
	Attach       bool      `json:"attach,omitempty"`
	Paused       bool      `json:"paused,omitempty"`
	Since        time.Time `json:"since"` // what was due before is not made
	Created      time.Time `json:"created"`
}

// Stop is somebody's wish to get no more of something: a job's ID, or a word of those who have no jobs.
type Stop struct {
	Account string    `json:"account"`
	Topic   string    `json:"topic"`
	At      time.Time `json:"at"`
}

const fileVersion = 1

// content is what schedule.json holds. One that others may see is never changed: a change makes a copy, writes it, and puts it in place.
type content struct {
	Version int    `json:"version"`
	Key     []byte `json:"key"` // signs the links that stop mail
	Jobs    []Job  `json:"jobs"`
	Stops   []Stop `json:"stops"`
}

func (c *content) clone() *content {
	d := &content{Version: fileVersion, Key: c.Key, Jobs: slices.Clone(c.Jobs), Stops: slices.Clone(c.Stops)}
	for i := range d.Jobs {
		d.Jobs[i] = d.Jobs[i].clone()
	}
	return d
}

func (j Job) clone() Job {
	j.To, j.When.Weekdays = slices.Clone(j.To), slices.Clone(j.When.Weekdays)
	return j
}

func readContent(dir string) (*content, error) {
	path := filepath.Join(dir, FileName)
	c := &content{Version: fileVersion, Key: make([]byte, 32)}
	rand.Read(c.Key) // never fails
	err := wholefile.Load(path, c)
	if err != nil && !errors.Is(err, wholefile.ErrContent) {
		return nil, problem(err)
	}
	if err != nil || c.Version != fileVersion {
		return nil, &model.Problem{Code: "schedule-file", Err: fmt.Errorf("version %d: %w", c.Version, err), Message: fmt.Sprintf(
			"Filen %s med tidsplanen kan ikke læses: den er beskadiget eller lavet af et nyere komhen. Hent den frem fra en sikkerhedskopi.", path)}
	}
	return c, nil
}

// change carries a change out on a copy and makes it everyone's when it is on disk. On an error nothing has changed.
func (b *Book) change(do func(c *content) error) error {
	b.lock.Lock()
	defer b.lock.Unlock()
	c := b.content.clone()
	if err := do(c); err != nil {
		return err
	}
	if err := wholefile.Save(b.path(FileName), c); err != nil {
		return problem(err)
	}
	b.content = c
	b.version++
	return nil
}

func (b *Book) now() *content {
	b.lock.Lock()
	defer b.lock.Unlock()
	return b.content
}

// Jobs lists all, by municipality and title.
func (b *Book) Jobs() []Job {
	list := b.now().clone().Jobs
	slices.SortFunc(list, func(x, y Job) int {
		return cmp.Or(cmp.Compare(x.Municipality, y.Municipality), cmp.Compare(x.Title, y.Title), cmp.Compare(x.ID, y.ID))
	})
	return list
}

// Job finds one by its ID.
func (b *Book) Job(id string) (Job, bool) {
	for _, j := range b.now().Jobs {
		if j.ID == id {
			return j.clone(), true
		}
	}
	return Job{}, false
}

// AddJob adds a job with a new ID. What was due before now is not made.
func (b *Book) AddJob(j Job, now time.Time) (Job, error) {
	j = j.clone()
	var raw [8]byte
	rand.Read(raw[:])
	j.ID, j.Created, j.Since = "j"+hex.EncodeToString(raw[:]), now.UTC().Round(0), now.UTC().Round(0)
	return j, b.change(func(c *content) error {
		c.Jobs = append(c.Jobs, j)
		return nil
	})
}

// ChangeJob changes the job with that ID. A change of when it is due, or of whether it is paused, is no reason to make what was due before it.
// Problem: "job-unknown".
func (b *Book) ChangeJob(id string, now time.Time, do func(j *Job)) (Job, error) {
	var changed Job
	err := b.change(func(c *content) error {
		i := slices.IndexFunc(c.Jobs, func(j Job) bool { return j.ID == id })
		if i < 0 {
			return errJobUnknown
		}
		before := c.Jobs[i].clone()
		do(&c.Jobs[i])
		j := &c.Jobs[i]
		j.ID, j.Created = before.ID, before.Created
		if !j.When.Equal(before.When) || j.Paused != before.Paused {
			j.Since = now.UTC().Round(0)
		}
		changed = j.clone()
		return nil
	})
	return changed, err
}

// DeleteJob removes a job. Its runs and their files stay. Problem: "job-unknown".
func (b *Book) DeleteJob(id string) error {
	return b.change(func(c *content) error {
		n := len(c.Jobs)
		c.Jobs = slices.DeleteFunc(c.Jobs, func(j Job) bool { return j.ID == id })
		c.Stops = slices.DeleteFunc(c.Stops, func(s Stop) bool { return s.Topic == id })
		if len(c.Jobs) == n {
			return errJobUnknown
		}
		return nil
	})
}

var errJobUnknown = &model.Problem{Code: "job-unknown", Message: "Planen findes ikke længere. Gå tilbage til Tidsplan, og se efter."}

// Stop keeps letters of a topic from an account until it starts them again.
func (b *Book) Stop(account, topic string, now time.Time) error {
	return b.change(func(c *content) error {
		if !c.stopped(account, topic) {
			c.Stops = append(c.Stops, Stop{account, topic, now.UTC().Round(0)})
		}
		return nil
	})
}

// Start takes a Stop back.
func (b *Book) Start(account, topic string) error {
	return b.change(func(c *content) error {
		c.Stops = slices.DeleteFunc(c.Stops, func(s Stop) bool { return s.Account == account && s.Topic == topic })
		return nil
	})
}

// Stopped tells whether an account wants no letters of a topic.
func (b *Book) Stopped(account, topic string) bool { return b.now().stopped(account, topic) }

func (c *content) stopped(account, topic string) bool {
	return slices.ContainsFunc(c.Stops, func(s Stop) bool { return s.Account == account && s.Topic == topic })
}

// Forget takes an account that is deleted out of all recipients and stops.
func (b *Book) Forget(account string) error {
	return b.change(func(c *content) error {
		for i := range c.Jobs {
			c.Jobs[i].To = slices.DeleteFunc(c.Jobs[i].To, func(a string) bool { return a == account })
		}
		c.Stops = slices.DeleteFunc(c.Stops, func(s Stop) bool { return s.Account == account })
		return nil
	})
}

// Ticket is the last part of a link with which the holder can stop letters of a topic to an account, and nothing else. It does not expire: an old
// letter's link must still work.
func (b *Book) Ticket(account, topic string) (string, error) {
	if _, err := os.Stat(b.path(FileName)); errors.Is(err, fs.ErrNotExist) { // the key must be there tomorrow too
		if err := b.change(func(*content) error { return nil }); err != nil {
			return "", err
		}
	}
	return account + "." + topic + "." + b.signature(account, topic), nil
}

func (b *Book) signature(account, topic string) string {
	mac := hmac.New(sha256.New, b.now().Key)
	mac.Write([]byte("stop\n" + account + "\n" + topic))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:16])
}

// FromTicket is whose letters of what a ticket stops. Problem: "ticket-invalid".
func (b *Book) FromTicket(ticket string) (account, topic string, err error) {
	account, rest, _ := strings.Cut(ticket, ".")
	topic, signature, _ := strings.Cut(rest, ".")
	if account == "" || topic == "" || subtle.ConstantTimeCompare([]byte(signature), []byte(b.signature(account, topic))) != 1 {
		return "", "", &model.Problem{Code: "ticket-invalid", Message: "Linket er ikke skrevet rigtigt af. Åbn det fra mailen, eller log ind, og ret det under Tidsplan."}
	}
	return account, topic, nil
}
