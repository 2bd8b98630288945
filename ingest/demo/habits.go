package demo

// The numbers in this file are guesses that make a plausible round; nothing was measured. Codes are looked up in the
// codebook when a demo starts, and one that it lacks is an error.

// weighted is a code and how common it is. The empty code is "not filled in".
type weighted struct {
	code   string
	weight float64
}

// opening is when contacts of a kind come in.
type opening int

const (
	atDesk    opening = iota // letters and mails, read all day
	onPhone                  // the telephone hours
	atCounter                // the opening hours of the citizen service
)

// habit is how contacts on one channel look in a registration tool.
type habit struct {
	code    string
	weight  float64 // share of a tool's contacts
	growth  float64 // factor from one round to the next
	digital bool    // more of it in a municipality that leans digital
	hours   opening
	papers  float64 // how much more often passports, health cards and the like than tasks on the whole
	types   []weighted
	straks  float64 // share closed at once
	form    float64 // share with a form, of those that open a case
	minutes float64 // median handling time
}

var (
	talk     = []weighted{{"INFO", 36}, {"VEJL", 33}, {"STATUS", 9}, {"OPRET", 9}, {"SLVBTJN", 8}, {"FEJL", 5}}
	visit    = []weighted{{"OPRET", 47}, {"VEJL", 19}, {"INFO", 15}, {"STATUS", 9}, {"SLVBTJN", 8}, {"FEJL", 2}}
	incoming = []weighted{{"OPRET", 38}, {"STATUS", 24}, {"INFO", 28}, {"VEJL", 8}, {"FEJL", 2}}
	outgoing = []weighted{{"STATUS", 44}, {"INFO", 46}, {"OPRET", 4}, {"VEJL", 6}}
)

var habits = []habit{
	{code: "TLFIND", weight: 36, growth: 0.96, hours: onPhone, papers: 0.8, types: talk, straks: 0.80, minutes: 3.4},
	{code: "TLFUD", weight: 5, growth: 0.97, hours: atDesk, papers: 0.5, types: outgoing, straks: 0.74, minutes: 3.0},
	{code: "PRSNLG", weight: 25, growth: 0.91, hours: atCounter, papers: 2.6, types: visit, straks: 0.71, form: 0.55, minutes: 6.5},
	{code: "EMLIND", weight: 9, growth: 1.08, digital: true, papers: 0.6, types: incoming, straks: 0.03, form: 0.18, minutes: 4.5},
	{code: "EMLUD", weight: 5, growth: 1.08, digital: true, papers: 0.6, types: outgoing, straks: 0.03, form: 0.10, minutes: 5.0},
	{code: "PPRIND", weight: 8, growth: 0.82, papers: 0.7, types: incoming, straks: 0.02, form: 0.52, minutes: 5.5},
	{code: "PPRUD", weight: 7, growth: 0.80, papers: 0.5, types: outgoing, straks: 0.02, form: 0.12, minutes: 6.0},
	{code: "DOCIND", weight: 1.6, growth: 1.55, digital: true, papers: 0.6, types: incoming, straks: 0.03, form: 0.25, minutes: 4.0},
	{code: "DOKUD", weight: 2.2, growth: 1.60, digital: true, papers: 0.5, types: outgoing, straks: 0.03, form: 0.10, minutes: 4.0},
	{code: "SMSUD", weight: 0.5, growth: 1.20, digital: true, papers: 1, types: outgoing, straks: 0.9, minutes: 1.0},
	{code: "CHATIND", weight: 0.4, growth: 1.50, digital: true, hours: onPhone, papers: 1.2, types: talk, straks: 0.9, minutes: 5.0},
	{code: "FPRNT", weight: 0.6, growth: 1.10, papers: 0.4, types: outgoing, straks: 0.3, minutes: 1.5},
}

// heavy are the tasks that citizens come about most; other obligatory tasks weigh 1.2 and the extra ones 0.3.
var heavy = []weighted{
	{"23.09.02", 14}, {"23.05.10", 11}, {"23.09.04", 10}, {"29.03.04", 7}, {"32.03.04", 6.5}, {"32.24.04", 6}, {"32.06.04", 5},
	{"28.09.40", 5}, {"32.06.08", 4}, {"32.30.04", 4}, {"27.60.00", 4}, {"29.03.12", 3}, {"29.03.99", 3}, {"25.45.00", 3},
	{"32.03.16", 2.5}, {"32.12.00", 2}, {"17.13.10", 2}, {"25.10.00", 2}, {"02.34.02", 2}, {"32.03.12", 2},
}

// papers are the task groups of people who come for a document.
var papers = []string{"23.", "29.03"}

// desk is a unit and the task groups it handles, in a municipality of a certain size. The first match takes the task.
type desk struct {
	name   string
	groups []string
	from   int // inhabitants
}

const frontOffice = "Borgerservice"

var desks = []desk{
	{"Opkrævningen", []string{"25.45", "25.02"}, 60_000},
	{"Jobcenter", []string{"15.", "32.24", "32.30"}, 20_000},
	{"Ældre og Handicap", []string{"27.", "32.18"}, 25_000},
	{"Kultur og Fritid", []string{"18.", "82.", "22."}, 40_000},
	{"Pladsanvisningen", []string{"28.", "17."}, 0},
	{"Teknik og Miljø", []string{"02.", "05.", "06.", "07.", "09."}, 0},
	{"Ydelse", []string{"32."}, 10_000},
}

