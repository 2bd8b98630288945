package web

import (
	"strings"
	"testing"

	"komhen/ingest"
	"komhen/model"
	"komhen/web/account"
)

// TestCentralReminders: coordinators are told once of what KL and the day did with their part, on the morning after, and are reminded while it
// awaits an answer; nobody is told of another municipality's.
func TestCentralReminders(t *testing.T) {
	clock := clockAt(junAt(10, 9))
	s := newSite(t, Config{Now: clock.now})
	number, u, err := s.folder.Deliver(t.Context(), strings.NewReader(digitalPost), int64(len(digitalPost)), ingest.Options{Name: "dp.csv", Received: clock.now(),
		Delivering: &ingest.Delivering{What: "Digital Post", Round: "2012F", Day: model.NewDate(2012, 6, 22)}})
	if err != nil || u.Fault != nil {
		t.Fatal(err)
	}
	said := func(municipality uint16, date int) string {
		t.Helper()
		today := model.NewDate(2012, 6, date)
		list, err := centralReminders(t.Context(), s.Server, reminderDay{today - 1, today}, account.Account{Role: account.Coordinator, Municipality: municipality})
		if err != nil {
			t.Fatal(err)
		}
		var texts []string
		for _, r := range list {
			texts = append(texts, r.Text)
		}
		return strings.Join(texts, " ")
	}
	for _, c := range []struct {
		municipality uint16
		day          int
		says         string
	}{{259, 10, ""}, {259, 11, "klar"}, {259, 12, ""}, {101, 11, ""}, {259, 15, "ikke svaret"}, {259, 16, ""}} {
		if got := said(c.municipality, c.day); got == "" != (c.says == "") || !strings.Contains(got, c.says) {
			t.Errorf("%d on the %d.: %q, want %q", c.municipality, c.day, got, c.says)
		}
	}
	clock.set(junAt(16, 9))
	if _, err := s.folder.ApprovePart(t.Context(), number, 259, ingest.Decision{At: clock.now(), By: "tove"}); err != nil {
		t.Fatal(err)
	}
	clock.set(junAt(22, 1))
	s.loadDueNow(t.Context())
	if got := said(259, 17) + said(259, 20) + said(259, 23); got != "" {
		t.Errorf("who answered is told %q", got)
	}
	if got := said(461, 23); !strings.Contains(got, "fordi dagen kom") {
		t.Errorf("who did not answer is told %q", got)
	}
}
