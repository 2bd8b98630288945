package demo

import (
	"time"

	"komhen/model"
)

// Zero is what an invented municipality declares: that a unit had no contacts.
type Zero struct {
	Municipality uint16
	At           time.Time
	model.Zero
}

// Zeros are those of a demo, to be declared when its files are loaded. Units that are silent without one are among the drawn figures: in
// autumn Køge's Teknik og Miljø is, on 30 October.
func Zeros(size Size) []Zero {
	if size != Small {
		return nil
	}
	return []Zero{{259, time.Date(2012, 11, 8, 9, 12, 0, 0, model.Copenhagen),
		model.Zero{Day: model.NewDate(2012, 11, 7), Unit: "Ældre og Handicap", Why: "Hele afdelingen var på kursus."}}}
}
