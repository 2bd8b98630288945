package web

import (
	"net"
	"net/http"

	"komhen/web/audit"
)

// addressOf is where a request came from. Behind a proxy it is the proxy's address, which tells little; a header that anybody can
// write is worth less.
func addressOf(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// record writes who did what to the log. A log that cannot be written is told to those who run the service; what was done is done.
func (s *Server) record(v Viewer, address, action string, municipality uint16, object string) {
	err := s.audit.Append(audit.Record{At: s.now(), Actor: v.ID(), Municipality: municipality, Action: action, Object: object, Address: address})
	if err != nil {
		s.log.Error("audit log", "action", action, "error", err)
	}
}
