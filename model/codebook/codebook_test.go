package codebook

import (
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"komhen/model"
)

func mustLoad(t *testing.T) *model.Codebook {
	t.Helper()
	c, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestCounts(t *testing.T) {
	c := mustLoad(t)
	packages := map[string]int{}
	for _, s := range c.Subjects {
		for edition, p := range s.Packages {
			packages[edition+" "+string(p)]++
		}
	}
	rules := map[model.Severity]int{}
	for _, r := range c.Rules {
		rules[r.Severity]++
	}
	regions := map[string]int{}
	for _, m := range c.Municipalities {
		regions[m.Region]++
		if len(m.Population) != 6 {
			t.Errorf("%s has %d population figures", m.Name, len(m.Population))
		}
	}
	got := fmt.Sprint(len(c.Editions), len(c.Channels), len(c.Types), len(c.Closings), len(c.Forms), len(c.Subjects), len(c.Municipalities),
		len(c.StatedRounds), packages, rules, regions)
	want := "2 24 6 2 2 76 98 2 map[2012 ekstra:39 2012 obligatorisk:35 2013 obligatorisk:45] map[error:16 file:8 warning:12] " +
		"map[Hovedstaden:29 Midtjylland:19 Nordjylland:11 Sjælland:17 Syddanmark:22]"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if c.Subject(290399) == nil {
		t.Error("29.03.99 is not in KLE, but it is a task")
	}
}

// The ids are in every database and in every key. A change of this table is a change of history.
func TestIDsNeverChange(t *testing.T) {
	c := mustLoad(t)
	var got strings.Builder
	for _, x := range c.Channels {
		fmt.Fprint(&got, x.ID, x.Code, " ")
	}
	for _, x := range c.Types {
		fmt.Fprint(&got, x.ID, x.Code, " ")
	}
	for _, x := range c.Closings {
		fmt.Fprint(&got, x.ID, x.Code, " ")
	}
	for _, x := range c.Forms {
		fmt.Fprint(&got, x.ID, x.Code, " ")
	}
	want := "1TLFIND 2TLFUD 3PRSNLG 4EMLIND 5EMLUD 6PPRIND 7PPRUD 8DOCIND 9DOKUD 10SMSIND 11SMSUD 12SLVBTJN 13WEB 14BRGDK 15FPRNT 16MGRUD " +
		"17SYSECOIND 18SYSECOUD 19SYSMEDIND 20SYSIND 21CHATIND 22CHATUD 23SOMEIND 24SOMEUD " +
		"1OPRET 2STATUS 3INFO 4VEJL 5SLVBTJN 6FEJL 1STRAKS 2HOLD 1JA 2NEJ "
	if got.String() != want {
		t.Errorf("got  %s\nwant %s", got.String(), want)
	}
}

func TestChannels(t *testing.T) {
	c := mustLoad(t)
	var personal, written, required, digital, ours string
	for _, ch := range c.Channels {
		if ch.Personal {
			personal += ch.Code + " "
		}
		if ch.Written {
			written += ch.Code + " "
		}
		if ch.Form == model.FormRequired {
			required += ch.Code + " "
		}
		if !ch.Digital {
			digital += ch.Code + " "
		}
		if ch.Origin != "fact" {
			ours += ch.Code + ch.Origin + " "
		}
		if want := ch.Channel + " " + string(ch.Direction); c.ChannelID(want) != ch.ID {
			t.Errorf("%q is not found as %s", want, ch.Code)
		}
	}
	for what, pair := range map[string][2]string{
		"personal":    {personal, "TLFIND TLFUD PRSNLG "},
		"written":     {written, "EMLIND EMLUD PPRIND PPRUD DOCIND DOKUD "},
		"form":        {required, "PRSNLG EMLIND EMLUD PPRIND PPRUD DOCIND DOKUD "},
		"not digital": {digital, "TLFIND TLFUD PRSNLG PPRIND PPRUD FPRNT MGRUD "},
		"ours":        {ours, "CHATINDours CHATUDours SOMEINDours SOMEUDours "},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %s, want %s", what, pair[0], pair[1])
		}
	}
	if c.Channel(c.ChannelID("WEB")).Form != model.FormFixedNo {
		t.Error("Blanket is fixed on WEB")
	}
	for text, code := range map[string]string{
		"dokind": "DOCIND", "DOCUD": "DOKUD", "Telefon ind": "TLFIND", "personligt fremmoede": "PRSNLG", "System: økonomi ud": "SYSECOUD", "borger.dk": "BRGDK",
	} {
		if got := c.Channel(c.ChannelID(text)); got == nil || got.Code != code {
			t.Errorf("%q is found as %v, want %s", text, got, code)
		}
	}
	if c.ClosingID("Straksafsluttet") != 1 || c.ClosingID("lagt til videre behandling") != 2 || c.FormID("Medfølger ikke") != 2 || c.TypeID("Råd/vejledning") != 4 {
		t.Error("a label is not found")
	}
}

