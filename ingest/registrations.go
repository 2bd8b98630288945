package ingest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"komhen/model"
)

// Registration is a contact as a registration tool sends it: its own id, and the codebook's parameters with codes or labels.
type Registration struct {
	ID     string
	Values map[string]string // by our own name of the parameter, else by the name of a local one
	Fault  *model.Finding    // why it cannot be read (R11, R16); the rest is then empty, but for the ID
}

// Limits of what a tool may send at once.
const (
	MaxRegistrations     = 1_000   // rows of one body
	MaxRegistrationBytes = 2 << 20 // of one body
	maxRegistrationKeys  = 60
	maxRegistrationText  = 1_000 // bytes of a value
	maxRegistrationID    = 200
)

// unreadable is the finding of a registration that is not what it should be. detail is Danish, to follow "kan ikke læses: ".
func unreadable(detail string) *model.Finding {
	detail, _ = model.MaskCPR(detail, false)
	return &model.Finding{Rule: "R16", Severity: model.Error, Detail: detail}
}

// DecodeRegistrations reads a JSON array, JSON lines or a single object. A row that cannot be read has a Fault and stops no other;
// the error, a *model.Problem, is for a body that is no list at all, or too large.
func DecodeRegistrations(r io.Reader) ([]Registration, error) {
	body, err := io.ReadAll(io.LimitReader(r, MaxRegistrationBytes+1))
	if err != nil {
		return nil, err
	}
	refuse := func(code, format string, args ...any) ([]Registration, error) {
		return nil, &model.Problem{Code: code, Message: fmt.Sprintf(format, args...)}
	}
	if len(body) > MaxRegistrationBytes {
		return refuse("registrations-too-large", "Der er sendt over %d MB på én gang. Send færre registreringer ad gangen.", MaxRegistrationBytes>>20)
	}
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")))
	var parts []json.RawMessage
	switch {
	case len(body) == 0:
		return refuse("registrations-unreadable", "Der er ikke sendt nogen registreringer.")
	case body[0] == '[':
		if err := json.Unmarshal(body, &parts); err != nil {
			return refuse("registrations-unreadable", "Det, der er sendt, er ikke gyldig JSON. Send en liste af registreringer, eller én registrering på hver linje.")
		}
	case json.Valid(body):
		parts = append(parts, body)
	default:
		for line := range bytes.Lines(body) {
			if line = bytes.TrimSpace(line); len(line) > 0 {
				parts = append(parts, line)
			}
		}
	}
	if len(parts) > MaxRegistrations {
		return refuse("registrations-too-many", "Der er sendt %d registreringer på én gang, og grænsen er %d.", len(parts), MaxRegistrations)
	}
	list := make([]Registration, 0, len(parts))
	for _, part := range parts {
		list = append(list, decodeRegistration(part))
	}
	return list, nil
}

func decodeRegistration(text json.RawMessage) (r Registration) {
	r.Values = map[string]string{}
	fail := func(f *model.Finding) Registration { return Registration{ID: r.ID, Fault: f} }
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if t, err := d.Token(); err != nil || t != json.Delim('{') || !json.Valid(text) {
		return fail(unreadable("den er ikke et JSON-objekt"))
	}
	seen := map[string]string{}
	var fault *model.Finding // the first; the id may stand behind it
	for d.More() {
		t, err := d.Token()
		if err != nil {
			return fail(unreadable("den er ikke et JSON-objekt"))
		}
		name, _ := t.(string)
		name = oneLine(name)
		var value any
		if err := d.Decode(&value); err != nil {
			return fail(unreadable("den er ikke et JSON-objekt"))
		}
		text, ok := plainValue(value)
		key, why := registrationKey(name)
		switch other, twice := seen[model.Fold(key)]; {
		case key == "kilde_id" && ok && why == nil && !twice:
			r.ID = text
		case fault != nil:
		case why != nil:
			fault = why
		case !ok:
			fault = unreadable(fmt.Sprintf("»%s« er hverken tekst, tal, sand eller falsk", show(name)))
		case twice:
			fault = unreadable(fmt.Sprintf("»%s« og »%s« er samme parameter", show(other), show(name)))
		case len(text) > maxRegistrationText:
			fault = unreadable(fmt.Sprintf("»%s« er over %d tegn", show(name), maxRegistrationText))
		case len(seen) >= maxRegistrationKeys:
			fault = unreadable(fmt.Sprintf("den har over %d parametre", maxRegistrationKeys))
		case text != "":
			r.Values[key] = text
		}
		seen[model.Fold(key)] = name
	}
	switch {
	case len(r.ID) > maxRegistrationID:
		r.ID = ""
		fault = unreadable(fmt.Sprintf("dens id er over %d tegn", maxRegistrationID))
	case r.ID == "" || strings.EqualFold(r.ID, null):
		fault = unreadable("den mangler et id. Giv hver registrering sit eget, og send den med samme id, hvis den sendes igen")
	}
	if fault != nil {
		return fail(fault)
	}
	return r
}

// registrationKey is the name under which a value is kept.
func registrationKey(name string) (string, *model.Finding) {
	folded := model.Fold(name)
	if folded == "id" {
		return "kilde_id", nil
	}
	is, ours := headerNames[folded]
	for _, f := range fieldParameters {
		if ours && f.is == is {
			return f.name, nil
		}
	}
	masked, hit := model.MaskCPR(name, false)
	switch {
	case hit:
		return "", &model.Finding{Rule: "R11", Severity: model.Error, Column: show(masked), Value: show(masked)}
	case ours && is == pMunicipalityName:
		return "kommune", nil
	case ours, folded == "", len(name) > 100:
		return "", unreadable(fmt.Sprintf("»%s« kan ikke være navnet på en parameter her", show(name)))
	}
	return name, nil
}

// plainValue is a JSON value as a cell.
func plainValue(value any) (string, bool) {
	switch v := value.(type) {
	case nil:
		return "", true
	case string:
		return oneLine(v), true
	case json.Number:
		return v.String(), true
	case bool:
		return map[bool]string{true: "JA", false: "NEJ"}[v], true
	}
	return "", false
}

// oneLine keeps a row of the kept file on one line, so that its line tells which registration it was.
func oneLine(s string) string {
	return trim(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s))
}

// registrationTable spells registrations in our own layout, one line each below the header, with a column for each local parameter.
func registrationTable(rows []*sentRow) [][]string {
	names, locals := FieldNames(), map[string]string{}
	for _, r := range rows {
		for name := range r.Values {
			if _, ours := fieldParameter(name); !ours {
				if first, ok := locals[model.Fold(name)]; !ok || name < first {
					locals[model.Fold(name)] = name
				}
			}
		}
	}
	header := slices.Clone(names)
	var folded []string
	for f := range locals {
		folded = append(folded, f)
	}
	slices.Sort(folded)
	for _, f := range folded {
		header = append(header, locals[f])
	}
	table := [][]string{header}
	for _, r := range rows {
		cells := make([]string, len(header))
		for name, value := range r.Values {
			if i := slices.Index(names, name); i >= 0 {
				cells[i] = value
			} else if i, ok := slices.BinarySearch(folded, model.Fold(name)); ok {
				cells[len(names)+i] = value
			}
		}
		cells[slices.Index(names, "kilde_id")] = r.ID
		table = append(table, cells)
	}
	return table
}
