package reports

import (
	"context"
	"time"

	"komhen/model"
	"komhen/queries"
)

// CountryBoard is how far all municipalities are with a round, unit-days counted: Deliveries, and of each municipality in the same order its
// coverage and its test rows. It names no unit.
type CountryBoard struct {
	*Deliveries
	Coverages []Coverage
	Tests     []queries.TestCount // Contacts 0 where there are none
	Total     Coverage
}

// CountryBoardOf makes it as it is at a time. All is of one moment.
func CountryBoardOf(ctx context.Context, st *queries.Store, cb *model.Codebook, round model.Round, now time.Time) (b *CountryBoard, err error) {
	b = &CountryBoard{}
	err = st.Snapshot(ctx, func(ctx context.Context) error {
		if b.Deliveries, err = DeliveriesOf(ctx, st, cb, round, now); err != nil {
			return err
		}
		found, err := coverages(ctx, st, cb, round, round.First, round.Last, model.DateOf(now))
		if err != nil {
			return err
		}
		tests := map[uint16]queries.TestCount{}
		list, err := st.TestContacts(ctx, queries.RoundFilter(round, 0))
		for _, c := range list {
			tests[c.Municipality] = c
		}
		for _, row := range b.Rows {
			code := row.Municipality.Code
			b.Coverages, b.Tests = append(b.Coverages, found[code]), append(b.Tests, tests[code])
			b.Total.add(found[code])
		}
		return err
	})
	return b, err
}

// coverages counts the unit-days of every municipality, by the same rule as its board.
func coverages(ctx context.Context, st *queries.Store, cb *model.Codebook, round model.Round, from, to, today model.Date) (map[uint16]Coverage, error) {
	c := &counter{round: round, from: from, to: to, today: today, earlier: habitsFrom(cb, round), days: calendar{}}
	units := map[uint16]map[string]*unitHistory{}
	for _, f := range c.periods(0) {
		counts, err := st.ContactsByEveryUnitDay(ctx, f)
		if err != nil {
			return nil, err
		}
		for _, n := range counts {
			if units[n.Municipality] == nil {
				units[n.Municipality] = map[string]*unitHistory{}
			}
			if units[n.Municipality][n.Unit] == nil {
				units[n.Municipality][n.Unit] = &unitHistory{all: dayCounts{}}
			}
			units[n.Municipality][n.Unit].all[n.Day] = n.Contacts
		}
	}
	if err := c.zeros(ctx, st, 0); err != nil {
		return nil, err
	}
	found := map[uint16]Coverage{}
	for code, histories := range units {
		byChannel := c.zerosOfChannels(code)
		if byChannel { // whether a day is zero is then a matter of its channels
			var err error
			if histories, err = c.histories(ctx, st, code); err != nil {
				return nil, err
			}
		}
		var sum Coverage
		for unit, h := range histories {
			if byChannel {
				sum.add(c.unit(cb, code, unit, h).Coverage)
				continue
			}
			var of Coverage
			for _, cell := range c.unitDays(code, unit, h.all, c.habit(code, unit, h)) {
				of.count(cell, today)
			}
			of.Silent = min(of.Silent, 1)
			sum.add(of)
		}
		found[code] = sum
	}
	return found, nil
}

// zerosOfChannels tells whether single channels are declared as zero on the days.
func (c *counter) zerosOfChannels(municipality uint16) bool {
	for d := c.from; d <= c.to; d++ {
		for _, z := range c.declared[municipality][d] {
			if z.Channel != "" {
				return true
			}
		}
	}
	return false
}
