package queries

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"komhen/model"
)

// Range is where the rows of an upload lie; outside it nothing needs to be looked for.
type Range struct {
	MinMunicipality, MaxMunicipality uint16
	First, Last                      model.Date
}

// aside tells how many rows were put aside, whether any carries a kilde_id, and whether such an id may stand twice in the file.
func (l *Load) aside(ctx context.Context) (rows int64, ids, twice bool, err error) {
	err = l.conn.QueryRowContext(ctx, text("load/aside_state")).Scan(&rows, &ids, &twice)
	return rows, ids, twice, err
}

// Conflict is a line whose kilde_id stands on other lines too, with other contents.
type Conflict struct {
	Line   int64
	Others string // their line numbers
}

// MarkConflicts finds the kilde_id conflicts of the upload (R13), takes their rows out again, and tells whether there are any.
// Call it when all rows are in, before Resolve. Walk them with ConflictsAfter.
func (l *Load) MarkConflicts(ctx context.Context) (lines int64, err error) {
	if l.loaded+l.stored > fewRows {
		if err := l.allThreads(ctx); err != nil {
			return 0, err
		}
	}
	rows, _, twice, err := l.aside(ctx)
	if err != nil || rows == 0 {
		return 0, err
	}
	if l.bag != l.upload {
		done, err := l.conn.ExecContext(ctx, text("load/keep_last_fix"))
		if err != nil {
			return 0, fmt.Errorf("load/keep_last_fix: %w", err)
		}
		if l.overtaken, err = done.RowsAffected(); err != nil {
			return 0, err
		}
	}
	if err := l.near(ctx, rows); err != nil || !twice {
		return 0, err
	}
	if err := l.run(ctx, "load/mark_conflicts", l.upload); err != nil {
		return 0, err
	}
	if err := l.conn.QueryRowContext(ctx, text("load/count_conflicts")).Scan(&lines); err != nil || lines == 0 {
		return 0, err
	}
	if err := l.run(ctx, "load/delete_conflicting_contacts", l.upload); err != nil {
		return 0, err
	}
	l.disputed = true
	if l.few {
		if err := l.run(ctx, "load/delete_conflicting_near"); err != nil {
			return 0, err
		}
	}
	if err := l.run(ctx, "load/delete_conflicting_staged"); err != nil {
		return 0, err
	}
	return lines, l.run(ctx, "load/delete_conflicting_noted")
}

// fetchNear: few rows beside many contacts are mostly mistakes of the filter, and half a key is quickly looked for among all.
func fetchNear(rows, all int64) bool { return all > fewRows && rows < all>>6 }

// near makes what is known of the keys put aside askable, as the view of that name.
func (l *Load) near(ctx context.Context, rows int64) error {
	all := l.loaded + l.stored
	l.few = l.store.FetchNear(rows, all)
	if !l.few {
		return l.run(ctx, "load/near_all")
	}
	first := sql.Null[uint32]{}
	if l.stored > 0 || l.later {
		if err := l.conn.QueryRowContext(ctx, text("load/near_uploads"), l.upload).Scan(&first); err != nil {
			return err
		}
	}
	if !first.Valid {
		first.V = l.upload
	}
	if err := l.run(ctx, "load/near", first.V, l.upload); err != nil {
		return err
	}
	return l.run(ctx, "load/near_few")
}

