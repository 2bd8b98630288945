package model

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Every date function against package time, over four centuries.
func TestDateAgainstTime(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		days := rapid.IntRange(-80000, 80000).Draw(t, "days")
		want := time.Date(1970, 1, 1+days, 0, 0, 0, 0, time.UTC)
		d := NewDate(want.Year(), int(want.Month()), want.Day())
		if int(d) != days {
			t.Fatalf("NewDate(%s) = %d, want %d", want, d, days)
		}
		if d.Year() != want.Year() || d.Month() != want.Month() || d.Day() != want.Day() || d.Weekday() != want.Weekday() {
			t.Fatalf("%s taken apart differs from %s", d, want)
		}
		year, week := d.ISOWeek()
		if y, w := want.ISOWeek(); y != year || w != week {
			t.Fatalf("%s: week %d-%d, want %d-%d", d, year, week, y, w)
		}
		if d.ISO() != want.Format("2006-01-02") || d.String() != want.Format("02-01-2006") {
			t.Fatalf("%s, %s: want %s", d, d.ISO(), want)
		}
		if midnight := d.Time(); DateOf(midnight) != d || midnight.Location() != Copenhagen {
			t.Fatalf("%s begins at %s", d, midnight)
		}
		clock := rapid.IntRange(0, secondsPerDay-1).Draw(t, "clock")
		m := d.At(clock)
		if m.Date() != d || m.Clock() != clock {
			t.Fatalf("%s at %d became %s at %d", d, clock, m.Date(), m.Clock())
		}
	})
}

func TestMomentIsTheWallClock(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		at := time.Unix(rapid.Int64Range(-2_000_000_000, 4_000_000_000).Draw(t, "unix"), 0)
		want := at.In(Copenhagen).Format("02-01-2006 15:04:05")
		got := MomentOf(at)
		if got.Clock() == 0 {
			want = want[:10]
		}
		if got.String() != want {
			t.Fatalf("%s is shown as %s, want %s", at.UTC(), got, want)
		}
	})
}

func TestValidDayAgainstTime(t *testing.T) {
	for year := 1896; year <= 2104; year++ {
		for month := -1; month <= 14; month++ {
			for day := -1; day <= 33; day++ {
				at := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
				want := at.Year() == year && int(at.Month()) == month && at.Day() == day
				if got := ValidDay(year, month, day); got != want {
					t.Fatalf("ValidDay(%d, %d, %d) = %v", year, month, day, got)
				}
			}
		}
	}
}
