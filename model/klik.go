package model

import (
	"fmt"
	"slices"
	"strings"
)

// KLIK is where KOMBIT gives municipalities the tasks of an implementation. The form is KOMBIT's task template (seeds 000 and 001), phases,
// themes and filters are those of a programme leaders' meeting (seed 003); the rules KL01–KL18 are published like all others.

// KlikCode is a phase, theme, priority or status. ID is what the database stores and never changes meaning.
type KlikCode struct {
	ID      uint8
	Code    string
	Label   string
	Aliases []string
	// Followed marks a priority that KOMBIT follows up (KL07); Closed a status in which nothing is left to do (KL06).
	Followed, Closed bool
}

// KlikField is a field of the template, or a column of a list. Document fields are the labels of a task document; Prose is read by the linter.
type KlikField struct {
	Field                      string
	Label                      string
	Mandatory, Document, Prose bool
	Aliases                    []string
}

// Klik is what the codebook knows of KLIK.
type Klik struct {
	Fields                               []KlikField
	Phases, Themes, Priorities, Statuses []KlikCode
	Rules                                []Rule
}

// The statuses that rules speak of. "Ikke påbegyndt" and "Fuldført" are facts (seed 003), the others are ours.
const (
	KlikNotBegun  uint8 = 1
	KlikCompleted uint8 = 4
)

// KlikTestMunicipality is Korsbæk, the one municipality of a test wave (KL08, seed 001). No real municipality has its code.
const KlikTestMunicipality uint16 = 999

const klikTestName = "Korsbæk"

// index checks the lists as Codebook.Index does.
func (k *Klik) index(fault func(string, ...any)) {
	for kind, list := range map[string][]KlikCode{"phase": k.Phases, "theme": k.Themes, "priority": k.Priorities, "status": k.Statuses} {
		seen, ids := map[string]uint8{}, map[uint8]bool{}
		for _, c := range list {
			if c.ID == 0 || ids[c.ID] || c.Code == "" || c.Label == "" {
				fault("KLIK %s %q: the id %d is 0 or taken, or something is missing", kind, c.Code, c.ID)
			}
			ids[c.ID] = true
			for _, text := range append([]string{c.Code, c.Label}, c.Aliases...) {
				if other, taken := seen[foldField(text)]; taken && other != c.ID {
					fault("KLIK %s %q stands for both %d and %d", kind, text, other, c.ID)
				}
				seen[foldField(text)] = c.ID
			}
		}
	}
	seen := map[string]string{}
	for _, f := range k.Fields {
		for _, text := range append([]string{f.Label}, f.Aliases...) {
			if other, taken := seen[foldField(text)]; taken && other != f.Field {
				fault("KLIK field %q stands for both %s and %s", text, other, f.Field)
			}
			seen[foldField(text)] = f.Field
		}
	}
}

// foldField is Fold for labels, which may carry the template's star and a question mark.
func foldField(s string) string { return strings.Trim(Fold(s), "*?! ") }

// Field finds a field by its label, as the template or a list writes it; nil when nothing is called so.
func (k *Klik) Field(text string) *KlikField {
	folded := foldField(text)
	if folded == "" {
		return nil
	}
	for i := range k.Fields {
		if slices.ContainsFunc(append([]string{k.Fields[i].Label}, k.Fields[i].Aliases...), func(s string) bool { return foldField(s) == folded }) {
			return &k.Fields[i]
		}
	}
	return nil
}

// Named is the field with that name in our code. It panics for a name that is not there, which is a broken build.
func (k *Klik) Named(field string) *KlikField {
	for i := range k.Fields {
		if k.Fields[i].Field == field {
			return &k.Fields[i]
		}
	}
	panic("no KLIK field " + field)
}

// FindKlikCode finds a code by what a cell says; nil when the list has none.
func FindKlikCode(list []KlikCode, text string) *KlikCode {
	folded := foldField(text)
	for i := range list {
		if folded != "" && slices.ContainsFunc(append([]string{list[i].Code, list[i].Label}, list[i].Aliases...), func(s string) bool { return foldField(s) == folded }) {
			return &list[i]
		}
	}
	return nil
}

// KlikLabel is the label of a stored code; Missing for 0 and for one that is not there.
func KlikLabel(list []KlikCode, id uint8) string {
	if c := klikCode(list, id); c != nil {
		return c.Label
	}
	return Missing
}

func klikCode(list []KlikCode, id uint8) *KlikCode {
	for i := range list {
		if list[i].ID == id {
			return &list[i]
		}
	}
	return nil
}

// Closed tells whether nothing is left to do in a status: completed, or of no concern to the municipality (ours).
func (k *Klik) Closed(status uint8) bool {
	c := klikCode(k.Statuses, status)
	return c != nil && c.Closed
}

// Followed tells whether KOMBIT follows a priority up (KL07): the two obligatory ones.
func (k *Klik) Followed(priority uint8) bool {
	c := klikCode(k.Priorities, priority)
	return c != nil && c.Followed
}

// KlikMunicipality finds a municipality of KLIK by code or name: a real one, or Korsbæk. 0 means unknown.
func (c *Codebook) KlikMunicipality(text string) uint16 {
	switch Fold(text) {
	case Fold(klikTestName), Fold(klikTestName + " Kommune"), fmt.Sprint(KlikTestMunicipality):
		return KlikTestMunicipality
	}
	return c.MunicipalityCode(text)
}

