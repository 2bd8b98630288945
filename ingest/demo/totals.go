package demo

import (
	"fmt"
	"time"

	"komhen/model"
)

// Declaration is something invented that was declared rather than sent in a file: records that belong together, and when.
type Declaration struct {
	At      time.Time
	Records []model.Record
}

// Declarations are all of a demo, in the order of time. They are about the same three municipalities whatever its size.
func Declarations(cb *model.Codebook) (list []Declaration, err error) {
	for _, d := range demoTotals {
		one := Declaration{At: d.at}
		for _, t := range d.totals {
			period, err := namedPeriod(cb, t.period)
			if err != nil {
				return nil, err
			}
			r, err := model.Total{Channel: t.channel, Period: period, Count: t.n, Declared: true, Origin: t.origin}.Record(d.municipality, false)
			if err != nil {
				return nil, err
			}
			if t.channel == model.WebsiteChannel {
				if r, err = (model.SiteVisits{Period: period, Count: t.n, Declared: true, Origin: t.origin}).Record(d.municipality, false); err != nil {
					return nil, err
				}
			}
			one.Records = append(one.Records, r)
		}
		list = append(list, one)
	}
	series := Declaration{At: time.Date(2012, 11, 8, 9, 30, 0, 0, model.Copenhagen)}
	for month := 1; month <= 10; month++ {
		for _, c := range []model.ContextFigure{{Series: "nemid", Count: 2_640_000 + int64(month*month%7)*83_150}, {Series: "borgerdk", Count: 1_120_000 + int64(month*5%9)*47_400}} {
			c.Month = fmt.Sprintf("2012-%02d", month)
			r, err := c.Record(false)
			if err != nil {
				return nil, err
			}
			series.Records = append(series.Records, r)
		}
	}
	asked, err := questionDeclarations()
	return inOrder(append(append(list, series), asked...)), err
}

// namedPeriod is one of model.PeriodsOf, or the year before November: the latest that was over when the totals were due.
func namedPeriod(cb *model.Codebook, name string) (model.Period, error) {
	if name == "latest" {
		return model.Period{First: model.NewDate(2011, 11, 1), Last: model.NewDate(2012, 10, 31)}, nil
	}
	var stated []model.Round
	for _, round := range rounds {
		r, err := cb.Round(round)
		if err != nil {
			return model.Period{}, err
		}
		stated = append(stated, r)
	}
	for _, p := range model.PeriodsOf(2012, stated) {
		if p.Name == name {
			return p.Period, nil
		}
	}
	return model.Period{}, fmt.Errorf("no period %q", name)
}

type demoTotal struct {
	channel, period string
	n               int64
	origin          string
}

// demoTotals have a coverage of every kind: compared, of another period, over 100 %, late, and none at all.
var demoTotals = []struct {
	at           time.Time
	municipality uint16
	totals       []demoTotal
}{
	{time.Date(2012, 6, 4, 13, 15, 0, 0, model.Copenhagen), 259, []demoTotal{
		{"TLFIND", "2012F", 4380, "Omstillingen"}, {"PRSNLG", "2012F", 1495, "Kø-systemet"}, {"EMLIND", "2012F", 60, "Mailserveren"}, // one mailbox only: over 100 %
	}},
	{time.Date(2012, 11, 14, 10, 5, 0, 0, model.Copenhagen), 259, []demoTotal{
		{"TLFIND", "2012E", 4120, "Omstillingen"}, {"TLFUD", "2012E", 1610, "Omstillingen"}, {"PRSNLG", "2012E", 1380, "Kø-systemet"}, {"EMLIND", "2012E", 2950, "Mailserveren"},
		{"EMLUD", "2012E", 2210, "Mailserveren"}, {"PPRIND", "2012E", 690, "Posten"}, {"PPRUD", "2012H1", 21400, "Frankeringsmaskinen"}, {"DOCIND", "2012E", 160, "Digital Post"},
		{"DOKUD", "2012E", 1240, "Digital Post"}, {"SMSUD", "2012E", 40, ""}, {"CHATIND", "2012E", 5, ""}, {"WEB", "latest", 412350, "Statistik for hjemmesiden"},
	}},
	{time.Date(2012, 11, 20, 15, 40, 0, 0, model.Copenhagen), 461, []demoTotal{
		{"TLFIND", "latest", 402150, "Omstillingen"}, {"PRSNLG", "latest", 131900, "Kø-systemet"}, {"EMLIND", "latest", 288400, "Mailserveren"}, {"DOKUD", "2012E", 18230, "Digital Post"},
	}},
	{time.Date(2012, 12, 3, 8, 50, 0, 0, model.Copenhagen), 187, []demoTotal{
		{"TLFIND", "2012E", 830, "Omstillingen"}, {"PRSNLG", "2012E", 410, ""}, {"EMLIND", "2012E", 390, ""}, {"WEB", "latest", 38120, ""},
	}},
}
