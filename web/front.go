package web

import "net/http"

// frontPage answers at a glance.
func (s *Server) frontPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.page(w, r, v, "front", nil)
}
