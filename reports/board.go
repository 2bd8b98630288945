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
