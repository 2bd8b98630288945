package web

import (
	"html/template"
	"net/http"
	"time"

	"komhen/model"
	"komhen/reports"
	"komhen/web/tilemap"
)

type mapView struct {
	Title, When, Who, How, Sentence string
	NoData, Empty, Upload, Print    bool
	Round                           model.Round
	Other, OtherHref                string
	Asked                           compareForm
	Drawing                         template.HTML
	View                            string // "tiles" or "borders"
	TilesHref, BordersHref          string // BordersHref is empty where nobody has imported any
	Table                           figureTable
	Notes                           []string
	Downloads, Papers               []link
	PrintHref, Back                 string
	More                            []link
	Now                             time.Time
	MaxMB                           int64
}

// mapPage is Det Digitale Landkort: a measure of every municipality on a map, with the table beside it.
func (s *Server) mapPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	c, err := s.comparison(r, v)
	if err != nil {
		return err
	}
	c.Group = "all" // a map of some of the country is no map
	view := mapView{NoData: c.Round.Name == "", Upload: v.CanUpload(), Print: c.Print, Round: c.Round, Who: "Alle kommuner", Now: s.now(), MaxMB: tilemap.MaxBytes >> 20}
	if view.View, err = viewChoice(r); err != nil {
		return err
	}
	if view.NoData {
		return s.page(w, r, v, "map", view)
	}
	if !c.whole {
		http.Redirect(w, r, "/map?"+c.query("view", view.View), http.StatusSeeOther)
		return nil
	}
	p, err := s.standings(r, c)
	if err != nil {
		return err
	}
	view.Asked = s.compareFormFor("/map", c, p)
	view.Asked.Groups = nil
	view.Title, view.When, view.How, view.Notes = p.Measure.Label, p.Round.Title()+" ("+p.Round.Name+")", p.Measure.How, plain(p.Notes)
	view.Other, view.OtherHref = c.otherRound("/map")
	view.TilesHref = "/map?" + c.query("view", "tiles")
	borders := s.borders.Load()
	if borders != nil {
		view.BordersHref = "/map?" + c.query("view", "borders")
	} else {
		view.View = "tiles"
	}
	for _, format := range formatLinks {
		view.Downloads = append(view.Downloads, link{"/rankings/download?" + c.query("format", format.Href), format.Text})
	}
	view.Papers = s.paperLinks("/rankings/download?"+c.query("format", "html"), "/rankings/download?"+c.query("format", "pdf"))
	view.Back = "/map?" + c.query("view", view.View)
	view.PrintHref, view.More = "/map?"+c.query("view", view.View, "print", "1"), []link{{"/rankings?" + c.query(), "Se det som rangliste"}}
	if view.Empty = p.N == 0; view.Empty {
		return s.page(w, r, v, "map", view)
	}
	view.Table, view.Sentence = standingsTable(p, c.Own, v), standingSentence(p, c.Own)
	if view.Drawing, err = s.draw(p, c.Own, v, view.View, borders); err != nil {
		return err
	}
	return s.page(w, r, v, "map", view)
}

// draw makes the map itself.
func (s *Server) draw(p *reports.Standings, own uint16, v Viewer, view string, borders *tilemap.Borders) (template.HTML, error) {
	m := tilemap.Map{Title: p.Measure.Label + ", " + p.Round.Title(), Unit: p.Measure.Unit, Municipalities: s.book.Municipalities, Values: map[uint16]float64{}, Marks: map[uint16]string{},
		Own: own, Link: func(code uint16) string { return mapName(v, code) }}
	for _, l := range p.Lines {
		if x, ok := l.Value.(float64); ok {
			m.Values[l.Municipality.Code] = x
			if l.Provisional {
				m.Marks[l.Municipality.Code] = "foreløbigt"
			}
		}
	}
	if view == "borders" && borders != nil {
		return borders.HTML(m)
	}
	return tilemap.HTML(m)
}