// ConflictsAfter gives the next conflicting lines after a line, at most 50,000, in line order.
func (l *Load) ConflictsAfter(ctx context.Context, line int64) ([]Conflict, error) {
	rows, err := l.conn.QueryContext(ctx, text("load/conflicts_after"), line)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Conflict
	for rows.Next() {
		var c Conflict
		if err := rows.Scan(&c.Line, &c.Others); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// Held is a number of rows that add nothing because another upload (0: this one) already holds them.
type Held struct {
	Upload uint32
	Rows   int64
	Line   int64 // the first of them
}

// Resolved is what became of the staged rows.
type Resolved struct {
	Staged, Accepted, Contacts int64 // rows staged; of them rows that add a contact; what those amount to with antal
	Corrections                int64
	Held                       []Held
}

// Match finds out which of the rows put aside are known and which are new. Those it was not given in full (NoteContacts) and that
// are new after all must be staged before Resolve: UnreadAfter names their lines.
func (l *Load) Match(ctx context.Context, r Range) error {
	var err error
	if l.rows, l.ids, _, err = l.aside(ctx); err != nil || l.rows == 0 {
		return err
	}
	for _, name := range []string{"load/doubtful_keys", "load/count_staged_keys", "load/staged_keys"} {
		if err := l.run(ctx, name); err != nil {
			return err
		}
	}
	if err := l.run(ctx, "load/match_staged", r.MinMunicipality, r.MaxMunicipality, r.First.ISO(), (r.Last + 1).ISO()); err != nil {
		return err
	}
	if err := l.run(ctx, "load/matched"); err != nil {
		return err
	}
	var staged, matched int64
	if err := l.conn.QueryRowContext(ctx, text("load/count_keys")).Scan(&staged, &matched); err != nil {
		return err
	}
	if staged == matched { // the same file again: there is no need to look for what is new
		return l.run(ctx, "load/no_new_keys")
	}
	return l.run(ctx, "load/find_new_keys")
}

// UnreadAfter gives the next lines after a line, at most 50,000, in order, whose rows are new but were only noted.
func (l *Load) UnreadAfter(ctx context.Context, line int64) ([]int64, error) {
	if l.rows == 0 {
		return nil, nil // Match had nothing to look for
	}
	rows, err := l.conn.QueryContext(ctx, text("load/unread_lines_after"), line)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lines []int64
	for rows.Next() {
		var n int64
		if err := rows.Scan(&n); err != nil {
			return nil, err
		}
		lines = append(lines, n)
	}
	return lines, rows.Err()
}

// Resolve decides what the rows put aside add (codebook §6), after Match. Afterwards contacts, claims and fixes are as they will
// be committed.
func (l *Load) Resolve(ctx context.Context, r Range) (Resolved, error) {
	var out Resolved
	if l.rows == 0 {
		return out, nil
	}
	var err error
	out.Staged = l.rows + l.overtaken
	fix := l.bag != l.upload
	if fix {
		return l.resolveFixes(ctx, out)
	}
	if err := l.conn.QueryRowContext(ctx, text("load/count_matched"), l.upload).Scan(&out.Accepted, &out.Contacts); err != nil {
		return out, err
	}
	if out.Accepted < out.Staged {
		if out.Held, err = l.withheldByUpload(ctx); err != nil {
			return out, err
		}
	}
	versions := false
	if l.ids {
		if err := l.conn.QueryRowContext(ctx, text("load/count_corrections"), r.MinMunicipality, r.MaxMunicipality).Scan(&out.Corrections, &versions); err != nil {
			return out, err
		}
	}
	if err := l.run(ctx, "load/add_new_keys", l.upload, testBits(l.test), true); err != nil {
		return out, err
	}
	for _, name := range []string{"load/repeat_own_keys", "load/claim_known_keys", "load/raise_known_keys"} {
		if err := l.run(ctx, name, l.upload); err != nil {
			return out, err
		}
	}
	if err := l.run(ctx, "load/change_known", l.upload); err != nil {
		return out, err
	}
	if versions {
		if err := l.run(ctx, "load/change_versions"); err != nil {
			return out, err
		}
		return out, l.run(ctx, "load/replace_versions")
	}
	return out, nil
}

func (l *Load) withheldByUpload(ctx context.Context) ([]Held, error) {
	held, undone, err := l.held(ctx, "load/withheld_by_upload", l.upload)
	if err != nil {
		return nil, err
	}
	for _, upload := range undone {
		more, _, err := l.held(ctx, "load/withheld_by_claim", l.upload, upload)
		if err != nil {
			return nil, err
		}
		held = append(held, more...)
	}
	return held, nil
}

// held reads who holds the withheld rows; uploads that are undone are handed back apart.
func (l *Load) held(ctx context.Context, name string, args ...any) (held []Held, undone []uint32, err error) {
	rows, err := l.conn.QueryContext(ctx, text(name), args...)
	if err != nil {
		return nil, nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var h Held
		var live bool
		if err := rows.Scan(&h.Upload, &live, &h.Rows, &h.Line); err != nil {
			return nil, nil, err
		}
		if live {
			held = append(held, h)
		} else {
			undone = append(undone, h.Upload)
		}
	}
	return held, undone, rows.Err()
}

// resolveFixes adds the rows of a fix-it file to their bag and recounts what they touch.
func (l *Load) resolveFixes(ctx context.Context, out Resolved) (Resolved, error) {
	if err := l.run(ctx, "load/add_new_keys", l.upload, testBits(l.test), false); err != nil {
		return out, err
	}
	if err := l.run(ctx, "load/insert_fixes", l.upload, l.bag); err != nil {
		return out, err
	}
	added, err := l.recount(ctx, l.upload, l.upload, l.bag)
	out.Accepted, out.Contacts, out.Corrections = added.Rows, added.Contacts, added.RowsAway
	if err != nil || out.Accepted == out.Staged {
		return out, err
	}
	// (For more than a million keys this names the uploads of the last slice only; the sums are right all the same.)
	if out.Held, _, err = l.held(ctx, "load/withheld_fixes", l.upload, l.bag); err == nil && l.overtaken > 0 {
		out.Held = append(out.Held, Held{Upload: 0, Rows: l.overtaken})
	}
	return out, err
}

// Difference is what an undo, a redo or a fix-it file changed: rows and contacts that came, and that went.
type Difference struct{ Rows, Contacts, RowsAway, ContactsAway int64 }

// recount decides anew how often every key that an upload touches counts. incoming and bag are those of a fix-it upload that
// is not stored yet, else 0.
func (l *Load) recount(ctx context.Context, upload, incoming, bag uint32) (d Difference, err error) {
	if err := l.allThreads(ctx); err != nil {
		return d, err
	}
	var held int64
	if err := l.conn.QueryRowContext(ctx, text("load/count_held"), upload).Scan(&held); err != nil {
		return d, err
	}
	slices := slicesFor(held)
	for slice := range slices {
		if err := l.run(ctx, "load/touch_upload", upload, slice, slices-1); err != nil {
			return d, err
		}
		if err := l.run(ctx, "load/count_live", incoming, bag); err != nil {
			return d, err
		}
		var more Difference
		if err := l.conn.QueryRowContext(ctx, text("load/recount_difference"), incoming).Scan(&more.Rows, &more.Contacts, &more.RowsAway, &more.ContactsAway); err != nil {
			return d, err
		}
		d = Difference{d.Rows + more.Rows, d.Contacts + more.Contacts, d.RowsAway + more.RowsAway, d.ContactsAway + more.ContactsAway}
		for _, name := range []string{"load/change_recounted", "load/apply_recount"} {
			if err := l.run(ctx, name); err != nil {
				return d, err
			}
		}
	}
	return d, nil
}

// slicesFor is in how many slices, a power of two, that many keys are recounted: about a million at a time.
func slicesFor(keys int64) int64 {
	slices := int64(1)
	for slices<<20 < keys {
		slices <<= 1
	}
	return slices
}

// SetLive takes an upload back (live false) or brings it back, and recounts every key it touches. by is an opaque account id.
func (l *Load) SetLive(ctx context.Context, upload uint32, live bool, by string, at time.Time) (Difference, error) {
	if err := l.run(ctx, "load/set_live", upload, live, wall(at), by); err != nil {
		return Difference{}, err
	}
	d, err := l.recount(ctx, upload, 0, 0)
	if err != nil {
		return d, err
	}
	return d, l.settle(ctx, upload, by, at)
}

// settle draws the consequences of what the transaction changed in the figures: the cube is stale there, and approvals are void.
func (l *Load) settle(ctx context.Context, upload uint32, by string, at time.Time) error {
	if err := l.run(ctx, "load/mark_stale"); err != nil {
		return err
	}
	return l.run(ctx, "load/reopen_changed", wall(at), by, upload)
}

// MiscountedKeys counts every key anew from what the uploads hold and tells how many stand with another count. It changes nothing.
func (s *Store) MiscountedKeys(ctx context.Context) (n int64, err error) {
	l, err := s.BeginLoad(ctx, 0, false)
	if err != nil {
		return 0, err
	}
	defer l.Rollback()
	if err := l.allThreads(ctx); err != nil {
		return 0, err
	}
	stored, err := s.StoredKeys(ctx)
	if err != nil {
		return 0, err
	}
	slices := slicesFor(stored)
	for slice := range slices {
		if err := l.run(ctx, "load/touch_all", slice, slices-1); err != nil {
			return 0, err
		}
		if err := l.run(ctx, "load/count_live", 0, 0); err != nil {
			return 0, err
		}
		var wrong int64
		if err := l.conn.QueryRowContext(ctx, text("load/count_miscounted")).Scan(&wrong); err != nil {
			return 0, err
		}
		n += wrong
	}
	return n, nil
}
