package model

import "time"

// The lists that govern everything, as they are published to programs (contract.md): the command line and the web service give
// the same documents.

// PublishedCodebook is the codebook's codes and tasks.
type PublishedCodebook struct {
	Version  string             `json:"version"`
	Channels []PublishedChannel `json:"channels"`
	Types    []PublishedType    `json:"types"`
	Closings []PublishedCode    `json:"closings"`
	Forms    []PublishedCode    `json:"forms"`
	Subjects []PublishedSubject `json:"subjects"`
}

// PublishedChannel is a channel. Direction is "ind" or "ud"; Form is a FormRule.
type PublishedChannel struct {
	Code      string `json:"code"`
	Label     string `json:"label"`
	Direction string `json:"direction"`
	Digital   bool   `json:"digital"`
	Form      string `json:"form"`
}

// PublishedType is a type of contact with its group by edition.
type PublishedType struct {
	Code   string               `json:"code"`
	Label  string               `json:"label"`
	Groups map[string]TypeGroup `json:"groups"`
}

// PublishedCode is a code that has nothing but a name.
type PublishedCode struct {
	Code  string `json:"code"`
	Label string `json:"label"`
}

// PublishedSubject is a task with its package by edition.
type PublishedSubject struct {
	KLE      string             `json:"kle"`
	Label    string             `json:"label"`
	Packages map[string]Package `json:"packages"`
}

// Published is the codebook for programs.
func (c *Codebook) Published() PublishedCodebook {
	out := PublishedCodebook{Version: c.Version}
	for _, x := range c.Channels {
		out.Channels = append(out.Channels, PublishedChannel{x.Code, x.Label, string(x.Direction), x.Digital, string(x.Form)})
	}
	for _, x := range c.Types {
		out.Types = append(out.Types, PublishedType{x.Code, x.Label, x.Groups})
	}
	for _, x := range c.Closings {
		out.Closings = append(out.Closings, PublishedCode{x.Code, x.Label})
	}
	for _, x := range c.Forms {
		out.Forms = append(out.Forms, PublishedCode{x.Code, x.Label})
	}
	for _, x := range c.Subjects {
		out.Subjects = append(out.Subjects, PublishedSubject{x.KLE.String(), x.Label, x.Packages})
	}
	return out
}

// PublishedRules is the table of rules.
type PublishedRules struct {
	Rules []PublishedRule `json:"rules"`
}

// PublishedRule is a rule. Message and Remedy may hold {column}, {value}, {detail} and {proposal}.
type PublishedRule struct {
	ID       string `json:"id"`
	Severity string `json:"severity"`
	Title    string `json:"title"`
	Message  string `json:"message"`
	Remedy   string `json:"remedy"`
}

// PublishedRules is the table of rules for programs.
func (c *Codebook) PublishedRules() (out PublishedRules) {
	for _, r := range c.AllRules() {
		out.Rules = append(out.Rules, PublishedRule{r.ID, string(r.Severity), r.Title, r.Message, r.Remedy})
	}
	return out
}

// PublishedRounds are the rounds that have begun, and later ones whose dates an operator has set.
type PublishedRounds struct {
	Rounds []PublishedRound `json:"rounds"`
}

// PublishedRound is a round; days are yyyy-mm-dd.
type PublishedRound struct {
	Round          string `json:"round"`
	Title          string `json:"title"`
	Weeks          []int  `json:"weeks"`
	Primary        int    `json:"primary_week"`
	First          string `json:"first"`
	Last           string `json:"last"`
	DataDeadline   string `json:"data_deadline"`
	TotalsDeadline string `json:"totals_deadline,omitempty"`
	// Central are the days on which central deliveries are loaded, as far as they are set.
	Central  []PublishedDelivery `json:"central_deliveries,omitempty"`
	Edition  string              `json:"edition"`
	Declared bool                `json:"declared,omitempty"` // an operator has set the dates
}

// PublishedDelivery is a central delivery with its day, yyyy-mm-dd.
type PublishedDelivery struct {
	What string `json:"what"`
	Day  string `json:"day"`
}

// PublishedRounds is every round that has begun at a moment, and later ones that were declared, for programs.
func (c *Codebook) PublishedRounds(at time.Time) (out PublishedRounds) {
	for _, r := range append(c.Rounds(DateOf(at)), c.DeclaredAfter(DateOf(at))...) {
		out.Rounds = append(out.Rounds, r.Published())
	}
	return out
}

// Published is the round for programs.
func (r Round) Published() PublishedRound {
	p := PublishedRound{Round: r.Name, Title: r.Title(), Weeks: r.Weeks, Primary: r.Primary, First: r.First.ISO(), Last: r.Last.ISO(),
		DataDeadline: r.DataDeadline.ISO(), Edition: r.Edition, Declared: r.Declared}
	if r.TotalsDeadline != 0 {
		p.TotalsDeadline = r.TotalsDeadline.ISO()
	}
	for _, d := range r.CentralDelivery {
		p.Central = append(p.Central, PublishedDelivery{d.What, d.Day.ISO()})
	}
	return p
}

// PublishedMunicipalities is the list of municipalities.
type PublishedMunicipalities struct {
	Municipalities []PublishedMunicipality `json:"municipalities"`
}

// PublishedMunicipality is a municipality; Population is by quarter, "2012K1".
type PublishedMunicipality struct {
	Code       string         `json:"code"`
	Name       string         `json:"name"`
	Region     string         `json:"region"`
	Population map[string]int `json:"population"`
}

// PublishedMunicipalities is the list of municipalities for programs.
func (c *Codebook) PublishedMunicipalities() (out PublishedMunicipalities) {
	for _, m := range c.Municipalities {
		out.Municipalities = append(out.Municipalities, PublishedMunicipality{m.CodeText(), m.Name, m.Region, m.Population})
	}
	return out
}
