// Package schedule keeps what is to be made and sent on a calendar: jobs and when they are due, their runs, and the archive of what was made.
// Jobs and the wishes of those who stopped their mail stand in schedule.json, replaced whole; runs in runs.jsonl, which only grows; files in archive/. All
// of it lies in the data folder and governs no figure, so neither the journal nor the database knows it: a rebuild must not send last week's mail again.
//
// Danger: a run is one (job, due time), and there is never another. Open stores it before any work starts, and a letter is noted as being sent before its
// last byte leaves. What a crash cut off there is "may have been sent" for ever: nothing in here may make it "waiting" again.
// Only the process that holds the data folder's lock may open a Book.
package schedule
