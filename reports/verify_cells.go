package reports

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"io"
	"path"
	"sort"
	"strconv"
	"strings"
)

// cellDigests holds a digest of the cells of each sheet of a package, and one of the sheets' names, order and visibility.
//
// The parts are read one element at a time, and no cell is looked up by its address: a workbook made to harm cannot make
// this use more memory than it takes itself.
type cellDigests struct {
	names  []string
	sheets map[string]string
	layout string
}

func digestCells(parts []part) (cellDigests, error) {
	d := cellDigests{sheets: map[string]string{}}
	data := map[string][]byte{}
	for _, p := range parts {
		data[p.name] = p.data
	}
	var book struct {
		Sheets []struct {
			Name  string     `xml:"name,attr"`
			State string     `xml:"state,attr"`
			Attrs []xml.Attr `xml:",any,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := xml.Unmarshal(data["xl/workbook.xml"], &book); err != nil {
		return d, fmt.Errorf("xl/workbook.xml: %w", err)
	}
	var rels struct {
		Relationships []struct {
			ID     string `xml:"Id,attr"`
			Target string `xml:"Target,attr"`
		} `xml:"Relationship"`
	}
	if err := xml.Unmarshal(data["xl/_rels/workbook.xml.rels"], &rels); err != nil {
		return d, fmt.Errorf("xl/_rels/workbook.xml.rels: %w", err)
	}
	targets := map[string]string{}
	for _, r := range rels.Relationships {
		targets[r.ID] = path.Join("xl", r.Target)
		if strings.HasPrefix(r.Target, "/") {
			targets[r.ID] = r.Target[1:]
		}
	}
	texts, err := sharedTexts(data["xl/sharedStrings.xml"])
	if err != nil {
		return d, fmt.Errorf("xl/sharedStrings.xml: %w", err)
	}
	layout := sha256.New()
	for _, s := range book.Sheets {
		id := ""
		for _, a := range s.Attrs {
			if a.Name.Local == "id" {
				id = a.Value
			}
		}
		sheet, there := data[targets[id]]
		if !there {
			return d, fmt.Errorf("the sheet %q has no part", s.Name)
		}
		sum, err := digestSheet(sheet, texts)
		if err != nil {
			return d, fmt.Errorf("%s: %w", targets[id], err)
		}
		d.names = append(d.names, s.Name)
		d.sheets[s.Name] = sum
		fmt.Fprintf(layout, "%q %t\n", s.Name, s.State == "" || s.State == "visible")
	}
	d.layout = hex.EncodeToString(layout.Sum(nil))
	return d, nil
}

// textSum stands for a text in a sheet's digest, so that a long text is read once, however many cells hold it.
func textSum(s string) string {
	sum := sha256.Sum256([]byte(s))
	return string(sum[:])
}

// sharedTexts reads the texts that cells refer to by number, as their sums.
func sharedTexts(data []byte) ([]string, error) {
	if len(data) == 0 {
		return nil, nil
	}
	var sums []string
	var text strings.Builder
	phonetic, reading := 0, false
	in := xml.NewDecoder(bytes.NewReader(data))
	for {
		token, err := in.Token()
		if err == io.EOF {
			return sums, nil
		}
		if err != nil {
			return nil, err
		}
		switch x := token.(type) {
		case xml.StartElement:
			switch x.Name.Local {
			case "si":
				text.Reset()
			case "rPh":
				phonetic++
			case "t":
				reading = phonetic == 0
			}
		case xml.EndElement:
			switch x.Name.Local {
			case "si":
				sums = append(sums, textSum(text.String()))
			case "rPh":
				phonetic--
			case "t":
				reading = false
			}
		case xml.CharData:
			if reading {
				text.Write(x)
			}
		}
	}
}

// digestSheet reads cells in the order of their addresses as written. Numbers count to 12 digits and blank cells not at all,
// so that another program's way of writing the same cells gives the same digest.
func digestSheet(data []byte, texts []string) (string, error) {
	var lines []string // a cell each: programs may leave blank cells out, but the order is the file format's own
	var ref, kind string
	var value, formula strings.Builder
	var into *strings.Builder
	in := xml.NewDecoder(bytes.NewReader(data))
	for {
		token, err := in.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", err
		}
		switch x := token.(type) {
		case xml.StartElement:
			switch x.Name.Local {
			case "c":
				ref, kind = "", ""
				value.Reset()
				formula.Reset()
				for _, a := range x.Attr {
					switch a.Name.Local {
					case "r":
						ref = a.Value
					case "t":
						kind = a.Value
					}
				}
			case "v", "t":
				into = &value
			case "f":
				into = &formula
				formula.WriteByte('=') // a shared formula may have no text of its own
			}
		case xml.EndElement:
			switch x.Name.Local {
			case "v", "t", "f":
				into = nil
			case "c":
				if line := cellLine(ref, kind, value.String(), formula.String(), texts); line != "" {
					lines = append(lines, line)
				}
			}
		case xml.CharData:
			if into != nil {
				into.Write(x)
			}
		}
	}
	sort.Strings(lines)
	h := sha256.New()
	for _, line := range lines {
		io.WriteString(h, line)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// cellLine is a cell as it enters the digest, "" for a blank one.
func cellLine(ref, kind, value, formula string, texts []string) string {
	if value == "" && formula == "" {
		return ""
	}
	switch kind {
	case "", "n":
		kind, value = "number", canonicalNumber(value)
	case "s":
		at, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil || at < 0 || at >= len(texts) {
			return fmt.Sprintf("%q broken %q\n", ref, value)
		}
		if texts[at] == textSum("") && formula == "" {
			return ""
		}
		kind, value = "text", texts[at]
	case "str", "inlineStr":
		kind, value = "text", textSum(value)
	}
	return fmt.Sprintf("%q %s %q %q\n", ref, kind, value, formula)
}

// canonicalNumber writes a number with 12 digits, by way of 15: some programs keep 15 only, and rounding what they keep must
// give what rounding the whole number gives.
func canonicalNumber(value string) string {
	for _, digits := range []int{15, 12} {
		x, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return value
		}
		value = strconv.FormatFloat(x, 'g', digits, 64)
	}
	return value
}

// readSeal reads our properties among the document's own.
func readSeal(parts []part) map[string]string {
	seal := map[string]string{}
	for _, p := range parts {
		if p.name != customPart {
			continue
		}
		var custom struct {
			Properties []struct {
				Name string `xml:"name,attr"`
				Text string `xml:"lpwstr"`
			} `xml:"property"`
		}
		if xml.Unmarshal(p.data, &custom) != nil {
			continue
		}
		for _, property := range custom.Properties {
			if strings.HasPrefix(property.Name, "komhen.") {
				seal[property.Name] = property.Text
			}
		}
	}
	return seal
}
