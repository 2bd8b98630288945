package web

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"time"

	"komhen/ingest"
	"komhen/model"
)

// maxSmallMB is the largest table that people fill in by hand.
const maxSmallMB = 8

// smallUpload takes the one file of a form, in memory: nothing of it is on disk before it is checked.
func smallUpload(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "multipart/form-data" {
		return nil, &model.Problem{Code: "media-type", Message: "Send filen som multipart/form-data."}
	}
	deadline(w, 2*time.Minute)
	r.Body = http.MaxBytesReader(w, r.Body, maxSmallMB<<20+1<<16)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, &model.Problem{Code: "media-type", Message: "Send filen som multipart/form-data.", Err: err}
	}
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil, errNoFile
		}
		if err != nil {
			return nil, cutOff(err)
		}
		if part.FileName() == "" {
			continue
		}
		data, err := io.ReadAll(part)
		if err != nil {
			return nil, cutOff(err)
		}
		if len(data) == 0 {
			return nil, errNoFile
		}
		return data, nil
	}
}

var errNoFile = &model.Problem{Code: "no-file", Message: "Der var ingen fil med, eller den er tom. Vælg en fil, og send igen."}

// smallForm says what is wrong with a table, every fault at its place.
func smallForm(receipt *ingest.SmallReceipt) *formData {
	f := formOf(map[string]string{})
	for _, fault := range receipt.Faults {
		f.wrong("file", fault.String())
	}
	return f
}

// smallDone says what became of a table that was loaded.
func (s *Server) smallDone(r *http.Request, receipt *ingest.SmallReceipt) {
	if receipt.Changed == 0 {
		s.flash(r, "Filen er læst. Den siger det, der allerede står her, så der er ikke ændret noget.")
	} else {
		s.flash(r, countOf(receipt.Changed, "oplysning er ny eller ændret", "oplysninger er nye eller ændret")+" af de "+model.FormatInt(receipt.Records)+" i filen.")
	}
	for _, note := range receipt.Notes {
		s.flash(r, note)
	}
}
