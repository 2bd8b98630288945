package reports

import (
	"context"
	"slices"
	"strings"
	"time"

	"komhen/model"
	"komhen/queries"
)

// CellState is what the board knows of a unit (or one of its channels) on a day.
type CellState string

const (
	CellData    CellState = "data"    // there are contacts; they win over a zero
	CellZero    CellState = "zero"    // declared: nothing came
	CellClosed  CellState = "closed"  // a weekend or holiday, and nothing came
	CellComing  CellState = "coming"  // the day is not over
	CellSilent  CellState = "silent"  // nothing came, though the unit's habit says that something should have (pattern.go)
	CellNothing CellState = "nothing" // nothing came, and nothing was expected
)

var cellWords = map[CellState]string{CellData: "data", CellZero: "nul", CellClosed: "lukket", CellComing: "ikke slut", CellSilent: "tavs", CellNothing: "intet ventet"}

// Word is the state in Danish.
func (s CellState) Word() string { return cellWords[s] }

// Board is a municipality's completeness: its units on the days From to To, channel by channel, as it is on Today. Days before Today are
// over. Figures are contacts. Danger: it names units, which are the municipality's own.
type Board struct {
	Round           model.Round
	From, To, Today model.Date
	Days            []BoardDay
	Units           []BoardUnit // with contacts, something expected or a zero, by name; the one called "" is contacts without a unit
	Others          []string    // units of the register of which there is nothing to show
	Coverage
	Zeros []StandingZero // those of the days, oldest first
	Outstanding
}

// BoardDay is a day of the board. Closed is why offices are closed, "" on a working day.
type BoardDay struct {
	Day    model.Date
	Closed string
	Over   bool
}

// BoardUnit is a unit's row, and under it those of its channels.
type BoardUnit struct {
	Unit     string
	Cells    []BoardCell // one for each day
	Channels []BoardChannel
	Coverage
	Contacts int64
}

// BoardChannel is a unit's channel. Channel is nil for a code that the codebook does not know.
type BoardChannel struct {
	ID      uint8
	Channel *model.Channel
	Cells   []BoardCell
}

// Label is the channel's name.
func (c BoardChannel) Label() string {
	if c.Channel == nil {
		return "Ukendt kode"
	}
	return c.Channel.Label
}

// BoardCell is one day of a unit or of its channel. SilentChannels are those that are silent on a day on which the unit itself has contacts.
type BoardCell struct {
	Day            model.Date
	State          CellState
	Contacts       int64
	Expected       bool
	Zero           *StandingZero // that covers it, also where contacts won
	SilentChannels []string
}

// Coverage is how many of the unit-days on which contacts were expected, and which are over, have contacts or are declared as zero. Silent
// is how many units have days that neither is true of.
type Coverage struct{ Expected, Covered, Silent int }

// Share is Covered as a part of Expected, nil where nothing was expected.
func (c Coverage) Share() any { return share(int64(c.Covered), int64(c.Expected)) }

// StandingZero is a zero that has not been taken back. Overruled is whether contacts came all the same.
type StandingZero struct {
	model.Zero
	Key       string
	At        time.Time
	By        string // account id, "" the command line
	Overruled bool
}

// BoardOf makes the board of a municipality. from and to limit it to some days, 0 being the round's; they may lie outside the round, as
// local counts do. A *model.Problem "municipality-unknown" or "days-unknown" means that the question was wrong. All is of one moment.
func BoardOf(ctx context.Context, st *queries.Store, cb *model.Codebook, round model.Round, municipality uint16, from, to model.Date, now time.Time) (b *Board, err error) {
	err = st.Snapshot(ctx, func(ctx context.Context) error {
		b, err = boardOf(ctx, st, cb, round, municipality, from, to, model.DateOf(now))
		return err
	})
	return b, err
}

// mostBoardDays is how many days a board can show.
const mostBoardDays = 62

