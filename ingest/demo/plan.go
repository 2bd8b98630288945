package demo

import (
	"io"
	"math"
	"math/rand/v2"
	"time"

	"komhen/model"
)

// toolShare is the part of a municipality's contacts that its registration tool holds.
const toolShare = 0.5

// smallScale makes three municipalities come to about 15,000 contacts.
const smallScale = 0.195

var (
	windows  = dialect{comma: ';', crlf: true, encoding: "cp1252"}
	latin    = dialect{comma: ';', crlf: true, encoding: "latin1"}
	plain    = dialect{comma: ';', encoding: "utf-8"}
	marked   = dialect{comma: ';', crlf: true, encoding: "utf-8-bom"}
	commas   = dialect{comma: ',', encoding: "utf-8"}
	tabs     = dialect{comma: '\t', crlf: true, encoding: "utf-8-bom"}
	unicode2 = dialect{comma: '\t', crlf: true, encoding: "utf-16le"} // what Excel calls Unicode text
	excel    = dialect{xlsx: true}
)

// visitor is one municipality in one round: what its files are made from.
type visitor struct {
	*town
	index int
	round model.Round
	scale float64
	first model.Date
	last  model.Date
	files *[]File
	r     *rand.Rand
}

func (c *country) visit(code uint16, weeks, index int, scale float64, files *[]File) (*visitor, error) {
	t, err := c.town(code)
	if err != nil {
		return nil, err
	}
	if weeks > 0 {
		t.weeks = weeks
	}
	v := &visitor{town: t, index: index, round: c.rounds[index], scale: scale, files: files}
	v.first, v.last = t.period(v.round)
	v.r = random("visit/" + t.m.CodeText() + "/" + v.round.Name)
	return v, nil
}

// after is a moment in office hours from lo to hi days after a day.
func (v *visitor) after(day model.Date, lo, hi int) time.Time {
	day += model.Date(lo + v.r.IntN(hi-lo+1))
	for !v.open(day) {
		day++
	}
	y, m, d := day.Year(), day.Month(), day.Day()
	return time.Date(y, m, d, 8+v.r.IntN(7), v.r.IntN(60), v.r.IntN(60), 0, model.Copenhagen)
}

func (v *visitor) send(what, source string, kind model.Kind, received time.Time, l layout, d dialect, each func(func(*cells) error) error) *File {
	*v.files = append(*v.files, File{
		Name:         v.m.CodeText() + "-" + v.slug() + "-" + v.round.Name + "-" + what + d.ext(),
		Municipality: v.m.Code, Source: source, Kind: kind, Received: received,
		Write: func(w io.Writer) error { return table(w, l, d, each) },
	})
	return &(*v.files)[len(*v.files)-1]
}

// toolFile is the municipality's registrations; files of one municipality and round share their contacts, and differ in
// what they show of them.
func (v *visitor) toolFile(l layout) *toolFile {
	return &toolFile{
		town: v.town, name: "tool/" + v.m.CodeText() + "/" + v.round.Name, round: v.round, index: v.index,
		total: v.volume(v.scale) * toolShare, first: v.first, last: v.last, until: v.last, layout: l,
	}
}

func (v *visitor) sendTool(what string, f *toolFile, d dialect) *File {
	return v.send(what, toolSource, model.Registration, v.after(f.until, 1, 9), f.layout, d, f.each)
}

func (v *visitor) sendSystem(s system, l layout, d dialect) *File {
	tasks := s.tasks[:0:0]
	for _, t := range s.tasks { // a task outside the round's package is not reported
		if k, ok := model.ParseKLE(t.code); ok && v.cb.Subject(k) != nil {
			tasks = append(tasks, t)
		}
	}
	s.tasks = tasks
	f := &systemFile{
		town: v.town, system: s, name: s.source + "/" + v.m.CodeText() + "/" + v.round.Name, round: v.round,
		total: v.volume(v.scale) * s.share * math.Pow(s.growth, float64(v.index)), first: v.first, last: v.last, layout: l,
	}
	slug := map[string]string{"Digital Post": "digital-post", "Telefonsystem": "telefonsystem", "Nummersystem": "nummersystem", "Selvbetjening": "selvbetjening"}[s.source]
	return v.send(slug, s.source, model.System, v.after(v.last, 3, 13), l, d, f.each)
}

func (v *visitor) sendWebsite(d dialect) *File {
	f := &websiteFile{
		town: v.town, name: "website/" + v.m.CodeText() + "/" + v.round.Name, round: v.round,
		total: v.volume(v.scale) * websiteShare * math.Pow(websiteGrowth, float64(v.index)), first: v.first, last: v.last,
	}
	return v.send("hjemmeside", websiteSource, model.System, v.after(v.last, 2, 10), layoutWeb, d, f.each)
}

func systemOf(source string) system {
	for _, s := range systems {
		if s.source == source {
			return s
		}
	}
	panic("demo: no habits for " + source)
}

// front tells whether a unit belongs to the citizen service.
func front(unit string) bool {
	return len(unit) >= len(frontOffice) && unit[:len(frontOffice)] == frontOffice
}

