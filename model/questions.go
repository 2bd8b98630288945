package model

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The questions on a municipality's digitisation work are the third thing that a coordinator sends in (seed 002 p.6). An operator sets
// the questions of a round, and each municipality hands one set of answers in.

// QuestionKind is how a question is answered. The words are in journals and never change.
type QuestionKind string

const (
	AskYesNo   QuestionKind = "yes-no"
	AskOne     QuestionKind = "one"     // of the options
	AskSeveral QuestionKind = "several" // of the options
	AskNumber  QuestionKind = "number"
	AskText    QuestionKind = "text"
)

// QuestionKinds are all of them with what people call them.
var QuestionKinds = []struct {
	Kind  QuestionKind
	Label string
}{{AskYesNo, "Ja eller nej"}, {AskOne, "Én af flere muligheder"}, {AskSeveral, "Flere af mulighederne"}, {AskNumber, "Et tal"}, {AskText, "Fri tekst"}}

// The two answers of a question of yes or no.
const (
	Yes = "Ja"
	No  = "Nej"
)

// Question of a round. ID names it in answers; it is given once and never used for another question of the round.
type Question struct {
	ID       string       `json:"id"`
	Text     string       `json:"text"`
	Kind     QuestionKind `json:"kind"`
	Options  []string     `json:"options,omitempty"`
	Required bool         `json:"required,omitempty"`
}

// Choices are what may be chosen; nil for a question that is answered in one's own words.
func (q Question) Choices() []string {
	switch q.Kind {
	case AskYesNo:
		return []string{Yes, No}
	case AskOne, AskSeveral:
		return q.Options
	}
	return nil
}

// Questionnaire is the questions of a round, in their order. Given is how many questions it ever had, for the next ID.
type Questionnaire struct {
	Intro     string     `json:"intro,omitempty"`
	Questions []Question `json:"questions"`
	Given     int        `json:"given"`
}

// Answers are a municipality's answers to the questions of a round, by the questions' IDs: choices in words, a number as 12 or 12.5. Until
// they are handed in they are a draft, which no figure takes in.
type Answers struct {
	HandedIn bool                `json:"handed_in"`
	Values   map[string][]string `json:"values"`
}

// Limits of questionnaires and answers (ours).
const (
	MostQuestions   = 60
	mostOptions     = 20
	longestOption   = 120  // characters
	longestQuestion = 500  // characters, of a question and of the introduction
	LongestAnswer   = 2000 // characters
	largestAnswer   = 1e12
)

// Record is how the questions of a round are kept; none take them back.
func (q Questionnaire) Record(round string) (Record, error) {
	if len(q.Questions) == 0 {
		return NewRecord(RecordQuestionnaire, 0, round, "", nil)
	}
	return NewRecord(RecordQuestionnaire, 0, round, "", q)
}

// Record is how the answers of a municipality are kept.
func (a Answers) Record(municipality uint16, round string) (Record, error) {
	return NewRecord(RecordAnswer, municipality, round, "", a)
}

// Check finds what is wrong with the questions. Field is "intro", or "text-", "kind-" or "options-" and the question's place from 0.
func (q Questionnaire) Check() (faults []DeclaredFault) {
	fault := func(field, message string) { faults = append(faults, DeclaredFault{field, message}) }
	if message := badText(q.Intro, longestQuestion); message != "" {
		fault("intro", message)
	}
	if len(q.Questions) > MostQuestions {
		fault("text-"+fmt.Sprint(MostQuestions), fmt.Sprintf("Der er plads til %d spørgsmål.", MostQuestions))
	}
	ids := map[string]bool{}
	for i, one := range q.Questions {
		place := fmt.Sprint(i)
		switch message := badText(one.Text, longestQuestion); {
		case strings.TrimSpace(one.Text) == "":
			fault("text-"+place, fmt.Sprintf("Spørgsmål %d har ingen tekst. Skriv det, eller sæt hak ved Slet.", i+1))
		case message != "":
			fault("text-"+place, message)
		}
		if one.ID == "" || ids[one.ID] {
			fault("text-"+place, fmt.Sprintf("Spørgsmål %d har ikke sit eget nummer. Hent siden igen.", i+1))
		}
		ids[one.ID] = true
		if message := one.badOptions(); message != "" {
			fault("options-"+place, message)
		}
		if !slices.ContainsFunc(QuestionKinds, func(k struct {
			Kind  QuestionKind
			Label string
		}) bool {
			return k.Kind == one.Kind
		}) {
			fault("kind-"+place, "Vælg, hvordan spørgsmålet skal besvares.")
		}
	}
	return faults
}

