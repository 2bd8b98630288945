package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"komhen/ingest"
	"komhen/model"
	"komhen/web/account"
)

// profileFor finds the saved profile that a file of no layout of ours was made for; nil when there is none. A file that is in our
// layouts, or mends an upload, needs none.
func (s *Server) profileFor(look *ingest.Preview, o ingest.Options) *ingest.Mapping {
	if look.Fault != nil || look.Layout != "" || look.FixFile {
		return nil
	}
	for _, saved := range s.accounts.Profiles(o.Municipality) {
		if saved.Fingerprint != look.Fingerprint || o.Source != "" && saved.Source != "" && !strings.EqualFold(saved.Source, o.Source) {
			continue
		}
		var m ingest.Mapping
		if json.Unmarshal(saved.Mapping, &m) == nil && len(m.Validate(s.book)) == 0 {
			return &m
		}
	}
	return nil
}

// useMapping lets a profile say what the sender left open.
func useMapping(o *ingest.Options, m *ingest.Mapping) {
	o.Mapping = m
	if m.Kind != "" {
		o.Kind = m.Kind
	}
	if o.Source == "" {
		o.Source = m.Source
	}
}

// choosable are the codes a translation may end in, for parameters that have few.
func (s *Server) choosable(field string) (options []choice) {
	switch field {
	case "kanal":
		for _, c := range s.book.Channels {
			options = append(options, choice{c.Code, c.Code + " " + c.Label})
		}
	case "type":
		for _, c := range s.book.Types {
			options = append(options, choice{c.Code, c.Code + " " + c.Label})
		}
	case "afslutning":
		for _, c := range s.book.Closings {
			options = append(options, choice{c.Code, c.Code + " " + c.Label})
		}
	case "blanket":
		for _, c := range s.book.Forms {
			options = append(options, choice{c.Code, c.Label})
		}
	case "opgave":
		for _, t := range s.book.Subjects {
			options = append(options, choice{t.KLE.String(), t.KLE.String() + " " + t.Label})
		}
	}
	return options
}

type choice struct{ Value, Text string }

// fieldTexts are the parameters as people know them.
var fieldTexts = map[string]struct{ label, hint string }{
	"kommune":    {"Kommune", "Lad den stå tom, når filen kun er din egen kommunes."},
	"enhed":      {"Enhed", "Den enhed, som tog imod henvendelsen."},
	"opgave":     {"Opgave", "Et KLE-nummer, fx 23.05.10. Har filen sine egne navne, så oversæt dem."},
	"kanal":      {"Kanal", "Er hele filen én kanal, så vælg en fast værdi. Til besøg på hjemmesiden er den WEB."},
	"type":       {"Henvendelsestype", "Ved systemet det ikke, så er NULL tilladt i et systemudtræk."},
	"afslutning": {"Afslutning", "Straksafsluttet eller lagt til senere behandling."},
	"blanket":    {"Blanket", "Skal udfyldes på papir, e-mail, Digital Post og personligt fremmøde."},
	"dato":       {"Dato", "Har filen dato og klokkeslæt i to kolonner, så vælg begge."},
	"start":      {"Starttidspunkt", "Frivillig."},
	"slut":       {"Sluttidspunkt", "Frivillig."},
	"datakilde":  {"Datakilde", "Frivillig; ellers er den uploadets."},
	"kilde_id":   {"Kildens eget id", "Frivillig. Med et id kan systemet sende rettelser."},
	"antal":      {"Antal", "Frivillig: hvor mange henvendelser rækken står for, fx besøg på en side."},
}

// translated are the fields whose values can be translated.
var translated = []string{"kommune", "enhed", "opgave", "kanal", "type", "afslutning", "blanket"}

type mappingView struct {
	Back          string
	File          string
	Header        []string
	Rows          [][]string
	Fields        []mappingField
	Rest          []restColumn
	Name, Source  string
	System        bool
	Save          bool
	Faults        []ingest.MappingFault
	Saved         []savedProfile
	DateFormats   []choice
	AmountFormats []choice
}

type savedProfile struct{ ID, Name string }

type mappingField struct {
	Name, Label, Hint                       string
	From                                    string // "", "value", or the number of a column
	From2                                   string
	Value, Format, Join, Split, Part, Other string
	Options                                 []choice // what the field may be; empty when it is free text
	Codes                                   []translation
	Date, Amount, Translates                bool
	Fault                                   string
}

type translation struct{ Theirs, Ours string }

type restColumn struct {
	Index int
	Name  string
	Keep  bool
}

