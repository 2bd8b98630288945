package reports

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"komhen/model"
	"komhen/queries"
)

// changed opens a workbook, changes it and saves it, as another program would.
func changed(t *testing.T, b []byte, change func(*excelize.File) error) []byte {
	t.Helper()
	f := opened(t, b)
	if change != nil {
		if err := change(f); err != nil {
			t.Fatal(err)
		}
	}
	out, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func testVerify(t *testing.T, cb *model.Codebook, st *queries.Store) {
	b := written(t, st, cb, "2013F", 259, "region")
	parts, err := unpack(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	repacked := func(change func([]part) []part) []byte {
		var out bytes.Buffer
		if err := pack(&out, change(append([]part(nil), parts...))); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	for _, c := range []struct {
		name   string
		book   []byte
		state  State
		sheets string
	}{
		{"as written", b, Untouched, ""},
		{"the same parts packed again", repacked(func(p []part) []part { return p }), Untouched, ""},
		{"copied part by part", changed(t, b, nil), Untouched, ""},
		{"a figure changed", changed(t, b, func(f *excelize.File) error { return f.SetCellInt("Kanaler", "D7", 1) }), Touched, "Kanaler"},
		{"a label and a figure changed", changed(t, b, func(f *excelize.File) error {
			if err := f.SetCellStr("Forside", "B6", "En anden"); err != nil {
				return err
			}
			return f.SetCellFloat("Benchmark", "C8", 0.123456789, -1, 64)
		}), Touched, "Forside, Benchmark"},
		{"a number turned into text", changed(t, b, func(f *excelize.File) error {
			v, err := f.GetCellValue("Kanaler", "D7", excelize.Options{RawCellValue: true})
			if err != nil {
				return err
			}
			return f.SetCellStr("Kanaler", "D7", v)
		}), Touched, "Kanaler"},
		{"a formula put in", changed(t, b, func(f *excelize.File) error { return f.SetCellFormula("Opgaver", "D7", "1+1") }), Touched, "Opgaver"},
		{"a cell emptied", changed(t, b, func(f *excelize.File) error { return f.SetCellValue("Opgaver", "D7", nil) }), Touched, "Opgaver"},
		{"a sheet added", changed(t, b, func(f *excelize.File) error { _, err := f.NewSheet("Noter"); return err }), Touched, "Noter (nyt ark)"},
		{"a sheet removed", changed(t, b, func(f *excelize.File) error { return f.DeleteSheet("Blanket") }), Touched, "Blanket (mangler)"},
		{"a sheet hidden", changed(t, b, func(f *excelize.File) error { return f.SetSheetVisible("Blanket", false) }), Touched, "arkenes rækkefølge eller synlighed"},
		{"a chart changed", repacked(func(p []part) []part {
			for i := range p {
				if p[i].name == "xl/charts/chart1.xml" {
					p[i].data = bytes.Replace(p[i].data, []byte("1B4F72"), []byte("FF0000"), 1)
				}
			}
			return p
		}), Touched, ""},
		{"a part added", repacked(func(p []part) []part { return append(p, part{"xl/extra.bin", []byte("x")}) }), Touched, ""},
		{"the mark taken out", repacked(func(p []part) []part {
			var kept []part
			for _, x := range p {
				if x.name != customPart {
					kept = append(kept, x)
				}
			}
			return kept
		}), Foreign, ""},
		{"another workbook", changed(t, func() []byte {
			out, _ := excelize.NewFile().WriteToBuffer()
			return out.Bytes()
		}(), nil), Foreign, ""},
		{"text", []byte("kommune;enhed\r\n"), Foreign, ""},
		{"nothing", nil, Foreign, ""},
		{"cut off", b[:len(b)/2], Foreign, ""},
	} {
		v, err := VerifyBytes(c.book)
		if err != nil || v.State != c.state || strings.Join(v.Sheets, ", ") != c.sheets || v.Message == "" || v.Sheets == nil {
			t.Errorf("%s: %+v, %v; want %s %q", c.name, v, err, c.state, c.sheets)
		}
	}
	// a flipped bit anywhere is found, unless it lies in the packing and leaves every part as it was
	for at := 0; at < len(b); at += 1 + len(b)/150 {
		flipped := bytes.Clone(b)
		flipped[at] ^= 4
		v, err := VerifyBytes(flipped)
		if err != nil {
			t.Errorf("bit flipped at %d: %v", at, err)
		}
		if v.State != Untouched {
			continue
		}
		if is, err := unpack(bytes.NewReader(flipped), int64(len(flipped))); err != nil || !reflect.DeepEqual(is, parts) {
			t.Errorf("bit flipped at %d: untouched, but the parts are not (%v)", at, err)
		}
	}
}

// LibreOffice's own saving is told from a changed figure.
func testVerifySavedByLibreOffice(t *testing.T, cb *model.Codebook, st *queries.Store) {
	if _, err := exec.LookPath("soffice"); err != nil {
		t.Skip("soffice is not installed, so there is nothing to save with")
	}
	folder := t.TempDir()
	path := filepath.Join(folder, "benchmark.xlsx")
	if err := os.WriteFile(path, written(t, st, cb, "2013F", 259, "all"), 0o600); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(folder, "again")
	cmd := exec.Command("soffice", "--headless", "--convert-to", "xlsx", "--outdir", out, path)
	cmd.Env = append(os.Environ(), "HOME="+t.TempDir())
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("soffice: %v\n%s", err, text)
	}
	b, err := os.ReadFile(filepath.Join(out, "benchmark.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	v, err := VerifyBytes(b)
	if err != nil || v.State != Touched || len(v.Sheets) != 0 || !strings.Contains(v.Message, "gemt igen af et andet program") {
		t.Errorf("saved by LibreOffice: %+v, %v", v, err)
	}
	v, err = VerifyBytes(changed(t, b, func(f *excelize.File) error { return f.SetCellInt("Opgaver", "D9", 424242) }))
	if err != nil || v.State != Touched || strings.Join(v.Sheets, ",") != "Opgaver" {
		t.Errorf("saved and changed: %+v, %v", v, err)
	}
}

func FuzzVerify(f *testing.F) {
	cb := realCodebook(f)
	b := written(f, invented(f, cb), cb, "2013F", 259, "101,147")
	f.Add(b)
	f.Add([]byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, data []byte) {
		v, err := VerifyBytes(data)
		if err != nil || v.Message == "" {
			t.Errorf("%+v %v", v, err)
		}
	})
}
