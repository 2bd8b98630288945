package codebook

import (
	"fmt"
	"io/fs"
	"regexp"

	"komhen/model"
)

func loadEditions(dir fs.FS, c *model.Codebook) error {
	rows, err := read[struct {
		Name string `csv:"name"`
		From string `csv:"from"`
		Note string `csv:"note"`
	}](dir, "editions.csv")
	for _, r := range rows {
		c.Editions = append(c.Editions, model.Edition(r))
	}
	return err
}

func loadChannels(dir fs.FS, c *model.Codebook) error {
	rows, err := read[struct {
		ID        id     `csv:"id"`
		Code      string `csv:"code"`
		Label     string `csv:"label"`
		Channel   string `csv:"channel"`
		Direction string `csv:"direction"`
		Digital   yesNo  `csv:"digital"`
		Form      string `csv:"form"`
		Origin    string `csv:"origin"`
		Aliases   list   `csv:"aliases"`
		Personal  yesNo  `csv:"personal"`
		Family    string `csv:"family"`
		Written   yesNo  `csv:"written"`
	}](dir, "channels.csv")
	for _, r := range rows {
		c.Channels = append(c.Channels, model.Channel{
			ID: uint8(r.ID), Code: r.Code, Label: r.Label, Channel: r.Channel, Direction: model.Direction(r.Direction), Digital: bool(r.Digital),
			Form: model.FormRule(r.Form), Origin: r.Origin, Aliases: r.Aliases, Personal: bool(r.Personal), Written: bool(r.Written), Family: r.Family,
		})
	}
	return err
}

// coded is a row of types.csv, closings.csv and forms.csv.
type coded struct {
	ID      id     `csv:"id"`
	Code    string `csv:"code"`
	Label   string `csv:"label"`
	Aliases list   `csv:"aliases"`
}

func loadTypes(dir fs.FS, c *model.Codebook) error {
	rows, err := read[coded](dir, "types.csv")
	if err != nil {
		return err
	}
	at := map[string]int{}
	for i, r := range rows {
		at[r.Code] = i
		c.Types = append(c.Types, model.ContactType{ID: uint8(r.ID), Code: r.Code, Label: r.Label, Aliases: r.Aliases, Groups: map[string]model.TypeGroup{}})
	}
	groups, err := read[struct {
		Edition string `csv:"edition"`
		Code    string `csv:"code"`
		Group   string `csv:"group"`
	}](dir, "type_groups.csv")
	if err != nil {
		return err
	}
	for _, g := range groups {
		i, ok := at[g.Code]
		if !ok {
			return fmt.Errorf("type_groups.csv: the type %q is not in types.csv", g.Code)
		}
		if _, twice := c.Types[i].Groups[g.Edition]; twice {
			return fmt.Errorf("type_groups.csv: %s has two groups in edition %s", g.Code, g.Edition)
		}
		c.Types[i].Groups[g.Edition] = model.TypeGroup(g.Group)
	}
	return nil
}

func loadClosings(dir fs.FS, c *model.Codebook) error {
	rows, err := read[coded](dir, "closings.csv")
	for _, r := range rows {
		c.Closings = append(c.Closings, model.Closing{ID: uint8(r.ID), Code: r.Code, Label: r.Label, Aliases: r.Aliases})
	}
	return err
}

func loadForms(dir fs.FS, c *model.Codebook) error {
	rows, err := read[coded](dir, "forms.csv")
	for _, r := range rows {
		c.Forms = append(c.Forms, model.Form{ID: uint8(r.ID), Code: r.Code, Label: r.Label, Aliases: r.Aliases})
	}
	return err
}

func loadSubjects(dir fs.FS, c *model.Codebook) error {
	rows, err := read[struct {
		KLE   kle    `csv:"kle"`
		Label string `csv:"label"`
	}](dir, "subjects.csv")
	if err != nil {
		return err
	}
	at := map[kle]int{}
	for i, r := range rows {
		at[r.KLE] = i
		c.Subjects = append(c.Subjects, model.Subject{KLE: model.KLE(r.KLE), Label: r.Label, Packages: map[string]model.Package{}})
	}
	packages, err := read[struct {
		Edition string `csv:"edition"`
		KLE     kle    `csv:"kle"`
		Package string `csv:"package"`
	}](dir, "packages.csv")
	if err != nil {
		return err
	}
	for _, p := range packages {
		i, ok := at[p.KLE]
		if !ok {
			return fmt.Errorf("packages.csv: the task %s is not in subjects.csv", model.KLE(p.KLE))
		}
		if _, twice := c.Subjects[i].Packages[p.Edition]; twice {
			return fmt.Errorf("packages.csv: %s stands twice in edition %s", model.KLE(p.KLE), p.Edition)
		}
		c.Subjects[i].Packages[p.Edition] = model.Package(p.Package)
	}
	return nil
}

