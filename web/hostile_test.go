package web

import (
	"archive/zip"
	"bytes"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"komhen/web/account"
)

// live is what must never come back from us unescaped.
const live = `<img src=x onerror=alert(1)>`

var hostileNames = []string{"../../etc/passwd", `..\..\windows\system32\a.csv`, live + ".csv", "a\x00b.csv", "a\r\nSet-Cookie: x=1.csv", strings.Repeat("æ", 5000) + ".csv",
	"\u202egpj.csv", "", ".", "..", "/", "con.csv", "'; DROP TABLE uploads;--.csv", "a.csv\"; filename=\"b.csv", "{{.}}.csv", "1234567890.csv", "0101701234.csv", "a.xlsx", "b.XLS", "c.pdf", "=cmd|' /C calc'!A0.csv"}

const goodHeader = "Kommune;Enhed;Opgave;Kanal;Type;Afslutning;Blanket;Dato\n"

func hostileContent(r *rand.Rand) []byte {
	cells := []string{live, "=cmd|' /C calc'!A0", "@SUM(A1)", "010170-1234", "\x00\x01", `"`, `""`, "\"a\nb\"", "\u202e", strings.Repeat("x", 70000), "'; DROP TABLE contacts;--", "{{.Data}}", "NULL", "1,2E+10", "\xff\xfe", "&lt;", "javascript:alert(1)", "%00", "../x"}
	cell := func() string { return cells[r.IntN(len(cells))] }
	switch r.IntN(12) {
	case 0:
		return nil
	case 1: // noise
		b := make([]byte, r.IntN(5000))
		for i := range b {
			b[i] = byte(r.UintN(256))
		}
		return b
	case 2: // rows of hostile cells
		var b bytes.Buffer
		b.WriteString(goodHeader)
		for range r.IntN(50) {
			row := strings.Split("259;Borgerservice;23.05.10;TLFIND;VEJL;STRAKS;NEJ;23-04-2012", ";")
			row[r.IntN(len(row))] = cell()
			b.WriteString(strings.Join(row, ";") + "\n")
		}
		return b.Bytes()
	case 3: // hostile headers
		var names []string
		for range 1 + r.IntN(400) {
			names = append(names, cell())
		}
		return []byte(strings.Join(names, ";") + "\n" + strings.Join(names, ";") + "\n")
	case 4: // a mandatory header and hostile local parameters
		return []byte(strings.TrimSpace(goodHeader) + ";" + cell() + ";" + cell() + "\n259;B;23.05.10;TLFIND;VEJL;STRAKS;NEJ;23-04-2012;" + cell() + ";" + cell() + "\n")
	case 5:
		return zipped(map[string][]byte{"xl/workbook.xml": []byte("<workbook>" + live), "[Content_Types].xml": nil})
	case 6: // a small bomb
		return zipped(map[string][]byte{"xl/worksheets/sheet1.xml": bytes.Repeat([]byte("0"), 8<<20), "xl/workbook.xml": []byte(`<workbook xmlns:r="x"><sheets><sheet name="` + `&lt;b&gt;` + `" sheetId="1" r:id="rId1"/></sheets></workbook>`)})
	case 7:
		return zipped(map[string][]byte{"../../evil": []byte("x"), "xl/vbaProject.bin": []byte("x")})
	case 8:
		return append([]byte("%PDF-1.7\n"), live...)
	case 9:
		return append([]byte{0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1}, make([]byte, 600)...)
	case 10: // xml that calls for more
		return []byte(`<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>`)
	}
	return []byte(goodHeader + strings.Repeat("259;"+cell()+"\n", r.IntN(200)))
}

func zipped(files map[string][]byte) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range files {
		if w, err := z.Create(name); err == nil {
			w.Write(content)
		}
	}
	z.Close()
	return b.Bytes()
}

