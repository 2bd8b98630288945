package model

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

func TestRemark(t *testing.T) {
	r, err := NewRemark("  Telefonen var lukket mandag.  \r\n\r\n\r\nDerfor er der få\r\nopkald. \n")
	if err != nil || r.Text != "Telefonen var lukket mandag.\n\n\nDerfor er der få\nopkald." {
		t.Fatalf("%q, %v", r.Text, err)
	}
	if got := r.Paragraphs(); !slices.Equal(got, []string{"Telefonen var lukket mandag.", "Derfor er der få\nopkald."}) {
		t.Errorf("paragraphs %q", got)
	}
	if r, err := NewRemark(" \r\n "); err != nil || r.Text != "" || r.Paragraphs() != nil {
		t.Errorf("nothing became %q, %v", r.Text, err)
	}
	for text, code := range map[string]string{strings.Repeat("å", remarkMost+1): "remark-long", "ring til 010190-1234": "remark-cpr"} {
		var p *Problem
		if _, err := NewRemark(text); !errors.As(err, &p) || p.Code != code || strings.Contains(p.Message, "1234") {
			t.Errorf("%.30s: %v", text, err)
		}
	}
	if _, err := NewRemark(strings.Repeat("å", remarkMost)); err != nil {
		t.Error(err)
	}
}