// Whether information on an existing case is a transaction depends on the edition of the round.
func TestInfoByEdition(t *testing.T) {
	c := mustLoad(t)
	info := c.Type(c.TypeID("INFO"))
	for round, want := range map[string]model.TypeGroup{
		"2011F": model.Transaction, "2012F": model.Transaction, "2012E": model.Transaction, "2013F": model.Information, "2020E": model.Information,
	} {
		r, err := c.Round(round)
		if err != nil || info.Groups[r.Edition] != want {
			t.Errorf("%s (%s): INFO is %q, want %q (%v)", round, r.Edition, info.Groups[r.Edition], want, err)
		}
	}
	for _, code := range []string{"OPRET", "STATUS"} {
		for _, e := range c.Editions {
			if c.Type(c.TypeID(code)).Groups[e.Name] != model.Transaction {
				t.Errorf("%s in %s", code, e.Name)
			}
		}
	}
}

func TestStatedRounds(t *testing.T) {
	c := mustLoad(t)
	for name, want := range map[string]string{
		"2012F": "2012F 2012 [17 18 19] 17 23-04-2012 13-05-2012 01-06-2012 01-01-1970 2012 [{Selvbetjening 01-06-2012} {Digital Post 22-06-2012}]",
		"2012E": "2012E 2012 [43 44 45] 43 22-10-2012 11-11-2012 25-11-2012 28-11-2012 2012 []",
		"2013F": "2013F 2013 [17 18 19] 17 22-04-2013 12-05-2013 26-05-2013 01-01-1970 2013 []",
	} {
		r, err := c.Round(name)
		got := fmt.Sprint(r.Name, " ", r.Year, r.Weeks, r.Primary, " ", r.First, " ", r.Last, " ", r.DataDeadline, " ", r.TotalsDeadline, " ", r.Edition, " ", r.CentralDelivery)
		if err != nil || strings.Join(strings.Fields(got), " ") != want {
			t.Errorf("%s (%v)\ngot  %s\nwant %s", name, err, got, want)
		}
	}
	// Summer time ends on 28-10-2012, inside the autumn round.
	autumn, _ := c.Round("2012E")
	spring, _ := c.Round("2012F")
	for _, x := range []struct {
		r    model.Round
		at   string
		late bool
	}{
		{autumn, "2012-11-25T22:59:59Z", false}, {autumn, "2012-11-25T23:00:00Z", true},
		{spring, "2012-06-01T21:59:59Z", false}, {spring, "2012-06-01T22:00:00Z", true},
	} {
		at, err := time.Parse(time.RFC3339, x.at)
		if err != nil || x.r.Late(at) != x.late {
			t.Errorf("%s received %s: late = %v (%v)", x.r.Name, x.at, !x.late, err)
		}
	}
}

func TestPopulation(t *testing.T) {
	c := mustLoad(t)
	n, quarter := c.Municipality(259).PopulationOn(model.NewDate(2012, 4, 23))
	if n != 57307 || quarter != "2012K1" {
		t.Errorf("Køge in spring 2012: %d (%s)", n, quarter)
	}
	total := 0
	for _, m := range c.Municipalities {
		total += m.Population["2012K1"]
	}
	if total < 5_570_000 || total > 5_590_000 { // Denmark had 5,580,516 inhabitants
		t.Errorf("all municipalities in 2012K1: %d", total)
	}
	for text, code := range map[string]uint16{"0101": 101, "København": 101, "Koebenhavn Kommune": 101, "Aarhus": 751, "Århus": 751, "Lyngby Taarbæk": 173, "ærø": 492} {
		if got := c.MunicipalityCode(text); got != code {
			t.Errorf("%q is %d, want %d", text, got, code)
		}
	}
}

// The sentences are what users see: whole, without leftovers, and telling what to do.
func TestRules(t *testing.T) {
	c := mustLoad(t)
	var ids []string
	for letter, n := range map[string]int{"F": 8, "R": 16, "W": 12} {
		for i := 1; i <= n; i++ {
			ids = append(ids, fmt.Sprintf("%s%02d", letter, i))
		}
	}
	severity := map[byte]model.Severity{'F': model.File, 'R': model.Error, 'W': model.Warning}
	for _, id := range ids {
		rule := c.Rule(id)
		if rule == nil {
			t.Errorf("%s is missing", id)
			continue
		}
		if rule.Severity != severity[id[0]] {
			t.Errorf("%s is %s", id, rule.Severity)
		}
		for _, text := range []string{rule.Message, rule.Remedy} {
			if !strings.HasSuffix(text, ".") || strings.Contains(text, "  ") || strings.Contains(text, ";") {
				t.Errorf("%s: not a clean sentence: %q", id, text)
			}
		}
		if rule.Empty != "" && (!strings.HasSuffix(rule.Empty, ".") || strings.Contains(rule.Empty, "{value}")) {
			t.Errorf("%s: not a sentence for an empty cell: %q", id, rule.Empty)
		}
		if strings.Contains(rule.Title, ".") || len(rule.Title) > 60 {
			t.Errorf("%s: not a title: %q", id, rule.Title)
		}
		text := c.MessageOf(model.Finding{Rule: id, Column: "kanal", Value: "X", Detail: "y", Proposal: "Z"})
		if strings.ContainsAny(text, "{}") || strings.Contains(strings.ToLower(text), "kommunen skal") {
			t.Errorf("%s: %s", id, text)
		}
	}
	if len(c.Rules) != len(ids) {
		t.Errorf("%d rules", len(c.Rules))
	}
	if r := c.Rule("R11"); strings.Contains(r.Message+r.Remedy, "{value}") {
		t.Error("R11 shows the value")
	}
}

