package ingest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"komhen/model"
	"komhen/queries"
)

// TestTotalsStand: however often and in whatever order totals are declared, what stands is the last number of each channel and period,
// and every change is in the history once.
func TestTotalsStand(t *testing.T) {
	f, ctx := newFolder(t), context.Background()
	stands, versions := map[string]int64{}, 0
	rapid.Check(t, func(t *rapid.T) {
		var rows []TotalRow
		for _, channel := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"TLFIND", "EMLIND", "PPRUD"}), 1, 3, rapid.ID).Draw(t, "channels") {
			month := rapid.IntRange(1, 3).Draw(t, "month")
			n := rapid.Int64Range(0, 3).Draw(t, "n")
			rows = append(rows, TotalRow{Line: len(rows) + 1, Channel: channel, From: fmt.Sprintf("01-%02d-2012", month), To: fmt.Sprintf("2012-%02d-20", month), Count: fmt.Sprint(n), Declared: "ja"})
			key := fmt.Sprintf("%s 2012-%02d-01 2012-%02d-20", channel, month, month)
			if before, there := stands[key]; !there || before != n {
				versions++
			}
			stands[key] = n
		}
		receipt, err := f.DeclareTotals(ctx, Decision{At: usualReceived}, rows, 259)
		if err != nil || len(receipt.Faults) > 0 || receipt.New+receipt.Replaced+receipt.Unchanged != len(rows) {
			t.Fatalf("%+v, %v", receipt, err)
		}
		filter := queries.RecordFilter{Kind: model.RecordTotal, Municipality: 259}
		standing, err := queries.Standing[model.Total](ctx, f.Store, filter)
		must(t, err)
		if len(standing) != len(stands) {
			t.Fatalf("%d stand, want %d", len(standing), len(stands))
		}
		for _, s := range standing {
			if s.Value.Count != stands[s.Key] || !s.Value.Declared {
				t.Fatalf("%s is %d, want %d", s.Key, s.Value.Count, stands[s.Key])
			}
		}
		history, err := f.Store.RecordHistory(ctx, filter)
		must(t, err)
		if len(history) != versions {
			t.Fatalf("%d versions, want %d", len(history), versions)
		}
	})
}

// TestWithdraw: what is taken back no longer stands, and cannot be taken back twice.
func TestWithdraw(t *testing.T) {
	f, ctx, by := newFolder(t), context.Background(), Decision{At: usualReceived}
	total := model.Total{Channel: "TLFIND", Period: model.Period{First: model.NewDate(2012, 1, 1), Last: model.NewDate(2012, 3, 31)}, Count: 5, Declared: true}
	r, err := total.Record(259, false)
	must(t, err)
	_, err = f.DeclareChanged(ctx, by, []model.Record{r})
	must(t, err)
	must(t, f.Withdraw(ctx, by, r))
	standing, err := f.Store.Records(ctx, queries.RecordFilter{Kind: model.RecordTotal})
	must(t, err)
	if len(standing) != 0 || f.Withdraw(ctx, by, r) == nil {
		t.Fatalf("%d stand, and may be taken back again", len(standing))
	}
}

// TestTotalFiles: encodings, delimiters, names of columns and spellings that mean the same are the same.
func TestTotalFiles(t *testing.T) {
	f, ctx := newFolder(t), context.Background()
	const usual = "kommune;kanal;fra;til;antal;erklæring;kilde\n259;Telefon ind;01-01-2012;31-03-2012;12345;JA;Omstilling\n"
	same := map[string]string{
		"as it is":       usual,
		"BOM and CRLF":   "\ufeff" + strings.ReplaceAll(usual, "\n", "\r\n"),
		"commas, sep":    "sep=,\n" + strings.ReplaceAll(usual, ";", ","),
		"tabs":           strings.ReplaceAll(usual, ";", "\t"),
		"Windows-1252":   strings.ReplaceAll(usual, "æ", "\xe6"),
		"other order":    "Til dato;Fra-dato;Total-tal;Kanal;Erklaering;System\n31/03/2012;1.1.2012;12.345;tlfind;x;\"Omstilling\"\n",
		"blank lines":    "\n" + strings.ReplaceAll(usual, "\n", "\n;;;;;;\n\n"),
		"without a line": strings.TrimSuffix(usual, "\n"),
	}
	for name, text := range same {
		rows, faults, err := f.ReadTotals(strings.NewReader(text), int64(len(text)))
		if err != nil || len(faults) > 0 || len(rows) != 1 {
			t.Fatalf("%s: %+v %+v %v", name, rows, faults, err)
		}
		receipt, err := f.DeclareTotals(ctx, Decision{At: usualReceived}, rows, 259)
		if err != nil || len(receipt.Faults) > 0 || receipt.New+receipt.Unchanged != 1 {
			t.Errorf("%s: %+v %v", name, receipt, err)
		}
	}
	if history, err := f.Store.RecordHistory(ctx, queries.RecordFilter{Kind: model.RecordTotal}); err != nil || len(history) != 1 {
		t.Errorf("%d versions of one total, %v", len(history), err)
	}
}

