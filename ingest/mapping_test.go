package ingest

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"komhen/model"
)

// TestMappings imports every folder of testdata/mappings and compares the receipt to expected.json, word for word. The same contacts
// in our own layout are then known by their keys, and a rebuild reads the file as it was read.
func TestMappings(t *testing.T) {
	for _, c := range importCases(t, "mappings") {
		t.Run(filepath.Base(c.dir), func(t *testing.T) {
			if faults := c.mapping.Validate(testBook(t)); len(faults) > 0 {
				t.Fatal(faults)
			}
			f := newFolder(t)
			got := c.run(t, f)
			c.compare(t, got)
			same := Options{Name: "same.csv", Municipality: 259, Source: c.mapping.Source, Kind: c.mapping.Kind}
			r := load(t, f, readFile(t, c.dir, "same.csv"), same).Receipt
			if r.Accepted != 0 || r.Withheld != got.Accepted || r.Rejected != 0 {
				t.Errorf("of the same contacts %d are accepted, %d rejected and %d withheld", r.Accepted, r.Rejected, r.Withheld)
			}
			other := newFolder(t)
			load(t, other, readFile(t, c.dir, "same.csv"), same)
			if d := differences(keyBag(t, other), keyBag(t, f)); d != "" {
				t.Error(d)
			}
			if d := differences(countedBag(t, other, ""), countedBag(t, f, "")); d != "" {
				t.Error(d)
			}
			secrets := cprShaped(t, readFile(t, c.dir, c.input), false)
			kept := readFile(t, f.Dir, "uploads", "000001"+filepath.Ext(c.input))
			for _, s := range secrets {
				if bytes.Contains(kept, []byte(s)) || bytes.Contains(got.json(t), []byte(s)) {
					t.Error("a CPR-shaped value is kept or told")
				}
			}
			if faults := audit(t, f); len(faults) > 0 {
				t.Error(faults)
			}
			rebuildIsEqual(t, f)
		})
	}
}

func mappingOf(t testing.TB, name string) (*Mapping, []byte) {
	t.Helper()
	dir := filepath.Join(testdata, "mappings", name)
	m, err := ReadMapping(bytes.NewReader(readFile(t, dir, "mapping.json")))
	must(t, err)
	return m, readFile(t, dir, "input.csv")
}

// TestMappedFixFile: a fix-it file has the file's own columns and is read with its upload's profile, whatever comes with it and
// whatever has become of the profile since. Our own codes mend a cell too.
func TestMappedFixFile(t *testing.T) {
	ctx := context.Background()
	for _, format := range []string{"csv", "xlsx"} {
		m, data := mappingOf(t, "queue-system")
		f := newFolder(t)
		u := load(t, f, data, Options{Name: "billetter.csv", Municipality: 259, Mapping: m})
		m.Name, m.Fields = "ødelagt", nil // the caller's copy is the caller's
		table := readTable(t, fixFileOf(t, f, u.Receipt.Upload, format), u.Receipt.Encoding, u.Receipt.Delimiter)
		if strings.Join(table[0][:9], ";") != "Billetnr.;Lokation;Ydelse;Dato;Kaldt kl.;Afsluttet kl.;Skranke;Resultat;Ventetid" || len(table) != 6 {
			t.Fatalf("%q", table)
		}
		at := map[string][]string{}
		for _, row := range table[1:] {
			at[row[0]] = row
		}
		at["B-1003"][2] = "23.05.10" // our own number: the profile has no Parkering
		at["B-1004"][3] = "30-04-2012"
		at["B-1005"][5] = "10.18"
		at["B-1007"][7] = "vejledt"
		at["B-1008"][8] = ""
		fixed := dress{encoding: map[string]string{"csv": "UTF-8", "xlsx": "xlsx"}[format], comma: ';'}.encode(t, table)
		wrong, _ := mappingOf(t, "website-visits")
		r := load(t, f, fixed, Options{Name: "ret.csv", Mapping: wrong}).Receipt
		if r.Accepted != 5 || r.Rejected != 0 || r.Bag != u.Receipt.Upload || r.Source != "Nummersystem" {
			t.Errorf("%s: %+v", format, r)
		}
		if got := countsByDay(t, f); got != "23×3 24×4 30×1" {
			t.Errorf("counts %s", got)
		}
		stored, err := f.Mapping(ctx, r.Upload)
		if must(t, err); stored == nil || stored.Name != "Nummersystem, Borgerservice" {
			t.Errorf("%+v", stored)
		}
		further, err := f.Further(ctx, u.Receipt.Upload, usualDecision)
		must(t, err)
		if n := sum(countedBag(t, f, "")); n != 8 || further.Receipt.Accepted != 3 {
			t.Errorf("%d contacts, %+v", n, further.Receipt)
		}
		rebuildIsEqual(t, f)
	}
}