// branches share the front office of a large municipality.
var branches = []weighted{{frontOffice, 70}, {frontOffice + " Nord", 18}, {frontOffice + " Syd", 12}}

const branchesFrom = 90_000 // inhabitants

// system is how the extract of another system looks: few parameters, dates without a time, and so many equal rows.
type system struct {
	source                           string
	channels, types, closings, forms []weighted
	units                            []weighted
	tasks                            []weighted // empty: the municipality's own mix
	weekend                          float64    // of an ordinary day
	growth                           float64
	share                            float64 // of a municipality's contacts
	replaces                         string  // the tool's channel that is used less where this system counts
}

var systems = []system{
	{
		source: "Telefonsystem", channels: []weighted{{"TLFIND", 88}, {"TLFUD", 12}}, types: []weighted{{"", 1}}, closings: []weighted{{"", 1}},
		forms: []weighted{{"", 1}}, units: []weighted{{frontOffice, 70}, {"", 30}},
		tasks:  []weighted{{"23.05.10", 22}, {"29.03.04", 14}, {"32.03.04", 18}, {"32.24.04", 16}, {"23.09.02", 12}, {"25.45.00", 8}, {"28.09.40", 10}},
		growth: 0.97, share: 0.22, replaces: "TLFIND",
	},
	{
		source: "Digital Post", channels: []weighted{{"DOKUD", 90}, {"DOCIND", 10}}, types: []weighted{{"STATUS", 40}, {"INFO", 40}, {"", 20}},
		closings: []weighted{{"HOLD", 45}, {"", 55}}, forms: []weighted{{"NEJ", 60}, {"", 40}}, units: []weighted{{"", 1}},
		tasks:   []weighted{{"32.06.04", 30}, {"32.03.04", 24}, {"28.09.40", 16}, {"25.45.00", 14}, {"29.03.12", 8}, {"32.06.08", 8}},
		weekend: 0.05, growth: 1.7, share: 0.14,
	},
	{
		source: "Nummersystem", channels: []weighted{{"PRSNLG", 1}}, types: []weighted{{"", 1}}, closings: []weighted{{"STRAKS", 60}, {"", 40}},
		forms: []weighted{{"", 1}}, units: []weighted{{frontOffice, 1}},
		tasks:  []weighted{{"23.09.02", 40}, {"23.09.04", 28}, {"23.05.10", 14}, {"29.03.04", 12}, {"29.03.99", 6}},
		growth: 0.93, share: 0.16, replaces: "PRSNLG",
	},
	{
		source: "Selvbetjening", channels: []weighted{{"SLVBTJN", 93}, {"BRGDK", 7}}, types: []weighted{{"OPRET", 85}, {"STATUS", 15}},
		closings: []weighted{{"HOLD", 60}, {"STRAKS", 40}}, forms: []weighted{{"", 1}}, units: []weighted{{"", 80}, {frontOffice, 20}},
		tasks:   []weighted{{"23.05.10", 34}, {"28.09.40", 22}, {"29.03.04", 14}, {"17.13.10", 12}, {"29.03.12", 10}, {"32.06.08", 8}},
		weekend: 0.55, growth: 1.35, share: 0.12,
	},
}

// website visits come as numbers per day and task, with fixed parameters (codebook rule R10).
const (
	websiteSource  = "Hjemmeside"
	websiteChannel = "WEB"
	websiteShare   = 0.20
	websiteGrowth  = 1.15
	websiteWeekend = 0.55
)

// weekday weights, from Sunday; Monday is the busiest, and Friday closes early.
var weekday = [7]float64{0, 1.32, 1.06, 0.95, 1.10, 0.62, 0}

// laterWeeks: the second and third count week bring a little less, as staff tire of registering.
var laterWeeks = []float64{1, 0.92, 0.86}

// hours gives each hour of the day its weight. Thursday is the late day; noon dips.
func hours(o opening, thursday, friday bool) (weights [24]float64) {
	from, to := 8, 16
	switch {
	case o == atCounter && thursday:
		from, to = 10, 18
	case o == atCounter && friday:
		from, to = 10, 13
	case o == atCounter:
		from, to = 10, 15
	case o == onPhone && thursday:
		from, to = 9, 17
	case o == onPhone && friday:
		from, to = 9, 14
	case o == onPhone:
		from, to = 9, 15
	}
	for h := from; h < to; h++ {
		weights[h] = 1
	}
	weights[from] = 1.25
	if to > 12 {
		weights[12] *= 0.5
	}
	weights[to-1] *= 0.7
	return weights
}

// remarks are answers in free text, one of the local parameters; none is about anybody.
var remarks = []string{
	"", "", "", "", "", "Ringer igen", "Henvist til hjemmesiden", "Havde ikke pasfoto med", "Fik hjælp ved borger-pc", "Sendt videre til Ydelse",
	"Ønskede tid på torsdag", "Spurgte til åbningstider",
}

// postcodes are known for the municipalities of the small demo only.
var postcodes = map[uint16][]weighted{
	259: {{"4600", 70}, {"4681", 12}, {"4682", 8}, {"4140", 10}},
	187: {{"2665", 80}, {"2625", 20}},
	461: {{"5000", 40}, {"5200", 15}, {"5210", 12}, {"5220", 13}, {"5230", 12}, {"5240", 8}},
}
