package model

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestParseKLE(t *testing.T) {
	for text, want := range map[string]string{
		"01.11.00": "01.11.00", "01.11": "01.11.00", "00.00.00": "00.00.00", "99.99.99": "99.99.99", "23.09.02": "23.09.02",
	} {
		k, ok := ParseKLE(text)
		if !ok || k.String() != want {
			t.Errorf("ParseKLE(%q) = %s, %v", text, k, ok)
		}
	}
	for _, text := range []string{
		"", "23", "23.", "23.09.", "23.9.2", "23.09.2", "23.09.02.01", "23-09-02", "23,09,02", " 23.09.02", "23.09.02 ", "a3.09.02", "230902",
		"23.09.0x", "２3.09.02", "-3.09.02", "+3.09", "11-01-2000",
	} {
		if k, ok := ParseKLE(text); ok {
			t.Errorf("ParseKLE(%q) = %s", text, k)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		k := KLE(rapid.Uint32Range(0, 999999).Draw(t, "k"))
		back, ok := ParseKLE(k.String())
		if !ok || back != k {
			t.Fatalf("%d is written %q and read as %d", k, k, back)
		}
	})
}

func TestFold(t *testing.T) {
	for _, same := range [][]string{
		{"KLE Opgave kode", "kle_opgave-kode", "KLEOpgaveKode", "\ufeffkle opgave\u00a0kode", "kle\topgave.kode"},
		{"Køn", "koen", "KØN", "KOEN"},
		{"Afslutning", "AFSLUTNING", " afslutning "},
		{"Råd og vejledning", "raad og vejledning", "Råd og  Vejledning"},
		{"System: økonomi ind", "system oekonomi ind"},
		{"Ærø", "aeroe", "ÆRØ", "Aeroe"},
	} {
		for _, text := range same {
			if Fold(text) != Fold(same[0]) {
				t.Errorf("%q folds to %q, %q to %q", text, Fold(text), same[0], Fold(same[0]))
			}
		}
	}
	if Fold("TLFIND") == Fold("TLFUD") {
		t.Error("different codes fold to the same")
	}
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		if Fold(Fold(s)) != Fold(s) {
			t.Fatalf("%q folds to %q and that to %q", s, Fold(s), Fold(Fold(s)))
		}
	})
}

func TestPopulationOn(t *testing.T) {
	m := Municipality{Population: map[string]int{"2013K4": 4, "2011K4": 1, "2012K1": 2, "2012K4": 3}}
	for _, c := range []struct {
		day     Date
		n       int
		quarter string
	}{
		{NewDate(2005, 1, 1), 1, "2011K4"}, {NewDate(2011, 12, 31), 1, "2011K4"}, {NewDate(2012, 1, 1), 2, "2012K1"},
		{NewDate(2012, 9, 30), 2, "2012K1"}, {NewDate(2012, 10, 1), 3, "2012K4"}, {NewDate(2013, 9, 30), 3, "2012K4"}, {NewDate(2030, 1, 1), 4, "2013K4"},
	} {
		if n, quarter := m.PopulationOn(c.day); n != c.n || quarter != c.quarter {
			t.Errorf("%s: %d (%s), want %d (%s)", c.day, n, quarter, c.n, c.quarter)
		}
	}
	if n, quarter := (Municipality{}).PopulationOn(0); n != 0 || quarter != "" {
		t.Errorf("no figures: %d, %q", n, quarter)
	}
}

