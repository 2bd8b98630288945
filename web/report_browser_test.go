package web

import (
	"os"
	"strings"
	"testing"

	"komhen/reports"
	"komhen/web/account"
)

// TestReportPages looks over the pages with figures.
func TestReportPages(t *testing.T) {
	s := demoSite(t, Config{Now: at(2012, 11, 20)})
	v := s.as(t, account.Coordinator, 259, "")
	b := v.browse()
	b.lookOver("/")
	b.lookOver("/reports")
	for _, d := range reports.Names() {
		if only := os.Getenv("KOMHEN_ONLY"); only != "" && !strings.Contains(only, d.Name) {
			continue
		}
		b.lookOver("/reports/" + d.Name)
	}
	b.lookOver("/reports/channels?round=2012E&municipality=259&print=1")
	b.lookOver("/reports/channels?round=2020E&municipality=259")
	b.lookOver("/rankings")
	b.lookOver("/map?view=tiles")
}

// TestOperatorPages looks over what KL sees.
func TestOperatorPages(t *testing.T) {
	s := demoSite(t, Config{Now: at(2012, 11, 20)})
	v := s.as(t, account.Operator, 0, "")
	b := v.browse()
	b.lookOver("/?kl")
	b.lookOver("/reports/units?municipality=all&round=2012E")
	b.lookOver("/map?municipality=all&round=2012E")
}

// TestNothingThere looks over the pages of a service without any contacts.
func TestNothingThere(t *testing.T) {
	s := newSite(t, Config{Now: at(2013, 1, 20)})
	v := s.as(t, account.Coordinator, 259, "")
	b := v.browse()
	for _, path := range []string{"/?tom", "/reports?tom", "/reports/channels?tom", "/rankings?tom", "/map?tom"} {
		b.lookOver(path)
	}
}
