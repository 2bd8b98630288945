package ingest

import (
	"fmt"
	"slices"
	"strings"

	"komhen/model"
)

// agree refuses rows that what was built contradicts; it tells whether any was, so that it must be built again.
func (b *klikBuilder) agree() (refused bool) {
	say := func(d *klikDraft, rule, field, value, detail string) {
		if d != nil && !d.refused {
			b.find(d, rule, field, value, detail)
			refused = true
		}
	}
	for i := range b.plan.Waves {
		w := &b.plan.Waves[i]
		if w.Test() && len(w.Municipalities) > 1 {
			say(b.waveRow[w.ID], "KL08", "waves", w.Name, fmt.Sprintf("Bølgen »%s« har både Korsbæk Kommune og rigtige kommuner", w.Name))
		}
	}
	for i := range b.plan.Tasks {
		t := &b.plan.Tasks[i]
		project := b.plan.Project(t.Project)
		if !t.Frozen || project == nil {
			continue
		}
		for _, id := range t.Waves {
			w := b.plan.Wave(id)
			clash := model.FrozenClash(t.SpanOf(w), project.Frozen)
			if clash == "" {
				continue
			}
			switch {
			case b.taskRow[t.ID] != nil:
				say(b.taskRow[t.ID], "KL03", "frozen", "", clash+" (bølgen »"+w.Name+"«)")
			case b.waveRow[w.ID] != nil:
				say(b.waveRow[w.ID], "KL03", "golive", "", fmt.Sprintf("»%s« rammes: %s", t.Reference(), clash))
			case b.projectRow[project.ID] != nil:
				say(b.projectRow[project.ID], "KL03", "zones", "", fmt.Sprintf("»%s« rammes: %s (bølgen »%s«)", t.Reference(), clash, w.Name))
			}
		}
	}
	for _, cycle := range b.plan.Cycles() {
		for _, t := range cycle[:len(cycle)-1] {
			say(b.taskRow[t.ID], "KL04", "needs", strings.Join(t.Needs, ", "), "Opgaverne venter på hinanden i ring: "+model.CycleText(cycle))
		}
	}
	if !refused && len(b.fresh) > 0 {
		b.completions(say)
	}
	return refused
}

// completions refuses what was completed while a prerequisite was open.
func (b *klikBuilder) completions(say func(*klikDraft, string, string, string, string)) {
	works := model.KlikWorks{}
	last := func(list []model.KlikStep) {
		for _, s := range list {
			works[s.Key()] = b.standing(s.Key(), b.now)
		}
	}
	for _, list := range b.before.steps {
		last(list[:1])
	}
	for _, list := range b.fresh {
		last(list[:1])
	}
	for _, d := range b.drafts { // in the file's order
		if d.kind != klikOfWork || d.refused || d.status != model.KlikCompleted {
			continue
		}
		project := b.plan.ProjectNamed(d.row.Cells["project"])
		if project == nil {
			project = b.onlyProjectWith(d.row.Cells["title"])
		}
		if project == nil {
			continue
		}
		t := b.plan.Find(project.ID, d.row.Cells["title"])
		if t == nil || b.saidBy[model.KlikKey{Task: t.ID, Municipality: d.municipality}] != d || works.Of(t.ID, d.municipality).Status != model.KlikCompleted ||
			!slices.ContainsFunc(b.fresh[model.KlikKey{Task: t.ID, Municipality: d.municipality}], func(s model.KlikStep) bool { return s.Status == model.KlikCompleted }) {
			continue
		}
		var names []string
		for _, need := range b.plan.Blockers(&b.book.Klik, works, t, d.municipality) {
			names = append(names, "»"+need.Reference()+"«")
		}
		if len(names) > 0 {
			say(d, "KL04", "status", "", fmt.Sprintf("»%s« kan ikke fuldføres i %s, før %s er fuldført", t.Reference(), b.book.KlikMunicipalityName(d.municipality), strings.Join(names, " og ")))
		}
	}
}

// remark warns of what is odd but not wrong, once the state stands.
func (b *klikBuilder) remark() {
	for i := range b.plan.Tasks {
		t := &b.plan.Tasks[i]
		d := b.taskRow[t.ID]
		if d != nil && model.IsKlikShortName(t.Title) {
			b.find(d, "KL01", "title", t.Title, "")
		}
		if d != nil && t.End != nil && (t.Duration == nil || *t.Duration == 0) {
			b.find(d, "KL05", "duration", "", "")
		}
		for _, reference := range t.Needs {
			if d != nil && d.row.has("needs") && b.plan.Find(t.Project, reference) == nil && !b.before.alone {
				b.find(d, "KL17", "needs", reference, "den opgave kendes ikke")
			}
		}
		for _, id := range t.Waves {
			if w := b.plan.Wave(id); d != nil && w.GoLive == 0 && t.End != nil && !b.before.alone {
				b.find(d, "KL17", "waves", w.Name, "den bølge har ingen go-live, så opgaven får ingen datoer")
			}
		}
		if !b.book.Klik.Followed(t.Priority) {
			continue
		}
		for _, need := range b.plan.Prerequisites(t) {
			row := b.taskRow[need.ID]
			if row == nil {
				row = d
			}
			if row != nil && !b.book.Klik.Followed(need.Priority) {
				b.find(row, "KL07", "priority", model.KlikLabel(b.book.Klik.Priorities, need.Priority), fmt.Sprintf("den obligatoriske opgave »%s«", t.Reference()))
			}
		}
	}
}
