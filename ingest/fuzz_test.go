package ingest

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"komhen/model"
)

// fuzzHeaders begin a file, so that the fuzzer need not find a header by itself. The first leaves it all to the fuzzer.
var fuzzHeaders = []string{
	"", goodHeader + "\n", goodHeader + ";kilde_id;antal;start;slut;datakilde;note;telefon\r\n",
	"Kommune;ID;Enhed;Opgave;Kanal;Type;Afslutning;Blanket;Dato;StartTidspunkt;SlutTidspunkt;Datakilde;x;\r\n",
	goodHeader + ";ret_indmelding;ret_linje;ret_fejl;ret_forslag;systemudtræk\n" + goodRow + ";1;3;;;\n",
}

// FuzzText: whatever bytes come, an import ends with a fault or a receipt that adds up; no finding and no cell of the kept copy
// holds a CPR-shaped value.
func FuzzText(f *testing.F) {
	for _, seed := range []string{
		"", goodHeader, string(rows(goodRow)), string(rows(goodRow, "", goodRow+";;", "259;x", `259;"a;b`)),
		goodHeader + ";note\r\n" + goodRow + ";010190-1234\r\n" + goodRow + ";\"0101901234\"\r\n",
		"sep=,\n" + strings.ReplaceAll(string(rows(goodRow)), ";", ","),
		"\xff\xfek\x00o\x00m\x00\n\x00", "\xef\xbb\xbf" + string(rows(goodRow)), strings.ReplaceAll(string(rows(goodRow, goodRow)), "\n", "\r"),
	} {
		f.Add(byte(0), []byte(seed))
	}
	for head := range fuzzHeaders {
		row := goodRow + strings.Repeat(";", strings.Count(strings.SplitN(fuzzHeaders[head], "\n", 2)[0], ";")-7*min(head, 1))
		f.Add(byte(head), []byte(row+"\n"+goodRow+"\n"))
		for _, hidden := range []string{"010190-1234", "0101901234", "010190 1234"} {
			cells := strings.Split(row, ";")
			for i := range cells {
				one := slices.Clone(cells)
				one[i] += hidden
				f.Add(byte(head), []byte(strings.Join(one, ";")))
			}
		}
	}
	f.Add(byte(2), []byte(goodRow+";A;1;23-04-2012 10:00:00.0101901234;2012-04-23T10:00:00.010190-1234\n"))
	f.Add(byte(2), []byte(goodRow+";A;1;;;;;\n"+goodRow+";A;2;;;;;\n"+goodRow+";0101901234;x;;;;\"a\nb\";0101901234\n"))
	f.Add(byte(3), []byte("Borgerservice;23.09.02;PRSNLG;OPRET;STRAKS;JA;23-04-2012;;;;;010190-1234;/ƣ\xbf"))
	f.Add(byte(4), []byte(goodRow+";1;010190-1234;010190-1234;0101901234;\n"+goodRow+";1;3;x;0101901234;JA\n"))
	folder := newFolder(f)
	load(f, folder, rows(goodRow, "259;Borgerservice;x;TLFIND;OPRET;STRAKS;;23-04-2012", "259"), Options{}) // for fix-it files
	f.Fuzz(func(t *testing.T, head byte, data []byte) {
		data = append([]byte(fuzzHeaders[int(head)%len(fuzzHeaders)]), data...)
		ctx := context.Background()
		u, err := folder.Prepare(ctx, bytes.NewReader(data), int64(len(data)), Options{Received: usualReceived, Name: "fil"})
		must(t, err)
		defer u.Discard()
		r := u.Receipt
		if !r.Balanced() || min(r.Header, r.Blank, r.Accepted, r.Rejected, r.Withheld) < 0 || u.Fault == nil && r.Header < 1 {
			t.Fatalf("%+v", r)
		}
		rejected := map[int64]bool{}
		for _, x := range findingsOf(t, u) {
			declared := false
			if u.plan != nil {
				i := slices.Index(u.plan.columns, x.Column)
				declared = i >= 0 && u.plan.declared[i]
			}
			for _, text := range []string{x.Value, x.Detail, x.Column, x.Proposal} {
				if _, hit := model.MaskCPR(text, declared && text == x.Value); hit {
					t.Fatalf("a finding tells a CPR-shaped value: %+v", x)
				}
				if !utf8.ValidString(text) {
					t.Fatalf("a finding is not text: %+v", x)
				}
			}
			if x.Severity == model.Error && u.Fault == nil && x.Record > 0 {
				rejected[x.Record] = true
			}
		}
		if n := int64(len(rejected)); u.Fault == nil && n != r.Rejected && n != r.Rejected+r.Header {
			t.Fatalf("%d rows are rejected and %d have an error", r.Rejected, n)
		}
		if u.Fault != nil {
			return
		}
		var fix bytes.Buffer
		must(t, u.WriteFixFile(ctx, &fix, "csv"))
		if r.Format == "csv" {
			keptCells(t, u, data)
		}
	})
}

