package demo_test

import (
	"bytes"
	"testing"

	"komhen/ingest"
	"komhen/ingest/demo"
	"komhen/model/codebook"
)

// TestKlikTables: the invented tables are read without a fault.
func TestKlikTables(t *testing.T) {
	book, err := codebook.Load()
	if err != nil {
		t.Fatal(err)
	}
	data := demo.Operations()
	o, faults, err := ingest.ReadOperations(book, bytes.NewReader(data), int64(len(data)))
	if err != nil || len(faults) > 0 || len(o.Figures) != 84 || len(o.Incidents) != 2 || len(o.Notes) > 0 {
		t.Errorf("%v %v %+v", err, faults, o)
	}
	data = demo.Readiness()
	list, faults, err := ingest.ReadReadiness(book, bytes.NewReader(data), int64(len(data)))
	if err != nil || len(faults) > 0 || len(list) != 9 {
		t.Errorf("%v %v %d", err, faults, len(list))
	}
}
