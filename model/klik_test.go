package model_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"komhen/model"
	"komhen/model/codebook"
)

func days(n int) *int { return &n }

// TestKlikDates: KL02 on offsets of all signs, across a leap day and a year's end; inventory §18 case 26 is the first.
func TestKlikDates(t *testing.T) {
	for _, c := range []struct {
		golive, end, start, wantEnd, wantStart string
	}{
		{"18-03-2024", "-14", "-14", "04-03-2024", "19-02-2024"},
		{"01-03-2024", "-1", "-1", "29-02-2024", "28-02-2024"},
		{"01-03-2023", "-1", "-1", "28-02-2023", "27-02-2023"},
		{"01-03-2024", "0", "-2", "01-03-2024", "28-02-2024"},
		{"20-12-2026", "30", "-40", "19-01-2027", "10-12-2026"},
		{"29-02-2024", "366", "-366", "01-03-2025", "29-02-2024"},
	} {
		var end, start int
		fmt.Sscan(c.end, &end)
		fmt.Sscan(c.start, &start)
		task := model.KlikTask{End: &end, Start: &start, Duration: days(3)}
		span := task.SpanOf(&model.KlikWave{GoLive: day(t, c.golive)})
		if span.End.String() != c.wantEnd || span.Start.String() != c.wantStart || span.Duration != 3 {
			t.Errorf("%+v: %s to %s", c, span.Start, span.End)
		}
	}
	for _, task := range []model.KlikTask{{}, {End: days(3)}} {
		if span := task.SpanOf(&model.KlikWave{}); span.End != 0 || span.Start != 0 {
			t.Errorf("dates without a go-live: %+v", span)
		}
	}
}

func day(t *testing.T, text string) model.Date {
	t.Helper()
	var d, m, y int
	if _, err := fmt.Sscanf(text, "%d-%d-%d", &d, &m, &y); err != nil {
		t.Fatal(err)
	}
	return model.NewDate(y, m, d)
}