func TestVersion(t *testing.T) {
	c := mustLoad(t)
	if !regexp.MustCompile(`^2013-[0-9a-f]{8}$`).MatchString(c.Version) {
		t.Errorf("version %q", c.Version)
	}
	again := mustLoad(t)
	changed, err := load(data(t, "editions.csv", "Opgavepakken er", "Opgavepakken hedder"))
	if err != nil || again.Version != c.Version || changed.Version == c.Version {
		t.Errorf("versions %q, %q, and %q when a word was changed (%v)", c.Version, again.Version, changed.Version, err)
	}
}

// data is a copy of the data files in which one text of one file has been replaced.
func data(t *testing.T, file, from, to string) fs.FS {
	t.Helper()
	m := fstest.MapFS{}
	names, err := fs.Glob(embedded, "data/*.csv")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		content, err := embedded.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		base := strings.TrimPrefix(name, "data/")
		if base == file {
			if !strings.Contains(string(content), from) {
				t.Fatalf("%s does not hold %q", file, from)
			}
			content = []byte(strings.Replace(string(content), from, to, 1))
		}
		m[base] = &fstest.MapFile{Data: content}
	}
	return m
}

// A slip of the hand in a data file stops the program at start; what Index refuses is tested in model.
func TestBrokenFilesAreRefused(t *testing.T) {
	for _, c := range []struct{ file, from, to, says string }{
		{"channels.csv", "aliases", "alias", "unknown columns"},
		{"channels.csv", "TLFIND;Telefon ind;", "TLFIND;", "wrong number of fields"},
		{"channels.csv", "2;TLFUD", "1;TLFUD", "taken"},
		{"channels.csv", "2;TLFUD", "281;TLFUD", "out of range"},
		{"channels.csv", ";ind;nej;optional;fact;;ja;nej", ";ind;maaske;optional;fact;;ja;nej", "neither ja nor nej"},
		{"type_groups.csv", "2012;INFO", "2012;INFOO", "not in types.csv"},
		{"type_groups.csv", "2013;INFO", "2012;INFO", "two groups"},
		{"type_groups.csv", "2013;INFO", "2014;INFO", "unknown edition"},
		{"subjects.csv", "23.09.02", "23.9.02", "not a KLE number"},
		{"subjects.csv", "23.09.02", "23.09.04", "packages.csv"},
		{"packages.csv", "2012;23.09.02", "2012;23.09.05", "not in subjects.csv"},
		{"packages.csv", "2012;23.09.02", "2012;23.09.04", "twice"},
		{"packages.csv", "2012;23.09.02;obligatorisk", "2012;23.09.02;grundpakke", "grundpakke"},
		{"municipalities.csv", "259;Køge", "253;Køge", "not in municipalities.csv"},
		{"municipalities.csv", "259;Køge", "65795;Køge", "out of range"},
		{"population.csv", "259;2012K1", "258;2012K1", "not in municipalities.csv"},
		{"population.csv", "259;2012K1", "259;2012K5", "2012K5"},
		{"population.csv", "259;2012K1;57307", "259;2012K1;-1", "2012K1"},
		{"population.csv", "259;2012K1", "259;2011K4", "2011K4"},
		{"rounds.csv", "23-04-2012", "31-04-2012", "not a date"},
		{"rounds.csv", "23-04-2012", "23-4-2012", "not a date"},
		{"rounds.csv", "23-04-2012", "24-04-2012", "not those of its weeks"},
		{"rounds.csv", "17,18,19", "17,18,x", "not a week"},
		{"central_deliveries.csv", "2012F", "2012X", "not in rounds.csv"},
		{"rules.csv", "R02;", "R01;", `rule "R01" twice`},
		{"rules.csv", "{value}", "{vaerdi}", "unknown placeholder"},
	} {
		_, err := load(data(t, c.file, c.from, c.to))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s with %q for %q: got %v, want it to say %q", c.file, c.to, c.from, err, c.says)
		}
	}
	m := data(t, "", "", "").(fstest.MapFS)
	for name := range m {
		less := fstest.MapFS{}
		for other, f := range m {
			if other != name {
				less[other] = f
			}
		}
		if _, err := load(less); err == nil {
			t.Errorf("loaded without %s", name)
		}
	}
}

// Every command loads the codebook: about a millisecond.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		if _, err := Load(); err != nil {
			b.Fatal(err)
		}
	}
}