// small is a codebook that Index accepts, with two of each thing.
func small() *Codebook {
	groups := func() map[string]TypeGroup { return map[string]TypeGroup{"2012": Transaction, "2013": Information} }
	return &Codebook{
		Editions: []Edition{{Name: "2012", From: "2011F"}, {Name: "2013", From: "2013F"}},
		Channels: []Channel{
			{ID: 1, Code: "IND", Label: "Telefon ind", Direction: Inbound, Form: FormOptional, Aliases: []string{"RING"}},
			{ID: 2, Code: "UD", Label: "Telefon ud", Direction: Outbound, Form: FormRequired},
		},
		Types:    []ContactType{{ID: 1, Code: "A", Label: "Type a", Groups: groups()}, {ID: 2, Code: "B", Label: "Type b", Groups: groups()}},
		Closings: []Closing{{ID: 1, Code: "S", Label: "Straks"}, {ID: 2, Code: "H", Label: "Hold"}},
		Forms:    []Form{{ID: 1, Code: "JA", Label: "Med"}, {ID: 2, Code: "NEJ", Label: "Uden"}},
		Subjects: []Subject{{KLE: 10203, Label: "Pas", Packages: map[string]Package{"2012": Obligatory}}, {KLE: 20304, Label: "Kort"}},
		Municipalities: []Municipality{
			{Code: 259, Name: "Køge", Region: "Sjælland", Population: map[string]int{"2012K1": 1}},
			{Code: 480, Name: "Nordfyns", Region: "Syddanmark", Population: map[string]int{"2012K1": 1}},
		},
		StatedRounds: []Round{{
			Name: "2012F", Year: 2012, Weeks: []int{17, 18, 19}, Primary: 17,
			First: NewDate(2012, 4, 23), Last: NewDate(2012, 5, 13), DataDeadline: NewDate(2012, 6, 1),
		}},
		Rules: []Rule{
			{ID: "F01", Severity: File, Title: "Tom", Message: "Filen er tom.", Remedy: "Prøv igen."},
			{ID: "R01", Severity: Error, Title: "Celler", Message: "»{value}« i {column}: {detail}.", Empty: "{column} er tom.", Remedy: "Skriv {proposal}."},
			{ID: "W01", Severity: Warning, Title: "Dato", Message: "»{value}« er sjælden.", Remedy: "Se efter."},
		},
	}
}

