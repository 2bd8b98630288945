package reports

import (
	"context"
	"fmt"
	"slices"

	"komhen/model"
	"komhen/queries"
)

// RoundReport is everything about a round of a municipality (or of the country), chapter by chapter, for print. Its model is KL's
// report for Vallensbæk, spring 2012 (inventory §19). Every figure is that of a Report; sentences about them say nothing else.
type RoundReport struct {
	Municipality *model.Municipality // nil: the country, without units
	Round        model.Round
	Provisional  bool
	Status       string // "Kommunen har godkendt runden.", or whose figures are provisional
	Empty        bool   // there are no contacts; only the chapter on the data is there
	Key          []KeyFigure
	Chapters     []Chapter
	Appendices   []Part // tables too long for a chapter
}

// KeyFigure is a figure of the first page.
type KeyFigure struct{ Label, Text, Note string }

// Chapter is a part of the report with a place for the coordinator's own words.
type Chapter struct {
	Key    string // what a remark is kept under
	Title  string
	Text   []string // what it is about, and how figures are defined
	Parts  []Part
	Remark model.Remark
}

// Part is a report with remarks, as a chart, a table or both.
type Part struct {
	Title   string
	Report  *Report // nil: remarks only
	Draw    bool
	Table   bool
	Folded  string // rows without contacts, which the table leaves out, in a sentence
	Remarks []string
}

// RoundChapter is a chapter that a remark can be written to.
type RoundChapter struct{ Key, Title string }

// The chapters of every round report, in their order. Keys are in records and never change.
var roundChapters = []RoundChapter{
	{"summary", "Sammenfatning"}, {"overall", "Det samlede henvendelsesmønster"}, {"transactions", "Transaktioner"}, {"information", "Generel information"},
	{"case", "Information om en sag"}, {"channels", "Kanaler for hver opgave"}, {"closings", "Sådan afsluttes henvendelserne"}, {"forms", "Blanketter"},
	{"units", "Enhederne"}, {"municipalities", "Kommunerne"}, {"trend", "Udvikling fra runde til runde"}, {"basis", "Datagrundlag"},
}

// RoundChapters are the chapters of a municipality's report, or of the country's (municipality 0).
func RoundChapters(municipality uint16) []RoundChapter {
	left := "municipalities"
	if municipality == 0 {
		left = "units"
	}
	return slices.DeleteFunc(slices.Clone(roundChapters), func(c RoundChapter) bool { return c.Key == left })
}

// kindsOfContact are the three that the report takes one by one.
var kindsOfContact = []struct{ chapter, types, title string }{
	{"transactions", "transaction", "transaktioner"}, {"information", "information", "generel information"}, {"case", "case", "information om en sag"},
}

// roundJob is a round report in the making.
type roundJob struct {
	st       *queries.Store
	cb       *model.Codebook
	basis    Basis
	previous model.Round // the latest earlier round with contacts; Name "" when there is none
	made     map[string]*Report
	where    map[string]string // the appendix with the tasks of a kind of contact
	*RoundReport
}

// RoundReportOf makes the report of a round (without a name the latest with contacts). Municipality 0 is the country. All figures are of one moment.
// A *model.Problem "municipality-unknown" or "no-contacts" means that the question was wrong.
func RoundReportOf(ctx context.Context, st *queries.Store, cb *model.Codebook, round model.Round, municipality uint16) (r *RoundReport, err error) {
	err = st.Snapshot(ctx, func(ctx context.Context) error {
		j := &roundJob{st: st, cb: cb, made: map[string]*Report{}, where: map[string]string{}, RoundReport: &RoundReport{}}
		r = j.RoundReport
		if j.Municipality, err = municipalityOf(cb, municipality); err != nil {
			return err
		}
		if j.Round, err = roundOf(ctx, st, cb, round); err != nil {
			return err
		}
		if j.basis, err = BasisOf(ctx, st, cb, j.Round, municipality); err != nil {
			return err
		}
		return j.build(ctx)
	})
	return r, err
}

