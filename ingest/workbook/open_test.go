package workbook

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

func TestSniff(t *testing.T) {
	for _, c := range []struct{ head, want string }{
		{"", "empty"}, {"PK\x03\x04rest", "zip"}, {"%PDF-1.7\n", "pdf"}, {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "ole"},
		{"\x89PNG\r\n\x1a\n", "png"}, {"\x1f\x8b\x08", "gzip"}, {"<!DOCTYPE html><html>", "html"}, {"\n <TABLE><tr>", "html"},
		{"<?xml version=\"1.0\"?><KLE/>", "xml"}, {"kommune;enhed\r\n", "text"}, {"\xef\xbb\xbfkommune", "text"},
		{"\xff\xfek\x00o\x00", "text"}, {"k\xf8n;\xe5r", "text"}, {"\x01\x02\x03\x04\x00\x00abc", "binary"},
		{strings.Repeat("a;b\n", 100) + "\x00", "text"},
	} {
		if got := Sniff([]byte(c.head)); got != c.want {
			t.Errorf("Sniff(%q) = %s, want %s", c.head, got, c.want)
		}
		if (Describe(c.want) == "") != (c.want == "text") {
			t.Errorf("Describe(%s) = %q", c.want, Describe(c.want))
		}
	}
}

// ole is what the compound format's head and directory look like, with one stream of this name.
func ole(stream string) string {
	head := make([]byte, 1024)
	copy(head, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
	copy(head[512:], utf16Bytes(stream))
	return string(head)
}

func zipWith(t *testing.T, change func(p map[string]string)) string {
	p := parts(sheetXML(`<row r="1"><c r="A1"><v>1</v></c></row>`), nil)
	change(p)
	return string(pack(t, p))
}

// bomb is a deflated entry of many zeros; the header may lie about the size.
func bomb(t *testing.T, size, stated int) string {
	var packed bytes.Buffer
	fw, _ := flate.NewWriter(&packed, 9)
	head := `<worksheet><sheetData>`
	io.WriteString(fw, head)
	fw.Write(bytes.Repeat([]byte(" "), size))
	fw.Close()
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	for name, text := range parts("", nil) {
		if name != "xl/worksheets/sheet1.xml" {
			w, _ := zw.Create(name)
			io.WriteString(w, text)
		}
	}
	w, err := zw.CreateRaw(&zip.FileHeader{Name: "xl/worksheets/sheet1.xml", Method: zip.Deflate, UncompressedSize64: uint64(stated), CompressedSize64: uint64(packed.Len())})
	if err != nil {
		t.Fatal(err)
	}
	w.Write(packed.Bytes())
	zw.Close()
	return buf.String()
}

func TestRefused(t *testing.T) {
	good := string(pack(t, parts(sheetXML(`<row r="1"><c r="A1"><v>1</v></c></row>`), nil)))
	crc := []byte(good)
	crc[strings.Index(good, "xl/worksheets/sheet1.xml")+40] ^= 0xff // within the packed sheet
	locked := []byte(good)
	binary.LittleEndian.PutUint16(locked[strings.LastIndex(good, "PK\x01\x02")+8:], 1)
	twice := func() string {
		var buf bytes.Buffer
		zw := zip.NewWriter(&buf)
		for _, n := range []string{"[Content_Types].xml", "xl/workbook.xml", "XL/Workbook.xml"} {
			zw.Create(n)
		}
		zw.Close()
		return buf.String()
	}()
	xlsx := excelize.NewFile()
	protected, err := func() ([]byte, error) {
		var buf bytes.Buffer
		err := xlsx.Write(&buf, excelize.Options{Password: "hemmeligt"})
		return buf.Bytes(), err
	}()
	if err != nil {
		t.Fatal(err)
	}
	macro := strings.Replace(parts("", nil)["[Content_Types].xml"], "openxmlformats-officedocument.spreadsheetml.sheet", "ms-excel.sheet.macroEnabled", 1)
	for _, c := range []struct{ name, file, rule, detail string }{
		{"empty", "", "F01", "tom"},
		{"text", "kommune;enhed\n", "F02", "tekstfil"},
		{"pdf", "%PDF-1.4\n", "F02", "PDF"},
		{"html", "<html><table>", "F02", "webside"},
		{"old xls", ole("Workbook"), "F02", ".xls"},
		{"older xls", ole("Book"), "F02", ".xls"},
		{"old doc", ole("WordDocument"), "F02", ".doc"},
		{"another compound file", ole("Noget"), "F02", "gammelt Office-format"},
		{"password", ole("EncryptedPackage"), "F02", "adgangskode"},
		{"a real password", string(protected), "F02", "adgangskode"},
		{"half a zip", good[:len(good)/2], "F02", "gået i stykker"},
		{"only a zip head", "PK\x03\x04", "F02", "gået i stykker"},
		{"a changed byte", string(crc), "F02", "gået i stykker"},
		{"zip with password", string(locked), "F02", "adgangskode"},
		{"a name twice", twice, "F02", "gået i stykker"},
		{"another zip", string(pack(t, map[string]string{"readme.txt": "x"})), "F02", "ikke en Excel-projektmappe"},
		{"ods", string(pack(t, map[string]string{"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": "<x/>"})), "F02", ".ods"},
		{"docx", string(pack(t, map[string]string{"[Content_Types].xml": "<Types/>", "word/document.xml": "<x/>"})), "F02", ".docx"},
		{"xlsb", string(pack(t, map[string]string{"[Content_Types].xml": "<Types/>", "xl/workbook.bin": "x"})), "F02", ".xlsb"},
		{"xlsm by type", zipWith(t, func(p map[string]string) { p["[Content_Types].xml"] = macro }), "F02", "makroer"},
		{"xlsm by part", zipWith(t, func(p map[string]string) { p["xl/vbaProject.bin"] = "x" }), "F02", "makroer"},
		{"no workbook part", zipWith(t, func(p map[string]string) { delete(p, "xl/workbook.xml") }), "F02", "ikke en Excel-projektmappe"},
		{"no sheet part", zipWith(t, func(p map[string]string) { delete(p, "xl/worksheets/sheet1.xml") }), "F02", brokenBook},
		{"no relationships", zipWith(t, func(p map[string]string) { delete(p, "xl/_rels/workbook.xml.rels") }), "F02", brokenBook},
		{"a person's number as a part", zipWith(t, func(p map[string]string) { p["xl/media/010190-1234.png"] = "x" }), "F02", "CPR"},
		{"entities", zipWith(t, func(p map[string]string) {
			p["xl/workbook.xml"] = `<!DOCTYPE lolz [<!ENTITY lol "lol">]>` + p["xl/workbook.xml"]
		}), "F02", "DTD"},
		{"bomb", bomb(t, 64<<20, 64<<20), "F02", "zip-bombe"},
		{"bomb that states little", bomb(t, 64<<20, 1000), "F02", ""},
		{"bomb that states nothing", bomb(t, 64<<20, 0), "F02", ""},
		{"truncated sheet that states much", bomb(t, 10, 1<<20), "F02", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			b, err := Open(strings.NewReader(c.file), int64(len(c.file)), testMax)
			if err == nil {
				_, err = tryRead(b, b.Sheets()[0].Name)
			}
			wantFault(t, err, c.rule, c.detail)
		})
	}
	_, err = Open(strings.NewReader(good), int64(len(good)), 100)
	wantFault(t, err, "F02", "udpakket")
}