// mappingPage asks which column is which. It begins from what the file itself suggests, or a saved profile.
func (s *Server) mappingPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	p, look, err := s.lookAt(r, v)
	if err != nil {
		return err
	}
	m := look.Proposal
	p.mu.Lock()
	if p.options.Mapping != nil {
		m = *p.options.Mapping
	}
	p.mu.Unlock()
	if id := r.URL.Query().Get("profile"); id != "" {
		for _, saved := range s.accounts.Profiles(p.options.Municipality) {
			if saved.ID == id {
				if err := json.Unmarshal(saved.Mapping, &m); err != nil {
					return err
				}
			}
		}
	}
	return s.page(w, r, v, "mapping", s.mappingView(p, look, &m, nil))
}

// lookAt reads the beginning of a waiting file.
func (s *Server) lookAt(r *http.Request, v Viewer) (*pending, *ingest.Preview, error) {
	p, err := s.pending.find(r.PathValue("pending"), v.ID())
	if err != nil {
		return nil, nil, err
	}
	p.mu.Lock()
	o, busy := p.options, p.stage != checked && p.stage != failed
	p.mu.Unlock()
	if busy {
		return nil, nil, &model.Problem{Code: "nothing-to-do", Message: "Filen er i gang. Vent, til den er tjekket."}
	}
	look, err := s.folder.Look(r.Context(), p.file, p.size, o)
	if err != nil {
		return nil, nil, err
	}
	if look.Fault != nil {
		return nil, nil, &model.Problem{Code: "mapping-unreadable", Message: s.book.MessageOf(*look.Fault)}
	}
	return p, look, nil
}

func (s *Server) mappingView(p *pending, look *ingest.Preview, m *ingest.Mapping, faults []ingest.MappingFault) mappingView {
	view := mappingView{Back: "/incoming/" + p.id, File: p.options.Name, Header: look.Header, Rows: look.Rows[:min(len(look.Rows), 5)], Name: m.Name, Source: m.Source,
		System: m.Kind == model.System, Save: true, Faults: faults}
	if view.Source == "" {
		view.Source = p.options.Source
	}
	if m.Kind == "" {
		view.System = p.options.Kind == model.System
	}
	for _, f := range ingest.DateFormats {
		view.DateFormats = append(view.DateFormats, choice{f, ingest.DanishFormat(f)})
	}
	for _, f := range ingest.AmountFormats {
		view.AmountFormats = append(view.AmountFormats, choice{f, f})
	}
	for _, saved := range s.accounts.Profiles(p.options.Municipality) {
		view.Saved = append(view.Saved, savedProfile{saved.ID, saved.Name})
	}
	used := map[string]bool{}
	for _, name := range ingest.FieldNames() {
		f, filled := m.Fields[name]
		x := mappingField{Name: name, Label: fieldTexts[name].label, Hint: fieldTexts[name].hint, Value: f.Value, Format: f.Format, Join: f.Join, Split: f.Split,
			Options: s.choosable(name), Date: name == "dato" || name == "start" || name == "slut", Amount: name == "antal", Translates: slices.Contains(translated, name), Other: f.Default}
		if f.Pass {
			x.Other = "pass"
		}
		if f.Part != 0 {
			x.Part = strconv.Itoa(f.Part)
		}
		if filled && f.Value != "" {
			x.From = "value"
		}
		for k, column := range f.Columns {
			used[model.Fold(column)] = true
			at := slices.IndexFunc(look.Header, func(h string) bool { return model.Fold(h) == model.Fold(column) })
			if at >= 0 && k == 0 {
				x.From = strconv.Itoa(at)
			} else if at >= 0 && k == 1 {
				x.From2 = strconv.Itoa(at)
			}
		}
		if x.Translates && len(f.Columns) > 0 {
			x.Codes = s.translations(name, f, look)
		}
		for _, fault := range faults {
			if fault.Field == name && x.Fault == "" {
				x.Fault = fault.Message
			}
		}
		view.Fields = append(view.Fields, x)
	}
	for i, name := range look.Header {
		if _, keep := m.Keep[name]; !used[model.Fold(name)] && name != "" {
			view.Rest = append(view.Rest, restColumn{i, name, keep})
		}
	}
	return view
}

