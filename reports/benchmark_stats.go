package reports

import (
	"math"
	"sort"
)

// smallGroup is how many municipalities must have data before quartiles say anything.
const smallGroup = 3

// ratio is one municipality's value of a measure, kept as its parts so that a weighted mean can be made of them.
type ratio struct {
	num, den int64
	scale    int64 // 1 for a share, 1000 for a rate per 1,000 inhabitants
}

// value is num·scale/den; ok is false where nothing was there to divide by. The product is exact and the division
// correctly rounded, so equal ratios give equal floats and ties can be found with ==.
func (r ratio) value() (v float64, ok bool) {
	if r.den <= 0 {
		return 0, false
	}
	return float64(r.num*r.scale) / float64(r.den), true
}

// comparison is where one municipality stands in its group. Fields are missing (nil) where they mean nothing.
type comparison struct {
	own            any // float64 or nil
	rank           any // int64 or nil; 1 is the highest value, equal values share a place
	tied           int // how many share it, own included; 0 without a rank
	n              int // municipalities with a value
	median         any
	lower, upper   any // quartiles, inclusive; nil when n < smallGroup
	weighted, mean any
}

// compare places own, one of the group's ratios or nil, among all of them.
func compare(own *ratio, group []ratio) comparison {
	var c comparison
	values := make([]float64, 0, len(group))
	var num, den, scale int64
	for _, r := range group {
		v, ok := r.value()
		if !ok {
			continue
		}
		values = append(values, v)
		num, den, scale = num+r.num, den+r.den, r.scale
	}
	sort.Float64s(values)
	c.n = len(values)
	if own != nil {
		if v, ok := own.value(); ok {
			c.own = v
			for _, other := range values {
				if other == v {
					c.tied++
				}
			}
			if c.tied > 0 { // else own is no member and has no place
				c.rank = Rank(values, v)
			}
		}
	}
	if c.n == 0 {
		return c
	}
	c.median = quantile(values, 0.5)
	if c.n >= smallGroup {
		c.lower, c.upper = quantile(values, 0.25), quantile(values, 0.75)
	}
	c.mean = mean(values)
	if v, ok := (ratio{num, den, scale}).value(); ok {
		c.weighted = v
	}
	return c
}

// quantile of sorted values by linear interpolation between the closest ranks, both ends included: position
// 1 + (n-1)·p, the method of Excel's KVARTIL.MEDTAG (QUARTILE.INC). NaN for no values.
func quantile(sorted []float64, p float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	position := float64(len(sorted)-1) * p
	below := int(math.Floor(position))
	if below+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	low, high := sorted[below], sorted[below+1]
	v := low + (high-low)*(position-float64(below))
	return math.Min(v, high) // rounding must not lift a value above its upper neighbour
}

// mean gives every value the same weight. Adding in sorted order keeps the sum the same whatever order they came in.
func mean(sorted []float64) float64 {
	sum := 0.0
	for _, v := range sorted {
		sum += v
	}
	return sum / float64(len(sorted))
}
