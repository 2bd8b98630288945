package web

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	ics "github.com/arran4/golang-ical"

	"komhen/model"
	"komhen/reports"
)

// calendarFeed is the rounds' days as iCalendar (RFC 5545), for calendar programs that cannot sign in: it holds no figures and no
// names. An event keeps its UID whatever becomes of its day, and its SEQUENCE is the number of times the round's dates were changed, so
// that a program moves the event it has.
func (s *Server) calendarFeed(w http.ResponseWriter, r *http.Request, _ Viewer) error {
	c := ics.NewCalendarFor("-//komhen//Tælleuger//DA")
	c.SetMethod(ics.MethodPublish)
	c.SetCalscale("GREGORIAN")
	c.SetName("Tælleuger")
	c.SetXWRTimezone("Europe/Copenhagen")
	c.SetRefreshInterval("P1D", ics.WithValue(string(ics.ValueDataTypeDuration)))
	c.SetXPublishedTTL("P1D")
	year := model.DateOf(s.now()).Year()
	for _, round := range s.roundsUntil(year + 1) {
		if round.Year < year-1 {
			continue
		}
		history, err := reports.RoundHistory(r.Context(), s.folder.Store, s.book, round.Name)
		if err != nil {
			return err
		}
		// What never was changed is as old as its year: the feed is the same each time it is asked for.
		stamp := time.Date(round.Year, 1, 1, 0, 0, 0, 0, time.UTC)
		if n := len(history); n > 0 {
			stamp = history[n-1].At
		}
		for _, d := range round.Calendar() {
			addEvent(c, round, d, len(history), stamp, strings.TrimSuffix(s.feedAddress(r), "/calendar.ics"))
		}
	}
	w.Header().Set("Content-Type", "text/calendar; charset=utf-8")
	w.Header().Set("Content-Disposition", `inline; filename="taelleuger.ics"`)
	w.Header().Set("Cache-Control", "public, max-age=3600")
	return ignoreGone(c.SerializeTo(w, ics.WithNewLineWindows))
}

func addEvent(c *ics.Calendar, r model.Round, d model.RoundDay, version int, stamp time.Time, base string) {
	uid := r.Name + "-" + d.Kind
	if d.What != "" {
		uid += "-" + asciiOf(model.Fold(d.What))
	}
	e := c.AddEvent(uid + "@komhen")
	e.SetDtStampTime(stamp)
	e.SetModifiedAt(stamp)
	e.SetSequence(version)
	e.SetAllDayStartAt(d.First.Time())
	e.SetAllDayEndAt((d.Last + 1).Time()) // DTEND is the first day after
	e.SetSummary(d.Title + ", " + strings.ToLower(r.Title()))
	e.SetDescription(d.Means)
	e.SetTimeTransparency(ics.TransparencyTransparent)
	e.SetURL(base + "/rounds/" + r.Name)
}

// asciiOf keeps what any program takes in a UID and writes the rest as numbers, so that two names stay two.
func asciiOf(s string) string {
	var b strings.Builder
	for _, r := range s {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
			continue
		}
		b.WriteString("-" + strconv.FormatInt(int64(r), 16))
	}
	return b.String()
}
