package web

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"komhen/ingest"
	"komhen/model"
	"komhen/queries"
)

// uploadFields are what a request may say of a file, in the form or in the address.
var uploadFields = []string{"municipality", "source", "kind", "test", "sheet", "dry_run", "strict"}

// apiLoad checks a file and loads it at once. The answer is the document of komhen import --json: 201 when the file was loaded, 200
// for a dry run, 422 when nothing was loaded because of the file.
func (s *Server) apiLoad(w http.ResponseWriter, r *http.Request, v Viewer) error {
	release, err := s.hold()
	if err != nil {
		return err
	}
	defer release()
	fields, err := asked(r, uploadFields...)
	if err != nil {
		return err
	}
	p, err := s.receiveOne(w, r, v, fields)
	if err != nil {
		return err
	}
	defer s.pending.drop(p)
	dry, err := yes(fields, "dry_run")
	if err != nil {
		return err
	}
	strict, err := yes(fields, "strict")
	if err != nil {
		return err
	}
	// The client has sent everything. A read deadline that passes while we work would end the request.
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	status, receipt, upload, err := s.loadAtOnce(r.Context(), p, v, addressOf(r), dry, strict)
	if err != nil {
		return err
	}
	defer receipt.Close()
	if upload != 0 {
		w.Header().Set("Location", fmt.Sprintf("/api/v1/uploads/%d", upload))
	}
	return sendDocument(w, r, status, receipt)
}

// receiveOne takes in the one file of a request. One, so that the answer's status tells of it.
func (s *Server) receiveOne(w http.ResponseWriter, r *http.Request, v Viewer, fields map[string]string) (_ *pending, err error) {
	got, err := s.receive(w, r, v, fields)
	defer func() {
		if err != nil {
			for _, p := range got {
				s.pending.drop(p)
			}
		}
	}()
	if err != nil {
		return nil, err
	}
	if len(got) > 1 {
		return nil, &model.Problem{Code: "one-file", Message: "Send én fil ad gangen. Intet er indlæst."}
	}
	for name := range fields {
		if err := knownField(name, uploadFields); err != nil {
			return nil, err
		}
	}
	p := got[0]
	o, err := s.uploadOptions(fields, v) // again: a field may stand after the file
	o.Name, o.MaxBytes = p.options.Name, p.options.MaxBytes
	p.options = o
	return p, err
}

// loadAtOnce gives the receipt in a file of its own: it may be long, and nobody else waits while the client reads it.
func (s *Server) loadAtOnce(ctx context.Context, p *pending, v Viewer, address string, dry, strict bool) (status int, receipt *os.File, upload uint32, err error) {
	o := p.options
	o.Received, o.Progress, o.By = s.now(), p.progress, v.ID()
	look, err := s.folder.Look(ctx, p.file, p.size, o)
	if err != nil {
		return 0, nil, 0, err
	}
	if m := s.profileFor(look, o); m != nil {
		useMapping(&o, m)
	}
	prepare := s.folder.Prepare
	if dry {
		prepare = s.folder.Check
	}
	u, err := prepare(ctx, p.file, p.size, o)
	if err != nil {
		return 0, nil, 0, err
	}
	defer func() { err = errors.Join(err, u.Discard()) }()
	switch {
	case u.Fault != nil || strict && u.Receipt.Rejected > 0:
		status, u.Receipt.Upload = http.StatusUnprocessableEntity, 0
	case dry:
		status, u.Receipt.Upload = http.StatusOK, 0
	default:
		if err := u.Commit(ctx); err != nil {
			return 0, nil, 0, err
		}
		ctx = context.WithoutCancel(ctx) // what has been loaded gets its receipt
		s.nowLoaded(v, address, u)
		status = http.StatusCreated
	}
	upload = u.Receipt.Upload
	receipt, err = s.receiptDocument(ctx, u.Full())
	if err != nil && upload != 0 {
		err = &model.Problem{Code: "receipt-unwritten", Err: err, Message: fmt.Sprintf(
			"Filen er indlæst som indmelding %d, men kvitteringen kunne ikke skrives. Hent den på /api/v1/uploads/%d.", upload, upload)}
	}
	return status, receipt, upload, err
}

