package model

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func d(day, month, year int) Date { return NewDate(year, month, day) }

// stated2012F is the round as the codebook states it.
func stated2012F(t testing.TB) Round {
	t.Helper()
	r, err := ParseRound("2012F")
	if err != nil {
		t.Fatal(err)
	}
	r.DataDeadline = d(1, 6, 2012)
	r.CentralDelivery = []CentralDelivery{{"Selvbetjening", d(1, 6, 2012)}, {"Digital Post", d(22, 6, 2012)}}
	return r
}

// TestRoundDatesOn: what is left empty goes by the codebook as long as the weeks are its own, else by the rule; what is given wins.
func TestRoundDatesOn(t *testing.T) {
	spring := stated2012F(t)
	autumn, _ := ParseRound("2027E")
	for name, c := range map[string]struct {
		standard Round
		dates    RoundDates
		want     string
	}{
		"nothing":         {spring, RoundDates{}, "[17 18 19] 17 23-04-2012 13-05-2012 data 01-06-2012 totals – [{Selvbetjening 01-06-2012} {Digital Post 22-06-2012}]"},
		"the same weeks":  {spring, RoundDates{Weeks: []int{17, 18, 19}}, "[17 18 19] 17 23-04-2012 13-05-2012 data 01-06-2012 totals – [{Selvbetjening 01-06-2012} {Digital Post 22-06-2012}]"},
		"other weeks":     {spring, RoundDates{Weeks: []int{18, 19}}, "[18 19] 18 30-04-2012 13-05-2012 data 27-05-2012 totals – [{Selvbetjening 01-06-2012} {Digital Post 22-06-2012}]"},
		"later weeks":     {spring, RoundDates{Weeks: []int{19, 20, 21}}, "[19 20 21] 19 07-05-2012 27-05-2012 data 10-06-2012 totals – [{Selvbetjening 10-06-2012} {Digital Post 22-06-2012}]"},
		"kept primary":    {spring, RoundDates{Weeks: []int{16, 17}}, "[16 17] 17 16-04-2012 29-04-2012 data 13-05-2012 totals – [{Selvbetjening 01-06-2012} {Digital Post 22-06-2012}]"},
		"a deadline":      {spring, RoundDates{DataDeadline: d(8, 6, 2012), TotalsDeadline: d(1, 7, 2012)}, "[17 18 19] 17 23-04-2012 13-05-2012 data 08-06-2012 totals 01-07-2012 [{Selvbetjening 01-06-2012} {Digital Post 22-06-2012}]"},
		"central":         {spring, RoundDates{Central: []CentralDelivery{{"Digital Post", d(20, 6, 2012)}}}, "[17 18 19] 17 23-04-2012 13-05-2012 data 01-06-2012 totals – [{Digital Post 20-06-2012}]"},
		"an autumn":       {autumn, RoundDates{}, "[43 44 45] 43 25-10-2027 14-11-2027 data 28-11-2027 totals 28-11-2027 []"},
		"a moved autumn":  {autumn, RoundDates{Weeks: []int{44, 45, 46}, Primary: 45}, "[44 45 46] 45 01-11-2027 21-11-2027 data 05-12-2027 totals 05-12-2027 []"},
		"without totals":  {autumn, RoundDates{NoTotals: true}, "[43 44 45] 43 25-10-2027 14-11-2027 data 28-11-2027 totals – []"},
		"one week":        {autumn, RoundDates{Weeks: []int{45}}, "[45] 45 08-11-2027 14-11-2027 data 28-11-2027 totals 28-11-2027 []"},
		"another primary": {autumn, RoundDates{Primary: 45}, "[43 44 45] 45 25-10-2027 14-11-2027 data 28-11-2027 totals 28-11-2027 []"},
	} {
		if faults := c.dates.Faults(c.standard); len(faults) > 0 {
			t.Errorf("%s: %v", name, faults)
		}
		r := c.dates.On(c.standard)
		totals := "–"
		if r.TotalsDeadline != 0 {
			totals = r.TotalsDeadline.String()
		}
		got := fmt.Sprintln(r.Weeks, r.Primary, r.First, r.Last, "data", r.DataDeadline, "totals", totals, r.CentralDelivery)
		if strings.Join(strings.Fields(got), " ") != c.want {
			t.Errorf("%s:\n%s, want\n%s", name, got, c.want)
		}
		if !r.Declared || r.Name != c.standard.Name {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

func TestRoundDatesFaults(t *testing.T) {
	spring, _ := ParseRound("2027F")
	autumn, _ := ParseRound("2027E")
	long, _ := ParseRound("2026E")
	for name, c := range map[string]struct {
		standard Round
		dates    RoundDates
		fields   string
	}{
		"weeks of the other half-year": {spring, RoundDates{Weeks: []int{26, 27}}, "weeks"},
		"spring weeks in autumn":       {autumn, RoundDates{Weeks: []int{26, 27}}, "weeks"},
		"a hole":                       {spring, RoundDates{Weeks: []int{17, 19}}, "weeks"},
		"backwards":                    {spring, RoundDates{Weeks: []int{18, 17}}, "weeks"},
		"twice":                        {spring, RoundDates{Weeks: []int{17, 17}}, "weeks"},
		"no such week":                 {spring, RoundDates{Weeks: []int{0, 1}}, "weeks"},
		"days in the year before":      {func() Round { r, _ := ParseRound("2025F"); return r }(), RoundDates{Weeks: []int{1}}, "weeks"},
		"days in the year after":       {long, RoundDates{Weeks: []int{53}}, "weeks"},
		"week 53 of a short year":      {autumn, RoundDates{Weeks: []int{52, 53}}, "weeks"},
		"primary elsewhere":            {spring, RoundDates{Primary: 20}, "primary"},
		"primary no longer among them": {spring, RoundDates{Weeks: []int{18, 19}, Primary: 17}, "primary"},
		"deadline in the round":        {spring, RoundDates{DataDeadline: spring.Last - 1}, "data"},
		"deadline on the last day":     {spring, RoundDates{DataDeadline: spring.Last}, ""},
		"a wrong year":                 {spring, RoundDates{DataDeadline: spring.Last + 367}, "data"},
		"totals in the round":          {spring, RoundDates{TotalsDeadline: spring.First}, "totals"},
		"totals and none":              {spring, RoundDates{TotalsDeadline: spring.Last + 5, NoTotals: true}, "totals"},
		"central too early":            {spring, RoundDates{Central: []CentralDelivery{{"Digital Post", spring.First}}}, "central"},
		"central without a name":       {spring, RoundDates{Central: []CentralDelivery{{"", spring.Last}}}, "central"},
		"central twice":                {spring, RoundDates{Central: []CentralDelivery{{"Digital Post", spring.Last}, {"digital post", spring.Last}}}, "central"},
		"central with lines":           {spring, RoundDates{Central: []CentralDelivery{{"Digital\nPost", spring.Last}}}, "central"},
		"a person in the note":         {spring, RoundDates{Note: "ring til 010180-1234"}, "note"},
		"a novel":                      {spring, RoundDates{Note: strings.Repeat("æ", 501)}, "note"},
		"several":                      {spring, RoundDates{DataDeadline: spring.First, Primary: 3, Note: "a\nb"}, "primary data note"},
	} {
		var fields []string
		for _, f := range c.dates.Faults(c.standard) {
			fields = append(fields, f.Field)
			if !strings.HasSuffix(f.Message, ".") || strings.Contains(f.Message, "010180") {
				t.Errorf("%s: %q", name, f.Message)
			}
		}
		if strings.Join(fields, " ") != c.fields {
			t.Errorf("%s: faults in %q, want %q", name, fields, c.fields)
		}
	}
}

// drawDates are dates of which most are good.
func drawDates(t *rapid.T) RoundDates {
	var dates RoundDates
	for range rapid.IntRange(0, 4).Draw(t, "weeks") {
		next := rapid.IntRange(1, 53).Draw(t, "first")
		if n := len(dates.Weeks); n > 0 {
			next = dates.Weeks[n-1] + 1
		}
		dates.Weeks = append(dates.Weeks, next)
	}
	day := func(label string) Date {
		if rapid.Bool().Draw(t, label+" given") {
			return NewDate(2027, 1, 1) + Date(rapid.IntRange(0, 800).Draw(t, label))
		}
		return 0
	}
	dates.Primary = rapid.IntRange(0, 53).Draw(t, "primary")
	dates.DataDeadline, dates.TotalsDeadline = day("data"), day("totals")
	dates.NoTotals = rapid.Bool().Draw(t, "none")
	if day := day("central"); day != 0 {
		dates.Central = []CentralDelivery{{"Digital Post", day}}
	}
	dates.Note = rapid.StringMatching(`[a-zæøå <>&"]{0,20}`).Draw(t, "note")
	return dates
}

// TestRoundDatesLaws: dates that are let in make a round in which the codebook's own demands hold, whose two rounds of the year never
// overlap; and what is written to the journal is read back.
func TestRoundDatesLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spring, _ := ParseRound("2027F")
		autumn, _ := ParseRound("2027E")
		for _, standard := range []*Round{&spring, &autumn} {
			dates := drawDates(t)
			data, err := json.Marshal(dates)
			if err != nil {
				t.Fatal(err)
			}
			var back RoundDates
			if err := json.Unmarshal(data, &back); err != nil || !back.Equal(dates) {
				t.Fatalf("%s is read as %+v: %v", data, back, err)
			}
			if len(dates.Faults(*standard)) > 0 {
				continue
			}
			r := dates.On(*standard)
			c := small()
			c.StatedRounds = []Round{r}
			if err := c.Index(); err != nil {
				t.Fatal(err)
			}
			for day := r.First; day <= r.Last; day++ {
				if _, week := day.ISOWeek(); !slices.Contains(r.Weeks, week) || day.Year() != r.Year {
					t.Fatalf("%+v holds %s", r, day)
				}
			}
			if r.TotalsDeadline != 0 && r.TotalsDeadline < r.Last {
				t.Fatalf("%+v", r)
			}
			*standard = r
		}
		if spring.Last >= autumn.First {
			t.Fatalf("%v and %v overlap", spring, autumn)
		}
	})
}

