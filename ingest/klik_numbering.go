package ingest

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// docxNumbering counts the paragraphs of lists: Word stores that a paragraph has a number, not which.
type docxNumbering struct {
	abstract map[string]*[docxLevels]docxLevel
	of       map[string]string           // numId → abstractNumId
	starts   map[string]map[int]int      // numId → level → where it starts over
	counts   map[string]*[docxLevels]int // by abstractNumId; 0: nothing yet
	begun    map[string]bool             // numId

	current, number string
	level           int
}

const docxLevels = 9

type docxLevel struct {
	start        int
	format, text string
}

func newNumbering() *docxNumbering {
	return &docxNumbering{abstract: map[string]*[docxLevels]docxLevel{}, of: map[string]string{}, starts: map[string]map[int]int{},
		counts: map[string]*[docxLevels]int{}, begun: map[string]bool{}}
}

// element reads word/numbering.xml.
func (n *docxNumbering) element(e xml.StartElement, above []string) {
	inside := ""
	if len(above) > 1 {
		inside = above[1]
	}
	value := attribute(e, "val")
	level, err := strconv.Atoi(attribute(e, "ilvl"))
	known := err == nil && level >= 0 && level < docxLevels
	switch e.Name.Local {
	case "abstractNum":
		n.current = attribute(e, "abstractNumId")
		n.abstract[n.current] = &[docxLevels]docxLevel{}
	case "num":
		n.number = attribute(e, "numId")
	case "abstractNumId":
		n.of[n.number] = value
	case "lvl", "lvlOverride":
		n.level = -1
		if known {
			n.level = level
		}
		if inside == "abstractNum" && n.level >= 0 {
			n.abstract[n.current][n.level].start = 1
		}
	case "startOverride":
		if start, err := strconv.Atoi(value); err == nil && n.level >= 0 {
			if n.starts[n.number] == nil {
				n.starts[n.number] = map[int]int{}
			}
			n.starts[n.number][n.level] = start
		}
	}
	if inside != "abstractNum" || n.abstract[n.current] == nil || n.level < 0 {
		return
	}
	l := &n.abstract[n.current][n.level]
	switch e.Name.Local {
	case "start":
		if start, err := strconv.Atoi(value); err == nil {
			l.start = start
		}
	case "numFmt":
		l.format = value
	case "lvlText":
		l.text = value
	}
}

// next is the number of a list's next paragraph, with a space behind it; "" where it has none.
func (n *docxNumbering) next(numID string, level int) string {
	abstract := n.of[numID]
	levels := n.abstract[abstract]
	if levels == nil || level < 0 || level >= docxLevels {
		return ""
	}
	counts := n.counts[abstract]
	if counts == nil {
		counts = &[docxLevels]int{}
		n.counts[abstract] = counts
	}
	if !n.begun[numID] {
		n.begun[numID] = true
		for l, start := range n.starts[numID] {
			counts[l] = start - 1
			if start == 1 {
				counts[l] = 0
			}
		}
	}
	step := func(l int) {
		if counts[l] == 0 {
			counts[l] = levels[l].start - 1
		}
		counts[l]++
	}
	step(level)
	for l := level + 1; l < docxLevels; l++ {
		counts[l] = 0
	}
	if levels[level].format == "bullet" {
		return "· "
	}
	text := levels[level].text
	for l := 0; l <= level; l++ {
		if counts[l] == 0 {
			step(l)
		}
		text = strings.ReplaceAll(text, fmt.Sprintf("%%%d", l+1), ordinal(counts[l], levels[l].format))
	}
	if text == "" || levels[level].format == "none" {
		return ""
	}
	return text + " "
}

// ordinal writes a number as Word's formats do.
func ordinal(n int, format string) string {
	switch format {
	case "lowerLetter", "upperLetter":
		if n < 1 || n > 26*50 {
			return strconv.Itoa(n)
		}
		first := 'a'
		if format == "upperLetter" {
			first = 'A'
		}
		return strings.Repeat(string(first+rune((n-1)%26)), (n-1)/26+1)
	case "lowerRoman":
		return strings.ToLower(roman(n))
	case "upperRoman":
		return roman(n)
	}
	return strconv.Itoa(n)
}

func roman(n int) string {
	if n < 1 || n > 3999 {
		return strconv.Itoa(n)
	}
	var b strings.Builder
	for _, r := range []struct {
		value int
		sign  string
	}{{1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"}, {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} {
		for n >= r.value {
			b.WriteString(r.sign)
			n -= r.value
		}
	}
	return b.String()
}
