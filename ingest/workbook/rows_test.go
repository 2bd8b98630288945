package workbook

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

func TestCellKinds(t *testing.T) {
	more := map[string]string{
		"xl/sharedStrings.xml": sharedXML(
			`<si><t>fælles</t></si>`,
			`<si><r><t>to </t></r><r><rPr><b/></rPr><t xml:space="preserve">runs </t></r><rPh sb="0" eb="1"><t>lyd</t></rPh><phoneticPr fontId="1"/></si>`,
			`<si><t>linje_x000D_
skift &amp; _x005F_x000D_ _xD83D__xDE00_ &#248;</t></si>`,
			`<si/>`),
		"xl/styles.xml": `<styleSheet><numFmts count="8"><numFmt numFmtId="164" formatCode="dd\-mm\-yyyy;@"/><numFmt numFmtId="165" formatCode="000000\-0000"/>` +
			`<numFmt numFmtId="166" formatCode="[$-406]d. mmmm yyyy hh:mm"/><numFmt numFmtId="167" formatCode="#,##0.00 &quot;dage&quot;"/>` +
			`<numFmt numFmtId="168" formatCode="[Red]General"/><numFmt numFmtId="169" formatCode="0000"/>` +
			`<numFmt numFmtId="170" formatCode="00-00-00-0000"/><numFmt numFmtId="171" formatCode="00&quot;.&quot;00\.00"/></numFmts>` +
			`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>` +
			`<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="167"/>` +
			`<xf numFmtId="168"/><xf numFmtId="22"/><xf numFmtId="20"/><xf numFmtId="169"/><xf numFmtId="170"/><xf numFmtId="171"/></cellXfs></styleSheet>`,
	}
	for _, c := range []struct{ name, cell, want string }{
		{"shared", `<c r="A1" t="s"><v>0</v></c>`, "fælles"},
		{"runs without hints", `<c r="A1" t="s"><v>1</v></c>`, "to runs "},
		{"escapes", `<c r="A1" t="s"><v>2</v></c>`, "linje\r\nskift & _x000D_ 😀 ø"},
		{"inline", `<c r="A1" t="inlineStr"><is><t>her &lt;er&gt; den</t></is></c>`, "her <er> den"},
		{"inline in runs", `<c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c>`, "ab"},
		{"inline kept space", `<c r="A1" t="inlineStr"><is><t xml:space="preserve"> a </t></is></c>`, " a "},
		{"CDATA", `<c r="A1" t="inlineStr"><is><t>a<![CDATA[<b>]]>c</t></is></c>`, "a<b>c"},
		{"formula", `<c r="A1" t="str"><f>"x"&amp;"y"</f><v>xy</v></c>`, "xy"},
		{"formula number", `<c r="A1"><f>1+1</f><v>2</v></c>`, "2"},
		{"boolean", `<c r="A1" t="b"><v>1</v></c>`, "TRUE"},
		{"error", `<c r="A1" t="e"><v>#N/A</v></c>`, "#N/A"},
		{"iso date", `<c r="A1" t="d"><v>2012-04-23T08:15:00Z</v></c>`, "23-04-2012 08:15:00"},
		{"integer", `<c r="A1"><v>12345678901</v></c>`, "12345678901"},
		{"exponent", `<c r="A1"><v>1.2345678901E10</v></c>`, "12345678901"},
		{"decimal", `<c r="A1"><v>23.050000000000001</v></c>`, "23.05"},
		{"noise", `<c r="A1"><v>0.30000000000000004</v></c>`, "0.3"},
		{"trailing zeros", `<c r="A1"><v>3.10</v></c>`, "3.1"},
		{"negative", `<c r="A1"><v>-5</v></c>`, "-5"},
		{"minus zero", `<c r="A1"><v>-0</v></c>`, "0"},
		{"general", `<c r="A1" s="6"><v>41022</v></c>`, "41022"},
		{"date", `<c r="A1" s="1"><v>41022</v></c>`, "23-04-2012"},
		{"custom date", `<c r="A1" s="2"><v>41022</v></c>`, "23-04-2012"},
		{"date and time", `<c r="A1" s="7"><v>41022.333333333336</v></c>`, "23-04-2012 08:00:00"},
		{"rounded to the second", `<c r="A1" s="7"><v>41022.99999999999</v></c>`, "24-04-2012"},
		{"a custom date with a locale", `<c r="A1" s="4"><v>41022.5</v></c>`, "23-04-2012 12:00:00"},
		{"time alone", `<c r="A1" s="8"><v>0.5</v></c>`, "12:00:00"},
		{"a KLE number that became a date", `<c r="A1" s="1"><v>36831</v></c>`, "01-11-2000"},
		{"the day that never was", `<c r="A1" s="1"><v>60</v></c>`, "29-02-1900"},
		{"first of March 1900", `<c r="A1" s="1"><v>61</v></c>`, "01-03-1900"},
		{"first day", `<c r="A1" s="1"><v>1</v></c>`, "01-01-1900"},
		{"last day", `<c r="A1" s="1"><v>2958465</v></c>`, "31-12-9999"},
		{"beyond the last day", `<c r="A1" s="1"><v>2958466</v></c>`, "2958466"},
		{"negative date", `<c r="A1" s="1"><v>-1</v></c>`, "-1"},
		{"a d in quotes is no date", `<c r="A1" s="5"><v>1234.5</v></c>`, "1234.5"},
		{"mask", `<c r="A1" s="3"><v>101901234</v></c>`, "010190-1234"},
		{"zeros", `<c r="A1" s="9"><v>259</v></c>`, "0259"},
		{"a mask that would hide a person's number", `<c r="A1" s="10"><v>101901234</v></c>`, "0101901234"},
		{"a mask of a KLE number", `<c r="A1" s="11"><v>11100</v></c>`, "01.11.00"},
		{"text in a number cell", `<c r="A1"><v>abc</v></c>`, "abc"},
		{"no reference", `<c><v>1</v></c>`, "1"},
		{"single quotes and spaces", `<c  r = 'A1'  t='s' ><v>0</v></c >`, "fælles"},
		{"a comment within", `<c r="A1"><!-- x --><v>1<!-- y -->2</v></c>`, "12"},
	} {
		rows, err := readXML(t, sheetXML(`<row r="1">`+c.cell+`<c r="B1"><v>9</v></c></row>`), more)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
		} else if got := strings.TrimSuffix(strings.TrimPrefix(rows[0], "1: "), "|9"); got != c.want {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

func Test1904(t *testing.T) {
	rows, err := readXML(t, sheetXML(`<row><c s="1"><v>39560</v></c></row>`), map[string]string{
		"xl/workbook.xml": `<workbook xmlns:r="x"><workbookPr date1904="1"/><sheets><sheet name="Ark1" r:id="rId1"/></sheets></workbook>`,
		"xl/styles.xml":   `<styleSheet><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, rows, "1: 23-04-2012")
}

func TestPlaces(t *testing.T) {
	for _, c := range []struct {
		name, rows string
		want       []string
	}{
		{"gaps", `<row r="2"><c r="B2"><v>1</v></c><c r="D2"><v>2</v></c></row><row r="9"><c r="A9"><v>3</v></c></row>`, []string{"2: |1||2", "9: 3"}},
		{"cells out of order", `<row r="1"><c r="C1"><v>3</v></c><c r="A1"><v>1</v></c></row>`, []string{"1: 1||3"}},
		{"no numbers at all", `<row><c><v>1</v></c><c><v>2</v></c></row><row><c/><c><v>3</v></c></row>`, []string{"1: 1|2", "2: |3"}},
		{"rows numbered by their cells", `<row><c r="A3"><v>1</v></c></row><row><c><v>2</v></c></row>`, []string{"3: 1", "4: 2"}},
		{"empty rows are gaps", `<row r="1"/><row r="2"><c r="A2" s="1"/></row><row r="3"><c r="A3"><v>1</v></c></row>`, []string{"3: 1"}},
		{"empty tail", `<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="inlineStr"><is><t></t></is></c><c r="C1"/></row>`, []string{"1: 1"}},
		{"a wide row does not leave its cells behind", `<row r="1"><c r="C1"><v>1</v></c></row><row r="2"><c r="A2"><v>2</v></c></row><row r="3"><c r="D3"><v>3</v></c></row>`, []string{"1: ||1", "2: 2", "3: |||3"}},
		{"last cell", `<row r="1048576"><c r="B1048576"><v>1</v></c></row>`, []string{"1048576: |1"}},
		{"nothing", ``, nil},
	} {
		rows, err := readXML(t, sheetXML(c.rows), nil)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		t.Run(c.name, func(t *testing.T) { same(t, rows, c.want...) })
	}
}

func TestPrefixesAndStrict(t *testing.T) {
	const ns = "http://purl.oclc.org/ooxml/spreadsheetml/main"
	rows, err := readXML(t, "\xef\xbb\xbf"+`<?xml version="1.0" encoding="utf-8"?><x:worksheet xmlns:x="`+ns+`"><x:sheetData><x:row r="1"><x:c r="A1" t="s"><x:v>0</x:v></x:c>`+
		`<x:c r="B1" t="inlineStr"><x:is><x:t>b</x:t></x:is></x:c></x:row></x:sheetData></x:worksheet>`, map[string]string{
		"xl/workbook.xml":            `<x:workbook xmlns:x="` + ns + `" xmlns:rel="y"><x:sheets><x:sheet name="Ark1" sheetId="1" rel:id="a"/></x:sheets></x:workbook>`,
		"xl/_rels/workbook.xml.rels": `<p:Relationships xmlns:p="z"><p:Relationship Id="a" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/worksheet" Target="/xl/worksheets/sheet1.xml"/><p:Relationship Id="b" Type="http://purl.oclc.org/ooxml/officeDocument/relationships/sharedStrings" Target="SharedStrings.xml"/></p:Relationships>`,
		"xl/sharedStrings.xml":       `<x:sst xmlns:x="` + ns + `"><x:si><x:t>a</x:t></x:si></x:sst>`,
	})
	if err != nil {
		t.Fatal(err)
	}
	same(t, rows, "1: a|b")
}

func TestBadSheets(t *testing.T) {
	cell := func(ref string) string {
		return sheetXML(`<row r="1"><c r="` + ref + `"><v>1</v></c></row>`)
	}
	for _, c := range []struct{ name, xml, detail string }{
		{"beyond XFD", cell("XFE1"), brokenBook},
		{"beyond the last row", cell("A1048577"), brokenBook},
		{"no reference at all", cell("1A"), brokenBook},
		{"a huge reference", cell("ZZZZZZZZ99999999999999999999"), brokenBook},
		{"row number too large", sheetXML(`<row r="1048577"><c><v>1</v></c></row>`), brokenBook},
		{"rows backwards", sheetXML(`<row r="2"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row>`), brokenBook},
		{"no such shared string", sheetXML(`<row r="1"><c t="s"><v>7</v></c></row>`), brokenBook},
		{"negative shared string", sheetXML(`<row r="1"><c t="s"><v>-1</v></c></row>`), brokenBook},
		{"huge shared string index", sheetXML(`<row r="1"><c t="s"><v>99999999999999999999999</v></c></row>`), brokenBook},
		{"unknown type", sheetXML(`<row r="1"><c t="q"><v>7</v></c></row>`), brokenBook},
		{"two values", sheetXML(`<row r="1"><c t="inlineStr"><is><t>a</t></is><v>b</v></c></row>`), brokenBook},
		{"cut off", strings.TrimSuffix(sheetXML(`<row r="1"><c><v>1</v></c></row>`), "</worksheet>"), brokenBook},
		{"not nested", sheetXML(`<row r="1"><c><v>1</c></v></row>`), brokenBook},
		{"an unknown entity", sheetXML(`<row r="1"><c t="str"><v>&nbsp;</v></c></row>`), brokenBook},
		{"a control character", sheetXML("<row r=\"1\"><c t=\"str\"><v>a\x01</v></c></row>"), brokenBook},
		{"a NUL", sheetXML("<row r=\"1\"><c t=\"str\"><v>a\x00</v></c></row>"), brokenBook},
		{"not UTF-8", sheetXML("<row r=\"1\"><c t=\"str\"><v>\xe6\xf8\xe5</v></c></row>"), brokenBook},
		{"DTD", `<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>` + sheetXML(`<row r="1"><c t="str"><v>&b;</v></c></row>`), "DTD"},
		{"UTF-16", "\xff\xfe<\x00?\x00", "tegnsæt"},
		{"another encoding", strings.Replace(sheetXML(""), "UTF-8", "windows-1252", 1), "tegnsæt"},
		{"too deep", strings.Repeat("<a>", 100_000), brokenBook},
		{"a text that is too long", sheetXML(`<row r="1"><c t="inlineStr"><is><t>` + strings.Repeat("x", maxCell+1) + `</t></is></c></row>`), "længere"},
		{"a value that is too long", sheetXML(`<row r="1"><c t="str"><v>` + strings.Repeat("x", maxCell+1) + `</v></c></row>`), "længere"},
		{"endless tag", sheetXML(`<row r="1" x="` + strings.Repeat("x", 3*sheetToken) + `"/>`), "længere"},
		{"endless comment", sheetXML(`<!-- ` + strings.Repeat("x", 3*sheetToken) + ` -->`), "længere"},
		{"no sheetData", `<worksheet/>`, brokenBook},
		{"empty part", ``, brokenBook},
		{"two sheetData", `<worksheet><sheetData/><sheetData/></worksheet>`, brokenBook},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := readXML(t, c.xml, nil)
			wantFault(t, err, "F02", c.detail)
		})
	}
	// The longest text that Excel allows is fine, in the longest spelling.
	long := strings.Repeat("&#x1F600;", 32767/2)
	rows, err := readXML(t, sheetXML(`<row r="1"><c t="inlineStr"><is><t>`+long+`</t></is></c></row>`), nil)
	if err != nil || len(rows[0]) != len("1: ")+4*(32767/2) {
		t.Error(err)
	}
}

