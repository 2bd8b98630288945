package workbook

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"komhen/model"
)

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

// checkMasked writes the masked copy and holds it against what masking every cell of the original gives, in every sheet. It
// returns the copy; nil when the workbook cannot be written (a broken part that Rows never reads).
func checkMasked(t fataler, b *Book, chosen string, declared map[int]bool) []byte {
	t.Helper()
	needs, err := b.NeedsMasking(chosen, declared)
	if err != nil {
		mustBeFault(t, err)
		return nil
	}
	var out bytes.Buffer
	n, err := b.WriteMasked(&out, chosen, declared)
	if err != nil {
		mustBeFault(t, err)
		return nil
	}
	if needs && n == 0 && b.parts.zip.Comment == "" || !needs && n > 0 {
		t.Fatalf("NeedsMasking says %v, WriteMasked changed %d places", needs, n)
	}
	kept, err := Open(bytes.NewReader(out.Bytes()), int64(out.Len()), testMax)
	if err != nil {
		t.Fatalf("the copy does not open: %v", err)
	}
	for i, s := range b.Sheets() {
		got := kept.Sheets()[i]
		if got.Name != s.Safe || got.Safe != s.Safe || got.HasData != s.HasData || got.Hidden != s.Hidden {
			t.Fatalf("sheet %+v became %+v", s, got)
		}
		d := declared
		if !strings.EqualFold(s.Name, chosen) {
			d = nil
		}
		want := maskedRows(t, b, s.Name, d)
		if got := maskedRows(t, kept, got.Name, nil); !equalRows(got, want) {
			// What the narrow rule leaves stands in the copy; compare as it is.
			if got := plainRows(t, kept, s.Safe); !equalRows(got, want) {
				t.Fatalf("sheet %q: the copy reads\n%s\nwant\n%s", s.Name, strings.Join(got, "\n"), strings.Join(want, "\n"))
			}
		}
	}
	again, err := kept.NeedsMasking(b.sheet(chosen).Safe, declared)
	if err != nil || again {
		t.Fatalf("the copy would be masked again: %v %v", again, err)
	}
	return out.Bytes()
}

func mustBeFault(t fataler, err error) {
	t.Helper()
	var f *Fault
	if !errors.As(err, &f) {
		t.Fatalf("not a Fault: %v", err)
	}
}

func equalRows(a, b []string) bool { return strings.Join(a, "\n") == strings.Join(b, "\n") }

func plainRows(t fataler, b *Book, sheet string) (rows []string) {
	return mappedRows(t, b, sheet, func(_ int, s string) string { return s })
}

func maskedRows(t fataler, b *Book, sheet string, declared map[int]bool) (rows []string) {
	return mappedRows(t, b, sheet, func(col int, s string) string {
		masked, _ := model.MaskCPR(s, declared[col])
		return masked
	})
}

func mappedRows(t fataler, b *Book, sheet string, f func(int, string) string) (rows []string) {
	t.Helper()
	err := b.Rows(sheet, func(n int, cells []string) error {
		line := fmt.Sprint(n)
		for i, c := range cells {
			line += fmt.Sprintf(" %q", f(i, c))
		}
		rows = append(rows, line)
		return nil
	})
	if err != nil {
		t.Fatalf("rows of %q: %v", sheet, err)
	}
	return rows
}

// contents joins all parts of a workbook, with their names.
func contents(t testing.TB, file []byte) map[string]string {
	t.Helper()
	zr, err := zip.NewReader(bytes.NewReader(file), int64(len(file)))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, f := range zr.File {
		rc, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(rc)
		if err != nil {
			t.Fatal(err)
		}
		all[f.Name] = string(b)
		if len(f.Extra) > 0 || f.Comment != "" {
			t.Errorf("%s brought along %q %q", f.Name, f.Extra, f.Comment)
		}
	}
	return all
}

