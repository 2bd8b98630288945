package main

import (
	"encoding/json"
	"strings"
	"testing"

	"komhen/ingest"
	"komhen/model"
	"komhen/model/codebook"
)

// TestRounds: rounds are shown without a data folder, with what was set in one, beside the service that holds it; what is set governs
// imports and reports of the next commands.
func TestRounds(t *testing.T) {
	data := newData(t)
	plain := ok(t, data, "rounds")
	says(t, plain, "2012F  Forår 2012", "17, 18, 19", "01-06-2012", "2012E", "28-11-2012")
	if strings.Contains(plain, "operatør") {
		t.Error(plain)
	}
	says(t, ok(t, data, "rounds", "set", "2012f", "--weeks", "18-20", "--primary", "19", "--data-deadline", "2012-06-08", "--central", "Digital Post=25-06-2012", "--note", "Påsken"),
		"Forår 2012 (2012F)", "Uger: 18, 19 og 20 i stedet for 17, 18 og 19", "Frist for data: 08-06-2012 i stedet for 01-06-2012", "Selvbetjening: ingen i stedet for 01-06-2012", "godkende igen")
	says(t, ok(t, data, "rounds", "set", "2012F", "--totals-deadline", "20-06-2012"), "Frist for total-tal: 20-06-2012 i stedet for ingen")
	says(t, ok(t, data, "rounds", "set", "2040E", "--no-totals"), "Frist for total-tal: ingen i stedet for")
	shown := ok(t, data, "rounds")
	says(t, shown, "18, 19, 20", "08-06-2012", "20-06-2012", "2040E", "Central levering i 2012F: Digital Post indlæses 25-06-2012", "Datoerne er sat af en operatør for 2012F, 2040E.")
	var list model.PublishedRounds
	if err := json.Unmarshal([]byte(ok(t, data, "rounds", "--json")), &list); err != nil {
		t.Fatal(err)
	}
	for _, r := range list.Rounds {
		if want := r.Round == "2012F" || r.Round == "2040E"; r.Declared != want {
			t.Errorf("%s declared: %v", r.Round, r.Declared)
		}
	}
	want(t, statusUsage, data, "rounds", "set", "2012F", "--totals-deadline", "20-06-2012") // stands already
	want(t, statusUsage, data, "rounds", "set", "2012F", "--weeks", "17,19")
	want(t, statusUsage, data, "rounds", "set", "2012F", "--data-deadline", "i morgen")
	want(t, statusUsage, data, "rounds", "set", "2012F", "--central", "Digital Post")
	want(t, statusUsage, data, "rounds", "set", "2012F", "--no-totals", "--totals-deadline", "20-06-2012")
	want(t, statusUsage, data, "rounds", "set", "2012X", "--primary", "17")
	want(t, statusUsage, data, "rounds", "withdraw", "2013F")

	file := write(t, t.TempDir(), "uge20.csv", "Kommune;Enhed;Opgave;Kanal;Type;Afslutning;Blanket;Dato\n259;Borgerservice;23.05.10;TLFIND;VEJL;STRAKS;NEJ;15-05-2012\n259;Borgerservice;23.05.10;TLFIND;VEJL;STRAKS;NEJ;24-04-2012\n")
	ok(t, data, "import", file)
	says(t, ok(t, data, "report", "channels", "--round", "2012F", "--municipality", "259", "--format", "csv"), "TLFIND;Telefon ind;ind;1;")
	says(t, ok(t, data, "report", "local", "--municipality", "259", "--format", "csv"), "april 2012")
	says(t, ok(t, data, "export", "contacts", "--round", "2012F"), "15-05-2012")
	says(t, ok(t, data, "rounds", "withdraw", "2012F"), "Uger: 17, 18 og 19 i stedet for 18, 19 og 20")
	says(t, ok(t, data, "report", "local", "--municipality", "259", "--format", "csv"), "maj 2012")

	book, err := codebook.Load()
	if err != nil {
		t.Fatal(err)
	}
	service, err := ingest.Open(t.Context(), data, book, ingest.OpenOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	says(t, ok(t, data, "rounds"), "Datoerne er sat af en operatør for 2040E.")
	want(t, statusDataInUse, data, "rounds", "set", "2012F", "--primary", "18")
}