func TestYieldError(t *testing.T) {
	b := open(t, pack(t, parts(sheetXML(`<row r="1"><c><v>1</v></c></row><row r="2"><c><v>2</v></c></row>`), nil)))
	stop := errors.New("stop")
	n := 0
	if err := b.Rows("ark1", func(int, []string) error { n++; return stop }); err != stop || n != 1 {
		t.Fatal(err, n)
	}
	wantFault(t, b.Rows("Findes ikke", nil), "F02", "uden det ark")
}

func TestSheets(t *testing.T) {
	f := excelize.NewFile()
	f.SetSheetName("Sheet1", "Forside")
	for _, name := range []string{"Data", "Skjult", "Borger 010190-1234", "Borger 020290-1234"} {
		f.NewSheet(name)
	}
	f.SetCellValue("Data", "C7", "x")
	f.SetCellValue("Skjult", "A1", "x")
	f.SetCellValue("Forside", "A1", "   ")
	f.SetSheetVisible("Skjult", false)
	if err := f.AddChartSheet("Diagram", &excelize.Chart{Type: excelize.Col, Series: []excelize.ChartSeries{{Name: "Data!$A$1", Values: "Data!$A$1:$A$2"}}}); err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%+v", open(t, bytesOf(t, f)).Sheets())
	want := fmt.Sprintf("%+v", []Sheet{
		{Name: "Forside", Safe: "Forside"}, {Name: "Data", Safe: "Data", HasData: true}, {Name: "Skjult", Safe: "Skjult", Hidden: true, HasData: true},
		{Name: "Borger 010190-1234", Safe: "Borger xxxxxx-xxxx"}, {Name: "Borger 020290-1234", Safe: "Borger xxxxxx-xxxx (2)"}})
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// cellValue draws a value and says what Rows must make of it.
func cellValue(t *rapid.T) (value any, want string) {
	switch rapid.IntRange(0, 5).Draw(t, "kind") {
	case 0:
		return nil, ""
	case 1:
		s := rapid.StringMatching(`[ -~æøåÆØÅ€\n\t😀_x0-9]{0,30}`).Draw(t, "text")
		return s, s
	case 2:
		n := rapid.Int64Range(-999_999_999_999_999, 999_999_999_999_999).Draw(t, "integer")
		return n, fmt.Sprint(n)
	case 3:
		n := rapid.IntRange(-1_000_000, 1_000_000).Draw(t, "hundredths")
		s := fmt.Sprintf("%.2f", float64(n)/100)
		s = strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
		if s == "-0" {
			s = "0"
		}
		return float64(n) / 100, s
	case 4:
		b := rapid.Bool().Draw(t, "bool")
		return b, strings.ToUpper(fmt.Sprint(b))
	}
	at := time.Date(1950, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 3_000_000_000).Draw(t, "seconds")) * time.Second)
	if at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0 {
		return at, at.Format("02-01-2006")
	}
	return at, at.Format("02-01-2006 15:04:05")
}

