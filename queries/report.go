package queries

import (
	"context"
	"database/sql"
	"time"

	"komhen/model"
)

// Filter picks the contacts of a report: those that count now, are no test rows and lie from From to To, both days
// included. Municipality 0 is all of them.
type Filter struct {
	Municipality uint16
	From, To     model.Date
}

// RoundFilter is the filter of a round.
func RoundFilter(r model.Round, municipality uint16) Filter {
	return Filter{Municipality: municipality, From: r.First, To: r.Last}
}

func (f Filter) args() []any {
	return append(period("from", "until", f.From, f.To), sql.Named("municipality", f.Municipality))
}

// period names a half-open period as text; the SQL casts it to TIMESTAMP_S, the column's own type, so that row groups
// outside it are skipped by their zone maps.
func period(from, until string, first, last model.Date) []any {
	return []any{sql.Named(from, first.ISO()), sql.Named(until, (last + 1).ISO())}
}

// Count is the contacts of one code; 0 is not filled in.
type Count struct {
	Code     uint8
	Contacts int64
}

// SubjectCount is the contacts of one subject through one channel, of one type.
type SubjectCount struct {
	Subject       model.KLE
	Channel, Type uint8
	Contacts      int64
}

// UnitCount is the contacts of one unit; "" is not filled in.
type UnitCount struct {
	Unit     string
	Contacts int64
}

// DayCount is the contacts of one day through one channel, of one type.
type DayCount struct {
	Day           model.Date
	Channel, Type uint8
	Contacts      int64
}

// MunicipalityCount is the contacts of one municipality through one channel.
type MunicipalityCount struct {
	Municipality uint16
	Channel      uint8
	Contacts     int64
}

// IncompleteCount is the contacts from system extracts on one channel, with what is not filled in in them.
type IncompleteCount struct {
	Channel                           uint8
	NoType, NoClosing, NoForm, NoUnit bool
	Contacts                          int64
}

// UploadBehind is an upload that holds contacts of a report. Municipality is 0 for a national file.
type UploadBehind struct {
	Upload       uint32
	Municipality uint16
	Source       string
	SHA256       string
}

// ContactsByChannel, ContactsByType, ContactsByClosing and ContactsByForm count by one code, in the order of its ids.
func (s *Store) ContactsByChannel(ctx context.Context, f Filter) ([]Count, error) {
	return s.counts(ctx, "report/contacts_by_channel", f)
}

func (s *Store) ContactsByType(ctx context.Context, f Filter) ([]Count, error) {
	return s.counts(ctx, "report/contacts_by_type", f)
}

func (s *Store) ContactsByClosing(ctx context.Context, f Filter) ([]Count, error) {
	return s.counts(ctx, "report/contacts_by_closing", f)
}

func (s *Store) ContactsByForm(ctx context.Context, f Filter) ([]Count, error) {
	return s.counts(ctx, "report/contacts_by_form", f)
}

func (s *Store) counts(ctx context.Context, file string, f Filter) ([]Count, error) {
	return reportRows(ctx, s, file, f.args(), func(c *Count) []any { return []any{&c.Code, &c.Contacts} })
}

// ContactsBySubject counts by subject, channel and type.
func (s *Store) ContactsBySubject(ctx context.Context, f Filter) ([]SubjectCount, error) {
	return reportRows(ctx, s, "report/contacts_by_subject", f.args(), func(c *SubjectCount) []any {
		return []any{&c.Subject, &c.Channel, &c.Type, &c.Contacts}
	})
}

// ContactsByUnit counts by unit. Danger: a unit belongs to its own municipality only, so a filter without one is refused.
func (s *Store) ContactsByUnit(ctx context.Context, f Filter) ([]UnitCount, error) {
	if f.Municipality == 0 {
		return nil, &model.Problem{Code: "municipality-needed", Message: "Enheder vises kun for din egen kommune. Angiv kommunen."}
	}
	units, err := reportRows(ctx, s, "report/contacts_by_unit", f.args(), func(c *struct {
		Unit     sql.NullString
		Contacts int64
	}) []any {
		return []any{&c.Unit, &c.Contacts}
	})
	out := make([]UnitCount, len(units))
	for i, u := range units {
		out[i] = UnitCount{Unit: u.Unit.String, Contacts: u.Contacts}
	}
	return out, err
}

// ContactsByDay counts by day, channel and type.
func (s *Store) ContactsByDay(ctx context.Context, f Filter) ([]DayCount, error) {
	days, err := reportRows(ctx, s, "report/contacts_by_day", f.args(), func(c *struct {
		Day time.Time
		DayCount
	}) []any {
		return []any{&c.Day, &c.Channel, &c.Type, &c.Contacts}
	})
	out := make([]DayCount, len(days))
	for i, d := range days {
		out[i] = d.DayCount
		out[i].Day = dayOf(d.Day)
	}
	return out, err
}

// ContactsByMunicipality counts by municipality and channel.
func (s *Store) ContactsByMunicipality(ctx context.Context, f Filter) ([]MunicipalityCount, error) {
	return reportRows(ctx, s, "report/contacts_by_municipality", f.args(), func(c *MunicipalityCount) []any {
		return []any{&c.Municipality, &c.Channel, &c.Contacts}
	})
}

