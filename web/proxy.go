package web

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// behindProxy puts the caller's own address in place of that of a proxy that Config.Proxies names. X-Forwarded-For is read from
// its end, where our own proxy wrote: what stands before the first address that is no proxy of ours was sent by the caller.
func behindProxy(proxies []netip.Prefix, next http.Handler) http.Handler {
	if len(proxies) == 0 {
		return next
	}
	ours := func(a netip.Addr) bool {
		for _, p := range proxies {
			if p.Contains(a.Unmap().WithZone("")) {
				return true
			}
		}
		return false
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		peer, err := netip.ParseAddrPort(r.RemoteAddr)
		if err == nil && ours(peer.Addr()) {
			own := *r // the server's own request keeps its peer
			r = &own
			hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
			for i := len(hops) - 1; i >= 0; i-- {
				hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
				if err != nil {
					break
				}
				r.RemoteAddr = net.JoinHostPort(hop.Unmap().String(), "0")
				if !ours(hop) {
					break
				}
			}
		}
		next.ServeHTTP(w, r)
	})
}
