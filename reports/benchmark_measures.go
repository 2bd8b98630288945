package reports

import (
	"fmt"
	"strings"

	"komhen/model"
	"komhen/queries"
)

// member is a municipality of the group with what it counted in a round.
type member struct {
	queries.Profile
	municipality *model.Municipality
	population   int64
}

// measure is something that municipalities are compared on. It is a ratio of two sums, so that the weighted mean is the
// ratio of the group's sums and the unweighted one the mean of the municipalities' values.
type measure struct {
	name  string // for machines: "digital-share", "channel-tlfind-per-1000"
	area  string
	label string
	unit  Unit // Share or Per1000
	num   func(*member) int64
	den   func(*member) int64
	how   string // the definition, in Danish
}

func (m measure) of(x *member) ratio {
	scale := int64(1)
	if m.unit == Per1000 {
		scale = 1000
	}
	return ratio{m.num(x), m.den(x), scale}
}

// compare places own, nil when it has no contacts, among the group's members that have contacts.
func (m measure) compare(own *member, members []*member) comparison {
	ratios := make([]ratio, len(members))
	for i, x := range members {
		ratios[i] = m.of(x)
	}
	if own == nil {
		return compare(nil, ratios)
	}
	r := m.of(own)
	return compare(&r, ratios)
}

func total(m *member) int64      { return m.Total }
func population(m *member) int64 { return m.population }

const (
	areaKey      = "Nøgletal"
	areaChannels = "Kanaler"
	areaTypes    = "Henvendelsestyper"
	areaClosings = "Afslutning"
	areaForms    = "Blanket"
)

// digital and transactions read the two figures that reports define, one part at a time.
func digital(cb *model.Codebook) func(*member) Digital {
	return func(m *member) (d Digital) {
		for id, n := range m.Channels {
			d.Add(cb.Channel(id), n)
		}
		return d
	}
}

func transactions(cb *model.Codebook, edition string) func(*member) Transactions {
	return func(m *member) (t Transactions) {
		for id, n := range m.Types {
			t.Add(cb.Type(id), edition, n)
		}
		return t
	}
}

// channelsNamed adds the contacts of a channel's directions, and says their codes.
func channelsNamed(cb *model.Codebook, name string) (count func(*member) int64, codes []string) {
	var ids []uint8
	for _, c := range cb.Channels {
		if c.Channel == name {
			ids, codes = append(ids, c.ID), append(codes, c.Code)
		}
	}
	return func(m *member) (n int64) {
		for _, id := range ids {
			n += m.Channels[id]
		}
		return n
	}, codes
}

func typesIn(cb *model.Codebook, edition string, g model.TypeGroup) string {
	var codes []string
	for _, t := range cb.Types {
		if t.Groups[edition] == g {
			codes = append(codes, t.Code)
		}
	}
	return listText(codes)
}

