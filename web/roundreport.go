package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"komhen/ingest"
	"komhen/model"
	"komhen/queries"
	"komhen/reports"
)

type roundReportView struct {
	Who, When, Path string
	Rounds          []option
	NoData, Upload  bool
	CanWrite        bool
	Report          *reports.RoundReport
	Chapters        []remarkField
	Downloads       []link
	Round           string
	Front           string
}

// remarkField is a chapter that the coordinator can write to.
type remarkField struct {
	Key, Title string
	Text       string
	Seen       uint64   // which version the form shows
	Says       []string // what stands there already, from the figures
}

// ofRound reads whose round report the address is of: a municipality's code, or "all" for the country, which is the operator's.
func (s *Server) ofRound(r *http.Request, v Viewer) (question, error) {
	a, err := s.questionOf(r.Context(), r.URL.Query())
	if err != nil {
		return a, err
	}
	if text := r.PathValue("code"); text != nation {
		if a.Municipality = s.book.MunicipalityCode(text); a.Municipality == 0 {
			return a, errMunicipality
		}
	} else if !v.Operator() {
		return a, errForbidden
	}
	if !v.Sees(a.Municipality) {
		return a, errForbidden
	}
	return a, nil
}

// roundReportPage is where a round report is fetched, and where its remarks are written.
func (s *Server) roundReportPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	a, err := s.ofRound(r, v)
	if err != nil {
		return err
	}
	view := roundReportView{Who: "Hele landet", Path: r.URL.Path, NoData: a.Round.Name == "", Upload: v.CanUpload(), CanWrite: v.Mends(a.Municipality), Front: "/"}
	if m := s.book.Municipality(a.Municipality); m != nil {
		view.Who = m.Name + " Kommune"
	}
	if view.NoData {
		return s.page(w, r, v, "roundreport", view)
	}
	view.Rounds, view.Round, view.When = a.roundChoices(), a.Round.Name, a.Round.Title()+" ("+a.Round.Name+")"
	if view.Front = "/?round=" + a.Round.Name; v.Operator() && a.Municipality != 0 {
		view.Front = fmt.Sprintf("/municipalities/%d?round=%s", a.Municipality, a.Round.Name)
	}
	if view.Report, err = reports.RoundReportOf(r.Context(), s.folder.Store, s.book, a.Round, a.Municipality); err != nil {
		return err
	}
	here := "?round=" + a.Round.Name
	view.Downloads = s.paperLinks(r.URL.Path+".html"+here, r.URL.Path+".pdf"+here)
	standing, err := s.remarksNow(r.Context(), a.Round.Name, a.Municipality)
	if err != nil {
		return err
	}
	for _, c := range view.Report.Chapters {
		field := remarkField{Key: c.Key, Title: c.Title, Text: c.Remark.Text, Seen: standing[c.Key].Seq}
		for _, p := range c.Parts {
			if len(p.Remarks) > 0 && len(field.Says) < 3 {
				field.Says = append(field.Says, strings.ReplaceAll(reports.PlainText(p.Remarks[0]), " %", "\u00a0%"))
			}
		}
		view.Chapters = append(view.Chapters, field)
	}
	return s.page(w, r, v, "roundreport", view)
}

// remarksNow are the remarks that stand, by chapter.
func (s *Server) remarksNow(ctx context.Context, round string, municipality uint16) (map[string]queries.Said[model.Remark], error) {
	list, err := queries.Standing[model.Remark](ctx, s.folder.Store, queries.RecordFilter{Kind: model.RecordRemark, Municipality: municipality, Round: round})
	words := map[string]queries.Said[model.Remark]{}
	for _, d := range list {
		if d.Municipality == municipality { // 0 asks for all
			words[d.Key] = d
		}
	}
	return words, err
}

