//go:build unix

package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"testing"

	"komhen/model"
	"komhen/model/codebook"
)

// TestRows: the file is what the promises speak of: 17 columns, ids that are never used twice, one row in 200 with a fault.
func TestRows(t *testing.T) {
	g, err := newGenerator()
	if err != nil {
		t.Fatal(err)
	}
	cb, err := codebook.Load()
	if err != nil {
		t.Fatal(err)
	}
	const n = 40_000
	var file, same bytes.Buffer
	for _, b := range []*bytes.Buffer{&file, &same} {
		if err := g.rows(b, 5*n, n); err != nil {
			t.Fatal(err)
		}
	}
	if sha256.Sum256(file.Bytes()) != sha256.Sum256(same.Bytes()) {
		t.Error("two runs differ")
	}
	if perRow := file.Len() / n; perRow < 120 || perRow > 140 {
		t.Errorf("%d bytes a row", perRow)
	}
	r := csv.NewReader(&file)
	r.Comma = ';'
	rows, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != n+1 || len(rows[0]) != 17 {
		t.Fatalf("%d rows, %d columns", len(rows), len(rows[0]))
	}
	ids, towns, bad := map[string]bool{}, map[uint16]bool{}, 0
	for _, row := range rows[1:] {
		if ids[row[11]] {
			t.Fatalf("id %s twice", row[11])
		}
		ids[row[11]] = true
		towns[cb.MunicipalityCode(row[0])] = true
		_, task := model.ParseKLE(row[2])
		ch := cb.Channel(cb.ChannelID(row[3]))
		if row[1] == "" || !task || ch == nil || cb.TypeID(row[4]) == 0 || cb.ClosingID(row[5]) == 0 || row[7][:5] == "31-02" {
			bad++
			continue
		}
		if row[8] >= row[9] || row[7] != row[9] {
			t.Fatalf("times of %v", row)
		}
		if ch.Form == model.FormRequired && cb.FormID(row[6]) == 0 || ch.Written && row[5] == "STRAKS" {
			t.Fatalf("form or closing of %v", row)
		}
	}
	if bad < n/250 || bad > n/160 || len(towns) != len(cb.Municipalities) || towns[0] {
		t.Errorf("%d bad rows, %d municipalities", bad, len(towns))
	}
}

func BenchmarkRows(b *testing.B) {
	g, err := newGenerator()
	if err != nil {
		b.Fatal(err)
	}
	var sink counter
	for b.Loop() {
		if err := g.rows(&sink, 0, 100_000); err != nil {
			b.Fatal(err)
		}
	}
	b.SetBytes(int64(sink) / int64(b.N))
}

type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }
