package reports

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"komhen/model"
	"komhen/queries"
)

// operationMonths is how many months the table shows, as seed 003 has it.
const operationMonths = 12

// Operations is driftsstatus over twelve months, ready to be shown.
type Operations struct {
	Month   model.Month // the last of Months; 0 when nothing is known
	Months  []model.Month
	Latest  model.Month // the newest month with a figure
	First   model.Month // the oldest
	System  string      // the one that was asked for; "" for all
	Systems []string    // all that there are

	Rows       []OperationLine
	Breaches   []OperationBreach
	Narratives []model.OperationNarrative // of Month
	Incidents  []model.Incident           // that touch Months, newest first
	Computed   []ComputedUptime
}

// OperationLine is a row of the table with a cell a month. Target is the newest of its months'.
type OperationLine struct {
	model.OperationRow
	Target *model.Availability
	Cells  []model.OperationFigure // Value and Calls are nil where nothing was measured
}

// OperationBreach is a month below its target.
type OperationBreach struct{ model.OperationFigure }

// ComputedUptime is a month's availability as its incidents have it, beside the figure that is stated.
type ComputedUptime struct {
	model.OperationRow
	Month    model.Month
	Down     time.Duration
	Computed model.Availability
	Stated   *model.Availability // nil where no figure is stated
}

// Sentence says in Danish how the two stand to each other.
func (c ComputedUptime) Sentence() string {
	text := fmt.Sprintf("%s, %s: hændelserne varede %s af månedens %s minutter, og det giver %s.", c.Label(), c.Month, minutes(c.Down), minutes(c.Month.Length()), c.Computed.Round(2))
	switch {
	case c.Stated == nil:
		return text + " Der er ikke oplyst et tal."
	case c.Stated.AgreesWith(c.Computed) != "":
		return text + fmt.Sprintf(" Oplyst er %s; det %s.", c.Stated, c.Stated.AgreesWith(c.Computed))
	}
	return text + fmt.Sprintf(" Oplyst er %s; det stemmer ikke.", c.Stated)
}

func minutes(d time.Duration) string { return model.FormatInt(int64(d.Round(time.Minute).Minutes())) }

// RunOperations reads driftsstatus: the twelve months that end with one, 0 for the newest; of one system, "" for all. A system that there is
// not is a *model.Problem "system-unknown".
func RunOperations(ctx context.Context, st *queries.Store, month model.Month, system string) (*Operations, error) {
	records, err := st.Records(ctx, queries.RecordFilter{Kind: model.RecordOperations})
	if err != nil {
		return nil, err
	}
	var figures []model.OperationFigure
	var narratives []model.OperationNarrative
	var incidents []model.Incident
	for _, r := range records {
		switch what, _, _ := strings.Cut(r.Key, "/"); what {
		case "figure":
			err = readBody(r, &figures)
		case "narrative":
			err = readBody(r, &narratives)
		case "incident":
			err = readBody(r, &incidents)
		}
		if err != nil {
			return nil, err
		}
	}
	o := &Operations{Month: month}
	if err := o.frame(figures, narratives, system); err != nil || o.Month == 0 {
		return o, err
	}
	o.lines(figures)
	o.around(narratives, incidents)
	o.compute()
	return o, nil
}

func readBody[T any](r queries.Declared, into *[]T) error {
	var x T
	if err := json.Unmarshal(r.Body, &x); err != nil {
		return fmt.Errorf("record %d of kind %s: %w", r.Seq, r.Kind, err)
	}
	*into = append(*into, x)
	return nil
}

// frame finds the months and systems.
func (o *Operations) frame(figures []model.OperationFigure, narratives []model.OperationNarrative, system string) error {
	known := map[string]string{}
	for _, f := range figures {
		o.Latest = max(o.Latest, f.Month)
		if o.First == 0 || f.Month < o.First {
			o.First = f.Month
		}
		if f.System != "" {
			known[model.Fold(f.System)] = f.System
		}
	}
	for _, n := range narratives {
		if n.System != "" && known[model.Fold(n.System)] == "" {
			known[model.Fold(n.System)] = n.System
		}
	}
	for _, name := range known {
		o.Systems = append(o.Systems, name)
	}
	slices.Sort(o.Systems)
	if system != "" {
		if o.System = known[model.Fold(system)]; o.System == "" {
			return &model.Problem{Code: "system-unknown", Message: "Der er ingen driftsstatus for det system. Vælg et af dem på listen, eller alle."}
		}
	}
	o.Month = cmp.Or(o.Month, o.Latest)
	if o.Month != 0 {
		for m := o.Month - operationMonths + 1; m <= o.Month; m++ {
			o.Months = append(o.Months, m)
		}
	}
	return nil
}

// shows tells whether a system is among those asked for.
func (o *Operations) shows(system string) bool {
	return o.System == "" || model.Fold(system) == model.Fold(o.System)
}

