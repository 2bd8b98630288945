package model

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Direction of a channel, seen from the municipality.
type Direction string

const (
	Inbound  Direction = "ind"
	Outbound Direction = "ud"
)

// FormRule says whether Blanket must be filled in on a channel.
type FormRule string

const (
	FormRequired FormRule = "required" // JA or NEJ
	FormOptional FormRule = "optional" // may be left out
	FormFixedNo  FormRule = "fixed-no" // always NEJ (Hjemmeside)
)

// Channel is a way a contact travels; direction is part of the code (codebook §2).
// ID is what the database stores and never changes meaning.
type Channel struct {
	ID        uint8
	Code      string
	Label     string // "Telefon ind"
	Channel   string // "Telefon"
	Direction Direction
	Digital   bool // counts as digital in the digital share (ours)
	Form      FormRule
	Origin    string   // "fact" or "ours"
	Aliases   []string // other spellings that are accepted (DOKIND, DOCUD)
	Personal  bool     // telephone or personal attendance: not expected on a day off (W03)
	Written   bool     // letter, e-mail or Digital Post: STRAKS is unusual (W04)
	Family    string   // "Post ud": channels that may hold the same contact when sources differ; "" is a family by itself (ours)
}

// TypeGroup is the group of a contact type; for INFO it depends on the edition of the round.
type TypeGroup string

const (
	Transaction TypeGroup = "transaktion"
	Information TypeGroup = "information"
)

// ContactType is Henvendelsestype. Groups maps an edition to the group the type belongs to.
type ContactType struct {
	ID      uint8
	Code    string
	Label   string
	Aliases []string
	Groups  map[string]TypeGroup
}

// Closing is Afslutning; Form is Blanket. ID 0 is kept for "not filled in" in both.
type Closing struct {
	ID      uint8
	Code    string
	Label   string
	Aliases []string
}

// Form is the answer to whether a form (blanket) came with the contact.
type Form struct {
	ID      uint8
	Code    string
	Label   string
	Aliases []string
}

// KLE is a task number NN.NN.NN packed as a decimal number; it is only ever shown as text.
type KLE uint32

// String is the number as text with its zeros, "01.11.00".
func (k KLE) String() string { return fmt.Sprintf("%02d.%02d.%02d", k/10000, k/100%100, k%100) }

// ParseKLE reads NN.NN or NN.NN.NN (NN.NN means NN.NN.00). ok is false for anything else.
func ParseKLE(s string) (k KLE, ok bool) {
	if len(s) != 5 && len(s) != 8 {
		return 0, false
	}
	for i := 0; i < len(s); i++ {
		c := s[i]
		if i%3 == 2 {
			if c != '.' {
				return 0, false
			}
			continue
		}
		if c < '0' || c > '9' {
			return 0, false
		}
		k = k*10 + KLE(c-'0')
	}
	if len(s) == 5 {
		k *= 100
	}
	return k, true
}

// Package is the role of a task in one edition of KL's task package.
type Package string

const (
	Obligatory Package = "obligatorisk"
	Extra      Package = "ekstra"
	Voluntary  Package = "frivillig" // in no package of the edition
)

// Subject is an opgave: a task with a KLE number. Packages maps an edition to the task's role in it.
type Subject struct {
	KLE      KLE
	Label    string
	Packages map[string]Package
}

// Region of Denmark, "Hovedstaden" and so on. Population maps "2012K1" to the number of inhabitants.
type Municipality struct {
	Code       uint16
	Name       string
	Region     string
	Population map[string]int
}

// CodeText is the municipality code as KL writes it, "259" (no leading zero).
func (m Municipality) CodeText() string { return fmt.Sprint(m.Code) }

