package model

import (
	"slices"
	"time"
)

// Overlap is the body of a record of kind RecordOverlap: what a person decided about the contacts of a round that two sources of a
// municipality may both hold (codebook §6). Of each day, task and family of channels as many contacts of Drop are left out as the other
// source has. It says all that governs figures itself, so that later changes of codebook and rounds leave it alone.
type Overlap struct {
	Sources  [2]string  `json:"sources"`        // by name
	Drop     string     `json:"drop,omitempty"` // one of them; "" keeps both, which was looked at and decided
	From     string     `json:"from"`           // yyyy-mm-dd
	To       string     `json:"to"`
	Families [][]uint16 `json:"families"` // channels, by id, that may hold the same contact; others only with themselves
}

// Keep is the source that nothing is left out of; "" when both stay.
func (o Overlap) Keep() string {
	switch o.Drop {
	case "":
		return ""
	case o.Sources[0]:
		return o.Sources[1]
	}
	return o.Sources[0]
}

// Period is the first and last day.
func (o Overlap) Period() (from, to Date) {
	day := func(text string) Date {
		t, err := time.Parse("2006-01-02", text)
		if err != nil {
			return 0
		}
		return NewDate(t.Year(), int(t.Month()), t.Day())
	}
	return day(o.From), day(o.To)
}

// OverlapKey is the key of the record about two sources, whichever is named first.
func OverlapKey(a, b string) string {
	if b < a {
		a, b = b, a
	}
	return a + "\x1f" + b
}

// Families are the channels, by id, that may hold the same contact when sources differ, with the names of the families.
func (c *Codebook) Families() (families [][]uint16, names []string) {
	for _, ch := range c.Channels {
		if ch.Family == "" {
			continue
		}
		at := slices.Index(names, ch.Family)
		if at < 0 {
			at = len(names)
			names, families = append(names, ch.Family), append(families, nil)
		}
		families[at] = append(families[at], uint16(ch.ID))
	}
	return families, names
}
