package ingest

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"komhen/model"
)

// seed is a document that lies beside the repository and is not part of it.
func seed(t testing.TB, name string) []byte {
	t.Helper()
	paths, _ := filepath.Glob(filepath.Join("..", "..", "shared", "domain", "seeds", name+"_*.txt"))
	if len(paths) == 0 {
		t.Skip("the seed documents are not beside the repository (../shared)")
	}
	data, err := os.ReadFile(paths[0])
	must(t, err)
	return data
}

func escaped(text string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(text))
	return b.String()
}

// asDocx makes a Word document of a text in the template's form: a table with a row for each field, the label in one cell and the text in
// the next. With numbered set, the numbers of lists are Word's own instead of text.
func asDocx(t testing.TB, text string, numbered bool) []byte {
	t.Helper()
	var b strings.Builder
	list, lists := 0, 0
	paragraph := func(line string) {
		line = strings.TrimPrefix(line, "\t")
		properties := ""
		if m := regexp.MustCompile(`^(?:(\d+)|([a-z]))\. (.*)$`).FindStringSubmatch(line); numbered && m != nil {
			level := 0
			if m[2] != "" {
				level = 1
			} else if m[1] == "1" {
				lists++
				list = lists
			}
			properties, line = fmt.Sprintf(`<w:pPr><w:numPr><w:ilvl w:val="%d"/><w:numId w:val="%d"/></w:numPr></w:pPr>`, level, list), m[3]
		}
		half := len(line) / 2
		for half > 0 && half < len(line) && line[half]&0xC0 == 0x80 {
			half++
		}
		fmt.Fprintf(&b, `<w:p>%s<w:r><w:t xml:space="preserve">%s</w:t></w:r><w:del><w:r><w:delText>slettet</w:delText><w:t>slettet</w:t></w:r></w:del><w:r><w:rPr><w:b/></w:rPr><w:t xml:space="preserve">%s</w:t></w:r></w:p>`,
			properties, escaped(line[:half]), escaped(line[half:]))
	}
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?><w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>`)
	inTable, inCell := false, false
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, "\t") {
			if !inTable {
				b.WriteString("<w:tbl>")
				inTable = true
			}
			if inCell {
				b.WriteString("</w:tc></w:tr>")
			}
			b.WriteString("<w:tr><w:tc>")
			inCell = true
		}
		if line != "" {
			paragraph(line)
		}
	}
	if inCell {
		b.WriteString("</w:tc></w:tr></w:tbl>")
	}
	b.WriteString(`</w:body></w:document>`)
	numbering := `<w:numbering xmlns:w="x"><w:abstractNum w:abstractNumId="7"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>` +
		`<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%2."/></w:lvl></w:abstractNum>`
	for n := 1; n <= lists; n++ {
		numbering += fmt.Sprintf(`<w:num w:numId="%d"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride></w:num>`, n)
	}
	return zipOf(t, map[string]string{"[Content_Types].xml": "<Types/>", docxMain: b.String(), "word/numbering.xml": numbering + "</w:numbering>",
		"word/comments.xml": "<w:comments>En Persons Navn</w:comments>", "docProps/core.xml": "<c>En Persons Navn</c>"})
}

func zipOf(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range parts {
		w, err := z.Create(name)
		must(t, err)
		_, err = w.Write([]byte(text))
		must(t, err)
	}
	must(t, z.Close())
	return b.Bytes()
}

func klikRules(in *KlikImport) (rules []string) {
	for _, f := range in.Findings {
		rules = append(rules, strings.TrimSpace(f.Rule+" "+f.Column))
	}
	slices.Sort(rules)
	return rules
}

// sameCells tells whether two readings of a document hold the same; where the lines stand differs with the form.
func sameCells(a, b *KlikFile) error {
	if len(a.Rows) != 1 || len(b.Rows) != 1 || len(a.Rows[0].Cells) != len(b.Rows[0].Cells) {
		return fmt.Errorf("%d and %d rows", len(a.Rows), len(b.Rows))
	}
	squeeze := func(s string) string {
		return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return r == '\n' }), "\n")
	} // a table has no empty lines
	for field, text := range a.Rows[0].Cells {
		if other := b.Rows[0].Cells[field]; squeeze(text) != squeeze(other) {
			return fmt.Errorf("%s: %q and %q", field, text, other)
		}
	}
	return nil
}

