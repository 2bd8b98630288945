package model

import (
	"cmp"
	"fmt"
	"slices"
)

// RoundDay is a day or a run of days of a round's calendar, with what it means for those who count. Kind and What are stable: together
// with the round's name they tell which event of a feed it is.
type RoundDay struct {
	Kind        string // "test-off", "count", "primary", "data", "totals" or "central"
	What        string // which central delivery
	First, Last Date   // both included
	Title       string // "Frist for data, forår 2012"
	Means       string // what to do
}

// Calendar is every day of a round that anybody has to know of, in the order of time (inventory §10; seed 002 p.5, p.11 and p.12).
func (r Round) Calendar() []RoundDay {
	first, last := r.PrimaryWeek()
	days := []RoundDay{
		{Kind: "test-off", First: r.First - 1, Last: r.First - 1, Title: "Slå prøvetælling fra",
			Means: "Den sidste aften før runden. Er prøvetælling slået til i jeres registreringsprogram, så slå den fra; prøver tæller ikke med."},
		{Kind: "count", First: r.First, Last: r.Last, Title: "Tælleuger " + WeeksText(r.Weeks),
			Means: "Tæl hver henvendelse én gang. Send gerne filer undervejs; det, der allerede er talt, tæller ikke to gange."},
		{Kind: "primary", First: first, Last: last, Title: fmt.Sprintf("Primær uge %d", r.Primary),
			Means: "Tæller I kun én uge, så tæl denne. Én uge om året er obligatorisk."},
		{Kind: "data", First: r.DataDeadline, Last: r.DataDeadline, Title: "Frist for data",
			Means: "Send kommunens filer senest kl. 23.59. Det, der kommer senere, tæller også med og bliver mærket »efter frist«. Godkend runden, når tallene er, som de skal være."},
	}
	if r.TotalsDeadline != 0 {
		days = append(days, RoundDay{Kind: "totals", First: r.TotalsDeadline, Last: r.TotalsDeadline, Title: "Frist for total-tal",
			Means: "Meld én gang om året, hvor mange henvendelser der i alt kom gennem hver kanal. Træk kun interne henvendelser og spam fra."})
	}
	for _, c := range r.CentralDelivery {
		days = append(days, RoundDay{Kind: "central", What: c.What, First: c.Day, Last: c.Day, Title: c.What + " bliver indlæst centralt",
			Means: "KL indlæser jeres del den dag. Vil I selv indlæse den, så sig det til inden."})
	}
	slices.SortStableFunc(days, func(a, b RoundDay) int { return cmp.Or(int(a.First-b.First), int(b.Last-a.Last)) })
	return days
}
