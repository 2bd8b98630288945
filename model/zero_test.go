package model

import "testing"

// TestZeroKeys: a key names one day, channel and unit, whatever the unit is called; what is no key is refused.
func TestZeroKeys(t *testing.T) {
	day := NewDate(2012, 4, 25)
	keys := map[string]bool{}
	for _, z := range []Zero{{Day: day}, {Day: day, Unit: "Borgerservice"}, {Day: day, Unit: "Borgerservice", Channel: "TLFIND"}, {Day: day, Unit: "a|b"}, {Day: day, Unit: "|"}, {Day: day + 1}} {
		again, ok := ZeroOf(z.Key())
		if !ok || again != z || keys[z.Key()] {
			t.Errorf("%+v became %+v (%v)", z, again, ok)
		}
		keys[z.Key()] = true
	}
	for _, key := range []string{"", "2012-04-25", "2012-02-31||", "25-04-2012||x", "2012-04-25|TLFIND|", "2012-04-25|TLFIND"} {
		if z, ok := ZeroOf(key); ok {
			t.Errorf("%q became %+v", key, z)
		}
	}
}

func TestZeroCovers(t *testing.T) {
	for _, c := range []struct {
		zero          Zero
		unit, channel string
		want          bool
	}{
		{Zero{}, "A", "", true}, {Zero{}, "A", "TLFIND", true}, {Zero{Unit: "A"}, "A", "TLFIND", true}, {Zero{Unit: "A"}, "B", "", false},
		{Zero{Unit: "A", Channel: "TLFIND"}, "A", "TLFIND", true}, {Zero{Unit: "A", Channel: "TLFIND"}, "A", "", false}, {Zero{Unit: "A", Channel: "TLFIND"}, "A", "PRSNLG", false},
	} {
		if got := c.zero.Covers(c.unit, c.channel); got != c.want {
			t.Errorf("%+v of %s %q: %v", c.zero, c.unit, c.channel, got)
		}
	}
}

// FuzzZeroOf: what is read as a key is the key of what was read.
func FuzzZeroOf(f *testing.F) {
	for _, key := range []string{"2012-04-25||", "2012-04-25|TLFIND|Borgerservice", "2012-04-25|||", "2012-02-30||x", "9999-12-31|æ|\x00"} {
		f.Add(key)
	}
	f.Fuzz(func(t *testing.T, key string) {
		if z, ok := ZeroOf(key); ok && z.Key() != key {
			t.Errorf("%q is %+v, whose key is %q", key, z, z.Key())
		}
	})
}
