package demo

import (
	"strings"
	"time"

	"komhen/model"
)

// CountWeek is the project that the demonstration makes of the template of a count week: its round, the moment, and the lists that are imported after it.
type CountWeek struct {
	Round string
	At    time.Time
	Files []KlikFile
}

// left is how many of a count week's last tasks a municipality has not completed: Køge is counting, Odense is about to approve. The others are done.
var left = map[uint16]int{259: 6, 461: 4}

// CountWeekOf invents how far the municipalities of a size are with a count week made of t for the latest round that they counted. The project is as old as the
// rest of the demonstration's plan, so that its progress begins on one day.
func CountWeekOf(cb *model.Codebook, t *model.KlikTemplate, size Size, today model.Date) (CountWeek, error) {
	s, known := klikSizes[size]
	if !known {
		return CountWeek{}, unknownSize(size)
	}
	round, err := cb.Round(rounds[len(rounds)-1])
	if err != nil {
		return CountWeek{}, err
	}
	all := s.all(cb)
	if size == Small {
		all = []uint16{187, 259, 461} // who has contacts
	}
	var names []string
	for _, m := range all {
		names = append(names, cb.Municipality(m).Name)
	}
	d, project, err := t.Decide(cb, &model.KlikPlan{}, 1, 1, 1, &round, 0)
	if err != nil {
		return CountWeek{}, err
	}
	wave := d.Waves[0]
	var said [][]string
	for _, m := range all {
		for i := range d.Tasks {
			x := &d.Tasks[i]
			day, status := x.SpanOf(&wave).End-2, "Fuldført"
			if last := len(d.Tasks) - i; last < left[m] {
				break
			} else if last == left[m] {
				status = "I gang"
			}
			said = append(said, []string{project, x.Reference(), cb.Municipality(m).Name, status, "Tovholder", day.String()})
		}
	}
	at := (today - model.Date(s.days)).Time().Add(8 * time.Hour)
	week := CountWeek{Round: round.Name, At: at}
	if len(all) < len(wave.Municipalities) { // else the wave is as the template has it
		row := []string{project, wave.Name, wave.GoLive.String(), strings.Join(names, ", "), "Nej"}
		week.Files = append(week.Files, KlikFile{"boelge-taelleuge.csv", at, list([]string{"Projekt", "Bølge", "Go-live", "Kommuner", "Testbølge"}, [][]string{row})})
	}
	week.Files = append(week.Files, KlikFile{"status-taelleuge.csv", at, list([]string{"Projekt", "Opgave", "Kommune", "Status", "Ansvarlig", "Ændret"}, said)})
	return week, nil
}
