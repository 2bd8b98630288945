package schedule

import (
	"cmp"
	"slices"
	"time"
)

// State of a run, and of a delivery.
type State string

const (
	Due     State = "due"                // stored; nothing was done yet
	Started State = "started"            // is being made
	Made    State = "made"               // its files are in the archive
	Sending State = "sending"            // some have theirs, or a letter is on its way
	Sent    State = "sent"               // everybody has theirs
	Kept    State = "kept"               // made, and nobody was to get it by mail
	Unsure  State = "may-have-been-sent" // the mail server's answer was cut off
	Failed  State = "failed"             // given up; somebody was told
	Waiting State = "waiting"            // of a delivery: not sent yet
	Skipped State = "skipped"            // of a delivery: not to be sent, for a reason that stands beside it
)

// Ended tells whether nothing more will happen to a run or delivery.
func (s State) Ended() bool {
	return s == Sent || s == Kept || s == Unsure || s == Failed || s == Skipped
}

// Opening is what a run is of, as it was when it fell due: it stands on its own, whatever becomes of the job.
type Opening struct {
	Job          string    `json:"job"` // the job's ID, or a word of those who have no jobs: "reminders"
	Due          time.Time `json:"due"`
	Title        string    `json:"title"`
	Owner        string    `json:"owner,omitempty"`        // account whose rights it is made with
	Municipality uint16    `json:"municipality,omitempty"` // whose people may see it; 0 is KL's
	Product      string    `json:"product,omitempty"`
	Question     string    `json:"question,omitempty"` // as in the page's address
	Attach       bool      `json:"attach,omitempty"`
	Missed       int       `json:"missed,omitempty"` // how many earlier ones were due while the service was down, and are not made
	Since        time.Time `json:"since,omitzero"`   // the first of those
}

// ID of the run: its job and its due time, so that there can be no other.
func (o Opening) ID() string { return o.Job + "-" + o.Due.UTC().Format("20060102T150405Z") }