// keptCells looks through the copy that would be kept, cell by cell.
func keptCells(t *testing.T, u *Upload, came []byte) {
	t.Helper()
	kept := readFile(t, u.keep.file.Name())
	if len(kept) != len(came) {
		t.Fatalf("%d bytes are kept of %d", len(kept), len(came))
	}
	in, err := open(bytes.NewReader(kept), int64(len(kept)), u.opts)
	must(t, err)
	for {
		k, err := in.source.next()
		must(t, err)
		if k == nil {
			return
		}
		if k.text == nil {
			k.text, _ = in.encoding.decode(k.raw, true)
		}
		must(t, k.each(in.comma, func(rec *record) error {
			for i, cell := range rec.cells {
				declared := i < len(u.plan.declared) && u.plan.declared[i] && rec.number != in.headerAt
				if _, hit := model.MaskCPR(cell, declared); hit {
					t.Errorf("line %d of the kept copy holds a CPR-shaped value in cell %d", rec.line, i+1)
				}
			}
			return nil
		}))
	}
}

// FuzzSplit: in text without quotes our lines are the records of encoding/csv; with quotes the cells are, and the numbers of lines
// and records go together. A cell's place in the text is where it stands.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{"a;b\nc;d\n", "a;b\r\n\r\n;\r\nc", "\"a\nb\";c\nd;e\n", "a\"b;c\n\n\"x\"\"y\";z", "\r\n\n;;\n", "\"\";\"\n"} {
		f.Add(seed, byte(0))
	}
	f.Fuzz(func(t *testing.T, text string, which byte) {
		comma := []rune{';', ',', '\t'}[which%3]
		text = strings.ToValidUTF8(text, "?")
		text = string((&cutter{survey: survey{lonelyCR: true}}).mendLineEnds([]byte(text), true)) // as every text with such line ends is
		quoted := strings.Contains(text, `"`)
		k := &chunk{text: []byte(text), line: 1, record: 1, quoted: quoted}
		var want [][]string
		r := newCSV(strings.NewReader(text), comma)
		for {
			cells, err := r.Read()
			if err != nil && !errors.As(err, new(*csv.ParseError)) {
				break
			}
			want = append(want, slices.Clone(cells))
		}
		var got [][]string
		last := record{}
		err := k.each(comma, func(rec *record) error {
			if rec.number != last.number+1 || rec.line <= last.line || !quoted && rec.line != rec.number {
				t.Fatalf("record %d on line %d comes after record %d on line %d", rec.number, rec.line, last.number, last.line)
			}
			last.number, last.line = rec.number, rec.line
			if rec.blank {
				return nil
			}
			got = append(got, slices.Clone(rec.cells))
			for i, cell := range rec.cells {
				start, end := rec.raw(i)
				if start < 0 || end < start || end > len(text) {
					t.Fatalf("cell %d stands at %d to %d of %d", i, start, end, len(text))
				}
				if raw := text[start:end]; raw != cell && (!quoted || !strings.Contains(strings.ReplaceAll(raw, `""`, `"`), strings.ReplaceAll(cell, "\n", ""))) && !strings.ContainsAny(cell, "\n\"") {
					t.Fatalf("cell %q stands at %q", cell, raw)
				}
			}
			return nil
		})
		var stop *fault
		if errors.As(err, &stop) && stop.rule == "F04" && quoted {
			return
		}
		must(t, err)
		if !slices.EqualFunc(got, want, func(a, b []string) bool { return slices.Equal(a, b) }) {
			t.Fatalf("records %q, must be %q", got, want)
		}
		if quoted {
			lines, records := countRecords([]byte(text), comma)
			whole := text == "" || strings.HasSuffix(text, "\n")
			if whole && (records != last.number || lines < last.line) {
				t.Fatalf("%d records in %d lines, but the last is %d on line %d", records, lines, last.number, last.line)
			}
		}
	})
}