// TestOverlap makes a zip whose entries share their bytes: each is small, together they are not.
func TestOverlap(t *testing.T) {
	text := strings.Repeat("x", 1<<20)
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	for range 1 {
		w, _ := zw.Create("xl/a.xml")
		io.WriteString(w, text)
	}
	zw.Close()
	file := buf.Bytes()
	at := bytes.LastIndex(file, []byte("PK\x01\x02"))
	end := bytes.LastIndex(file, []byte("PK\x05\x06"))
	entry := append([]byte{}, file[at:end]...)
	out := append([]byte{}, file[:at]...)
	for i := range 500 {
		copy(entry[46:], []byte{'a' + byte(i%26), 'a' + byte(i/26)})
		out = append(out, entry...)
	}
	tail := append([]byte{}, file[end:]...)
	binary.LittleEndian.PutUint16(tail[8:], 500)
	binary.LittleEndian.PutUint16(tail[10:], 500)
	binary.LittleEndian.PutUint32(tail[12:], uint32(500*len(entry)))
	out = append(out, tail...)
	_, err := Open(bytes.NewReader(out), int64(len(out)), testMax)
	wantFault(t, err, "F02", "zip-bombe")
}

// TestTolerated are workbooks that stray from the norm in ways real programs do.
func TestTolerated(t *testing.T) {
	for name, change := range map[string]func(p map[string]string){
		"backslashes": func(p map[string]string) {
			p[`xl\worksheets\sheet1.xml`] = p["xl/worksheets/sheet1.xml"]
			delete(p, "xl/worksheets/sheet1.xml")
		},
		"a folder as an entry": func(p map[string]string) { p["xl/"] = "" },
		"no styles":            func(p map[string]string) {},
		"a template": func(p map[string]string) {
			p["[Content_Types].xml"] = strings.Replace(p["[Content_Types].xml"], "sheet.main", "template.main", 1)
		},
		"excelize's macro default": func(p map[string]string) {
			p["[Content_Types].xml"] = strings.Replace(p["[Content_Types].xml"], "<Override", `<Default Extension="bin" ContentType="application/vnd.ms-office.vbaProject"/><Override`, 1)
		},
		"the book elsewhere": func(p map[string]string) {
			p["bog/b.xml"], p["bog/_rels/b.xml.rels"], p["bog/worksheets/sheet1.xml"] = p["xl/workbook.xml"], p["xl/_rels/workbook.xml.rels"], p["xl/worksheets/sheet1.xml"]
			p["[Content_Types].xml"] = strings.Replace(p["[Content_Types].xml"], "/xl/workbook.xml", "/bog/b.xml", 1)
			delete(p, "xl/workbook.xml")
		},
	} {
		file := zipWith(t, change)
		b, err := Open(strings.NewReader(file), int64(len(file)), testMax)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		same(t, read(t, b, "Ark1"), "1: 1")
	}
}

