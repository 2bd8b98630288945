package web

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"komhen/ingest"
	"komhen/model"
	"komhen/web/account"
)

// TestOverlapPage: what two sources may both hold is proposed with numbers and kept; a decision holds in reports, which say so, and is
// told with who took it.
func TestOverlapPage(t *testing.T) {
	s := newSite(t, Config{Now: at(2012, 5, 20)})
	const head = "kommune;enhed;opgave;kanal;type;afslutning;blanket;dato;antal\n"
	for _, f := range []struct {
		source, rows string
		kind         model.Kind
	}{
		{"Tracetool", "259;Pension;32.03.04;PPRUD;INFO;HOLD;NEJ;23-04-2012;30\n259;Pension;32.03.04;TLFIND;INFO;STRAKS;;23-04-2012;4\n", model.Registration},
		{"Digital Post", "259;NULL;32.03.04;DOKUD;INFO;HOLD;NEJ;23-04-2012;100\n", model.System},
	} {
		u, err := s.folder.Prepare(t.Context(), strings.NewReader(head+f.rows), int64(len(head+f.rows)), ingest.Options{Name: f.source + ".csv", Municipality: 259, Source: f.source, Kind: f.kind, Received: s.now()})
		if err != nil || u.Fault != nil {
			t.Fatal(err, u.Fault)
		}
		if err := u.Commit(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	v := s.as(t, account.Coordinator, 259, "")
	_, body := v.get("/uploads/2")
	if !strings.Contains(body, `href="/overlaps?municipality=259&amp;round=2012F"`) {
		t.Error("the receipt does not lead to the proposals")
	}
	_, body = v.get("/overlaps?municipality=259&round=2012F")
	v.wants(body, "Digital Post og Tracetool", "Op til 30 henvendelser kan være med to gange", "Ikke besluttet: alle tæller", "Post ud 32.03.04 Folkepension 100 30 30")
	decide := func(drop string) (int, string) {
		return v.post("/overlaps", url.Values{"municipality": {"259"}, "round": {"2012F"}, "a": {"Digital Post"}, "b": {"Tracetool"}, "drop": {drop}})
	}
	_, body = decide("Digital Post")
	v.wants(body, "Beslutningen er gemt: Digital Post viger. I Forår 2012 er der nu 30 henvendelser holdt ude.", "Digital Post viger for Tracetool", "besluttet af Prøve")
	_, body = v.get("/reports/channels?round=2012F&municipality=259")
	v.wants(body, "104", "Holdt ude: 30 henvendelser i runden, som er besluttet at være med fra to datakilder.")
	if status, _ := decide("Digital Post"); status != http.StatusConflict {
		t.Errorf("decided twice: %d", status)
	}
	if status, _ := v.post("/overlaps", url.Values{"round": {"2012F"}, "a": {"Digital Post"}, "b": {"Fax"}}); status != http.StatusBadRequest {
		t.Errorf("a source that there is not: %d", status)
	}
	_, body = decide("")
	v.wants(body, "begge datakilder tæller", "0 henvendelser holdt ude")
	_, body = v.get("/reports/channels?round=2012F&municipality=259")
	v.wants(body, "134")
	_, body = v.get("/audit")
	v.wants(body, "Besluttede om dobbeltregistreringer")
}
