// Package demo invents the files that municipalities would send in for two count rounds, so that the service can be tried
// and tested on something that looks like the real thing: 3 municipalities, or all 98. Everything is drawn from a fixed
// seed, so the same size and codebook always give the same bytes.
//
// Danger: the figures are invented. They resemble a round but say nothing about any municipality, and must never be
// loaded into a data folder that holds real contacts.
package demo

import (
	"fmt"
	"io"
	"sort"
	"time"

	"komhen/model"
)

// Size is how much is invented.
type Size string

const (
	Small    Size = "small"    // 3 municipalities, two rounds, about 15,000 contacts
	National Size = "national" // all municipalities, two rounds, about a million contacts
)

// rounds of every demo; the second one is a little more digital than the first.
var rounds = []string{"2012F", "2012E"}

// File is one invented upload. Write may be called any number of times and gives the same bytes each time.
type File struct {
	Name         string
	Municipality uint16
	Source       string
	Kind         model.Kind
	Test         bool // a trial count: kept apart from every figure
	Received     time.Time
	Write        func(io.Writer) error
}

func unknownSize(size Size) error {
	return &model.Problem{Code: "demo-size", Message: fmt.Sprintf("Størrelsen %q kendes ikke. Skriv small eller national.", string(size))}
}

// Files hands out every file of a demo in the order they were received. Contents are made while Write runs, so the whole
// country takes no more memory than its largest day of work.
func Files(cb *model.Codebook, size Size, yield func(File) error) error {
	country, err := newCountry(cb)
	if err != nil {
		return err
	}
	var files []File
	switch size {
	case Small:
		files, err = country.small()
	case National:
		files, err = country.national()
	default:
		return unknownSize(size)
	}
	if err != nil {
		return err
	}
	sort.SliceStable(files, func(i, j int) bool { return files[i].Received.Before(files[j].Received) })
	for _, f := range files {
		if err := yield(f); err != nil {
			return err
		}
	}
	return nil
}