// saveRemarks stores those remarks of the form that differ from what stands. What somebody else has changed meanwhile is left alone.
func (s *Server) saveRemarks(w http.ResponseWriter, r *http.Request, v Viewer) error {
	a, err := s.ofRound(r, v)
	if err != nil {
		return err
	}
	if !v.Mends(a.Municipality) {
		return errForbidden
	}
	if a.Round.Name == "" {
		return errNoContacts
	}
	wanted := map[string]model.Remark{}
	for _, c := range reports.RoundChapters(a.Municipality) {
		text := r.PostFormValue("remark-" + c.Key) // reads the form
		if !r.PostForm.Has("remark-" + c.Key) {
			continue
		}
		if wanted[c.Key], err = model.NewRemark(text); err != nil {
			return err
		}
	}
	var changed []string
	err = s.folder.Declare(r.Context(), ingest.Decision{At: s.now(), By: v.ID()}, func(ctx context.Context) (list []model.Record, err error) {
		standing, err := s.remarksNow(ctx, a.Round.Name, a.Municipality)
		if err != nil {
			return nil, err
		}
		for _, c := range reports.RoundChapters(a.Municipality) {
			text, sent := wanted[c.Key]
			now := standing[c.Key]
			if !sent || text == now.Value {
				continue
			}
			if seen := r.PostFormValue("seen-" + c.Key); seen != fmt.Sprint(now.Seq) {
				return nil, &model.Problem{Code: "remark-changed", Message: fmt.Sprintf("En anden har ændret bemærkningen til »%s«, mens du skrev. Der er ikke gemt noget. Gå tilbage, kopiér din tekst, hent siden igen, og skriv den ind i den nye.", c.Title)}
			}
			var body any = text
			if text.Text == "" {
				body = nil
			}
			one, err := model.NewRecord(model.RecordRemark, a.Municipality, a.Round.Name, c.Key, body)
			if err != nil {
				return nil, err
			}
			list, changed = append(list, one), append(changed, c.Title)
		}
		return list, nil
	})
	if err != nil {
		return err
	}
	said := "Der var ikke noget nyt at gemme."
	if len(changed) > 0 {
		s.record(v, addressOf(r), "remark.save", a.Municipality, a.Round.Name)
		said = fmt.Sprintf("Gemt i %s: %s.", a.Round.Title(), strings.Join(changed, ", "))
	}
	s.flash(r, said)
	http.Redirect(w, r, r.URL.Path+"?round="+a.Round.Name, http.StatusSeeOther)
	return nil
}

// roundReportFile gives the round report as html or PDF.
func (s *Server) roundReportFile(format string) answer {
	return func(w http.ResponseWriter, r *http.Request, v Viewer) error {
		a, err := s.ofRound(r, v)
		if err != nil {
			return err
		}
		return s.sendRoundReport(w, r, v, a.Round, a.Municipality, format)
	}
}

func (s *Server) sendRoundReport(w http.ResponseWriter, r *http.Request, v Viewer, round model.Round, municipality uint16, format string) error {
	rep, err := reports.RoundReportOf(r.Context(), s.folder.Store, s.book, round, municipality)
	if err != nil {
		return err
	}
	return s.sendPaper(w, r, v, "download.round-report", rep.Municipality, fmt.Sprintf("runderapport-%s-%s", codeOf(rep.Municipality), rep.Round.Name), format, s.roundPaper(rep))
}

// apiRoundReport gives the round report to programs.
func (s *Server) apiRoundReport(w http.ResponseWriter, r *http.Request, v Viewer) error {
	fields, err := asked(r, "round", "municipality", "format")
	if err != nil {
		return err
	}
	format, err := oneOf(fields, "format", "pdf", "html")
	if err != nil {
		return err
	}
	municipality, err := s.askedMunicipality(fields, v, v.Municipality)
	if err != nil {
		return err
	}
	if municipality == 0 && !v.Operator() {
		return errForbidden
	}
	round, err := s.askedRound(fields)
	if err != nil {
		return err
	}
	return s.sendRoundReport(w, r, v, round, municipality, format)
}
