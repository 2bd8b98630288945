package demo

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"komhen/model"
)

// KlikFile is one invented file of KLIK: a list of waves, of tasks or of statuses, received at a moment.
type KlikFile struct {
	Name     string
	Received time.Time
	Data     []byte
}

// klikSize is how much of KLIK a size of the demo has.
type klikSize struct {
	projects, waves, tasks, days int // waves of each project; tasks of all projects
	municipalities               int // 0 is all
	step                         int // days between go-lives
}

var klikSizes = map[Size]klikSize{
	Small:    {projects: 1, waves: 2, tasks: 14, days: 120, municipalities: 3, step: 45},
	National: {projects: 3, waves: 2, tasks: 200, days: 400, step: 38},
}

var klikProjects = []string{"Fælles borgeroverblik", "Nyt ydelsessystem", "Digital post i sagen"}

var klikRoles = []string{"Projektleder", "Systemansvarlig", "KLIK-administrator", "It-arkitekt", "Uddannelsesansvarlig", ""}

// klikThings are what tasks are about, with the prefix, theme and phase of each.
var klikThings = []struct {
	prefix, theme, phase string
	what                 []string
}{
	{"Styring", "Projektstyring og -ledelse", "Opstart", []string{"Udpeg en projektejer", "Udpeg en projektleder", "Afsæt tid til opgaven", "Lav en tidsplan", "Book møder med leverandøren"}},
	{"Gevinst", "Gevinster og værdier", "Opstart", []string{"Udpeg en, der følger gevinsterne", "Beskriv jeres egne gevinster", "Mål, før I begynder", "Mål igen"}},
	{"Aftale", "It-sikkerhed og -aftaler", "Forberedelse", []string{"Godkend databehandleraftalen", "Godkend serviceaftalen", "Opsig den gamle aftale"}},
	{"Miljø", "It-miljø og -infrastruktur", "Forberedelse", []string{"Tjek jeres it-miljø", "Opsæt adgangen", "Tildel roller til brugerne", "Prøv forbindelsen af"}},
	{"Gang", "Organisering og arbejdsgange", "Forberedelse", []string{"Kortlæg, hvordan I gør i dag", "Beslut, hvordan I vil gøre", "Skriv den nye arbejdsgang ned"}},
	{"Viden", "Viden og færdigheder", "Ibrugtagning", []string{"Udpeg superbrugere", "Planlæg undervisningen", "Undervis brugerne"}},
	{"Skifte", "Ud-/indfasning", "Ibrugtagning", []string{"Klargør data", "Opsæt systemet lokalt", "Luk det gamle system"}},
	{"Drift", "Projektstyring og -ledelse", "Forankring", []string{"Udpeg en systemansvarlig", "Saml op på det, I har lært", "Overdrag til driften"}},
}

type klikTask struct {
	title, reference, needs          string
	theme, phase, priority           string
	duration, end, start, need, area int
	sts                              bool
}

// Klik hands out the invented files of KLIK in the order in which they were received, up to a day. The same day gives the same files.
func Klik(cb *model.Codebook, size Size, today model.Date, yield func(KlikFile) error) error {
	s, known := klikSizes[size]
	if !known {
		return unknownSize(size)
	}
	all := s.all(cb)
	first := today - model.Date(s.days)
	k := &klikMaker{cb: cb, size: s, today: today, first: first, random: random("klik"), moves: map[int]int{}}
	k.plan()
	if err := yield(k.waves(all, first, false)); err != nil {
		return err
	}
	if err := yield(k.tasks(first)); err != nil {
		return err
	}
	k.histories(all)
	moved := first + model.Date(s.days/2)
	for from := first; from < today; {
		until := min(from+30, today)
		if from <= moved && moved < until {
			if err := yield(k.waves(all, moved, true)); err != nil {
				return err
			}
		}
		if f, any := k.statuses(from, until); any {
			if err := yield(f); err != nil {
				return err
			}
		}
		from = until
	}
	return nil
}

// all are the municipalities of a size.
func (s klikSize) all(cb *model.Codebook) (all []uint16) {
	if s.municipalities > 0 {
		return []uint16{259, 253, 461}[:s.municipalities]
	}
	for _, m := range cb.Municipalities {
		all = append(all, m.Code)
	}
	return all
}

