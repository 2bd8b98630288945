package web

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"komhen/ingest"
	"komhen/model"
	"komhen/queries"
)

// mendsPerPage is how many rejected rows a page lets one mend at a time; more than that is what a fix-it file is for.
const mendsPerPage = 20

type mendView struct {
	Upload uint32
	File   string
	Total  int64
	Rows   []mendRow
	Pager  pageLinks
	Back   string
}

type mendRow struct {
	Line  int64
	Cells []mendCell
	Else  []string // what is said of the row as a whole
}

type mendCell struct {
	Column, Was, Value, ID string
	Message                string
	Proposed               bool
	Long                   bool
}

// mendPage shows the rejected rows of an upload, ready to be mended. Where there is only one way to mend a cell, it stands there
// already; nothing is saved before the person says so.
func (s *Server) mendPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	u, err := s.storedUpload(r, v)
	if err != nil {
		return err
	}
	return s.showMend(w, r, v, u, http.StatusOK, nil)
}

func (s *Server) showMend(w http.ResponseWriter, r *http.Request, v Viewer, u queries.StoredUpload, status int, typed map[int64][]string) error {
	page, err := strconv.Atoi(r.URL.Query().Get("page"))
	if err != nil || page < 1 {
		page = 1
	}
	left, err := s.folder.RejectedRows(r.Context(), u.Upload, int64((page-1)*mendsPerPage), mendsPerPage)
	if err != nil {
		return err
	}
	view := mendView{Upload: left.Upload, File: u.File, Total: left.Total, Back: fmt.Sprintf("/uploads/%d", u.Upload)}
	view.Pager, _, _ = newPager(r.URL, int(left.Total), mendsPerPage)
	for _, row := range left.Rows {
		view.Rows = append(view.Rows, s.mendRow(left.Header, row, typed[row.Line]))
	}
	return s.pageWith(w, r, v, status, "mend", view)
}

func (s *Server) mendRow(header []string, row ingest.RejectedRow, typed []string) mendRow {
	out := mendRow{Line: row.Line}
	taken := make([]bool, len(row.Findings))
	for i, column := range header {
		cell := mendCell{Column: column, ID: fmt.Sprintf("c-%d-%d", row.Line, i)}
		if i < len(row.Cells) {
			cell.Was, cell.Value = row.Cells[i], row.Cells[i]
		}
		for k, f := range row.Findings {
			if f.Column != column || taken[k] {
				continue
			}
			taken[k] = true
			if rule := s.book.Rule(f.Rule); rule != nil && rule.Severity == model.Warning && f.Proposal == "" {
				continue
			}
			if cell.Message != "" {
				cell.Message += " "
			}
			cell.Message += s.book.MessageOf(f)
			if f.Proposal != "" {
				cell.Value, cell.Proposed = f.Proposal, true
			}
		}
		if typed != nil && i < len(typed) {
			cell.Value, cell.Proposed = typed[i], false
		}
		out.Cells = append(out.Cells, cell)
	}
	for k, f := range row.Findings {
		if !taken[k] {
			out.Else = append(out.Else, s.book.MessageOf(f))
		}
	}
	return out
}

// mend loads the rows that were mended; the others stay rejected. What is still wrong with a mended row is said on its next page.
func (s *Server) mend(w http.ResponseWriter, r *http.Request, v Viewer) error {
	u, err := s.storedUpload(r, v)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return &model.Problem{Code: "form", Message: "Formularen kunne ikke læses. Prøv igen.", Err: err}
	}
	rows := mendedRows(r.PostForm)
	if len(rows) == 0 {
		return &model.Problem{Code: "nothing-to-do", Message: "Der var ingen rettede rækker. Sæt hak ved de rækker, du har rettet, og gem igen."}
	}
	release, err := s.hold()
	if err != nil {
		return err
	}
	defer release()
	ctx := context.WithoutCancel(r.Context()) // a person who closes the page has still said yes
	m, err := s.folder.Mend(ctx, u.Upload, rows, ingest.Options{By: v.ID(), Received: s.now()})
	if err != nil {
		return err
	}
	defer m.Discard()
	if m.Fault != nil {
		return &model.Problem{Code: "mend", Message: s.book.MessageOf(*m.Fault)}
	}
	if m.Receipt.Accepted == 0 && m.Receipt.Withheld == 0 { // nothing would be gained: leave the upload as it is, and say what is wrong
		return s.showStillWrong(w, r, v, u, m, rows)
	}
	if err := m.Commit(ctx); err != nil {
		return err
	}
	s.record(v, addressOf(r), "upload.mend", u.Municipality, fmt.Sprint(u.Upload))
	s.record(v, addressOf(r), "upload.load", u.Municipality, fmt.Sprint(m.Receipt.Upload))
	s.changed()
	said := countOf(m.Receipt.Accepted+m.Receipt.Withheld, "række er rettet og tæller med.", "rækker er rettet og tæller med.")
	to := fmt.Sprintf("/uploads/%d", u.Upload)
	if m.Receipt.Rejected > 0 {
		said += " " + countOf(m.Receipt.Rejected, "række er stadig forkert.", "rækker er stadig forkerte.")
		to += "/mend"
	}
	s.flash(r, said)
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// showStillWrong shows the rows as they were typed, with what is wrong with them now.
func (s *Server) showStillWrong(w http.ResponseWriter, r *http.Request, v Viewer, u queries.StoredUpload, m *ingest.Upload, rows []ingest.MendedRow) error {
	typed := map[int64][]string{}
	for _, row := range rows {
		typed[row.Line] = row.Cells
	}
	s.flash(r, "Ingen af rækkerne kunne bruges endnu. Se, hvad der står ved hver af dem. Intet er ændret.")
	return s.showMend(w, r, v, u, http.StatusUnprocessableEntity, typed)
}

// mendedRows reads the rows that were marked: row.N is the mark, and c.N the cells of line N.
func mendedRows(form url.Values) (rows []ingest.MendedRow) {
	for _, mark := range form["row"] {
		line, err := strconv.ParseInt(mark, 10, 64)
		if err != nil || slices.ContainsFunc(rows, func(r ingest.MendedRow) bool { return r.Line == line }) {
			continue
		}
		rows = append(rows, ingest.MendedRow{Line: line, Cells: form["c."+mark]})
	}
	return rows
}
