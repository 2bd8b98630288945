package reports

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/xuri/excelize/v2"

	"komhen/model"
	"komhen/queries"
)

// Benchmark says which workbook is wanted. Group is "all", "region", "size" or municipality codes with commas between.
type Benchmark struct {
	Round        model.Round
	Municipality uint16
	Group        string
}

// roundMembers is the group in one round: those of its members that have contacts there.
type roundMembers struct {
	round   model.Round
	own     *member // nil when the municipality has no contacts in the round
	members []*member
}

// benchmark is everything the sheets are written from.
type benchmark struct {
	cb      *model.Codebook
	own     *model.Municipality
	round   model.Round
	group   group
	now     roundMembers
	rounds  []roundMembers // oldest first, now among them
	reports map[string]*Report
	basis   Basis
	uploads []queries.UploadFile
	checks  []control
}

// control is a sum that must be the same on every sheet that has it.
type control struct {
	sheet, what string
	sum         int64
}

// WriteBenchmark writes the benchmark workbook of a municipality's round. The same data gives the same bytes. It holds the
// figures of the reports and, beside them, those of the comparison group; no unit stands anywhere in it.
// A *model.Problem tells what is wrong with the wish, "benchmark-empty" when there is nothing to compare.
func WriteBenchmark(ctx context.Context, st *queries.Store, cb *model.Codebook, b Benchmark, w io.Writer) error {
	d, err := gather(ctx, st, cb.Frozen(), b) // a round’s days must not change on the way
	if err != nil {
		return err
	}
	book := newBook()
	defer book.f.Close()
	book.context = fmt.Sprintf("%s · %s, %s · sammenlignet med %s", d.own.Name, d.round.Title(), weeksText(d.round.Weeks), d.group.short)
	book.left = d.own.Name + " · " + d.round.Title()
	book.right = "Benchmark af henvendelser"
	book.source = "Kilde: tælleugerne, KOMHEN 2.0 · kodebog " + cb.Version

	front := book.page(sheetFront, "Benchmark af henvendelser",
		"Sådan læser du arket: her står, hvad tallene bygger på, og om de stemmer. Klik på et arknavn for at gå til tallene.", frontWidths...)
	d.keySheet(book)
	for _, dim := range dimensions(cb) {
		d.dimensionSheet(book, dim)
	}
	d.benchmarkSheet(book)
	d.trendSheet(book)
	d.codebookSheet(book)
	d.frontSheet(book, front)
	if err := d.agree(); err != nil {
		return err
	}
	if err := d.properties(book); err != nil {
		return err
	}
	if book.s.Err != nil {
		return &model.Problem{Code: "benchmark-write", Message: "Benchmark-projektmappen kunne ikke dannes.", Err: book.s.Err}
	}
	return writeSealed(book.f, w)
}

// gather reads everything the workbook shows.
func gather(ctx context.Context, st *queries.Store, cb *model.Codebook, b Benchmark) (*benchmark, error) {
	own := cb.Municipality(b.Municipality)
	if own == nil {
		return nil, &model.Problem{Code: "municipality-unknown", Message: fmt.Sprintf("Kommunen %d kendes ikke. Skriv dens kommunekode, fx 259 for Køge.", b.Municipality)}
	}
	d := &benchmark{cb: cb, own: own, round: b.Round, reports: map[string]*Report{}}
	if d.round.Edition == "" {
		d.round.Edition = cb.EditionOf(d.round)
	}
	var err error
	if d.group, err = groupOf(cb, own, d.round, b.Group); err != nil {
		return nil, err
	}
	if d.now, err = d.roundMembers(ctx, st, d.round); err != nil {
		return nil, err
	}
	if d.now.own == nil {
		return nil, &model.Problem{Code: "benchmark-empty", Message: fmt.Sprintf(
			"%s har ingen henvendelser i %s (%s – %s), så der er intet at sammenligne. Indlæs kommunens data for runden, eller vælg en anden runde.",
			own.Name, d.round.Title(), d.round.First, d.round.Last)}
	}
	for _, name := range []string{"channels", "subjects", "types", "closings", "forms", "digital-share", "trend"} {
		if d.reports[name], err = Run(ctx, st, cb, Query{Name: name, Round: d.round, Municipality: own.Code}); err != nil {
			return nil, err
		}
	}
	if err := d.earlierRounds(ctx, st); err != nil {
		return nil, err
	}
	if d.basis, err = BasisOf(ctx, st, cb, d.round, own.Code); err != nil {
		return nil, err
	}
	var numbers []uint32
	for _, u := range d.basis.Uploads {
		numbers = append(numbers, u.Upload)
	}
	d.uploads, err = st.UploadFiles(ctx, numbers)
	return d, err
}