// TestMaskedCells masks the kinds of cells, declared and not.
func TestMaskedCells(t *testing.T) {
	more := map[string]string{
		"xl/styles.xml": `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="000000\-0000"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/><xf numFmtId="14"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml": sharedXML(`<si><t>010190-1234</t></si>`, `<si><r><rPr><b/></rPr><t>0101</t></r><r><t>90 1234 &amp; mere</t></r><rPh><t>010190-1234</t></rPh></si>`,
			`<si><t>0101901234</t></si>`, `<si><t>uskyldig</t><rPh><t>020290-1234</t></rPh></si>`),
	}
	xml := sheetXML(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="D1" t="s"><v>3</v></c></row>` +
		`<row r="2"><c r="A2"><v>1010901234</v></c><c r="B2" s="1"><v>101901234</v></c><c r="C2"><v>1.010901234E9</v></c><c r="D2" s="2"><v>41022</v></c></row>` +
		`<row r="3"><c r="A3" t="inlineStr"><is><r><t>010190</t></r><r><t>-1234</t></r></is></c><c r="B3" t="str" cm="1"><f>"0101"&amp;"901234 010190-1234"</f><v>0101901234</v></c><c r="C3" t="inlineStr"><is><t>a &lt; 010190&#45;1234_x000D_</t></is></c></row>` +
		`<row r="4"><c r="A4" t="s"><v>2</v></c><c r="B4" t="inlineStr"><is><t xml:space="preserve"> 01.11.00 12345678901 310290-1234 </t></is></c><c r="C4"><f>SUM(A1)+1010901234</f><v>7</v></c></row>`)
	file := pack(t, parts(xml, more))
	b := open(t, file)
	kept := open(t, checkMasked(t, b, "Ark1", nil))
	same(t, read(t, kept, "Ark1"),
		"1: ******-****|****** **** & mere|**********|uskyldig",
		"2: **********|******-****|**********|23-04-2012",
		"3: ******-****|**********|a < ******-****\r",
		"4: **********| 01.11.00 12345678901 310290-1234 |7")
	out := checkMasked(t, b, "Ark1", map[int]bool{0: true, 2: true})
	same(t, read(t, open(t, out), "Ark1"),
		"1: ******-****|****** **** & mere|0101901234|uskyldig",
		"2: 1010901234|******-****|1010901234|23-04-2012",
		"3: ******-****|**********|a < ******-****\r",
		"4: 0101901234| 01.11.00 12345678901 310290-1234 |7")
	for name, text := range contents(t, checkMasked(t, b, "Ark1", nil)) {
		wellFormed(t, name, text)
		for _, bad := range []string{"010190-1234", "0101901234", "1010901234", "101901234", "020290-1234"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s still holds %s", name, bad)
			}
		}
	}
}

