package web

import (
	_ "embed"
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"komhen/model"
)

// ruleExample shows a rule at work. It is either some cells of the usual row, whole lines of a file, or a story. Says is what the
// receipt says of it, word for word; a test holds every example to what the service really does.
type ruleExample struct {
	Rule    string    `json:"rule"`
	Cells   []badCell `json:"cells,omitempty"`
	Lines   []string  `json:"lines,omitempty"`  // a file that meets the rule
	Mended  []string  `json:"mended,omitempty"` // and the same file mended
	Case    string    `json:"case,omitempty"`   // a folder of testdata/rules whose receipt Says is taken from
	Story   string    `json:"story,omitempty"`
	Mending string    `json:"mending,omitempty"`
	Says    string    `json:"says,omitempty"`
	Note    string    `json:"note,omitempty"`
}

// badCell is a column with a value that meets the rule and one that does not.
type badCell struct {
	Column string `json:"column"`
	Wrong  string `json:"wrong"`
	Right  string `json:"right"`
}

//go:embed help/examples.json
var examplesFile []byte

func ruleExamples() map[string]ruleExample {
	var list []ruleExample
	if err := json.Unmarshal(examplesFile, &list); err != nil {
		panic(err) // it is embedded, and a test reads it
	}
	examples := map[string]ruleExample{}
	for _, e := range list {
		examples[e.Rule] = e
	}
	return examples
}

type ruleLine struct {
	model.Rule
	Message, Remedy string // with what is filled in left open
	Example         ruleExample
}

type ruleChapter struct {
	ID, Title, Lead string
	Rules           []ruleLine
}

// holes are where a rule's text takes in what was found.
var holes = regexp.MustCompile(`[»"]?\{[a-z]+\}[«"]?`)

func open(text string) string { return strings.TrimSpace(holes.ReplaceAllString(text, "…")) }

func (s *Server) rulesHelp(*http.Request, Viewer) any {
	chapters := []ruleChapter{
		{ID: "file", Title: "F: Filen kan ikke indlæses", Lead: "Der er noget galt med filen som helhed. Intet er indlæst. Ret filen, og send den igen."},
		{ID: "error", Title: "R: Rækken er afvist", Lead: "De andre rækker bliver indlæst. De afviste venter på, at du retter dem: på siden, i en rettefil eller i den oprindelige fil."},
		{ID: "warning", Title: "W: En advarsel", Lead: "Rækken er indlæst og tæller med. Se efter, om det passer."},
	}
	severities := []model.Severity{model.File, model.Error, model.Warning}
	examples := ruleExamples()
	for _, r := range s.book.Rules {
		for i, severity := range severities {
			if r.Severity == severity {
				chapters[i].Rules = append(chapters[i].Rules, ruleLine{r, open(r.Message), open(r.Remedy), examples[r.ID]})
			}
		}
	}
	return chapters
}