// TestLikeExcelize makes sheets with excelize, plain and streamed, and reads them back: every cell as it was put in, and the
// same texts as excelize's own Rows gives for texts and whole numbers.
func TestLikeExcelize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		streamed := rapid.Bool().Draw(t, "streamed")
		rows := rapid.IntRange(1, 8).Draw(t, "rows")
		f := excelize.NewFile()
		defer f.Close()
		var w *excelize.StreamWriter
		style := 0
		if streamed {
			w, _ = f.NewStreamWriter("Sheet1")
			style, _ = f.NewStyle(&excelize.Style{NumFmt: 22})
		}
		var want []string
		for i := 1; i <= rows; i++ {
			n := rapid.IntRange(0, 6).Draw(t, "cells")
			values, texts := make([]any, n), make([]string, n)
			for j := range values {
				values[j], texts[j] = cellValue(t)
				if at, ok := values[j].(time.Time); ok && streamed {
					values[j] = excelize.Cell{StyleID: style, Value: at}
				}
			}
			ref := fmt.Sprintf("A%d", i)
			var err error
			if streamed {
				err = w.SetRow(ref, values)
			} else {
				for j, v := range values {
					cell, _ := excelize.CoordinatesToCellName(j+1, i)
					if v != nil {
						err = errors.Join(err, f.SetCellValue("Sheet1", cell, v))
					}
				}
			}
			if err != nil {
				t.Fatal(err)
			}
			for len(texts) > 0 && texts[len(texts)-1] == "" {
				texts = texts[:len(texts)-1]
			}
			if len(texts) > 0 {
				want = append(want, fmt.Sprintf("%d: %q", i, texts))
			}
		}
		if streamed {
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		var buf bytes.Buffer
		if err := f.Write(&buf); err != nil {
			t.Fatal(err)
		}
		b, err := Open(bytes.NewReader(buf.Bytes()), int64(buf.Len()), testMax)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		err = b.Rows("Sheet1", func(n int, cells []string) error {
			got = append(got, fmt.Sprintf("%d: %q", n, cells))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Fatalf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}

// TestRowsLikeExcelizeRows compares with excelize's own reading of the same workbook, texts and whole numbers.
func TestRowsLikeExcelizeRows(t *testing.T) {
	tw := twinOf(t, 500)
	for sheet, file := range map[string][]byte{"Ark1": tw.shared, "Sheet1": tw.inline} {
		f, err := excelize.OpenReader(bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		f.Close()
		var want []string
		for i, r := range rows {
			want = append(want, fmt.Sprintf("%d: %s", i+1, strings.Join(r, "|")))
		}
		same(t, read(t, open(t, file), sheet), want...)
	}
}

// TestStopEarly leaves nothing behind when the caller has had enough, or when the file breaks off in the middle.
func TestStopEarly(t *testing.T) {
	file := twinOf(t, 20_000).inline
	before := runtime.NumGoroutine()
	b := open(t, file)
	stop := errors.New("stop")
	for range 20 {
		if err := b.Rows("Sheet1", func(n int, _ []string) error {
			if n == 10 {
				return stop
			}
			return nil
		}); err != stop {
			t.Fatal(err)
		}
	}
	for i := range 20 {
		bad := bytes.Clone(file)
		bad[len(bad)/4+i*1000] ^= 0x55
		b, err := Open(bytes.NewReader(bad), int64(len(bad)), testMax)
		if err == nil {
			_, err = tryRead(b, "Sheet1")
		}
		var f *Fault
		if !errors.As(err, &f) {
			t.Fatalf("a changed byte gives %v", err)
		}
	}
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("%d goroutines became %d", before, runtime.NumGoroutine())
}

// TestManySharedStrings bounds the one thing that must be in memory.
func TestManySharedStrings(t *testing.T) {
	defer func(was int) { maxShared = was }(maxShared)
	maxShared = 1000 * perShared
	for n, fine := range map[int]bool{1000: true, 1001: false} {
		_, err := readXML(t, sheetXML(""), map[string]string{"xl/sharedStrings.xml": sharedXML(strings.Repeat("<si/>", n))})
		if fine && err != nil {
			t.Error(err)
		} else if !fine {
			wantFault(t, err, "F02", "udpakket")
		}
	}
}

// slowReader gives a few bytes at a time, so that every token is cut at every place.
type slowReader struct {
	data string
	step int
}

func (s *slowReader) Read(p []byte) (int, error) {
	if s.data == "" {
		return 0, io.EOF
	}
	n := min(s.step, len(p), len(s.data))
	copy(p, s.data[:n])
	s.data = s.data[n:]
	return n, nil
}
