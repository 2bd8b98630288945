package reports

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"komhen/model"
	"komhen/queries"
)

// deliveredRound is spring 2013 and what went before: Køge has delivered twice, once late, with rejected rows and an approval that
// was reopened; Ærø on time and approved; Bornholm late; Frederiksberg nothing but a file whose rows were all rejected.
func deliveredRound(t testing.TB) *queries.Store {
	return fill(t, func(exec func(string, ...any)) {
		upload := func(n, municipality int, received, round string, accepted int) {
			exec(insertUpload, n, true, municipality, "Tracetool", false, "", "")
			exec("UPDATE uploads SET received = ?::TIMESTAMP_S, round = ?, accepted = ? WHERE upload = ?", received, round, accepted, n)
		}
		upload(1, 259, "2012-05-20 10:00:00", "2012F", 10)
		upload(2, 259, "2013-05-20 10:00:00", "2013F", 10)
		upload(3, 259, "2013-06-20 10:00:00", "2013F", 1)
		upload(4, 492, "2013-05-26 23:59:59", "2013F", 2) // the last second
		upload(5, 400, "2013-05-27 00:00:00", "2013F", 1) // the first second too late
		upload(6, 147, "2013-05-20 10:00:00", "", 0)
		upload(7, 259, "2012-11-12 10:00:00", "2012E", 4)
		key := 0
		contact := func(upload, municipality, channel, subject int, moment string, copies int) {
			key++
			exec(insertContact, upload, key, key, municipality, 1, channel, 1, 1, 1, subject, moment, 1, "Borgerservice", "", "", false, false, copies, copies)
		}
		contact(1, 259, 1, 230510, "2012-04-23", 10)
		contact(7, 259, 1, 230510, "2012-10-22", 4)
		contact(2, 259, 1, 230510, "2013-04-22 10:00:00", 4)
		contact(2, 259, 4, 230510, "2013-04-23", 3)
		contact(2, 259, 5, 321800, "2013-04-23", 2)
		contact(3, 259, 13, 230510, "2013-05-12 23:59:59", 1)
		contact(4, 492, 1, 230510, "2013-04-22", 2)
		contact(5, 400, 1, 230510, "2013-04-22", 1)
		for _, line := range []int{5, 6, 7} {
			exec("INSERT INTO rejected VALUES (2, ?, ?, ?, ['x'])", line, line, line)
		}
		exec("INSERT INTO fixes VALUES (3, 2, 6, 1, 1, 0)")
		exec("INSERT INTO rejected VALUES (6, 2, 2, 2, ['x'])")
		exec("INSERT INTO approvals VALUES (259, '2013F', DATE '2013-04-22', DATE '2013-05-12', TIMESTAMP '2013-05-21', 'a', TIMESTAMP '2013-06-20 10:00:00', 'b', 3)")
		exec("INSERT INTO approvals VALUES (492, '2013F', DATE '2013-04-22', DATE '2013-05-12', TIMESTAMP '2013-05-27', 'c', NULL, NULL, NULL)")
	})
}

func codesOf(list []Missing) (codes []string) {
	for _, m := range list {
		codes = append(codes, fmt.Sprint(m.Code, " ", m.Upload))
	}
	return codes
}

func TestFrontPage(t *testing.T) {
	ctx, cb, st := context.Background(), smallCodebook(t), deliveredRound(t)
	round, err := cb.Round("2013F")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2013, 5, 24, 23, 30, 0, 0, model.Copenhagen)
	p, err := FrontPageOf(ctx, st, cb, round, 259, now)
	if err != nil {
		t.Fatal(err)
	}
	if p.Contacts != 10 || p.Digital != 0.5 || len(p.Channels) != 4 || p.Channels[0] != (ChannelFigure{"TLFIND", "Telefon ind", 4, 0.4}) {
		t.Errorf("%d contacts, digital %v, channels %+v", p.Contacts, p.Digital, p.Channels)
	}
	if c := p.Latest; c == nil || c.Round.Name != "2012E" || c.Before != 4 || c.Contacts != 6 || c.Share != 1.5 {
		t.Errorf("since the latest round: %+v", c)
	}
	if c := p.SameSeason; c == nil || c.Round.Name != "2012F" || c.Before != 10 || c.Contacts != 0 || c.Share != 0.0 {
		t.Errorf("since last spring: %+v", c)
	}
	if len(p.Days) != 21 || p.DaysWith != 3 || p.DaysWithout != 18 || p.Days[1].Contacts != 5 || p.Deadline.String() != "26-05-2013" || p.DaysLeft != 2 {
		t.Errorf("%d days, %d with, %d without; deadline %s, %d days left", len(p.Days), p.DaysWith, p.DaysWithout, p.Deadline, p.DaysLeft)
	}
	if len(p.TasksMissing) != 1 || p.TasksMissing[0].Label != "Ejendomsoplysninger" {
		t.Errorf("tasks without a contact: %+v", p.TasksMissing)
	}
	if s := p.State; s.RejectedRows() != 2 || len(s.Uploads) != 2 || s.Approved() || s.Days != 3 {
		t.Errorf("state %+v", s)
	}
	if got := codesOf(p.Missing); !slices.Equal(got, []string{"rejected-rows 2", "days-without 0", "tasks-without 0", "reopened 3"}) {
		t.Errorf("missing %q: %+v", got, p.Missing)
	}
}

