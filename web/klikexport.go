package web

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"komhen/model"
	"komhen/reports"
	"komhen/web/audit"
	"komhen/web/paper"
)

// klikExported is what the log calls it that somebody of a municipality has fetched its tasks whole. The object is the numbers of the tasks.
const klikExported = "klik.export"

// klikObjectMost is how many bytes of numbers a line of the log gets; the rest goes into another line.
const klikObjectMost = 900

// exportKlikTask gives a task of a municipality, whole, as PDF or html: to be kept when it is deleted (KL09).
func (s *Server) exportKlikTask(w http.ResponseWriter, r *http.Request, v Viewer) error {
	id, code, err := s.klikTaskAt(r, v)
	if err != nil {
		return err
	}
	format, err := klikPaperFormat(r)
	if err != nil {
		return err
	}
	if code == 0 {
		return &model.Problem{Code: "klik-export-whose", Message: "Hele opgaver hentes for én kommune ad gangen. Vælg kommunen på opgavens side, og hent den så."}
	}
	wish := reports.KlikQuery{Today: model.DateOf(s.now())}
	if !v.Operator() {
		wish.Own = v.Municipality
	}
	view, err := reports.KlikTask(r.Context(), s.folder.Store, s.book, id, code, wish)
	if err != nil {
		return err
	}
	of := s.klikMunicipality(code)
	err = s.sendPaper(w, r, v, "download.klik", of, fmt.Sprintf("klik-%s-opgave-%d-%s", of.CodeText(), id, wish.Today.ISO()), format, func(m paper.Message) (paper.Document, error) {
		return paper.KlikTask(s.klikSheet(view, v), view.Task.Reference(), of, wish.Today, s.now(), m)
	})
	s.klikFetched(r, v, code, err, id)
	return err
}

// exportKlik gives all of a municipality's tasks that the filters pick, each whole, in one document.
func (s *Server) exportKlik(w http.ResponseWriter, r *http.Request, v Viewer) error {
	q := r.URL.Query()
	if q.Get("municipality") == "" && v.Municipality != 0 {
		q.Set("municipality", fmt.Sprint(v.Municipality))
	}
	format, err := klikPaperFormat(r)
	if err != nil {
		return err
	}
	wish, err := s.klikQuery(q, v, "tasks")
	if err != nil {
		return err
	}
	list, err := reports.KlikWhole(r.Context(), s.folder.Store, s.book, wish)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		return &model.Problem{Code: "klik-export-none", Message: "Kommunen har ingen opgaver, der passer, så der er ikke noget at hente. Vælg færre filtre under KLIK."}
	}
	of := s.klikMunicipality(list[0].Municipality)
	var ids []uint32
	for _, view := range list {
		ids = append(ids, view.Task.ID)
	}
	err = s.sendPaper(w, r, v, "download.klik", of, fmt.Sprintf("klik-%s-opgaver-%s", of.CodeText(), wish.Today.ISO()), format, func(m paper.Message) (paper.Document, error) {
		var sheets []*reports.KlikSheet
		for _, view := range list {
			sheets = append(sheets, s.klikSheet(view, v))
		}
		return paper.KlikTasks(sheets, of, wish.Today, s.now(), m)
	})
	s.klikFetched(r, v, of.Code, err, ids...)
	return err
}

func klikPaperFormat(r *http.Request) (string, error) {
	format := cmp.Or(r.URL.Query().Get("format"), "pdf")
	if !isPaper(format) {
		return "", &model.Problem{Code: "format-unknown", Message: "Formatet kendes ikke. Hele opgaver kan hentes som pdf eller html."}
	}
	return format, nil
}

func (s *Server) klikSheet(view *reports.KlikTaskView, v Viewer) *reports.KlikSheet {
	return view.Sheet(s.book, v.Operator(), func(id string) string { return s.klikActor(id, v) })
}

// klikMunicipality is a municipality of KLIK; Korsbæk is none of the codebook.
func (s *Server) klikMunicipality(code uint16) *model.Municipality {
	if m := s.book.Municipality(code); m != nil {
		return m
	}
	return &model.Municipality{Code: code, Name: s.book.KlikMunicipalityName(code)}
}

// klikFetched notes that somebody of the municipality has its tasks now. What KL fetches, and what did not get through, does not count.
func (s *Server) klikFetched(r *http.Request, v Viewer, code uint16, err error, tasks ...uint32) {
	if err != nil || r.Context().Err() != nil || r.Method != http.MethodGet || v.Operator() || v.Municipality != code {
		return
	}
	for _, object := range klikRanges(tasks) {
		s.record(v, addressOf(r), klikExported, code, object)
	}
}

// klikRanges writes numbers as "1-12,15", in texts that a line of the log can hold.
func klikRanges(ids []uint32) (texts []string) {
	ids = slices.Clone(ids)
	slices.Sort(ids)
	ids = slices.Compact(ids)
	text := ""
	for i := 0; i < len(ids); {
		last := i
		for last+1 < len(ids) && ids[last+1] == ids[last]+1 {
			last++
		}
		part := fmt.Sprint(ids[i])
		if last > i {
			part += fmt.Sprintf("-%d", ids[last])
		}
		switch {
		case text == "":
			text = part
		case len(text)+len(part) >= klikObjectMost:
			texts, text = append(texts, text), part
		default:
			text += "," + part
		}
		i = last + 1
	}
	if text != "" {
		texts = append(texts, text)
	}
	return texts
}

// klikRange reads them back; what cannot be read is left out.
func klikRange(text string) (ids []uint32) {
	const most = 100_000 // a log that somebody wrote in must not fill the memory
	for part := range strings.SplitSeq(text, ",") {
		first, last, ranged := strings.Cut(part, "-")
		a, err := strconv.ParseUint(first, 10, 32)
		b := a
		if err == nil && ranged {
			b, err = strconv.ParseUint(last, 10, 32)
		}
		if err != nil || b < a || b-a > most {
			continue
		}
		for id := a; id <= b && len(ids) < most; id++ {
			ids = append(ids, uint32(id))
		}
	}
	return ids
}

// klikFetches is when each municipality last fetched each task whole.
type klikFetches map[model.KlikKey]time.Time

// klikFetchesSince reads the log; municipality 0 is all. It reaches as far back as the log is kept.
func (s *Server) klikFetchesSince(since time.Time, municipality uint16) (klikFetches, error) {
	of := klikFetches{}
	for cursor := ""; ; {
		records, next, err := s.audit.Read(audit.Filter{Action: klikExported, Municipality: municipality, From: since}, cursor, 500)
		if err != nil {
			return nil, err
		}
		for _, rec := range records { // the newest first
			for _, id := range klikRange(rec.Object) {
				if key := (model.KlikKey{Task: id, Municipality: rec.Municipality}); of[key].Before(rec.At) {
					of[key] = rec.At
				}
			}
		}
		if next == "" {
			return of, nil
		}
		cursor = next
	}
}

// of is when a municipality had fetched the last of the tasks, since each was announced; zero when any is missing.
func (f klikFetches) of(municipality uint16, tasks []reports.KlikDeleted) (last time.Time) {
	for _, t := range tasks {
		if !slices.Contains(t.Municipalities, municipality) {
			continue
		}
		at, fetched := f[model.KlikKey{Task: t.Task.ID, Municipality: municipality}]
		if !fetched || at.Before(t.At) {
			return time.Time{}
		}
		if at.After(last) {
			last = at
		}
	}
	return last
}