type klikMaker struct {
	cb           *model.Codebook
	size         klikSize
	today, first model.Date
	random       *rand.Rand
	golive       []model.Date // of each wave, after the move
	moves        map[int]int  // by how many days a wave was moved
	list         []klikTask
	of           []int // the project of each task
	rows         []klikRow
}

type klikRow struct {
	day          model.Date
	task         int
	municipality uint16
	status, role string
}

// plan invents go-lives and tasks. Waves are numbered through all projects.
func (k *klikMaker) plan() {
	last := k.size.projects * k.size.waves
	for w := range last {
		k.golive = append(k.golive, k.today-model.Date(k.size.days/3)+model.Date((w+1)*k.size.step+k.random.IntN(10)))
	}
	k.moves[last-1] = 21
	for i := range k.size.tasks {
		project := i * k.size.projects / k.size.tasks
		place := i - (project*k.size.tasks+k.size.projects-1)/k.size.projects
		of := (k.size.tasks + k.size.projects - 1) / k.size.projects
		thing := klikThings[min(len(klikThings)-1, place*len(klikThings)/of)]
		what := thing.what[place%len(thing.what)]
		number := place + 1
		t := klikTask{reference: fmt.Sprintf("%s %d", thing.prefix, number), theme: thing.theme, phase: thing.phase, priority: "Obligatorisk", duration: 5 + k.random.IntN(25), area: place, need: -1}
		if place >= 2*len(klikThings) {
			what += fmt.Sprintf(", del %d", place/len(thing.what)+1)
		}
		t.title = fmt.Sprintf("(%s) %s", t.reference, what)
		switch k.random.IntN(10) {
		case 0, 1:
			t.priority = "Obligatorisk på kritisk vej"
		case 2, 3, 4:
			t.priority = "Anbefalet"
		}
		t.end = -k.size.days/4 + place*k.size.days/3/of + k.random.IntN(9)
		t.start = -t.duration - k.random.IntN(20) - 1
		t.sts = thing.prefix == "Miljø"
		if place > 2 && k.random.IntN(4) == 0 {
			t.need = i - 1 - k.random.IntN(min(place-1, 3))
			t.needs = k.list[t.need].reference
			if k.list[t.need].priority == "Anbefalet" {
				k.list[t.need].priority = "Obligatorisk"
			}
		}
		k.list, k.of = append(k.list, t), append(k.of, project)
	}
}

func (k *klikMaker) csv(name string, day model.Date, header []string, rows [][]string) KlikFile {
	return KlikFile{name, day.Time().Add(7 * time.Hour), list(header, rows)}
}

func list(header []string, rows [][]string) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = ';'
	_ = w.Write(header) // into memory
	_ = w.WriteAll(rows)
	return b.Bytes()
}

func (k *klikMaker) waveName(w int) string { return fmt.Sprintf("Bølge %d", w%k.size.waves+1) }

func (k *klikMaker) waves(all []uint16, day model.Date, moved bool) KlikFile {
	var rows [][]string
	for w, golive := range k.golive {
		if !moved {
			golive -= model.Date(k.moves[w])
		}
		var members []string
		for i, m := range all {
			if i%k.size.waves == w%k.size.waves {
				members = append(members, k.cb.Municipality(m).Name)
			}
		}
		year := k.today.Year()
		zones := fmt.Sprintf("20-12-%d – 02-01-%d; 20-12-%d – 02-01-%d", year-1, year, year, year+1)
		rows = append(rows, []string{klikProjects[w/k.size.waves], k.waveName(w), golive.String(), strings.Join(members, ", "), zones, "Nej"})
	}
	rows = append(rows, []string{klikProjects[0], "Testbølge", (k.today + 60).String(), "Korsbæk", rows[0][4], "Ja"})
	return k.csv(fmt.Sprintf("boelger-%s.csv", day.ISO()), day, []string{"Projekt", "Bølge", "Go-live", "Kommuner", "Frozen zones", "Testbølge"}, rows)
}

