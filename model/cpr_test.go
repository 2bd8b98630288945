package model

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Numbers here are invented: the serials are 0000 to 1234 on made-up days.
func TestMaskCPR(t *testing.T) {
	for _, c := range []struct {
		in       string
		declared bool
		want     string
	}{
		{"010190-1234", false, "******-****"},
		{"0101901234", false, "**********"},
		{"010190 1234", false, "****** ****"},
		{"Borger 010190-1234 ringede", false, "Borger ******-**** ringede"},
		{"010190-1234 og 020290-0000", false, "******-**** og ******-****"},
		{"310290-1234", false, "310290-1234"}, // 31 February
		{"290200-1234", false, "******-****"}, // 2000 was a leap year
		{"290201-1234", false, "290201-1234"},
		{"12345678901", false, "12345678901"}, // eleven digits
		{"20190-1234", false, "20190-1234"},
		{"010190-12345", false, "010190-12345"},
		{"23.09.02", false, "23.09.02"},
		{"23-04-2012 08:00:51", false, "23-04-2012 08:00:51"},
		{"", false, ""},
		{"0101901234", true, "0101901234"}, // a declared id or phone column
		{"010190-1234", true, "******-****"},
		{"sag010190-1234", true, "sag010190-1234"},
		{"010190 1234", true, "010190 1234"},
	} {
		got, hit := MaskCPR(c.in, c.declared)
		if got != c.want || hit != (got != c.in) {
			t.Errorf("MaskCPR(%q, %v) = %q, %v; want %q", c.in, c.declared, got, hit, c.want)
		}
		b := []byte(c.in)
		if bhit := MaskCPRBytes(b, c.declared); string(b) != got || bhit != hit {
			t.Errorf("MaskCPRBytes(%q) = %q, %v", c.in, b, bhit)
		}
		if MaskedCPR(got) != hit {
			t.Errorf("MaskedCPR(%q) = %v", got, !hit)
		}
	}
}

func TestMaskCPRAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Date(rapid.IntRange(-20000, 20000).Draw(t, "birthday"))
		serial := rapid.IntRange(0, 9999).Draw(t, "serial")
		sep := rapid.SampledFrom([]string{"", "-"}).Draw(t, "separator")
		number := fmt.Sprintf("%02d%02d%02d%s%04d", d.Day(), int(d.Month()), (d.Year()%100+100)%100, sep, serial)
		around := rapid.StringMatching(`[^0-9*]{0,6}`)
		before, after := around.Draw(t, "before"), around.Draw(t, "after")
		got, hit := MaskCPR(before+number+after, false)
		if !hit || strings.Contains(got, number) || len(got) != len(before+number+after) || !MaskedCPR(got) {
			t.Fatalf("%q became %q", before+number+after, got)
		}
		if !strings.HasPrefix(got, before) || !strings.HasSuffix(got, after) {
			t.Fatalf("the text around was changed: %q became %q", before+number+after, got)
		}
		if again, hit := MaskCPR(got, false); hit || again != got {
			t.Fatalf("masking twice changed %q to %q", got, again)
		}
	})
}
