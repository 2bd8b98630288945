package ingest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// decodingCase is a file that someone has sent or could send, and what must become of it: the fault, or the sums and the rules that
// rows meet ("R04:3" is rule R04 on line 3).
type decodingCase struct {
	name  string
	data  []byte
	fault string
	says  string // a part of the fault's sentence
	// records, header, blank, accepted, rejected, withheld
	sums  [6]int64
	rules string
}

func file(t testing.TB, name string) []byte { return readFile(t, testdata, "decoding", name) }

func wide(t testing.TB, columns int) []byte {
	header, row := goodHeader, goodRow
	for i := range columns - 8 {
		header += fmt.Sprintf(";lokal %d", i)
		row += fmt.Sprintf(";%d", i)
	}
	return []byte(header + "\n" + row + "\n" + row + ";for meget\n")
}

func decodingCases(t testing.TB) []decodingCase {
	text := func(lines ...string) []byte { return []byte(strings.Join(lines, "")) }
	h := goodHeader + "\n"
	return []decodingCase{
		{name: "no bytes", fault: "F01"},
		{name: "byte order mark only", data: []byte("\xef\xbb\xbf"), fault: "F01"},
		{name: "UTF-16 mark only", data: []byte("\xff\xfe"), fault: "F01"},
		{name: "delimiters only", data: []byte(";;;\n;;;\n"), fault: "F01"},
		{name: "white space only", data: []byte(" \t \r\n\r\n"), fault: "F01"},
		{name: "sep only", data: []byte("sep=;\n"), fault: "F01"},
		{name: "lone quote only", data: []byte(`"`), fault: "F01"},
		{name: "no line end at the end", data: text(h, goodRow), sums: [6]int64{2, 1, 0, 1, 0, 0}},
		{name: "blank lines before and behind", data: text("\n\n", h, goodRow, "\n;;;;;;;\n\n"), sums: [6]int64{6, 1, 4, 1, 0, 0}},
		{name: "lone quote in a cell", data: text(h, strings.Replace(goodRow, "Borger", `Bor"ger`, 1), "\n", goodRow, "\n"), sums: [6]int64{3, 1, 0, 2, 0, 0}},
		{name: "quoted line breaks", data: file(t, "quoted-line-breaks.csv"), sums: [6]int64{4, 1, 0, 2, 1, 0}, rules: "R05:6"},
		{name: "unclosed quote", data: file(t, "unclosed-quote.csv"), fault: "F04", says: "på linje 4"},
		{name: "mixed line ends", data: file(t, "mixed-line-ends.csv"), sums: [6]int64{6, 1, 0, 4, 1, 0}, rules: "R05:5"},
		{name: "old Mac line ends", data: text(goodHeader, "\r", goodRow, "\r", goodRow, "\r"), sums: [6]int64{3, 1, 0, 2, 0, 0}},
		{name: "header again", data: file(t, "header-again.csv"), sums: [6]int64{5, 2, 0, 2, 1, 0}, rules: "R05:5"},
		{name: "300 columns", data: wide(t, 300), sums: [6]int64{3, 1, 0, 1, 1, 0}, rules: "R01:3"},
		{name: "invalid UTF-8", data: text(h, strings.Replace(goodRow, "Borger", "Bør\xe6ger", 1), "\n"), sums: [6]int64{2, 1, 0, 1, 0, 0}, rules: "W08:2"},
		{name: "NUL bytes", data: text(h, strings.Replace(goodRow, "Borger", "Bor\x00ger", 1), "\n"), fault: "F02", says: "byte"},
		{name: "UTF-16 cut in a character", data: append(encodeText(t, text(h, goodRow, "\n"), "UTF-16LE"), 'x'), sums: [6]int64{3, 1, 0, 1, 1, 0}, rules: "R01:3"},
		{name: "right-to-left marks", data: file(t, "marks.csv"), sums: [6]int64{3, 1, 0, 2, 0, 0}},
		{name: "dates", data: file(t, "dates.csv"), sums: [6]int64{10, 1, 0, 3, 6, 0}, rules: "R04:2 R04:3 R04:4 R04:5 R04:6 R04:7 W01:8 W03:8 W01:9"},
		{name: "formulas", data: file(t, "formulas.csv"), sums: [6]int64{5, 1, 0, 2, 2, 0}, rules: "R05:4 R14:5"},
		{name: "ragged rows", data: file(t, "ragged.csv"), sums: [6]int64{6, 1, 0, 3, 2, 0}, rules: "R01:3 R01:5"},
		{name: "trailing delimiters", data: text(goodHeader, ";\n", goodRow, ";\n", goodRow, ";;;\n"), sums: [6]int64{3, 1, 0, 2, 0, 0}},
		{name: "sep line", data: text("sep=,\r\n", strings.ReplaceAll(h, ";", ","), strings.ReplaceAll(goodRow, ";", ","), "\n"), sums: [6]int64{2, 1, 0, 1, 0, 0}},
		{name: "quoted sep line", data: text("\"sep=;\"\n", h, goodRow, "\n"), sums: [6]int64{2, 1, 0, 1, 0, 0}},
		{name: "one line of 5 MB", data: append([]byte(h), bytes.Repeat([]byte("x"), 5<<20)...), sums: [6]int64{2, 1, 0, 0, 1, 0}, rules: "R01:2"},
		{name: "one quoted cell of 5 MB", data: append([]byte(h+goodRow+"\n259;\""), bytes.Repeat([]byte("x"), 5<<20)...), fault: "F04", says: "linje 3"},
		{name: "one line of 5 MB and nothing else", data: bytes.Repeat([]byte("x"), 5<<20), fault: "F03"},
	}
}