func (k *klikMaker) tasks(day model.Date) KlikFile {
	var rows [][]string
	for i, t := range k.list {
		var waves []string
		for w := range k.size.waves {
			waves = append(waves, fmt.Sprintf("Bølge %d", w+1))
		}
		if k.of[i] == 0 {
			waves = append(waves, "Testbølge")
		}
		yes := map[bool]string{true: "Ja", false: "Nej"}
		rows = append(rows, []string{klikProjects[k.of[i]], t.title, t.phase, t.theme, t.priority, yes[t.sts], fmt.Sprint(t.duration), "Nej", fmt.Sprint(t.end), fmt.Sprint(t.start), strings.Join(waves, "; "), t.needs,
			"Målet er, at I er klar, når løsningen tages i brug.", "I skal løse opgaven, før I går videre. Ellers bliver I ikke færdige til tiden.\nDu kan få hjælp hos projektet.",
			"1. Aftal, hvem der gør det.\n2. Gør det.\n3. Markér opgaven som fuldført.", klikRoles[i%5]})
	}
	return k.csv("opgaver.csv", day, []string{"Projekt", "Opgavetitel", "Fase", "Tema", "Prioritet", "Er det en STS/infrastruktur opgave?", "Opgavens varighed (antal dage)", "Frozen zone", "Slutdato (fra Go-live)",
		"Startdato (fra slutdato)", "Bølger", "Forudsætninger", "Mål", "Beskrivelse", "Metode og fremgangsmåde", "Anbefalet ansvarlig"}, rows)
}

// histories invents when each municipality began and completed each task. Some are quick, some slow; nothing is completed before what it waits for.
func (k *klikMaker) histories(all []uint16) {
	const never = 1 << 30
	for i, m := range append(slices.Clone(all), model.KlikTestMunicipality) {
		slow := k.random.Float64()
		done := make([]model.Date, len(k.list))
		for t, task := range k.list {
			if m == model.KlikTestMunicipality && k.of[t] != 0 {
				continue
			}
			golive := k.golive[k.of[t]*k.size.waves+i%k.size.waves]
			end := golive + model.Date(task.end)
			begin := end + model.Date(task.start) + model.Date(k.random.IntN(15))
			finish := begin + model.Date(task.duration) + model.Date(float64(k.random.IntN(40))*slow)
			role := klikRoles[(t+i)%len(klikRoles)]
			if k.random.IntN(12) == 0 {
				finish = never
			}
			if task.need >= 0 {
				finish = max(finish, done[task.need])
			}
			done[t] = finish
			add := func(day model.Date, status string) {
				if day < k.today {
					k.rows = append(k.rows, klikRow{max(day, k.first), t, m, status, role})
				}
			}
			switch {
			case k.random.IntN(60) == 0 && task.priority == "Anbefalet":
				add(begin, "Ikke relevant")
				done[t] = begin
				continue
			case begin < finish:
				add(begin, "I gang")
				if pause := begin + (min(finish, k.today)-begin)/2; k.random.IntN(6) == 0 && pause > begin && pause < finish {
					add(pause, "Afventer")
				}
			}
			add(finish, "Fuldført")
		}
	}
	slices.SortStableFunc(k.rows, func(a, b klikRow) int { return int(a.day - b.day) })
}

// statuses is what was said from a day on, before another.
func (k *klikMaker) statuses(from, until model.Date) (KlikFile, bool) {
	var rows [][]string
	last := map[string]int{}
	for _, r := range k.rows {
		if r.day < from || r.day >= until {
			continue
		}
		key := fmt.Sprint(r.task, " ", r.municipality, " ", r.day)
		line := []string{klikProjects[k.of[r.task]], k.list[r.task].reference, k.cb.KlikMunicipalityName(r.municipality), r.status, r.role, r.day.String()}
		if at, twice := last[key]; twice {
			rows[at] = line
			continue
		}
		last[key] = len(rows)
		rows = append(rows, line)
	}
	return k.csv(fmt.Sprintf("status-%s.csv", until.ISO()), until, []string{"Projekt", "Opgave", "Kommune", "Status", "Ansvarlig", "Ændret"}, rows), len(rows) > 0
}