// keyMeasures are the ones a mayor asks for, rates before shares. edition is the round's: it decides what a transaction is.
func keyMeasures(cb *model.Codebook, edition string) []measure {
	dig, tra := digital(cb), transactions(cb, edition)
	inbound := func(m *member) int64 { return dig(m).Inbound }
	known := func(m *member) int64 { return tra(m).Known }
	measures := []measure{
		{"per-1000", areaKey, "Henvendelser pr. 1.000 indbyggere", Per1000, total, population, "Alle henvendelser i runden, ind og ud, pr. 1.000 indbyggere."},
		{"inbound-per-1000", areaKey, "Indgående henvendelser pr. 1.000 indbyggere", Per1000, inbound, population, "Henvendelser på indgående kanaler pr. 1.000 indbyggere."},
		{"digital-share", areaKey, "Digital andel", Share, func(m *member) int64 { return dig(m).Digital }, inbound,
			DigitalDefinition + " Digitale kanaler: " + listText(digitalChannels(cb)) + "."},
		{"transaction-share", areaKey, "Transaktioners andel", Share, func(m *member) int64 { return tra(m).Transactions }, known,
			fmt.Sprintf("Type %s af de henvendelser, hvor typen er oplyst (kodebog %s).", typesIn(cb, edition, model.Transaction), edition)},
		{"information-share", areaKey, "Informations andel", Share, func(m *member) int64 { t := tra(m); return t.Known - t.Transactions }, known,
			fmt.Sprintf("Type %s af de henvendelser, hvor typen er oplyst (kodebog %s).", typesIn(cb, edition, model.Information), edition)},
	}
	if id := cb.ClosingID("STRAKS"); id != 0 {
		measures = append(measures, measure{"straks-share", areaKey, "Afsluttet straks, andel", Share, func(m *member) int64 { return m.Closings[id] },
			func(m *member) int64 { return m.Total - m.Closings[0] }, "Afslutning STRAKS af de henvendelser, hvor afslutningen er oplyst."})
	}
	if id := cb.FormID("JA"); id != 0 {
		measures = append(measures, measure{"form-share", areaKey, "Med blanket, andel", Share, func(m *member) int64 { return m.Forms[id] },
			func(m *member) int64 { return m.Total - m.Forms[0] }, "Blanket JA af de henvendelser, hvor blanket er oplyst."})
	}
	for _, kind := range []struct{ code, name string }{{"TLFIND", "telephone-share"}, {"PRSNLG", "personal-share"}, {"SLVBTJN", "self-service-share"},
		{"DOCIND", "digital-post-share"}, {"EMLIND", "email-share"}, {"PPRIND", "letter-share"}} {
		c := cb.Channel(cb.ChannelID(kind.code))
		if c == nil {
			continue
		}
		count, codes := channelsNamed(cb, c.Channel)
		measures = append(measures, measure{kind.name, areaKey, c.Channel + ", andel", Share, count, total,
			fmt.Sprintf("Henvendelser på %s af alle henvendelser.", listText(codes))})
	}
	return measures
}

// codeMeasures are two for each code of a dimension: per 1,000 inhabitants and the share. Code 0, not filled in, is
// included; a code that no member used is left out, but without members every code has its two.
func codeMeasures(cb *model.Codebook, members []*member) []measure {
	var measures []measure
	add := func(name, area, code, label string, num func(*member) int64) {
		used := len(members) == 0
		for _, m := range members {
			used = used || num(m) > 0
		}
		if !used {
			return
		}
		measures = append(measures,
			measure{name + "-per-1000", area, label + ", pr. 1.000 indbyggere", Per1000, num, population, fmt.Sprintf("Henvendelser med %s pr. 1.000 indbyggere.", code)},
			measure{name + "-share", area, label + ", andel", Share, num, total, fmt.Sprintf("Henvendelser med %s af alle henvendelser.", code)})
	}
	for _, c := range cb.Channels {
		add("channel-"+strings.ToLower(c.Code), areaChannels, "kanal "+c.Code, c.Label, func(m *member) int64 { return m.Channels[c.ID] })
	}
	add("channel-unknown", areaChannels, "en kanal, kodebogen ikke kender,", "Ukendt kanal", func(m *member) int64 { // no contact is ever left out
		n := m.Total
		for _, c := range cb.Channels {
			n -= m.Channels[c.ID]
		}
		return n
	})
	for _, t := range cb.Types {
		add("type-"+strings.ToLower(t.Code), areaTypes, "type "+t.Code, t.Label, func(m *member) int64 { return m.Types[t.ID] })
	}
	add("type-null", areaTypes, "type, der ikke er oplyst,", "Type ikke oplyst", func(m *member) int64 { return m.Types[0] })
	for _, c := range cb.Closings {
		add("closing-"+strings.ToLower(c.Code), areaClosings, "afslutning "+c.Code, c.Label, func(m *member) int64 { return m.Closings[c.ID] })
	}
	add("closing-null", areaClosings, "afslutning, der ikke er oplyst,", "Afslutning ikke oplyst", func(m *member) int64 { return m.Closings[0] })
	for _, c := range cb.Forms {
		add("form-"+strings.ToLower(c.Code), areaForms, "blanket "+c.Code, c.Label, func(m *member) int64 { return m.Forms[c.ID] })
	}
	add("form-null", areaForms, "blanket, der ikke er oplyst,", "Blanket ikke oplyst", func(m *member) int64 { return m.Forms[0] })
	return measures
}
