package reports

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"komhen/model"
	"komhen/queries"
)

// KlikChange is what somebody wonders about: a wave that goes live some days later (or earlier), a project that gets one more frozen zone, or both.
type KlikChange struct {
	Wave uint32 // 0 for none
	Days int
	Zone model.KlikZone
	Of   uint32 // the project that gets the zone; 0 for none
}

// KlikShift is what becomes of one municipality's open task. Clash is "" unless a day of a task that is marked falls in a frozen zone, and did not, or did
// on another day (KL03).
type KlikShift struct {
	Task          *model.KlikTask
	Municipality  uint16
	Before, After model.KlikSpan
	From, To      model.KlikColour
	Clash         string
}

// Worse tells whether the task turns yellow or red, or from yellow to red.
func (s *KlikShift) Worse() bool { return s.To > s.From && s.To >= model.KlikYellow }

// KlikShifts are the sums of a municipality.
type KlikShifts struct {
	Municipality               uint16
	Moved                      int // open tasks that get other days
	Yellow, Red, Better, Clash int
}

// KlikForecast is what a change would do. Nothing is stored.
type KlikForecast struct {
	Wave           *model.KlikWave // as it stands; nil when none moves
	Project, Zoned string          // of the wave; of the zone
	GoLive         model.Date      // after the move
	Total          KlikShifts
	Municipalities []KlikShifts // those that anything happens to, by code
	Shifts         []KlikShift  // those that turn yellow or red or collide: the worst first
	Definition     string       // of the colours
}

// KlikWhatIf compares the plan with a copy in which the change is made; days and colours are made by the same functions as everywhere. A wave or project that
// does not exist, or a change that changes nothing, is a *model.Problem "klik-what-if". Closed tasks have no colour and are left out (KL06), and Korsbæk's
// are there for a test wave alone (KL08). With own only that municipality is told of.
func KlikWhatIf(ctx context.Context, st *queries.Store, cb *model.Codebook, q KlikQuery, change KlikChange) (f *KlikForecast, err error) {
	q.Filter = KlikFilter{Completed: true}
	if q.Own != 0 {
		q.Filter.Municipalities = []uint16{q.Own}
	}
	err = st.Snapshot(ctx, func(ctx context.Context) error {
		plan, err := st.KlikPlan(ctx, 0)
		if err != nil {
			return err
		}
		plan = plan.On(q.asked())
		wave := plan.Wave(change.Wave)
		if wave != nil && wave.Test() && q.Own == 0 {
			q.Filter.Municipalities = []uint16{model.KlikTestMunicipality}
		}
		decision, err := change.on(plan)
		if err != nil {
			return err
		}
		b, err := newKlikBoard(ctx, st, cb, q)
		if err != nil {
			return err
		}
		f = b.forecast(b.plan.With(&decision))
		if wave != nil {
			f.Wave, f.Project, f.GoLive = wave, b.projectName(wave.Project), wave.GoLive+model.Date(change.Days)
		}
		if change.Of != 0 {
			f.Zoned = b.projectName(change.Of)
		}
		return nil
	})
	return f, err
}

// KlikMost is by how many days a go-live may be moved at once (ours).
const KlikMost = 730

// on is the change as a decision about a plan.
func (c KlikChange) on(plan *model.KlikPlan) (d model.KlikDecision, err error) {
	wrong := func(format string, args ...any) error {
		return &model.Problem{Code: "klik-what-if", Message: fmt.Sprintf(format, args...)}
	}
	if c.Wave != 0 {
		w := plan.Wave(c.Wave)
		switch {
		case w == nil:
			return d, wrong("Bølgen findes ikke. Vælg en fra listen.")
		case w.GoLive == 0:
			return d, wrong("Bølgen »%s« har ingen go-live at flytte. Indlæs den først.", w.Name)
		case c.Days == 0 || c.Days < -KlikMost || c.Days > KlikMost:
			return d, wrong("Skriv, hvor mange dage go-live flyttes: fra -%d til %d, og ikke 0. Et minus er tidligere.", KlikMost, KlikMost)
		}
		moved := *w
		moved.GoLive += model.Date(c.Days)
		d.Waves = []model.KlikWave{moved}
	}
	if c.Of != 0 {
		p := plan.Project(c.Of)
		switch {
		case p == nil:
			return d, wrong("Projektet findes ikke. Vælg et fra listen.")
		case c.Zone.First == 0 || c.Zone.Last < c.Zone.First:
			return d, wrong("Skriv den frosne periodes første og sidste dag. Den sidste må ikke ligge før den første.")
		}
		with := *p
		with.Frozen = append(slices.Clone(p.Frozen), c.Zone)
		d.Projects = []model.KlikProject{with}
	}
	if d.Empty() {
		return d, wrong("Vælg en bølge, der flyttes, eller et projekt, der får en frossen periode.")
	}
	return d, nil
}

// forecast compares every open line with what it would be in another plan.
func (b *klikBoard) forecast(plan *model.KlikPlan) *KlikForecast {
	f := &KlikForecast{Definition: b.plan.Thresholds.Definition()}
	sums := map[uint16]*KlikShifts{}
	for _, l := range b.lines {
		if l.Closed {
			continue
		}
		t := plan.Task(l.Task.ID)
		s := KlikShift{Task: l.Task, Municipality: l.Municipality, Before: l.Span, From: l.Colour}
		s.After = l.Work.Span(t.SpanOf(plan.Wave(l.Wave.ID)))
		s.To = plan.Thresholds.Colour(s.After, l.Closed, b.q.Today)
		if t.Frozen {
			s.Clash = model.FrozenClash(s.After, plan.Project(t.Project).Frozen)
			if s.Clash == model.FrozenClash(s.Before, b.plan.Project(t.Project).Frozen) {
				s.Clash = ""
			}
		}
		if s.After == s.Before && s.Clash == "" {
			continue
		}
		sum := sums[l.Municipality]
		if sum == nil {
			sum = &KlikShifts{Municipality: l.Municipality}
			sums[l.Municipality] = sum
		}
		sum.add(&s)
		f.Total.add(&s)
		if s.Worse() || s.Clash != "" {
			f.Shifts = append(f.Shifts, s)
		}
	}
	for _, sum := range sums {
		f.Municipalities = append(f.Municipalities, *sum)
	}
	slices.SortFunc(f.Municipalities, func(x, y KlikShifts) int { return cmp.Compare(x.Municipality, y.Municipality) })
	slices.SortStableFunc(f.Shifts, func(x, y KlikShift) int {
		return cmp.Or(cmp.Compare(y.To, x.To), cmp.Compare(x.After.End, y.After.End), cmp.Compare(x.Task.ID, y.Task.ID), cmp.Compare(x.Municipality, y.Municipality))
	})
	return f
}

func (sum *KlikShifts) add(s *KlikShift) {
	if s.After != s.Before {
		sum.Moved++
	}
	switch {
	case s.Worse() && s.To == model.KlikRed:
		sum.Red++
	case s.Worse():
		sum.Yellow++
	case s.To < s.From:
		sum.Better++
	}
	if s.Clash != "" {
		sum.Clash++
	}
}
