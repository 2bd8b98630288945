package model

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Total-tal (masseregistrering, seed 002 p.14–15): all contacts of a municipality, as its own systems count them, by channel and
// with a period of their own. Beside them stand the website's head figure and central series.
//
// Danger: these count something else than registered contacts, and each other. Nothing may ever add them up (codebook §7).

// Total is how many contacts came or went through a channel in a period.
type Total struct {
	Channel  string `json:"channel"` // its code
	Period   Period `json:"period"`
	Count    int64  `json:"count"`
	Declared bool   `json:"only_internal_and_spam_subtracted"` // the municipality's word, without which there is no total (TO6)
	Origin   string `json:"origin,omitempty"`                  // the system it was counted in, for people
}

// SiteVisits is the head figure of a municipality's website: visits, not contacts (W1).
type SiteVisits struct {
	Period   Period `json:"period"`
	Count    int64  `json:"count"`
	Declared bool   `json:"employees_and_robots_removed"`
	Origin   string `json:"origin,omitempty"`
}

// ContextFigure is a month of a central series that stands beside the counts.
type ContextFigure struct {
	Series string `json:"series"` // a name of ContextSeries
	Month  string `json:"month"`  // "2012-04"
	Count  int64  `json:"count"`
}

// NamedSeries is a central series. Name is in journals and never changes.
type NamedSeries struct{ Name, Label string }

// ContextSeries are the central series there are.
var ContextSeries = []NamedSeries{{"nemid", "Logins med NemID"}, {"borgerdk", "Besøg på Borger.dk"}}

// SeriesLabel is what people call a series; "" for one that does not exist.
func SeriesLabel(name string) string {
	for _, s := range ContextSeries {
		if s.Name == name {
			return s.Label
		}
	}
	return ""
}

// WebsiteChannel is the channel whose total is the website's head figure.
const WebsiteChannel = "WEB"

// What the municipality declares, word for word.
const (
	TotalDeclaration = "Kun interne henvendelser og spam er trukket fra"
	SiteDeclaration  = "Besøgene er renset for medarbejdernes IP-adresser og for søgerobotter"
)

// Limits of what is declared (ours).
const (
	MostTotal       = 1_000_000_000
	LongestTotal    = 366 // days of a period
	firstTotalYear  = 2010
	longestOrigin   = 200 // characters
	contextFromYear = 2010
)

// DeclaredFault is what is wrong with one field of something that was declared. Field is the name of its column in a file: "kanal",
// "fra", "til", "antal", "erklæring", "kilde", "serie" or "måned". Message is Danish and holds no value.
type DeclaredFault struct{ Field, Message string }

// Check finds what is wrong with a total; today is the latest day that a period may end on.
func (t Total) Check(cb *Codebook, today Date) (faults []DeclaredFault) {
	switch id := cb.ChannelID(t.Channel); {
	case id == 0:
		faults = append(faults, DeclaredFault{"kanal", "Kanalen kendes ikke. Skriv en kanal fra kodebogen med kode eller navn, fx TLFIND eller Telefon ind."})
	case cb.Channel(id).Code == WebsiteChannel:
		faults = append(faults, DeclaredFault{"kanal", "Hjemmesidens tal er et hovedtal for besøg og ikke et total-tal."})
	}
	faults = append(faults, checkDeclared(t.Period, t.Count, t.Origin, today)...)
	if !t.Declared {
		faults = append(faults, DeclaredFault{"erklæring", "Erklæringen mangler. Skriv JA, når kun interne henvendelser og spam er trukket fra; træk ikke andet fra."})
	}
	return faults
}

// Record is how a total is kept: a later one of the same channel and period takes its place, others stand beside it. A total that is
// taken back is a Record of nothing.
func (t Total) Record(municipality uint16, gone bool) (Record, error) {
	return declaredRecord(RecordTotal, municipality, t.Channel+" "+t.Period.Key(), t, gone)
}

// Check is Check of a total.
func (v SiteVisits) Check(today Date) (faults []DeclaredFault) {
	faults = checkDeclared(v.Period, v.Count, v.Origin, today)
	if !v.Declared {
		faults = append(faults, DeclaredFault{"erklæring", "Erklæringen mangler. Skriv JA, når besøgene er renset for medarbejdernes IP-adresser og for søgerobotter."})
	}
	return faults
}