// translations are the values a field has in the file, with what they become.
func (s *Server) translations(name string, f ingest.Field, look *ingest.Preview) (list []translation) {
	const most = 200
	seen := map[string]bool{}
	add := func(theirs string) {
		if key := model.Fold(theirs); !seen[key] && len(list) < most {
			seen[key] = true
			ours := f.Codes[theirs]
			if ours == "" {
				ours = s.ownCode(name, theirs)
			}
			list = append(list, translation{theirs, ours})
		}
	}
	for theirs := range f.Codes {
		if theirs != "" {
			add(theirs)
		}
	}
	slices.SortFunc(list, func(a, b translation) int { return strings.Compare(a.Theirs, b.Theirs) })
	for _, value := range foundValues(f, look) {
		add(value)
	}
	return list
}

// foundValues are the values that a field's columns have in the beginning of the file, put together and split as the profile says.
func foundValues(f ingest.Field, look *ingest.Preview) (values []string) {
	at := func(name string) int {
		return slices.IndexFunc(look.Header, func(h string) bool { return model.Fold(h) == model.Fold(name) })
	}
	if len(f.Columns) == 1 && at(f.Columns[0]) >= 0 {
		values = slices.Clone(look.Columns[at(f.Columns[0])].Values)
	} else {
		for _, row := range look.Rows {
			var parts []string
			for _, name := range f.Columns {
				if i := at(name); i >= 0 && i < len(row) {
					parts = append(parts, row[i])
				}
			}
			join := f.Join
			if join == "" {
				join = " "
			}
			values = append(values, strings.Join(parts, join))
		}
	}
	if f.Split == "" {
		return values
	}
	for i, value := range values {
		parts := strings.Split(value, f.Split)
		switch {
		case f.Part == -1:
			values[i] = strings.TrimSpace(parts[len(parts)-1])
		case f.Part >= 1 && f.Part <= len(parts):
			values[i] = strings.TrimSpace(parts[f.Part-1])
		default:
			values[i] = ""
		}
	}
	return slices.DeleteFunc(values, func(v string) bool { return v == "" })
}

// ownCode is our code for a value that already is one, or is a label of one.
func (s *Server) ownCode(field, value string) string {
	switch field {
	case "kanal":
		if c := s.book.Channel(s.book.ChannelID(value)); c != nil {
			return c.Code
		}
	case "type":
		if c := s.book.Type(s.book.TypeID(value)); c != nil {
			return c.Code
		}
	case "afslutning":
		if c := s.book.Closing(s.book.ClosingID(value)); c != nil {
			return c.Code
		}
	case "blanket":
		if c := s.book.Form(s.book.FormID(value)); c != nil {
			return c.Code
		}
	case "opgave":
		if k, ok := model.ParseKLE(value); ok {
			return k.String()
		}
	case "enhed", "kommune":
		return value
	}
	return ""
}

// readMapping makes a profile of what the page was filled in with.
func (s *Server) readMapping(form url.Values, look *ingest.Preview) *ingest.Mapping {
	m := &ingest.Mapping{Version: ingest.MappingVersion, Name: strings.TrimSpace(form.Get("name")), Header: look.Header, Source: strings.TrimSpace(form.Get("source")),
		Kind: model.Registration, Fields: map[string]ingest.Field{}, Keep: map[string]string{}}
	if form.Get("kind") == "system" {
		m.Kind = model.System
	}
	column := func(text string) (string, bool) {
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 || n >= len(look.Header) {
			return "", false
		}
		return look.Header[n], true
	}
	used := map[string]bool{}
	for _, name := range ingest.FieldNames() {
		get := func(part string) string { return strings.TrimSpace(form.Get("f." + name + "." + part)) }
		f := ingest.Field{}
		switch from := get("from"); from {
		case "": // not in the file; what is mandatory is then empty, and the rules say so
			if name == "enhed" || name == "blanket" {
				m.Fields[name] = f
			}
			continue
		case "value":
			f.Value = get("value")
		default:
			first, ok := column(from)
			if !ok {
				continue
			}
			f.Columns, f.Format = []string{first}, get("format")
			used[first] = true
			if second, ok := column(get("from2")); ok {
				f.Columns, f.Join = append(f.Columns, second), form.Get("f."+name+".join")
				used[second] = true
			}
			if f.Split = form.Get("f." + name + ".split"); f.Split != "" {
				f.Part, _ = strconv.Atoi(get("part"))
			}
			readCodes(&f, name, form)
		}
		m.Fields[name] = f
	}
	channel := s.book.Channel(s.book.ChannelID(m.Fields["kanal"].Value))
	if b := m.Fields["blanket"]; channel != nil && channel.Form == model.FormFixedNo && b.Value == "" && len(b.Columns) == 0 {
		delete(m.Fields, "blanket") // codebook R10 says what it is
	}
	for i, name := range look.Header {
		switch {
		case used[name] || name == "":
		case form.Get("c."+strconv.Itoa(i)) == "keep":
			m.Keep[name] = ""
		default:
			m.Leave = append(m.Leave, name)
		}
	}
	return m
}

