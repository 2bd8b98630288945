package model

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestReadAnswers: how an answer may be written, and how it is kept.
func TestReadAnswers(t *testing.T) {
	one := Question{Kind: AskOne, Options: []string{"Borgerservice", "It"}}
	several := Question{Kind: AskSeveral, Options: []string{"A", "B", "C"}}
	for _, c := range []struct {
		q     Question
		typed []string
		kept  string
		wrong bool
	}{
		{Question{Kind: AskYesNo}, []string{"Ja"}, "Ja", false}, {Question{Kind: AskYesNo}, []string{"ja"}, "", true}, {Question{Kind: AskYesNo}, []string{"Ja", "Nej"}, "", true},
		{one, []string{" It "}, "It", false}, {one, []string{"Andet"}, "", true}, {one, nil, "", false}, {one, []string{""}, "", false},
		{several, []string{"C", "A", "C"}, "A|C", false}, {several, []string{"A", "D"}, "", true},
		{Question{Kind: AskNumber}, []string{"1.234,5"}, "1234.5", false}, {Question{Kind: AskNumber}, []string{"12"}, "12", false}, {Question{Kind: AskNumber}, []string{"-3"}, "-3", false},
		{Question{Kind: AskNumber}, []string{"12.5"}, "", true}, {Question{Kind: AskNumber}, []string{"1e5"}, "", true}, {Question{Kind: AskNumber}, []string{"NaN"}, "", true},
		{Question{Kind: AskNumber}, []string{"0101901234"}, "", true}, {Question{Kind: AskNumber}, []string{"99999999999999"}, "", true},
		{Question{Kind: AskText}, []string{" godt\r\nog skidt "}, "godt\nog skidt", false}, {Question{Kind: AskText}, []string{"om 010190-1234"}, "", true},
		{Question{Kind: AskText}, []string{strings.Repeat("æ", LongestAnswer)}, strings.Repeat("æ", LongestAnswer), false}, {Question{Kind: AskText}, []string{strings.Repeat("æ", LongestAnswer+1)}, "", true},
	} {
		values, message := c.q.Read(c.typed)
		if strings.Join(values, "|") != c.kept || (message != "") != c.wrong {
			t.Errorf("%s %q: %q, %q", c.q.Kind, c.typed, values, message)
		}
	}
}

// TestAnswersStay: what is read fits its question, and read again as people see it is the same.
func TestAnswersStay(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := Question{Kind: rapid.SampledFrom([]QuestionKind{AskYesNo, AskOne, AskSeveral, AskNumber, AskText}).Draw(t, "kind"), Options: []string{"A", "B", "C"}}
		typed := rapid.SliceOf(rapid.OneOf(rapid.SampledFrom([]string{"Ja", "Nej", "A", "B", "C", "1.234,50", "7", "-2,25"}), rapid.String())).Draw(t, "typed")
		values, message := q.Read(typed)
		if values == nil {
			return
		}
		if message != "" || !q.Fits(values) {
			t.Fatalf("%q with %q", values, message)
		}
		if q.Kind == AskSeveral {
			return
		}
		if again, message := q.Read([]string{q.AnswerText(values)}); message != "" || len(again) != len(values) || q.Kind != AskText && again[0] != values[0] {
			t.Fatalf("%q is %q the second time, %q", values, again, message)
		}
	})
}

// TestQuestionnaires: what is wrong is said of the question it is wrong with.
func TestQuestionnaires(t *testing.T) {
	good := Question{ID: "s1", Text: "Har I en kanalstrategi?", Kind: AskYesNo}
	for field, bad := range map[string]Questionnaire{
		"":          {Questions: []Question{good, {ID: "s2", Text: "Hvem?", Kind: AskOne, Options: []string{"A", "B"}}}},
		"intro":     {Intro: "ring til 010190-1234", Questions: []Question{good}},
		"text-1":    {Questions: []Question{good, {ID: "s2", Kind: AskText}}},
		"text-0":    {Questions: []Question{{Text: "Uden nummer", Kind: AskText}}},
		"kind-0":    {Questions: []Question{{ID: "s1", Text: "?", Kind: "poem"}}},
		"options-0": {Questions: []Question{{ID: "s1", Text: "?", Kind: AskSeveral, Options: []string{"A", " a"}}}},
		"options-1": {Questions: []Question{good, {ID: "s2", Text: "?", Kind: AskOne, Options: []string{"A"}}}},
		"text-60":   {Questions: make([]Question, 61)},
	} {
		faults := bad.Check()
		found := field == "" && len(faults) == 0
		for _, f := range faults {
			found = found || f.Field == field
		}
		if !found {
			t.Errorf("%s: %+v", field, faults)
		}
	}
}
