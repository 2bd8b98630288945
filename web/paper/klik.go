package paper

import (
	"fmt"
	"time"

	"komhen/model"
	"komhen/reports"
)

// klikBody is the tasks of a municipality, each whole.
type klikBody struct {
	Deleted []klikGoing
	Tasks   []klikChapter
	Colours string
}

// klikGoing is how many tasks are deleted on a day.
type klikGoing struct {
	Count int
	Day   string
}

type klikChapter struct {
	*reports.KlikSheet
	Key, Status string
}

// KlikTask is a municipality's task, whole: to be kept when KLIK deletes it (KL09).
func KlikTask(task *reports.KlikSheet, reference string, m *model.Municipality, day model.Date, made time.Time, message Message) (Document, error) {
	p := newSheet("KLIK-opgave", task.Title, "KLIK den "+day.String(), m, "", false, made)
	p.Message, p.Margins.Left, p.Margins.Foot = string(message), p.Who+" · KLIK-opgave "+reference, "Udskrevet "+p.Made
	p.Body = klikBody{Tasks: []klikChapter{{KlikSheet: task}}, Colours: task.Definition}
	return p.document("klik-task.html")
}

// KlikTasks are all of a municipality's tasks, each whole and in a chapter of its own. It is held in memory: about 6 KB a task.
func KlikTasks(tasks []*reports.KlikSheet, m *model.Municipality, day model.Date, made time.Time, message Message) (Document, error) {
	p := newSheet("KLIK-opgaver", "KLIK-opgaver", "KLIK den "+day.String(), m, "", false, made)
	p.Message, p.Margins.Foot = string(message), "Udskrevet "+p.Made
	body := klikBody{}
	going := map[model.Date]int{}
	for i, t := range tasks {
		c := klikChapter{KlikSheet: t, Key: fmt.Sprintf("opgave-%d", i+1)}
		for _, f := range t.State {
			if f.Label == "Status" {
				c.Status = f.Text
			}
		}
		if t.Deletes != 0 {
			at, known := going[t.Deletes]
			if !known {
				at = len(body.Deleted)
				going[t.Deletes] = at
				body.Deleted = append(body.Deleted, klikGoing{Day: t.Deletes.String()})
			}
			body.Deleted[at].Count++
		}
		body.Tasks, body.Colours = append(body.Tasks, c), t.Definition
	}
	p.Body = body
	return p.document("klik-tasks.html")
}
