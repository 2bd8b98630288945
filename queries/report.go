package queries

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"komhen/model"
)

// Filter picks the contacts of a report: those that count now, are no test rows and lie from From to To, both days
// included. Municipality 0 is all of them. Types limits them to those types of contact, 0 being not filled in; nil is all.
// Incomplete, ContactsByUpload, UploadsBehind and KeptOut tell of all types whatever it says.
type Filter struct {
	Municipality uint16
	From, To     model.Date
	Types        []uint8
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

// SubjectCount is the contacts of one subject through one channel.
type SubjectCount struct {
	Subject  model.KLE
	Channel  uint8
	Contacts int64
}

// UnitCount is the contacts of one unit; "" is not filled in.
type UnitCount struct {
	Unit     string
	Contacts int64
}

// DayCount is the contacts of one day.
type DayCount struct {
	Day      model.Date
	Contacts int64
}

// WeekCount is the contacts of one week through one channel, of one type. Week is its Monday.
type WeekCount struct {
	Week          model.Date
	Channel, Type uint8
	Contacts      int64
}

// MunicipalityDayCount is the contacts of one municipality on one day.
type MunicipalityDayCount struct {
	Municipality uint16
	DayCount
}

// UnitDayCount is the contacts of one unit on one day; "" is not filled in.
type UnitDayCount struct {
	Unit string
	DayCount
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
	Received     time.Time
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
	return counted(ctx, s, file, f, f.args(), func(c *Count) []any { return []any{&c.Code, &c.Contacts} })
}

// ContactsBySubject counts by subject and channel.
func (s *Store) ContactsBySubject(ctx context.Context, f Filter) ([]SubjectCount, error) {
	return counted(ctx, s, "report/contacts_by_subject", f, f.args(), func(c *SubjectCount) []any {
		return []any{&c.Subject, &c.Channel, &c.Contacts}
	})
}

// ContactsByUnit counts by unit. Danger: a unit belongs to its own municipality only, so a filter without one is refused.
func (s *Store) ContactsByUnit(ctx context.Context, f Filter) ([]UnitCount, error) {
	if f.Municipality == 0 {
		return nil, unitsAtHome()
	}
	return counted(ctx, s, "report/contacts_by_unit", f, f.args(), func(c *UnitCount) []any { return []any{asText(&c.Unit), &c.Contacts} })
}

func unitsAtHome() error {
	return &model.Problem{Code: "municipality-needed", Message: "Enheder vises kun for din egen kommune. Angiv kommunen."}
}

// ContactsByDay counts by day.
func (s *Store) ContactsByDay(ctx context.Context, f Filter) ([]DayCount, error) {
	return counted(ctx, s, "report/contacts_by_day", f, f.args(), func(c *DayCount) []any { return []any{asDay(&c.Day), &c.Contacts} })
}

// ContactsByWeek counts by week, channel and type.
func (s *Store) ContactsByWeek(ctx context.Context, f Filter) ([]WeekCount, error) {
	return counted(ctx, s, "report/contacts_by_week", f, f.args(), func(c *WeekCount) []any {
		return []any{asDay(&c.Week), &c.Channel, &c.Type, &c.Contacts}
	})
}

// ContactsByMunicipalityDay counts by municipality and day.
func (s *Store) ContactsByMunicipalityDay(ctx context.Context, f Filter) ([]MunicipalityDayCount, error) {
	return counted(ctx, s, "report/contacts_by_municipality_day", f, f.args(), func(c *MunicipalityDayCount) []any {
		return []any{&c.Municipality, asDay(&c.Day), &c.Contacts}
	})
}

// ContactsByUnitDay counts by unit and day. Danger: see ContactsByUnit.
func (s *Store) ContactsByUnitDay(ctx context.Context, f Filter) ([]UnitDayCount, error) {
	if f.Municipality == 0 {
		return nil, unitsAtHome()
	}
	return counted(ctx, s, "report/contacts_by_unit_day", f, f.args(), func(c *UnitDayCount) []any {
		return []any{asText(&c.Unit), asDay(&c.Day), &c.Contacts}
	})
}

// Units are the names of a municipality's units, as uploads have brought them.
func (s *Store) Units(ctx context.Context, municipality uint16) ([]string, error) {
	return reportRows(ctx, s, "report/units", []any{sql.Named("municipality", municipality)}, func(u *string) []any { return []any{u} })
}

// ContactsByMunicipality counts by municipality and channel.
func (s *Store) ContactsByMunicipality(ctx context.Context, f Filter) ([]MunicipalityCount, error) {
	return counted(ctx, s, "report/contacts_by_municipality", f, f.args(), func(c *MunicipalityCount) []any {
		return []any{&c.Municipality, &c.Channel, &c.Contacts}
	})
}

// Incomplete counts the contacts of system extracts by what is not filled in in them.
func (s *Store) Incomplete(ctx context.Context, f Filter) ([]IncompleteCount, error) {
	return counted(ctx, s, "report/incomplete", f, f.args(), func(c *IncompleteCount) []any {
		return []any{&c.Channel, &c.NoType, &c.NoClosing, &c.NoForm, &c.NoUnit, &c.Contacts}
	})
}

// KeptOut counts what a report of the filter's round leaves out: test contacts in its period, and local counts of the year
// that lie in neither of its rounds.
func (s *Store) KeptOut(ctx context.Context, f Filter, spring, autumn model.Round) (test, local int64, err error) {
	if local, err = s.LocalContacts(ctx, f.Municipality, spring, autumn); err != nil {
		return 0, 0, err
	}
	test, err = s.TestsKeptOut(ctx, f)
	return test, local, err
}

// TestsKeptOut counts the test contacts of the filter.
func (s *Store) TestsKeptOut(ctx context.Context, f Filter) (n int64, err error) {
	if any, err := s.HasTests(ctx); err != nil || !any {
		return 0, err
	}
	f.Types = nil
	kept, err := s.TestContacts(ctx, f)
	for _, c := range kept {
		n += c.Contacts
	}
	return n, err
}

// LocalContacts counts the contacts of the rounds' year that lie in neither of them. Municipality 0 is all of them.
func (s *Store) LocalContacts(ctx context.Context, municipality uint16, spring, autumn model.Round) (int64, error) {
	f, args := outside(municipality, spring, autumn)
	return one(counted(ctx, s, "report/local_contacts", f, args, func(n *int64) []any { return []any{n} }))
}

// HasTests is whether any upload is a test: else no row need be looked at for whether it is one.
func (s *Store) HasTests(ctx context.Context) (bool, error) {
	return one(reportRows(ctx, s, "report/has_tests", nil, func(has *bool) []any { return []any{has} }))
}

// one is the only row of a query.
func one[T any](rows []T, err error) (only T, _ error) {
	if err == nil {
		only = rows[0]
	}
	return only, err
}

// UploadCount is a municipality's contacts whose rows came with one upload; Holds is whether any is its own rather than its bag's.
type UploadCount struct {
	Upload       uint32
	Municipality uint16
	Contacts     int64
	Holds        bool
}

// ContactsByUpload counts by municipality and the upload that first brought a row, live or not: another may hold the same one.
func (s *Store) ContactsByUpload(ctx context.Context, f Filter) ([]UploadCount, error) {
	return counted(ctx, s, "report/contacts_by_upload", f, f.args(), func(u *UploadCount) []any {
		return []any{&u.Upload, &u.Municipality, &u.Contacts, &u.Holds}
	})
}

// UploadsBehind lists the live uploads that hold contacts of the filter, oldest first. It is told what ContactsByUpload found.
func (s *Store) UploadsBehind(ctx context.Context, f Filter, found []UploadCount) ([]UploadBehind, error) {
	all, err := reportRows(ctx, s, "report/uploads_behind", nil, func(u *UploadBehind) []any {
		return []any{&u.Upload, &u.Municipality, &u.Received, &u.Source, &u.SHA256}
	})
	if err != nil {
		return nil, err
	}
	for i := range all {
		all[i].Received = unwall(all[i].Received)
	}
	behind := map[uint32]bool{}
	for _, u := range found {
		behind[u.Upload] = behind[u.Upload] || u.Holds
	}
	var open []uint32
	for _, u := range all {
		if !behind[u.Upload] && (f.Municipality == 0 || u.Municipality == 0 || u.Municipality == f.Municipality) {
			open = append(open, u.Upload)
		}
	}
	if len(open) > 0 {
		further, err := s.FurtherUploads(ctx, f, open)
		if err != nil {
			return nil, err
		}
		for _, upload := range further {
			behind[upload] = true
		}
	}
	return slices.DeleteFunc(all, func(u UploadBehind) bool { return !behind[u.Upload] }), nil
}

// FurtherUploads are those of some uploads that hold copies of the filter's contacts whose rows came with another upload.
func (s *Store) FurtherUploads(ctx context.Context, f Filter, open []uint32) (further []uint32, err error) {
	err = s.Snapshot(ctx, func(ctx context.Context) error {
		moment, cube, err := s.moment(ctx, f)
		if err != nil {
			return err
		}
		query := from(replace("report/further_uploads", "{open}", numbers(open)), f, cube)
		further, err = rowsOf(ctx, moment.tx, query, f.args(), func(u *uint32) []any { return []any{u} })
		return err
	})
	return further, err
}

// DaysWithContacts lists the days that have contacts, oldest first. Municipality 0 is all of them.
func (s *Store) DaysWithContacts(ctx context.Context, municipality uint16) ([]model.Date, error) {
	f := Always
	f.Municipality = municipality
	return counted(ctx, s, "report/days_with_contacts", f, []any{sql.Named("municipality", municipality)}, func(d *model.Date) []any { return []any{asDay(d)} })
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