// File in the archive.
type File struct {
	Name   string `json:"name"`
	Type   string `json:"type"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Delivery is one letter of a run: what was made to one account, or word that nothing was.
type Delivery struct {
	To    string // account
	Word  bool   // tells the owner that it went wrong, or may have
	State State
	Tries int
	Next  time.Time // when a failed try is repeated
	Why   string
}

// Step is a line of a run's log. Nothing in it is personal but the account's ID.
type Step struct {
	At    time.Time
	What  State
	To    string
	Word  bool
	Why   string
	Files []File
}

// Run is what became of one due time of a job.
type Run struct {
	Opening
	Recorded   time.Time // when it was stored: later than Due after downtime
	State      State
	Tries      int // to make it
	Next       time.Time
	Why        string // the last thing that went wrong, in Danish
	Files      []File
	Pruned     bool // its files were old, and are deleted
	Deliveries []Delivery
	Log        []Step
}

// LateAfter is how much later than due a run is told to be late: the beat is a minute.
const LateAfter = 5 * time.Minute

// Late tells whether it was begun so late that people are told.
func (r Run) Late() bool { return r.Recorded.Sub(r.Due) > LateAfter }

// Delivery finds the letter of the run to an account.
func (r Run) Delivery(to string, word bool) (Delivery, bool) {
	if i := r.delivery(to, word); i >= 0 {
		return r.Deliveries[i], true
	}
	return Delivery{}, false
}

func (r Run) delivery(to string, word bool) int {
	return slices.IndexFunc(r.Deliveries, func(d Delivery) bool { return d.To == to && d.Word == word })
}

// Open tells whether there is something left to do: to make or send it, or to tell its owner that it went wrong or may have.
func (r Run) Open() bool {
	if !r.State.Ended() {
		return true
	}
	if (r.State == Failed || r.State == Unsure) && r.Owner != "" && !slices.ContainsFunc(r.Deliveries, func(d Delivery) bool { return d.Word }) {
		return true
	}
	return slices.ContainsFunc(r.Deliveries, func(d Delivery) bool { return !d.State.Ended() })
}

func (r Run) clone() Run {
	r.Files, r.Deliveries, r.Log = slices.Clone(r.Files), slices.Clone(r.Deliveries), slices.Clone(r.Log)
	return r
}

// Outcome is how the letters of a run went, the worst first: one that failed, one that may have been sent, all sent, none to send.
func (r Run) Outcome() State {
	outcome := Kept
	for _, d := range r.Deliveries {
		switch {
		case d.Word:
		case d.State == Failed:
			return Failed
		case d.State == Unsure:
			outcome = Unsure
		case d.State == Sent && outcome == Kept:
			outcome = Sent
		}
	}
	return outcome
}

// event is a line of runs.jsonl.
type event struct {
	At      time.Time `json:"at"`
	Run     string    `json:"run,omitempty"`
	What    State     `json:"what"`
	Opening *Opening  `json:"opening,omitempty"` // of Due
	Files   []File    `json:"files,omitempty"`   // of Made
	To      string    `json:"to,omitempty"`      // of a delivery
	Word    bool      `json:"word,omitempty"`
	Why     string    `json:"why,omitempty"`
	Next    time.Time `json:"next,omitzero"`
}

const (
	prunedFiles State = "pruned"   // a run's files are old and deleted
	restored    State = "restored" // the folder was fetched from a backup: what it does not know of may have been done
)

// apply carries a line out. It is the same for what is happening and for what is read again.
func (b *Book) apply(e event) {
	b.carryOut(e)
	if r := b.runs[e.Run]; r != nil && r.Open() {
		b.open[e.Run] = true
	} else {
		delete(b.open, e.Run)
	}
}

func (b *Book) carryOut(e event) {
	switch {
	case e.What == restored:
		b.restored = e.At
		for _, id := range b.order {
			if r := b.runs[id]; r.Open() {
				r.cutOff(e.At, "Hentet frem fra en sikkerhedskopi: det kan være sendt, efter at kopien blev taget.")
				delete(b.open, id)
			}
		}
		return
	case e.What == Due && e.Opening != nil:
		if b.runs[e.Run] == nil {
			b.runs[e.Run] = &Run{Opening: *e.Opening, Recorded: e.At, State: Due, Log: []Step{{At: e.At, What: Due}}}
			b.order = append(b.order, e.Run)
			if last := b.last[e.Opening.Job]; e.Opening.Due.After(last) {
				b.last[e.Opening.Job] = e.Opening.Due
			}
		}
		return
	}
	r := b.runs[e.Run]
	if r == nil {
		return // a line of a newer program, or of a run whose first line is not ours
	}
	r.Log = append(r.Log, Step{At: e.At, What: e.What, To: e.To, Word: e.Word, Why: e.Why, Files: e.Files})
	if e.To != "" {
		i := r.delivery(e.To, e.Word)
		if i < 0 {
			r.Deliveries = append(r.Deliveries, Delivery{To: e.To, Word: e.Word})
			i = len(r.Deliveries) - 1
		}
		d := &r.Deliveries[i]
		if d.State.Ended() {
			return // for ever
		}
		if e.What == Sending {
			d.Tries++
			if !e.Word {
				r.State = Sending
			}
		}
		if e.What == Waiting && e.Why != "" && d.State != Sending { // a try that ended before the letter was begun
			d.Tries++
		}
		d.State, d.Next, d.Why = e.What, e.Next, e.Why
		return
	}
	if r.State.Ended() && e.What != prunedFiles {
		return // for ever
	}
	switch e.What {
	case Started:
		r.Tries++
	case Made:
		r.Files = e.Files
	case prunedFiles:
		r.Pruned = true
		return
	}
	r.State, r.Next, r.Why = e.What, e.Next, cmp.Or(e.Why, r.Why)
}

// cutOff ends what nobody knows the end of.
func (r *Run) cutOff(at time.Time, why string) {
	for i := range r.Deliveries {
		if d := &r.Deliveries[i]; !d.State.Ended() {
			d.State, d.Why = Unsure, why
		}
	}
	if !r.State.Ended() {
		r.State = Unsure
	}
	if _, told := r.Delivery(r.Owner, true); r.Owner != "" && !told { // its page says it; a mail about each would come long after
		r.Deliveries = append(r.Deliveries, Delivery{To: r.Owner, Word: true, State: Skipped, Why: why})
	}
	r.Why = why
	r.Log = append(r.Log, Step{At: at, What: Unsure, Why: why})
}
