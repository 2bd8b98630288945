package ingest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"komhen/model"
	"komhen/queries"
)

// MappingVersion is the version of the profile format that this program writes and reads.
const MappingVersion = 1

// Mapping is a profile: how a file that is not in our layouts (a queue, telephone, mail or case system's own list) is read as
// contacts. It is stored as JSON; testdata/mappings has examples. It is applied before all checks, so that the rules, the keys and
// the figures are those of the same contacts in our own layouts.
//
// Columns are named as the file's header writes them; case, spaces and punctuation do not matter.
type Mapping struct {
	Version int    `json:"version"`
	Name    string `json:"name"` // for people; the receipt names it
	// Header is the header of the files that the profile was made for. Every column of it is used, kept or left out.
	Header []string   `json:"header"`
	Source string     `json:"source,omitempty"` // of uploads that do not state another
	Kind   model.Kind `json:"kind,omitempty"`   // likewise
	// Fields by our own name of the parameter (FieldNames). kommune may be left out: it is then the upload's. A profile whose
	// kanal always is the website's may leave out what codebook R10 fixes: type, afslutning, blanket and an empty enhed.
	Fields map[string]Field  `json:"fields"`
	Keep   map[string]string `json:"keep,omitempty"`  // columns kept as local parameters, with the parameter's name; "" is the column's own
	Leave  []string          `json:"leave,omitempty"` // columns left out
}

// Field is where a parameter comes from: from columns, or from a fixed value. The zero Field leaves the parameter empty.
type Field struct {
	Columns []string `json:"columns,omitempty"` // joined with Join when there are several; start and slut are empty when one of theirs is
	Join    string   `json:"join,omitempty"`    // "" is a space
	Split   string   `json:"split,omitempty"`   // takes the text apart, and keeps
	Part    int      `json:"part,omitempty"`    // this part of it, 1 being the first, -1 the last
	Value   string   `json:"value,omitempty"`   // fixed, for every row
	// Codes translate the file's own values to ours; case, spaces and punctuation do not matter. The entry "" is for empty cells;
	// without it they stay empty. A value that is not there becomes Default, or with Pass goes on as it is; else its row is rejected.
	Codes   map[string]string `json:"codes,omitempty"`
	Default string            `json:"default,omitempty"`
	Pass    bool              `json:"pass,omitempty"`
	// Format of dato, start and slut: one of DateFormats, "" being ours. A time of day may follow, and dd-mm-yyyy is always
	// understood too, since workbooks have it. Of antal: one of AmountFormats.
	Format string `json:"format,omitempty"`
}

// fieldParameters are the parameters that a profile can fill.
var fieldParameters = []struct {
	name string
	is   parameter
}{
	{"kommune", pMunicipality}, {"enhed", pUnit}, {"opgave", pSubject}, {"kanal", pChannel}, {"type", pType}, {"afslutning", pClosing},
	{"blanket", pForm}, {"dato", pDate}, {"start", pStart}, {"slut", pEnd}, {"datakilde", pSource}, {"kilde_id", pID}, {"antal", pAmount},
}

// FieldNames are the parameters that a profile can fill, in the order of the template.
func FieldNames() (names []string) {
	for _, f := range fieldParameters {
		names = append(names, f.name)
	}
	return names
}

func fieldParameter(name string) (parameter, bool) {
	for _, f := range fieldParameters {
		if f.name == name {
			return f.is, true
		}
	}
	return 0, false
}

// ReadMapping decodes a profile. The error is a *model.Problem; whether the profile can be used is for Validate to say.
func ReadMapping(r io.Reader) (*Mapping, error) {
	const most = 1 << 20
	text, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, err
	}
	if len(text) > most {
		return nil, &model.Problem{Code: "mapping-unreadable", Message: "Profilen er over 1 MB, så den er næppe en profil."}
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.DisallowUnknownFields()
	var m Mapping
	if err := d.Decode(&m); err != nil {
		return nil, &model.Problem{Code: "mapping-unreadable", Message: "Profilen kan ikke læses som JSON. Hent den igen, eller lav den på siden Kolonner.", Err: err}
	}
	return &m, nil
}

// Fingerprint is what two headers share that a profile can read alike: the same names in the same order.
func Fingerprint(header []string) string {
	sum := sha256.New()
	for _, name := range foldedHeader(header) {
		fmt.Fprintf(sum, "%d:%s", len(name), name)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// foldedHeader is a header as profiles compare it: masked, folded, without empty cells at the end.
func foldedHeader(header []string) []string {
	folded := make([]string, len(header))
	for i, name := range header {
		masked, _ := model.MaskCPR(plain(strings.ToValidUTF8(name, "\uFFFD")), false)
		folded[i] = model.Fold(masked)
	}
	for len(folded) > 0 && folded[len(folded)-1] == "" {
		folded = folded[:len(folded)-1]
	}
	return folded
}

// Fits tells whether a file with that header is one the profile was made for, so that it may be used unasked.
func (m *Mapping) Fits(header []string) bool {
	return len(header) > 0 && Fingerprint(header) == Fingerprint(m.Header)
}

// knows counts the columns of a header that the profile names: how the delimiter is chosen.
func (m *Mapping) knows(cells []string) (n int) {
	own := foldedHeader(m.Header)
	for _, name := range foldedHeader(cells) {
		if name != "" && slices.Contains(own, name) {
			n++
		}
	}
	return n
}

// field is how a parameter is filled, codebook R10 included. ok is false when the profile says nothing of it.
func (m *Mapping) field(name string, book *model.Codebook) (f Field, ok bool) {
	if f, ok = m.Fields[name]; ok || !m.website(book) {
		return f, ok
	}
	fixed := map[string]string{"enhed": "", "type": "VEJL", "afslutning": "STRAKS", "blanket": "NEJ"}
	value, ok := fixed[name]
	return Field{Value: value}, ok
}

// website tells that every row is a website visit.
func (m *Mapping) website(book *model.Codebook) bool {
	f := m.Fields["kanal"]
	channel := book.Channel(book.ChannelID(f.Value))
	return len(f.Columns) == 0 && channel != nil && channel.Form == model.FormFixedNo
}

// storeMapping keeps the profile with the upload.
func (u *Upload) storeMapping(ctx context.Context) error {
	if u.opts.Mapping == nil {
		return nil
	}
	text, err := json.Marshal(u.opts.Mapping)
	if err != nil {
		return err
	}
	return u.load.SetMapping(ctx, string(text))
}

// storedMapping is the profile that an upload was read with, nil when it had none.
func storedMapping(ctx context.Context, load *queries.Load, upload uint32) (*Mapping, error) {
	text, err := load.Mapping(ctx, upload)
	return decodeStored(text, err)
}

func decodeStored(text string, err error) (*Mapping, error) {
	if err != nil || text == "" {
		return nil, err
	}
	var m Mapping
	if err := json.Unmarshal([]byte(text), &m); err != nil {
		return nil, err
	}
	return &m, nil
}

// Mapping is the profile that an upload was read with, nil when it had none.
func (f *Folder) Mapping(ctx context.Context, upload uint32) (*Mapping, error) {
	text, err := f.Store.Mapping(ctx, upload)
	return decodeStored(text, err)
}