// Record is Record of a total.
func (v SiteVisits) Record(municipality uint16, gone bool) (Record, error) {
	return declaredRecord(RecordSiteVisits, municipality, v.Period.Key(), v, gone)
}

// Check finds what is wrong with a month of a series; a month must be over.
func (c ContextFigure) Check(today Date) (faults []DeclaredFault) {
	if SeriesLabel(c.Series) == "" {
		faults = append(faults, DeclaredFault{"serie", "Serien kendes ikke. Vælg en fra listen."})
	}
	var year, month int
	n, err := fmt.Sscanf(c.Month, "%4d-%2d", &year, &month)
	switch {
	case err != nil || n != 2 || fmt.Sprintf("%04d-%02d", year, month) != c.Month || month < 1 || month > 12:
		faults = append(faults, DeclaredFault{"måned", "Måneden kan ikke læses. Skriv den som åååå-mm, fx 2012-04."})
	case year < contextFromYear:
		faults = append(faults, DeclaredFault{"måned", fmt.Sprintf("Serierne begynder i %d.", contextFromYear)})
	case NewDate(year, month, daysIn(year, month)) > today:
		faults = append(faults, DeclaredFault{"måned", "Måneden er ikke slut endnu. Vent til den er, så tallet er hele måneden."})
	}
	return append(faults, checkCount(c.Count)...)
}

// Record is Record of a total; the series is everybody's.
func (c ContextFigure) Record(gone bool) (Record, error) {
	return declaredRecord(RecordContext, 0, c.Series+" "+c.Month, c, gone)
}

func declaredRecord(kind string, municipality uint16, key string, body any, gone bool) (Record, error) {
	if gone {
		body = nil
	}
	return NewRecord(kind, municipality, "", key, body)
}

func checkDeclared(p Period, n int64, origin string, today Date) (faults []DeclaredFault) {
	switch {
	case p.First.Year() < firstTotalYear:
		faults = append(faults, DeclaredFault{"fra", fmt.Sprintf("Perioden begynder for længe siden. Den må tidligst begynde i %d.", firstTotalYear)})
	case p.Last < p.First:
		faults = append(faults, DeclaredFault{"til", "Til-datoen ligger før fra-datoen."})
	case p.Days() > LongestTotal:
		faults = append(faults, DeclaredFault{"til", "Perioden er længere end et år. Del den op."})
	case p.Last > today:
		faults = append(faults, DeclaredFault{"til", "Perioden er ikke slut endnu. Til-datoen må højst være i dag."})
	}
	faults = append(faults, checkCount(n)...)
	switch _, hit := MaskCPR(origin, false); {
	case hit:
		faults = append(faults, DeclaredFault{"kilde", "Der står noget, der ligner et CPR-nummer. Skriv systemets navn, aldrig personoplysninger."})
	case utf8.RuneCountInString(origin) > longestOrigin:
		faults = append(faults, DeclaredFault{"kilde", fmt.Sprintf("Teksten er for lang. Der er plads til %d tegn.", longestOrigin)})
	case strings.ContainsFunc(origin, func(c rune) bool { return c < ' ' || c == 0x7f }):
		faults = append(faults, DeclaredFault{"kilde", "Teksten må ikke have linjeskift eller andre styretegn."})
	}
	return faults
}

func checkCount(n int64) []DeclaredFault {
	if n < 0 || n > MostTotal {
		return []DeclaredFault{{"antal", fmt.Sprintf("Antallet skal være et helt tal fra 0 til %s.", FormatInt(MostTotal))}}
	}
	return nil
}

// TotalsDeadline is the last day on which the totals of a year are on time: the day that the autumn round states, else its deadline
// for data.
func (c *Codebook) TotalsDeadline(year int) Date {
	r, err := c.Round(fmt.Sprintf("%04dE", year))
	switch {
	case err != nil:
		return NewDate(year, 12, 31)
	case r.TotalsDeadline != 0:
		return r.TotalsDeadline
	}
	return r.DataDeadline
}
