package model

import (
	"errors"
	"io"
	"testing"
)

func TestProblem(t *testing.T) {
	p := &Problem{Code: "cut-off", Message: "Filen slutter midt i en række.", Err: io.ErrUnexpectedEOF}
	if !errors.Is(p, io.ErrUnexpectedEOF) || p.Error() != "cut-off: unexpected EOF" {
		t.Errorf("got %v", p)
	}
	if got := (&Problem{Code: "a", Message: "Nej."}).Error(); got != "a: Nej." {
		t.Errorf("got %q", got)
	}
}
