package ingest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func lookAt(t *testing.T, f *Folder, data []byte, o Options) *Preview {
	t.Helper()
	p, err := f.Look(context.Background(), bytes.NewReader(data), int64(len(data)), o)
	must(t, err)
	return p
}

// TestLook: what a person sees before the columns are matched, without a person's number, and the turn is not needed.
func TestLook(t *testing.T) {
	f := newFolder(t)
	u := prepare(t, f, rows(goodRow), Options{})
	defer u.Discard()
	m, data := mappingOf(t, "telephone-log")
	p := lookAt(t, f, data, Options{})
	if p.Fault != nil || p.Layout != "" || p.Encoding != "Windows-1252" || p.Delimiter != "," || len(p.Rows) != 6 || !slices.Equal(p.Header, m.Header) || !m.Fits(p.Header) || p.Fingerprint != Fingerprint(m.Header) {
		t.Errorf("%+v", p)
	}
	if got := strings.Join(p.Columns[2].Values, ";"); got != "Indgående;Intern;Udgående" || p.Columns[2].Filled != 6 {
		t.Error(got)
	}
	text, err := json.Marshal(p)
	must(t, err)
	if bytes.Contains(text, []byte("2304121234")) || !bytes.Contains(text, []byte("**********")) {
		t.Errorf("%s", text)
	}
	p = lookAt(t, f, readFile(t, testdata, "layouts", "c-dates.xlsx"), Options{})
	if p.Format != "xlsx" || p.Layout != "vores skabelon (C)" || len(p.Rows) != 20 || len(p.Sheets) != 1 {
		t.Errorf("%+v", p)
	}
	if p = lookAt(t, f, readFile(t, testdata, "rules", "F07-two-sheets", "input.xlsx"), Options{}); p.Fault == nil || p.Fault.Rule != "F07" || len(p.Sheets) != 2 {
		t.Errorf("%+v", p)
	}
	if p = lookAt(t, f, readFile(t, testdata, "rules", "F07-two-sheets", "input.xlsx"), Options{Sheet: p.Sheets[1]}); p.Fault != nil || len(p.Header) == 0 {
		t.Errorf("%+v", p)
	}
	if p = lookAt(t, f, []byte("%PDF-1.4"), Options{}); p.Fault == nil || p.Fault.Rule != "F02" {
		t.Errorf("%+v", p)
	}
	if p = lookAt(t, f, []byte("a;b;ret_indmelding;ret_linje\n1;2;3;4\n"), Options{}); !p.FixFile {
		t.Errorf("%+v", p)
	}
	many := "id;dato\n" + strings.Repeat("x;23-04-2012\n", 20_000)
	if p = lookAt(t, f, []byte(many), Options{}); p.Columns[0].Filled != rowsLookedAt {
		t.Errorf("%+v", p.Columns)
	}
}

// TestProposals: what is guessed of the files of testdata/mappings. The dates, the ids and the columns with our own codes must be right;
// what cannot be guessed is left to Validate to ask for.
func TestProposals(t *testing.T) {
	f := newFolder(t)
	for name, want := range map[string]string{
		"queue-system":   "dato=Dato+Kaldt kl.(dd.mm.yy) start=Dato+Kaldt kl.(dd.mm.yy) slut=Dato+Afsluttet kl.(dd.mm.yy) enhed=Lokation opgave=Ydelse kilde_id=Billetnr. afslutning=Resultat",
		"telephone-log":  "dato=Tidspunkt(mm/dd/yyyy) kanal=Retning enhed=Kø",
		"mail-journal":   "dato=Journaldato+Kl. opgave=Sagstype kommune=Kommune enhed=Postkasse",
		"website-visits": "dato=Dag opgave=Sti antal=Besøg(1.234)",
	} {
		_, data := mappingOf(t, name)
		p := lookAt(t, f, data, Options{})
		got := map[string]bool{}
		for field, x := range p.Proposal.Fields {
			form := ""
			if x.Format != "" {
				form = "(" + x.Format + ")"
			}
			got[fmt.Sprintf("%s=%s%s", field, strings.Join(x.Columns, "+"), form)] = true
		}
		for _, one := range strings.Split(strings.ReplaceAll(want, " kl.", "_kl."), " ") {
			if one = strings.ReplaceAll(one, "_kl.", " kl."); !got[one] {
				t.Errorf("%s: %s is not proposed: %v", name, one, got)
			}
		}
		for _, fault := range p.Proposal.Validate(f.Book) {
			if fault.Column != "" {
				t.Errorf("%s: %s", name, fault.Message)
			}
		}
	}
	p := lookAt(t, f, readFile(t, testdata, "layouts", "c-utf8.csv"), Options{})
	p.Proposal.Name = "vores"
	if faults := p.Proposal.Validate(f.Book); len(faults) > 0 {
		t.Errorf("our own template: %v", faults)
	}
}
