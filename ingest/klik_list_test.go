package ingest

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"

	"komhen/model"
)

// klikTable is a list as rows of cells.
func klikTable(t *testing.T, parts ...string) [][]string {
	t.Helper()
	r := csv.NewReader(bytes.NewReader(readFile(t, parts...)))
	r.Comma = ';'
	rows, err := r.ReadAll()
	must(t, err)
	return rows
}

func klikCSV(t *testing.T, rows [][]string, comma rune) string {
	t.Helper()
	var b strings.Builder
	w := csv.NewWriter(&b)
	w.Comma = comma
	must(t, w.WriteAll(rows))
	return b.String()
}

// klikXLSX makes a workbook with a sheet for each list, and one that only explains.
func klikXLSX(t *testing.T, sheets map[string][][]string) []byte {
	t.Helper()
	f := excelize.NewFile()
	must(t, f.SetSheetName("Sheet1", "Om filen"))
	must(t, f.SetCellStr("Om filen", "A1", "Opgaver fra KLIK"))
	for name, rows := range sheets {
		_, err := f.NewSheet(name)
		must(t, err)
		for r, row := range rows {
			for c, text := range row {
				cell, err := excelize.CoordinatesToCellName(c+1, r+1)
				must(t, err)
				must(t, f.SetCellStr(name, cell, text))
			}
		}
	}
	var b bytes.Buffer
	must(t, f.Write(&b))
	return b.Bytes()
}

// TestKlikLists: the same list is the same in every encoding and delimiter, as a workbook, with its columns in any order, and with the template's stars.
func TestKlikLists(t *testing.T) {
	book := testBook(t)
	rows := klikTable(t, testdata, "klik", "KL07-not-followed", "input.csv")
	want := CheckKlikAlone(book, "liste.csv", []byte(klikCSV(t, rows, ';')), klikReceived)
	if len(want.Decision.Tasks) != 2 || want.Refused != 0 {
		t.Fatalf("%+v", want.KlikOutcome)
	}
	shuffled := make([][]string, len(rows))
	order := rand.Perm(len(rows[0]))
	for i, row := range rows {
		for _, at := range order {
			shuffled[i] = append(shuffled[i], row[at])
		}
	}
	stars := append([][]string{}, rows...)
	stars[0] = nil
	for _, label := range rows[0] {
		stars[0] = append(stars[0], "* "+strings.ToUpper(label)+" ")
	}
	plain := klikCSV(t, rows, ';')
	latin, err := charmap.Windows1252.NewEncoder().String(plain)
	must(t, err)
	wide := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(plain)) {
		wide = append(wide, byte(unit), byte(unit>>8))
	}
	for name, data := range map[string][]byte{
		"with a mark": []byte("\ufeff" + plain), "CRLF": []byte(strings.ReplaceAll(plain, "\n", "\r\n")), "Windows-1252": []byte(latin), "UTF-16": wide, "tabs": []byte(klikCSV(t, rows, '\t')),
		"commas": []byte(klikCSV(t, rows, ',')), "shuffled": []byte(klikCSV(t, shuffled, ';')), "stars": []byte(klikCSV(t, stars, ';')), "decomposed": []byte(strings.ReplaceAll(plain, "å", "a\u030a")),
		"blank lines": []byte("\n\n" + strings.ReplaceAll(plain, "\n", "\n;;;;;\n")), "workbook": klikXLSX(t, map[string][][]string{"Opgaver": rows}),
	} {
		got := CheckKlikAlone(book, "liste", data, klikReceived)
		if got.File.Fault || !equalJSON(got.Decision, want.Decision) || fmt.Sprint(klikRules(got)) != fmt.Sprint(klikRules(want)) {
			t.Errorf("%s: %+v\n%v", name, got.Decision, got.Findings)
		}
		again := readKeptKlik(book, "liste", got.File.format, got.File.kept)
		if out := applyKlik(book, klikState{plan: noPlan(), project: 1, wave: 1, task: 1, alone: true}, again, model.MomentOf(klikReceived)); !equalJSON(out.Decision, want.Decision) {
			t.Errorf("%s reads otherwise as it is kept", name)
		}
	}
	// A workbook with a sheet each is one import, whatever order its sheets have.
	whole := klikXLSX(t, map[string][][]string{"Status": klikTable(t, testdata, "klik", "KL06-completed-with-colour", "input.csv"), "Bølger": klikTable(t, testdata, "klik", "KL06-completed-with-colour", "before.csv"),
		"Opgaver": klikTable(t, testdata, "klik", "KL06-completed-with-colour", "before-2.csv")})
	f := newFolder(t)
	in, err := f.ImportKlik(t.Context(), "klik.xlsx", whole, Decision{At: klikReceived})
	must(t, err)
	if !in.Loaded || in.Refused != 0 || len(in.Decision.Waves) != 2 || len(in.Decision.Tasks) != 1 || len(in.Decision.Steps) != 2 || in.Findings[0].Sheet != "Status" || in.Findings[0].Line != 2 {
		t.Errorf("%+v", in.KlikOutcome)
	}
	if again, err := f.ImportKlik(t.Context(), "klik.xlsx", whole, Decision{At: klikReceived}); err != nil || again.Loaded {
		t.Errorf("twice: %+v, %v", again.Decision, err)
	}
	if faults := audit(t, f); len(faults) > 0 {
		t.Error(faults)
	}
}