// KlikMunicipalityName is a municipality's name, Korsbæk's too.
func (c *Codebook) KlikMunicipalityName(code uint16) string {
	if code == KlikTestMunicipality {
		return klikTestName
	}
	if m := c.Municipality(code); m != nil {
		return m.Name
	}
	return fmt.Sprint(code)
}

// KlikProject is named as in Podio. Frozen holds the periods in which a task marked so may neither start nor end (KL03).
type KlikProject struct {
	ID     uint32     `json:"id"`
	Name   string     `json:"name"`
	Frozen []KlikZone `json:"frozen,omitempty"`
	// Template and Round are those it was made from (KlikTemplate); "" for a project that a file brought.
	Template string `json:"template,omitempty"`
	Round    string `json:"round,omitempty"`
}

// KlikZone is a frozen zone, both days included.
type KlikZone struct {
	First Date `json:"first"`
	Last  Date `json:"last"`
}

func (z KlikZone) String() string { return fmt.Sprintf("%s – %s", z.First, z.Last) }

// KlikWave is a group of municipalities that go live on the same day. GoLive 0 is not decided yet: its tasks have no dates.
type KlikWave struct {
	ID             uint32   `json:"id"`
	Project        uint32   `json:"project"`
	Name           string   `json:"name"`
	GoLive         Date     `json:"golive,omitempty"`
	Municipalities []uint16 `json:"municipalities,omitempty"`
}

// Test tells whether it is a test wave: of Korsbæk alone (KL08).
func (w *KlikWave) Test() bool { return slices.Contains(w.Municipalities, KlikTestMunicipality) }

// KlikTask is a master task: the fields of the template. Offsets and Duration are days; nil is not filled in. Needs and Related are
// references as written, see KlikPlan.Find.
type KlikTask struct {
	ID       uint32            `json:"id"`
	Project  uint32            `json:"project"`
	Prefix   string            `json:"prefix,omitempty"`
	Number   int               `json:"number,omitempty"`
	Title    string            `json:"title"` // as written, with prefix and number
	Phase    uint8             `json:"phase"`
	Theme    uint8             `json:"theme"`
	Priority uint8             `json:"priority"`
	STS      bool              `json:"sts"`
	Frozen   bool              `json:"frozen,omitempty"`
	Duration *int              `json:"duration,omitempty"`
	End      *int              `json:"end,omitempty"`   // from the wave's go-live
	Start    *int              `json:"start,omitempty"` // from the end; negative
	Waves    []uint32          `json:"waves,omitempty"`
	Needs    []string          `json:"needs,omitempty"`
	Related  []string          `json:"related,omitempty"`
	Texts    map[string]string `json:"texts,omitempty"`   // the other fields by KlikField.Field
	Deletes  Date              `json:"deletes,omitempty"` // announced deletion (KL09)
	Evidence KlikEvidence      `json:"evidence,omitempty"`
}

// Reference is the short exact name of a task: "Kontakt 1", or its title where it has no prefix.
func (t *KlikTask) Reference() string {
	if t.Prefix == "" {
		return t.Title
	}
	return fmt.Sprintf("%s %d", t.Prefix, t.Number)
}

// KlikWork is a task of one municipality: what it says of it. Start and End replace the task's own days; 0 leaves them.
type KlikWork struct {
	Task         uint32 `json:"task"`
	Municipality uint16 `json:"municipality"`
	Status       uint8  `json:"status"`
	Responsible  string `json:"responsible,omitempty"`
	Performer    string `json:"performer,omitempty"`
	Start        Date   `json:"start,omitempty"`
	End          Date   `json:"end,omitempty"`
}

// KlikKey names a task of a municipality.
type KlikKey struct {
	Task         uint32
	Municipality uint16
}

// Key of the work.
func (w KlikWork) Key() KlikKey { return KlikKey{w.Task, w.Municipality} }

// KlikComment is a comment on a task of a municipality, or with Municipality 0 a message on the master task to all of its municipalities.
type KlikComment struct {
	Task         uint32 `json:"task"`
	Municipality uint16 `json:"municipality,omitempty"`
	Text         string `json:"text"`
}

// KlikStep is a work with the moment from which it holds; At 0 is the moment of the decision. The steps of a task of a municipality are
// its history.
type KlikStep struct {
	KlikWork
	At Moment `json:"at,omitempty"`
}

// KlikDecision is what a decision changes: new versions of the plan's parts, steps and comments. Gone are ids of master tasks that are deleted.
type KlikDecision struct {
	Projects   []KlikProject   `json:"projects,omitempty"`
	Waves      []KlikWave      `json:"waves,omitempty"`
	Tasks      []KlikTask      `json:"tasks,omitempty"`
	Gone       []uint32        `json:"gone,omitempty"`
	Thresholds *KlikThresholds `json:"thresholds,omitempty"`
	Steps      []KlikStep      `json:"steps,omitempty"`
	Comments   []KlikComment   `json:"comments,omitempty"`
}

// Empty tells that nothing is changed.
func (d *KlikDecision) Empty() bool {
	return len(d.Projects)+len(d.Waves)+len(d.Tasks)+len(d.Gone)+len(d.Steps)+len(d.Comments) == 0 && d.Thresholds == nil
}
