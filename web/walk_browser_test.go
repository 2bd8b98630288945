package web

import (
	"os"
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
	b.lookOver("/uploads/1/mend")
	b.lookOver("/uploads")
	b.lookOver("/nowhere")
}

// TestMappingPages looks over the pages of a file from another system.
func TestMappingPages(t *testing.T) {
	s := newSite(t, Config{})
	v := s.as(t, account.Coordinator, 259, "")
	content, err := os.ReadFile("../testdata/mappings/queue-system/input.csv")
	if err != nil {
		t.Fatal(err)
	}
	where, _, _ := v.send(nil, map[string][]byte{"koesystem.csv": content})
	v.settle(where)
	b := v.browse()
	b.lookOver(where)
	b.lookOver(where + "/mapping")
	b.lookOver("/profiles")
}
