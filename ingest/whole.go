package ingest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"komhen/model"
	"komhen/queries"
)

// wholeUpload adds the findings that concern an upload as a whole: W02, W05, W06, W07, W09 and W10.
func (u *Upload) wholeUpload(ctx context.Context, p *pipeline, done queries.Resolved) error {
	w := &wholeFindings{u: u, p: p}
	w.late()
	w.tests()
	if err := w.withheld(ctx, done); err != nil {
		return err
	}
	if !u.opts.sent && !p.terms.central { // of what is sent one by one nothing is missing yet, and one channel's statistics hold few tasks
		w.missingTasks()
	}
	err := u.load.AddUnits(ctx, p.tally.newUnits(), u.unitsCounted(p, done), func(n queries.NewUnit) error {
		w.add(model.Finding{Rule: "W05", Line: n.Line, Column: u.columnOf(pUnit), Value: n.Unit, Detail: plural(n.Rows, "række", "rækker")})
		return nil
	})
	if err != nil {
		return err
	}
	if !u.opts.sent {
		if err := w.unusual(ctx); err != nil {
			return err
		}
	}
	p.warnings += int64(len(w.list))
	return u.load.InsertFindings(ctx, w.list)
}

// unitsCounted tells whether the tally counted what AddUnits needs: every valid row is a row of the upload, or one whose key the
// database knows, and then it knows the unit too. Rows that took a place in a bag, or lost theirs, are counted by the database.
func (u *Upload) unitsCounted(p *pipeline, done queries.Resolved) bool {
	if u.plan.fix || p.conflicts > 0 || p.tally.crowded {
		return false
	}
	return !slices.ContainsFunc(done.Held, func(h queries.Held) bool { return h.Upload == 0 || h.Upload == u.load.Upload() })
}

type wholeFindings struct {
	u    *Upload
	p    *pipeline
	list []model.Finding
}

func (w *wholeFindings) add(f model.Finding) {
	f.Severity = severity(w.p.terms.book, f.Rule)
	w.list = append(w.list, f)
}

func (u *Upload) columnOf(is parameter) string {
	switch i := u.plan.at[is]; {
	case i >= virtualBase:
		column, _ := u.plan.derivedCell(&u.plan.mapped.derived[i-virtualBase], nil)
		return column
	case i >= 0:
		return u.plan.columns[i]
	}
	return ""
}

// rounds are the rounds the upload has rows in, by name.
func (w *wholeFindings) rounds() []model.Round {
	var list []model.Round
	for name := range w.p.rounds {
		if r, err := w.p.terms.book.Round(name); name != "" && err == nil {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b model.Round) int { return int(a.First - b.First) })
	return list
}

func (w *wholeFindings) late() {
	if w.p.terms.central { // it has a day of its own, which may lie after the deadline (inventory §8.3 D5)
		return
	}
	for _, r := range w.rounds() {
		if r.Late(w.u.opts.Received) {
			w.add(model.Finding{Rule: "W02", Line: w.p.rounds[r.Name].line, Value: plural(w.p.rounds[r.Name].rows, "række", "rækker"),
				Detail: fmt.Sprintf("%s, som havde frist %s", r.Title(), r.DataDeadline)})
		}
	}
}

func (w *wholeFindings) tests() {
	if !w.u.opts.Test {
		return
	}
	for _, r := range w.rounds() {
		n := plural(w.p.rounds[r.Name].rows, "række", "rækker")
		w.add(model.Finding{Rule: "W06", Line: w.p.rounds[r.Name].line, Value: n, Detail: fmt.Sprintf("%s: %s", r.Title(), n)})
	}
}

// withheld tells which rows add nothing, and who holds them already.
func (w *wholeFindings) withheld(ctx context.Context, done queries.Resolved) error {
	for _, h := range done.Held {
		from := "samme fil, hvor samme kilde_id eller samme linje står flere gange"
		if h.Upload != 0 && h.Upload != w.u.load.Upload() {
			u, err := w.u.load.StoredUpload(ctx, h.Upload)
			if err != nil {
				return err
			}
			from = fmt.Sprintf("indmelding %d (%s)", h.Upload, u.File)
		}
		w.add(model.Finding{Rule: "W07", Line: h.Line, Value: fmt.Sprint(h.Rows), Detail: fmt.Sprintf("%s fra %s", plural(h.Rows, "række", "rækker"), from)})
	}
	return nil
}

// missingTasks lists the obligatory tasks without a single row, for each municipality of the upload. A fix-it file only
// continues an upload that has been told already.
func (w *wholeFindings) missingTasks() {
	if w.u.plan.fix {
		return
	}
	book := w.p.terms.book
	for _, code := range w.p.tally.codes() {
		for edition, e := range book.Editions {
			tasks := w.p.tally.municipal[code].editions[edition]
			if tasks == nil {
				continue
			}
			var missing []string
			for i, s := range book.Subjects {
				if s.Packages[e.Name] == model.Obligatory && !tasks[i] {
					missing = append(missing, s.KLE.String()+" "+s.Label)
				}
			}
			if len(missing) > 0 {
				w.add(model.Finding{Rule: "W09", Column: w.u.columnOf(pSubject), Value: book.Municipality(code).Name,
					Detail: fmt.Sprintf("%s: %s", plural(int64(len(missing)), "opgave", "opgaver"), strings.Join(missing, "; "))})
			}
		}
	}
}

// unusual compares the municipality's round, with this upload in it, to its own earlier rounds (W10). An upload for one
// municipality is compared by channel, unit and day; a national one by channel.
func (w *wholeFindings) unusual(ctx context.Context) error {
	rounds := w.rounds()
	if len(rounds) == 0 || w.u.opts.Test {
		return nil
	}
	book := w.p.terms.book
	earlier := book.Rounds(rounds[len(rounds)-1].Last)
	return w.u.load.UnusualVolumes(ctx, earlier, w.u.Receipt.Round, len(w.p.tally.codes()) == 1, func(v queries.Volume) error {
		what := v.Dimension + " " + v.Name
		switch v.Dimension {
		case "kanal":
			what = "kanal " + book.Channel(v.Channel).Label
		case "dag":
			what = fmt.Sprintf("dag %d i runden", v.Day+1)
		}
		w.add(model.Finding{Rule: "W10", Value: what, Detail: fmt.Sprintf(
			"%s: %s mod normalt %s", book.Municipality(v.Municipality).Name, model.FormatInt(v.Now), model.FormatDecimal(v.Before, 0))})
		return nil
	})
}