func (q Question) badOptions() string {
	if q.Kind != AskOne && q.Kind != AskSeveral {
		return ""
	}
	seen := map[string]bool{}
	for _, o := range q.Options {
		if message := badText(o, longestOption); message != "" {
			return message
		}
		if seen[Fold(o)] || Fold(o) == "" {
			return fmt.Sprintf("Muligheden »%s« står to gange.", o)
		}
		seen[Fold(o)] = true
	}
	if len(q.Options) < 2 || len(q.Options) > mostOptions {
		return fmt.Sprintf("Skriv fra 2 til %d muligheder, én på hver linje.", mostOptions)
	}
	return ""
}

// badText says what is wrong with a text: too long, a CPR-shaped value, or what is no text.
func badText(s string, longest int) string {
	switch _, hit := MaskCPR(s, false); {
	case hit:
		return "Der står noget, der ligner et CPR-nummer. Fjern det; personoplysninger hører ikke til her."
	case utf8.RuneCountInString(s) > longest:
		return fmt.Sprintf("Teksten er for lang. Der er plads til %s tegn.", FormatInt(int64(longest)))
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(c rune) bool { return c < ' ' && c != '\n' || c == 0x7f }):
		return "Teksten har tegn, som ikke kan gemmes. Skriv den igen."
	}
	return ""
}

// Read takes an answer as a form has it and gives it as it is kept, nil when there is none. message is Danish, and says what is wrong.
func (q Question) Read(typed []string) (values []string, message string) {
	for _, s := range typed {
		if s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")); s != "" && !slices.Contains(values, s) {
			values = append(values, s)
		}
	}
	if len(values) == 0 {
		return nil, ""
	}
	if q.Kind == AskNumber {
		return q.readNumber(values)
	}
	if message := badText(strings.Join(values, "\n"), LongestAnswer); message != "" {
		return nil, message
	}
	if !q.Fits(values) {
		return nil, "Vælg en af mulighederne."
	}
	if q.Kind == AskSeveral { // as the questions have them, whatever order they came in
		slices.SortFunc(values, func(a, b string) int { return slices.Index(q.Options, a) - slices.Index(q.Options, b) })
	}
	return values, ""
}

func (q Question) readNumber(values []string) ([]string, string) {
	if _, hit := MaskCPR(values[0], false); hit {
		return nil, badText(values[0], LongestAnswer)
	}
	whole, decimals, _ := strings.Cut(strings.ReplaceAll(values[0], "\u00a0", " "), ",")
	groups := strings.FieldsFunc(whole, func(r rune) bool { return r == '.' || r == ' ' })
	for i, g := range groups {
		if i > 0 && len(g) != 3 {
			return nil, "Tallet kan ikke læses. Skriv det som 1234 eller 1.234,5."
		}
	}
	text := strings.Join(groups, "")
	if decimals != "" {
		text += "." + decimals
	}
	x, err := strconv.ParseFloat(text, 64)
	if err != nil || len(values) > 1 || strings.Trim(text, "-.0123456789") != "" {
		return nil, "Tallet kan ikke læses. Skriv det som 1234 eller 1.234,5."
	}
	if x > largestAnswer || x < -largestAnswer {
		return nil, "Tallet er for stort."
	}
	return []string{strconv.FormatFloat(x, 'f', -1, 64)}, ""
}

// Fits tells whether values answer the question as it is now; questions may be changed after the answers came.
func (q Question) Fits(values []string) bool {
	if len(values) == 0 || len(values) > 1 && q.Kind != AskSeveral {
		return false
	}
	switch choices := q.Choices(); {
	case choices != nil:
		return !slices.ContainsFunc(values, func(v string) bool { return !slices.Contains(choices, v) })
	case q.Kind == AskNumber:
		_, err := strconv.ParseFloat(values[0], 64)
		return err == nil
	}
	return true
}

// Of is the answer to a question, nil when there is none that fits it.
func (a Answers) Of(q Question) []string {
	if values := a.Values[q.ID]; q.Fits(values) {
		return values
	}
	return nil
}

// Unanswered are the required questions without an answer that fits.
func (q Questionnaire) Unanswered(a Answers) (list []Question) {
	for _, one := range q.Questions {
		if one.Required && a.Of(one) == nil {
			list = append(list, one)
		}
	}
	return list
}

// AnswerText is an answer as people read it.
func (q Question) AnswerText(values []string) string {
	if q.Kind == AskNumber && len(values) == 1 {
		if x, err := strconv.ParseFloat(values[0], 64); err == nil {
			decimals := 0
			if _, fraction, is := strings.Cut(values[0], "."); is {
				decimals = len(fraction)
			}
			return FormatDecimal(x, decimals)
		}
	}
	return strings.Join(values, "; ")
}
