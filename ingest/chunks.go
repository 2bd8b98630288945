package ingest

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math/bits"
	"strings"
	"unicode/utf8"
	"unsafe"
)

// A text file is cut into chunks of about a megabyte that end where a record ends, so that workers can read them side by side.
// Which bytes are a record is encoding/csv's decision alone, with one short cut: in a chunk without a single quote every line is
// a record and every delimiter ends a cell, and encoding/csv says the same (FuzzSplit holds the two equal).

const (
	chunkSize  = 1 << 20
	leastChunk = 1 << 16
	maxRecord  = 4 << 20 // a longer record is an unclosed quote or not a table
)

// chunk is how much of the file is cut off at a time: of a small file less, so that all workers have a share.
func (c *cutter) chunk() int { return int(min(chunkSize, max(leastChunk, c.size/32))) }

// chunk is a run of whole records.
type chunk struct {
	seq    int
	raw    []byte
	line   int64 // physical line its first byte stands on, from 1
	record int64 // record number of its first record
	// decoded text; for UTF-8 it is raw itself, unless line ends had to be mended
	text   []byte
	quoted bool
	last   bool
	rows   []sheetRow // of a workbook, instead of text
	back   chan<- []byte
	whole  []byte // what raw is a part of
}

// done gives a chunk's bytes back to the cutter, for one to come.
//
// Danger: nothing may hold a piece of its text any more. Whatever is to last is a copy.
func (k *chunk) done() {
	if k.back == nil {
		return
	}
	overwrite(k.whole)
	given := k.whole[:0]
	k.raw, k.text, k.whole = nil, nil, nil
	select {
	case k.back <- given:
	default: // there are enough
	}
}

// overwrite is for tests: they have bytes that were given back become others at once.
var overwrite = func([]byte) {}

// sheetRow is a row of a workbook.
type sheetRow struct {
	number int64
	cells  []string
}

// cutter reads a file and cuts it.
type cutter struct {
	r       io.ReaderAt
	size    int64
	at      int64 // how far raw bytes have been read
	survey  survey
	comma   rune
	pending []byte // read, not yet cut
	seq     int
	line    int64
	record  int64
	spare   chan []byte // bytes of chunks that are done
}

const mostSpare = 4

// room gives a slice of n bytes that has place for most.
func (c *cutter) room(n, most int) []byte {
	select {
	case b := <-c.spare:
		if cap(b) >= most {
			return b[:n]
		}
	default:
	}
	return make([]byte, n, most)
}

// next gives the next chunk; a nil chunk is the end of the file.
func (c *cutter) next() (*chunk, error) {
	want := c.chunk()
	for {
		last, err := c.fill(want)
		if err != nil {
			return nil, err
		}
		if len(c.pending) == 0 {
			return nil, nil
		}
		end, text, quoted := c.cut(last)
		if end == 0 {
			if len(c.pending) > maxRecord {
				return nil, &fault{"F04", fmt.Sprintf("en række, der begynder på linje %d, bliver ved i over %d MB; måske mangler der et afsluttende anførselstegn", c.line, maxRecord>>20)}
			}
			want = max(chunkSize, want+chunkSize-want%chunkSize)
			continue
		}
		return c.take(end, text, quoted, last && end == len(c.pending)), nil
	}
}

// fill reads until want bytes are pending or the file ends.
func (c *cutter) fill(want int) (last bool, err error) {
	if cap(c.pending) < want {
		grown := make([]byte, len(c.pending), want+c.chunk()/4)
		copy(grown, c.pending)
		c.pending = grown
	}
	for len(c.pending) < want && c.at < c.size {
		n, err := c.r.ReadAt(c.pending[len(c.pending):want], c.at)
		c.pending = c.pending[:len(c.pending)+n]
		c.at += int64(n)
		if err == io.EOF {
			if c.at < c.size {
				return false, fmt.Errorf("the file shrank while it was read")
			}
			break
		}
		if err != nil {
			return false, err
		}
	}
	return c.at >= c.size, nil
}

// cut finds where the last whole record of the pending bytes ends; 0 when there is none. The text is decoded on the way where
// that is needed to know.
func (c *cutter) cut(last bool) (end int, text []byte, quoted bool) {
	e := c.survey.encoding
	wide := e == utf16LE || e == utf16BE
	if !wide && !c.survey.lonelyCR && (!c.survey.quotes || bytes.IndexByte(c.pending, '"') < 0) {
		if last {
			return len(c.pending), nil, false
		}
		return bytes.LastIndexByte(c.pending, '\n') + 1, nil, false
	}
	text, taken := e.decode(c.pending, last)
	text = c.mendLineEnds(text, last)
	quoted = bytes.IndexByte(text, '"') >= 0
	switch {
	case last:
		return taken, text, quoted
	case !quoted:
		end = bytes.LastIndexByte(text, '\n') + 1
	default:
		end = lastRecordEnd(text, c.comma)
	}
	return e.rawLength(text[:end]), text[:end], quoted
}

