package queries

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"komhen/model"
)

// KLENode is one entry of KL's KLE tree: level 1 is a main group (23), level 2 a group (23.05), level 3 a topic (23.05.10).
// The number of a group is that of its topic .00, so a number names a node only together with the level.
type KLENode struct {
	KLE   model.KLE
	Level int
	Title string
}

// kleLevels is the number of levels of the tree.
const kleLevels = 3

// ReplaceKLE makes nodes the whole KLE tree. It runs in the transaction that the caller has open on conn, and neither begins
// nor ends one.
func (s *Store) ReplaceKLE(ctx context.Context, conn *sql.Conn, nodes []KLENode, published model.Date) error {
	if _, err := conn.ExecContext(ctx, s.sql("kle_clear")); err != nil {
		return fmt.Errorf("kle_clear: %w", err)
	}
	for level := kleLevels; level >= 1; level-- { // the deepest first: it is the one that names a number
		var numbers []uint32
		var titles []string
		for _, n := range nodes {
			if n.Level == level {
				numbers, titles = append(numbers, uint32(n.KLE)), append(titles, n.Title)
			}
		}
		if len(numbers) == 0 {
			continue
		}
		_, err := conn.ExecContext(ctx, s.sql("replace_kle"), sql.Named("numbers", numbers), sql.Named("titles", titles),
			sql.Named("level", level), sql.Named("published", published.ISO()))
		if err != nil {
			return fmt.Errorf("replace_kle, level %d: %w", level, err)
		}
	}
	return nil
}

// KLENumbers is every number that may stand in a file, with its title, and the day the tree was published. The map is empty
// and the day 0 when no tree has been imported. Main groups are left out: they have no number of the form NN.NN.
func (s *Store) KLENumbers(ctx context.Context) (numbers map[model.KLE]string, published model.Date, err error) {
	rows, err := s.db.QueryContext(ctx, s.sql("kle_numbers"))
	if err != nil {
		return nil, 0, fmt.Errorf("kle_numbers: %w", err)
	}
	defer rows.Close()
	numbers = map[model.KLE]string{}
	for rows.Next() {
		var number uint32
		var title string
		var day time.Time
		if err := rows.Scan(&number, &title, &day); err != nil {
			return nil, 0, fmt.Errorf("kle_numbers: %w", err)
		}
		numbers[model.KLE(number)] = title
		published = model.NewDate(day.Year(), int(day.Month()), day.Day())
	}
	return numbers, published, rows.Err()
}
