package model

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Record is something that was declared rather than counted: a round's dates, a total, a zero, an answer. Records are never changed: a
// later one of the same kind, municipality, round and key stands in the place of the earlier, which stays in the history.
type Record struct {
	Kind         string          `json:"kind"`
	Municipality uint16          `json:"municipality,omitempty"` // 0 for what concerns all
	Round        string          `json:"round,omitempty"`        // "2012F"; "" for what belongs to no round
	Key          string          `json:"key,omitempty"`          // what it is about, within the kind
	Body         json.RawMessage `json:"body,omitempty"`         // the kind's own struct; nothing takes the record back
}

// The kinds of records. A name is in journals and never changes.
const (
	RecordRound         = "round"         // a round's weeks and deadlines, instead of the codebook's: RoundDates, key ""
	RecordTotal         = "total"         // total-tal of a municipality's channel, with its own period
	RecordSiteVisits    = "site-visits"   // the head figure of a municipality's website
	RecordContext       = "context"       // a central series that stands beside the counts: NemID, Borger.dk
	RecordZero          = "zero"          // a unit had no contacts through a channel on a day
	RecordCentral       = "central"       // what became of a municipality's part of a central delivery
	RecordQuestionnaire = "questionnaire" // the questions of a round
	RecordAnswer        = "answer"        // a municipality's answers
	RecordRemark        = "remark"        // a coordinator's own words in a chapter of the round report
	RecordOverlap       = "overlap"       // what was decided about contacts that two sources may both hold
	RecordOperations    = "operations"    // driftsstatus: a month's figure, a narrative or an incident; the key begins with which
	RecordReadiness     = "readiness"     // klarmelding: a supplier's system and one interface
)

// recordKinds are the kinds that this program knows. A journal that holds another is a newer program's.
var recordKinds = []string{RecordRound, RecordTotal, RecordSiteVisits, RecordContext, RecordZero, RecordCentral, RecordQuestionnaire, RecordAnswer,
	RecordRemark, RecordOverlap, RecordOperations, RecordReadiness}

// NewRecord makes a record of a body; nil takes the earlier one back.
func NewRecord(kind string, municipality uint16, round, key string, body any) (Record, error) {
	r := Record{Kind: kind, Municipality: municipality, Round: round, Key: key}
	if body == nil {
		return r, r.Known()
	}
	var err error
	if r.Body, err = json.Marshal(body); err != nil {
		return r, err
	}
	return r, r.Known()
}

// Known is an error when no kind has the record's name.
func (r Record) Known() error {
	if slices.Contains(recordKinds, r.Kind) {
		return nil
	}
	return &Problem{Code: "record-unknown", Message: fmt.Sprintf("Journalen har en oplysning af typen %q, som denne version ikke kender. Brug en nyere version af komhen.", r.Kind)}
}

// Withdrawn tells whether the record takes an earlier one back.
func (r Record) Withdrawn() bool { return len(r.Body) == 0 }