// TestMappedWorkbook: the date cells of a workbook are understood whatever form the profile states for text.
func TestMappedWorkbook(t *testing.T) {
	m, data := mappingOf(t, "telephone-log")
	f := newFolder(t)
	load(t, f, data, Options{Municipality: 259, Mapping: m})
	book := workbookOf(t, [][]string{m.Header, {"23-04-2012 09:05:33", "Omstillingen / Folkepension", "Indgående", "125", ""}, {"4/23/2012 12:30 PM", "Omstillingen / Boligstøtte", "Indgående", "61", ""}})
	if r := load(t, f, book, Options{Municipality: 259, Mapping: m}).Receipt; r.Withheld != 2 || r.Format != "xlsx" {
		t.Errorf("%+v", r)
	}
}

// TestMappingMeetsAnotherFile: a profile that is used for a file it was not made for says which columns it misses, and keeps those it
// does not know.
func TestMappingMeetsAnotherFile(t *testing.T) {
	m, data := mappingOf(t, "website-visits")
	f := newFolder(t)
	header, rest, _ := strings.Cut(string(data), "\n")
	for text, want := range map[string]string{
		strings.Replace(header, "Besøg", "Visninger", 1) + "\n" + rest: "F03 »Besøg«, som profilen »Besøg på hjemmesiden« bruger. Filen har: Dag, Sti, Visninger, Afvisningsprocent",
		header + ";Dag\n" + rest: "F06 »Dag« (kolonne 1) og »Dag« (kolonne 5) har samme navn, og profilen »Besøg på hjemmesiden« bruger det",
	} {
		u := prepare(t, f, []byte(text), Options{Municipality: 259, Mapping: m})
		if u.Fault == nil || u.Fault.Rule+" "+u.Fault.Detail != want {
			t.Errorf("%+v, must be %s", u.Fault, want)
		}
	}
	if u := prepare(t, f, data, Options{Mapping: m}); u.Fault == nil || u.Fault.Rule != "F03" {
		t.Errorf("no municipality, and %+v", u.Fault)
	}
	r := load(t, f, []byte("\nBesøg;Ny kolonne;DAG;sti\n12;a;20120423;/pas\n"), Options{Municipality: 259, Mapping: m}).Receipt
	if r.Accepted != 1 || r.Contacts != 12 {
		t.Errorf("%+v", r)
	}
	for content := range countedBag(t, f, "") {
		if !strings.HasSuffix(content, "|a|false") {
			t.Error(content)
		}
	}
	m.Fields["opgave"] = Field{Columns: []string{"Sti"}, Codes: map[string]string{"/pas": "pas"}}
	if _, err := f.Prepare(context.Background(), bytes.NewReader(data), int64(len(data)), Options{Municipality: 259, Mapping: m}); problem(err) != "mapping-invalid" {
		t.Error(err)
	}
	load(t, f, rows(goodRow), Options{}) // the turn was given on
}

