package reports

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"komhen/model"
	"komhen/queries"
)

// Extract says which contacts are wanted. Without a round it is all of them, local counts included; municipality 0 is every
// municipality. Test rows are never part of it. Format is "csv", "xlsx" or "parquet"; TempDir is for files that are gone
// again afterwards ("" is the system's).
//
// Danger: an extract holds units and local parameters as they came. One of several municipalities is for the operator only.
type Extract struct {
	Round        model.Round
	Municipality uint16
	Format       string
	TempDir      string
}

// extractColumns is layout C of codebook §1, in this order; local parameters follow.
var extractColumns = []string{"kommune", "enhed", "opgave", "kanal", "type", "afslutning", "blanket", "dato", "start", "slut",
	"datakilde", "kilde_id", "antal", "systemudtræk"}

const (
	columnUnit    = 1
	columnDate    = 7
	columnStart   = 8
	columnEnd     = 9
	columnAmount  = 12
	columnsOfCode = 14 // what comes before the local parameters
)

// localSeparator joins the values of an upload's local parameters in contacts.extra.
const localSeparator = "\x1f"

// rowWriter is one file format. begin is told how many rows come; the cells of a row are valid only during the call; end
// finishes the file, or after a failure only cleans up.
type rowWriter interface {
	begin(header []string, rows int64) error
	row(cells []string, r *queries.ExtractRow) error
	end(failed error) error
}

// ExportContacts writes the contacts, one line each (a row that counts three times is written three times), and tells how
// many lines that were. What it writes can be imported again and gives the same reports: codes as the codebook writes
// them, NULL where one is not filled in, systemudtræk JA on rows in which the importer is to accept NULL. Text that looks
// like a formula is written with SafeText in csv and xlsx. Memory does not grow with the number of rows.
func ExportContacts(ctx context.Context, st *queries.Store, cb *model.Codebook, x Extract, w io.Writer) (written int64, err error) {
	if _, err := municipalityOf(cb, x.Municipality); err != nil {
		return 0, err
	}
	var out rowWriter
	switch x.Format {
	case "csv":
		out = &csvRows{w: w}
	case "xlsx":
		out = &xlsxRows{w: w}
	case "parquet":
		out = &parquetRows{ctx: ctx, w: w, tempDir: x.TempDir}
	default:
		return 0, &model.Problem{Code: "format-unknown", Message: fmt.Sprintf("Formatet %q kendes ikke. Vælg csv, xlsx eller parquet.", x.Format)}
	}
	filter := queries.Always
	if x.Round.Name != "" {
		filter = queries.RoundFilter(x.Round, 0)
	}
	filter.Municipality = x.Municipality
	source, err := st.Extract(ctx, filter)
	if err != nil {
		return 0, err
	}
	defer source.Close()
	e := &extraction{cb: cb}
	parts, err := e.prepare(ctx, source)
	if err != nil {
		return 0, err
	}
	if err = out.begin(e.header, e.rows); err == nil {
		err = source.ExtractRows(ctx, parts, func(r *queries.ExtractRow) error {
			cells, err := e.cells(r)
			for n := uint32(0); n < r.Copies && err == nil; n++ {
				err = out.row(cells, r)
				written++
			}
			return err
		})
	}
	return written, out.end(err)
}

// extraction knows how a stored row becomes a line of the extract.
type extraction struct {
	cb      *model.Codebook
	header  []string
	rows    int64
	sources map[uint16]string
	locals  map[uint32][]int // upload -> for each of its local parameters, the column
	line    []string
}

// prepare finds the uploads of the extract and lays out its columns: one for each local parameter that any of them has.
// Names that differ only in spelling are one column, as two of them could not be imported from one file.
func (e *extraction) prepare(ctx context.Context, source *queries.Extract) ([]queries.ExtractPart, error) {
	parts, err := source.ExtractParts(ctx)
	if err != nil {
		return nil, err
	}
	var uploads []uint32
	for _, p := range parts {
		uploads = append(uploads, p.Upload)
		e.rows += p.Written
	}
	uploads = slices.Compact(uploads)
	names, err := source.UploadLocals(ctx, uploads)
	if err != nil {
		return nil, err
	}
	if e.sources, err = source.SourceNames(ctx); err != nil {
		return nil, err
	}
	e.header = append([]string(nil), extractColumns...)
	column := map[string]int{}
	for i, name := range e.header {
		column[model.Fold(name)] = i
	}
	e.locals = map[uint32][]int{}
	for _, upload := range uploads {
		taken := map[int]bool{}
		for _, name := range names[upload] {
			at := -1
			for n := 1; at < 0; n++ {
				try := localName(name, n)
				c, known := column[model.Fold(try)]
				if !known {
					c = len(e.header)
					column[model.Fold(try)] = c
					e.header = append(e.header, try)
				}
				if c >= columnsOfCode && !taken[c] {
					at = c
				}
			}
			taken[at] = true
			e.locals[upload] = append(e.locals[upload], at)
		}
	}
	e.line = make([]string, len(e.header))
	return parts, nil
}

// localName is the n-th try for a column's name; the first is the name itself.
func localName(name string, n int) string {
	if model.Fold(name) == "" {
		name = "lokal parameter"
	}
	if n == 1 {
		return name
	}
	return fmt.Sprintf("%s %d", name, n)
}

func (e *extraction) cells(r *queries.ExtractRow) ([]string, error) {
	unknown := func(what string, id any) error {
		return &model.Problem{Code: "code-unknown", Message: fmt.Sprintf("Databasen indeholder en %s, som kodebogen ikke kender (%v). Brug en nyere version af programmet.", what, id)}
	}
	line := e.line
	for i := range line {
		line[i] = ""
	}
	line[0] = fmt.Sprint(r.Municipality)
	line[columnUnit] = orNull(r.Unit)
	line[2] = r.Subject.String()
	ch := e.cb.Channel(r.Channel)
	if ch == nil {
		return nil, unknown("kanal", r.Channel)
	}
	line[3], line[4], line[5], line[6] = ch.Code, notFilledIn, notFilledIn, notFilledIn
	if r.Type != 0 {
		t := e.cb.Type(r.Type)
		if t == nil {
			return nil, unknown("henvendelsestype", r.Type)
		}
		line[4] = t.Code
	}
	if r.Closing != 0 {
		c := e.cb.Closing(r.Closing)
		if c == nil {
			return nil, unknown("afslutning", r.Closing)
		}
		line[5] = c.Code
	}
	if r.Form != 0 {
		f := e.cb.Form(r.Form)
		if f == nil {
			return nil, unknown("blanket", r.Form)
		}
		line[6] = f.Code
	}
	line[columnDate] = r.Moment.String()
	if r.HasStart {
		line[columnStart] = r.Start.String()
	}
	if r.HasEnd {
		line[columnEnd] = r.End.String()
	}
	line[10], line[11], line[columnAmount], line[13] = e.sources[r.Source], r.ID, fmt.Sprint(r.Amount), "NEJ"
	if r.System {
		line[13] = "JA"
	}
	rest := r.Extra
	for i, c := range e.locals[r.Upload] {
		if rest == "" {
			break
		}
		value, more, _ := strings.Cut(rest, localSeparator)
		if i == len(e.locals[r.Upload])-1 {
			value, more = rest, ""
		}
		line[c], rest = value, more
	}
	return line, nil
}

func orNull(s string) string {
	if s == "" {
		return notFilledIn
	}
	return s
}
