package model

import (
	"strings"
	"testing"
)

// TestKlikDeletion: a task is there on the day before it is deleted, and on no later one; what waits for it waits no more, and the plan that was asked stays
// as it is.
func TestKlikDeletion(t *testing.T) {
	day := NewDate(2027, 5, 1)
	wave := KlikWave{ID: 1, Project: 1, Name: "Bølge 1", Municipalities: []uint16{259}}
	p := &KlikPlan{Projects: []KlikProject{{ID: 1, Name: "P"}}, Waves: []KlikWave{wave}, Tasks: []KlikTask{
		{ID: 1, Project: 1, Prefix: "A", Number: 1, Title: "(A 1) Først", Waves: []uint32{1}, Deletes: day},
		{ID: 2, Project: 1, Prefix: "A", Number: 2, Title: "(A 2) Så", Waves: []uint32{1}, Needs: []string{"A 1"}},
		{ID: 3, Project: 1, Prefix: "A", Number: 3, Title: "(A 3) Til sidst", Waves: []uint32{1}, Deletes: day + 1}}}
	p.Reindex()
	for on, want := range map[Date]string{day - 400: "1 2 3", day - 1: "1 2 3", day: "2 3", day + 1: "2", day + 400: "2"} {
		var ids []string
		for _, task := range p.On(on).Tasks {
			ids = append(ids, string(rune('0'+task.ID)))
		}
		if got := strings.Join(ids, " "); got != want {
			t.Errorf("%s: %s, want %s", on, got, want)
		}
		blocked := len(p.On(on).Blockers(&Klik{}, KlikWorks{}, p.On(on).Task(2), 259)) == 1
		if blocked != (on < day) {
			t.Errorf("%s: blocked %v", on, blocked)
		}
	}
	if len(p.Tasks) != 3 || p.Task(1).LastDay() != day-1 || p.Task(2).LastDay() != 0 {
		t.Error("asking changed the plan")
	}
	if text := p.Task(1).Deleted().Message; !strings.Contains(text, "»A 1« blev slettet 01-05-2027") || !strings.Contains(text, "var 30-04-2027") {
		t.Error(text)
	}
}

// TestKlikNotice: every boundary of the notice.
func TestKlikNotice(t *testing.T) {
	today := NewDate(2027, 3, 20)
	for _, c := range []struct {
		day, stood Date
		lacks      string
	}{{0, 0, ""}, {0, today + 3, ""}, {today - 1, 0, "ikke længere fremme"}, {today, 0, "ikke længere fremme"}, {today, today, "ikke længere fremme"}, {today + 1, 0, "tidligst 03-04-2027"}, {today + 1, today + 1, ""},
		{today + KlikNotice - 1, 0, "mindst 14 dage før"}, {today + KlikNotice, 0, ""}, {today + KlikNotice - 1, today + 30, "mindst 14 dage før"}, {today + 20, today + 3, ""}} {
		if got := KlikNoticeLacks(c.day, c.stood, today); (got == "") != (c.lacks == "") || !strings.Contains(got, c.lacks) {
			t.Errorf("%+v: %q", c, got)
		}
	}
}
