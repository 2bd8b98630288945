package ingest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"komhen/model"
	"komhen/queries"
)

const approvalHeader = "kommune;enhed;opgave;kanal;type;afslutning;blanket;dato;kilde_id\n"

func approvalRow(municipality int, day, id string) string {
	return fmt.Sprintf("%d;Borgerservice;23.09.02;PRSNLG;OPRET;STRAKS;JA;%s;%s\n", municipality, day, id)
}

func approve(t *testing.T, f *Folder, municipality uint16, round string) {
	t.Helper()
	must(t, f.Approve(context.Background(), municipality, round, Decision{usualReceived.Add(time.Hour), "k7"}))
}

// approvalsOf are the approvals of both rounds of 2012 as "2012F 259 k7 reopened for 2".
func approvalsOf(t *testing.T, f *Folder) (list []string) {
	t.Helper()
	for _, round := range []string{"2012F", "2012E"} {
		approvals, err := f.Store.Approvals(context.Background(), round, 0)
		must(t, err)
		for _, a := range approvals {
			text := fmt.Sprintf("%s %d %s", round, a.Municipality, a.By)
			if !a.Stands() {
				text += fmt.Sprintf(" reopened for %d by %q", a.ReopenedFor, a.ReopenedBy)
			}
			list = append(list, text)
		}
	}
	return list
}

func wantApprovals(t *testing.T, f *Folder, want ...string) {
	t.Helper()
	if got := approvalsOf(t, f); !reflect.DeepEqual(got, want) {
		t.Errorf("approvals\n%q, want\n%q", got, want)
	}
}

func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var p *model.Problem
	if !errors.As(err, &p) || p.Code != code || p.Message == "" {
		t.Errorf("got %v, want the problem %s", err, code)
	}
}

