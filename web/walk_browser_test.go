package web

import (
	"testing"

	"komhen/web/account"
)

// TestUploadPages looks over the pages an upload passes through.
func TestUploadPages(t *testing.T) {
	s := newSite(t, Config{})
	v := s.as(t, account.Coordinator, 259, "")
	b := v.browse()
	b.lookOver("/uploads")
	where, _, _ := v.send(nil, map[string][]byte{"1-registreringer.csv": walkFile(t, "1-registreringer.csv")})
	v.settle(where)
	b.lookOver(where)
	v.post(where+"/load", nil)
	v.settle(where)
	b.lookOver("/uploads/1")
	b.lookOver("/uploads")
	b.lookOver("/nowhere")
}
