package reports

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"komhen/queries"
)

// generated fills a database with n stored contacts of one round: uploads of 50,000 rows, each of one municipality of the
// small codebook, days in no order. It is the worst case, as no row group can be skipped by its period.
func generated(n int) func(exec func(string, ...any)) {
	return func(exec func(string, ...any)) {
		exec("INSERT INTO sources VALUES (1, 'Tracetool'), (2, 'Systemudtræk')")
		exec(`INSERT INTO uploads BY NAME SELECT (i + 1)::UINTEGER AS upload, upload AS bag, TRUE AS live, FALSE AS restricted, TIMESTAMP '2012-05-20' AS received, received AS changed,
			'fil.csv' AS file, 'fil.csv' AS kept, 'abc' AS sha256, 'abc' AS kept_sha256, 1 AS size, 0::USMALLINT AS municipality, 'Tracetool' AS source, 'registration' AS kind,
			FALSE AS test, '2012F' AS round, 'csv' AS format, 'UTF-8' AS encoding, ';' AS delimiter, '' AS sheet, 'C' AS layout, []::VARCHAR[] AS columns,
			['Alder', 'Klage'] AS locals, 0 AS records, 0 AS header, 0 AS blank, 0 AS accepted, 0 AS rejected, 0 AS withheld, 0 AS contacts, 0 AS warnings, 0 AS corrections
			FROM range((? + 49999) // 50000) r(i)`, n)
		exec(`INSERT INTO given SELECT (i // 50000 + 1)::UINTEGER, (i % 50000 + 2)::UINTEGER, hash(i), hash(i + 1), 0,
			[101, 147, 150, 259, 400, 492][(1 + (i // 50000) % 6)::BIGINT]::USMALLINT, 1 + (hash(i + 12) % 2)::USMALLINT,
			[1, 3, 4, 5, 8, 9, 13, 20, 21][(1 + (hash(i + 2) % 9))::BIGINT]::UTINYINT, (hash(i + 7) % 7)::UTINYINT, (hash(i + 8) % 3)::UTINYINT, (hash(i + 9) % 3)::UTINYINT,
			(10000 + (hash(i + 3) % 120) * 100)::UINTEGER, (TIMESTAMP '2012-04-23' + INTERVAL (hash(i + 5) % (21 * 86400)) SECOND)::TIMESTAMP_S, NULL, NULL, 1,
			'Enhed ' || (hash(i + 6) % 12), NULL, (hash(i + 10) % 90) || chr(31) || 'nej', hash(i + 11) % 5 = 0, FALSE, 1, 1
			FROM range(?) r(i)`, n)
		exec("CHECKPOINT")
	}
}

// BenchmarkReports10M runs every report on ten million contacts, notes included. The aim is 0.3 s each on two threads.
func BenchmarkReports10M(b *testing.B) {
	cb := smallCodebook(b)
	st := fill(b, generated(10_000_000))
	round, err := cb.Round("2012F")
	if err != nil {
		b.Fatal(err)
	}
	for _, d := range Names() {
		for _, municipality := range []uint16{0, 259} {
			if d.NeedsMunicipality && municipality == 0 || d.NationalOnly && municipality != 0 {
				continue
			}
			b.Run(fmt.Sprintf("%s/%d", d.Name, municipality), func(b *testing.B) {
				for b.Loop() {
					if _, err := Run(context.Background(), st, cb, Query{Name: d.Name, Round: round, Municipality: municipality}); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// exportChild names the format that the test binary writes when it runs as a child; see BenchmarkExport500k.
const exportChild = "KOMHEN_TEST_EXPORT"

// TestExportChild is not a test: it is the process whose memory BenchmarkExport500k reads.
func TestExportChild(t *testing.T) {
	format, path := os.Getenv(exportChild), os.Getenv(exportChild+"_DB")
	if format == "" {
		t.Skip("runs only as a child of BenchmarkExport500k")
	}
	st, err := queries.Open(context.Background(), queries.Options{Path: path, ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	out, err := os.Create(path + "." + format)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	if _, err := ExportContacts(context.Background(), st, smallCodebook(t), Extract{Format: format, TempDir: filepath.Dir(path)}, out); err != nil {
		t.Fatal(err)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Skip("no /proc")
	}
	for _, line := range strings.Split(string(status), "\n") {
		if strings.HasPrefix(line, "VmHWM:") {
			fmt.Println(line)
		}
	}
}

// BenchmarkExport500k writes 500,000 contacts in a process of its own and reports its peak memory. The aim is 150 MB.
func BenchmarkExport500k(b *testing.B) {
	path := fillFile(b, generated(500_000))
	for _, format := range []string{"csv", "xlsx", "parquet"} {
		b.Run(format, func(b *testing.B) {
			peak := 0.0
			for b.Loop() {
				child := exec.Command(os.Args[0], "-test.run=^TestExportChild$", "-test.v")
				child.Env = append(os.Environ(), exportChild+"="+format, exportChild+"_DB="+path)
				out, err := child.CombinedOutput()
				if err != nil {
					b.Fatalf("%v: %s", err, out)
				}
				_, text, _ := strings.Cut(string(out), "VmHWM:")
				var kB float64
				if _, err := fmt.Sscan(text, &kB); err != nil {
					b.Skipf("no memory figure: %s", out)
				}
				peak = max(peak, kB/1024)
			}
			b.ReportMetric(peak, "MB-peak")
		})
	}
}