func TestMappingFits(t *testing.T) {
	m, _ := mappingOf(t, "telephone-log")
	for header, want := range map[string]bool{
		"Tidspunkt;Kø;Retning;Varighed;Kaldende nr.": true, "TIDSPUNKT;Koe;Retning;Varighed;kaldende_nr;;": true,
		"Kø;Tidspunkt;Retning;Varighed;Kaldende nr.": false, "Tidspunkt;Kø;Retning;Varighed": false, "": false,
		"Tidspunkt;Kø;Retning;Varighed;Kaldende nr.;Ny": false,
	} {
		if m.Fits(strings.Split(header, ";")) != want {
			t.Errorf("%s: %t", header, !want)
		}
	}
	if (&Mapping{}).Fits(nil) {
		t.Error("nothing fits nothing")
	}
}

// TestMappingFaults: everything that can be wrong with a profile is said, in Danish and without a person's number.
func TestMappingFaults(t *testing.T) {
	book := testBook(t)
	for name, c := range map[string]struct {
		spoil func(*Mapping)
		want  string
	}{
		"version":        {func(m *Mapping) { m.Version = 2 }, "version 2"},
		"no name":        {func(m *Mapping) { m.Name = " " }, "et navn"},
		"no header":      {func(m *Mapping) { m.Header = nil }, "filens overskrift"},
		"kind":           {func(m *Mapping) { m.Kind = "andet" }, "registration eller system"},
		"cpr":            {func(m *Mapping) { m.Fields["enhed"] = Field{Value: "230412-1234"} }, "ligner et CPR-nummer"},
		"unknown field":  {func(m *Mapping) { m.Fields["farve"] = Field{} }, "»farve«, som ikke er en parameter"},
		"unknown column": {func(m *Mapping) { m.Fields["enhed"] = Field{Columns: []string{"Sted"}} }, "»Sted« står ikke"},
		"twice":          {func(m *Mapping) { m.Header = append(m.Header, "Dato") }, "2 kolonner med navnet »Dato«"},
		"missing":        {func(m *Mapping) { delete(m.Fields, "type") }, "hvor type kommer fra"},
		"both":           {func(m *Mapping) { m.Fields["enhed"] = Field{Columns: []string{"Lokation"}, Value: "x"} }, "både have en kolonne og en fast værdi"},
		"split":          {func(m *Mapping) { m.Fields["enhed"] = Field{Columns: []string{"Lokation"}, Split: "/"} }, "hvilken del"},
		"format": {func(m *Mapping) { m.Fields["dato"] = Field{Columns: []string{"Dato"}, Format: "mm-dd-yyyy"} },
			"»mm-dd-yyyy« kendes ikke. Vælg en af disse: dd-mm-åååå"},
		"amount format": {func(m *Mapping) { m.Fields["antal"] = Field{Columns: []string{"Skranke"}, Format: "1"} }, "Talformen »1«"},
		"no format":     {func(m *Mapping) { m.Fields["enhed"] = Field{Columns: []string{"Lokation"}, Format: "dd-mm-yyyy"} }, "enhed har ingen form"},
		"date table": {func(m *Mapping) {
			m.Fields["dato"] = Field{Columns: []string{"Dato"}, Codes: map[string]string{"a": "b"}}
		}, "ikke oversættes"},
		"no table": {func(m *Mapping) { m.Fields["enhed"] = Field{Columns: []string{"Lokation"}, Pass: true} }, "men ingen oversættelse"},
		"both ways": {func(m *Mapping) {
			m.Fields["opgave"] = Field{Columns: []string{"Ydelse"}, Codes: map[string]string{"a": "23.05.10"}, Default: "23.05.10", Pass: true}
		}, "ikke både få"},
		"no date":        {func(m *Mapping) { m.Fields["dato"] = Field{} }, "dato må ikke være tom"},
		"fixed code":     {func(m *Mapping) { m.Fields["kanal"] = Field{Value: "brevdue"} }, "kanal kan ikke være »brevdue«"},
		"fixed null":     {func(m *Mapping) { m.Fields["type"] = Field{Value: "NULL"} }, "kun tilladt i et systemudtræk"},
		"code":           {func(m *Mapping) { m.Fields["opgave"].Codes["Pas"] = "pas" }, "opgave for »Pas« kan ikke være »pas«"},
		"not chosen":     {func(m *Mapping) { m.Fields["opgave"].Codes["Pas"] = "" }, "hvad »Pas« svarer til"},
		"one value":      {func(m *Mapping) { m.Fields["opgave"].Codes["PAS "] = "23.05.10" }, "er samme værdi"},
		"local name":     {func(m *Mapping) { m.Keep["Skranke"] = "Kanal" }, "samme som en af kodebogens"},
		"one local name": {func(m *Mapping) { m.Keep["Ventetid"], m.Leave = "skranke", nil }, "bliver til samme lokale parameter"},
		"used and left":  {func(m *Mapping) { m.Leave = append(m.Leave, "Dato") }, "både brugt og ladt ude"},
		"forgotten":      {func(m *Mapping) { m.Leave = nil }, "»Ventetid« er hverken"},
	} {
		m, _ := mappingOf(t, "queue-system")
		c.spoil(m)
		var said []string
		for _, f := range m.Validate(book) {
			said = append(said, f.Message)
		}
		if text := strings.Join(said, "\n"); !strings.Contains(text, c.want) || strings.Contains(text, "1234") {
			t.Errorf("%s: %q", name, said)
		}
	}
	for _, text := range []string{"", "[]", `{"version":1,"farve":"rød"}`, strings.Repeat(" ", 2<<20)} {
		if _, err := ReadMapping(strings.NewReader(text)); problem(err) != "mapping-unreadable" {
			t.Errorf("%.20q: %v", text, err)
		}
	}
}