// TestReadError gives the caller's own trouble back as it is, not as a fault of the file.
func TestReadError(t *testing.T) {
	file := pack(t, parts(sheetXML(""), nil))
	_, err := Open(failing{}, int64(len(file)), testMax)
	var f *Fault
	if err == nil || errors.As(err, &f) || !errors.Is(err, os.ErrPermission) {
		t.Fatal(err)
	}
}

type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, os.ErrPermission }

func FuzzOpen(f *testing.F) {
	f.Add(pack(f, parts(sheetXML(`<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>1010901234</v></c></row>`), map[string]string{
		"xl/sharedStrings.xml": sharedXML(`<si><t>010190-1234</t></si>`), "xl/comments1.xml": `<comments><text><r><t>a</t></r></text></comments>`})))
	x := excelize.NewFile()
	x.SetCellValue("Sheet1", "A1", "x")
	f.Add(bytesOf(f, x))
	f.Add([]byte("%PDF-1.4"))
	f.Add([]byte(ole("Workbook")))
	f.Fuzz(func(t *testing.T, file []byte) { useAll(t, file, 1<<22) })
}

// FuzzSheet puts any XML into the sheet and the shared strings of a workbook that is otherwise right.
func FuzzSheet(f *testing.F) {
	f.Add(`<row r="1"><c r="A1" t="s"><v>0</v></c></row>`, `<si><t>x</t></si>`)
	f.Add(`<row><c t="inlineStr"><is><r><t>010190</t></r><r><t>-1234</t></r></is></c><c><f>"1"</f><v>1010901234</v></c></row>`, `<si><r><t>01</t></r><rPh><t>x</t></rPh></si>`)
	f.Fuzz(func(t *testing.T, rows, strings string) {
		useAll(t, pack(t, parts(sheetXML(rows), map[string]string{"xl/sharedStrings.xml": sharedXML(strings)})), 1<<22)
	})
}

// useAll does everything that can be done with a file; nothing may panic, and what opens and reads must mask well.
func useAll(t *testing.T, file []byte, limit int64) {
	b, err := Open(bytes.NewReader(file), int64(len(file)), limit)
	if err != nil {
		var fault *Fault
		if !errors.As(err, &fault) {
			t.Fatalf("not a Fault: %v", err)
		}
		return
	}
	for _, s := range b.Sheets() {
		if _, err := tryRead(b, s.Name); err != nil {
			return
		}
	}
	for _, s := range b.Sheets() {
		checkMasked(t, b, s.Name, map[int]bool{0: true})
	}
}
