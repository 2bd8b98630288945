package queries

import (
	"context"

	"komhen/model"
)

// UnitChannelDayCount is the contacts of one unit through one channel on one day; "" is not filled in.
type UnitChannelDayCount struct {
	Channel uint8
	UnitDayCount
}

// EveryUnitDayCount is the contacts of one unit of one municipality on one day.
type EveryUnitDayCount struct {
	Municipality uint16
	UnitDayCount
}

// TestCount is the contacts of a municipality's test uploads, and the last day they are of.
type TestCount struct {
	Municipality uint16
	Contacts     int64
	Last         model.Date
}

// ContactsByUnitChannelDay counts by unit, channel and day. Types of the filter are not obeyed. Danger: see ContactsByUnit.
func (s *Store) ContactsByUnitChannelDay(ctx context.Context, f Filter) ([]UnitChannelDayCount, error) {
	if f.Municipality == 0 {
		return nil, unitsAtHome()
	}
	return counted(ctx, s, "report/contacts_by_unit_channel_day", f, f.args(), func(c *UnitChannelDayCount) []any {
		return []any{asText(&c.Unit), &c.Channel, asDay(&c.Day), &c.Contacts}
	})
}

// ContactsByEveryUnitDay counts by municipality, unit and day; Municipality 0 is all. Danger: it names units of every municipality, so
// that they can be held against their own earlier pattern and counted. No name of it may be shown for more than one municipality.
func (s *Store) ContactsByEveryUnitDay(ctx context.Context, f Filter) ([]EveryUnitDayCount, error) {
	return counted(ctx, s, "report/contacts_by_every_unit_day", f, f.args(), func(c *EveryUnitDayCount) []any {
		return []any{&c.Municipality, asText(&c.Unit), asDay(&c.Day), &c.Contacts}
	})
}

// TestContacts counts the contacts of test uploads by municipality.
func (s *Store) TestContacts(ctx context.Context, f Filter) ([]TestCount, error) {
	return counted(ctx, s, "report/test_contacts", f, f.args(), func(c *TestCount) []any { return []any{&c.Municipality, &c.Contacts, asDay(&c.Last)} })
}