// TestTotalHeaders: what is wrong with a file or its header is told once, by column, and no row is read.
func TestTotalHeaders(t *testing.T) {
	f := newFolder(t)
	for text, want := range map[string]string{
		"":                                    "0  ",
		"\x89PNG\r\n\x1a\n\x00\x00":           "0  ",
		"kanal;fra;til;antal\nTLFIND;1;2;3\n": "1 erklæring",
		"\nkanal;fra;til;antal;erklæring;note\n":                              "2 note",
		"kanal;fra;til;antal;total;erklæring\n":                               "1 total",
		"kanal;fra;til;antal;erklæring\nTLFIND;1;2;3;JA;x\n":                  "2 ",
		"kanal;fra;til;antal;erklæring;010190-1234\n":                         "1 ******-****",
		"kommune;enhed;opgave;kanal;type;afslutning;blanket;dato\n259;x;;;;;": "1 enhed",
	} {
		rows, faults, err := f.ReadTotals(strings.NewReader(text), int64(len(text)))
		if err != nil || len(rows) > 0 || len(faults) == 0 || strings.TrimSpace(fmt.Sprint(faults[0].Line, " ", faults[0].Column)) != strings.TrimSpace(want) {
			t.Errorf("%q: %+v %+v %v", text, rows, faults, err)
		}
	}
}

// FuzzTotals: whatever bytes come, there are rows or faults and no panic; what is told of them holds no CPR-shaped value, and a receipt with
// faults has stored nothing.
func FuzzTotals(f *testing.F) {
	for _, seed := range []string{
		"kommune;kanal;fra;til;antal;erklæring;kilde\n259;Telefon ind;01-01-2012;31-03-2012;12345;JA;Omstilling\n",
		"kanal;fra;til;antal;erklæring\nWEB;2012-01-01;2012-12-31;1;JA\nTLFIND;010190-1234;0101901234;010190 1234;x\n",
		"kanal,fra,til,antal,erklæring,010190-1234\n", "kanal;fra;til;antal;erklæring;kilde\nTLFIND;1-1-2012;1-2-2012;5;ja;\"0101\n901234\"\n", "PK\x03\x04",
	} {
		f.Add([]byte(seed))
	}
	folder, ctx := newFolder(f), context.Background()
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, faults, err := folder.ReadTotals(bytes.NewReader(data), int64(len(data)))
		must(t, err)
		if len(faults) > 0 && len(rows) > 0 {
			t.Fatal("both rows and faults")
		}
		before, err := folder.Store.RecordHistory(ctx, queries.RecordFilter{Kind: model.RecordTotal})
		must(t, err)
		receipt, err := folder.DeclareTotals(ctx, Decision{At: usualReceived}, rows, 259)
		must(t, err)
		after, err := folder.Store.RecordHistory(ctx, queries.RecordFilter{Kind: model.RecordTotal})
		must(t, err)
		if len(receipt.Faults) > 0 && len(after) != len(before) {
			t.Fatal("something was stored beside the faults")
		}
		for _, fault := range slices.Concat(faults, receipt.Faults) {
			if _, hit := model.MaskCPR(fault.Text(), false); hit || !strings.Contains(fault.Text(), fault.Message) {
				t.Fatalf("%+v", fault)
			}
		}
	})
}