// FuzzEncoding: every encoding tells its raw length, and stars land on the digits they hide.
func FuzzEncoding(f *testing.F) {
	f.Add([]byte("æ 010190-1234 \xe6\x80\x81"), byte(0))
	f.Add([]byte("0\x001\x000\x001\x009\x000\x00-\x001\x002\x003\x004\x00\x3c\xd8\x31\xdf\x00\xd8"), byte(4))
	f.Add([]byte("\xd8\x3c\xdf\x31\x00*\x000\x001\x000\x001\x009\x000\x001\x002\x003\x004\x00"), byte(5))
	f.Fuzz(func(t *testing.T, raw []byte, which byte) {
		e := encoding(which % 6)
		whole := bytes.Clone(raw)
		text, taken := e.decode(raw, true)
		text = bytes.Clone(text)
		if taken != len(raw) {
			t.Fatalf("%d of %d bytes are taken", taken, len(raw))
		}
		odd := (e == utf16LE || e == utf16BE) && len(raw)%2 == 1
		if n := e.rawLength(text); n != len(raw) && !(odd && n == len(raw)+1) {
			t.Fatalf("raw length %d, must be %d", n, len(raw))
		}
		if first, n := e.decode(raw, false); n > len(raw) || len(raw)-n > 3 || !bytes.HasPrefix(text, first) {
			t.Fatalf("%d of %d bytes are %q, the beginning of %q", n, len(raw), first, text)
		}
		masked := bytes.Clone(text)
		hit := model.MaskCPRBytes(masked, false)
		e.maskRaw(raw, text, masked)
		if again, _ := e.decode(raw, true); !bytes.Equal(again, masked) {
			t.Fatalf("masked bytes read %q, must read %q", again, masked)
		}
		for i := range raw {
			if raw[i] != whole[i] && (!hit || raw[i] != '*') {
				t.Fatalf("byte %d became %q", i, raw[i])
			}
		}
	})
}

// FuzzMoment: what the standard library reads in one of the accepted forms, we read as the same moment.
func FuzzMoment(f *testing.F) {
	for _, s := range []string{"23-04-2012", "23-04-2012 13:05", "23/04/2012 13:05:06", "2012-04-23T13:05:06.25", "20120423", "3-5-2012 9:05", "2012-04-23T13:05:06Z", "2012-04-23 13:05:06+02:00", "31-02-2012", "00-00-0000", "29-02-2012", "23.04.2012 13.05"} {
		f.Add(s)
	}
	var forms []string
	for _, day := range []string{"02-01-2006", "02/01/2006", "02.01.2006", "2006-01-02"} {
		forms = append(forms, day, day+" 15:04", day+" 15:04:05")
	}
	forms = append(forms, "2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02T15:04:05Z07:00", "20060102", "20060102T15:04:05", "2-1-2006")
	f.Fuzz(func(t *testing.T, s string) {
		got, why := parseMoment(s)
		if why == "" && (got.Date().Year() < 1899 || got.Date().Year() > 9999) {
			t.Fatalf("%q is %v", s, got)
		}
		for _, form := range forms {
			at, err := time.Parse(form, s)
			if err != nil || at.Year() < 1900 || at.Year() > 9998 {
				continue
			}
			want := model.Moment(at.Unix())
			if strings.Contains(form, "Z07") {
				if _, offset := at.Zone(); offset > 14*3600 || offset < -14*3600 {
					continue
				}
				want = model.MomentOf(at)
			}
			if why != "" || got != want {
				t.Fatalf("%q is %v %s, must be %v (%s)", s, got, why, want, form)
			}
		}
	})
}

// FuzzHeader: any header becomes a plan that holds together, or a fault; a CPR-shaped name is masked.
func FuzzHeader(f *testing.F) {
	for _, s := range []string{goodHeader, "Kommune;ID;Enhed;Opgave;Kanal;Type;Afslutning;Blanket;Dato;;x;x", "KommuneID;Enhed;KLE Opgave kode;Henvendelses Kanal;Henvendelses type;Afslutning;Blanket;Dato", ";;;", goodHeader + ";010190-1234;0101901234", goodHeader + ";dato"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		cells := strings.Split(s, ";")
		p, err := readHeader(cells)
		var stop *fault
		if err != nil {
			if !errors.As(err, &stop) || stop.rule[0] != 'F' {
				t.Fatal(err)
			}
			return
		}
		if len(p.columns) > len(cells) || len(p.is) != len(p.columns) || len(p.declared) != len(p.columns) || len(p.names) != len(p.locals) || len(p.folded) != len(p.locals) {
			t.Fatalf("%+v", p)
		}
		for is, at := range p.at {
			if at >= 0 && p.is[at] != parameter(is) {
				t.Fatalf("column %d is %d and %d", at, is, p.is[at])
			}
		}
		if !slices.IsSorted(p.folded) && len(slices.Compact(slices.Sorted(slices.Values(p.folded)))) != len(p.folded) {
			t.Fatalf("locals %q are neither in order nor distinct", p.folded)
		}
		for _, name := range append(slices.Clone(p.columns), p.names...) {
			if _, hit := model.MaskCPR(name, false); hit || !utf8.ValidString(name) {
				t.Fatalf("column %q", name)
			}
		}
	})
}

