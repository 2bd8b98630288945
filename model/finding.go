package model

import (
	"strings"
	"unicode"
)

// Severity of a rule: File stops the whole file, Error rejects the row, Warning only tells.
type Severity string

const (
	File    Severity = "file"
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Rule is one line of the published rule table (codebook §4). Message and Remedy are Danish and may hold {column},
// {value}, {detail} and {proposal}, filled in from a Finding.
type Rule struct {
	ID       string
	Severity Severity
	Title    string // a few words, for headings and lists
	Message  string // what is wrong, with placeholders
	Empty    string // the message when the cell is empty, where that reads better; may be ""
	Remedy   string // what to do next, with placeholders
}

// Finding is one rule met at one place of an upload. Line is the physical line of the file as received (1 is the first),
// Record the row number a spreadsheet shows; both are 0 where a finding concerns the whole upload.
// Value is the cell as written, with CPR-shaped digits masked; it never holds a person's number.
type Finding struct {
	Rule     string
	Severity Severity
	Line     int64
	Record   int64
	Column   string // as the file's header writes it
	Value    string
	Detail   string // what the message's {detail} becomes: a count, a list, the nearest match
	Proposal string // the mended value, only where there is one
}

// placeholders takes the known placeholders away, so that Index sees the unknown ones.
var placeholders = strings.NewReplacer("{column}", "", "{value}", "", "{detail}", "", "{proposal}", "")

// MessageOf is the Danish sentence of a finding: what is wrong, then what to do.
func (c *Codebook) MessageOf(f Finding) string {
	rule := c.Rule(f.Rule)
	if rule == nil {
		return f.Rule
	}
	message := rule.Message
	if strings.TrimSpace(f.Value) == "" && rule.Empty != "" {
		message = rule.Empty
	}
	text := f.fill(message)
	if f.Proposal != "" && !strings.Contains(message, "{proposal}") && !strings.Contains(rule.Remedy, "{proposal}") {
		text += " Mener du " + f.Proposal + "?"
	}
	if rule.Remedy != "" {
		text += " " + f.fill(rule.Remedy)
	}
	return squeezed(text)
}

// squeezed is a text with single spaces between its words. Nearly all texts are already, and splitting each of a million would cost.
func squeezed(text string) string {
	before := ' '
	for _, r := range text {
		if r > ' ' && r < 0x7f {
			before = r
			continue
		}
		if unicode.IsSpace(r) && (r != ' ' || before == ' ') {
			return strings.Join(strings.Fields(text), " ")
		}
		before = r
	}
	return strings.TrimSuffix(text, " ")
}

// fill puts the finding into a sentence. (A strings.Replacer would be made anew for each of a million findings.)
func (f *Finding) fill(sentence string) string {
	var b strings.Builder
	b.Grow(len(sentence) + len(f.Column) + len(f.Value) + len(f.Detail) + len(f.Proposal))
	for {
		before, rest, open := strings.Cut(sentence, "{")
		name, after, closed := strings.Cut(rest, "}")
		b.WriteString(before)
		switch {
		case !open:
			return b.String()
		case closed && name == "column":
			b.WriteString(f.Column)
		case closed && name == "value":
			b.WriteString(f.Value)
		case closed && name == "detail":
			b.WriteString(f.Detail)
		case closed && name == "proposal":
			b.WriteString(f.Proposal)
		default: // a brace of the sentence's own
			b.WriteByte('{')
			after = rest
		}
		sentence = after
	}
}

// Kind tells where rows come from, and with it whether NULL is allowed (codebook §4).
type Kind string

const (
	Registration Kind = "registration" // typed in a registration tool: every parameter is mandatory
	System       Kind = "system"       // an extract of another system: an explicit NULL is accepted
)

// Receipt is the outcome of one upload. Records = Header + Blank + Accepted + Rejected + Withheld always holds; they
// count records (rows as a spreadsheet shows them). Contacts is what the accepted rows amount to, with antal.
type Receipt struct {
	Upload       uint32 // 0 when nothing was loaded (dry run, file fault, --strict)
	Bag          uint32 // the upload whose bag the rows belong to; differs from Upload for a fix-it file
	File         string
	SHA256       string // of the file as it came
	KeptSHA256   string // of the copy that is kept; differs only where CPR-shaped cells were masked
	Size         int64  // bytes as it came
	Municipality uint16 // 0 for a national file
	Source       string
	Kind         Kind
	Test         bool
	Round        string // the round most accepted rows lie in; "" outside every round
	First, Last  Date   // period of the accepted and withheld rows
	Format       string // "csv" or "xlsx"
	Encoding     string
	Delimiter    string
	Sheet        string
	Layout       string // what the header was recognised as, for people

	Records, Header, Blank, Accepted, Rejected, Withheld, Contacts, Warnings int64
	Corrections                                                              int64 // accepted rows that replaced an earlier row with the same kilde_id
}

// DelimiterWord is the delimiter's name in Danish; of one without a name, the character itself.
func (r Receipt) DelimiterWord() string {
	switch r.Delimiter {
	case ";":
		return "semikolon"
	case ",":
		return "komma"
	case "\t":
		return "tabulator"
	}
	return r.Delimiter
}

// Balanced tells whether every record is accounted for (rule F04).
func (r Receipt) Balanced() bool {
	return r.Records == r.Header+r.Blank+r.Accepted+r.Rejected+r.Withheld
}
