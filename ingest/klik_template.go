package ingest

import (
	"context"

	"komhen/model"
)

// KlikTemplateUse is what using a template did: the project, and how much of it is new or moved.
type KlikTemplateUse struct {
	Project                string
	Projects, Waves, Tasks int
}

// Changed tells whether anything was.
func (u KlikTemplateUse) Changed() bool { return u.Projects+u.Waves+u.Tasks > 0 }

// UseKlikTemplate makes a project from a template, for a round, a go-live day or both; see KlikTemplate.Decide. It is one decision like those of pages, so
// the journal keeps what was made and not which template: a later edition of it changes nothing that stands.
func (f *Folder) UseKlikTemplate(ctx context.Context, t *model.KlikTemplate, roundName string, goLive model.Date, by Decision) (u KlikTemplateUse, err error) {
	var round *model.Round
	if roundName != "" {
		r, err := f.Book.Round(roundName)
		if err != nil {
			return u, err
		}
		round = &r
	}
	err = f.DecideKlik(ctx, by, func(_ context.Context, s KlikStanding) (model.KlikDecision, error) {
		d, project, err := t.Decide(f.Book, s.Plan, s.NextProject, s.NextWave, s.NextTask, round, goLive)
		u = KlikTemplateUse{project, len(d.Projects), len(d.Waves), len(d.Tasks)}
		return d, err
	})
	if err != nil {
		return KlikTemplateUse{}, err
	}
	return u, nil
}
