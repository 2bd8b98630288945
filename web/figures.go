package web

import "context"

// changed tells that contacts have moved: the sums that reports are read from are brought in step beside the requests. A report
// that is asked for meanwhile counts for itself, so it is exact, only slower.
func (s *Server) changed() {
	select {
	case s.moved <- struct{}{}:
	default: // one more turn is waiting already, and will see this change too
	}
}

// keepInStep brings the sums in step at the start and after every change, until the service ends.
func (s *Server) keepInStep(ctx context.Context) {
	for {
		if err := s.folder.Store.RefreshCube(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("sums of figures", "error", err) // reports count for themselves until the next change
		}
		select {
		case <-ctx.Done():
			return
		case <-s.moved:
		}
	}
}