// TestApproval: who may approve what, and what makes it void.
func TestApproval(t *testing.T) {
	ctx, f := context.Background(), newFolder(t)
	first := load(t, f, []byte(approvalHeader+approvalRow(259, "23-04-2012", "")+approvalRow(253, "23-04-2012", "")+"259;;;;;;;;\n"), Options{Name: "a.csv", By: "k1"}).Receipt.Upload
	wantCode(t, f.Approve(ctx, 7, "2012F", Decision{usualReceived, "k7"}), "municipality-unknown")
	wantCode(t, f.Approve(ctx, 259, "12F", Decision{usualReceived, "k7"}), "round-unknown")
	wantCode(t, f.Approve(ctx, 259, "2012E", Decision{usualReceived, "k7"}), "no-contacts")
	wantCode(t, f.Approve(ctx, 101, "2012F", Decision{usualReceived, "k7"}), "no-contacts")
	wantCode(t, f.Reopen(ctx, 259, "2012F", Decision{usualReceived, "k7"}), "nothing-to-do")
	approve(t, f, 259, "2012F")
	wantCode(t, f.Approve(ctx, 259, "2012F", Decision{usualReceived, "k7"}), "nothing-to-do")
	must(t, f.Reopen(ctx, 259, "2012F", Decision{usualReceived, "k8"}))
	approve(t, f, 259, "2012F")
	approve(t, f, 253, "2012F")
	reopened := `2012F 259 k7 reopened for 0 by "k8"`
	wantApprovals(t, f, "2012F 253 k7", reopened, "2012F 259 k7")

	// what changes nothing in the round leaves it approved: the same rows, test rows, another week, another municipality
	again := load(t, f, []byte(approvalHeader+approvalRow(259, "23-04-2012", "")), Options{Name: "igen.csv"}).Receipt.Upload
	load(t, f, []byte(approvalHeader+approvalRow(259, "24-04-2012", "")), Options{Name: "test.csv", Test: true})
	load(t, f, []byte(approvalHeader+approvalRow(259, "14-05-2012", "")+approvalRow(101, "24-04-2012", "")), Options{Name: "andre.csv"})
	must2(f.Undo(ctx, again, Decision{usualReceived, "k1"}))(t)
	wantApprovals(t, f, "2012F 253 k7", reopened, "2012F 259 k7")

	must2(f.Redo(ctx, again, Decision{usualReceived, "k1"}))(t)
	must2(f.Undo(ctx, first, Decision{usualReceived, "k2"}))(t) // the other upload holds Køge's row, but not Greve's
	wantApprovals(t, f, `2012F 253 k7 reopened for 1 by "k2"`, reopened, "2012F 259 k7")
	must2(f.Undo(ctx, again, Decision{usualReceived, "k3"}))(t)
	gone := []string{`2012F 253 k7 reopened for 1 by "k2"`, reopened, `2012F 259 k7 reopened for 2 by "k3"`}
	wantApprovals(t, f, gone...)
	must2(f.Redo(ctx, first, Decision{usualReceived, ""}))(t) // what was void stays so
	wantApprovals(t, f, gone...)

	approve(t, f, 259, "2012F")
	fix := fmt.Sprintf("%s;ret_indmelding;ret_linje;ret_fejl;ret_forslag\n259;Borgerservice;23.09.02;PRSNLG;OPRET;STRAKS;JA;25-04-2012;;%d;4;;\n", approvalHeader[:len(approvalHeader)-1], first)
	mended := load(t, f, []byte(fix), Options{Name: "ret.csv", By: "k9"}).Receipt.Upload
	wantApprovals(t, f, append(gone, fmt.Sprintf(`2012F 259 k7 reopened for %d by "k9"`, mended))...)

	before := approvalsOf(t, f)
	u, err := f.Store.Upload(ctx, first)
	must(t, err)
	if u.By != "k1" || u.ChangedBy != "" {
		t.Errorf("upload 1 came from %q, changed by %q", u.By, u.ChangedBy)
	}
	must(t, f.Close())
	if _, err := Rebuild(ctx, f.Dir, f.Book, OpenOptions{}); err != nil {
		t.Fatal(err)
	}
	f = openFolder(t, f.Dir)
	wantApprovals(t, f, before...)
	if u, err = f.Store.Upload(ctx, again); err != nil || u.ChangedBy != "k3" {
		t.Errorf("after a rebuild upload 2 was changed by %q, %v", u.ChangedBy, err)
	}
}

func must2[T any](_ T, err error) func(*testing.T) {
	return func(t *testing.T) { t.Helper(); must(t, err) }
}

// TestCorrectionReopensBothRounds: a kilde_id that moves from spring to autumn takes a contact from the one and brings it to the
// other. The cube follows.
func TestCorrectionReopensBothRounds(t *testing.T) {
	ctx, f := context.Background(), newFolder(t)
	o := Options{Name: "a.csv", Received: time.Date(2012, 11, 20, 0, 0, 0, 0, model.Copenhagen)}
	load(t, f, []byte(approvalHeader+approvalRow(259, "23-04-2012", "x")+approvalRow(259, "24-04-2012", "y")+approvalRow(259, "22-10-2012", "z")), o)
	approve(t, f, 259, "2012F")
	approve(t, f, 259, "2012E")
	must(t, f.Store.RefreshCube(ctx))
	load(t, f, []byte(approvalHeader+approvalRow(259, "22-10-2012", "x")), o)
	wantApprovals(t, f, `2012F 259 k7 reopened for 2 by ""`, `2012E 259 k7 reopened for 2 by ""`)
	for range 2 { // stale, then fresh
		for round, want := range map[string]int64{"2012F": 1, "2012E": 2} {
			r, err := f.Book.Round(round)
			must(t, err)
			days, err := f.Store.ContactsByDay(ctx, queries.RoundFilter(r, 259))
			must(t, err)
			if len(days) != 1 || days[0].Contacts != want {
				t.Errorf("%s: %v, want %d contacts", round, days, want)
			}
		}
		must(t, f.Store.RefreshCube(ctx))
	}
}
