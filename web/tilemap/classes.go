package tilemap

import (
	"math"
	"slices"

	"komhen/reports"
)

// most is the number of classes: more shades than five cannot be told apart.
const most = 5

// class is a shade and the values that have it.
type class struct {
	Shade     int // 1 (light) to 5 (dark)
	Low, High float64
	N         int
}

// precision is how many parts of one are shown, so that a value is in the class that its printed form belongs to.
func precision(unit reports.Unit) float64 {
	switch unit {
	case reports.Share:
		return 1000
	case reports.Per1000:
		return 100
	case reports.Count, reports.Number:
		return 1
	}
	return 10
}

// classes divides values (rounded as they are shown) into at most five: at limits, or else so that each holds about as many
// values. Equal values are always in one class. shade gives a value's.
func classes(values []float64, limits []float64, unit reports.Unit) (list []class, shade func(float64) int) {
	round := func(v float64) float64 { return math.Round(v*precision(unit)) / precision(unit) }
	sorted := make([]float64, 0, len(values))
	for _, v := range values {
		sorted = append(sorted, round(v))
	}
	slices.Sort(sorted)
	if limits == nil && len(sorted) > 0 {
		for k := 1; k < most; k++ {
			if at := sorted[k*len(sorted)/most]; at > sorted[0] && (len(limits) == 0 || at > limits[len(limits)-1]) {
				limits = append(limits, at)
			}
		}
	}
	limits = limits[:min(len(limits), most-1)]
	shades := [][]int{{3}, {2, 4}, {1, 3, 5}, {1, 2, 4, 5}, {1, 2, 3, 4, 5}}[len(limits)]
	place := func(v float64) int {
		n := 0
		for _, l := range limits {
			if round(v) >= round(l) {
				n++
			}
		}
		return n
	}
	list = make([]class, len(limits)+1)
	for i := range list {
		list[i].Shade = shades[i]
	}
	for _, v := range sorted {
		c := &list[place(v)]
		if c.N == 0 {
			c.Low = v
		}
		c.High = v
		c.N++
	}
	return slices.DeleteFunc(list, func(c class) bool { return c.N == 0 }), func(v float64) int { return shades[place(v)] }
}