// TestOwn: what is declared in one codebook is not seen in another, and a frozen one stays as it was.
func TestOwn(t *testing.T) {
	c := small()
	if err := c.Index(); err != nil {
		t.Fatal(err)
	}
	one, other := c.Own(), c.Own()
	before := one.Frozen()
	if err := one.DeclareRound("2027f", &RoundDates{Weeks: []int{18, 19, 20}}); err != nil {
		t.Fatal(err)
	}
	during := one.Frozen()
	weeks := func(c *Codebook) string {
		r, err := c.Round("2027F")
		if err != nil {
			t.Fatal(err)
		}
		_, in := c.RoundOn(d(17, 5, 2027)) // a Monday of week 20
		return fmt.Sprint(r.Weeks, r.Declared, in, len(c.DeclaredAfter(d(1, 1, 2027))))
	}
	is := func(what, got, want string) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s, want %s", what, got, want)
		}
	}
	const rule, moved = "[17 18 19] false false 0", "[18 19 20] true true 1"
	is("declared", weeks(one), moved)
	is("another", weeks(other), rule)
	is("the shared one", weeks(c), rule)
	is("frozen before", weeks(before), rule)
	if err := one.DeclareRound("2027F", nil); err != nil {
		t.Fatal(err)
	}
	is("taken back", weeks(one), rule)
	is("frozen while declared", weeks(during), moved)
	if err := one.DeclareRound("2027X", nil); err == nil {
		t.Error("2027X was declared")
	}
}

