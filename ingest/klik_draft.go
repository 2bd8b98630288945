package ingest

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"komhen/model"
)

// klikKind is what a row of a KLIK file is about.
type klikKind int

const (
	klikOfProject klikKind = iota
	klikOfWave
	klikOfTask
	klikOfWork
)

// klikDraft is a row with its cells read. A row with an error among its findings changes nothing.
type klikDraft struct {
	row      *KlikRow
	kind     klikKind
	findings []model.Finding
	refused  bool

	zones         []model.KlikZone
	waves         []string
	goLive        model.Date
	members       []uint16
	prefix        string
	number        int
	phase         uint8
	theme         uint8
	priority      uint8
	sts, frozen   bool
	duration      *int
	end, start    *int
	deletes       model.Date
	municipality  uint16
	status        uint8
	startDay      model.Date
	endDay        model.Date
	changed       model.Date
	colour        model.KlikColour
	colourWritten bool
}

// klikDrafter reads cells. today is the day on which the file came.
type klikDrafter struct {
	book  *model.Codebook
	today model.Date
	d     *klikDraft
}

func (x *klikDrafter) text(field string) string { return x.d.row.Cells[field] }

// find adds a finding at a field.
func (d *klikDraft) find(book *model.Codebook, rule, field, value, detail string) {
	f := model.Finding{Rule: rule, Line: d.row.lineOf(field), Record: d.row.lineOf(field), Value: shown(value), Detail: detail}
	if field != "" {
		f.Column = book.Klik.Named(field).Label
	}
	f.Severity = book.Rule(rule).Severity
	d.refused = d.refused || f.Severity == model.Error
	d.findings = append(d.findings, f)
}

func (x *klikDrafter) wrong(rule, field, detail string) {
	x.d.find(x.book, rule, field, x.text(field), detail)
}

// draft reads a row.
func (x *klikDrafter) draft(row *KlikRow) *klikDraft {
	x.d = &klikDraft{row: row}
	switch {
	case x.text("municipality") != "" && (row.has("title") || row.has("status")):
		x.d.kind = klikOfWork
		x.work()
	case x.text("title") != "" || row.lines != nil:
		x.d.kind = klikOfTask
		x.task()
	case x.text("waves") != "":
		x.d.kind = klikOfWave
		if x.text("project") == "" {
			x.wrong("KL13", "project", "")
		}
	case row.has("title") && x.text("zones") == "":
		x.d.kind = klikOfTask
		x.wrong("KL13", "title", "")
	default:
		if x.text("project") == "" {
			x.wrong("KL13", "project", "")
		}
	}
	if x.d.kind != klikOfWork {
		x.plan()
	}
	return x.d
}

var klikWaveMarks = regexp.MustCompile(`[\n;|,]`)

// plan reads what rows of projects, waves and tasks have in common.
func (x *klikDrafter) plan() {
	for _, name := range klikWaveMarks.Split(x.text("waves"), -1) {
		if name = strings.TrimSpace(name); name != "" {
			x.d.waves = append(x.d.waves, name)
		}
	}
	x.d.zones = x.zones()
	x.d.goLive = x.day("golive")
	if x.text("members") != "" || x.text("municipality") != "" {
		x.members()
	}
	if (x.d.goLive != 0 || x.d.members != nil) && len(x.d.waves) > 1 && x.d.kind == klikOfWave {
		x.wrong("KL14", "waves", "Go-live og kommuner kan kun gælde én bølge ad gangen")
	}
	if yes, written := x.yesNo("test"); written && yes && x.d.members == nil {
		x.d.members = []uint16{model.KlikTestMunicipality}
	} else if written && yes != (len(x.d.members) == 1 && x.d.members[0] == model.KlikTestMunicipality) {
		x.d.find(x.book, "KL08", "test", x.text("test"), "Rækken siger, om bølgen er en testbølge, og dens kommuner siger det modsatte")
	}
}