// TestKlikListFaults: what is no list says so, with the place, and changes nothing.
func TestKlikListFaults(t *testing.T) {
	book := testBook(t)
	secret := klikXLSX(t, map[string][][]string{"Opgaver": {{"Projekt", "Opgavetitel"}, {"KP", "(A 1) Ring til 010190-1234"}}})
	for name, c := range map[string]struct {
		data []byte
		rule string
		says string
	}{
		"a CPR number in a workbook":   {secret, "KL18", ""},
		"a CPR number in a list":       {[]byte("Projekt;Opgavetitel\nKP;0101901234\n"), "KL18", ""},
		"a CPR number in UTF-16":       {append([]byte{0xff, 0xfe}, []byte(wideText("Projekt;Opgavetitel\nKP;010190-1234\n"))...), "KL18", ""},
		"an open quote":                {[]byte("Projekt;Opgavetitel\n\"KP;x\n" + strings.Repeat("KP;y\n", 2500)), "KL15", "linje 2"},
		"two columns of one meaning":   {[]byte("Projekt;Opgavetitel;Titel\nKP;x;y\n"), "KL15", "kolonne 2 og 3"},
		"more cells than the header":   {[]byte("Projekt;Opgavetitel\nKP;x;y\n"), "KL15", "række 2"},
		"a workbook without our names": {klikXLSX(t, map[string][][]string{"Ark": {{"a", "b"}, {"1", "2"}}}), "KL15", "intet ark"},
		"a picture":                    {[]byte("\x89PNG\r\n\x1a\n\x00\x00"), "KL15", "billede"},
		"nothing":                      {nil, "KL15", "tom"},
	} {
		in := CheckKlikAlone(book, "fil", c.data, klikReceived)
		if !in.File.Fault || len(in.Findings) != 1 || in.Findings[0].Rule != c.rule || !strings.Contains(in.Findings[0].Detail, c.says) || in.File.kept != nil {
			t.Errorf("%s: %+v", name, in.Findings)
		}
	}
}

func wideText(text string) (wide string) {
	for _, unit := range utf16.Encode([]rune(text)) {
		wide += string([]byte{byte(unit), byte(unit >> 8)})
	}
	return wide
}

// TestKlikMergesDocumentAndList: a list brings dates and a document brings texts of the same task; neither undoes what the other brought, and an empty
// cell empties an optional field.
func TestKlikMergesDocumentAndList(t *testing.T) {
	f := newFolder(t)
	load := func(name, text string) *KlikImport {
		t.Helper()
		in, err := f.ImportKlik(t.Context(), name, []byte(text), Decision{At: klikReceived})
		must(t, err)
		if in.Refused > 0 {
			t.Fatalf("%+v", in.Findings)
		}
		return in
	}
	load("before.csv", string(readFile(t, testdata, "klik", "KL03-frozen", "before.csv")))
	load("liste.csv", "Projekt;Opgavetitel;Fase;Tema;Prioritet;STS;Bølge;Varighed;Slutdato (fra Go-live);Beskrivelse;Mål\nNy løsning;(A 1) Udpeg en;1;Viden og færdigheder;Obligatorisk;ja;Bølge 1;5;-10;I skal.;Målet er, at I kan.\n")
	load("opgave.txt", "\t*Opgavetitel\n\t(A 1) Udpeg en anden\n\n\t*Projekt\n\tNy løsning\n\n\t*Beskrivelse\n\tI skal gøre det.\n\n\tMetode og fremgangsmåde\n\t1. Gør det.\n")
	load("liste.csv", "Opgave;Projekt;Slutdato;Mål\nA 1;Ny løsning;-20;\n")
	plan, err := f.Store.KlikPlan(t.Context(), 0)
	must(t, err)
	task := plan.Tasks[0]
	if len(plan.Tasks) != 1 || *task.End != -20 || *task.Duration != 5 || !task.STS || task.Phase != 1 || task.Texts["description"] != "I skal gøre det." || task.Texts["method"] != "1. Gør det." || task.Texts["goal"] != "" {
		t.Errorf("%+v", task)
	}
	if task.Title != "(A 1) Udpeg en anden" {
		t.Errorf("a list that names the task by its short name took its title: %q", task.Title)
	}
	names, err := filepath.Glob(filepath.Join(f.Dir, "uploads", "klik-*"))
	must(t, err)
	if len(names) != 4 {
		t.Errorf("%q", names)
	}
}
