package demo

import (
	"fmt"
	"slices"
	"time"

	"komhen/model"
)

// demoIntro and demoQuestions are invented: the real ones of 2012, sixteen too, are not public.
const demoIntro = "Svar for hele kommunen. Spørg i forvaltningerne, hvis du er i tvivl; det er billedet af kommunen, vi er ude efter, ikke den enkelte afdeling."

func demoQuestions() model.Questionnaire {
	yesNo := func(text string) model.Question {
		return model.Question{Text: text, Kind: model.AskYesNo, Required: true}
	}
	q := model.Questionnaire{Intro: demoIntro, Questions: []model.Question{
		yesNo("Har kommunen en vedtaget kanalstrategi?"),
		{Text: "Hvornår er kanalstrategien sidst revideret?", Kind: model.AskOne, Options: []string{"Inden for det seneste år", "For et til tre år siden", "For mere end tre år siden", "Vi har ingen"}, Required: true},
		yesNo("Har ledelsen sat mål for, hvor stor en del af henvendelserne der skal være digitale?"),
		{Text: "Hvor mange procent af henvendelserne skal være digitale i 2015?", Kind: model.AskNumber},
		{Text: "Hvor får borgerne hjælp til selvbetjening?", Kind: model.AskSeveral, Options: []string{"I Borgerservice", "På biblioteket", "I telefonen", "Hos frivillige", "Hjemme hos borgeren"}, Required: true},
		yesNo("Har medarbejderne i frontlinjen fået undervisning i at hjælpe borgerne over på de digitale løsninger?"),
		{Text: "Hvor mange medarbejdere arbejder med digital borgerbetjening, omregnet til årsværk?", Kind: model.AskNumber, Required: true},
		{Text: "Hvem har ansvaret for de digitale løsninger?", Kind: model.AskOne, Options: []string{"Borgerservice", "It-afdelingen", "Hver forvaltning for sig", "En fælles digitaliseringsenhed"}, Required: true},
		yesNo("Sender kommunen breve som Digital Post fra alle forvaltninger?"),
		{Text: "Hvad står oftest i vejen for at sende digitalt?", Kind: model.AskSeveral, Options: []string{"Fagsystemerne kan ikke", "Bilag på papir", "Arbejdsgangene", "Tvivl om reglerne", "Ikke noget"}, Required: true},
		yesNo("Bruger kommunen resultaterne af tælleugerne i sin planlægning?"),
		{Text: "Hvem ser resultaterne?", Kind: model.AskSeveral, Options: []string{"Direktionen", "Afdelingslederne", "Medarbejderne", "Byrådet"}},
		yesNo("Deltager kommunen i et samarbejde med andre kommuner om borgerbetjening?"),
		{Text: "Hvor tilfreds er kommunen med sin hjemmeside?", Kind: model.AskOne, Options: []string{"Meget tilfreds", "Tilfreds", "Hverken eller", "Utilfreds"}, Required: true},
		{Text: "Hvor mange timer har kommunen brugt på rundens tælling i alt?", Kind: model.AskNumber},
		{Text: "Hvad har virket særlig godt hos jer, som andre kan lære af?", Kind: model.AskText},
	}}
	for i := range q.Questions {
		q.Given++
		q.Questions[i].ID = fmt.Sprint("s", q.Given)
	}
	return q
}

// demoAnswers are one for each question, nil for none.
var demoAnswers = []struct {
	at           time.Time
	round        string
	municipality uint16
	handedIn     bool
	values       [][]string
}{
	{time.Date(2012, 5, 16, 9, 12, 0, 0, model.Copenhagen), "2012F", 259, true, [][]string{{model.Yes}, {"Inden for det seneste år"}, {model.Yes}, {"80"}, {"I Borgerservice", "På biblioteket", "I telefonen"}, {model.Yes},
		{"6.5"}, {"Borgerservice"}, {model.No}, {"Fagsystemerne kan ikke", "Arbejdsgangene"}, {model.Yes}, {"Direktionen", "Afdelingslederne"}, {model.Yes}, {"Tilfreds"}, {"112"},
		{"Vi satte en medarbejder ved siden af pc'erne i venterummet. Efter tre uger kom halvdelen af borgerne ikke til skranken mere."}}},
	{time.Date(2012, 5, 24, 14, 31, 0, 0, model.Copenhagen), "2012F", 461, true, [][]string{{model.Yes}, {"For et til tre år siden"}, {model.Yes}, {"75"}, {"I Borgerservice", "På biblioteket", "Hos frivillige"}, {model.Yes},
		{"21"}, {"En fælles digitaliseringsenhed"}, {model.Yes}, {"Bilag på papir"}, {model.Yes}, {"Direktionen", "Afdelingslederne", "Medarbejderne"}, {model.No}, {"Hverken eller"}, {"340"}, nil}},
	{time.Date(2012, 11, 15, 11, 2, 0, 0, model.Copenhagen), "2012E", 461, true, [][]string{{model.Yes}, {"Inden for det seneste år"}, {model.Yes}, {"80"}, {"I Borgerservice", "På biblioteket", "Hos frivillige"}, {model.Yes},
		{"22.5"}, {"En fælles digitaliseringsenhed"}, {model.Yes}, {"Bilag på papir", "Tvivl om reglerne"}, {model.Yes}, {"Direktionen", "Byrådet"}, {model.Yes}, {"Tilfreds"}, {"295"},
		{"Frivillige på bibliotekerne når dem, vi aldrig ser i Borgerservice."}}},
	{time.Date(2012, 11, 16, 8, 20, 0, 0, model.Copenhagen), "2012E", 259, false, [][]string{{model.Yes}, {"Inden for det seneste år"}, {model.Yes}, {"80"}, {"I Borgerservice", "På biblioteket"}, nil,
		{"7"}, nil, nil, nil, nil, nil, nil, nil, nil, nil}},
	{time.Date(2012, 11, 29, 15, 55, 0, 0, model.Copenhagen), "2012E", 187, true, [][]string{{model.No}, {"Vi har ingen"}, {model.No}, nil, {"I Borgerservice"}, {model.No},
		{"1.5"}, {"Hver forvaltning for sig"}, {model.No}, {"Fagsystemerne kan ikke", "Bilag på papir", "Arbejdsgangene"}, {model.No}, {"Afdelingslederne"}, {model.Yes}, {"Tilfreds"}, {"38"}, nil}},
}

// questionDeclarations are the questions of both rounds, and the answers.
func questionDeclarations() (list []Declaration, err error) {
	questions := demoQuestions()
	for i, round := range rounds {
		r, err := questions.Record(round)
		if err != nil {
			return nil, err
		}
		list = append(list, Declaration{time.Date(2012, time.Month(4+6*i), 10, 10, 0, 0, 0, model.Copenhagen), []model.Record{r}})
	}
	for _, a := range demoAnswers {
		answers := model.Answers{HandedIn: a.handedIn, Values: map[string][]string{}}
		for i, values := range a.values {
			if values != nil {
				answers.Values[questions.Questions[i].ID] = values
			}
		}
		r, err := answers.Record(a.municipality, a.round)
		if err != nil {
			return nil, err
		}
		list = append(list, Declaration{a.at, []model.Record{r}})
	}
	return list, nil
}

// inOrder is a demo's declarations in the order of time.
func inOrder(list []Declaration) []Declaration {
	slices.SortStableFunc(list, func(a, b Declaration) int { return a.At.Compare(b.At) })
	return list
}
