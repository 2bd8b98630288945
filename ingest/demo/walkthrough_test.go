package demo

import (
	"path/filepath"
	"testing"
	"time"

	"komhen/model"
)

// walkthroughFiles are what a newcomer uploads, one after the other.
func walkthroughFiles(t testing.TB, cb *model.Codebook) map[string][]byte {
	rows := registrations(t, cb, "walkthrough", 75)
	first := append([]registration(nil), rows[:60]...)
	faults := map[int]func(*cells){ // by row
		8:  func(c *cells) { c[fChannel] = "TLFINN" },
		19: func(c *cells) { c[fDate] = "31-04-2012 10:15" },
		31: func(c *cells) { c[fUnit] = "" },
		42: func(c *cells) { c[fSubject] = "23-09-2002" },
		53: func(c *cells) { c[fType] = "" },
	}
	rows[42].cells[fSubject], first[42].cells[fSubject] = "23.09.02", "23.09.02" // what the spreadsheet took for a date
	at := 0
	damaged := func(_ *registration, c *cells) {
		if fault := faults[at]; fault != nil {
			fault(c)
		}
		at++
	}
	calls := systemOf("Telefonsystem")
	country, err := newCountry(cb)
	if err != nil {
		t.Fatal(err)
	}
	var files []File
	v, err := country.visit(259, 1, 0, 1, &files)
	if err != nil {
		t.Fatal(err)
	}
	phone := &systemFile{town: v.town, system: calls, name: "walkthrough/calls", round: v.round, total: 120, first: v.first, last: v.last, layout: layoutC.day()}
	var log []registration
	if err := phone.each(func(c *cells) error {
		at, err := time.Parse("02-01-2006", c[fDate])
		log = append(log, registration{*c, model.Moment(at.Unix())})
		return err
	}); err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{
		"1-registreringer.csv":                 written(t, layoutA, windows, first, damaged),
		"2-telefonsystem.csv":                  written(t, layoutC.day().nulls(), marked, log, nil),
		"3-registreringer-rettet-og-flere.csv": written(t, layoutA, windows, rows, nil),
	}
}

func TestWalkthrough(t *testing.T) {
	compare(t, filepath.Join(testdata, "walkthrough"), walkthroughFiles(t, loadCodebook(t)))
}