// readCodes reads a field's translations; the values stand beside each other in two lists.
func readCodes(f *ingest.Field, name string, form url.Values) {
	theirs, ours := form["f."+name+".theirs"], form["f."+name+".ours"]
	different := false
	codes := map[string]string{}
	for i := range min(len(theirs), len(ours)) {
		if to := strings.TrimSpace(ours[i]); to != "" {
			codes[theirs[i]] = to
			different = different || model.Fold(to) != model.Fold(theirs[i])
		}
	}
	if !different {
		return
	}
	f.Codes = codes
	switch other := strings.TrimSpace(form.Get("f." + name + ".other")); other {
	case "":
	case "pass":
		f.Pass = true
	default:
		f.Default = other
	}
}

// setMapping tries the columns as they were filled in: the file is checked again with them. step=values only shows which values
// there are to translate.
func (s *Server) setMapping(w http.ResponseWriter, r *http.Request, v Viewer) error {
	p, look, err := s.lookAt(r, v)
	if err != nil {
		return err
	}
	if err := r.ParseForm(); err != nil {
		return &model.Problem{Code: "form", Message: "Formularen kunne ikke læses. Prøv igen.", Err: err}
	}
	m := s.readMapping(r.PostForm, look)
	if m.Name == "" {
		m.Name = p.options.Name
	}
	if r.PostForm.Get("step") == "values" {
		return s.page(w, r, v, "mapping", s.mappingView(p, look, m, nil))
	}
	if faults := m.Validate(s.book); len(faults) > 0 {
		return s.pageWith(w, r, v, http.StatusUnprocessableEntity, "mapping", s.mappingView(p, look, m, faults))
	}
	if r.PostForm.Get("save") != "" {
		text, err := json.Marshal(m)
		if err != nil {
			return err
		}
		saved, err := s.accounts.SaveProfile(account.Profile{ID: s.sameProfile(p.options.Municipality, m), Municipality: p.options.Municipality, Name: m.Name, Source: m.Source,
			Mapping: text, Fingerprint: look.Fingerprint, Changed: s.now(), By: v.ID()})
		if err != nil {
			return err
		}
		s.record(v, addressOf(r), "profile.save", p.options.Municipality, saved.ID)
		s.flash(r, fmt.Sprintf("Profilen »%s« er gemt. Næste fil med de samme kolonner læses af sig selv.", m.Name))
	}
	p.mu.Lock()
	useMapping(&p.options, m)
	p.mu.Unlock()
	s.startCheck(p)
	http.Redirect(w, r, "/incoming/"+p.id, http.StatusSeeOther)
	return nil
}

// sameProfile is the saved profile of that name, which is then replaced.
func (s *Server) sameProfile(municipality uint16, m *ingest.Mapping) string {
	for _, saved := range s.accounts.Profiles(municipality) {
		if strings.EqualFold(saved.Name, m.Name) {
			return saved.ID
		}
	}
	return ""
}

// chooseSheet checks another sheet of a workbook.
func (s *Server) chooseSheet(w http.ResponseWriter, r *http.Request, v Viewer) error {
	p, err := s.pending.find(r.PathValue("pending"), v.ID())
	if err != nil {
		return err
	}
	p.mu.Lock()
	ready := p.stage == checked
	if ready {
		p.options.Sheet = r.PostFormValue("sheet")
	}
	p.mu.Unlock()
	if ready {
		s.startCheck(p)
	}
	http.Redirect(w, r, "/incoming/"+p.id, http.StatusSeeOther)
	return nil
}

// profilesPage lists the saved profiles.
func (s *Server) profilesPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.page(w, r, v, "profiles", struct{ Profiles []account.Profile }{s.accounts.Profiles(v.Municipality)})
}

// deleteProfile forgets a profile; what was loaded with it stays as it is.
func (s *Server) deleteProfile(w http.ResponseWriter, r *http.Request, v Viewer) error {
	if err := s.accounts.DeleteProfile(v.Municipality, r.PathValue("profile")); err != nil {
		return err
	}
	s.record(v, addressOf(r), "profile.delete", v.Municipality, r.PathValue("profile"))
	s.flash(r, "Profilen er slettet. Det, der er indlæst med den, står ved magt.")
	http.Redirect(w, r, "/profiles", http.StatusSeeOther)
	return nil
}