// PopulationOn is the population of the newest quarter that is not after the day; before the first known quarter it is
// the first. quarter says which ("2012K1"). Source: Danmarks Statistik, FOLK1A.
func (m Municipality) PopulationOn(d Date) (n int, quarter string) {
	want := fmt.Sprintf("%04dK%d", d.Year(), (int(d.Month())+2)/3)
	quarters := make([]string, 0, len(m.Population))
	for q := range m.Population {
		quarters = append(quarters, q)
	}
	sort.Strings(quarters)
	for _, q := range quarters {
		if quarter == "" || q <= want {
			quarter = q
		}
	}
	return m.Population[quarter], quarter
}

// Edition is a version of the codebook; it applies from a round on, until the next edition.
type Edition struct {
	Name string // "2012"
	From string // first round, "2011F"
	Note string
}

// Codebook is everything the service knows of codes, tasks, municipalities, rounds and rules.
// It is built by model/codebook from embedded files and is read-only afterwards, but for the rounds' dates: each open data folder has a
// codebook of its own (Own), which answers with what was declared there.
type Codebook struct {
	Version        string // edition and content hash of the data files, shown on every workbook
	Editions       []Edition
	Channels       []Channel
	Types          []ContactType
	Closings       []Closing
	Forms          []Form
	Subjects       []Subject
	Municipalities []Municipality
	StatedRounds   []Round
	Rules          []Rule // of files and rows; those of KLIK stand with it
	Klik           Klik

	channelByText, typeByText, closingByText, formByText map[string]uint8
	municipalityByText                                   map[string]uint16
	channelByID                                          map[uint8]*Channel
	typeByID                                             map[uint8]*ContactType
	subjectByKLE                                         map[KLE]*Subject
	municipalityByCode                                   map[uint16]*Municipality
	ruleByID                                             map[string]*Rule
	statedRound                                          map[string]*Round
	declared                                             *declaredRounds // nil: nothing can be declared; see Own
}