// TestDecoding: bad and odd text ends in a clear fault or in sums that add up, and in either case nothing is left half done.
func TestDecoding(t *testing.T) {
	for _, c := range decodingCases(t) {
		t.Run(c.name, func(t *testing.T) {
			f := newFolder(t)
			u := prepare(t, f, c.data, Options{Name: "fil.csv"})
			if u.Fault != nil {
				if message := f.Book.MessageOf(*u.Fault); u.Fault.Rule != c.fault || !strings.Contains(message, c.says) {
					t.Errorf("fault %s %s, must be %q with %q", u.Fault.Rule, message, c.fault, c.says)
				}
				if list, err := os.ReadDir(f.path(uploadsName)); err != nil || len(list) > 0 {
					t.Errorf("kept files %v, %v", list, err)
				}
				return
			}
			must(t, u.Commit(context.Background()))
			r := u.Receipt
			if got := [6]int64{r.Records, r.Header, r.Blank, r.Accepted, r.Rejected, r.Withheld}; c.fault != "" || got != c.sums {
				t.Errorf("records, header, blank, accepted, rejected, withheld are %v, must be %v (fault %q)", got, c.sums, c.fault)
			}
			if got := rulesOf(t, u); got != c.rules {
				t.Errorf("rules %q, must be %q", got, c.rules)
			}
			keptAsItCame(t, f, u, c.data, c.data)
		})
	}
}

// keptAsItCame holds the kept file to the bytes it must have, and both hashes to the bytes they name.
func keptAsItCame(t *testing.T, f *Folder, u *Upload, came, kept []byte) {
	t.Helper()
	got := readFile(t, f.Dir, u.stored.Kept)
	if !bytes.Equal(got, kept) {
		at := 0
		for at < min(len(got), len(kept)) && got[at] == kept[at] {
			at++
		}
		t.Errorf("the kept file of %d bytes differs from byte %d on: %q, must be %q", len(got), at, cutShort(got[at:]), cutShort(kept[at:]))
	}
	for _, sum := range []struct {
		what, got string
		of        []byte
	}{{"came", u.Receipt.SHA256, came}, {"is kept", u.Receipt.KeptSHA256, kept}} {
		if want := sha256.Sum256(sum.of); sum.got != hex.EncodeToString(want[:]) {
			t.Errorf("the SHA-256 of what %s is %s", sum.what, sum.got)
		}
	}
	if u.Receipt.Size != int64(len(came)) {
		t.Errorf("size %d, must be %d", u.Receipt.Size, len(came))
	}
}

func cutShort(b []byte) []byte { return b[:min(len(b), 60)] }

