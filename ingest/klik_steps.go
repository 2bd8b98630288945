package ingest

import (
	"slices"

	"komhen/model"
)

// addStep is a row about a municipality's task.
func (b *klikBuilder) addStep(d *klikDraft) {
	row := d.row
	project := b.plan.ProjectNamed(row.Cells["project"])
	if row.Cells["project"] == "" {
		project = b.onlyProjectWith(row.Cells["title"])
	}
	if project == nil {
		b.unknown(d, "project", row.Cells["project"], "det projekt kendes ikke")
		return
	}
	t := b.plan.Find(project.ID, row.Cells["title"])
	if t == nil {
		b.unknown(d, "title", row.Cells["title"], "den opgave findes ikke i projektet")
		return
	}
	if b.plan.WaveOf(t, d.municipality) == nil {
		b.unknown(d, "municipality", row.Cells["municipality"], "kommunen er ikke med i nogen af opgavens bølger")
		return
	}
	at := b.now
	if d.changed != 0 && d.changed < b.now.Date() {
		at = d.changed.At(0)
	}
	key := model.KlikKey{Task: t.ID, Municipality: d.municipality}
	stood := b.standing(key, at)
	step := model.KlikStep{KlikWork: stood, At: at}
	if d.status != 0 {
		step.Status = d.status
	}
	for field, to := range map[string]*string{"owner": &step.Responsible, "doer": &step.Performer} {
		if row.has(field) {
			*to = singleLine(row.Cells[field])
		}
	}
	span := t.SpanOf(b.plan.WaveOf(t, d.municipality))
	own := func(field string, day, usual model.Date, to *model.Date) {
		if !row.has(field) {
			return
		}
		if *to = day; day == usual {
			*to = 0
		}
	}
	own("start_day", d.startDay, span.Start, &step.Start)
	own("end_day", d.endDay, span.End, &step.End)
	if other := b.saidBy[key]; other != nil && b.sameMoment(key, at) {
		if step.KlikWork != stood {
			b.find(d, "KL16", "title", row.Cells["title"]+", "+row.Cells["municipality"], other.place())
		}
		return
	}
	comment := model.KlikComment{Task: t.ID, Municipality: d.municipality, Text: row.Cells["comment"]}
	if comment.Text != "" && !b.before.comments[comment] && !slices.Contains(b.comments, comment) {
		b.comments = append(b.comments, comment)
	}
	b.saidBy[key] = d
	if step.KlikWork == stood {
		return
	}
	b.fresh[key] = append(b.fresh[key], step)
}

// unknown refuses a row about something that nobody knows; a file that is judged alone may speak of what stands elsewhere.
func (b *klikBuilder) unknown(d *klikDraft, field, value, detail string) {
	if !b.before.alone {
		b.find(d, "KL14", field, value, detail)
	}
}

// standing is what stands of a municipality's task at a moment, this file's rows so far included.
func (b *klikBuilder) standing(key model.KlikKey, at model.Moment) model.KlikWork {
	work := model.KlikWork{Task: key.Task, Municipality: key.Municipality, Status: model.KlikNotBegun}
	from := model.Moment(-1 << 62)
	for _, list := range [][]model.KlikStep{b.before.steps[key], b.fresh[key]} {
		for _, s := range list {
			if s.At <= at && s.At >= from {
				work, from = s.KlikWork, s.At
			}
		}
	}
	return work
}

func (b *klikBuilder) sameMoment(key model.KlikKey, at model.Moment) bool {
	return slices.ContainsFunc(b.fresh[key], func(s model.KlikStep) bool { return s.At == at })
}
