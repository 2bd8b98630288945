package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"komhen/ingest"
	"komhen/model"
	"komhen/reports"
)

// apiTotals gives the document of komhen totals --json: the own municipality's, for KL anybody's.
func (s *Server) apiTotals(w http.ResponseWriter, r *http.Request, v Viewer) error {
	fields, err := asked(r, "municipality", "year")
	if err != nil {
		return err
	}
	code, err := s.askedMunicipality(fields, v, v.Municipality)
	if err != nil {
		return err
	}
	if code == 0 && !v.Operator() { // Sees allows everybody the nation's figures, but these are each municipality's
		return errForbidden
	}
	year := 0
	if text := fields["year"]; text != "" {
		if year, err = strconv.Atoi(text); err != nil || year < firstYear || year > 2100 {
			return &model.Problem{Code: "year-unknown", Message: fmt.Sprintf("Parameteren year er et årstal fra %d, fx 2012.", firstYear)}
		}
	}
	list, err := reports.Totals(r.Context(), s.folder.Store, s.book, code, year)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, list)
}

// sentTotals is the body of a declaration, in the words of the document that apiTotals gives. What only the service knows may stand there
// and is not read.
type sentTotals struct {
	Totals     []sentTotal `json:"totals"`
	SiteVisits []sentTotal `json:"site_visits"`
	Context    []sentMonth `json:"context"`
}

type sentTotal struct {
	Municipality string          `json:"municipality"`
	Channel      string          `json:"channel"`
	From         string          `json:"from"`
	To           string          `json:"to"`
	Count        *int64          `json:"count"`
	Declared     bool            `json:"declared"`
	Origin       string          `json:"origin"`
	At           json.RawMessage `json:"declared_at"`
	Late         json.RawMessage `json:"late"`
}

type sentMonth struct {
	Series string          `json:"series"`
	Month  string          `json:"month"`
	Count  *int64          `json:"count"`
	Label  json.RawMessage `json:"label"`
}

// totalsAnswer says what became of a declaration. With faults nothing was stored.
type totalsAnswer struct {
	New       int           `json:"new"`
	Replaced  int           `json:"replaced"`
	Unchanged int           `json:"unchanged"`
	Faults    []totalsFault `json:"faults"`
}

// totalsFault is what is wrong with one field. Place is from 1, in its list.
type totalsFault struct {
	List    string `json:"list"`
	Place   int    `json:"place"`
	Field   string `json:"field"`
	Value   string `json:"value"`
	Message string `json:"message"`
}

// fieldNames are what the columns of a file are called here.
var fieldNames = map[string]string{"kommune": "municipality", "kanal": "channel", "fra": "from", "til": "to", "antal": "count", "erklæring": "declared", "kilde": "origin", "serie": "series", "måned": "month"}

// apiDeclareTotals declares totals, head figures and, for KL, months of central series: all or none.
func (s *Server) apiDeclareTotals(w http.ResponseWriter, r *http.Request, v Viewer) error {
	if _, err := asked(r); err != nil {
		return err
	}
	var sent sentTotals
	if err := readJSON(r, &sent, "totals-unreadable", "Det, der er sendt, kan ikke læses. Send ét JSON-dokument, der er skruet sammen som det, GET /api/v1/totals giver."); err != nil {
		return err
	}
	if len(sent.Context) > 0 && !v.Operator() {
		return &model.Problem{Code: "forbidden", Message: "De centrale serier indmelder kun KL. Lad context være tom."}
	}
	answer := totalsAnswer{Faults: []totalsFault{}}
	months := s.monthsSent(sent.Context, &answer)
	receipt := ingest.TotalsReceipt{}
	if len(answer.Faults) == 0 {
		var err error
		if receipt, err = s.storeTotals(r, v, sent.rows(), v.Municipality, months...); err != nil {
			return err
		}
	}
	for _, f := range receipt.Faults {
		fault := totalsFault{"totals", f.Line, fieldNames[f.Column], f.Value, f.Message}
		if f.Line > len(sent.Totals) {
			fault.List, fault.Place = "site_visits", f.Line-len(sent.Totals)
		}
		answer.Faults = append(answer.Faults, fault)
	}
	if len(answer.Faults) > 0 {
		return writeJSON(w, http.StatusUnprocessableEntity, answer)
	}
	answer.New, answer.Replaced, answer.Unchanged = receipt.New, receipt.Replaced, receipt.Unchanged
	return writeJSON(w, http.StatusOK, answer)
}

// rows are the totals, then the head figures.
func (t sentTotals) rows() (rows []ingest.TotalRow) {
	add := func(x sentTotal, channel string) {
		row := ingest.TotalRow{Line: len(rows) + 1, Municipality: x.Municipality, Channel: channel, From: x.From, To: x.To, Count: "mangler", Origin: x.Origin}
		if x.Count != nil {
			row.Count = fmt.Sprint(*x.Count)
		}
		if x.Declared {
			row.Declared = "ja"
		}
		rows = append(rows, row)
	}
	for _, x := range t.Totals {
		add(x, x.Channel)
	}
	for _, x := range t.SiteVisits {
		add(x, model.WebsiteChannel)
	}
	return rows
}

// monthsSent are the months of central series, each checked.
func (s *Server) monthsSent(sent []sentMonth, answer *totalsAnswer) (months []model.ContextFigure) {
	for i, x := range sent {
		m := model.ContextFigure{Series: x.Series, Month: x.Month, Count: -1}
		if x.Count != nil {
			m.Count = *x.Count
		}
		for _, f := range m.Check(model.DateOf(s.now())) {
			answer.Faults = append(answer.Faults, totalsFault{"context", i + 1, fieldNames[f.Field], "", f.Message})
		}
		months = append(months, m)
	}
	return months
}
