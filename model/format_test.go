package model

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFormatInt(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0", 7: "7", -7: "-7", 999: "999", 1000: "1.000", -1000: "-1.000", 1234567: "1.234.567",
		math.MaxInt64: "9.223.372.036.854.775.807", math.MinInt64: "-9.223.372.036.854.775.808",
	} {
		if got := FormatInt(n); got != want {
			t.Errorf("FormatInt(%d) = %q, want %q", n, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.Int64().Draw(t, "n")
		if got := strings.ReplaceAll(FormatInt(n), ".", ""); got != fmt.Sprint(n) {
			t.Fatalf("FormatInt(%d) = %q", n, FormatInt(n))
		}
	})
}

func TestFormatDecimal(t *testing.T) {
	for _, c := range []struct {
		x        float64
		decimals int
		want     string
	}{
		{0, 1, "0,0"}, {0, 0, "0"}, {1234.56, 1, "1.234,6"}, {-1234.56, 1, "-1.234,6"}, {-0.04, 1, "0,0"}, {-0.06, 1, "-0,1"},
		{999.96, 1, "1.000,0"}, {1e21, 0, "1.000.000.000.000.000.000.000"},
		{math.NaN(), 1, Missing}, {math.Inf(1), 1, Missing}, {math.Inf(-1), 1, Missing},
	} {
		if got := FormatDecimal(c.x, c.decimals); got != c.want {
			t.Errorf("FormatDecimal(%v, %d) = %q, want %q", c.x, c.decimals, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.Float64Range(-1e12, 1e12).Draw(t, "x")
		plain := strings.NewReplacer(".", "", ",", ".").Replace(FormatDecimal(x, 2))
		if want := fmt.Sprintf("%.2f", x); plain != want && want != "-0.00" {
			t.Fatalf("FormatDecimal(%v) = %q", x, FormatDecimal(x, 2))
		}
	})
}
