package schedule

import (
	"time"

	"komhen/model"
)

// A wall time is what the clock on a wall in Copenhagen shows, kept as a time.Time in UTC so that it can be counted with.

// wallOf is what the clock shows at an instant.
func wallOf(t time.Time) time.Time {
	local := t.In(model.Copenhagen)
	return time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), local.Nanosecond(), time.UTC)
}

func wallOn(d model.Date, hour, minute int) time.Time {
	day := d.Time()
	return time.Date(day.Year(), day.Month(), day.Day(), hour, minute, 0, 0, time.UTC)
}

func dateOf(wall time.Time) model.Date {
	return model.NewDate(wall.Year(), int(wall.Month()), wall.Day())
}

// InstantOf is when the clock shows a wall time: the first time where it does so twice, and the moment it has jumped where it never does.
func InstantOf(wall time.Time) time.Time {
	_, before := wall.Add(-24 * time.Hour).In(model.Copenhagen).Zone()
	_, after := wall.Add(24 * time.Hour).In(model.Copenhagen).Zone()
	for _, offset := range []int{max(before, after), min(before, after)} { // summer time comes first where both are right
		if t := wall.Add(-time.Duration(offset) * time.Second); wallOf(t).Equal(wall) {
			return t.In(model.Copenhagen)
		}
	}
	// Never shown: as much after the jump as the old offset says, taken back to the jump itself.
	t := wall.Add(-time.Duration(before) * time.Second)
	start, _ := t.In(model.Copenhagen).ZoneBounds()
	return start.In(model.Copenhagen)
}
