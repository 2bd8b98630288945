package ingest

import (
	"context"

	"komhen/model"
)

// Many goroutines share a folder. Readers go on at all times; whoever changes something waits for the turn first and has it until
// Commit or Discard, so that uploads queue up in the order they came.

// begin waits for the turn to change the folder. end gives it on, and may be called more than once.
func (f *Folder) begin(ctx context.Context) (end func(), err error) {
	select {
	case <-f.closing: // a free turn must not win over closing
		return nil, errClosing
	default:
	}
	select {
	case f.turn <- struct{}{}:
	case <-f.closing:
		return nil, errClosing
	case <-ctx.Done():
		return nil, &model.Problem{Code: "busy", Message: "Der er mange, der indlæser lige nu, og turen kom ikke til dig. Der er ikke ændret noget; prøv igen om lidt.", Err: ctx.Err()}
	}
	given := false
	return func() {
		if !given {
			given = true
			<-f.turn
		}
	}, nil
}

var errClosing = &model.Problem{Code: "closing", Message: "Programmet er ved at lukke ned. Der er ikke ændret noget; prøv igen om lidt."}

// Close waits for the one who is changing the folder, turns away those who wait, and gives the folder free. Readers must have
// ended before.
func (f *Folder) Close() error {
	var err error
	f.closeOnce.Do(func() {
		close(f.closing)
		f.turn <- struct{}{} // never given on
		err = f.release()
	})
	return err
}