// TestEditionStays: a round that is moved earlier keeps its edition.
func TestEditionStays(t *testing.T) {
	c := small()
	if err := c.Index(); err != nil {
		t.Fatal(err)
	}
	c = c.Own()
	if err := c.DeclareRound("2013F", &RoundDates{Weeks: []int{10, 11}}); err != nil {
		t.Fatal(err)
	}
	if r, _ := c.Round("2013F"); r.Edition != "2013" || c.EditionOf(r) != "2013" {
		t.Errorf("edition %q, %q", r.Edition, c.EditionOf(r))
	}
}

func TestParseWeeksAndDays(t *testing.T) {
	for text, want := range map[string]string{"17,18,19": "[17 18 19]", "17, 18 og 19": "[17 18 19]", "17-19": "[17 18 19]", "17 – 19": "", " 43 ": "[43]", "17 18": "[17 18]",
		"": "", "x": "", "19-17": "", "54": "", "1-": "", "-1": "", "1-53": fmt.Sprint(func() (w []int) {
			for i := 1; i <= 53; i++ {
				w = append(w, i)
			}
			return w
		}())} {
		weeks, ok := ParseWeeks(text)
		if ok != (want != "") || ok && fmt.Sprint(weeks) != want {
			t.Errorf("%q: %v, %v", text, weeks, ok)
		}
	}
	for text, want := range map[string]string{"1-6-2012": "2012-06-01", "01-06-2012": "2012-06-01", "2012-06-01": "2012-06-01", "31-02-2012": "", "2012-6-1": "", "01/06/2012": "", "": ""} {
		day, ok := ParseDay(text)
		if ok != (want != "") || ok && day.ISO() != want {
			t.Errorf("%q: %v, %v", text, day, ok)
		}
	}
}