func (x *klikDrafter) members() {
	text := x.text("members")
	if text == "" {
		text = x.text("municipality")
	}
	if model.Fold(text) == "alle" || model.Fold(text) == "allekommuner" {
		for _, m := range x.book.Municipalities {
			x.d.members = append(x.d.members, m.Code)
		}
		return
	}
	for _, name := range klikWaveMarks.Split(text, -1) {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		code := x.book.KlikMunicipality(name)
		if code == 0 {
			x.d.find(x.book, "KL14", "members", name, "den kommune kendes ikke")
			continue
		}
		x.d.members = append(x.d.members, code)
	}
}

var klikZone = regexp.MustCompile(`(\d{1,4}[-./]\d{1,2}[-./]\d{1,4})\s*(?:–|—|-|til)\s*(\d{1,4}[-./]\d{1,2}[-./]\d{1,4})`)

func (x *klikDrafter) zones() (zones []model.KlikZone) {
	text := x.text("zones")
	found := klikZone.FindAllStringSubmatch(text, -1)
	left := strings.Trim(klikZone.ReplaceAllString(text, ""), " \n\t;,|")
	for _, m := range found {
		first, ok := klikDay(m[1])
		last, also := klikDay(m[2])
		if !ok || !also || first > last {
			left = m[0]
			continue
		}
		zones = append(zones, model.KlikZone{First: first, Last: last})
	}
	if left != "" {
		x.wrong("KL14", "zones", "den skal skrives som perioder: 20-12-2026 – 04-01-2027")
	}
	return zones
}

// task reads the template's fields.
func (x *klikDrafter) task() {
	d := x.d
	if title := x.text("title"); title != "" {
		prefix, number, sentence, ok := model.ParseKlikTitle(title)
		if ok {
			d.prefix, d.number = prefix, number
		}
		if (!ok || sentence == "") && !model.IsKlikShortName(title) { // remark warns of a short name that turns out to be a title
			x.wrong("KL01", "title", "")
		}
	}
	d.phase, d.theme, d.priority = x.code("phase", x.book.Klik.Phases), x.code("theme", x.book.Klik.Themes), x.code("priority", x.book.Klik.Priorities)
	d.sts, _ = x.yesNo("sts")
	d.frozen, _ = x.yesNo("frozen")
	d.duration = x.number("duration", "KL14")
	if d.duration != nil && *d.duration < 0 {
		x.wrong("KL14", "duration", "en varighed er 0 dage eller flere")
	}
	d.end, d.start = x.number("end", "KL02"), x.number("start", "KL02")
	if d.start != nil && *d.start >= 0 {
		x.wrong("KL02", "start", "den skal være negativ: en opgave starter, før den slutter")
	}
	d.deletes = x.day("deletes") // whether that is notice enough depends on what stands: addTask
	for _, f := range x.book.Klik.Fields {
		if !f.Prose {
			continue
		}
		for _, words := range model.KlikWording(x.text(f.Field)) {
			d.find(x.book, "KL11", f.Field, words, "")
		}
	}
	if message := x.text("message"); message != "" {
		if fault := model.KlikMessageFault(message); fault != "" {
			x.wrong("KL10", "message", fault)
		}
	}
	if reply := x.text("reply"); reply != "" && !model.HasMailAddress(reply) {
		x.wrong("KL12", "reply", "")
	}
}