func boardOf(ctx context.Context, st *queries.Store, cb *model.Codebook, round model.Round, municipality uint16, from, to, today model.Date) (*Board, error) {
	m, err := municipalityOf(cb, municipality)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, &model.Problem{Code: "municipality-unknown", Message: "Enheder er hver kommunes egne. Angiv kommunen, fx 259."}
	}
	if round.Edition == "" {
		round.Edition = cb.EditionOf(round)
	}
	if from == 0 {
		from = round.First
	}
	if to == 0 {
		to = max(from, round.Last)
	}
	if to < from || to-from >= mostBoardDays {
		return nil, &model.Problem{Code: "days-unknown", Message: "Dagene kan ikke vises. Den første dag skal ligge før den sidste, og der kan højst være 62 dage."}
	}
	b := &Board{Round: round, From: from, To: to, Today: today}
	c := &counter{round: round, from: from, to: to, today: today, earlier: habitsFrom(cb, round), days: calendar{}}
	for d := from; d <= to; d++ {
		b.Days = append(b.Days, BoardDay{d, c.days.closed(d), d < today})
	}
	histories, err := c.histories(ctx, st, m.Code)
	if err != nil {
		return nil, err
	}
	if err := c.zeros(ctx, st, m.Code); err != nil {
		return nil, err
	}
	registered, err := st.Units(ctx, m.Code)
	if err != nil {
		return nil, err
	}
	for _, unit := range registered {
		if histories[unit] == nil {
			histories[unit] = newHistory()
		}
	}
	for unit, h := range histories {
		u := c.unit(cb, m.Code, unit, h)
		if u.empty() {
			if unit != "" {
				b.Others = append(b.Others, unit)
			}
			continue
		}
		b.Units = append(b.Units, u)
		b.Coverage.add(u.Coverage)
	}
	slices.Sort(b.Others)
	slices.SortFunc(b.Units, func(x, y BoardUnit) int {
		if (x.Unit == "") != (y.Unit == "") {
			return strings.Compare(y.Unit, x.Unit) // those without a unit last
		}
		return strings.Compare(x.Unit, y.Unit)
	})
	b.Zeros = c.standing(cb, histories, m.Code)
	b.Outstanding, err = outstandingOf(ctx, st, cb, round, m, today, b.Units)
	return b, err
}

func (c *Coverage) add(more Coverage) {
	c.Expected += more.Expected
	c.Covered += more.Covered
	c.Silent += more.Silent
}

func (u BoardUnit) empty() bool {
	return u.Contacts == 0 && u.Expected == 0 && !slices.ContainsFunc(u.Cells, func(c BoardCell) bool { return c.Expected || c.Zero != nil && c.Zero.Unit != "" })
}

// counter judges units, by their habits and what is declared.
type counter struct {
	round           model.Round
	from, to, today model.Date
	earlier         []model.Round
	days            calendar
	declared        map[uint16]map[model.Date][]*StandingZero
}

// periods are what has to be read: the days themselves with the round, and the rounds that units are judged by.
func (c *counter) periods(municipality uint16) []queries.Filter {
	list := []queries.Filter{{Municipality: municipality, From: min(c.from, c.round.First), To: max(c.to, c.round.Last)}}
	for _, r := range c.earlier {
		list = append(list, queries.RoundFilter(r, municipality))
	}
	return list
}