// TestKeptFileIsMaskedInPlace: of a file with CPR-shaped values the kept copy differs in their digits alone, in every encoding, in
// quoted cells, in the header and in rows of any length. Everything else is as it came, byte for byte.
func TestKeptFileIsMaskedInPlace(t *testing.T) {
	plainText := strings.Join([]string{
		goodHeader + ";bemærkning;kilde_id;010190-1234",
		goodRow + ";på vej;1;",
		goodRow + `;"ældre; 020290-4321, 020290 4321";0101901234;x`,
		goodRow + ";\"to\nlinjer 0303904321\";A-030390-4321;",
		"",
		"259;010190-1234",
		`259;0101901234;Åse;TLFIND;OPRET;STRAKS;"010190-""1234";23-04-2012;`,
		goodRow + ";0101901234567;12-010190-1234;;;010190-1234",
		goodRow + ";sidste æøå;9;",
	}, "\r\n") + "\r\n"
	maskedText := strings.Join([]string{
		goodHeader + ";bemærkning;kilde_id;******-****",
		goodRow + ";på vej;1;",
		goodRow + `;"ældre; ******-****, ****** ****";0101901234;x`,
		goodRow + ";\"to\nlinjer **********\";A-030390-4321;",
		"",
		"259;******-****",
		`259;**********;Åse;TLFIND;OPRET;STRAKS;"010190-""1234";23-04-2012;`,
		goodRow + ";0101901234567;12-010190-1234;;;******-****",
		goodRow + ";sidste æøå;9;",
	}, "\r\n") + "\r\n"
	for _, encoding := range []string{"UTF-8", "UTF-8 med BOM", "Windows-1252", "UTF-16LE", "UTF-16BE"} {
		for _, long := range []bool{false, true} { // more than one chunk, with the values behind the first
			t.Run(fmt.Sprint(encoding, long), func(t *testing.T) {
				came, kept := plainText, maskedText
				if long {
					head, rest, _ := strings.Cut(came, "\r\n")
					headKept, restKept, _ := strings.Cut(kept, "\r\n")
					many := strings.Repeat(goodRow+";ærlig;;\r\n", 20_000)
					came, kept = head+"\r\n"+many+rest, headKept+"\r\n"+many+restKept
				}
				f := newFolder(t)
				raw, want := encodeText(t, []byte(came), encoding), encodeText(t, []byte(kept), encoding)
				u := load(t, f, raw, Options{Name: "fil.csv"})
				keptAsItCame(t, f, u, raw, want)
				if u.Receipt.SHA256 == u.Receipt.KeptSHA256 {
					t.Error("both hashes are the same")
				}
				before, findings := countedBag(t, f, ""), storedFindings(t, f)
				must(t, f.Close())
				if _, err := Rebuild(context.Background(), f.Dir, f.Book, OpenOptions{}); err != nil { // the masked copy is judged as the file was
					t.Fatal(err)
				}
				g := openFolder(t, f.Dir)
				if d := differences(countedBag(t, g, ""), before); d != "" {
					t.Error(d)
				}
				if d := differences(storedFindings(t, g), findings); d != "" {
					t.Error(d)
				}
			})
		}
	}
}

// TestDamagedTextIsMaskedInPlace: bytes that are no characters beside a CPR-shaped value neither move the mask nor are mended in the
// kept copy.
func TestDamagedTextIsMaskedInPlace(t *testing.T) {
	for _, quote := range []string{"", `"`} {
		came := goodHeader + "; bemærkning på ø, å og æ;ærlig tå på en ø\n" + goodRow + ";\xbf\xe6;" + quote + "\xbf010190-1234\xbf" + quote + "\n" + goodRow + ";010190-1234;ærø \xbf"
		f := newFolder(t)
		u := load(t, f, []byte(came), Options{})
		if u.Receipt.Encoding != "UTF-8" || u.Receipt.Rejected != 2 {
			t.Errorf("%+v", u.Receipt)
		}
		keptAsItCame(t, f, u, []byte(came), []byte(strings.ReplaceAll(came, "010190-1234", "******-****")))
	}
}

// TestDecodingFilesAreDescribed: each file under testdata/decoding has a line in its README, and a case.
func TestDecodingFilesAreDescribed(t *testing.T) {
	readme := string(file(t, "README.md"))
	files, err := os.ReadDir(filepath.Join(testdata, "decoding"))
	must(t, err)
	source := string(readFile(t, "decode_test.go"))
	for _, f := range files {
		if name := f.Name(); name[0] != '.' && name != "README.md" && (!strings.Contains(readme, "`"+name+"`") || !strings.Contains(source, `"`+name+`"`)) {
			t.Errorf("%s is not described, or not tried", name)
		}
	}
}

// TestPathsThatAreNoFiles: what cannot even be opened is said in Danish.
func TestPathsThatAreNoFiles(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{dir: "mappe", filepath.Join(dir, "x"): "findes ikke", os.DevNull: "ikke en almindelig fil"} {
		if file, _, got := OpenFile(path); file != nil || !strings.Contains(got, want) {
			t.Errorf("%s is %q, must be %q", path, got, want)
		}
	}
}