func back(unit string) bool { return !front(unit) }

// small is three municipalities with everything that can happen to a file.
func (c *country) small() ([]File, error) {
	var files []File
	for index := range c.rounds {
		spring := index == 0

		// Vallensbæk: the plain template, all units in one file; a trial count the week before the first round.
		v, err := c.visit(187, 2, index, smallScale, &files)
		if err != nil {
			return nil, err
		}
		f := v.toolFile(layoutA)
		f.fewer = map[string]bool{"PRSNLG": true}
		v.sendTool("registreringer", f, windows)
		v.sendSystem(systemOf("Nummersystem"), layoutA.day(), commas)
		v.sendWebsite(plain)
		if spring {
			trial := v.toolFile(layoutA)
			trial.name += "/trial"
			trial.first, trial.until, trial.last = v.first-5, v.first-3, v.first-3
			trial.total *= 0.1
			v.sendTool("proevetaelling", trial, windows).Test = true
		}

		// Køge: the tool's own extract, with voluntary parameters; the other units typed by hand, with faults in spring;
		// one file sent twice.
		if v, err = c.visit(259, 3, index, smallScale, &files); err != nil {
			return nil, err
		}
		f = v.toolFile(layoutPeople)
		f.only, f.fewer = front, map[string]bool{"TLFIND": true}
		v.sendTool("borgerservice", f, plain)
		if spring {
			again := *f
			twice := v.sendTool("borgerservice-igen", &again, plain)
			twice.Received = v.after(v.last, 10, 12)
		}
		f = v.toolFile(layoutB)
		f.only = back
		if spring {
			f.faults, f.cpr = 0.06, true
		}
		v.sendTool("oevrige-enheder", f, latin)
		v.sendSystem(systemOf("Telefonsystem"), layoutC.day().nulls(), tabs)
		v.sendSystem(systemOf("Digital Post"), layoutB, windows)
		v.sendWebsite(marked)

		// Odense: the primary week first and then the whole round, which holds it again; workbooks and UTF-16.
		if v, err = c.visit(461, 3, index, smallScale, &files); err != nil {
			return nil, err
		}
		if spring {
			f = v.toolFile(layoutTool)
			f.only, f.until = front, v.first+6
			v.sendTool("borgerservice-uge-17", f, plain)
		}
		f = v.toolFile(layoutTool)
		f.only = front
		v.sendTool("borgerservice", f, plain)
		f = v.toolFile(layoutC)
		f.only, f.faults = back, 0.01
		v.sendTool("oevrige-enheder", f, excel)
		v.sendSystem(systemOf("Telefonsystem"), layoutC.day().nulls(), unicode2)
		v.sendSystem(systemOf("Digital Post"), layoutA.day(), excel)
		late := v.sendSystem(systemOf("Selvbetjening"), layoutC.day().nulls(), marked)
		if !spring {
			late.Received = v.after(v.round.DataDeadline, 5, 8)
		}
	}
	return files, nil
}

// national is every municipality, each with one to three files a round.
func (c *country) national() ([]File, error) {
	layouts := []layout{layoutA, layoutB, layoutC, layoutTool, layoutTool}
	dialects := []dialect{plain, plain, windows, windows, latin, marked, commas, tabs, unicode2}
	var files []File
	for _, m := range c.cb.Municipalities {
		habit := random("national/" + m.CodeText())
		l := layouts[habit.IntN(len(layouts))]
		d := dialects[habit.IntN(len(dialects))]
		s := systems[habit.IntN(len(systems))]
		hasSystem, hasWebsite := habit.Float64() < 0.75, habit.Float64() < 0.55
		sloppy, tardy, twice := habit.Float64() < 0.3, habit.Float64() < 0.03, habit.Float64() < 0.03
		for index := range c.rounds {
			v, err := c.visit(m.Code, 0, index, 1, &files)
			if err != nil {
				return nil, err
			}
			if v.people && len(l.fields) == len(layoutTool.fields) {
				l = layoutPeople
			}
			if v.population < 15_000 && habit.Float64() < 0.3 {
				d = excel
			}
			f := v.toolFile(l)
			if hasSystem && s.replaces != "" {
				f.fewer = map[string]bool{s.replaces: true}
			}
			if sloppy {
				f.faults = 0.003 + 0.012*v.r.Float64()
			}
			sent := v.sendTool("registreringer", f, d)
			if tardy {
				sent.Received = v.after(v.round.DataDeadline, 2, 9)
			}
			if twice && index == 0 {
				again := *sent
				again.Name = v.m.CodeText() + "-" + v.slug() + "-" + v.round.Name + "-registreringer-igen" + d.ext()
				again.Received = again.Received.AddDate(0, 0, 1)
				files = append(files, again)
			}
			if hasSystem {
				sl := layoutC.day().nulls()
				if l.trailing {
					sl = layoutB
				}
				v.sendSystem(s, sl, d)
			}
			if hasWebsite {
				v.sendWebsite(plain)
			}
		}
	}
	return files, nil
}
