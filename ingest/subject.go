package ingest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/text/encoding/charmap"

	"komhen/model"
)

// readSubject judges the text of an opgave cell: a KLE number, what is wrong with it, and what Excel may have done to it.
func (c *checker) readSubject(text string) subject {
	if k, ok := model.ParseKLE(text); ok {
		s := subject{kle: k, known: c.listed(k), place: slices.IndexFunc(c.book.Subjects, func(s model.Subject) bool { return s.KLE == k })}
		if !s.known && len(c.kle) > 0 {
			s.why = "står hverken i KL's emneplan eller i en opgavepakke"
		}
		return s
	}
	if strings.HasPrefix(text, untranslated) {
		return subject{why: "står ikke i profilens oversættelse"}
	}
	s := subject{why: "er ikke et KLE-nummer på formen NN.NN.NN"}
	if deeper.MatchString(text) {
		s.why = "er dybere end NN.NN.NN. Der kan ikke måles på et lavere niveau; brug en lokal parameter"
		return s
	}
	s.mend, s.harm = c.mendSubject(text)
	return s
}

// listed tells whether a number stands in a package or in KL's imported tree.
func (c *checker) listed(k model.KLE) bool {
	if c.book.Subject(k) != nil {
		return true
	}
	_, ok := c.kle[k]
	return ok
}

var (
	deeper   = regexp.MustCompile(`^\d\d\.\d\d\.\d\d(\.\d+)+$`)
	asDate   = regexp.MustCompile(`^(\d{1,2})[-/.](\d{1,2})[-/.](?:19|20)?(\d\d)(?: .*)?$`)
	stripped = regexp.MustCompile(`^(\d{1,2})[.,](\d{1,2})(?:[.,](\d{1,2}))?$`)
	exponent = regexp.MustCompile(`^\d([.,]\d+)?[eE]\+?\d+$`)
)

// mendSubject recognises what Excel does to KLE numbers (W08). mend is the number it was, only where one listed number fits.
func (c *checker) mendSubject(text string) (mend, harm string) {
	if exponent.MatchString(text) {
		return "", "et tal, som regnearket har skrevet med eksponent"
	}
	var candidates []model.KLE
	add := func(parts ...string) {
		if k, ok := model.ParseKLE(strings.Join(parts, ".")); ok && c.listed(k) {
			candidates = append(candidates, k)
		}
	}
	two := func(s string) []string {
		if len(s) == 2 {
			return []string{s}
		}
		return []string{"0" + s, s + "0"} // a leading zero lost, or a trailing one
	}
	if m := stripped.FindStringSubmatch(text); m != nil {
		harm = "et KLE-nummer, der har mistet nuller"
		for _, a := range two(m[1])[:1] {
			for _, b := range two(m[2]) {
				if m[3] == "" {
					add(a, b)
					continue
				}
				for _, d := range two(m[3]) {
					add(a, b, d)
				}
			}
		}
	} else if m := asDate.FindStringSubmatch(text); m != nil {
		harm = "et KLE-nummer, som regnearket har gjort til en dato"
		add(two(m[1])[0], two(m[2])[0], m[3])
		if len(m[1]) == 2 && m[1] == "01" {
			add(two(m[2])[0], m[3]) // month and year: 23.05 became 01-05-2023 in some versions
		}
	}
	if len(candidates) == 1 {
		return candidates[0].String(), harm
	}
	return "", harm
}

func windows1252Byte(r rune) (byte, bool) { return charmap.Windows1252.EncodeRune(r) }

// checkFix reads the trailing columns of a fix-it row: which line of which upload it mends (R15).
func (c *checker) checkFix(cells []string) {
	for _, is := range []parameter{pFixUpload, pFixLine, pFixFault, pFixProposal} {
		if i := c.plan.at[is]; i >= 0 {
			c.search(cells, i)
		}
	}
	text, _ := c.cell(cells, pFixUpload)
	if text != fmt.Sprint(c.fix.upload) {
		c.add("R15", pFixUpload, cells, fmt.Sprintf("filen hører til indmelding %d", c.fix.upload), "")
		return
	}
	line, _ := c.cell(cells, pFixLine)
	n := num(line, 0, len(line))
	if len(line) == 0 || len(line) > 10 || n < 0 || !c.fix.lines[int64(n)] {
		line, _ = model.MaskCPR(show(line), false)
		c.add("R15", pFixLine, cells, fmt.Sprintf("indmelding %d har ingen afvist række på linje %s", c.fix.upload, line), "")
		return
	}
	c.row.BagLine = uint32(n)
}