// Every duplicate and every reference that does not resolve is refused, and the message names it.
func TestIndexRefusesABrokenCodebook(t *testing.T) {
	if err := small().Index(); err != nil {
		t.Fatalf("the sound codebook is refused: %v", err)
	}
	for _, c := range []struct {
		name  string
		spoil func(*Codebook)
		says  string
	}{
		{"no editions", func(c *Codebook) { c.Editions = nil }, "no editions"},
		{"edition twice", func(c *Codebook) { c.Editions[1].Name = "2012" }, `edition "2012"`},
		{"two editions from one round", func(c *Codebook) { c.Editions[1].From = "2011F" }, "first round stands twice"},
		{"edition from no round", func(c *Codebook) { c.Editions[1].From = "forår" }, `edition "2013"`},
		{"channel code twice", func(c *Codebook) { c.Channels[1].Code = "IND" }, `channel code "IND"`},
		{"channel code empty", func(c *Codebook) { c.Channels[1].Code = "" }, "is empty"},
		{"channel id twice", func(c *Codebook) { c.Channels[1].ID = 1 }, "id 1 is 0 or taken"},
		{"channel id 0", func(c *Codebook) { c.Channels[0].ID = 0 }, "id 0"},
		{"channel label twice", func(c *Codebook) { c.Channels[1].Label = "telefon_ind" }, "stands for both"},
		{"channel label empty", func(c *Codebook) { c.Channels[1].Label = " " }, "empty code, label or alias"},
		{"channel alias taken", func(c *Codebook) { c.Channels[1].Aliases = []string{"ring"} }, "stands for both"},
		{"channel direction", func(c *Codebook) { c.Channels[1].Direction = "op" }, `direction "op"`},
		{"channel form rule", func(c *Codebook) { c.Channels[1].Form = "måske" }, `form rule "måske"`},
		{"type code twice", func(c *Codebook) { c.Types[1].Code = "A" }, `type code "A"`},
		{"type id twice", func(c *Codebook) { c.Types[1].ID = 1 }, "taken"},
		{"type label taken", func(c *Codebook) { c.Types[1].Label = "TYPE-A" }, "stands for both"},
		{"type alias taken", func(c *Codebook) { c.Types[1].Aliases = []string{"a"} }, "stands for both"},
		{"type without group", func(c *Codebook) { delete(c.Types[0].Groups, "2013") }, `no group in edition "2013"`},
		{"type with odd group", func(c *Codebook) { c.Types[0].Groups["2013"] = "andet" }, `no group in edition "2013"`},
		{"type in unknown edition", func(c *Codebook) { c.Types[0].Groups["2099"] = Transaction }, `unknown edition "2099"`},
		{"closing code twice", func(c *Codebook) { c.Closings[1].Code = "S" }, `closing code "S"`},
		{"closing id twice", func(c *Codebook) { c.Closings[1].ID = 1 }, "taken"},
		{"closing id 0", func(c *Codebook) { c.Closings[1].ID = 0 }, "id 0"},
		{"closing label taken", func(c *Codebook) { c.Closings[1].Label = "straks" }, "stands for both"},
		{"form code twice", func(c *Codebook) { c.Forms[1].Code = "JA" }, `form code "JA"`},
		{"form id twice", func(c *Codebook) { c.Forms[1].ID = 1 }, "taken"},
		{"form label taken", func(c *Codebook) { c.Forms[1].Label = "ja" }, "stands for both"},
		{"task twice", func(c *Codebook) { c.Subjects[1].KLE = 10203 }, "task 01.02.03 twice"},
		{"task without label", func(c *Codebook) { c.Subjects[1].Label = "" }, "task 02.03.04"},
		{"task in unknown edition", func(c *Codebook) { c.Subjects[0].Packages["2099"] = Extra }, `unknown edition "2099"`},
		{"task in odd package", func(c *Codebook) { c.Subjects[0].Packages["2013"] = "grundpakke" }, `package "grundpakke"`},
		{"municipality code twice", func(c *Codebook) { c.Municipalities[1].Code = 259 }, "municipality code 259"},
		{"municipality code 0", func(c *Codebook) { c.Municipalities[1].Code = 0 }, "municipality code 0"},
		{"municipality name twice", func(c *Codebook) { c.Municipalities[1].Name = "koege" }, "both 259 and 480"},
		{"municipality without region", func(c *Codebook) { c.Municipalities[1].Region = "" }, "municipality 480"},
		{"municipality without population", func(c *Codebook) { c.Municipalities[1].Population = nil }, "municipality 480"},
		{"round twice", func(c *Codebook) { c.StatedRounds = append(c.StatedRounds, c.StatedRounds[0]) }, `round "2012F" twice`},
		{"round name", func(c *Codebook) { c.StatedRounds[0].Name = "2012f" }, `round "2012f"`},
		{"round of another year", func(c *Codebook) { c.StatedRounds[0].Year = 2013 }, "of the year 2013"},
		{"round without weeks", func(c *Codebook) { c.StatedRounds[0].Weeks = nil }, "no weeks"},
		{"round ends before it starts", func(c *Codebook) { c.StatedRounds[0].Last = NewDate(2012, 4, 1) }, "ends before it starts"},
		{"round's primary week", func(c *Codebook) { c.StatedRounds[0].Primary = 20 }, "primary week 20"},
		{"round's days", func(c *Codebook) { c.StatedRounds[0].First++ }, "not those of its weeks"},
		{"round's deadline", func(c *Codebook) { c.StatedRounds[0].DataDeadline = NewDate(2012, 5, 12) }, "deadline lies before"},
		{"rule twice", func(c *Codebook) { c.Rules[1].ID = "F01" }, `rule "F01" twice`},
		{"rule severity", func(c *Codebook) { c.Rules[1].Severity = "fatal" }, `severity "fatal"`},
		{"rule without message", func(c *Codebook) { c.Rules[1].Message = "" }, `rule "R01"`},
		{"rule placeholder", func(c *Codebook) { c.Rules[1].Remedy = "Ret {kolonne}." }, "unknown placeholder"},
	} {
		t.Run(c.name, func(t *testing.T) {
			cb := small()
			c.spoil(cb)
			err := cb.Index()
			if err == nil {
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want it to say %q", err, c.says)
			}
		})
	}
	cb := small()
	cb.Channels[1].ID, cb.Subjects[1].KLE = 1, 10203
	if err := cb.Index(); err == nil || !strings.Contains(err.Error(), "taken") || !strings.Contains(err.Error(), "twice") {
		t.Errorf("two faults, but got %v", err)
	}
}