// Incomplete counts the contacts of system extracts by what is not filled in in them.
func (s *Store) Incomplete(ctx context.Context, f Filter) ([]IncompleteCount, error) {
	return reportRows(ctx, s, "report/incomplete", f.args(), func(c *IncompleteCount) []any {
		return []any{&c.Channel, &c.NoType, &c.NoClosing, &c.NoForm, &c.NoUnit, &c.Contacts}
	})
}

// KeptOut counts what a report of the filter's round leaves out: test contacts in the round, and local counts of the year
// that lie in neither of its rounds.
func (s *Store) KeptOut(ctx context.Context, f Filter, spring, autumn model.Round) (test, local int64, err error) {
	year := f.From.Year()
	args := f.args()
	args = append(args, period("spring_from", "spring_until", spring.First, spring.Last)...)
	args = append(args, period("autumn_from", "autumn_until", autumn.First, autumn.Last)...)
	args = append(args, period("year_from", "year_until", model.NewDate(year, 1, 1), model.NewDate(year, 12, 31))...)
	type both struct{ test, local int64 }
	rows, err := reportRows(ctx, s, "report/kept_out", args, func(b *both) []any { return []any{&b.test, &b.local} })
	if err != nil {
		return 0, 0, err
	}
	return rows[0].test, rows[0].local, nil
}

// UploadCount is the contacts whose rows came with one upload; Holds is whether they are its own rows rather than its bag's.
type UploadCount struct {
	Upload   uint32
	Contacts int64
	Holds    bool
}

// ContactsByUpload counts by the upload that first brought a row, live or not: another may hold the same one.
func (s *Store) ContactsByUpload(ctx context.Context, f Filter) ([]UploadCount, error) {
	return reportRows(ctx, s, "report/contacts_by_upload", f.args(), func(u *UploadCount) []any {
		return []any{&u.Upload, &u.Contacts, &u.Holds}
	})
}

// UploadsBehind lists the live uploads that hold contacts of the filter, oldest first. It is told what ContactsByUpload found.
func (s *Store) UploadsBehind(ctx context.Context, f Filter, counted []UploadCount) ([]UploadBehind, error) {
	holding := []int64{} // the driver knows lists of signed integers
	for _, u := range counted {
		if u.Holds {
			holding = append(holding, int64(u.Upload))
		}
	}
	return reportRows(ctx, s, "report/uploads_behind", append(f.args(), sql.Named("holding", holding)), func(u *UploadBehind) []any {
		return []any{&u.Upload, &u.Municipality, &u.Source, &u.SHA256}
	})
}

// DaysWithContacts lists the days that have contacts, oldest first.
func (s *Store) DaysWithContacts(ctx context.Context) ([]model.Date, error) {
	days, err := reportRows(ctx, s, "report/days_with_contacts", nil, func(d *time.Time) []any { return []any{d} })
	out := make([]model.Date, len(days))
	for i, d := range days {
		out[i] = dayOf(d)
	}
	return out, err
}

// KleTitles finds the titles of subjects in the imported KLE tree; those that are not there are left out.
func (s *Store) KleTitles(ctx context.Context, subjects []model.KLE) (map[model.KLE]string, error) {
	wanted := make([]int32, len(subjects)) // the driver knows lists of signed integers
	for i, k := range subjects {
		wanted[i] = int32(k)
	}
	type title struct {
		subject model.KLE
		title   string
	}
	rows, err := reportRows(ctx, s, "report/kle_titles", []any{sql.Named("subjects", wanted)}, func(t *title) []any { return []any{&t.subject, &t.title} })
	titles := map[model.KLE]string{}
	for _, t := range rows {
		titles[t.subject] = t.title
	}
	return titles, err
}

type snapshotKey struct{}

// Snapshot runs f so that all report queries that are made with its context see the database of one moment, also while an
// import commits: the notes of a report must fit its figures.
func (s *Store) Snapshot(ctx context.Context, f func(context.Context) error) error {
	if ctx.Value(snapshotKey{}) != nil {
		return f(ctx)
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return &model.Problem{Code: "database", Message: "Tallene kunne ikke hentes fra databasen.", Err: err}
	}
	defer tx.Rollback()
	return f(context.WithValue(ctx, snapshotKey{}, tx))
}

// dayOf is the day of a DATE, which the driver gives as midnight UTC.
func dayOf(t time.Time) model.Date { return model.NewDate(t.Year(), int(t.Month()), t.Day()) }

// reportRows runs a report's query, in the snapshot if there is one, and gathers its rows; fields says where the columns of
// one row go.
func reportRows[T any](ctx context.Context, s *Store, file string, args []any, fields func(*T) []any) ([]T, error) {
	if tx, ok := ctx.Value(snapshotKey{}).(*sql.Tx); ok {
		return rowsOf(ctx, tx, s.sql(file), args, fields)
	}
	return rowsOf(ctx, s.db, s.sql(file), args, fields)
}

type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
}

func rowsOf[T any](ctx context.Context, db queryer, query string, args []any, fields func(*T) []any) ([]T, error) {
	failed := func(err error) error {
		return &model.Problem{Code: "database", Message: "Tallene kunne ikke hentes fra databasen.", Err: err}
	}
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, failed(err)
	}
	defer rows.Close()
	var out []T
	for rows.Next() {
		var row T
		if err := rows.Scan(fields(&row)...); err != nil {
			return nil, failed(err)
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		return nil, failed(err)
	}
	return out, nil
}
