package workbook

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// benchRow is a row of the raw extract's shape (codebook §1 B), 17 columns.
func benchRow(i int) []string {
	day := time.Date(2012, 4, 23, 8, 0, 0, 0, time.UTC).Add(time.Duration(i%(21*24*3600)) * time.Second)
	channels := []string{"TLFIND", "PRSNLG", "EMLIND", "PPRIND", "DOCIND", "WEB"}
	return []string{"Køge", "259", "259borgerservice", fmt.Sprintf("%02d.%02d.%02d", i%30, i%7, i%4), channels[i%6], "INFO", "STRAKS", "NEJ",
		day.Format("02-01-2006 15:04:05"), day.Format("02-01-2006 15:04:05"), day.Add(time.Minute).Format("02-01-2006 15:04:05"),
		"Tracetool", "", strconv.Itoa(i % 90), "Kvinde", "4600", "ja"}
}

type twin struct{ csv, shared, inline []byte }

var twins = map[int]*twin{}
var twinsOnce sync.Mutex

// twinOf makes the same table as CSV, as a workbook with shared strings, and as one with inline strings.
func twinOf(t testing.TB, rows int) *twin {
	twinsOnce.Lock()
	defer twinsOnce.Unlock()
	if twins[rows] != nil {
		return twins[rows]
	}
	tw := &twin{}
	var c bytes.Buffer
	cw := csv.NewWriter(&c)
	cw.Comma = ';'
	f := excelize.NewFile()
	stream, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	var sheet, sst strings.Builder
	index := map[string]int{}
	for i := range rows {
		cells := benchRow(i)
		cw.Write(cells)
		row := make([]any, len(cells))
		fmt.Fprintf(&sheet, `<row r="%d" spans="1:17" x14ac:dyDescent="0.25">`, i+1)
		for j, v := range cells {
			ref, _ := excelize.CoordinatesToCellName(j+1, i+1)
			switch {
			case j == 13:
				row[j] = i % 90
				fmt.Fprintf(&sheet, `<c r="%s"><v>%s</v></c>`, ref, v)
			case v != "":
				row[j] = v
				n, ok := index[v]
				if !ok {
					n = len(index)
					index[v] = n
					fmt.Fprintf(&sst, `<si><t>%s</t></si>`, v)
				}
				fmt.Fprintf(&sheet, `<c r="%s" s="1" t="s"><v>%d</v></c>`, ref, n)
			}
		}
		sheet.WriteString("</row>")
		ref, _ := excelize.CoordinatesToCellName(1, i+1)
		if err := stream.SetRow(ref, row); err != nil {
			t.Fatal(err)
		}
	}
	cw.Flush()
	if err := stream.Flush(); err != nil {
		t.Fatal(err)
	}
	tw.csv, tw.inline = c.Bytes(), bytesOf(t, f)
	tw.shared = pack(t, parts(sheetXML(sheet.String()), map[string]string{
		"xl/sharedStrings.xml": sharedXML(sst.String()),
		"xl/styles.xml":        `<styleSheet xmlns="` + mainNS + `"><cellXfs><xf numFmtId="0"/><xf numFmtId="0"/></cellXfs></styleSheet>`,
	}))
	twins[rows] = tw
	return tw
}

func readCSV(t testing.TB, file []byte) (cells int) {
	r := csv.NewReader(bytes.NewReader(file))
	r.Comma, r.ReuseRecord = ';', true
	for {
		rec, err := r.Read()
		if err == io.EOF {
			return cells
		}
		if err != nil {
			t.Fatal(err)
		}
		cells += len(rec)
	}
}

func readBook(t testing.TB, file []byte) (cells int) {
	b := open(t, file)
	for _, s := range b.Sheets() {
		if err := b.Rows(s.Name, func(_ int, c []string) error { cells += len(c); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	return cells
}

func BenchmarkRows100k(b *testing.B) {
	tw := twinOf(b, 100_000)
	b.Run("csv", func(b *testing.B) {
		for b.Loop() {
			readCSV(b, tw.csv)
		}
	})
	b.Run("shared", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			readBook(b, tw.shared)
		}
	})
	b.Run("inline", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			readBook(b, tw.inline)
		}
	})
	b.Run("excelize", func(b *testing.B) {
		if testing.Short() {
			b.Skip("slow")
		}
		for b.Loop() {
			f, err := excelize.OpenReader(bytes.NewReader(tw.inline))
			if err != nil {
				b.Fatal(err)
			}
			rows, err := f.Rows("Sheet1")
			if err != nil {
				b.Fatal(err)
			}
			for rows.Next() {
				if _, err := rows.Columns(); err != nil {
					b.Fatal(err)
				}
			}
			f.Close()
		}
	})
	b.Run("mask", func(b *testing.B) {
		for b.Loop() {
			if _, err := open(b, tw.shared).WriteMasked(io.Discard, "Ark1", nil); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// TestSpeed holds the reading of a workbook within a multiple of its CSV twin. The bound is far above what is measured (some
// 4 times), because other work may go on at the same time.
func TestSpeed(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	tw := twinOf(t, 100_000)
	best := func(f func()) time.Duration {
		least := time.Hour
		for range 5 {
			start := time.Now()
			f()
			least = min(least, time.Since(start))
		}
		return least
	}
	c := best(func() { readCSV(t, tw.csv) })
	for name, file := range map[string][]byte{"shared": tw.shared, "inline": tw.inline} {
		x := best(func() { readBook(t, file) })
		t.Logf("%s: csv %v, xlsx %v: %.1f times", name, c, x, float64(x)/float64(c))
		if x > 20*c {
			t.Errorf("%s takes %.1f times its CSV twin", name, float64(x)/float64(c))
		}
	}
}

// TestMemoryFlat reads a sheet of 500,000 rows from disk and looks at the heap on the way.
func TestMemoryFlat(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	path := t.TempDir() + "/stor.xlsx"
	func() {
		f := excelize.NewFile()
		defer f.Close()
		w, err := f.NewStreamWriter("Sheet1")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 500_000 {
			cells := benchRow(i)[:12]
			row := make([]any, len(cells))
			for j, v := range cells {
				row[j] = v
			}
			if err := w.SetRow("A"+strconv.Itoa(i+1), row); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := f.SaveAs(path); err != nil {
			t.Fatal(err)
		}
	}()
	// live is what is left after a collection: what reading holds on to.
	live := func() int64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	before, peak := live(), int64(0)
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, _ := file.Stat()
	start := time.Now()
	b, err := Open(file, info.Size(), testMax)
	if err != nil {
		t.Fatal(err)
	}
	rows := 0
	err = b.Rows("Sheet1", func(int, []string) error {
		if rows++; rows%50_000 == 0 {
			peak = max(peak, live()-before)
		}
		return nil
	})
	if err != nil || rows != 500_000 {
		t.Fatal(rows, err)
	}
	t.Logf("500,000 rows in %v, at most %d kB held", time.Since(start), peak>>10)
	if peak > 4<<20 {
		t.Errorf("%d kB are held while reading", peak>>10)
	}
}
