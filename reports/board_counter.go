package reports

import (
	"context"

	"komhen/model"
	"komhen/queries"
)

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