// mendLineEnds makes a lonely CR a line end, as spreadsheets do. The length stays, so that positions do.
func (c *cutter) mendLineEnds(text []byte, last bool) []byte {
	if !c.survey.lonelyCR {
		return text
	}
	mended := bytes.Clone(text)
	for i, b := range mended {
		if b == '\r' && (i+1 < len(mended) && mended[i+1] != '\n' || i+1 == len(mended) && last) {
			mended[i] = '\n'
		}
	}
	return mended
}

// rawLength is how many raw bytes a decoded text came from.
func (e encoding) rawLength(text []byte) int {
	switch e {
	case windows1252, latin1:
		return utf8.RuneCount(text)
	case utf16LE, utf16BE:
		n := 0
		for i := 0; i < len(text); {
			r, size := utf8.DecodeRune(text[i:])
			if r >= 0x10000 {
				n += 2
			}
			n += 2
			i += size
		}
		return n
	}
	return len(text)
}

// lastRecordEnd asks encoding/csv where the last record ends that surely is whole: one with text behind it.
func lastRecordEnd(text []byte, comma rune) int {
	r := newCSV(bytes.NewReader(text), comma)
	end := int64(0)
	for {
		_, err := r.Read()
		if err != nil && !errors.As(err, new(*csv.ParseError)) {
			return int(end)
		}
		if off := r.InputOffset(); off < int64(len(text)) {
			end = off
		} else {
			return int(end)
		}
	}
}

func newCSV(r io.Reader, comma rune) *csv.Reader {
	reader := csv.NewReader(r)
	reader.Comma = comma
	reader.FieldsPerRecord = -1
	reader.LazyQuotes = true // a lone quote inside a cell is a character; one that swallows lines is found by swallowed
	reader.ReuseRecord = true
	return reader
}

func (c *cutter) take(end int, text []byte, quoted, last bool) *chunk {
	k := &chunk{seq: c.seq, raw: c.pending[:end:end], text: text, line: c.line, record: c.record, quoted: quoted, last: last, back: c.spare, whole: c.pending}
	c.seq++
	rest := c.pending[end:]
	c.pending = c.room(len(rest), max(c.chunk()+c.chunk()/4, len(rest)))
	copy(c.pending, rest)
	counted := k.text
	if counted == nil {
		counted = k.raw
	}
	switch {
	case quoted:
		lines, records := countRecords(counted, c.comma)
		c.line, c.record = c.line+lines, c.record+records
	case c.survey.encoding == utf16LE || c.survey.encoding == utf16BE || k.text != nil:
		n := int64(bytes.Count(counted, []byte{'\n'}))
		c.line, c.record = c.line+n, c.record+n
	default:
		n := int64(bytes.Count(k.raw, []byte{'\n'}))
		c.line, c.record = c.line+n, c.record+n
	}
	return k
}

// countRecords counts the physical lines of a text and its records; a blank line is a record, as a spreadsheet shows it.
func countRecords(text []byte, comma rune) (lines, records int64) {
	lines = int64(bytes.Count(text, []byte{'\n'}))
	extra := int64(0) // line ends inside records
	r := newCSV(bytes.NewReader(text), comma)
	for start := int64(0); ; {
		_, err := r.Read()
		if err != nil && !errors.As(err, new(*csv.ParseError)) {
			return lines, lines - extra
		}
		end := r.InputOffset()
		span := bytes.TrimLeft(text[start:end], "\r\n")
		if inner := bytes.Count(bytes.TrimSuffix(span, []byte{'\n'}), []byte{'\n'}); inner > 0 {
			extra += int64(inner)
		}
		start = end
	}
}

// record is one record of a chunk. cells and the strings in it are valid until the next one.
type record struct {
	line, number int64
	cells        []string
	blank        bool
	raw          func(i int) (start, end int) // where cell i stands in the chunk's text
}

// each gives every record of a chunk to f, blank ones too.
func (k *chunk) each(comma rune, f func(*record) error) error {
	switch {
	case k.rows != nil:
		return k.eachRow(f)
	case k.quoted:
		return k.eachQuoted(comma, f)
	}
	return k.eachLine(byte(comma), f)
}

// eachLine is the short cut for text without quotes.
func (k *chunk) eachLine(comma byte, f func(*record) error) error {
	text := unsafe.String(unsafe.SliceData(k.text), len(k.text)) // never written to again; a copy would cost as much as the splitting
	rec := record{line: k.line - 1, number: k.record - 1, cells: make([]string, 0, 64)}
	at := 0
	rec.raw = func(i int) (int, int) {
		start := at
		for _, cell := range rec.cells[:i] {
			start += len(cell) + 1
		}
		return start, start + len(rec.cells[i])
	}
	for at < len(text) {
		end := strings.IndexByte(text[at:], '\n')
		next := at + end + 1
		if end < 0 {
			end, next = len(text)-at, len(text)
		}
		line := text[at : at+end]
		if n := len(line); n > 0 && line[n-1] == '\r' {
			line = line[:n-1]
		}
		rec.line++
		rec.number++
		rec.cells = rec.cells[:0]
		rec.blank = line == ""
		if !rec.blank {
			rec.cells = splitLine(rec.cells, line, comma)
		}
		if err := f(&rec); err != nil {
			return err
		}
		at = next
	}
	return nil
}