func TestRoundChanges(t *testing.T) {
	before := stated2012F(t)
	after := RoundDates{Weeks: []int{18, 19}, TotalsDeadline: d(1, 7, 2012), Central: []CentralDelivery{{"Digital Post", d(25, 6, 2012)}, {"MedCom", d(26, 6, 2012)}}}.On(before)
	got := strings.Join(RoundChanges(before, after), "; ")
	want := "Uger: 18 og 19 i stedet for 17, 18 og 19; Primær uge: 18 i stedet for 17; Frist for data: 27-05-2012 i stedet for 01-06-2012; Frist for total-tal: 01-07-2012 i stedet for ingen; " +
		"Selvbetjening: ingen i stedet for 01-06-2012; Digital Post: 25-06-2012 i stedet for 22-06-2012; MedCom: 26-06-2012 i stedet for ingen"
	if got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
	if changes := RoundChanges(before, before); len(changes) != 0 {
		t.Error(changes)
	}
}

func TestCalendar(t *testing.T) {
	var lines []string
	for _, x := range stated2012F(t).Calendar() {
		lines = append(lines, fmt.Sprintf("%s %s %s–%s", x.Kind, x.What, x.First, x.Last))
	}
	want := "test-off  22-04-2012–22-04-2012|count  23-04-2012–13-05-2012|primary  23-04-2012–29-04-2012|data  01-06-2012–01-06-2012|central Selvbetjening 01-06-2012–01-06-2012|central Digital Post 22-06-2012–22-06-2012"
	if got := strings.Join(lines, "|"); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

// FuzzRoundDates: whatever a journal or a form holds is read or refused, and what is read can be judged.
func FuzzRoundDates(f *testing.F) {
	for _, seed := range []string{`{"weeks":[17,18],"primary":17,"data_deadline":"2027-06-01","no_totals":true,"central":[{"what":"Digital Post","day":"2027-06-22"}],"note":"æ"}`, `{"weeks":[0,-1]}`,
		`{"data_deadline":"9999-99-99"}`, `{"central":[{}]}`, "17-19", "17, 18 og 19", "1-6-2012", "53 1", "[]", ""} {
		f.Add(seed)
	}
	spring, _ := ParseRound("2027F")
	f.Fuzz(func(t *testing.T, text string) {
		if weeks, ok := ParseWeeks(text); ok && (len(weeks) == 0 || len(weeks) > 53 || slices.Min(weeks) < 1 || slices.Max(weeks) > 53) {
			t.Errorf("%q is read as %v", text, weeks)
		}
		if day, ok := ParseDay(text); ok && (day.Year() < 0 || day.Year() > 9999) {
			t.Errorf("%q is read as %s", text, day)
		}
		var dates RoundDates
		if json.Unmarshal([]byte(text), &dates) != nil || len(dates.Faults(spring)) > 0 {
			return
		}
		if r := dates.On(spring); r.First > r.Last || r.DataDeadline < r.Last || r.Year != r.First.Year() || !slices.Contains(r.Weeks, r.Primary) {
			t.Errorf("%s makes %+v", text, r)
		}
	})
}
