package queries

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestExtractSteps: every line of every part is in exactly one step, which reads the part's shelf, and steps come in the order of uploads and lines.
func TestExtractSteps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var parts []ExtractPart
		shelf := uint32(0)
		for upload := uint32(1); upload <= uint32(rapid.IntRange(0, 6).Draw(t, "uploads")); upload++ {
			for range rapid.IntRange(1, 4).Draw(t, "parts") {
				first := uint32(rapid.IntRange(1, 5*partRows).Draw(t, "first"))
				lines := uint32(rapid.SampledFrom([]int{1, 2, 100, partRows - 1, partRows, partRows + 1, 3 * partRows}).Draw(t, "lines"))
				parts = append(parts, ExtractPart{Upload: upload, Shelf: shelf, FirstLine: first, LastLine: first + lines - 1, Stored: int64(rapid.IntRange(1, int(lines)).Draw(t, "stored"))})
				shelf += uint32(rapid.IntRange(1, 3).Draw(t, "further"))
			}
			shelf -= uint32(rapid.IntRange(0, 1).Draw(t, "shared"))
		}
		steps := extractSteps(parts)
		for i, s := range steps {
			if i > 0 && !(steps[i-1].lastUpload < s.firstUpload || steps[i-1].lastUpload == s.firstUpload && steps[i-1].lastLine < s.firstLine) {
				t.Fatalf("step %d, %+v, comes after %+v", i, s, steps[i-1])
			}
			if s.firstLine > s.lastLine || s.firstUpload > s.lastUpload || len(s.shelves) == 0 {
				t.Fatalf("an empty step: %+v", s)
			}
		}
		for _, p := range parts {
			for line := p.FirstLine; line <= p.LastLine; line += max(1, (p.LastLine-p.FirstLine)/7) {
				in := 0
				for _, s := range steps {
					if p.Upload >= s.firstUpload && p.Upload <= s.lastUpload && line >= s.firstLine && line <= s.lastLine {
						in++
						if !slices.Contains(s.shelves, p.Shelf) {
							t.Fatalf("line %d of %+v lies in %+v, which does not read its shelf", line, p, s)
						}
					}
				}
				if in != 1 {
					t.Fatalf("line %d of %+v lies in %d steps", line, p, in)
				}
			}
		}
	})
}

// TestExtractManyShelves: rows of uploads that lie on several shelves, some of them far from their neighbours, come once each, in order, and as the view has them.
func TestExtractManyShelves(t *testing.T) {
	ctx := t.Context()
	st, err := Open(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	const rows = 2*shelfRows + 1000
	// Every thousandth row lies behind all others; unit 1 has a number, unit 2 has none.
	if _, err := st.db.Exec(fmt.Sprintf(`INSERT INTO unit_names VALUES (1, 'Borgerservice');
		CREATE TABLE given AS SELECT * EXCLUDE (no_unit, place, detail, row_id) FROM contacts LIMIT 0;
		INSERT INTO given BY NAME SELECT 1 + i // %d AS upload, 2 + i %% %d AS line, hash(i) AS key_hi, i AS key_lo, 0 AS version, 259 AS municipality, 7 AS source, 1 AS channel, 1 AS type, 1 AS closing,
			1 AS form, 10000 AS subject, TIMESTAMP_S '2012-04-23 08:00:00' AS moment, 1 AS amount, [NULL, 'Borgerservice', 'Æblegården'][1 + i %% 3] AS unit, CASE WHEN i %% 5 = 0 THEN 'id' || i END AS id,
			CASE WHEN i %% 7 = 0 THEN 'x' || i END AS extra, i %% 2 = 0 AS system, i %% 1009 = 0 AS test, 1 AS own, 1 AS copies FROM range(%d) r(i) ORDER BY i %% 1000 = 0, i;
		INSERT INTO contact_rows FROM packed('given') ORDER BY key_lo %% 1000 = 0, key_lo; DROP TABLE given`, rows/2, rows/2, rows)); err != nil {
		t.Fatal(err)
	}
	type row struct {
		Upload, Line          uint32
		Unit, ID, Extra       string
		Source, Channel, Type int
		System                bool
	}
	want, err := rowsOf(ctx, st.db, "SELECT upload, line, unit, id, extra, source, channel, type, system FROM contacts WHERE NOT test ORDER BY upload, line", nil, func(r *row) []any {
		return []any{&r.Upload, &r.Line, asText(&r.Unit), asText(&r.ID), asText(&r.Extra), &r.Source, &r.Channel, &r.Type, &r.System}
	})
	if err != nil {
		t.Fatal(err)
	}
	x, err := st.Extract(ctx, Always)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	parts, err := x.ExtractParts(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if len(parts) < 4 {
		t.Fatalf("only %d parts: %+v", len(parts), parts)
	}
	n := 0
	err = x.ExtractRows(ctx, parts, func(r *ExtractRow) error {
		got := row{r.Upload, 0, r.Unit, r.ID, r.Extra, int(r.Source), int(r.Channel), int(r.Type), r.System}
		if n < len(want) {
			if got.Line = want[n].Line; got != want[n] {
				return fmt.Errorf("row %d is %+v, want %+v", n, got, want[n])
			}
		}
		n++
		return nil
	})
	if err != nil || n != len(want) {
		t.Errorf("%d rows of %d: %v", n, len(want), err)
	}
}
