package main

import (
	"os"
	"path/filepath"
	"testing"

	"komhen/ingest"
)

// TestKlikTables: driftsstatus and klarmelding go in, come out in every format, and what comes out as csv or xlsx says the same when it goes in
// again, here and in an empty folder. A file with faults changes nothing.
func TestKlikTables(t *testing.T) {
	for _, kind := range []struct{ name, file, table, json string }{
		{"operations", "breaches.csv", "98,98▼", `"month":"2020-09"`},
		{"readiness", "form.csv", "Nordlys Journal", `"verdict":false`},
	} {
		t.Run(kind.name, func(t *testing.T) {
			data, dir := newData(t), t.TempDir()
			file := testdata(kind.name, kind.file)
			says(t, ok(t, data, "klik", kind.name, "import", "--dry-run", file), "Der er ikke indlæst noget")
			says(t, ok(t, data, "klik", kind.name, "import", file), "indlæst")
			says(t, ok(t, data, "klik", kind.name, "import", file), "heraf 0 nye")
			o := want(t, statusNothing, data, "klik", kind.name, "import", testdata(kind.name, "faults.csv"))
			says(t, o.stderr, "Linje 2", "ikke indlæst noget")
			var receipt ingest.SmallReceipt
			oneDocument(t, want(t, statusNothing, data, "klik", kind.name, "import", "--json", testdata(kind.name, "faults.csv")).stdout, &receipt)
			if len(receipt.Faults) < 5 || receipt.Changed != 0 {
				t.Errorf("%+v", receipt)
			}
			want(t, statusNothing, data, "klik", kind.name, "import", filepath.Join(dir, "findes-ikke.csv"))
			says(t, ok(t, data, "klik", kind.name, "report"), kind.table)
			says(t, ok(t, data, "klik", kind.name, "report", "--format", "json"), kind.json)
			want(t, statusUsage, data, "klik", kind.name, "report", "--format", "xlsx")
			want(t, statusUsage, data, "klik", kind.name, "report", "--format", "pdf")
			says(t, ok(t, data, "klik", kind.name, "report", "--format", "html"), "<!DOCTYPE html>", "Om tallene")
			document := ok(t, data, "klik", kind.name, "report", "--format", "json")
			for _, format := range []string{"csv", "xlsx"} {
				out := filepath.Join(dir, "ud."+format)
				ok(t, data, "klik", kind.name, "report", "--format", format, "-o", out)
				says(t, ok(t, data, "klik", kind.name, "import", out), "heraf 0 nye")
				fresh := newData(t)
				ok(t, fresh, "klik", kind.name, "import", out)
				if got := ok(t, fresh, "klik", kind.name, "report", "--format", "json"); got != document {
					t.Errorf("%s is another table:\n%s\n%s", format, got, document)
				}
				first, err := os.ReadFile(out)
				if err != nil {
					t.Fatal(err)
				}
				ok(t, data, "klik", kind.name, "report", "--format", format, "-o", out)
				if second, err := os.ReadFile(out); err != nil || string(first) != string(second) {
					t.Errorf("%s: other bytes the second time", format)
				}
			}
			ok(t, data, "rebuild")
			if got := ok(t, data, "klik", kind.name, "report", "--format", "json"); got != document {
				t.Error("rebuild ends otherwise")
			}
		})
	}
	data := newData(t)
	ok(t, data, "klik", "readiness", "import", testdata("readiness", "flat.csv"))
	says(t, ok(t, data, "klik", "operations", "report", "--format", "json"), `"month":null`)
	says(t, ok(t, data, "klik", "operations", "report"), "Driftsstatus")
	says(t, ok(t, data, "klik", "readiness", "report"), "Klarmelding")
	want(t, statusUsage, data, "klik", "operations", "report", "--system", "findes ikke")
	want(t, statusUsage, data, "klik", "operations", "report", "--month", "snart")
}
