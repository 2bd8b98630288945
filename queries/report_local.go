package queries

import (
	"context"
	"database/sql"

	"komhen/model"
)

// MonthCount is the contacts of one month through one channel. Month is its first day.
type MonthCount struct {
	Month    model.Date
	Channel  uint8
	Contacts int64
}

// ContactsOutsideRounds counts a municipality's contacts of the rounds' year that lie in neither of them, by month and channel. They
// are local counts (W01), which belong to no comparison.
func (s *Store) ContactsOutsideRounds(ctx context.Context, municipality uint16, spring, autumn model.Round) ([]MonthCount, error) {
	f, args := outside(municipality, spring, autumn)
	return counted(ctx, s, "report/contacts_outside_rounds", f, args, func(c *MonthCount) []any { return []any{asDay(&c.Month), &c.Channel, &c.Contacts} })
}

// outside is the year of two rounds, and what a query of the days in neither is told.
func outside(municipality uint16, spring, autumn model.Round) (Filter, []any) {
	// Months are no whole weeks, and a year of whole weeks is none, so this never reads the cube's weeks.
	year := Filter{Municipality: municipality, From: model.NewDate(spring.Year, 1, 1), To: model.NewDate(spring.Year, 12, 31)}
	args := append([]any{sql.Named("municipality", municipality)}, period("spring_from", "spring_until", spring.First, spring.Last)...)
	args = append(args, period("autumn_from", "autumn_until", autumn.First, autumn.Last)...)
	return year, append(args, period("year_from", "year_until", year.From, year.To)...)
}
