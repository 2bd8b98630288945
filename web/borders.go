package web

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"komhen/model"
	"komhen/web/tilemap"
	"komhen/web/wholefile"
)

// bordersName is the file in the data folder that keeps the borders the operator has imported.
const bordersName = "borders.json"

// loadBorders reads the borders kept in the data folder, if there are any. A file that cannot be read is only told: the tiles
// are there without it.
func (s *Server) loadBorders() {
	f, err := os.Open(filepath.Join(s.folder.Dir, bordersName))
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	if err == nil {
		defer f.Close()
		var b *tilemap.Borders
		if b, err = tilemap.LoadBorders(f); err == nil {
			s.borders.Store(b)
			return
		}
	}
	s.log.Warn("the map's borders cannot be read; import them again", "file", bordersName, "error", err)
}

// importBorders takes a file of official borders in and keeps what the map needs of it.
func (s *Server) importBorders(w http.ResponseWriter, r *http.Request, v Viewer) error {
	b, err := s.receiveBorders(w, r)
	if err != nil {
		return err
	}
	kept, err := json.Marshal(b)
	if err != nil {
		return err
	}
	if err := s.keepBorders(kept); err != nil {
		return err
	}
	b, err = tilemap.LoadBorders(bytes.NewReader(kept)) // what the next start will read
	if err != nil {
		return err
	}
	s.borders.Store(b)
	s.record(v, addressOf(r), "map.borders", 0, countOf(int64(len(b.Shapes)), "kommune", "kommuner"))
	http.Redirect(w, r, "/map?view=borders", http.StatusSeeOther)
	return nil
}

func (s *Server) receiveBorders(w http.ResponseWriter, r *http.Request) (*tilemap.Borders, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "multipart/form-data" {
		return nil, &model.Problem{Code: "media-type", Message: "Send filen som multipart/form-data."}
	}
	control := http.NewResponseController(w)
	_ = control.SetWriteDeadline(time.Time{})
	body := &patientReader{r: http.MaxBytesReader(w, r.Body, tilemap.MaxBytes+1<<20), wait: func() { _ = control.SetReadDeadline(time.Now().Add(quietClient)) }}
	r.Body = io.NopCloser(body)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, &model.Problem{Code: "media-type", Message: "Send filen som multipart/form-data.", Err: err}
	}
	for {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return nil, &model.Problem{Code: "no-file", Message: "Der var ingen fil med. Vælg en GeoJSON-fil, og send igen."}
		}
		if err != nil {
			return nil, cutOff(err)
		}
		if part.FileName() == "" {
			continue
		}
		var codes []uint16
		for _, m := range s.book.Municipalities {
			codes = append(codes, m.Code)
		}
		b, err := tilemap.ReadGeoJSON(part, codes)
		if err != nil {
			return nil, cutOff(err)
		}
		for _, line := range b.Receipt(s.nameOf) {
			s.flash(r, line)
		}
		return b, nil
	}
}

// keepBorders replaces the file: the new one is whole on disk before it takes the name.
func (s *Server) keepBorders(content []byte) error {
	f, err := os.CreateTemp(filepath.Join(s.folder.Dir, "tmp"), "borders-*")
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(s.folder.Dir, bordersName))
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return wholefile.SyncDir(s.folder.Dir)
}

// deleteBorders goes back to the tiles.
func (s *Server) deleteBorders(w http.ResponseWriter, r *http.Request, v Viewer) error {
	err := os.Remove(filepath.Join(s.folder.Dir, bordersName))
	if errors.Is(err, fs.ErrNotExist) {
		return &model.Problem{Code: "nothing-to-do", Message: "Der er ingen grænser at slette. Kortet viser felter."}
	}
	if err == nil {
		err = wholefile.SyncDir(s.folder.Dir)
	}
	if err != nil {
		return err
	}
	s.borders.Store(nil)
	s.record(v, addressOf(r), "map.borders-delete", 0, "")
	s.flash(r, "Grænserne er slettet. Kortet viser felter igen.")
	http.Redirect(w, r, "/map", http.StatusSeeOther)
	return nil
}

// mapName is the address that a tile leads to: the viewer's way to a municipality's own figures, else its row in the table.
func mapName(v Viewer, code uint16) string {
	switch {
	case v.Operator():
		return fmt.Sprintf("/municipalities/%d", code)
	case v.Municipality == code:
		return "/"
	}
	return fmt.Sprintf("#kommune-%d", code)
}

// viewChoice reads ?view=.
func viewChoice(r *http.Request) (string, error) {
	switch view := strings.TrimSpace(r.URL.Query().Get("view")); view {
	case "", "tiles":
		return "tiles", nil
	case "borders":
		return view, nil
	}
	return "", &model.Problem{Code: "view-unknown", Message: "Kortet kan vises som felter (tiles) eller med grænser (borders)."}
}