// TestKlikSeedTask reads the filled-in task of seed 000: prefix, number, every filled field whole, and the mandatory fields that the document
// does not have. The same as a Word document, with the numbers typed or Word's own, is the same.
func TestKlikSeedTask(t *testing.T) {
	data := seed(t, "000")
	in := CheckKlikAlone(testBook(t), "000.txt", data, klikReceived)
	cells := in.File.Rows[0].Cells
	prefix, number, sentence, ok := model.ParseKlikTitle(cells["title"])
	if prefix != "Kontakt" || number != 1 || !ok || !strings.HasPrefix(sentence, "Fastlæg arbejdsgange") {
		t.Errorf("%q %d %q", prefix, number, sentence)
	}
	want := []string{"KL13 Bølger", "KL13 Er det en STS/infrastruktur opgave?", "KL13 Fase", "KL13 Prioritet", "KL13 Tema"}
	if got := klikRules(in); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if in.Refused != 1 || in.File.Form != "document" {
		t.Errorf("%+v", in.KlikOutcome)
	}
	filled := 0
	for _, text := range cells {
		if text != "" {
			filled++
		}
	}
	if filled != 10 || len(cells) != 11 {
		t.Errorf("%d filled of %d fields: %v", filled, len(cells), cells)
	}
	// Every word of the document stands in a label or a field, and nothing else does.
	words := func(s string) string { return strings.Join(strings.Fields(s), " ") }
	whole := words(string(data))
	fields := slices.SortedFunc(maps.Keys(cells), func(a, b string) int { return len(cells[b]) - len(cells[a]) }) // a short one may stand in a long one
	for _, field := range fields {
		text := cells[field]
		if !strings.Contains(whole, words(text)) {
			t.Errorf("%s is not whole: %q", field, text)
		}
		whole = strings.Replace(whole, words(text), "", 1)
	}
	for _, f := range testBook(t).Klik.Fields {
		for _, label := range []string{"*" + f.Label, f.Label, "Eventuel kommentar til Anbefalet ansvarlig"} {
			whole = strings.Replace(whole, label, "", 1)
		}
	}
	if left := words(whole); left != "" {
		t.Errorf("left out: %q", left)
	}
	for _, piece := range []string{"1. ", "\na. ", "\nb. ", "\n4. "} {
		if !strings.Contains(cells["method"], piece) {
			t.Errorf("the list has no %q", piece)
		}
	}
	if got := model.KlikReferences(cells["related"]); !slices.Equal(got, []string{"Kontakt 2"}) {
		t.Errorf("%q", got)
	}
	for _, numbered := range []bool{false, true} {
		word := CheckKlikAlone(testBook(t), "000.docx", asDocx(t, string(data), numbered), klikReceived)
		if err := sameCells(in.File, word.File); err != nil {
			t.Errorf("as a Word document (numbered %v): %v", numbered, err)
		}
		if got := klikRules(word); !slices.Equal(got, want) {
			t.Errorf("as a Word document: %q", got)
		}
		if bytes.Contains(word.File.kept, []byte("Navn")) {
			t.Error("what is kept names who wrote it")
		}
	}
}