// quarter is how Danmarks Statistik writes one. PopulationOn compares them as text.
var quarter = regexp.MustCompile(`^20\d\dK[1-4]$`)

func loadMunicipalities(dir fs.FS, c *model.Codebook) error {
	rows, err := read[struct {
		Code   code   `csv:"code"`
		Name   string `csv:"name"`
		Region string `csv:"region"`
	}](dir, "municipalities.csv")
	if err != nil {
		return err
	}
	at := map[code]int{}
	for i, r := range rows {
		at[r.Code] = i
		c.Municipalities = append(c.Municipalities, model.Municipality{Code: uint16(r.Code), Name: r.Name, Region: r.Region, Population: map[string]int{}})
	}
	population, err := read[struct {
		Code        code   `csv:"code"`
		Quarter     string `csv:"quarter"`
		Inhabitants int    `csv:"inhabitants"`
	}](dir, "population.csv")
	if err != nil {
		return err
	}
	for _, p := range population {
		i, ok := at[p.Code]
		if !ok {
			return fmt.Errorf("population.csv: the municipality %d is not in municipalities.csv", p.Code)
		}
		if _, twice := c.Municipalities[i].Population[p.Quarter]; twice || !quarter.MatchString(p.Quarter) || p.Inhabitants <= 0 {
			return fmt.Errorf("population.csv: %d, %q: not a quarter, twice, or without inhabitants", p.Code, p.Quarter)
		}
		c.Municipalities[i].Population[p.Quarter] = p.Inhabitants
	}
	return nil
}

func loadRounds(dir fs.FS, c *model.Codebook) error {
	rows, err := read[struct {
		Name           string `csv:"name"`
		Weeks          weeks  `csv:"weeks"`
		Primary        int    `csv:"primary"`
		First          date   `csv:"first"`
		Last           date   `csv:"last"`
		DataDeadline   date   `csv:"data_deadline"`
		TotalsDeadline date   `csv:"totals_deadline"`
	}](dir, "rounds.csv")
	if err != nil {
		return err
	}
	at := map[string]int{}
	for i, r := range rows {
		at[r.Name] = i
		c.StatedRounds = append(c.StatedRounds, model.Round{
			Name: r.Name, Year: model.Date(r.First).Year(), Weeks: r.Weeks, Primary: r.Primary, First: model.Date(r.First), Last: model.Date(r.Last),
			DataDeadline: model.Date(r.DataDeadline), TotalsDeadline: model.Date(r.TotalsDeadline),
		})
	}
	central, err := read[struct {
		Round string `csv:"round"`
		What  string `csv:"what"`
		Day   date   `csv:"day"`
	}](dir, "central_deliveries.csv")
	if err != nil {
		return err
	}
	for _, d := range central {
		i, ok := at[d.Round]
		if !ok || d.What == "" || d.Day == 0 {
			return fmt.Errorf("central_deliveries.csv: %q, %q: the round is not in rounds.csv, or something is missing", d.Round, d.What)
		}
		c.StatedRounds[i].CentralDelivery = append(c.StatedRounds[i].CentralDelivery, model.CentralDelivery{What: d.What, Day: model.Date(d.Day)})
	}
	return nil
}

func loadRules(dir fs.FS, c *model.Codebook) (err error) {
	c.Rules, err = rulesOf(dir, "rules.csv")
	return err
}

func rulesOf(dir fs.FS, name string) (rules []model.Rule, err error) {
	rows, err := read[struct {
		ID       string `csv:"id"`
		Severity string `csv:"severity"`
		Title    string `csv:"title"`
		Message  string `csv:"message"`
		Empty    string `csv:"empty"`
		Remedy   string `csv:"remedy"`
	}](dir, name)
	for _, r := range rows {
		rules = append(rules, model.Rule{ID: r.ID, Severity: model.Severity(r.Severity), Title: r.Title, Message: r.Message, Empty: r.Empty, Remedy: r.Remedy})
	}
	return rules, err
}