// splitLine appends the cells of a line. Cells are short: eight bytes are looked at together, which beats both a call for each cell
// and a step for each byte.
func splitLine(cells []string, line string, comma byte) []string {
	const ones, low = 0x0101010101010101, 0x7f7f7f7f7f7f7f7f
	bytes := unsafe.Slice(unsafe.StringData(line), len(line))
	commas := ones * uint64(comma)
	from, i := 0, 0
	for ; i+8 <= len(bytes); i += 8 {
		x := binary.LittleEndian.Uint64(bytes[i:]) ^ commas
		for hits := ^((x&low + low) | x | low); hits != 0; hits &= hits - 1 { // the top bit of each byte that is a comma
			end := i + bits.TrailingZeros64(hits)>>3
			cells = append(cells, line[from:end])
			from = end + 1
		}
	}
	for ; i < len(bytes); i++ {
		if bytes[i] == comma {
			cells = append(cells, line[from:i])
			from = i + 1
		}
	}
	return append(cells, line[from:])
}

// eachQuoted reads with encoding/csv.
func (k *chunk) eachQuoted(comma rune, f func(*record) error) error {
	text := string(k.text)
	r := newCSV(strings.NewReader(text), comma)
	rec := record{line: k.line - 1, number: k.record - 1}
	var lineStarts []int
	rec.raw = func(i int) (int, int) {
		if lineStarts == nil {
			lineStarts = startsOfLines(text)
		}
		place := func(i int) int {
			line, column := r.FieldPos(i)
			return lineStarts[line-1] + column - 1
		}
		if i+1 < len(rec.cells) {
			return place(i), place(i + 1)
		}
		return place(i), int(r.InputOffset())
	}
	done := int64(0) // lines of the chunk that lie behind
	blanks := func(until int64) error {
		for ; done < until; done++ {
			rec.line, rec.number, rec.cells, rec.blank = k.line+done, rec.number+1, nil, true
			if err := f(&rec); err != nil {
				return err
			}
		}
		return nil
	}
	offset := 0
	for {
		cells, err := r.Read()
		if err == io.EOF {
			return blanks(int64(strings.Count(text, "\n")))
		}
		if err != nil && !errors.As(err, new(*csv.ParseError)) {
			return err
		}
		if err != nil || len(cells) == 0 {
			return &fault{"F04", fmt.Sprintf("linje %d kan ikke deles i celler", k.line+done)}
		}
		first, _ := r.FieldPos(0)
		if err := blanks(int64(first) - 1); err != nil {
			return err
		}
		end := int(r.InputOffset())
		span := strings.TrimLeft(text[offset:end], "\r\n")
		lines := int64(strings.Count(span, "\n"))
		if !strings.HasSuffix(span, "\n") {
			lines++
		}
		offset = end
		rec.line, rec.number, rec.cells, rec.blank = k.line+done, rec.number+1, cells, false
		done += lines
		if lines > 1 {
			if f := swallowed(r, cells, comma, k.line); f != nil {
				return f
			}
		}
		if err := f(&rec); err != nil {
			return err
		}
	}
}

// swallowed finds a quoted cell that runs over whole rows: an opening quote that is not closed where it should be (F04).
func swallowed(r *csv.Reader, cells []string, comma rune, firstLine int64) *fault {
	for i, cell := range cells {
		rows := 0
		for j, line := range strings.Split(cell, "\n") {
			if j > 0 && strings.Count(line, string(comma)) >= len(mandatory)-1 {
				rows++
			}
		}
		if rows > 0 {
			line, _ := r.FieldPos(i)
			return &fault{"F04", fmt.Sprintf("et anførselstegn, der åbnes på linje %d, lukkes ikke og sluger %s", firstLine+int64(line)-1, plural(int64(rows), "række", "rækker"))}
		}
	}
	return nil
}

func startsOfLines(text string) []int {
	starts := []int{0}
	for i := range len(text) {
		if text[i] == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// eachRow gives the rows of a workbook; numbers that are missing are blank rows.
func (k *chunk) eachRow(f func(*record) error) error {
	rec := record{number: k.record - 1}
	for _, row := range k.rows {
		for rec.number+1 < row.number {
			rec.number++
			rec.line, rec.cells, rec.blank = rec.number, nil, true
			if err := f(&rec); err != nil {
				return err
			}
		}
		rec.number++
		rec.line, rec.cells, rec.blank = row.number, row.cells, false
		if err := f(&rec); err != nil {
			return err
		}
	}
	return nil
}
