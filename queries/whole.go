package queries

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"komhen/model"
)

// NewUnit is a unit that the register did not know.
type NewUnit struct {
	Municipality uint16
	Unit         string
	Rows, Line   int64
}

// AddUnits registers those of the units that the register does not know, and gives them to found in line order. With counted
// false the upload's rows are asked instead of units: where the units could not be counted while the rows were checked.
func (l *Load) AddUnits(ctx context.Context, units []NewUnit, counted bool, found func(NewUnit) error) error {
	if counted && len(units) == 0 {
		return nil
	}
	var err error
	if counted {
		err = l.pickNewUnits(ctx, units)
	} else {
		err = l.run(ctx, "load/new_units", l.upload)
	}
	if err != nil {
		return err
	}
	any := false
	rows, err := l.conn.QueryContext(ctx, text("load/list_new_units"))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var u NewUnit
		if err := rows.Scan(&u.Municipality, &u.Unit, &u.Rows, &u.Line); err != nil {
			return err
		}
		if err := found(u); err != nil {
			return err
		}
		any = true
	}
	if err := rows.Err(); err != nil || !any {
		return err
	}
	rows.Close()
	return l.run(ctx, "load/add_units", l.upload)
}

var unitSchema = arrow.NewSchema([]arrow.Field{
	{Name: "municipality", Type: arrow.PrimitiveTypes.Uint16}, {Name: "unit", Type: arrow.BinaryTypes.String},
	{Name: "n", Type: arrow.PrimitiveTypes.Int64}, {Name: "line", Type: arrow.PrimitiveTypes.Uint32},
}, nil)

func (l *Load) pickNewUnits(ctx context.Context, units []NewUnit) error {
	b := array.NewRecordBuilder(memory.DefaultAllocator, unitSchema)
	defer b.Release()
	for _, u := range units {
		b.Field(0).(*array.Uint16Builder).Append(u.Municipality)
		b.Field(1).(*array.StringBuilder).Append(u.Unit)
		b.Field(2).(*array.Int64Builder).Append(u.Rows)
		b.Field(3).(*array.Uint32Builder).Append(uint32(u.Line))
	}
	record := b.NewRecordBatch()
	defer record.Release()
	return l.incoming(ctx, "load/pick_new_units", unitSchema, []arrow.RecordBatch{record})
}

// Volume is a channel, unit or day of a round whose number of contacts is far from that of earlier rounds.
type Volume struct {
	Dimension    string // "kanal", "enhed" or "dag"
	Municipality uint16
	Channel      uint8  // of "kanal"
	Name         string // of "enhed"
	Day          int    // of "dag": days after the round's first
	Now          int64
	Before       float64 // mean of the earlier rounds that have any
}

// UnusualVolumes compares this upload's round with earlier ones (W10) and gives what stands out to f. detailed adds units and days.
func (l *Load) UnusualVolumes(ctx context.Context, rounds []model.Round, current string, detailed bool, f func(Volume) error) error {
	first := ""
	for _, r := range rounds {
		if r.Name == current {
			first = r.First.ISO()
		}
	}
	any := false
	if err := l.conn.QueryRowContext(ctx, text("load/has_earlier"), first).Scan(&any); err != nil || !any {
		return err
	}
	if err := l.run(ctx, "load/round_days"); err != nil {
		return err
	}
	earlier := 0
	for _, r := range rounds {
		if r.Name != current {
			earlier++
		}
		if err := l.run(ctx, "load/add_round_days", r.Name, r.First.ISO(), (r.Last + 1).ISO(), r.Name == current); err != nil {
			return err
		}
	}
	if earlier == 0 {
		return nil
	}
	rows, err := l.conn.QueryContext(ctx, text("load/unusual_volumes"), l.upload, detailed)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var v Volume
		if err := rows.Scan(&v.Dimension, &v.Municipality, &v.Channel, &v.Name, &v.Day, &v.Now, &v.Before); err != nil {
			return err
		}
		if err := f(v); err != nil {
			return err
		}
	}
	return rows.Err()
}
