package ingest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

func seedsOf(f *testing.F, kind string) {
	f.Helper()
	for _, name := range []string{"breaches.csv", "faults.csv", "form.csv", "flat.csv"} {
		if data, err := os.ReadFile(filepath.Join(testdata, kind, name)); err == nil {
			f.Add(data)
		}
	}
	f.Add([]byte("sep=,\nDriftsområde,SLA-mål,jan-12\n\"KO, applikation\",99,100\n"))
	f.Add([]byte("\xff\xfeS\x00\r\n\x00"))
}

// FuzzOperations: whatever bytes come, there are faults, or records that all are sound and each its own.
func FuzzOperations(f *testing.F) {
	seedsOf(f, "operations")
	f.Add([]byte(flatOperations))
	book := testBook(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		file, faults, err := ReadOperations(book, bytes.NewReader(data), int64(len(data)))
		must(t, err)
		if (file == nil) != (len(faults) > 0) {
			t.Fatalf("%+v with %v", file, faults)
		}
		if file == nil {
			return
		}
		keys := map[string]bool{}
		hold := func(key string, record interface{ Validate() error }) {
			must(t, record.Validate())
			if keys[key] {
				t.Fatalf("%s twice", key)
			}
			keys[key] = true
			_, err := json.Marshal(record)
			must(t, err)
		}
		for _, x := range file.Figures {
			hold(x.Key(), x)
		}
		for _, x := range file.Narratives {
			hold(x.Key(), x)
		}
		for _, x := range file.Incidents {
			hold(x.Key(), x)
		}
	})
}

// FuzzReadiness is FuzzOperations for klarmelding; and no integration is ready against a criterion.
func FuzzReadiness(f *testing.F) {
	seedsOf(f, "readiness")
	book := testBook(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		list, faults, err := ReadReadiness(book, bytes.NewReader(data), int64(len(data)))
		must(t, err)
		if (len(list) == 0) != (len(faults) > 0) {
			t.Fatalf("%+v with %v", list, faults)
		}
		keys := map[string]bool{}
		for _, i := range list {
			must(t, i.Validate())
			if keys[i.Key()] || i.Ready() && len(i.Unmet()) > 0 {
				t.Fatalf("%+v", i)
			}
			keys[i.Key()] = true
		}
	})
}
