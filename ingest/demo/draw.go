package demo

import (
	"hash/fnv"
	"math"
	"math/rand/v2"
	"sort"
	"strconv"
)

// seed of everything; another number is another country.
const seed = 20120423

// random gives each file and municipality numbers of its own, so that they can be made in any order.
func random(name string) *rand.Rand {
	h := fnv.New64a()
	h.Write([]byte(name))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// picker draws items in proportion to their weights.
type picker[T any] struct {
	items []T
	upTo  []float64
}

func (p *picker[T]) add(item T, weight float64) {
	if weight <= 0 {
		return
	}
	if n := len(p.upTo); n > 0 {
		weight += p.upTo[n-1]
	}
	p.items = append(p.items, item)
	p.upTo = append(p.upTo, weight)
}

func (p *picker[T]) pick(r *rand.Rand) T {
	x := r.Float64() * p.upTo[len(p.upTo)-1]
	return p.items[sort.SearchFloat64s(p.upTo, x)]
}

// share is what part of the draws gives the i-th item.
func (p *picker[T]) share(i int) float64 {
	before := 0.0
	if i > 0 {
		before = p.upTo[i-1]
	}
	return (p.upTo[i] - before) / p.upTo[len(p.upTo)-1]
}

// around is a number of contacts where so many are expected: Poisson, by the normal curve when there are many.
func around(r *rand.Rand, expected float64) int {
	if expected > 50 {
		return int(expected + r.NormFloat64()*math.Sqrt(expected) + 0.5)
	}
	n, p := 0, r.Float64()
	for limit := math.Exp(-expected); p > limit; p *= r.Float64() {
		n++
	}
	return n
}

func itoa(n int) string { return strconv.Itoa(n) }