func (j *roundJob) build(ctx context.Context) error {
	j.Empty, j.Provisional = j.basis.Contacts == 0, len(j.basis.Provisional) > 0
	chapters := []func(context.Context) error{j.summary, j.overall, j.kinds, j.channelsOfTasks, j.endings, j.papers, j.places, j.development}
	if j.Empty {
		j.Status = "Der er ingen henvendelser i runden."
		chapters = nil
	} else {
		j.Status = j.basis.approvalText(j.cb)
	}
	for _, chapter := range append(chapters, j.data) {
		if err := chapter(ctx); err != nil {
			return err
		}
	}
	return j.remarks(ctx)
}

// run makes a report of the round, once.
func (j *roundJob) run(ctx context.Context, name, types string) (*Report, error) {
	return j.runIn(ctx, j.Round, name, types)
}

func (j *roundJob) runIn(ctx context.Context, round model.Round, name, types string) (*Report, error) {
	key := round.Name + " " + name + " " + types
	if j.made[key] != nil {
		return j.made[key], nil
	}
	rep, err := run(ctx, j.st, j.cb, Query{Name: name, Round: round, Municipality: j.code(), Types: types})
	j.made[key] = rep
	return rep, err
}

// before is the same report of the latest earlier round with contacts; nil when there is none.
func (j *roundJob) before(ctx context.Context, name, types string) (*Report, error) {
	if j.previous.Name == "" {
		return nil, nil
	}
	return j.runIn(ctx, j.previous, name, types)
}

func (j *roundJob) code() uint16 {
	if j.Municipality == nil {
		return 0
	}
	return j.Municipality.Code
}

func (j *roundJob) chapter(key string, c Chapter) {
	at := slices.IndexFunc(roundChapters, func(x RoundChapter) bool { return x.Key == key })
	c.Key, c.Title = key, roundChapters[at].Title
	j.Chapters = append(j.Chapters, c)
}

// part is a report in a chapter. Rows without contacts are named instead of shown.
func (j *roundJob) part(title string, rep *Report, remarks ...string) Part {
	p := Part{Title: title, Report: rep, Draw: true, Table: true, Remarks: said(remarks)}
	if hasContacts(rep) {
		p.Report, p.Folded = folded(rep)
		return p
	}
	return Part{Title: title, Remarks: []string{"Der er ingen henvendelser af denne slags i runden."}}
}

// folded leaves rows without contacts out, and names them.
func folded(rep *Report) (*Report, string) {
	n, label := columnNamed(rep, contactsColumn.Name), columnNamed(rep, "label")
	if n < 0 || label < 0 {
		return rep, ""
	}
	short := *rep
	short.Rows = nil
	var left []string
	for _, row := range rep.Rows {
		if row[n] == int64(0) {
			left = append(left, fmt.Sprint(row[label]))
			continue
		}
		short.Rows = append(short.Rows, row)
	}
	if len(left) == 0 {
		return rep, ""
	}
	return &short, fmt.Sprintf("Ingen henvendelser: %s.", listText(left))
}

func hasContacts(rep *Report) bool {
	for _, row := range rep.Rows {
		for i, c := range rep.Columns {
			if n, ok := row[i].(int64); ok && n > 0 && c.Unit == Count {
				return true
			}
		}
	}
	return false
}

// said leaves empty sentences out.
func said(sentences []string) []string {
	return slices.DeleteFunc(slices.Clone(sentences), func(s string) bool { return s == "" })
}

// remarks puts the coordinators' own words in.
func (j *roundJob) remarks(ctx context.Context) error {
	words, err := RemarksOf(ctx, j.st, j.Round.Name, j.code())
	for i := range j.Chapters {
		j.Chapters[i].Remark = words[j.Chapters[i].Key]
	}
	return err
}

// RemarksOf are a municipality's remarks to a round by chapter; municipality 0 is the country's.
func RemarksOf(ctx context.Context, st *queries.Store, round string, municipality uint16) (map[string]model.Remark, error) {
	list, err := queries.Standing[model.Remark](ctx, st, queries.RecordFilter{Kind: model.RecordRemark, Municipality: municipality, Round: round})
	words := map[string]model.Remark{}
	for _, d := range list {
		if d.Municipality == municipality { // 0 asks for all
			words[d.Key] = d.Value
		}
	}
	return words, err
}