// receiptDocument is {"uploads":[…]} with the one receipt, in a file without a name.
func (s *Server) receiptDocument(ctx context.Context, full ingest.FullReceipt) (_ *os.File, err error) {
	f, err := s.pending.nameless()
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			f.Close()
		}
	}()
	b := bufio.NewWriter(f)
	_, _ = io.WriteString(b, `{"uploads":[`) // Flush tells
	if err := full.WriteJSON(ctx, b); err != nil {
		return nil, err
	}
	_, _ = io.WriteString(b, "]}\n")
	return f, b.Flush()
}

// sendDocument sends a JSON document that lies in a file.
func sendDocument(w http.ResponseWriter, r *http.Request, status int, f io.ReadSeeker) error {
	size, err := f.Seek(0, io.SeekEnd)
	if err == nil {
		_, err = f.Seek(0, io.SeekStart)
	}
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", fmt.Sprint(size))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	if r.Method == http.MethodHead {
		return nil
	}
	_, err = io.Copy(&patientWriter{w, http.NewResponseController(w)}, f)
	return ignoreGone(err)
}

// apiUploads lists the uploads as komhen uploads --json does, those that the viewer may see.
func (s *Server) apiUploads(w http.ResponseWriter, r *http.Request, v Viewer) error {
	if _, err := asked(r); err != nil {
		return err
	}
	all, err := s.uploadsOf(r, v)
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, s.folder.Listed(all))
}

// apiUpload is the document of komhen receipt --json.
func (s *Server) apiUpload(w http.ResponseWriter, r *http.Request, v Viewer) error {
	if _, err := asked(r); err != nil {
		return err
	}
	u, err := s.storedUpload(r, v)
	if err != nil {
		return err
	}
	return s.sendReceipt(w, r, http.StatusOK, s.folder.Stored(u))
}

func (s *Server) sendReceipt(w http.ResponseWriter, r *http.Request, status int, full ingest.FullReceipt) error {
	document, err := s.receiptDocument(r.Context(), full)
	if err != nil {
		return err
	}
	defer document.Close()
	return sendDocument(w, r, status, document)
}

func (s *Server) apiUndo(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.apiFlip(w, r, v, "undo", "undone", s.folder.Undo)
}

func (s *Server) apiRedo(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.apiFlip(w, r, v, "redo", "live", s.folder.Redo)
}

// apiFlip takes an upload back or brings it back. The answer is that of komhen undo --json: contacts is by how many the count moved.
func (s *Server) apiFlip(w http.ResponseWriter, r *http.Request, v Viewer, op, state string, act func(context.Context, uint32, ingest.Decision) (queries.Difference, error)) error {
	if _, err := asked(r); err != nil {
		return err
	}
	var d queries.Difference
	u, err := s.decideOn(r, v, "upload."+op, func(u queries.StoredUpload, by ingest.Decision) (err error) {
		d, err = act(r.Context(), u.Upload, by)
		return err
	})
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, map[string]any{"upload": u.Upload, "state": state, "contacts": d.Contacts - d.ContactsAway})
}

// apiFurther says that what was withheld are contacts of their own. The answer is the receipt of the upload that takes the old
// one's place.
func (s *Server) apiFurther(w http.ResponseWriter, r *http.Request, v Viewer) error {
	if _, err := asked(r); err != nil {
		return err
	}
	var next *ingest.Upload
	_, err := s.decideOn(r, v, "upload.further", func(u queries.StoredUpload, by ingest.Decision) (err error) {
		next, err = s.folder.Further(r.Context(), u.Upload, by)
		return err
	})
	if err != nil {
		return err
	}
	full := next.Full()
	full.State = "live"
	w.Header().Set("Location", fmt.Sprintf("/api/v1/uploads/%d", next.Receipt.Upload))
	return s.sendReceipt(w, r.WithContext(context.WithoutCancel(r.Context())), http.StatusCreated, full)
}

func (s *Server) apiFixFile(w http.ResponseWriter, r *http.Request, v Viewer) error {
	fields, err := asked(r, "format")
	if err != nil {
		return err
	}
	if _, err := oneOf(fields, "format", "csv", "xlsx"); err != nil {
		return err
	}
	return s.fixFile(w, r, v)
}