func TestLookUps(t *testing.T) {
	c := small()
	if err := c.Index(); err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]uint8{"IND": 1, "ind": 1, "Telefon ind": 1, "telefon-IND": 1, "ring": 1, "UD": 2, "": 0, "X": 0, "NULL": 0} {
		if got := c.ChannelID(text); got != want {
			t.Errorf("ChannelID(%q) = %d, want %d", text, got, want)
		}
	}
	for text, want := range map[string]uint16{
		"259": 259, "0259": 259, "Køge": 259, "KOEGE": 259, "Køge Kommune": 259, "Nordfyns": 480, "Nordfyns Kommune": 480, "": 0, "025": 0, "258": 0,
	} {
		if got := c.MunicipalityCode(text); got != want {
			t.Errorf("MunicipalityCode(%q) = %d, want %d", text, got, want)
		}
	}
	if c.Channel(3) != nil || c.Type(0) != nil || c.Closing(0) != nil || c.Form(9) != nil || c.Subject(1) != nil || c.Municipality(1) != nil || c.Rule("X") != nil {
		t.Error("something unknown was found")
	}
	if c.Channel(2).Code != "UD" || c.Type(1).Code != "A" || c.Closing(2).Code != "H" || c.Form(1).Code != "JA" || c.Subject(10203).Label != "Pas" ||
		c.Municipality(259).CodeText() != "259" || c.TypeID("type a") != 1 || c.ClosingID("hold") != 2 || c.FormID("nej") != 2 {
		t.Error("something known was not found")
	}
}

func TestMessageOf(t *testing.T) {
	c := small()
	if err := c.Index(); err != nil {
		t.Fatal(err)
	}
	for i, x := range []struct {
		f    Finding
		want string
	}{
		{Finding{Rule: "F01"}, "Filen er tom. Prøv igen."},
		{Finding{Rule: "R01", Column: "Dato", Value: "x", Detail: "nej", Proposal: "y"}, "»x« i Dato: nej. Skriv y."},
		{Finding{Rule: "R01", Column: "Dato", Detail: "nej", Proposal: "y"}, "Dato er tom. Skriv y."},
		{Finding{Rule: "R01", Column: "Dato", Value: " \u00a0", Proposal: "y"}, "Dato er tom. Skriv y."},
		{Finding{Rule: "W01", Value: "x", Proposal: "y"}, "»x« er sjælden. Mener du y? Se efter."},
		{Finding{Rule: "W01", Value: "{detail}", Detail: "z"}, "»{detail}« er sjælden. Se efter."},
		{Finding{Rule: "W01", Value: "to\nlinjer"}, "»to linjer« er sjælden. Se efter."},
		{Finding{Rule: "X99"}, "X99"},
	} {
		if got := c.MessageOf(x.f); got != x.want {
			t.Errorf("%d: got %q, want %q", i, got, x.want)
		}
	}
}

func TestReceiptBalanced(t *testing.T) {
	r := Receipt{Records: 10, Header: 1, Blank: 2, Accepted: 3, Rejected: 3, Withheld: 1}
	if !r.Balanced() {
		t.Error("a balanced receipt is called unbalanced")
	}
	r.Withheld++
	if r.Balanced() {
		t.Error("an unbalanced receipt is called balanced")
	}
}

func ExampleKLE_String() {
	k, _ := ParseKLE("01.11")
	fmt.Println(k)
	// Output: 01.11.00
}
