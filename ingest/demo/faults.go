package demo

import (
	"math/rand/v2"
	"strings"
)

// inventedNumber looks like a person's number (a date and four digits) and belongs to nobody: no serial 0000 is given out.
const inventedNumber = "Oplyste selv 010180-0000 ved skranken"

// damage does to a row what people and spreadsheets do.
func damage(r *rand.Rand, c *cells) {
	switch r.IntN(9) {
	case 0: // a slip of the keyboard
		c[fChannel] = strings.TrimSuffix(c[fChannel], c[fChannel][len(c[fChannel])-1:])
	case 1:
		c[fType] = "VEJLEDNING2"
	case 2:
		c[fDate] = "31-02-2012"
	case 3:
		c[fDate] = "00-00-0000"
	case 4: // a spreadsheet took the KLE number for a date
		c[fSubject] = strings.ReplaceAll(c[fSubject][:6], ".", "-") + "20" + c[fSubject][6:]
	case 5: // or stripped its zeros
		c[fSubject] = strings.ReplaceAll(strings.TrimPrefix(c[fSubject], "0"), ".0", ".")
	case 6: // deeper than can be measured
		c[fSubject] += ".05"
	case 7:
		c[fUnit] = ""
	case 8:
		c[fClosing] = ""
	}
}
