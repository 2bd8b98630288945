package web

import (
	"fmt"
	"io"
	"mime"
	"net/http"
	"time"

	"komhen/ingest"
	"komhen/model"
)

// klikFilesMost bounds what a sender may send at once, in files and bytes.
const (
	klikFilesMost = 20
	klikBytesMost = 2 * ingest.MaxKlikSize
)

// klikImportView is the form, and what became of the files that were sent.
type klikImportView struct {
	MaxMB int
	Only  bool // they were only checked
	Files []klikImported
}

type klikImported struct {
	Name, Outcome string
	Fault, Loaded bool
	Rows, Refused int
	Findings      []klikImportFinding
	More          int // findings that are not shown
}

type klikImportFinding struct {
	Rule, Place, Message string
	Warning              bool
}

// klikFindingsShown is how many findings of a file a page has.
const klikFindingsShown = 500

func (s *Server) klikImportPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.page(w, r, v, "klik-import", klikImportView{MaxMB: ingest.MaxKlikSize >> 20})
}

// importKlik checks the files that were sent, and loads them unless they were only to be checked.
func (s *Server) importKlik(w http.ResponseWriter, r *http.Request, v Viewer) error {
	files, only, err := receiveKlik(w, r)
	if err != nil {
		return err
	}
	view := klikImportView{MaxMB: ingest.MaxKlikSize >> 20, Only: only}
	list, err := s.loadKlik(r, v, files, only)
	if err != nil {
		return err
	}
	for i, in := range list {
		view.Files = append(view.Files, s.klikImported(shownName(files[i].name), in))
	}
	return s.page(w, r, v, "klik-import", view)
}

// loadKlik loads files one after the other, or with only checks them.
func (s *Server) loadKlik(r *http.Request, v Viewer, files []klikSent, only bool) (list []*ingest.KlikImport, err error) {
	for _, f := range files {
		var in *ingest.KlikImport
		if only {
			in, err = s.folder.CheckKlik(r.Context(), f.name, f.data, s.now())
		} else {
			in, err = s.folder.ImportKlik(r.Context(), f.name, f.data, ingest.Decision{At: s.now(), By: v.ID()})
		}
		if err != nil {
			return nil, err
		}
		if in.Loaded {
			s.record(v, addressOf(r), "klik.import", 0, fmt.Sprintf("%d+%d+%d+%d", len(in.Decision.Projects), len(in.Decision.Waves), len(in.Decision.Tasks), len(in.Decision.Steps)))
		}
		list = append(list, in)
	}
	return list, nil
}

// shownName is a file's name as a page may show it.
func shownName(name string) string {
	masked, _ := model.MaskCPR(name, false)
	return masked
}

type klikSent struct {
	name string
	data []byte
}

// receiveKlik reads a form with files. They are small, so they are held in memory and never lie on disk before they are checked.
func receiveKlik(w http.ResponseWriter, r *http.Request) (files []klikSent, only bool, err error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "multipart/form-data" {
		return nil, false, &model.Problem{Code: "media-type", Message: "Send filen som multipart/form-data."}
	}
	deadline(w, 5*time.Minute)
	r.Body = http.MaxBytesReader(w, r.Body, klikBytesMost)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, false, &model.Problem{Code: "media-type", Message: "Send filen som multipart/form-data.", Err: err}
	}
	for {
		part, err := parts.NextPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, false, cutOff(err)
		}
		data, err := io.ReadAll(io.LimitReader(part, ingest.MaxKlikSize+1))
		if err != nil {
			return nil, false, cutOff(err)
		}
		switch {
		case part.FormName() == "do":
			only = string(data) == "check"
		case part.FileName() == "" && len(data) == 0:
		case len(files) == klikFilesMost:
			return nil, false, &model.Problem{Code: "too-large", Message: fmt.Sprintf("Send højst %d filer ad gangen.", klikFilesMost)}
		case part.FileName() != "":
			files = append(files, klikSent{part.FileName(), data})
		}
	}
	if len(files) == 0 {
		return nil, false, &model.Problem{Code: "no-file", Message: "Der var ingen fil med. Vælg en opgave eller en liste, og send igen."}
	}
	return files, only, nil
}

func (s *Server) klikImported(name string, in *ingest.KlikImport) klikImported {
	d := &in.Decision
	out := klikImported{Name: name, Fault: in.File.Fault, Loaded: in.Loaded, Rows: in.Rows, Refused: in.Refused}
	out.Outcome = countOf(int64(len(d.Projects)), "projekt", "projekter") + ", " + countOf(int64(len(d.Waves)), "bølge", "bølger") + ", " + countOf(int64(len(d.Tasks)), "opgave", "opgaver") + " og " +
		countOf(int64(len(d.Steps)), "status", "statusser")
	if d.Empty() {
		out.Outcome = ""
	}
	for i, f := range in.Findings {
		if i == klikFindingsShown {
			out.More = len(in.Findings) - i
			break
		}
		place := ""
		if f.Line > 0 {
			place = fmt.Sprintf("Linje %d", f.Line)
			if f.Sheet != "" {
				place = fmt.Sprintf("Arket %s, række %d", f.Sheet, f.Line)
			}
		}
		out.Findings = append(out.Findings, klikImportFinding{f.Rule, place, s.book.MessageOf(f.Finding), f.Severity == model.Warning})
	}
	return out
}
