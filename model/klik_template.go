package model

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// KlikEvidence is what the database can tell beside a task of a count week. It never decides a status: that is the municipality's word (issue: ours).
type KlikEvidence string

const (
	EvidenceNone     KlikEvidence = ""
	EvidenceUnits    KlikEvidence = "units"    // units that are known
	EvidenceTrial    KlikEvidence = "trial"    // test rows before the round
	EvidenceTestOff  KlikEvidence = "testoff"  // test rows of the round's own days
	EvidenceCount    KlikEvidence = "count"    // units with contacts or a zero
	EvidenceDelivery KlikEvidence = "delivery" // uploads, and rows to mend
	EvidenceTotals   KlikEvidence = "totals"
	EvidenceApproval KlikEvidence = "approval"
)

// Known tells whether there is such evidence.
func (e KlikEvidence) Known() bool {
	return slices.Contains([]KlikEvidence{EvidenceNone, EvidenceUnits, EvidenceTrial, EvidenceTestOff, EvidenceCount, EvidenceDelivery, EvidenceTotals, EvidenceApproval}, e)
}

// KlikTemplate is a project ready to be used: {when} in the names of project and wave is the round in words, or the go-live day. Counts is whether it
// belongs to a round, whose first day is then the go-live.
type KlikTemplate struct {
	Code, Name    string
	Project, Wave string
	Counts        bool
	Origin        string // "fact" or "ours", of which activities there are; offsets and priorities are ours
	Description   string
	Tasks         []KlikTemplateTask
}

// KlikTemplateTask is a master task of a template. End is days from From: "" the go-live, "last" the round's last day, "data" and "totals" its deadlines.
// Start is days before the end and negative; 0 starts on the go-live day.
type KlikTemplateTask struct {
	Title                  string
	Phase, Theme, Priority uint8
	Duration, End, Start   int
	From                   string
	Needs, Owners          []string
	Evidence               KlikEvidence
	Description            string
}

// KlikTemplateDays are the days that a task's End can be counted from.
var KlikTemplateDays = []string{"", "last", "data", "totals"}

// Decide makes the decision that brings a template's project, wave and tasks about, with a wave of every municipality. Of what is there already it
// only moves the go-live and the ends that follow a round's dates, so that using it again changes nothing double; municipalities, texts and all that was
// said of tasks stay. round is nil for a template that belongs to none. A *Problem says what is missing.
func (t *KlikTemplate) Decide(cb *Codebook, plan *KlikPlan, nextProject, nextWave, nextTask uint32, round *Round, goLive Date) (d KlikDecision, project string, err error) {
	when, name := goLive.String(), ""
	switch {
	case t.Counts && round == nil:
		return d, "", &Problem{Code: "klik-template-round", Message: fmt.Sprintf("Skabelonen »%s« hører til en runde. Vælg runden, fx 2027F.", t.Name)}
	case t.Counts && goLive != 0 && goLive != round.First:
		return d, "", &Problem{Code: "klik-template-golive", Message: fmt.Sprintf("»%s« går i gang på rundens første dag, %s. Lad go-live være tom.", t.Name, round.First)}
	case round != nil:
		if goLive == 0 {
			goLive = round.First
		}
		when, name = strings.ToLower(round.Title()), round.Name
	case goLive == 0:
		return d, "", &Problem{Code: "klik-template-golive", Message: fmt.Sprintf("Skabelonen »%s« skal have en go-live-dato eller en runde.", t.Name)}
	}
	project = strings.ReplaceAll(t.Project, "{when}", when)
	p := plan.ProjectNamed(project)
	if p == nil {
		p = &KlikProject{ID: nextProject, Name: project, Template: t.Code, Round: name}
		d.Projects = append(d.Projects, *p)
	} else if p.Template != t.Code || p.Round != name {
		return d, "", &Problem{Code: "klik-template-taken", Message: fmt.Sprintf("Der er allerede et projekt, der hedder »%s«, og det er ikke lavet af skabelonen. Det er ikke ændret.", project)}
	}
	waveName := strings.ReplaceAll(t.Wave, "{when}", when)
	var wave KlikWave
	if w := plan.WaveNamed(p.ID, waveName); w != nil {
		wave = *w
	} else {
		wave = KlikWave{ID: nextWave, Project: p.ID, Name: waveName}
		for _, m := range cb.Municipalities {
			wave.Municipalities = append(wave.Municipalities, m.Code)
		}
		slices.Sort(wave.Municipalities)
	}
	if wave.GoLive != goLive {
		wave.GoLive = goLive
		d.Waves = append(d.Waves, wave)
	}
	for _, x := range t.Tasks {
		made := x.task(p.ID, wave.ID, round, goLive)
		stands := plan.Find(p.ID, made.Reference())
		switch {
		case stands == nil:
			made.ID = nextTask
			nextTask++
			d.Tasks = append(d.Tasks, made)
		case x.From != "" && (stands.End == nil || *stands.End != *made.End):
			moved := *stands
			moved.Texts = maps.Clone(stands.Texts)
			moved.End, moved.Start = made.End, made.Start
			d.Tasks = append(d.Tasks, moved)
		}
	}
	return d, project, nil
}

// task is the master task of a project. A round without a deadline of its own for totals has the one for its data: the municipality can send them then.
func (x *KlikTemplateTask) task(project, wave uint32, round *Round, goLive Date) KlikTask {
	end := x.End
	if round != nil {
		switch x.From {
		case "last":
			end += int(round.Last - goLive)
		case "data":
			end += int(round.DataDeadline - goLive)
		case "totals":
			end += int(max(round.TotalsDeadline, round.DataDeadline) - goLive)
		}
	}
	start := x.Start
	if start == 0 {
		start = min(-end, -1)
	}
	duration := x.Duration
	made := KlikTask{Project: project, Title: x.Title, Phase: x.Phase, Theme: x.Theme, Priority: x.Priority, Duration: &duration, End: &end, Start: &start,
		Waves: []uint32{wave}, Needs: slices.Clone(x.Needs), Evidence: x.Evidence, Texts: map[string]string{"description": x.Description, "responsible": strings.Join(x.Owners, " og ")}}
	if prefix, number, _, ok := ParseKlikTitle(x.Title); ok {
		made.Prefix, made.Number = prefix, number
	}
	return made
}

// FindKlikTemplate finds a template by its code or name; nil when there is none.
func FindKlikTemplate(list []KlikTemplate, text string) *KlikTemplate {
	for i := range list {
		if text != "" && (Fold(list[i].Code) == Fold(text) || Fold(list[i].Name) == Fold(text)) {
			return &list[i]
		}
	}
	return nil
}
