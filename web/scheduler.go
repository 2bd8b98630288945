package web

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/go-co-op/gocron/v2"

	"komhen/model"
	"komhen/web/schedule"
)

// scheduler does what is due. gocron gives the beat, once a minute; what is due at a beat is worked out from the jobs and the runs that there are, so that
// a beat that is late, missed or repeated loses nothing and repeats nothing.
type scheduler struct {
	beat      gocron.Scheduler
	sweeping  sync.Mutex
	next      map[string]nextDue // of each job, so that a beat costs nothing
	pruned    model.Date         // the day old files were last deleted
	reminders struct {
		run string                // whose reminders are worked out
		of  map[string][]reminder // by account
	}
	mailAway bool // of the sweep under way: the mail server did not answer, so nobody else is tried
}

// nextDue is when a job is due, as worked out from what stands beside it.
type nextDue struct {
	base    time.Time
	version int
	hour    int64 // rounds may be moved
	due     time.Time
	ok      bool
}

// archiveMonths is how long files stay in the archive. Ours: two years hold four rounds, so that a round can be held beside last year's.
const archiveMonths = 25

// startBeat begins: what was due while no service ran is done now.
func (s *Server) startBeat() error {
	s.scheduler.next = map[string]nextDue{}
	if n := s.schedule.CutOff(); n > 0 {
		s.log.Warn("schedule", "letters that may have been sent", n)
	}
	var err error
	if s.scheduler.beat, err = gocron.NewScheduler(gocron.WithLocation(model.Copenhagen), gocron.WithStopTimeout(time.Minute)); err != nil {
		return err
	}
	_, err = s.scheduler.beat.NewJob(gocron.CronJob("* * * * *", false), gocron.NewTask(func() { s.sweep(s.alive) }),
		gocron.WithSingletonMode(gocron.LimitModeReschedule), gocron.WithStartAt(gocron.WithStartImmediately()))
	if err != nil {
		return err
	}
	s.scheduler.beat.Start()
	return nil
}

// rounds are a year's rounds as they stand now.
func (s *Server) rounds(year int) (list []model.Round) {
	for _, half := range "FE" {
		if r, err := s.book.Round(fmt.Sprintf("%04d%c", year, half)); err == nil {
			list = append(list, r)
		}
	}
	return list
}

// sweep stores what has fallen due, and then makes and sends what is not finished. It is safe to call at any time, and from several goroutines.
func (s *Server) sweep(ctx context.Context) {
	release, err := s.hold() // Close waits for the letter that is on the line
	if err != nil {
		return
	}
	defer release()
	s.scheduler.sweeping.Lock()
	defer s.scheduler.sweeping.Unlock()
	defer func() {
		if x := recover(); x != nil {
			s.log.Error("panic in schedule", "value", x)
		}
	}()
	now := s.now()
	for _, j := range s.schedule.Jobs() {
		if err := s.openDue(j, now); err != nil {
			s.log.Error("schedule", "job", j.ID, "error", err)
		}
	}
	s.scheduler.mailAway = false
	for _, r := range s.schedule.OpenRuns() {
		if ctx.Err() != nil {
			return
		}
		if err := s.advance(ctx, r); err != nil && ctx.Err() == nil {
			s.log.Error("schedule", "run", r.ID(), "error", err)
		}
	}
	if err := s.remind(ctx, now); err != nil && ctx.Err() == nil {
		s.log.Error("reminders", "error", err)
	}
	if err := s.askContacts(ctx, now); err != nil && ctx.Err() == nil {
		s.log.Error("letters to contacts", "error", err)
	}
	if today := model.DateOf(now); today != s.scheduler.pruned {
		s.scheduler.pruned = today
		if n, err := s.schedule.Compact(now.AddDate(0, -s.config.AuditMonths, 0)); err != nil {
			s.log.Error("runs", "error", err)
		} else if n > 0 {
			s.log.Info("runs", "forgotten", n)
		}
		if n, err := s.schedule.Prune(now.AddDate(0, -archiveMonths, 0), now); err != nil {
			s.log.Error("archive", "error", err)
		} else if n > 0 {
			s.log.Info("archive", "runs pruned", n)
		}
	}
}

// waits tells whether a try that failed is to wait for its next one. A time that is further away than any wait is of a clock that was wrong.
func (s *Server) waits(next time.Time) bool {
	left := next.Sub(s.now())
	return left > 0 && left <= backOff[len(backOff)-1]
}

// nextOf is when a job is next due: after its latest run, and never what was due before it was set so, or before the folder was fetched from a backup.
func (s *Server) nextOf(j schedule.Job, now time.Time) nextDue {
	n := nextDue{base: j.Since, version: s.schedule.Version(), hour: now.Unix() / 3600}
	for _, t := range []time.Time{s.schedule.Last(j.ID, now), s.schedule.Restored()} {
		if t.After(n.base) {
			n.base = t
		}
	}
	if known := s.scheduler.next[j.ID]; known.base.Equal(n.base) && known.version == n.version && known.hour == n.hour {
		return known
	}
	n.due, n.ok = j.When.Next(n.base, s.rounds)
	s.scheduler.next[j.ID] = n
	return n
}

// openDue stores the run that a job is due for, if it is. Of several due times that have passed only the latest is made: they would show the same.
func (s *Server) openDue(j schedule.Job, now time.Time) error {
	if j.Paused {
		return nil
	}
	n := s.nextOf(j, now)
	if !n.ok || n.due.After(now) {
		return nil
	}
	due, missed, since := j.When.Missed(n.base, now, s.rounds)
	r, opened, err := s.schedule.OpenRun(schedule.Opening{Job: j.ID, Due: due, Title: j.Title, Owner: j.Owner, Municipality: j.Municipality, Product: j.Product, Question: j.Question,
		Attach: j.Attach, Missed: missed, Since: since}, now)
	if err == nil && opened && (r.Late() || missed > 0) {
		s.log.Warn("schedule", slog.String("run", r.ID()), slog.Duration("late", now.Sub(due).Round(time.Second)), slog.Int("earlier ones not made", missed))
	}
	return err
}
