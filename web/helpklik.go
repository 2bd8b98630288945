package web

import (
	"net/http"

	"komhen/model"
)

// klikHelpView is what the help of KLIK shows: the fields of the template, the columns of lists, the codes, the colours and the rules.
type klikHelpView struct {
	Fields, Columns              []model.KlikField
	Priorities, Statuses, Phases []model.KlikCode
	Definition                   string
	Rules                        []ruleLine
	Notice                       int // days before a deletion
}

func (s *Server) klikHelp(*http.Request, Viewer) any {
	k := s.book.Klik
	view := klikHelpView{Priorities: k.Priorities, Statuses: k.Statuses, Phases: k.Phases, Definition: model.KlikThresholds{}.Definition(), Notice: model.KlikNotice}
	for _, f := range k.Fields {
		if f.Document {
			view.Fields = append(view.Fields, f)
		} else {
			view.Columns = append(view.Columns, f)
		}
	}
	for _, r := range k.Rules {
		view.Rules = append(view.Rules, ruleLine{r, open(r.Message), open(r.Remedy), ruleExample{}})
	}
	return view
}
