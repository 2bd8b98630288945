package model

import (
	"regexp"
	"strconv"
	"strings"
)

var klikTitle = regexp.MustCompile(`(?s)^\s*\(\s*(\S(?:[^()]*?\S)?)[\s\[]+(\d{1,6})\s*\]?\s*\)\s*(.*?)\s*$`)

// ParseKlikTitle reads the prefix, the number and the sentence of a title "(Kontakt 1) Fastlæg …" (KL01). ok is false for another form.
func ParseKlikTitle(title string) (prefix string, number int, sentence string, ok bool) {
	m := klikTitle.FindStringSubmatch(title)
	if m == nil {
		return "", 0, strings.TrimSpace(title), false
	}
	number, err := strconv.Atoi(m[2])
	return strings.Join(strings.Fields(m[1]), " "), number, m[3], err == nil
}

var klikMentions = regexp.MustCompile(`[(”“"»]\s*([^()”“"«»\n]*?\S\s+\d{1,6})\s*[)”“"«]`)

var klikShort = regexp.MustCompile(`^\s*(\S(?:[^()]*?\S)?)\s+(\d{1,6})\s*$`)

// IsKlikShortName tells whether a text has the form of a task's short name, "Kontakt 1".
func IsKlikShortName(text string) bool { return klikShort.MatchString(text) }

// parseKlikReference reads "Kontakt 1" or a title that begins with it in parentheses.
func parseKlikReference(text string) (prefix string, number int, ok bool) {
	if m := klikShort.FindStringSubmatch(text); m != nil {
		number, err := strconv.Atoi(m[2])
		return strings.Join(strings.Fields(m[1]), " "), number, err == nil
	}
	prefix, number, _, ok = ParseKlikTitle(text)
	return prefix, number, ok
}

// KlikReferences reads which tasks a text mentions: short names in parentheses or quotes ("Kontakt 2"), or else each line or part
// between semicolons as one reference.
func KlikReferences(text string) (references []string) {
	for _, m := range klikMentions.FindAllStringSubmatch(text, -1) {
		references = append(references, strings.Join(strings.Fields(m[1]), " "))
	}
	if references != nil {
		return references
	}
	for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == ';' || r == '|' }) {
		if part = strings.TrimSpace(part); part != "" {
			references = append(references, part)
		}
	}
	return references
}

const (
	klikNobody = `(?:kommunen|kommunerne|kommuner|forvaltningen|forvaltningerne|borgerservice|systemadministratoren|systemadministrator|brugeren|brugerne)`
	klikDuty   = `(?:skal|bør|må|kan|har)`
)

// klikThird finds text that speaks of its reader instead of to it. A role with its system's name ("KP-systemadministrator skal") is
// precise, and seed 001 uses it itself.
var klikThird = regexp.MustCompile(`(?i)(?:^|[^\pL\pN-])(` + klikNobody + `\s+(?:selv\s+|også\s+|derfor\s+|altid\s+)?` + klikDuty + `|(?:skal|bør|må)\s+` + klikNobody + `)(?:$|[^\pL\pN-])`)

// KlikWording finds what is not written to the reader (KL11): "kommunen skal" instead of "du skal" or "I skal". What stands in quotes is
// quoted and left alone.
func KlikWording(text string) (places []string) {
	for _, m := range klikThird.FindAllStringSubmatch(withoutQuotes(text), -1) {
		places = append(places, strings.Join(strings.Fields(m[1]), " "))
	}
	return places
}

var klikQuotes = regexp.MustCompile(`[”“"»][^”“"«»\n]*[”“"«]`)

func withoutQuotes(text string) string { return klikQuotes.ReplaceAllString(text, "“ ”") }

// KlikMessageMark begins a message that municipalities are notified of (KL10, seed 001).
const KlikMessageMark = "#besked"

var klikStartWord = regexp.MustCompile(`(?i)start|begynd|gå\s+i\s+gang|går\s+i\s+gang|nu\b|allerede`)

// KlikMessageFault says what a message to the municipalities of a task lacks; "" for a good one (KL10).
func KlikMessageFault(text string) string {
	switch {
	case !KlikTells(text):
		return "begynder ikke med " + KlikMessageMark
	case !klikStartWord.MatchString(text):
		return "siger ikke, hvornår opgaven kan startes"
	}
	return ""
}

var klikAddress = regexp.MustCompile(`[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+`)

// HasMailAddress tells whether a text holds something that mail can be sent to (KL12).
func HasMailAddress(text string) bool { return klikAddress.MatchString(text) }

var klikDeadlineWord = regexp.MustCompile(`(?i)frist|senest|inden\s|deadline|\d{1,2}[-./]\d{1,2}[-./]\d{4}`)

// KlikMessageLacks is everything that a message to the municipalities of a task lacks, each as the end of "Beskeden …" (KL10). Stricter than
// KlikMessageFault, which only warns of what a file brings: a message written here is not sent before it names its deadline too.
func KlikMessageLacks(text string) (lacks []string) {
	if !KlikTells(text) {
		lacks = append(lacks, "begynder ikke med "+KlikMessageMark)
	}
	if !klikStartWord.MatchString(text) {
		lacks = append(lacks, "siger ikke, hvornår opgaven kan startes")
	}
	if !klikDeadlineWord.MatchString(text) {
		lacks = append(lacks, "nævner ingen frist")
	}
	return lacks
}

// KlikTells tells whether municipalities are told of a message: only of one that begins with the mark (KL10).
func KlikTells(text string) bool {
	return strings.HasPrefix(strings.ToLower(strings.TrimSpace(text)), KlikMessageMark)
}