// TestKlikSeedGuide: the guide's own examples check as the guide says: its wording is right and what it warns of is found.
func TestKlikSeedGuide(t *testing.T) {
	data := seed(t, "001")
	book := testBook(t)
	file := ReadKlik(book, "001.txt", data)
	if file.Fault || len(file.Rows) != 1 {
		t.Fatalf("%+v", file.Findings)
	}
	cells := file.Rows[0].Cells
	for _, f := range book.Klik.Fields {
		if f.Document && cells[f.Field] == "" {
			t.Errorf("the guide says nothing of %s", f.Label)
		}
	}
	if strings.Contains(string(file.kept), "Comment by") {
		t.Error("remarks are kept, with their authors")
	}
	if _, _, _, ok := model.ParseKlikTitle(cells["title"]); ok {
		t.Error("the guide's title is none")
	}
	// example is what follows "Fx (…)" in a field.
	example := func(field string) string {
		_, text, found := strings.Cut(cells[field], "\nFx (")
		if !found {
			t.Fatalf("no example in %s", field)
		}
		_, text, _ = strings.Cut(text, "\n")
		return text
	}
	document := "\t*Opgavetitel\n\t(SFTP-oprettelse 1) Giv samtykke\n\n\t*Projekt\n\tKP\n\n\t*Fase\n\tForberedelse\n\n\t*Tema\n\tIt-miljø og infrastruktur\n\n" +
		"\t*Prioritet: Obligatorisk på kritisk vej, Obligatorisk og Valgfri\n\tValgfri\n\n\t*Er det en STS/infrastruktur opgave?\n\tnej\n\n\tOpgavens varighed (antal dage)\n\t5\n\n" +
		"\tSlutdato (Fra Go-live)\n\t-14\n\n\tStartdato (Fra slutdato)\n\t%s\n\n\t*Bølger\n\tBølge 1\n\n"
	for field, label := range map[string]string{"goal": "Mål", "description": "*Beskrivelse", "method": "Metode og fremgangsmåde", "result": "Resultat", "message": "Besked til kommunerne i forbindelse med at opgave publiceres"} {
		text := "\t" + label + "\n\t" + example(field)
		if field != "description" {
			text = "\t*Beskrivelse\n\tI skal give samtykke.\n\n" + text
		}
		in := CheckKlikAlone(book, "eksempel.txt", []byte(fmt.Sprintf(document, "”-14”")+text), klikReceived)
		if len(in.Findings) != 0 || in.Refused != 0 || len(in.Decision.Tasks) != 1 {
			t.Errorf("the guide's example of %s: %+v", field, in.Findings)
		}
	}
	for _, start := range []string{"0", "14"} { // "Værdien skal altid være negativ"
		in := CheckKlikAlone(book, "eksempel.txt", []byte(fmt.Sprintf(document, start)+"\t*Beskrivelse\n\tkommunen skal give samtykke"), klikReceived)
		if got := klikRules(in); !slices.Equal(got, []string{"KL02 Startdato (fra slutdato)", "KL11 Beskrivelse"}) {
			t.Errorf("%q", got)
		}
	}
	for _, numbered := range []bool{false} {
		clean := klikRemark.ReplaceAllString(string(data), "")
		if err := sameCells(file, ReadKlik(book, "001.docx", asDocx(t, clean, numbered))); err != nil {
			t.Error("as a Word document:", err)
		}
	}
}

// TestKlikDocx: Word's own numbers, links, form fields nobody has filled in, tables of two columns, and what is not a document.
func TestKlikDocx(t *testing.T) {
	body := func(text string) string {
		return `<w:document xmlns:w="w" xmlns:r="r"><w:body>` + text + `</w:body></w:document>`
	}
	cell := func(text string) string { return `<w:tc><w:p><w:r><w:t>` + text + `</w:t></w:r></w:p></w:tc>` }
	parts := map[string]string{
		docxMain: body(`<w:tbl><w:tr>` + cell("*Opgavetitel") + cell("(A 1) Gør &amp; få") + `</w:tr><w:tr>` + cell("*Projekt") + `<w:tc><w:sdt><w:sdtPr><w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>Vælg</w:t></w:r></w:p></w:sdtContent></w:sdt></w:tc></w:tr><w:tr>` +
			cell("*Er det en STS/infrastruktur opgave?") + cell("☐ Nej ☒ Ja") + `</w:tr><w:tr>` + cell("Eksterne bilag") +
			`<w:tc><w:p><w:hyperlink r:id="r1"><w:r><w:t>Vejledning</w:t></w:r></w:hyperlink><w:r><w:br/><w:t>og mere</w:t></w:r></w:p></w:tc></w:tr><w:tr>` + cell("Metode") +
			`<w:tc>` + strings.Repeat(`<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>trin</w:t></w:r></w:p>`, 2) +
			strings.Repeat(`<w:p><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>led</w:t></w:r></w:p>`, 2) + `</w:tc></w:tr></w:tbl>`),
		"word/numbering.xml": `<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="3"/><w:numFmt w:val="upperRoman"/><w:lvlText w:val="%1)"/></w:lvl>` +
			`<w:lvl w:ilvl="1"><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`,
		"word/_rels/document.xml.rels": `<Relationships><Relationship Id="r1" Type="http://x/hyperlink" Target="https://example.dk/v.pdf" TargetMode="External"/></Relationships>`,
	}
	file := ReadKlik(testBook(t), "a.docx", zipOf(t, parts))
	if file.Fault {
		t.Fatalf("%+v", file.Findings)
	}
	for field, want := range map[string]string{"title": "(A 1) Gør & få", "project": "", "sts": "☐ Nej ☒ Ja", "attachments": "Vejledning (https://example.dk/v.pdf)\nog mere",
		"method": "III) trin\nIV) trin\nIV.1 led\nIV.2 led"} {
		if got := file.Rows[0].Cells[field]; got != want {
			t.Errorf("%s: %q", field, got)
		}
	}
	big := strings.Repeat("<w:p><w:r><w:t>aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa</w:t></w:r></w:p>", 300_000)
	for name, data := range map[string][]byte{
		"cut off": zipOf(t, parts)[:200], "a bomb": zipOf(t, map[string]string{docxMain: body(big)}), "deep": zipOf(t, map[string]string{docxMain: strings.Repeat("<a>", 100_000)}),
		"no document": zipOf(t, map[string]string{"word/x.xml": "<a/>"}), "broken XML": zipOf(t, map[string]string{docxMain: "<w:document><w:p>"}), "an entity": zipOf(t, map[string]string{docxMain: `<!DOCTYPE a [<!ENTITY x "yy">]><a>&x;</a>`}),
		"empty": zipOf(t, map[string]string{docxMain: body("")}),
	} {
		if f := ReadKlik(testBook(t), "a.docx", data); !f.Fault || len(f.Findings) != 1 || f.Findings[0].Rule != "KL15" || f.kept != nil {
			t.Errorf("%s: %+v", name, f.Findings)
		}
	}
}

