package queries

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"komhen/model"
)

// Between different sources nothing is taken away by itself (codebook §6). What a person decides is a record, and what it leaves out is
// found anew by every query: reports read the relation that net gives instead of contacts. So a decision holds for whatever is uploaded
// or undone later, and to reverse it is another record. How often a key counts (copies) it never changes.

// OverlapRow is where two sources of a municipality, in order of their names, have contacts of the same days of a task and a family of channels.
type OverlapRow struct {
	A, B     string
	Family   uint16 // a channel's id, or familyBase plus its place among the families that were given
	Subject  model.KLE
	InA, InB int64 // contacts there
	Both     int64 // that may be the same: of each day as many as the source with fewer has
}

// FamilyBase is above every channel's id.
const FamilyBase = 1000

// familyOf is the family of a contact in SQL. Channels of no family are one by themselves.
func familyOf(families [][]uint16) string {
	if len(families) == 0 {
		return "CAST(channel AS USMALLINT)"
	}
	var b strings.Builder
	b.WriteString("CAST(CASE")
	for i, channels := range families {
		fmt.Fprintf(&b, " WHEN channel IN (%s) THEN %d", numbers(channels), FamilyBase+i)
	}
	b.WriteString(" ELSE channel END AS USMALLINT)")
	return b.String()
}

// Overlaps lists what two sources of a municipality may both hold of a filter's period, whatever was decided about it; families are
// channels, by id, that may hold the same contact.
func (s *Store) Overlaps(ctx context.Context, f Filter, families [][]uint16) ([]OverlapRow, error) {
	return rowsOf(ctx, s.db, replace("overlap/pairs", "{family}", familyOf(families)), f.args(), func(r *OverlapRow) []any {
		return []any{&r.A, &r.B, &r.Family, &r.Subject, &r.InA, &r.InB, &r.Both}
	})
}

// LeftOut is how many contacts of a source decisions leave out.
type LeftOut struct {
	Municipality uint16
	Source       string
	Contacts     int64
}

// LeftOut tells what decisions leave out of a filter's period.
func (s *Store) LeftOut(ctx context.Context, f Filter) (list []LeftOut, err error) {
	err = s.Snapshot(ctx, func(ctx context.Context) error {
		moment := ctx.Value(snapshotKey{}).(*snapshot)
		from, err := moment.contacts(ctx)
		if err != nil || from == allContacts {
			return err
		}
		where := fmt.Sprintf("moment >= %s AND moment < %s AND copies > 0 AND NOT test", isoMoment(f.From), isoMoment(f.To+1))
		if f.Municipality != 0 {
			where += fmt.Sprintf(" AND municipality = %d", f.Municipality)
		}
		list, err = rowsOf(ctx, moment.tx, replace("overlap/left_out", "{net}", from, "{where}", where), nil, func(l *LeftOut) []any {
			return []any{&l.Municipality, &l.Source, &l.Contacts}
		})
		return err
	})
	return list, err
}

// contacts is what counts in the snapshot, as SQL has it in FROM.
func (m *snapshot) contacts(ctx context.Context) (string, error) {
	if m.net == "" {
		var err error
		if m.net, err = net(ctx, m.tx); err != nil {
			return "", err
		}
	}
	return m.net, nil
}

// allContacts is what counts where nobody decided otherwise, as SQL has it in FROM.
const allContacts = "contacts"

// net is contacts without those that decisions leave out, as SQL has it in FROM: the table itself where there are no decisions.
func net(ctx context.Context, q queryer) (string, error) {
	type rule struct {
		municipality uint16
		body         string
	}
	rules, err := rowsOf(ctx, q, text("overlap/rules"), nil, func(r *rule) []any { return []any{&r.municipality, &r.body} })
	if err != nil || len(rules) == 0 {
		return allContacts, err
	}
	type source struct {
		id   uint16
		name string
	}
	sources, err := rowsOf(ctx, q, text("load/sources"), nil, func(s *source) []any { return []any{&s.id, &s.name} })
	if err != nil {
		return "", err
	}
	ids := map[string]uint16{}
	for _, s := range sources {
		ids[s.name] = s.id
	}
	type group struct { // what is left out of a source, and the sources for whose sake
		where    string
		id       uint16
		others   []uint16
		families string
	}
	var groups []*group
	for _, r := range rules {
		var o model.Overlap
		if err := json.Unmarshal([]byte(r.body), &o); err != nil {
			return "", failed(err)
		}
		drop, known := ids[o.Drop]
		keep, alsoKnown := ids[o.Keep()]
		if o.Drop == "" || !known || !alsoKnown {
			continue
		}
		from, to := o.Period()
		where := fmt.Sprintf("municipality = %d AND moment >= %s AND moment < %s AND copies > 0 AND NOT test", r.municipality, isoMoment(from), isoMoment(to+1))
		var of *group
		for _, g := range groups {
			if g.where == where && g.id == drop {
				of = g
			}
		}
		if of == nil {
			of = &group{where: where, id: drop, families: familyOf(o.Families)}
			groups = append(groups, of)
		}
		of.others = append(of.others, keep)
	}
	if len(groups) == 0 {
		return allContacts, nil
	}
	var dropped, thinned []string
	for _, g := range groups {
		own := fmt.Sprintf("(%s AND source = %d)", g.where, g.id)
		dropped = append(dropped, own)
		thinned = append(thinned, replace("overlap/thinned", "{dropped}", own, "{others}", g.where+" AND source IN ("+numbers(g.others)+")", "{family}", g.families))
	}
	return replace("overlap/net", "{dropped}", strings.Join(dropped, " OR "), "{thinned}", strings.Join(thinned, "\n")), nil
}

// ChangeOverlap carries out a change of what was decided about the overlaps of a municipality, and marks what it changes in the figures.
func (l *Load) ChangeOverlap(ctx context.Context, municipality uint16, by string, at time.Time, change func() error) error {
	before, err := net(ctx, l.conn)
	if err == nil {
		err = change()
	}
	if err != nil {
		return err
	}
	after, err := net(ctx, l.conn)
	if err != nil {
		return err
	}
	if err := l.run(ctx, "load/create_changed"); err != nil {
		return err
	}
	if err := l.exec(ctx, replace("overlap/changed", "{before}", before, "{after}", after), municipality); err != nil {
		return fmt.Errorf("overlap/changed: %w", err)
	}
	return l.settle(ctx, 0, by, at)
}
