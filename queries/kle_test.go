package queries

import (
	"context"
	"fmt"
	"testing"

	"komhen/model"
)

func TestReplaceKLE(t *testing.T) {
	ctx := context.Background()
	s, err := Open(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	numbers, published, err := s.KLENumbers(ctx)
	if err != nil || len(numbers) != 0 || published != 0 {
		t.Fatalf("before any import: %v, %s, %v", numbers, published, err)
	}
	replace := func(end string, published model.Date, nodes ...KLENode) {
		t.Helper()
		conn, err := s.db.Conn(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		for _, step := range []func() error{
			func() error { _, err := conn.ExecContext(ctx, "BEGIN TRANSACTION"); return err },
			func() error { return s.ReplaceKLE(ctx, conn, nodes, published) },
			func() error { _, err := conn.ExecContext(ctx, end); return err },
		} {
			if err := step(); err != nil {
				t.Fatal(err)
			}
		}
	}
	check := func(want string) {
		t.Helper()
		numbers, published, err := s.KLENumbers(ctx)
		if got := fmt.Sprint(numbers, published); err != nil || got != want {
			t.Errorf("got  %s (%v)\nwant %s", got, err, want)
		}
	}
	first := []KLENode{{230000, 1, "Borgerservice"}, {230500, 2, "Folkeregistrering"}, {230500, 3, "Folkeregistrering i almindelighed"}, {230510, 3, "Flytning"}}
	replace("COMMIT", model.NewDate(2015, 8, 1), first...)
	check("map[23.05.00:Folkeregistrering i almindelighed 23.05.10:Flytning] 01-08-2015")
	replace("COMMIT", model.NewDate(2015, 8, 1), first...)
	check("map[23.05.00:Folkeregistrering i almindelighed 23.05.10:Flytning] 01-08-2015")
	second := []KLENode{{230000, 1, "Borgerservice"}, {230900, 2, "Rejsedokumenter, 'kørekort'; DROP"}, {230902, 3, "Pas"}}
	replace("ROLLBACK", model.NewDate(2016, 1, 1), second...)
	check("map[23.05.00:Folkeregistrering i almindelighed 23.05.10:Flytning] 01-08-2015")
	replace("COMMIT", model.NewDate(2016, 1, 1), second...)
	check("map[23.09.00:Rejsedokumenter, 'kørekort'; DROP 23.09.02:Pas] 01-01-2016")
	replace("COMMIT", model.NewDate(2016, 2, 1))
	check("map[] 01-01-1970")
}
