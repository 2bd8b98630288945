package ingest

import (
	"os"
	"testing"
	"time"

	"komhen/model/codebook"
)

// BenchmarkImport imports the file that KOMHEN_BENCH_FILE names into an empty folder: for profiles of the import alone.
func BenchmarkImport(b *testing.B) {
	path := os.Getenv("KOMHEN_BENCH_FILE")
	if path == "" {
		b.Skip("KOMHEN_BENCH_FILE names no file")
	}
	book, err := codebook.Load()
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		folder, err := Open(b.Context(), b.TempDir(), book, OpenOptions{MemoryMB: 400})
		if err != nil {
			b.Fatal(err)
		}
		file, size, _ := OpenFile(path)
		u, err := folder.Prepare(b.Context(), file, size, Options{Name: "bench.csv", Received: time.Now()})
		if err != nil {
			b.Fatal(err)
		}
		if err := u.Commit(b.Context()); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(u.Receipt.Accepted), "rows")
		file.Close()
		folder.Close()
	}
}
