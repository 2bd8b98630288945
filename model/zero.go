package model

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Zero declares that nothing came in: to a unit through a channel on a day, to a unit on a whole day (Channel ""), or to the whole
// municipality (Unit "" too). It is the body of a record of kind RecordZero. It belongs to its day and to no round, so that it stands
// where a round's dates are moved. Contacts that come all the same count, and win.
type Zero struct {
	Day     Date   `json:"-"`
	Unit    string `json:"unit,omitempty"`
	Channel string `json:"channel,omitempty"` // the codebook's code, "TLFIND"
	Why     string `json:"why,omitempty"`     // in people's own words; shown in the own municipality only
}

// longestWhy is how many letters a reason may have.
const longestWhy = 200

// Key names what the zero is about: "2012-04-25|TLFIND|Borgerservice". The unit stands last, for it may hold anything.
func (z Zero) Key() string { return z.Day.ISO() + "|" + z.Channel + "|" + z.Unit }

// ZeroOf reads the key of a record back.
func ZeroOf(key string) (Zero, bool) {
	parts := strings.SplitN(key, "|", 3)
	if len(parts) != 3 {
		return Zero{}, false
	}
	day, ok := ParseDate(parts[0])
	z := Zero{Day: day, Channel: parts[1], Unit: parts[2]}
	return z, ok && (z.Unit != "" || z.Channel == "") && z.Key() == key
}

// Covers tells whether the zero says that nothing came to a unit through a channel on its day; channel "" asks for the whole day.
func (z Zero) Covers(unit, channel string) bool {
	return (z.Unit == "" || z.Unit == unit) && (z.Channel == "" || z.Channel == channel)
}

// Check finds what is wrong with a zero, nil when nothing is. Whether the unit exists the caller knows.
func (z Zero) Check(cb *Codebook) error {
	wrong := func(text string, args ...any) error {
		return &Problem{Code: "zero-invalid", Message: fmt.Sprintf(text, args...)}
	}
	switch {
	case z.Unit == "" && z.Channel != "":
		return wrong("Vælg en enhed, når du erklærer nul for en enkelt kanal. For hele kommunen gælder nul alle kanaler.")
	case z.Channel != "" && (cb.ChannelID(z.Channel) == 0 || cb.Channel(cb.ChannelID(z.Channel)).Code != z.Channel):
		return wrong("Kanalen kendes ikke. Vælg en kanal fra listen.")
	case utf8.RuneCountInString(z.Why) > longestWhy:
		return wrong("Begrundelsen er for lang. Skriv højst %d tegn.", longestWhy)
	}
	if _, hit := MaskCPR(z.Why, false); hit {
		return wrong("Begrundelsen ser ud til at have et CPR-nummer i sig. Skriv den uden; intet er gemt.")
	}
	return nil
}