// FuzzKlik: whatever comes as a task, a list or a Word document ends with findings; a row is refused or counts; and what is kept holds no
// CPR-shaped value and reads the same again.
func FuzzKlik(f *testing.F) {
	dirs, _ := filepath.Glob(filepath.Join(testdata, "klik", "*", "input.*"))
	for _, path := range dirs {
		data, err := os.ReadFile(path)
		must(f, err)
		f.Add(byte(0), string(data))
	}
	f.Add(byte(1), `<w:document xmlns:w="w"><w:body><w:tbl><w:tr><w:tc><w:p><w:pPr><w:numPr><w:ilvl w:val="1"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>*Opgavetitel</w:t></w:r></w:p></w:tc></w:tr></w:tbl></w:body></w:document>`)
	f.Add(byte(2), `<w:numbering xmlns:w="w"><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="-3"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1%2%9"/></w:lvl></w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`)
	book := testBook(f)
	list := `<w:document xmlns:w="w"><w:body><w:p><w:r><w:t>*Opgavetitel</w:t></w:r></w:p><w:p><w:r><w:t>*Projekt</w:t></w:r></w:p>` +
		strings.Repeat(`<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="1"/></w:numPr></w:pPr><w:r><w:t>x</w:t></w:r></w:p>`, 3) + `</w:body></w:document>`
	f.Fuzz(func(t *testing.T, how byte, text string) {
		data := []byte(text)
		switch how % 3 {
		case 1:
			data = zipOf(t, map[string]string{docxMain: text})
		case 2:
			data = zipOf(t, map[string]string{docxMain: list, "word/numbering.xml": text})
		}
		in := CheckKlikAlone(book, "fil", data, klikReceived)
		if in.File.Fault {
			if in.File.kept != nil || len(in.Findings) != 1 {
				t.Fatalf("%+v", in)
			}
			return
		}
		if in.Refused > in.Rows || len(in.Decision.Tasks) > in.Rows {
			t.Fatalf("%d refused of %d", in.Refused, in.Rows)
		}
		if _, hit := model.MaskCPR(string(in.File.kept), false); hit && in.File.format == "txt" {
			t.Fatal("a CPR-shaped value is kept")
		}
		again := readKeptKlik(book, "fil", in.File.format, in.File.kept)
		out := applyKlik(book, klikState{plan: noPlan(), project: 1, wave: 1, task: 1, alone: true}, again, model.MomentOf(klikReceived))
		if !equalJSON(out.Decision, in.Decision) {
			t.Fatalf("read again: %+v\n%+v", out.Decision, in.Decision)
		}
	})
}

func noPlan() *model.KlikPlan {
	p := &model.KlikPlan{}
	p.Reindex()
	return p
}
