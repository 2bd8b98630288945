package demo

import (
	"time"

	"komhen/model"
)

// DeclaredRound is a round whose dates the demonstration's operator has set.
type DeclaredRound struct {
	Name  string
	Dates model.RoundDates
	At    time.Time
}

// Rounds are the dates that are set in the demonstration: central deliveries to the autumn round that was counted, and a coming round.
func Rounds() []DeclaredRound {
	day := model.NewDate
	return []DeclaredRound{
		{"2012E", model.RoundDates{Central: []model.CentralDelivery{{What: "Selvbetjening", Day: day(2012, 12, 3)}, {What: "Digital Post", Day: day(2012, 12, 14)}},
			Note: "KL får først statistikken i slutningen af november"}, time.Date(2012, 10, 1, 9, 0, 0, 0, model.Copenhagen)},
		{"2027F", model.RoundDates{DataDeadline: day(2027, 6, 4), Central: []model.CentralDelivery{{What: "Selvbetjening", Day: day(2027, 6, 4)}, {What: "Digital Post", Day: day(2027, 6, 25)}},
			Note: "Fristen er flyttet, fordi der er mange helligdage i maj"}, time.Date(2026, 11, 2, 10, 0, 0, 0, model.Copenhagen)},
	}
}