// TestMappingInJournal: a profile comes back from the journal as it was, byte for byte, since lines are chained by their hashes.
func TestMappingInJournal(t *testing.T) {
	for _, c := range importCases(t, "mappings") {
		e := Entry{Op: "upload", Mapping: c.mapping}
		line, err := json.Marshal(e)
		must(t, err)
		var again Entry
		must(t, json.Unmarshal(line, &again))
		if e.hash() != again.hash() {
			t.Errorf("%s: %s", c.dir, line)
		}
	}
}

// TestDateFormats reads every form that a profile can state, and nothing else as one.
func TestDateFormats(t *testing.T) {
	for _, c := range []struct{ format, text, want string }{
		{"", "2012-04-23T10:15:00", "23-04-2012 10:15:00"}, {"dd-mm-yyyy", "23-4-2012 9:05", "23-04-2012 09:05:00"}, {"dd.mm.yyyy", "3.5.2012", "03-05-2012"},
		{"dd/mm/yyyy", "03/05/2012", "03-05-2012"}, {"mm/dd/yyyy", "03/05/2012", "05-03-2012"}, {"mm/dd/yyyy", "3/5/2012 12:00:00 AM", "05-03-2012"},
		{"mm/dd/yyyy", "3/5/2012 12:30 p.m.", "05-03-2012 12:30:00"}, {"mm/dd/yyyy", "03-05-2012", "03-05-2012"}, {"mm/dd/yy", "3/5/12, 1:02 PM", "05-03-2012 13:02:00"},
		{"dd-mm-yy", "03-05-12", "03-05-2012"}, {"dd.mm.yy", "03.05.12 1015", "03-05-2012 10:15:00"}, {"dd/mm/yy", "3/5/12 101530", "03-05-2012 10:15:30"},
		{"yyyy-mm-dd", "2012-05-03 10.15", "03-05-2012 10:15:00"}, {"yyyy-mm-dd", "2012-05-03T08:15:00Z", "03-05-2012 10:15:00"}, {"yyyy/mm/dd", "2012/5/3", "03-05-2012"},
		{"yyyy.mm.dd", "2012.05.03", "03-05-2012"}, {"yyyymmdd", "20120503", "03-05-2012"}, {"yyyymmdd", "20120503 1015", "03-05-2012 10:15:00"}, {"ddmmyyyy", "03052012", "03-05-2012"},
		{"mm/dd/yyyy", "13/05/2012", "findes ikke i kalenderen"}, {"mm/dd/yyyy", "3/5/12", "er ikke en dato på formen mm/dd/åååå"}, {"dd-mm-yy", "03.05.12", "er ikke en dato på formen dd-mm-åå"},
		{"yyyymmdd", "2012053", "er ikke en dato på formen ååååmmdd"}, {"yyyymmdd", "201205030", "er ikke en dato på formen ååååmmdd"}, {"dd.mm.yy", "30.02.12", "findes ikke i kalenderen"},
		{"dd.mm.yy", "", "er ikke en dato på formen dd.mm.åå"}, {"dd.mm.yy", "10:15", "er ikke en dato på formen dd.mm.åå"}, {"dd.mm.yy", "03.05.12 2515", "har et klokkeslæt, der ikke kan læses"},
		{"mm/dd/yy", "3/5/12 13:00 PM", "har et klokkeslæt, der ikke kan læses"}, {"dd.mm.yy", "03.05.12 om morgenen", "har et klokkeslæt, der ikke kan læses"}, {"dd.mm.yy", "03.05.12x", "har et klokkeslæt, der ikke kan læses"},
	} {
		m, why := dateReader(c.format).read(c.text)
		if got := cmp.Or(why, m.String()); got != c.want {
			t.Errorf("%q as %q is %s, must be %s", c.text, c.format, got, c.want)
		}
	}
	for _, format := range DateFormats {
		day := model.NewDate(2012, 5, 3)
		text := strings.NewReplacer("dd", "03", "mm", "05", "yyyy", "2012", "yy", "12").Replace(format)
		if m, why := dateReader(format).read(text); why != "" || m != day.At(0) {
			t.Errorf("%s: %s %s", format, m, why)
		}
	}
	for _, c := range [][3]string{{"1.234", "1.234", "1234"}, {"1.234", "12.345.678", "12345678"}, {"1.234", "1.23", "1.23"}, {"1.234", "1234", "1234"}, {"1.234", "-1.234", "-1.234"},
		{"1,234", "1,234", "1234"}, {"1 234", "1 234", "1234"}, {"1.234", "1..234", "1..234"}, {"1.234", ".234", ".234"}} {
		if got := plainAmount(c[1], c[0]); got != c[2] {
			t.Error(fmt.Sprint(c, got))
		}
	}
}