// TestHostileUploads sends 500 files that mean ill: each gets a clear answer, none a fault of ours, nothing of them runs in a page.
func TestHostileUploads(t *testing.T) {
	t.Parallel()
	s := newSite(t, Config{MaxUploadMB: 4})
	v := s.as(t, account.Coordinator, 259, "")
	r := rand.New(rand.NewPCG(2012, 17))
	harmless := func(where, body string) {
		if strings.Contains(body, live) {
			t.Errorf("%s shows markup of a file as markup", where)
		}
	}
	for i := range 500 {
		name := hostileNames[r.IntN(len(hostileNames))]
		body := v.hostile(name, hostileContent(r), r)
		harmless(fmt.Sprintf("file %d (%q)", i, name), body)
		for _, p := range s.pending.of(s.onlyAccount(t)) {
			_, page := v.settle("/incoming/" + p.id)
			harmless("receipt of "+name, page)
			next := "/cancel"
			if strings.Contains(page, "/load\"") && r.IntN(3) == 0 {
				next = "/load"
			}
			if status, page := v.post("/incoming/"+p.id+next, nil); status >= 500 {
				t.Errorf("file %d (%q)%s: %d %s", i, name, next, status, words(page))
			}
			if next == "/load" {
				_, page := v.settle("/incoming/" + p.id)
				harmless("loaded "+name, page)
			}
		}
	}
	status, body := v.get("/uploads")
	harmless("/uploads", body)
	if status != http.StatusOK {
		t.Errorf("/uploads: %d", status)
	}
	left, err := os.ReadDir(filepath.Join(s.folder.Dir, "tmp"))
	if err != nil || len(left) > 0 {
		t.Errorf("left in tmp: %v, %v", left, err)
	}
	faults := 0
	if err := s.folder.Audit(t.Context(), func(f string) { faults++; t.Error(f) }); err != nil || faults > 0 {
		t.Errorf("%d faults, %v", faults, err)
	}
}

func (s *site) onlyAccount(t *testing.T) string {
	t.Helper()
	all := s.accounts.Accounts()
	if len(all) != 1 {
		t.Fatalf("%d accounts", len(all))
	}
	return all[0].ID
}

// hostile sends a file, sometimes in a form that is itself broken, and gives what came back.
func (v *visitor) hostile(name string, content []byte, r *rand.Rand) string {
	v.t.Helper()
	boundary := "grænse"[:2] + fmt.Sprint(r.Uint32())
	var b bytes.Buffer
	part := func(head string, body []byte) {
		fmt.Fprintf(&b, "--%s\r\n%s\r\n\r\n", boundary, head)
		b.Write(body)
		b.WriteString("\r\n")
	}
	quoted := strings.NewReplacer("\\", "\\\\", `"`, `\"`, "\r", " ", "\n", " ").Replace(name)
	if r.IntN(10) == 0 {
		quoted = name // unquoted on purpose
	}
	for range r.IntN(3) {
		part(`Content-Disposition: form-data; name="`+[]string{"source", "kind", "municipality", "test", live}[r.IntN(5)]+`"`, []byte([]string{live, "system", "461", strings.Repeat("a", 300), "\x00", "259"}[r.IntN(6)]))
	}
	part(`Content-Disposition: form-data; name="files"; filename="`+quoted+`"`, content)
	if r.IntN(8) != 0 {
		fmt.Fprintf(&b, "--%s--\r\n", boundary)
	}
	kind := "multipart/form-data; boundary=" + boundary
	switch r.IntN(25) {
	case 0:
		kind = "multipart/form-data"
	case 1:
		kind = "text/csv"
	case 2:
		kind = "multipart/form-data; boundary=" + strings.Repeat("x", 200)
	}
	answer, err := v.Post(v.s.URL+"/uploads", kind, &b)
	if err != nil {
		v.t.Fatal(err)
	}
	status, body := v.read(answer, nil)
	if status >= 500 {
		v.t.Errorf("%q: %d %s", name, status, words(body))
	}
	return body
}