// TestSharedByBoth is a string that stands in a declared column and in another: masked only where it must be.
func TestSharedByBoth(t *testing.T) {
	cells := sheetXML(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>0</v></c></row>`)
	more := map[string]string{"xl/sharedStrings.xml": sharedXML(`<si><t>0101901234</t></si>`, `<si><t>0202901234</t></si>`)}
	b := open(t, pack(t, parts(cells, more)))
	same(t, read(t, open(t, checkMasked(t, b, "Ark1", map[int]bool{0: true})), "Ark1"), "1: 0101901234|**********|**********")
	same(t, read(t, open(t, checkMasked(t, b, "Ark1", map[int]bool{0: true, 1: true})), "Ark1"), "1: 0101901234|0202901234|**********")
	b = open(t, pack(t, parts(sheetXML(`<row r="1"><c r="A1" t="s"><v>0</v></c></row>`), map[string]string{"xl/sharedStrings.xml": sharedXML(`<si><t>0101901234</t></si>`)})))
	if needs, err := b.NeedsMasking("Ark1", map[int]bool{0: true}); needs || err != nil {
		t.Error("a declared id is no person's number", err)
	}
	if needs, _ := b.NeedsMasking("Ark1", nil); !needs {
		t.Error("the same in an undeclared column is")
	}
}

func wellFormed(t testing.TB, name, text string) {
	t.Helper()
	if !strings.HasSuffix(name, ".xml") && !strings.HasSuffix(name, ".rels") {
		return
	}
	d := xml.NewDecoder(strings.NewReader(text))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Errorf("%s is not well formed: %v", name, err)
			return
		}
	}
}

// full makes a workbook with excelize that has a person's number everywhere one can be, and things that must not be touched.
func full(t testing.TB) []byte {
	t.Helper()
	f := excelize.NewFile()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	const cpr, plainCPR = "010190-1234", "0101901234"
	must(f.SetSheetName("Sheet1", "Data"))
	_, err := f.NewSheet("Borger " + cpr)
	must(err)
	_, err = f.NewSheet("Diagram")
	must(err)
	must(f.SetSheetRow("Data", "A1", &[]any{"kommune", "enhed " + cpr, "opgave", "dato"}))
	must(f.SetSheetRow("Data", "A2", &[]any{259, "ring " + plainCPR, "01.11.00", "23-04-2012"}))
	must(f.SetCellValue("Data", "A3", 1010901234))
	must(f.SetCellValue("Data", "A4", 12345678901))
	must(f.SetCellFormula("Data", "E2", `COUNTIF('Borger `+cpr+`'!A1:A9,"`+cpr+`")`))
	must(f.SetCellRichText("Data", "F2", []excelize.RichTextRun{{Text: "0101"}, {Text: "90-1234", Font: &excelize.Font{Bold: true}}}))
	must(f.SetCellValue("Borger "+cpr, "A1", cpr))
	must(f.AddTable("Data", &excelize.Table{Range: "A1:D4", Name: "Tabel1"}))
	must(f.AddComment("Data", excelize.Comment{Cell: "A2", Author: "Sagsbehandler " + cpr, Paragraph: []excelize.RichTextRun{{Text: "0101"}, {Text: "90-1234"}}}))
	must(f.SetHeaderFooter("Data", &excelize.HeaderFooterOptions{OddHeader: "&L" + cpr + "&R&P"}))
	must(f.SetDocProps(&excelize.DocProperties{Title: cpr, Creator: plainCPR}))
	must(f.SetDefinedName(&excelize.DefinedName{Name: "omraade", RefersTo: "'Borger " + cpr + "'!$A$1:$A$9"}))
	must(f.SetCellHyperLink("Data", "B2", "https://eksempel.invalid/?cpr="+plainCPR, "External"))
	dv := excelize.NewDataValidation(true)
	dv.SetSqref("C2:C4")
	must(dv.SetDropList([]string{cpr, "andet"}))
	dv.SetInput("Vælg", cpr)
	must(f.AddDataValidation("Data", dv))
	must(f.AddChart("Diagram", "A1", &excelize.Chart{Type: excelize.Col, Title: excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: "Antal for " + cpr}}},
		Series: []excelize.ChartSeries{{Name: "Data!$A$1", Categories: "Data!$B$2:$B$4", Values: "Data!$A$2:$A$4"}}}))
	must(f.AddShape("Diagram", &excelize.Shape{Cell: "H2", Type: "rect", Paragraph: []excelize.RichTextRun{{Text: cpr}}}))
	return bytesOf(t, f)
}

func TestMaskedEverywhere(t *testing.T) {
	file := full(t)
	b := open(t, file)
	out := checkMasked(t, b, "Data", map[int]bool{2: true})
	parts := contents(t, out)
	for name, text := range parts {
		wellFormed(t, name, text)
		for _, bad := range []string{"010190-1234", "0101901234", "1010901234", "90-1234"} {
			if strings.Contains(text, bad) {
				t.Errorf("%s still holds %s", name, bad)
			}
		}
	}
	before := contents(t, file)
	if len(before) != len(parts) {
		t.Errorf("%d parts became %d", len(before), len(parts))
	}
	if before["xl/theme/theme1.xml"] != parts["xl/theme/theme1.xml"] || before["xl/styles.xml"] != parts["xl/styles.xml"] {
		t.Error("a part with nothing to mask was changed")
	}
	if !strings.Contains(parts["xl/worksheets/sheet1.xml"], "12345678901") {
		t.Error("an eleven digit number was taken for a CPR number")
	}
	f, err := excelize.OpenReader(bytes.NewReader(out))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if got := f.GetSheetList(); fmt.Sprint(got) != "[Data Borger xxxxxx-xxxx Diagram]" {
		t.Error(got)
	}
	if got, _ := f.GetCellFormula("Data", "E2"); got != `COUNTIF('Borger xxxxxx-xxxx'!A1:A9,"xxxxxx-xxxx")` {
		t.Error(got)
	}
	if got, _ := f.GetCellValue("Data", "A3"); got != "**********" {
		t.Error(got)
	}
	if comments, err := f.GetComments("Data"); err != nil || len(comments) != 1 || !strings.Contains(comments[0].Text+fmt.Sprint(comments[0].Paragraph), "***") {
		t.Error(comments, err)
	}
}

// TestLibreOfficeOpensMasked has LibreOffice, where it is installed, read the masked copy.
func TestLibreOfficeOpensMasked(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	soffice, err := exec.LookPath("soffice")
	if err != nil {
		t.Skip("LibreOffice is not installed")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "kopi.xlsx")
	if err := os.WriteFile(path, checkMasked(t, open(t, full(t)), "Data", nil), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(soffice, "-env:UserInstallation=file://"+dir+"/profil", "--headless", "--convert-to", "csv", "--outdir", dir, path)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	csv, err := os.ReadFile(filepath.Join(dir, "kopi.csv"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(csv), "**********") || !strings.Contains(string(csv), "ring **********") {
		t.Errorf("LibreOffice reads %s", csv)
	}
}

// TestOtherParts are parts that excelize does not write.
func TestOtherParts(t *testing.T) {
	const cpr = "010190-1234"
	more := map[string]string{
		"xl/pivotCache/pivotCacheDefinition1.xml": `<pivotCacheDefinition><cacheFields><cacheField name="` + cpr + `"><sharedItems minValue="0" maxValue="1010901234"><s v="0101901234"/><n v="1010901234"/></sharedItems></cacheField></cacheFields></pivotCacheDefinition>`,
		"xl/charts/chart1.xml":                    `<c:chartSpace xmlns:c="c"><c:axId val="1010901234"/><c:numCache><c:pt idx="0"><c:v>1010901234</c:v></c:pt></c:numCache><c:strCache><c:pt idx="0"><c:v>` + cpr + `</c:v></c:pt></c:strCache></c:chartSpace>`,
		"xl/drawings/vml.vml":                     `<xml><v:textbox><div>010190-1234<br></div></v:textbox></xml>`,
		"xl/threadedComments/t.xml":               `<ThreadedComments><threadedComment id="{AB010190-1234-4321-0000-000000000000}"><text>ring 0101901234</text></threadedComment></ThreadedComments>`,
		"customXml/item1.xml":                     `<?mso ` + cpr + `?><!-- ` + cpr + ` --><a><![CDATA[<` + cpr + `>]]></a>`,
		"xl/tables/table1.xml":                    `<table><autoFilter><filterColumn colId="0"><filters><filter val="0101901234"/></filters></filterColumn></autoFilter></table>`,
		"xl/drawings/drawing1.xml":                `<d><a:p xmlns:a="a"><a:r><a:t>0101</a:t></a:r><a:r><a:t>90-1234 &amp;</a:t></a:r></a:p></d>`,
		"xl/embeddings/dok.docx":                  "PK\x03\x04 et helt dokument",
		"xl/media/image1.png":                     "\x89PNG\r\n\x1a\n billede",
		"noter.txt":                               "husk " + cpr,
	}
	out := contents(t, checkMasked(t, open(t, pack(t, parts(sheetXML(`<row r="1"><c r="A1"><v>1</v></c></row>`), more))), "Ark1", nil))
	for name, want := range map[string]string{
		"xl/pivotCache/pivotCacheDefinition1.xml": `<pivotCacheDefinition><cacheFields><cacheField name="******-****"><sharedItems minValue="0" maxValue="0000000000"><s v="**********"/><n v="0000000000"/></sharedItems></cacheField></cacheFields></pivotCacheDefinition>`,
		"xl/charts/chart1.xml":                    `<c:chartSpace xmlns:c="c"><c:axId val="1010901234"/><c:numCache><c:pt idx="0"><c:v>0000000000</c:v></c:pt></c:numCache><c:strCache><c:pt idx="0"><c:v>******-****</c:v></c:pt></c:strCache></c:chartSpace>`,
		"xl/drawings/vml.vml":                     `<xml><v:textbox><div>******-****<br></div></v:textbox></xml>`,
		"xl/threadedComments/t.xml":               `<ThreadedComments><threadedComment id="{AB010190-1234-4321-0000-000000000000}"><text>ring **********</text></threadedComment></ThreadedComments>`,
		"customXml/item1.xml":                     `<?mso xxxxxx-xxxx?><!-- xxxxxx-xxxx --><a>&lt;******-****&gt;</a>`,
		"xl/tables/table1.xml":                    `<table><autoFilter><filterColumn colId="0"><filters><filter val="**********"/></filters></filterColumn></autoFilter></table>`,
		"xl/drawings/drawing1.xml":                `<d><a:p xmlns:a="a"><a:r><a:t>****</a:t></a:r><a:r><a:t>**-**** &amp;</a:t></a:r></a:p></d>`,
		"xl/embeddings/dok.docx":                  "",
		"xl/media/image1.png":                     "\x89PNG\r\n\x1a\n billede",
		"noter.txt":                               "husk ******-****",
	} {
		if out[name] != want {
			t.Errorf("%s became\n%s\nwant\n%s", name, out[name], want)
		}
	}
}

func TestNothingToMask(t *testing.T) {
	tw := twinOf(t, 500)
	for sheet, file := range map[string][]byte{"Ark1": tw.shared, "Sheet1": tw.inline} {
		b := open(t, file)
		for range 2 { // before and after Rows has looked
			if needs, err := b.NeedsMasking(sheet, nil); needs || err != nil {
				t.Errorf("%s: %v %v", sheet, needs, err)
			}
			read(t, b, sheet)
		}
		checkMasked(t, b, sheet, nil)
	}
}

// TestMaskLaw masks sheets of random cells: the copy reads as the original with every cell masked.
func TestMaskLaw(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`(010190|311299|320190|1|a|_x|&|<| ){0,2}[- ]?(1234|0101|_|æ){0,3}[- ]?`)
		var shared []string
		for range rapid.IntRange(1, 5).Draw(t, "shared") {
			shared = append(shared, text.Draw(t, "text"))
		}
		esc := func(s string) string { return string(appendXML(nil, []byte(s), true)) }
		rows := ""
		for r := range rapid.IntRange(0, 4).Draw(t, "rows") {
			rows += fmt.Sprintf(`<row r="%d">`, r*2+1)
			for range rapid.IntRange(0, 4).Draw(t, "cells") {
				switch rapid.IntRange(0, 5).Draw(t, "kind") {
				case 0:
					rows += fmt.Sprintf(`<c t="s"><v>%d</v></c>`, rapid.IntRange(0, len(shared)-1).Draw(t, "index"))
				case 1:
					rows += `<c t="inlineStr"><is><t>` + esc(text.Draw(t, "inline")) + `</t></is></c>`
				case 2:
					rows += `<c t="inlineStr"><is><r><t>` + esc(text.Draw(t, "run 1")) + `</t></r><r><t>` + esc(text.Draw(t, "run 2")) + `</t></r></is></c>`
				case 3:
					rows += `<c s="1"><v>` + fmt.Sprint(rapid.SampledFrom([]int64{101901234, 1010901234, 7, 3112991234, 12345678901}).Draw(t, "number")) + `</v></c>`
				case 4:
					rows += `<c t="str"><f>` + esc(text.Draw(t, "formula")) + `</f><v>` + esc(text.Draw(t, "result")) + `</v></c>`
				case 5:
					rows += `<c/>`
				}
			}
			rows += `</row>`
		}
		items := ""
		for _, s := range shared {
			items += `<si><t>` + esc(s) + `</t></si>`
		}
		file := packQuiet(parts(sheetXML(rows), map[string]string{"xl/sharedStrings.xml": sharedXML(items),
			"xl/styles.xml": `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="000000\-0000"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="164"/></cellXfs></styleSheet>`}))
		b, err := Open(bytes.NewReader(file), int64(len(file)), testMax)
		if err != nil {
			t.Fatalf("%v", err)
		}
		declared := map[int]bool{}
		for range rapid.IntRange(0, 2).Draw(t, "declared") {
			declared[rapid.IntRange(0, 3).Draw(t, "column")] = true
		}
		if rapid.Bool().Draw(t, "read first") {
			plainRows(t, b, "Ark1")
		}
		if checkMasked(t, b, "Ark1", declared) == nil {
			t.Fatalf("not written")
		}
	})
}

func packQuiet(parts map[string]string) []byte {
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	for n, x := range parts {
		w, _ := zw.Create(n)
		io.WriteString(w, x)
	}
	zw.Close()
	return buf.Bytes()
}
