package model

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Remark is what a coordinator writes in a chapter of the round report (inventory §19: every chart carries remarks). Its record's
// key is the chapter.
type Remark struct {
	Text string `json:"text"` // paragraphs, with an empty line between
}

// remarkMost is how many characters a remark may have: about a page.
const remarkMost = 4000

// NewRemark reads a remark as it was written: line ends and blanks at the ends are evened out. A *Problem when it is too long or holds
// what looks like a CPR number. An empty one has no text.
func NewRemark(text string) (Remark, error) {
	lines := strings.Split(strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(text), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t")
	}
	r := Remark{strings.TrimSpace(strings.ToValidUTF8(strings.Join(lines, "\n"), ""))}
	if n := utf8.RuneCountInString(r.Text); n > remarkMost {
		return Remark{}, &Problem{Code: "remark-long", Message: fmt.Sprintf("Bemærkningen er på %s tegn, og der er plads til %s. Kort den ned, og gem igen.", FormatInt(int64(n)), FormatInt(remarkMost))}
	}
	if _, hit := MaskCPR(r.Text, false); hit {
		return Remark{}, &Problem{Code: "remark-cpr", Message: "Bemærkningen indeholder noget, der ligner et CPR-nummer. Den er ikke gemt. Fjern nummeret, og gem igen."}
	}
	return r, nil
}

// Paragraphs are the text's parts between empty lines.
func (r Remark) Paragraphs() (list []string) {
	for p := range strings.SplitSeq(r.Text, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			list = append(list, p)
		}
	}
	return list
}