// work reads a row about a task of one municipality.
func (x *klikDrafter) work() {
	d := x.d
	if d.municipality = x.book.KlikMunicipality(x.text("municipality")); d.municipality == 0 {
		x.wrong("KL14", "municipality", "den kommune kendes ikke")
	}
	if x.text("title") == "" {
		x.wrong("KL13", "title", "")
	}
	d.status = x.code("status", x.book.Klik.Statuses)
	d.changed, d.startDay, d.endDay = x.day("changed"), x.day("start_day"), x.day("end_day")
	if d.changed > x.today {
		x.wrong("KL14", "changed", "den dag ligger i fremtiden")
	}
	if d.startDay != 0 && d.endDay != 0 && d.startDay > d.endDay {
		x.wrong("KL02", "start_day", "den ligger efter slutdatoen")
	}
	if text := x.text("deadline"); text != "" {
		if d.colour, d.colourWritten = model.ParseKlikColour(text); !d.colourWritten {
			x.wrong("KL14", "deadline", "vi kender Rød, Gul, Grøn og Ingen")
		}
	}
	if x.book.Klik.Closed(d.status) && d.colour > model.KlikGreen {
		d.find(x.book, "KL06", "deadline", model.KlikLabel(x.book.Klik.Statuses, d.status), d.colour.String())
	}
}

// code reads a cell that says one of few things; 0 for an empty or unknown one.
func (x *klikDrafter) code(field string, list []model.KlikCode) uint8 {
	text := x.text(field)
	if text == "" {
		return 0
	}
	if c := model.FindKlikCode(list, text); c != nil {
		return c.ID
	}
	var labels []string
	for _, c := range list {
		labels = append(labels, c.Label)
	}
	x.wrong("KL14", field, "vi kender "+strings.Join(labels, ", "))
	return 0
}

var klikTicked = regexp.MustCompile(`[☒☑✓✔]\s*(\pL+)`)

func (x *klikDrafter) yesNo(field string) (yes, written bool) {
	text := x.text(field)
	if m := klikTicked.FindStringSubmatch(text); m != nil {
		text = m[1]
	}
	switch model.Fold(text) {
	case "":
		return false, false
	case "ja", "j", "x", "1", "sand", "true", "yes":
		return true, true
	case "nej", "n", "0", "falsk", "false", "no", "–":
		return false, true
	}
	x.wrong("KL14", field, "vi kender ja og nej")
	return false, true
}

var klikNumber = regexp.MustCompile(`^[”“"']?([+\-−–]?)\s?(\d{1,5})(?:[.,]0+)?[”“"']?(?:\s*dage?)?\.?$`)

// number reads a whole number of days; nil for an empty cell.
func (x *klikDrafter) number(field, rule string) *int {
	text := x.text(field)
	if text == "" {
		return nil
	}
	m := klikNumber.FindStringSubmatch(text)
	if m == nil {
		x.wrong(rule, field, "det er ikke et helt antal dage")
		return nil
	}
	n, _ := strconv.Atoi(m[2])
	if m[1] != "" && m[1] != "+" {
		n = -n
	}
	return &n
}

// day reads a date; 0 for an empty cell.
func (x *klikDrafter) day(field string) model.Date {
	text := x.text(field)
	if text == "" {
		return 0
	}
	d, ok := klikDay(text)
	if !ok {
		x.wrong("KL14", field, "det er ikke en dato som 18-03-2026")
	}
	return d
}

var klikDate = regexp.MustCompile(`^(\d{1,4})[-./](\d{1,2})[-./](\d{1,4})(?:[ T]\d\d:\d\d(?::\d\d)?)?$`)

// klikDay reads dd-mm-yyyy and yyyy-mm-dd, also with dots or slashes; a time of day behind it is left out.
func klikDay(text string) (model.Date, bool) {
	m := klikDate.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	year, month, day := m[3], m[2], m[1]
	if len(day) == 4 {
		year, day = day, year
	}
	y, _ := strconv.Atoi(year)
	mo, _ := strconv.Atoi(month)
	d, _ := strconv.Atoi(day)
	if len(year) != 4 || len(day) > 2 || y < 1990 || y > 2100 || !model.ValidDay(y, mo, d) {
		return 0, false
	}
	return model.NewDate(y, mo, d), true
}

// place names a row for people.
func (d *klikDraft) place() string { return fmt.Sprint(d.row.Line) }