// TestKlikColours: KL05 on every boundary day. A task of 5 days that ends on the 29th of February.
func TestKlikColours(t *testing.T) {
	end := day(t, "29-02-2024")
	for _, c := range []struct {
		thresholds model.KlikThresholds
		duration   int
		closed     bool
		day        string
		want       model.KlikColour
	}{
		{duration: 5, day: "23-02-2024", want: model.KlikGreen},
		{duration: 5, day: "24-02-2024", want: model.KlikGreen}, // the latest safe start
		{duration: 5, day: "25-02-2024", want: model.KlikYellow},
		{duration: 5, day: "29-02-2024", want: model.KlikYellow},
		{duration: 5, day: "01-03-2024", want: model.KlikRed},
		{duration: 0, day: "29-02-2024", want: model.KlikGreen}, // without a duration never yellow
		{duration: 0, day: "01-03-2024", want: model.KlikRed},
		{duration: 5, closed: true, day: "01-03-2024", want: model.KlikNone},
		{duration: 5, closed: true, day: "25-02-2024", want: model.KlikNone},
		{thresholds: model.KlikThresholds{Yellow: 2}, duration: 5, day: "22-02-2024", want: model.KlikGreen},
		{thresholds: model.KlikThresholds{Yellow: 2}, duration: 5, day: "23-02-2024", want: model.KlikYellow},
		{thresholds: model.KlikThresholds{Red: 1}, duration: 5, day: "01-03-2024", want: model.KlikYellow},
		{thresholds: model.KlikThresholds{Red: 1}, duration: 5, day: "02-03-2024", want: model.KlikRed},
		{thresholds: model.KlikThresholds{Red: 10}, duration: 0, day: "01-03-2024", want: model.KlikYellow},
	} {
		if got := c.thresholds.Colour(model.KlikSpan{End: end, Duration: c.duration}, c.closed, day(t, c.day)); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
	if got := (model.KlikThresholds{}).Colour(model.KlikSpan{Duration: 5}, false, end); got != model.KlikNone {
		t.Errorf("without an end: %s", got)
	}
	// However it is set, a task never goes back from red to yellow or from yellow to green as days pass.
	for range 500 {
		th := model.KlikThresholds{Yellow: rand.IntN(20), Red: rand.IntN(20)}
		span := model.KlikSpan{End: end, Duration: rand.IntN(30)}
		before := model.KlikGreen
		for d := end - 60; d < end+30; d++ {
			now := th.Colour(span, false, d)
			if now < before {
				t.Fatalf("%+v, %+v: %s after %s", th, span, now, before)
			}
			before = now
		}
		if before != model.KlikRed {
			t.Fatalf("%+v, %+v: never red", th, span)
		}
	}
	for _, th := range []model.KlikThresholds{{}, {Yellow: 2}, {Red: 1}} {
		for _, word := range []string{"Rød:", "Gul:", "Grøn:", "færdig"} {
			if !strings.Contains(th.Definition(), word) {
				t.Errorf("%+v: %q does not tell of %s", th, th.Definition(), word)
			}
		}
	}
	if (model.KlikThresholds{Yellow: 2}).Definition() == (model.KlikThresholds{}).Definition() {
		t.Error("the definition does not tell of the threshold")
	}
}

// TestKlikFrozen: both days of a zone are frozen, the days beside it are not (KL03).
func TestKlikFrozen(t *testing.T) {
	zones := []model.KlikZone{{First: day(t, "20-12-2026"), Last: day(t, "04-01-2027")}, {First: day(t, "28-02-2028"), Last: day(t, "29-02-2028")}}
	for _, c := range []struct {
		start, end string
		clashes    int
	}{
		{"01-12-2026", "19-12-2026", 0}, {"01-12-2026", "20-12-2026", 1}, {"04-01-2027", "10-01-2027", 1}, {"05-01-2027", "10-01-2027", 0},
		{"20-12-2026", "04-01-2027", 2}, {"19-12-2026", "05-01-2027", 0}, {"01-02-2028", "29-02-2028", 1}, {"01-02-2028", "01-03-2028", 0},
	} {
		got := model.FrozenClash(model.KlikSpan{Start: day(t, c.start), End: day(t, c.end)}, zones)
		if strings.Count(got, "ligger i") != c.clashes {
			t.Errorf("%+v: %q", c, got)
		}
	}
}

func TestKlikTitles(t *testing.T) {
	for _, c := range []struct {
		title, prefix string
		number        int
		sentence      string
		ok            bool
	}{
		{"(Kontakt 1) Fastlæg arbejdsgange", "Kontakt", 1, "Fastlæg arbejdsgange", true},
		{" (SFTP oprettelse [12]) Giv samtykke ", "SFTP oprettelse", 12, "Giv samtykke", true},
		{"(KP2 3) Gør det", "KP2", 3, "Gør det", true},
		{"(PRÆFIKS [nummer]) Skriv sigende titel", "", 0, "(PRÆFIKS [nummer]) Skriv sigende titel", false},
		{"(SFTP-oprettelse) Giv samtykke", "", 0, "(SFTP-oprettelse) Giv samtykke", false},
		{"(12) Gør det", "", 0, "(12) Gør det", false},
		{"Gør det", "", 0, "Gør det", false},
		{"(Kontakt 1)", "Kontakt", 1, "", true},
	} {
		prefix, number, sentence, ok := model.ParseKlikTitle(c.title)
		if prefix != c.prefix || number != c.number || sentence != c.sentence || ok != c.ok {
			t.Errorf("%q: %q %d %q %v", c.title, prefix, number, sentence, ok)
		}
	}
	for text, want := range map[string]string{
		"Opgaven er tæt relateret til opgaven ”Kontakt 2”": "Kontakt 2", "(Auto 12) Udfyld arket": "Auto 12", "Auto 12": "Auto 12", "Auto 1; Auto 2\nUdpeg en": "Auto 1|Auto 2|Udpeg en", "": "",
	} {
		if got := strings.Join(model.KlikReferences(text), "|"); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}

func TestKlikWording(t *testing.T) {
	for text, want := range map[string]int{
		"I skal vælge en leder, og du skal skrive det.": 0, "Kommunen skal vælge.": 1, "Derfor skal kommunen vælge, og kommunerne bør skynde sig.": 2,
		"Vi skriver ikke ”kommunen skal”.": 0, "KP-systemadministrator skal have filen": 0, "Systemadministratoren skal have filen": 1,
		"kolleger i kommunen. Der skal være tid": 0, "din kommunes tovholder skal": 0, "kommunen\nskal": 1,
	} {
		if got := model.KlikWording(text); len(got) != want {
			t.Errorf("%q: %q", text, got)
		}
	}
	for text, fault := range map[string]bool{"#besked\nI kan starte nu": false, "#Besked I kan begynde d. 30.10.": false, "Kære alle, I kan starte nu": true, "#besked Hej": true} {
		if got := model.KlikMessageFault(text); got != "" != fault {
			t.Errorf("%q: %q", text, got)
		}
	}
}

// TestKlikPlan: circles are named, blockers are the municipality's own, and an assignment is of the task's first wave.
func TestKlikPlan(t *testing.T) {
	book, err := codebook.Load()
	if err != nil {
		t.Fatal(err)
	}
	p := &model.KlikPlan{
		Waves: []model.KlikWave{{ID: 1, Municipalities: []uint16{259, 253}}, {ID: 2, Municipalities: []uint16{253, 461}}, {ID: 3, Municipalities: []uint16{model.KlikTestMunicipality}}},
		Tasks: []model.KlikTask{{ID: 1, Title: "(A 1) x", Prefix: "A", Number: 1, Waves: []uint32{1, 2}, Needs: []string{"A 2", "A 9"}}, {ID: 2, Title: "(A 2) y", Prefix: "A", Number: 2, Waves: []uint32{2}},
			{ID: 3, Title: "Uden præfiks", Waves: []uint32{3}}, {ID: 4, Title: "(A 11) z", Prefix: "A", Number: 11}},
	}
	p.Reindex()
	var got []string
	p.Assignments(func(t *model.KlikTask, w *model.KlikWave, m uint16) { got = append(got, fmt.Sprint(t.ID, w.ID, m)) })
	if text := strings.Join(got, ", "); text != "1 1 253, 1 1 259, 1 2 461, 2 2 253, 2 2 461, 3 3 999" {
		t.Error(text)
	}
	works := model.KlikWorks{{Task: 2, Municipality: 461}: {Task: 2, Municipality: 461, Status: model.KlikCompleted}}
	for m, want := range map[uint16]int{259: 0, 253: 1, 461: 0} {
		if got := p.Blockers(&book.Klik, works, &p.Tasks[0], m); len(got) != want {
			t.Errorf("%d: %d blockers", m, len(got))
		}
	}
	if len(p.Cycles()) != 0 || p.Find(0, "a 11").ID != 4 || p.Find(0, "(A 1) noget andet").ID != 1 || p.Find(0, "uden præfiks").ID != 3 || p.Find(1, "A 1") != nil {
		t.Error("a task is not found")
	}
	p.Tasks[1].Needs = []string{"A 11"}
	p.Tasks[3].Needs = []string{"A 1"}
	p.Tasks[2].Needs = []string{"Uden præfiks"}
	p.Reindex()
	cycles := p.Cycles()
	if len(cycles) != 2 || model.CycleText(cycles[0]) != "»A 1« venter på »A 2«, som venter på »A 11«, som venter på »A 1«" || model.CycleText(cycles[1]) != "»Uden præfiks« venter på »Uden præfiks«" {
		t.Errorf("%d circles: %s", len(cycles), model.CycleText(cycles[0]))
	}
	what := p.Clone()
	what.Waves[0].GoLive = 5
	if p.Waves[0].GoLive != 0 || what.Wave(1).GoLive != 5 {
		t.Error("a clone is not a copy")
	}
	if book.KlikMunicipality("Korsbæk Kommune") != model.KlikTestMunicipality || book.KlikMunicipality("Køge") != 259 || book.Municipality(model.KlikTestMunicipality) != nil {
		t.Error("Korsbæk is not apart")
	}
	if model.FindKlikCode(book.Klik.Priorities, "Valgfri") != model.FindKlikCode(book.Klik.Priorities, "anbefalet") { // inventory D8
		t.Error("Valgfri and Anbefalet are two")
	}
}
