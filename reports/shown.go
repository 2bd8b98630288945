package reports

import (
	"math"
	"sort"

	"komhen/model"
)

// Shown is the rows as people see them: shares that are parts of one whole are rounded to a tenth of a percent so that
// they add up to 100,0 (largest remainders first). This is the only place where they are rounded.
func (r *Report) Shown() [][]any {
	rows := make([][]any, len(r.Rows))
	for i, row := range r.Rows {
		rows[i] = append([]any(nil), row...)
	}
	for c, column := range r.Columns {
		if !column.Whole {
			continue
		}
		var at []int
		var shares []float64
		for i, row := range r.Rows {
			if v, ok := row[c].(float64); ok {
				at, shares = append(at, i), append(shares, v)
			}
		}
		for i, v := range RoundShares(shares) {
			rows[at[i]][c] = v
		}
	}
	return rows
}

// RoundShares rounds shares to thousandths that add up to what the shares add up to, rounded. Each is rounded down, and
// what is left goes to the largest remainders, among equals to the largest share.
func RoundShares(shares []float64) []float64 {
	const parts = 1000
	whole := make([]int, len(shares))
	order := make([]int, len(shares))
	rest := make([]float64, len(shares))
	sum, given := 0.0, 0
	for i, v := range shares {
		sum += v
		whole[i] = int(math.Floor(v*parts + 1e-9))                  // 0,29 × 1000 may come out just below 290
		rest[i] = math.Round((v*parts-float64(whole[i]))*1e6) / 1e6 // so that noise in the last digit decides nothing
		given += whole[i]
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool {
		x, y := order[a], order[b]
		if rest[x] != rest[y] {
			return rest[x] > rest[y]
		}
		return shares[x] > shares[y] // among equals, where it changes least
	})
	for left := int(math.Round(sum*parts)) - given; left > 0 && len(order) > 0; left-- {
		whole[order[0]]++
		order = order[1:]
	}
	rounded := make([]float64, len(shares))
	for i, n := range whole {
		rounded[i] = float64(n) / parts
	}
	return rounded
}

// CellText is a value as people read it: Danish numbers, and "–" for what is missing.
func CellText(v any, unit Unit) string {
	switch x := v.(type) {
	case string:
		return PlainText(x)
	case int64:
		if unit == ChangeCount && x > 0 {
			return "+" + model.FormatInt(x)
		}
		return model.FormatInt(x)
	case float64:
		switch unit {
		case Share:
			return model.FormatDecimal(100*x, 1) + " %"
		case Per1000:
			return model.FormatDecimal(x, 2)
		}
		return model.FormatDecimal(x, 1)
	case model.Date:
		return x.String()
	}
	return model.Missing
}
