// Package codebook holds the codebook's data files and loads them: editions, codes, tasks, municipalities, rounds and rules.
//
// Danger: the ids in channels.csv, types.csv, closings.csv and forms.csv are what every database and kept upload's identity
// is made of. An id never changes its meaning and is never used again; data/README.md says more.
package codebook

import (
	"crypto/sha256"
	"embed"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strconv"
	"strings"

	"github.com/gocarina/gocsv"

	"komhen/model"
)

//go:embed data/*.csv
var embedded embed.FS

// Load reads the embedded codebook and checks it. An error means that the program was built with a faulty codebook.
func Load() (*model.Codebook, error) {
	dir, err := fs.Sub(embedded, "data")
	if err != nil {
		return nil, err
	}
	return load(dir)
}

func load(dir fs.FS) (*model.Codebook, error) {
	c := &model.Codebook{}
	for _, step := range []func(fs.FS, *model.Codebook) error{
		loadEditions, loadChannels, loadTypes, loadClosings, loadForms, loadSubjects, loadMunicipalities, loadRounds, loadRules, loadKlik,
	} {
		if err := step(dir, c); err != nil {
			return nil, fmt.Errorf("codebook: %w", err)
		}
	}
	if err := c.Index(); err != nil {
		return nil, err
	}
	sum, err := hash(dir)
	if err != nil {
		return nil, fmt.Errorf("codebook: %w", err)
	}
	c.Version = newestEdition(c) + "-" + sum[:8]
	return c, nil
}

// hash covers every data file with its name and length, so that no two sets of files share it.
func hash(dir fs.FS) (string, error) {
	names, err := fs.Glob(dir, "*.csv") // sorted
	if err != nil {
		return "", err
	}
	h := sha256.New()
	for _, name := range names {
		content, err := fs.ReadFile(dir, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n", name, len(content))
		h.Write(content)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func newestEdition(c *model.Codebook) string {
	name, first := "", model.Date(0)
	for _, e := range c.Editions {
		if r, err := model.ParseRound(e.From); err == nil && (name == "" || r.First > first) {
			name, first = e.Name, r.First
		}
	}
	return name
}

// read gives the rows of one data file. The separator stands in the reader of this call: gocsv.SetCSVReader would change it
// for the whole program. A column that is missing or unknown is an error; gocsv alone would leave the field empty.
func read[T any](dir fs.FS, name string) ([]T, error) {
	f, err := dir.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r := csv.NewReader(f)
	r.Comma = ';'
	u, err := gocsv.NewUnmarshaller(r, *new(T))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(u.MismatchedHeaders)+len(u.MismatchedStructFields) > 0 {
		return nil, fmt.Errorf("%s: unknown columns %q, missing columns %q", name, u.MismatchedHeaders, u.MismatchedStructFields)
	}
	var rows []T
	for {
		row, err := u.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			line, _ := r.FieldPos(0)
			return nil, fmt.Errorf("%s, line %d: %w", name, line, err)
		}
		rows = append(rows, row.(T))
	}
}

// The types below are how the cells of the data files are read.

type yesNo bool

func (v *yesNo) UnmarshalCSV(s string) error {
	switch s {
	case "ja":
		*v = true
	case "nej":
		*v = false
	default:
		return fmt.Errorf("%q is neither ja nor nej", s)
	}
	return nil
}

// id and code are checked against their size here, because gocsv cuts a larger number down without a word.
type id uint8

func (v *id) UnmarshalCSV(s string) error {
	n, err := strconv.ParseUint(s, 10, 8)
	*v = id(n)
	return err
}

type code uint16

func (v *code) UnmarshalCSV(s string) error {
	n, err := strconv.ParseUint(s, 10, 16)
	*v = code(n)
	return err
}

type kle model.KLE

func (v *kle) UnmarshalCSV(s string) error {
	number, ok := model.ParseKLE(s)
	if !ok || len(s) != len("00.00.00") {
		return fmt.Errorf("%q is not a KLE number", s)
	}
	*v = kle(number)
	return nil
}

// date is dd-mm-yyyy, or 0 for an empty cell.
type date model.Date

func (v *date) UnmarshalCSV(s string) error {
	if s == "" {
		*v = 0
		return nil
	}
	var day, month, year int
	if n, err := fmt.Sscanf(s, "%2d-%2d-%4d", &day, &month, &year); n != 3 || err != nil || !model.ValidDay(year, month, day) ||
		model.NewDate(year, month, day).String() != s {
		return fmt.Errorf("%q is not a date dd-mm-yyyy", s)
	}
	*v = date(model.NewDate(year, month, day))
	return nil
}

// list is texts separated by a bar.
type list []string

func (v *list) UnmarshalCSV(s string) error {
	if s != "" {
		*v = strings.Split(s, "|")
	}
	return nil
}

// weeks is numbers separated by a comma.
type weeks []int

func (v *weeks) UnmarshalCSV(s string) error {
	for _, text := range strings.Split(s, ",") {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 53 {
			return fmt.Errorf("%q is not a week", text)
		}
		*v = append(*v, n)
	}
	return nil
}
