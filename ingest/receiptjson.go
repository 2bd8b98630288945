package ingest

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"komhen/model"
	"komhen/queries"
)

// FullReceipt is a receipt with all that was found, for a person or a program: the same through every door.
type FullReceipt struct {
	model.Receipt
	State    string // "live", "undone", or "" for an upload that only just came
	Say      func(model.Finding) string
	Findings func(context.Context, func(model.Finding) error) error // may be asked more than once
}

// Full is the receipt of an upload that is on its way in, or just came in.
func (u *Upload) Full() FullReceipt {
	say := u.folder.message
	if u.Sentence != "" {
		say = func(model.Finding) string { return u.Sentence }
	}
	return FullReceipt{u.Receipt, "", say, u.Findings}
}

// Stored is the full receipt of a stored upload.
func (f *Folder) Stored(u queries.StoredUpload) FullReceipt {
	state := "undone"
	if u.Live {
		state = "live"
	}
	return FullReceipt{u.Receipt, state, f.message, func(ctx context.Context, each func(model.Finding) error) error {
		return f.Store.Findings(ctx, u.Upload, each)
	}}
}

// ReceiptJSON is the receipt as contract.md has it.
type ReceiptJSON struct {
	Upload       *uint32    `json:"upload"`
	Bag          *uint32    `json:"bag,omitempty"`
	State        string     `json:"state,omitempty"`
	File         string     `json:"file"`
	SHA256       string     `json:"sha256"`
	KeptSHA256   string     `json:"kept_sha256,omitempty"`
	Municipality *string    `json:"municipality"`
	Source       string     `json:"source"`
	Kind         string     `json:"kind"`
	Test         bool       `json:"test"`
	Round        *string    `json:"round"`
	Period       *[2]string `json:"period,omitempty"`
	Format       string     `json:"format"`
	Encoding     string     `json:"encoding"`
	Delimiter    string     `json:"delimiter"`
	Sheet        string     `json:"sheet,omitempty"`
	Layout       string     `json:"layout"`
	Records      int64      `json:"records"`
	Header       int64      `json:"header"`
	Blank        int64      `json:"blank"`
	Accepted     int64      `json:"accepted"`
	Rejected     int64      `json:"rejected"`
	Withheld     int64      `json:"withheld"`
	Contacts     int64      `json:"contacts"`
	Warnings     int64      `json:"warnings"`
	Corrections  int64      `json:"corrections"`
}

// UploadsJSON is a list of uploads as contract.md has it: receipts without findings.
type UploadsJSON struct {
	Uploads []ListedJSON `json:"uploads"`
}

// ListedJSON is an upload in a list.
type ListedJSON struct {
	ReceiptJSON
	Received  string `json:"received"`             // RFC 3339
	By        string `json:"by,omitempty"`         // who sent it, an account id of the web service
	ChangedBy string `json:"changed_by,omitempty"` // who undid or redid it last
}

// Listed is the list of some stored uploads.
func (f *Folder) Listed(uploads []queries.StoredUpload) UploadsJSON {
	list := UploadsJSON{make([]ListedJSON, 0, len(uploads))}
	for _, u := range uploads {
		list.Uploads = append(list.Uploads, ListedJSON{f.Stored(u).JSON(), u.Received.Format(time.RFC3339), u.By, u.ChangedBy})
	}
	return list
}

type findingJSON struct {
	Rule     string  `json:"rule"`
	Severity string  `json:"severity"`
	Line     *int64  `json:"line"`
	Record   *int64  `json:"record"`
	Column   *string `json:"column"`
	Value    *string `json:"value"`
	Message  string  `json:"message"`
	Proposal *string `json:"proposal"`
}

func orNull[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}

// JSON is the receipt without its findings.
func (full FullReceipt) JSON() ReceiptJSON {
	r := full.Receipt
	j := ReceiptJSON{Upload: orNull(r.Upload), State: full.State, File: r.File, SHA256: r.SHA256, KeptSHA256: r.KeptSHA256, Source: r.Source,
		Kind: string(r.Kind), Test: r.Test, Round: orNull(r.Round), Format: r.Format, Encoding: r.Encoding, Delimiter: r.Delimiter, Sheet: r.Sheet,
		Layout: r.Layout, Records: r.Records, Header: r.Header, Blank: r.Blank, Accepted: r.Accepted, Rejected: r.Rejected,
		Withheld: r.Withheld, Contacts: r.Contacts, Warnings: r.Warnings, Corrections: r.Corrections}
	if r.Bag != r.Upload && r.Bag != 0 && r.Upload != 0 {
		j.Bag = &r.Bag
	}
	if r.Municipality != 0 {
		j.Municipality = orNull(fmt.Sprint(r.Municipality))
	}
	if r.First != 0 {
		j.Period = &[2]string{r.First.ISO(), r.Last.ISO()}
	}
	return j
}

// WriteJSON writes the receipt with its findings, which are streamed.
func (full FullReceipt) WriteJSON(ctx context.Context, w *bufio.Writer) error {
	head, err := json.Marshal(full.JSON())
	if err != nil {
		return err
	}
	w.Write(head[:len(head)-1])
	io.WriteString(w, `,"findings":[`)
	first := true
	err = full.Findings(ctx, func(f model.Finding) error {
		if !first {
			w.WriteByte(',')
		}
		first = false
		one, err := json.Marshal(findingJSON{Rule: f.Rule, Severity: string(f.Severity), Line: orNull(f.Line), Record: orNull(f.Record),
			Column: orNull(f.Column), Value: orNull(f.Value), Message: full.Say(f), Proposal: orNull(f.Proposal)})
		if err != nil {
			return err
		}
		_, err = w.Write(one)
		return err
	})
	io.WriteString(w, "]}")
	return err
}