// histories reads what the units of a municipality brought; "" are contacts without a unit.
func (c *counter) histories(ctx context.Context, st *queries.Store, municipality uint16) (map[string]*unitHistory, error) {
	units := map[string]*unitHistory{}
	for i, f := range c.periods(municipality) {
		counts, err := st.ContactsByUnitChannelDay(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, n := range counts {
			if i > 0 && n.Day >= c.periods(municipality)[0].From {
				continue // chosen days before the round: they are read already
			}
			if units[n.Unit] == nil {
				units[n.Unit] = newHistory()
			}
			units[n.Unit].add(n.Day, n.Channel, n.Contacts)
		}
	}
	return units, nil
}

// zeros reads what is declared; municipality 0 is all.
func (c *counter) zeros(ctx context.Context, st *queries.Store, municipality uint16) error {
	list, err := queries.Standing[model.Zero](ctx, st, queries.RecordFilter{Kind: model.RecordZero, Municipality: municipality})
	if err != nil {
		return err
	}
	c.declared = map[uint16]map[model.Date][]*StandingZero{}
	for _, r := range list {
		z, ok := model.ZeroOf(r.Key)
		if !ok {
			continue
		}
		z.Why = r.Value.Why
		if c.declared[r.Municipality] == nil {
			c.declared[r.Municipality] = map[model.Date][]*StandingZero{}
		}
		c.declared[r.Municipality][z.Day] = append(c.declared[r.Municipality][z.Day], &StandingZero{Zero: z, Key: r.Key, At: r.At, By: r.By})
	}
	return nil
}

// zero is the standing zero that covers a unit's channel on a day, the widest first; channel "" is the whole day. Contacts without a unit
// are nobody's to declare.
func (c *counter) zero(municipality uint16, unit, channel string, d model.Date) *StandingZero {
	if unit == "" {
		return nil
	}
	var best *StandingZero
	for _, z := range c.declared[municipality][d] {
		if z.Covers(unit, channel) && (best == nil || len(z.Unit)+len(z.Channel) < len(best.Unit)+len(best.Channel)) {
			best = z
		}
	}
	return best
}

func (c *counter) habit(municipality uint16, unit string, h *unitHistory) habit {
	if unit == "" {
		return habit{} // rows without a unit are the website's and central ones: nobody's habit
	}
	return habitOf(h, c.round, c.earlier, c.days, func(d model.Date) bool { return c.zero(municipality, unit, "", d) != nil })
}

// cell judges a day. expects is asked on working days only.
func (c *counter) cell(d model.Date, contacts int64, zero *StandingZero, expects func() bool) BoardCell {
	cell := BoardCell{Day: d, Contacts: contacts, Zero: zero}
	open, over := c.days.closed(d) == "", d < c.today
	cell.Expected = open && expects()
	switch {
	case contacts > 0:
		cell.State = CellData
	case zero != nil:
		cell.State = CellZero
	case !open:
		cell.State = CellClosed
	case !over:
		cell.State = CellComing
	case cell.Expected:
		cell.State = CellSilent
	default:
		cell.State = CellNothing
	}
	return cell
}

// unit makes a unit's row and those of its channels.
func (c *counter) unit(cb *model.Codebook, municipality uint16, unit string, h *unitHistory) BoardUnit {
	u := BoardUnit{Unit: unit}
	habit := c.habit(municipality, unit, h)
	u.Cells = c.unitDays(municipality, unit, h.all, habit)
	for _, id := range channelsOf(cb, h) {
		row := BoardChannel{ID: id, Channel: cb.Channel(id)}
		code, shown := "", false
		if row.Channel != nil {
			code = row.Channel.Code
		}
		for d := c.from; d <= c.to; d++ {
			n := h.channels[id][d]
			cell := c.cell(d, n, c.zero(municipality, unit, code, d), func() bool { return habit.expects(d, h.channels[id]) })
			shown = shown || n > 0 || cell.Expected || cell.Zero != nil && cell.Zero.Channel != ""
			row.Cells = append(row.Cells, cell)
		}
		if shown {
			u.Channels = append(u.Channels, row)
		}
	}
	for i := range u.Cells {
		u.finish(i, c.today)
	}
	u.Silent = min(u.Silent, 1)
	return u
}

// unitDays judges a unit as a whole, whatever the channel.
func (c *counter) unitDays(municipality uint16, unit string, all dayCounts, habit habit) (cells []BoardCell) {
	for d := c.from; d <= c.to; d++ {
		cells = append(cells, c.cell(d, all[d], c.zero(municipality, unit, "", d), func() bool { return habit.expects(d, all) }))
	}
	return cells
}

// finish brings a day of the unit in agreement with its channels, and counts it: a silent day is no longer so when each of the channels that
// should have had contacts is declared as zero.
func (u *BoardUnit) finish(i int, today model.Date) {
	cell := &u.Cells[i]
	var silent []string
	var zero *StandingZero
	for _, ch := range u.Channels {
		switch of := ch.Cells[i]; {
		case of.State == CellSilent:
			silent = append(silent, ch.Label())
		case of.State == CellZero && of.Expected:
			zero = of.Zero
		}
	}
	switch {
	case cell.State == CellData:
		cell.SilentChannels = silent
	case cell.State == CellSilent && len(silent) == 0 && zero != nil:
		cell.State, cell.Zero = CellZero, zero
	}
	u.Contacts += cell.Contacts
	u.count(*cell, today)
}

// count adds a day to a coverage.
func (c *Coverage) count(cell BoardCell, today model.Date) {
	if !cell.Expected || cell.Day >= today {
		return
	}
	c.Expected++
	if cell.State == CellSilent {
		c.Silent++
	} else {
		c.Covered++
	}
}

// channelsOf are the channels that a unit may have rows of: those of the codebook in its order, then unknown ones of its history.
func channelsOf(cb *model.Codebook, h *unitHistory) (ids []uint8) {
	for _, ch := range cb.Channels {
		ids = append(ids, ch.ID)
	}
	for id := range h.channels {
		if cb.Channel(id) == nil {
			ids = append(ids, id)
		}
	}
	return ids
}

// standing lists the zeros of the days, and says of which of them contacts came all the same.
func (c *counter) standing(cb *model.Codebook, histories map[string]*unitHistory, municipality uint16) (list []StandingZero) {
	for d := c.from; d <= c.to; d++ {
		for _, z := range c.declared[municipality][d] {
			for unit, h := range histories {
				if unit == "" || z.Unit != "" && z.Unit != unit {
					continue
				}
				n := h.all[d]
				if z.Channel != "" {
					n = h.channels[cb.ChannelID(z.Channel)][d]
				}
				z.Overruled = z.Overruled || n > 0
			}
			list = append(list, *z)
		}
	}
	return list
}
