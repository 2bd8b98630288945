package model

import "fmt"

// KlikNotice is how many days ahead the deletion of a task is announced at least (KL09). The seeds know that there is notice (inventory §12.8) and no
// number, so the number is ours: a municipality has two weeks with people at work in them, whatever holidays fall in.
const KlikNotice = 14

// DeletedOn tells whether a task is deleted on a day: from the announced day on, the first second of it included.
func (t *KlikTask) DeletedOn(day Date) bool { return t.Deletes != 0 && day >= t.Deletes }

// LastDay is the last day on which a task whose deletion is announced can be seen and fetched; 0 when none is.
func (t *KlikTask) LastDay() Date {
	if t.Deletes == 0 {
		return 0
	}
	return t.Deletes - 1
}

// Deleted is the *Problem of who asks for a task that is deleted.
func (t *KlikTask) Deleted() *Problem {
	return &Problem{Code: "klik-task-deleted", Message: fmt.Sprintf("Opgaven »%s« blev slettet %s, og den sidste dag, I kunne hente den, var %s. Den kan hverken ses eller hentes nu. Under KLIK og Sletning står, hvad der er slettet, og hvem der hentede det inden.", t.Reference(), t.Deletes, t.LastDay())}
}

// On is the plan of a day: without the tasks that are deleted on it. What was said of them stays where it was said. Nothing is deleted by a job, so it cannot
// come late, and a rebuild knows the same.
func (p *KlikPlan) On(day Date) *KlikPlan {
	for i := range p.Tasks {
		if !p.Tasks[i].DeletedOn(day) {
			continue
		}
		c := &KlikPlan{Projects: p.Projects, Waves: p.Waves, Thresholds: p.Thresholds}
		for _, t := range p.Tasks {
			if !t.DeletedOn(day) {
				c.Tasks = append(c.Tasks, t)
			}
		}
		c.Reindex()
		return c
	}
	return p
}

// KlikNoticeLacks says in Danish what is wrong with the day on which a task is to be deleted, when it comes on today; "" when nothing is. A day that stood
// already was announced in time. Withdrawing (0) is always possible, as long as the task stands.
func KlikNoticeLacks(day, stood, today Date) string {
	switch {
	case day == 0 || day == stood && day > today:
		return ""
	case day <= today:
		return "den dag er ikke længere fremme"
	case day < today+KlikNotice:
		return fmt.Sprintf("kommunerne skal have det at vide mindst %d dage før, altså tidligst %s", KlikNotice, today+KlikNotice)
	}
	return ""
}