// FuzzJournal: a journal is read to its last whole line, or refused; read again it is the same.
func FuzzJournal(f *testing.F) {
	dir := f.TempDir()
	j := &journal{path: filepath.Join(dir, "seed")}
	for range 3 {
		line, hash, err := j.next(&Entry{At: usualReceived, Op: "upload", Upload: 1, File: "a\n"})
		must(f, err)
		must(f, j.append(line))
		j.acknowledge(line, hash)
	}
	whole := readFile(f, j.path)
	for _, seed := range [][]byte{nil, whole, whole[:len(whole)-3], append(bytes.Clone(whole), '\n'), []byte("{}\n"), bytes.Replace(whole, []byte("upload"), []byte("uplaod"), 1)} {
		f.Add(seed)
	}
	n := 0
	f.Fuzz(func(t *testing.T, data []byte) {
		n++
		path := filepath.Join(dir, "journal")
		must(t, os.WriteFile(path, data, 0o600))
		j, err := openJournal(path, true, nil)
		if err != nil {
			if problem(err) != "journal-broken" {
				t.Fatal(err)
			}
			if now := readFile(t, path); !bytes.Equal(now, data) {
				t.Fatal("a broken journal was changed")
			}
			return
		}
		now := readFile(t, path)
		if !bytes.HasPrefix(data, now) || int64(len(now)) != j.size || bytes.IndexByte(data[len(now):], '\n') >= 0 {
			t.Fatalf("%q became %q, of %d bytes", data, now, j.size)
		}
		again, err := openJournal(path, false, nil)
		if err != nil || again.tail != j.tail {
			t.Fatalf("%+v, then %+v, %v", j, again, err)
		}
	})
}

// cprPlain is R11 said with a pattern: six digits, a dash or a space or nothing, four digits, and no digit beside them.
var cprPlain = regexp.MustCompile(`(^|[^0-9])([0-9]{6})[- ]?[0-9]{4}($|[^0-9])`)

func cprByPattern(s string) bool {
	for i := range s {
		m := cprPlain.FindStringSubmatch(s[i:])
		if m == nil {
			return false
		}
		if i > 0 && strings.HasPrefix(s[i:], m[0]) && m[1] == "" && s[i-1] >= '0' && s[i-1] <= '9' {
			continue // the pattern cannot look back over the cut
		}
		for _, century := range []string{"19", "20"} {
			if _, err := time.Parse("0201"+"2006", m[2][:4]+century+m[2][4:]); err == nil {
				return true
			}
		}
	}
	return false
}

// FuzzMaskCPR: what the pattern finds is masked, nothing else is, and nothing is left.
func FuzzMaskCPR(f *testing.F) {
	for _, s := range []string{"010190-1234", "0101901234", "x010190 1234y", "290201-1234", "290200-1234", "310290-1234", "10101901234", "010190--1234", "010190-12345", "æ010190-1234 og 020290-1234", "010190-010190-1234", "*020290-1234"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		masked, hit := model.MaskCPR(s, false)
		if want := cprByPattern(s); hit != want {
			t.Fatalf("%q is a hit: %t, must be %t", s, hit, want)
		}
		if len(masked) != len(s) || cprByPattern(masked) || hit != (masked != s) || hit && !model.MaskedCPR(masked) {
			t.Fatalf("%q is masked %q", s, masked)
		}
		for i := range len(s) {
			if masked[i] != s[i] && (masked[i] != '*' || s[i] < '0' || s[i] > '9') {
				t.Fatalf("%q is masked %q", s, masked)
			}
		}
		strict, declaredHit := model.MaskCPR(s, true)
		if declaredHit && !hit || declaredHit != (strict != s) {
			t.Fatalf("%q is masked %q where it is declared, %q where not", s, strict, masked)
		}
	})
}
