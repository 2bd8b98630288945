package reports

import (
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func shares(values ...int64) []ratio {
	var r []ratio
	for _, v := range values {
		r = append(r, ratio{v, 100, 1})
	}
	return r
}

func TestCompare(t *testing.T) {
	missing := ratio{5, 0, 1}
	for _, c := range []struct {
		name  string
		own   ratio
		group []ratio
		want  comparison
	}{
		{"nobody", missing, nil, comparison{}},
		{"alone", shares(20)[0], shares(20), comparison{own: 0.2, rank: int64(1), tied: 1, n: 1, median: 0.2, weighted: 0.2, mean: 0.2}},
		{"two have no quartiles", shares(20)[0], shares(20, 40), comparison{own: 0.2, rank: int64(2), tied: 1, n: 2, median: 0.30000000000000004, weighted: 0.3, mean: 0.30000000000000004}},
		{"three have", shares(10)[0], shares(10, 20, 60), comparison{own: 0.1, rank: int64(3), tied: 1, n: 3, median: 0.2, lower: 0.15000000000000002, upper: 0.4, weighted: 0.3, mean: 0.3}},
		{"a shared first place leaves the second empty", shares(20)[0], shares(50, 50, 20), comparison{own: 0.2, rank: int64(3), tied: 1, n: 3, median: 0.5, lower: 0.35, upper: 0.5, weighted: 0.4, mean: 0.39999999999999997}},
		{"equal ratios of different size are ties", ratio{1, 3, 1000}, []ratio{{1, 3, 1000}, {2, 6, 1000}, {1, 1, 1000}},
			comparison{own: 1000.0 / 3, rank: int64(2), tied: 2, n: 3, median: 1000.0 / 3, lower: 1000.0 / 3, upper: (1000 + 1000.0/3) / 2, weighted: 400.0, mean: 555.5555555555555}},
		{"zero is a value", shares(0)[0], shares(0, 50, 100), comparison{own: 0.0, rank: int64(3), tied: 1, n: 3, median: 0.5, lower: 0.25, upper: 0.75, weighted: 0.5, mean: 0.5}},
		{"missing is not", missing, append(shares(50, 100), missing), comparison{n: 2, median: 0.75, weighted: 0.75, mean: 0.75}},
	} {
		got := compare(&c.own, c.group)
		if !almost(got, c.want) {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

func almost(a, b comparison) bool {
	near := func(x, y any) bool {
		f, okf := x.(float64)
		g, okg := y.(float64)
		if okf && okg {
			return math.Abs(f-g) <= 1e-12*math.Max(1, math.Abs(g))
		}
		return reflect.DeepEqual(x, y)
	}
	return near(a.own, b.own) && near(a.rank, b.rank) && a.tied == b.tied && a.n == b.n && near(a.median, b.median) &&
		near(a.lower, b.lower) && near(a.upper, b.upper) && near(a.weighted, b.weighted) && near(a.mean, b.mean)
}

// The values that Excel's KVARTIL.MEDTAG gives for the same numbers.
func TestQuantileAsExcel(t *testing.T) {
	for _, c := range []struct {
		values             []float64
		lower, mid, higher float64
	}{
		{[]float64{7}, 7, 7, 7},
		{[]float64{1, 2}, 1.25, 1.5, 1.75},
		{[]float64{1, 2, 4}, 1.5, 2, 3},
		{[]float64{1, 2, 4, 7, 8, 9, 10, 12}, 3.5, 7.5, 9.25},
		{[]float64{3, 3, 3, 3, 100}, 3, 3, 3},
	} {
		if l, m, h := quantile(c.values, 0.25), quantile(c.values, 0.5), quantile(c.values, 0.75); l != c.lower || m != c.mid || h != c.higher {
			t.Errorf("%v: %v %v %v, want %v %v %v", c.values, l, m, h, c.lower, c.mid, c.higher)
		}
	}
	if !math.IsNaN(quantile(nil, 0.5)) {
		t.Error("the median of nothing is something")
	}
}

func TestCompareProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		group := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) ratio {
			den := rapid.Int64Range(0, 50).Draw(t, "den")
			return ratio{rapid.Int64Range(0, 60).Draw(t, "num"), den, 1000}
		}), 1, 60).Draw(t, "group")
		own := group[rapid.IntRange(0, len(group)-1).Draw(t, "own")]
		c := compare(&own, group)

		shuffled := slices.Clone(group)
		rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if again := compare(&own, shuffled); !reflect.DeepEqual(c, again) {
			t.Fatalf("the order of municipalities changes the figures: %+v, %+v", c, again)
		}
		var values []float64
		above, equal := 0, 0
		v, has := own.value()
		for _, r := range group {
			if x, ok := r.value(); ok {
				values = append(values, x)
				// as fractions, without floats
				switch cross := r.num*own.den - own.num*r.den; {
				case has && cross > 0:
					above++
				case has && cross == 0:
					equal++
				}
			}
		}
		if c.n != len(values) {
			t.Fatalf("n is %d of %d", c.n, len(values))
		}
		if has != (c.own != nil) || has && (c.own != v || c.rank != int64(above+1) || c.tied != equal) {
			t.Fatalf("own %v rank %v tied %d; want %v %d %d", c.own, c.rank, c.tied, v, above+1, equal)
		}
		if c.n == 0 {
			if c.median != nil || c.mean != nil || c.weighted != nil {
				t.Fatalf("figures of nothing: %+v", c)
			}
			return
		}
		low, high := slices.Min(values), slices.Max(values)
		for _, x := range []any{c.median, c.mean, c.weighted} {
			if f := x.(float64); f < low-1e-9 || f > high+1e-9 {
				t.Fatalf("%v outside %v–%v", f, low, high)
			}
		}
		if c.n < smallGroup {
			if c.lower != nil || c.upper != nil {
				t.Fatal("quartiles of a small group")
			}
			return
		}
		l, m, u := c.lower.(float64), c.median.(float64), c.upper.(float64)
		if l < low || l > m || m > u || u > high {
			t.Fatalf("%v ≤ %v ≤ %v ≤ %v ≤ %v does not hold", low, l, m, u, high)
		}
		atMost := func(q float64) (n int) {
			for _, x := range values {
				if x <= q {
					n++
				}
			}
			return n
		}
		for p, q := range map[float64]float64{0.25: l, 0.5: m, 0.75: u} {
			if want := int(float64(c.n-1)*p) + 1; atMost(q) < want {
				t.Fatalf("%d values at or below the %v quantile, at least %d of %d are", atMost(q), p, want, c.n)
			}
		}
	})
}
