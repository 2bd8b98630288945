package holidays

import (
	"testing"

	"komhen/model"
)

// TestClosed: a sample of each kind of holiday, and days that only look like one.
func TestClosed(t *testing.T) {
	for _, c := range []struct {
		day  model.Date
		want string
	}{
		{model.NewDate(2012, 4, 23), ""}, {model.NewDate(2012, 4, 28), "lørdag"}, {model.NewDate(2012, 4, 29), "søndag"}, {model.NewDate(2013, 1, 1), "Nytårsdag"},
		{model.NewDate(2012, 4, 5), "Skærtorsdag"}, {model.NewDate(2012, 5, 4), "Store bededag"}, {model.NewDate(2012, 5, 17), "Kristi Himmelfartsdag"},
		{model.NewDate(2012, 6, 5), "Grundlovsdag"}, {model.NewDate(2012, 12, 24), "Juleaftensdag"}, {model.NewDate(2012, 5, 1), ""}, {model.NewDate(2012, 12, 31), ""},
		{model.NewDate(2023, 5, 5), "Store bededag"}, {model.NewDate(2024, 4, 26), ""}, // abolished from 2024
	} {
		if got := Closed(c.day); got != c.want {
			t.Errorf("%s is %q, must be %q", c.day, got, c.want)
		}
	}
}
