package workbook

import (
	"bytes"
	"fmt"
	"strings"

	"komhen/model"
)

// maskWith masks every CPR-shaped value in full, with another character than * where * would mean something.
func maskWith(text string, star byte) (string, bool) {
	masked, hit := model.MaskCPR(text, false)
	if !hit || star == '*' {
		return masked, hit
	}
	b := []byte(masked)
	for i := range b {
		if b[i] != text[i] {
			b[i] = star
		}
	}
	return string(b), true
}

// safeSheetName masks the name of a sheet. Excel allows no * in it, and no two names that are the same.
func safeSheetName(name string, taken map[string]bool) string {
	safe, hit := maskWith(name, 'x')
	if hit {
		base := safe
		for n := 2; taken[strings.ToLower(safe)]; n++ {
			safe = fmt.Sprintf("%s (%d)", base, n)
		}
	}
	taken[strings.ToLower(safe)] = true
	return safe
}

// formulas are the elements whose text Excel parses: a masked number in them must still be a name.
var formulas = map[string]bool{
	"f": true, "formula": true, "formula1": true, "formula2": true, "definedName": true, "calculatedColumnFormula": true,
	"totalsRowFormula": true, "oldFormula": true,
}

// textStar is what a masked digit becomes in the text token at hand: x in formulas, 0 in the numbers that charts and links to
// other workbooks remember, * elsewhere.
func textStar(s *scanner) byte {
	in := string(local(s.open[s.openFrom():]))
	switch {
	case formulas[in]:
		return 'x'
	case in == "v" && (bytes.Contains(s.open, []byte("numCache")) || bytes.Contains(s.open, []byte("numLit")) ||
		bytes.Contains(s.open, []byte("sheetData"))):
		return '0'
	}
	return '*'
}

// structural attributes hold numbers that are places, sizes and ids; some have ten digits, such as the axes of a chart.
var structural = map[string]bool{
	"val": true, "id": true, "idx": true, "spid": true, "shapeId": true, "x": true, "y": true, "cx": true, "cy": true, "dx": true,
	"dy": true, "w": true, "h": true, "l": true, "t": true, "r": true, "b": true, "s": true, "off": true, "pos": true,
	"count": true, "uniqueCount": true, "sheetId": true, "cacheId": true, "dxfId": true, "xfId": true, "numFmtId": true,
	"rupBuild": true, "calcId": true, "lastEdited": true, "lowestEdited": true, "shadeid": true, "rgb": true, "crc": true,
}

// numeric attributes remember numbers of cells, and must stay numbers.
var numeric = map[string]bool{"n v": true, "sharedItems minValue": true, "sharedItems maxValue": true}

// cellLike attributes repeat the text of a cell, and are masked as it is.
var cellLike = map[string]bool{
	"tableColumn name": true, "cacheField name": true, "cacheField caption": true, "s v": true, "filter val": true,
	"customFilter val": true,
}

// maskAttr masks the value of an attribute of a part that is no cell.
func maskAttr(element, name, value string) (masked string, hit bool) {
	key := element + " " + name
	switch {
	case isGUID(value):
		return value, false
	case structural[name] && !cellLike[key] && strings.Trim(value, "-0123456789") == "" && strings.LastIndexByte(value, '-') < 1:
		return value, false
	case numeric[key]:
		return maskWith(value, '0')
	case cellLike[key]:
		return maskWith(value, '*')
	}
	return maskWith(value, 'x')
}

// isGUID tells whether a value is a {8-4-4-4-12} of hexadecimal digits: ids that Excel makes up.
func isGUID(s string) bool {
	s = strings.TrimSuffix(strings.TrimPrefix(s, "{"), "}")
	if len(s) != 36 {
		return false
	}
	for i := 0; i < len(s); i++ {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if s[i] != '-' {
				return false
			}
		} else if hexDigit(s[i]) < 0 {
			return false
		}
	}
	return true
}