// roundMembers reads the group's profiles of a round. A municipality without contacts is not among them.
func (d *benchmark) roundMembers(ctx context.Context, st *queries.Store, round model.Round) (roundMembers, error) {
	profiles, err := st.Profiles(ctx, round.First, round.Last)
	if err != nil {
		return roundMembers{}, err
	}
	in := roundMembers{round: round}
	for _, m := range d.group.members {
		for _, p := range profiles {
			if p.Municipality != m.Code || p.Total == 0 {
				continue
			}
			n, _ := m.PopulationOn(round.First)
			x := &member{Profile: p, municipality: m, population: int64(n)}
			in.members = append(in.members, x)
			if m == d.own {
				in.own = x
			}
		}
	}
	return in, nil
}

// earlierRounds reads the group in every round that the trend report holds.
func (d *benchmark) earlierRounds(ctx context.Context, st *queries.Store) error {
	trend := d.reports["trend"]
	at := columnNamed(trend, "round")
	if at < 0 {
		return fmt.Errorf("the trend report has no column round")
	}
	for _, row := range trend.Rows {
		name, _ := row[at].(string)
		round, err := d.cb.Round(name)
		if err != nil {
			return err
		}
		in := d.now
		if round.Name != d.round.Name {
			if in, err = d.roundMembers(ctx, st, round); err != nil {
				return err
			}
		}
		d.rounds = append(d.rounds, in)
	}
	return nil
}

// previous is the latest round before this one in which the municipality has contacts.
func (d *benchmark) previous() *roundMembers {
	var found *roundMembers
	for i := range d.rounds {
		if r := &d.rounds[i]; r.own != nil && r.round.First < d.round.First && (found == nil || r.round.First > found.round.First) {
			found = r
		}
	}
	return found
}

// check notes a sum that must agree with the others.
func (d *benchmark) check(sheet, what string, sum int64) {
	d.checks = append(d.checks, control{sheet, what, sum})
}

// agree refuses a workbook whose sheets contradict each other.
func (d *benchmark) agree() error {
	for _, c := range d.checks {
		if c.sum != d.now.own.Total {
			return &model.Problem{Code: "benchmark-control", Message: fmt.Sprintf(
				"Kontroltotalerne stemmer ikke: arket %s giver %s henvendelser, men %s har %s i runden. Projektmappen er ikke dannet. Fejlen er vores; meld den.",
				c.sheet, model.FormatInt(c.sum), d.own.Name, model.FormatInt(d.now.own.Total))}
		}
	}
	return nil
}

// properties says who wrote the workbook and when its data last changed; no clock is read, so that the same data gives the
// same bytes.
func (d *benchmark) properties(b *book) error {
	newest := d.round.Last.Time()
	for i, u := range d.uploads {
		if received := copenhagen(u.Received); i == 0 || received.After(newest) {
			newest = received
		}
	}
	stamp := newest.UTC().Format(time.RFC3339)
	if err := b.f.SetDocProps(&excelize.DocProperties{
		Title:   PlainText(fmt.Sprintf("Benchmark af henvendelser: %s, %s", d.own.Name, d.round.Title())),
		Subject: "Tælleuger, KOMHEN 2.0", Creator: "komhen", LastModifiedBy: "komhen", Created: stamp, Modified: stamp, Language: "da-DK",
	}); err != nil {
		return err
	}
	b.f.SetActiveSheet(0)
	return b.f.SetAppProps(&excelize.AppProperties{Application: "komhen"})
}

// copenhagen reads a stored wall-clock time, which the driver gives as UTC.
func copenhagen(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, model.Copenhagen)
}

func columnNamed(r *Report, name string) int {
	for i, c := range r.Columns {
		if c.Name == name {
			return i
		}
	}
	return -1
}