func (o *Operations) lines(figures []model.OperationFigure) {
	at := map[model.OperationRow]int{}
	for _, f := range figures {
		column := int(f.Month - o.Months[0])
		if column < 0 || column >= len(o.Months) || !o.shows(f.System) {
			continue
		}
		row := f.Row()
		i, there := at[row]
		if !there {
			i = len(o.Rows)
			at[row] = i
			o.Rows = append(o.Rows, OperationLine{OperationRow: row, Cells: make([]model.OperationFigure, len(o.Months))})
		}
		o.Rows[i].Cells[column] = f
	}
	slices.SortFunc(o.Rows, func(a, b OperationLine) int { return a.Compare(b.OperationRow) })
	for i := range o.Rows {
		for _, f := range o.Rows[i].Cells {
			if f.Target != nil {
				o.Rows[i].Target = f.Target
			}
			if f.Breached() {
				o.Breaches = append(o.Breaches, OperationBreach{f})
			}
		}
	}
}

// around picks what belongs to the months: a narrative of the last, incidents of any.
func (o *Operations) around(narratives []model.OperationNarrative, incidents []model.Incident) {
	for _, n := range narratives {
		if n.Month == o.Month && o.shows(n.System) {
			o.Narratives = append(o.Narratives, n)
		}
	}
	areas := map[string]bool{}
	for _, r := range o.Rows {
		areas[model.Fold(r.Area)] = true
	}
	first, last := o.Months[0].First().At(0), (o.Month + 1).First().At(0)
	for _, i := range incidents {
		if i.From < last && i.To > first && (o.System == "" || areas[model.Fold(i.Area)]) {
			o.Incidents = append(o.Incidents, i)
		}
	}
	slices.SortStableFunc(o.Incidents, func(a, b model.Incident) int { return cmp.Compare(b.From, a.From) })
}

// compute sets what incidents amount to beside the stated figures (inventory SL6).
func (o *Operations) compute() {
	type of struct {
		area    string
		measure model.Measure
	}
	by := map[of][]model.Incident{}
	for _, i := range o.Incidents {
		if i.Measure != "" {
			key := of{model.Fold(i.Area), i.Measure}
			by[key] = append(by[key], i)
		}
	}
	for _, line := range o.Rows {
		incidents := by[of{model.Fold(line.Area), line.Measure}]
		for at, m := range o.Months {
			if down := model.Downtime(m, incidents); down > 0 {
				o.Computed = append(o.Computed, ComputedUptime{line.OperationRow, m, down, model.AvailabilityAfter(m, down), line.Cells[at].Value})
			}
		}
	}
}

// Heading says of what and when: "Støttesystemer · okt-19 til sep-20".
func (o *Operations) Heading() string {
	who := cmp.Or(o.System, "Alle systemer")
	if o.Month == 0 {
		return who
	}
	return fmt.Sprintf("%s · %s til %s", who, o.Months[0].Short(), o.Month.Short())
}

// OperationsLegend is what the marks and words of the table mean; all but the first are the seed's own.
var OperationsLegend = []string{
	"▼ og rød baggrund: måneden er under SLA-målet. Lige på målet er overholdt.",
	"Infrastruktur er hardware og operativsystem, applikation er programmet.",
	"En hændelse er rød, når systemet ikke kunne bruges, og gul, når det kunne bruges, men manglede funktionalitet. Kun røde tæller i regnestykket ud fra minutter.",
}

// Sentence says a breach in Danish.
func (b OperationBreach) Sentence() string {
	return fmt.Sprintf("%s, %s: %s, og målet er %s.", b.Row().Label(), b.Month, b.Value, b.Target)
}

// Summary is the first thing to say of the months.
func (o *Operations) Summary() string {
	if len(o.Breaches) == 0 {
		return "Ingen måned er under sit mål."
	}
	rows := map[model.OperationRow]bool{}
	last := 0
	for _, b := range o.Breaches {
		rows[b.Row()] = true
		if b.Month == o.Month {
			last++
		}
	}
	text := fmt.Sprintf("%s under mål, fordelt på %s.", countText(len(o.Breaches), "måned er", "måneder er"), countText(len(rows), "måling", "målinger"))
	switch last {
	case 0:
		return text + fmt.Sprintf(" I %s er alle mål nået.", o.Month)
	}
	return text + fmt.Sprintf(" I %s er det %s.", o.Month, countText(last, "måling", "målinger"))
}

func countText(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return model.FormatInt(int64(n)) + " " + many
}

// NarrativeSentence says what was said of a month: whether users were served well, and how many service windows there were.
func NarrativeSentence(n model.OperationNarrative) string {
	var parts []string
	switch {
	case n.Satisfied == nil:
	case *n.Satisfied:
		parts = append(parts, "Den brugeroplevede driftsstabilitet var tilfredsstillende.")
	default:
		parts = append(parts, "Den brugeroplevede driftsstabilitet var ikke tilfredsstillende.")
	}
	if n.Windows != nil {
		parts = append(parts, fmt.Sprintf("Der var %s.", countText(int(*n.Windows), "servicevindue", "servicevinduer")))
	}
	if n.Text != "" {
		parts = append(parts, n.Text)
	}
	return strings.Join(parts, " ")
}
