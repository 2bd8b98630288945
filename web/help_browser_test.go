package web

import "testing"

// TestHelpInBrowser looks over the help as anybody sees it.
func TestHelpInBrowser(t *testing.T) {
	s := newSite(t, Config{})
	b := s.visit(t).browse()
	for _, path := range append(helpPaths(), "/help/codebook?q=pas", "/help/codebook?q=findesikke", "/help/rules#R05") {
		b.lookOver(path)
	}
}
