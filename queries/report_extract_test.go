package queries

import (
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
