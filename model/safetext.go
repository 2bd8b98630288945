package model

import (
	"regexp"
	"strings"
)

// formulaStart matches text that a spreadsheet would take for a formula when it opens a csv file.
var (
	formulaStart = regexp.MustCompile("^[ \u00a0]*[=+\\-@\t\r\n＝＋－＠]")
	plainNumber  = regexp.MustCompile(`^-\d+([.,]\d+)*$`)
)

// SafeText makes a text cell harmless in a spreadsheet: text that would be read as a formula gets an apostrophe in front. So
// does text that already has apostrophes before such a beginning, so that UnsafeText is exact: UnsafeText(SafeText(s)) == s for
// every s. Negative numbers are left alone.
func SafeText(s string) string {
	if risky(s) {
		return "'" + s
	}
	return s
}

// UnsafeText takes away the apostrophe that SafeText put there.
func UnsafeText(s string) string {
	if strings.HasPrefix(s, "'") && risky(s[1:]) {
		return s[1:]
	}
	return s
}

func risky(s string) bool {
	core := strings.TrimLeft(s, "'")
	return formulaStart.MatchString(core) && !plainNumber.MatchString(core)
}

// LooksLikeFormula tells whether a spreadsheet that opens a csv file would read the text as a formula.
func LooksLikeFormula(s string) bool { return formulaStart.MatchString(s) }
