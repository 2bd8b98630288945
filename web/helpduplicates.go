package web

import (
	_ "embed"
	"encoding/csv"
	"net/http"
	"strings"
)

// The worked example of duplicates: two files, and what becomes of each row of the second. A test loads them.

//go:embed help/monday.csv
var mondayFile string

//go:embed help/tuesday.csv
var tuesdayFile string

// tuesdayRows says what becomes of each row of tuesday.csv after monday.csv.
var tuesdayRows = []struct {
	New bool
	Why string
}{
	{false, "Brev nr. 1 med dette indhold. Det stod der også mandag."},
	{false, "Brev nr. 2. Det stod der også mandag."},
	{true, "Brev nr. 3. Mandag var der kun to, så dette er nyt."},
	{false, "Opkaldet stod der også mandag."},
	{true, "Et andet klokkeslæt er et andet opkald."},
}

type exampleRow struct {
	Cells []string
	New   bool
	Why   string
}

func (s *Server) duplicatesHelp(*http.Request, Viewer) any {
	monday, tuesday := exampleRows(mondayFile), exampleRows(tuesdayFile)
	added := 0
	var second []exampleRow
	for i, cells := range tuesday[1:] {
		second = append(second, exampleRow{cells, tuesdayRows[i].New, tuesdayRows[i].Why})
		if tuesdayRows[i].New {
			added++
		}
	}
	first := len(monday) - 1
	return map[string]any{"Header": monday[0], "First": monday[1:], "Second": second, "FirstCount": first, "Added": added, "Withheld": len(second) - added, "Total": first + added}
}

func exampleRows(file string) [][]string {
	r := csv.NewReader(strings.NewReader(file))
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		panic(err) // it is embedded, and a test reads it
	}
	return rows
}
