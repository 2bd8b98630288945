package paper

import (
	"fmt"
	"time"

	"komhen/reports"
)

type chapter struct {
	Key, Number, Title string
	Text               []string
	Parts              []part
	Remark             []string // the coordinator's own words
}

type roundBody struct {
	Key        []reports.KeyFigure
	Summary    *chapter
	Chapters   []chapter
	Appendices []chapter
}

// Round is the report of a whole round.
func Round(r *reports.RoundReport, made time.Time, message Message) (Document, error) {
	p := newSheet("Runderapport", "Runderapport", whenOf(r.Round), r.Municipality, r.Status, r.Provisional, made)
	p.Message = string(message)
	p.Dates = fmt.Sprintf("%s – %s", r.Round.First, r.Round.Last)
	body := roundBody{Key: r.Key}
	for _, c := range r.Chapters {
		out := chapter{Key: c.Key, Title: c.Title, Text: plain(c.Text), Remark: c.Remark.Paragraphs()}
		for _, one := range c.Parts {
			printed, err := partOf(one, captionOf(one))
			if err != nil {
				return Document{}, err
			}
			out.Parts = append(out.Parts, printed)
		}
		if c.Key == "summary" {
			body.Summary = &out
			continue
		}
		out.Number = fmt.Sprint(len(body.Chapters) + 1)
		body.Chapters = append(body.Chapters, out)
	}
	for i, one := range r.Appendices {
		printed, err := partOf(one, captionOf(one))
		if err != nil {
			return Document{}, err
		}
		letter := string(rune('A' + i))
		body.Appendices = append(body.Appendices, chapter{Key: "bilag-" + letter, Number: "Bilag " + letter, Title: one.Title, Parts: []part{printed}})
	}
	p.Body = body
	return p.document("round.html")
}

// captionOf names a table so that it can be understood on its own.
func captionOf(p reports.Part) string {
	if p.Report == nil {
		return p.Title
	}
	return p.Report.Title
}
