package reports

import (
	"context"
	"time"

	"komhen/model"
	"komhen/queries"
)

// KlikMessage is a message on a master task that its municipalities are told of (KL10).
type KlikMessage struct {
	Task *model.KlikTask
	Text string
	At   time.Time
}

// KlikMessages are the messages to a municipality that came after one moment and not after another, oldest first: those on tasks that it has, and that
// begin with #besked.
func KlikMessages(ctx context.Context, st *queries.Store, municipality uint16, after, until time.Time) (list []KlikMessage, err error) {
	err = st.Snapshot(ctx, func(ctx context.Context) error {
		said, err := st.KlikComments(ctx, 0, municipality)
		if err != nil {
			return err
		}
		var plan *model.KlikPlan
		for _, c := range said {
			if c.Municipality != 0 || !model.KlikTells(c.Text) || !c.At.After(after) || c.At.After(until) {
				continue
			}
			if plan == nil {
				if plan, err = st.KlikPlan(ctx, 0); err != nil {
					return err
				}
				plan = plan.On(model.DateOf(until))
			}
			if t := plan.Task(c.Task); t != nil && plan.WaveOf(t, municipality) != nil {
				list = append(list, KlikMessage{t, c.Text, c.At})
			}
		}
		return nil
	})
	return list, err
}
