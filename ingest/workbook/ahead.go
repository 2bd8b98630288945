package workbook

import "io"

// ahead inflates a sheet on a goroutine of its own while the caller scans what is there: the two take about the same time.
type ahead struct {
	rc   io.ReadCloser
	full chan piece
	free chan []byte
	stop chan struct{}
	done chan struct{}
	now  []byte // the piece at hand, to go back to free
	left []byte // what is left of it
	err  error
}

type piece struct {
	data []byte
	err  error
}

const (
	pieceSize  = 64 << 10
	pieces     = 4
	aheadFloor = 1 << 20 // a small sheet is not worth a goroutine
)

func newAhead(rc io.ReadCloser) *ahead {
	a := &ahead{rc: rc, full: make(chan piece, pieces), free: make(chan []byte, pieces), stop: make(chan struct{}), done: make(chan struct{})}
	for range pieces {
		a.free <- make([]byte, pieceSize)
	}
	go a.run()
	return a
}

func (a *ahead) run() {
	defer close(a.done)
	for {
		var buf []byte
		select {
		case buf = <-a.free:
		case <-a.stop:
			return
		}
		n, err := 0, error(nil)
		for n < len(buf) && err == nil {
			var m int
			m, err = a.rc.Read(buf[n:])
			n += m
		}
		a.full <- piece{buf[:n], err} // never blocks: there are no more pieces than places
		if err != nil {
			return
		}
	}
}

func (a *ahead) Read(p []byte) (int, error) {
	for len(a.left) == 0 {
		if a.err != nil {
			return 0, a.err
		}
		if a.now != nil {
			a.free <- a.now
			a.now = nil
		}
		next := <-a.full
		a.now, a.left, a.err = next.data[:cap(next.data)], next.data, next.err
	}
	n := copy(p, a.left)
	a.left = a.left[n:]
	return n, nil
}

// Close waits for the goroutine, which may be reading from the caller's file.
func (a *ahead) Close() error {
	close(a.stop)
	<-a.done
	return a.rc.Close()
}