// Fold makes header names, codes and labels comparable: case, spaces, "_", "-", "." and "/" fall away, and æ, ø, å are
// spelled ae, oe, aa.
func Fold(s string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(s) {
		switch r {
		case 'æ':
			b.WriteString("ae")
		case 'ø':
			b.WriteString("oe")
		case 'å':
			b.WriteString("aa")
		case ' ', '_', '-', '.', '/', '\t', '\u00a0', '\ufeff', '\u200e', '\u200f', ':', '(', ')', ',':
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// What the database has room for (schema.sql, codes).
const (
	maxTypeID   = 63
	maxAnswerID = 7 // of closings and forms
)

// Index checks the codebook and makes its look-ups. It fails on duplicate codes and on references that do not resolve,
// naming each of them: a codebook with an error in it must not start.
func (c *Codebook) Index() error {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	add := func(kind string, m map[string]uint8, text string, id uint8) {
		key := Fold(text)
		if key == "" { // an empty cell would be found
			fault("%s %d has an empty code, label or alias", kind, id)
			return
		}
		if other, taken := m[key]; taken && other != id {
			fault("%s %q stands for both %d and %d", kind, text, other, id)
			return
		}
		m[key] = id
	}
	editions, from := map[string]bool{}, map[string]bool{}
	for _, e := range c.Editions {
		if e.Name == "" || editions[e.Name] || from[e.From] {
			fault("edition %q has no name, or its name or its first round stands twice", e.Name)
		}
		editions[e.Name], from[e.From] = true, true
		if _, err := ParseRound(e.From); err != nil {
			fault("edition %q: %v", e.Name, err)
		}
	}
	if len(c.Editions) == 0 {
		fault("no editions")
	}
	c.channelByText, c.channelByID = map[string]uint8{}, map[uint8]*Channel{}
	codes := map[string]bool{}
	once := func(kind, code string) {
		if code == "" || codes[kind+code] {
			fault("%s code %q is empty or stands twice", kind, code)
		}
		codes[kind+code] = true
	}
	for i := range c.Channels {
		ch := &c.Channels[i]
		once("channel", ch.Code)
		if ch.ID == 0 || c.channelByID[ch.ID] != nil {
			fault("channel %q: id %d is 0 or taken", ch.Code, ch.ID)
		}
		if ch.Direction != Inbound && ch.Direction != Outbound {
			fault("channel %q: direction %q", ch.Code, ch.Direction)
		}
		if ch.Form != FormRequired && ch.Form != FormOptional && ch.Form != FormFixedNo {
			fault("channel %q: form rule %q", ch.Code, ch.Form)
		}
		c.channelByID[ch.ID] = ch
		for _, text := range append([]string{ch.Code, ch.Label}, ch.Aliases...) {
			add("channel", c.channelByText, text, ch.ID)
		}
	}
	c.typeByText, c.typeByID = map[string]uint8{}, map[uint8]*ContactType{}
	for i := range c.Types {
		t := &c.Types[i]
		once("type", t.Code)
		if t.ID == 0 || c.typeByID[t.ID] != nil || t.ID > maxTypeID {
			fault("type %q: id %d is 0, taken or over %d", t.Code, t.ID, maxTypeID)
		}
		c.typeByID[t.ID] = t
		for e := range editions {
			if g := t.Groups[e]; g != Transaction && g != Information {
				fault("type %q has no group in edition %q", t.Code, e)
			}
		}
		for e := range t.Groups {
			if !editions[e] {
				fault("type %q names the unknown edition %q", t.Code, e)
			}
		}
		for _, text := range append([]string{t.Code, t.Label}, t.Aliases...) {
			add("type", c.typeByText, text, t.ID)
		}
	}
	c.closingByText = map[string]uint8{}
	for i, x := range c.Closings {
		once("closing", x.Code)
		if x.ID == 0 || c.Closing(x.ID) != &c.Closings[i] || x.ID > maxAnswerID {
			fault("closing %q: id %d is 0, taken or over %d", x.Code, x.ID, maxAnswerID)
		}
		for _, text := range append([]string{x.Code, x.Label}, x.Aliases...) {
			add("closing", c.closingByText, text, x.ID)
		}
	}
	c.formByText = map[string]uint8{}
	for i, x := range c.Forms {
		once("form", x.Code)
		if x.ID == 0 || c.Form(x.ID) != &c.Forms[i] || x.ID > maxAnswerID {
			fault("form %q: id %d is 0, taken or over %d", x.Code, x.ID, maxAnswerID)
		}
		for _, text := range append([]string{x.Code, x.Label}, x.Aliases...) {
			add("form", c.formByText, text, x.ID)
		}
	}
	c.subjectByKLE = map[KLE]*Subject{}
	for i := range c.Subjects {
		s := &c.Subjects[i]
		if c.subjectByKLE[s.KLE] != nil {
			fault("task %s twice", s.KLE)
		}
		c.subjectByKLE[s.KLE] = s
		if s.Label == "" {
			fault("task %s has no label", s.KLE)
		}
		for e, p := range s.Packages {
			if !editions[e] {
				fault("task %s names the unknown edition %q", s.KLE, e)
			}
			if p != Obligatory && p != Extra && p != Voluntary {
				fault("task %s: package %q", s.KLE, p)
			}
		}
	}
	c.municipalityByText, c.municipalityByCode = map[string]uint16{}, map[uint16]*Municipality{}
	for i := range c.Municipalities {
		m := &c.Municipalities[i]
		if m.Code == 0 || c.municipalityByCode[m.Code] != nil {
			fault("municipality code %d is 0 or stands twice", m.Code)
		}
		c.municipalityByCode[m.Code] = m
		if m.Name == "" || m.Region == "" || len(m.Population) == 0 {
			fault("municipality %d has no name, region or population", m.Code)
		}
		for _, text := range []string{fmt.Sprint(m.Code), fmt.Sprintf("%04d", m.Code), m.Name, m.Name + " Kommune", m.Name + "s Kommune"} {
			key := Fold(text)
			if other, taken := c.municipalityByText[key]; taken && other != m.Code {
				fault("municipality %q stands for both %d and %d", text, other, m.Code)
			}
			c.municipalityByText[key] = m.Code
		}
	}
	c.statedRound = map[string]*Round{}
	for i := range c.StatedRounds {
		r := &c.StatedRounds[i]
		if c.statedRound[r.Name] != nil {
			fault("round %q twice", r.Name)
		}
		c.statedRound[r.Name] = r
		if named, err := ParseRound(r.Name); err != nil || named.Name != r.Name || named.Year != r.Year {
			fault("round %q: not a round name of the year %d", r.Name, r.Year)
		}
		if r.First > r.Last || len(r.Weeks) == 0 {
			fault("round %q has no weeks or ends before it starts", r.Name)
			continue
		}
		if !slices.Contains(r.Weeks, r.Primary) {
			fault("round %q: the primary week %d is not one of its weeks", r.Name, r.Primary)
		}
		if r.First != mondayOf(r.Year, r.Weeks[0]) || r.Last != mondayOf(r.Year, r.Weeks[len(r.Weeks)-1])+6 {
			fault("round %q: its days are not those of its weeks", r.Name)
		}
		if r.DataDeadline < r.Last {
			fault("round %q: the deadline lies before the last day", r.Name)
		}
	}
	c.Klik.index(fault)
	c.ruleByID = map[string]*Rule{}
	for _, r := range c.AllRules() {
		if c.ruleByID[r.ID] != nil {
			fault("rule %q twice", r.ID)
		}
		if r.Severity != File && r.Severity != Error && r.Severity != Warning {
			fault("rule %q: severity %q", r.ID, r.Severity)
		}
		if r.Title == "" || r.Message == "" || r.Remedy == "" {
			fault("rule %q has no title, message or remedy", r.ID)
		}
		for _, text := range []string{r.Message, r.Empty, r.Remedy} {
			if strings.ContainsAny(placeholders.Replace(text), "{}") {
				fault("rule %q holds an unknown placeholder: %s", r.ID, text)
			}
		}
		c.ruleByID[r.ID] = r
	}
	if len(faults) > 0 {
		sort.Strings(faults)
		return fmt.Errorf("codebook: %s", strings.Join(faults, "; "))
	}
	return nil
}

// ChannelID, TypeID, ClosingID, FormID and MunicipalityCode find what a cell says: a code, a label or another accepted
// spelling. 0 means unknown.
func (c *Codebook) ChannelID(text string) uint8            { return c.channelByText[Fold(text)] }
func (c *Codebook) TypeID(text string) uint8               { return c.typeByText[Fold(text)] }
func (c *Codebook) ClosingID(text string) uint8            { return c.closingByText[Fold(text)] }
func (c *Codebook) FormID(text string) uint8               { return c.formByText[Fold(text)] }
func (c *Codebook) MunicipalityCode(text string) uint16    { return c.municipalityByText[Fold(text)] }
func (c *Codebook) Channel(id uint8) *Channel              { return c.channelByID[id] }
func (c *Codebook) Type(id uint8) *ContactType             { return c.typeByID[id] }
func (c *Codebook) Subject(k KLE) *Subject                 { return c.subjectByKLE[k] }
func (c *Codebook) Municipality(code uint16) *Municipality { return c.municipalityByCode[code] }
func (c *Codebook) Rule(id string) *Rule                   { return c.ruleByID[id] }

// AllRules are the rules of contacts and of KLIK, in the order people see them.
func (c *Codebook) AllRules() (rules []*Rule) {
	for _, list := range [][]Rule{c.Rules, c.Klik.Rules} {
		for i := range list {
			rules = append(rules, &list[i])
		}
	}
	return rules
}

// Closing and Form return the entry with that id, or nil for 0 and unknown ids.
func (c *Codebook) Closing(id uint8) *Closing {
	for i := range c.Closings {
		if c.Closings[i].ID == id {
			return &c.Closings[i]
		}
	}
	return nil
}

func (c *Codebook) Form(id uint8) *Form {
	for i := range c.Forms {
		if c.Forms[i].ID == id {
			return &c.Forms[i]
		}
	}
	return nil
}