// FuzzMapping: a profile is refused or can be used, with its own header and with another; whatever the cells hold, a CPR-shaped value
// is never told.
func FuzzMapping(f *testing.F) {
	for _, name := range []string{"queue-system", "telephone-log", "mail-journal", "website-visits"} {
		m, data := mappingOf(f, name)
		text, err := json.Marshal(m)
		must(f, err)
		_, row, _ := strings.Cut(string(data), "\n")
		f.Add(text, row)
	}
	f.Fuzz(func(t *testing.T, profile []byte, text string) {
		m, err := ReadMapping(bytes.NewReader(profile))
		if err != nil {
			return
		}
		book := testBook(t)
		faults := m.Validate(book)
		if len(faults) == 0 && !m.Fits(m.Header) {
			t.Fatal("a profile does not fit its own header")
		}
		cells := strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '\n' })
		for _, header := range [][]string{m.Header, cells} {
			p, err := m.plan(header, book)
			if err != nil {
				if fileFault(err) == nil || len(faults) == 0 && fileFault(err).rule == "F03" && len(header) > 0 && &header[0] == &m.Header[0] {
					t.Fatal(err)
				}
				continue
			}
			c := newChecker(&terms{book: book, plan: p, municipality: 259, source: "x", sources: newSourceList(nil), unitNames: newUnitNames(nil, mostUnitNames), received: model.MomentOf(usualReceived), fix: &fixTarget{}})
			row := make([]string, len(p.columns))
			copy(row, cells)
			c.check(row, 2)
			for _, x := range c.findings {
				if _, hit := model.MaskCPR(x.Value, true); hit {
					t.Fatalf("%+v", x)
				}
			}
			if _, hit := model.MaskCPR(c.row.Unit, false); hit && !c.rejects {
				t.Fatalf("a unit is %q", c.row.Unit)
			}
		}
	})
}