// TestFrontPageOfLittle: before, during and after a round without data, and a municipality that is done.
func TestFrontPageOfLittle(t *testing.T) {
	ctx, cb, st := context.Background(), smallCodebook(t), deliveredRound(t)
	day := func(y int, m time.Month, d int) time.Time { return time.Date(y, m, d, 12, 0, 0, 0, model.Copenhagen) }
	for _, c := range []struct {
		municipality uint16
		now          time.Time
		want         []string
	}{
		{101, day(2013, 4, 21), []string{"not-begun 0"}},
		{101, day(2013, 4, 22), []string{"no-contacts 0"}},
		{101, day(2013, 5, 27), []string{"no-contacts 0"}},
		{147, day(2013, 5, 21), []string{"rejected-rows 6", "no-contacts 0"}},
		{492, day(2013, 4, 23), []string{"tasks-without 0"}}, // the round is not over
		{492, day(2013, 5, 28), []string{"days-without 0", "tasks-without 0"}},
		{400, day(2013, 5, 28), []string{"days-without 0", "tasks-without 0", "not-approved 0"}},
	} {
		round, err := cb.Round("2013F")
		if err != nil {
			t.Fatal(err)
		}
		p, err := FrontPageOf(ctx, st, cb, round, c.municipality, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := codesOf(p.Missing); !slices.Equal(got, c.want) {
			t.Errorf("%d at %s: %q, want %q", c.municipality, c.now, got, c.want)
		}
		if p.Contacts == 0 && (p.Digital != nil || p.Latest != nil || p.SameSeason != nil || len(p.Channels) > 0) {
			t.Errorf("%d has figures of nothing: %+v", c.municipality, p)
		}
	}
	_, err := FrontPageOf(ctx, st, cb, spring(t), 7, day(2013, 5, 1))
	wantProblem(t, err, "municipality-unknown")
	_, err = FrontPageOf(ctx, st, cb, spring(t), 0, day(2013, 5, 1))
	wantProblem(t, err, "municipality-unknown")
}

func TestDeliveries(t *testing.T) {
	ctx, cb, st := context.Background(), smallCodebook(t), deliveredRound(t)
	round, err := cb.Round("2013F")
	if err != nil {
		t.Fatal(err)
	}
	d, err := DeliveriesOf(ctx, st, cb, round, time.Date(2013, 5, 28, 0, 0, 0, 0, model.Copenhagen))
	if err != nil {
		t.Fatal(err)
	}
	if d.Delivered != 3 || d.Late != 1 || d.Approved != 1 || d.Missing != 3 || d.Contacts != 13 || d.DaysLeft != -2 || len(d.Rows) != len(cb.Municipalities) {
		t.Errorf("%+v", d)
	}
	for _, r := range d.Rows {
		got := fmt.Sprintf("%d delivered=%t on time=%t late=%d approved=%t rejected=%d", r.Municipality.Code, r.Delivered, r.OnTime, r.LateUploads, r.Approved(), r.RejectedRows())
		want := map[uint16]string{
			147: "147 delivered=false on time=false late=0 approved=false rejected=1",
			259: "259 delivered=true on time=true late=1 approved=false rejected=2",
			400: "400 delivered=true on time=false late=1 approved=false rejected=0",
			492: "492 delivered=true on time=true late=0 approved=true rejected=0",
		}[r.Municipality.Code]
		if want == "" {
			want = fmt.Sprintf("%d delivered=false on time=false late=0 approved=false rejected=0", r.Municipality.Code)
		}
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	r, err := Run(ctx, st, cb, Query{Name: "ranking", Round: round})
	if err != nil || !slices.Contains(r.Notes, "Foreløbige tal: 2 af 3 kommuner har ikke godkendt runden. Det har kun Ærø.") {
		t.Errorf("%q, %v", r.Notes, err)
	}
	r, err = Run(ctx, st, cb, Query{Name: "channels", Round: round, Municipality: 492})
	if err != nil || !slices.Contains(r.Notes, "Kommunen har godkendt runden.") {
		t.Errorf("%q, %v", r.Notes, err)
	}
}

// TestStandingsKnowTheWeeks: a ranking of the primary week counts that week only, and knows whose figures are provisional.
func TestStandingsKnowTheWeeks(t *testing.T) {
	ctx, cb, st := context.Background(), smallCodebook(t), deliveredRound(t)
	round, err := cb.Round("2013F")
	if err != nil {
		t.Fatal(err)
	}
	for weeks, want := range map[string]int64{"": 10, "primary": 9} {
		p, err := StandingsOf(ctx, st, cb, StandingsQuery{Round: round, Weeks: weeks})
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range p.Lines {
			switch l.Municipality.Code {
			case 259:
				if l.Contacts != want || !l.Provisional {
					t.Errorf("weeks %q: %+v", weeks, l)
				}
			case 492, 101: // approved; has nothing
				if l.Provisional {
					t.Errorf("weeks %q: %+v", weeks, l)
				}
			}
		}
		if note := "Uger: kun den primære uge, uge 17 (22-04-2013 – 28-04-2013)."; slices.Contains(p.Notes, note) != (weeks != "") {
			t.Errorf("weeks %q: notes %q", weeks, p.Notes)
		}
	}
	_, err = StandingsOf(ctx, st, cb, StandingsQuery{Round: round, Weeks: "17"})
	wantProblem(t, err, "weeks-unknown")
}
