package reports

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"komhen/model"
	"komhen/model/codebook"
	"komhen/queries"
)

// Unit names that no workbook may hold, as units, as local parameters and as an id of a unit.
var plantedUnits = []string{"Hemmelig Afdeling", "Borgerservice Nordvest", "ENH-7731"}

// count is some equal contacts for the database.
type counted struct {
	upload                      int
	municipality                uint16
	channel, typ, closing, form string
	subject                     model.KLE
	day                         model.Date
	copies                      int
	test                        bool
	unit                        string
}

func realCodebook(t testing.TB) *model.Codebook {
	t.Helper()
	cb, err := codebook.Load()
	if err != nil {
		t.Fatal(err)
	}
	return cb
}

func mustRound(t testing.TB, cb *model.Codebook, name string) model.Round {
	t.Helper()
	r, err := cb.Round(name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// upload is a file in the database.
type upload struct {
	number       int
	file, source string
	municipality uint16
	received     string
	rows         int
}

// store fills a database with uploads and contacts.
func store(t testing.TB, cb *model.Codebook, uploads []upload, contacts []counted) *queries.Store {
	t.Helper()
	return fill(t, func(exec func(string, ...any)) {
		for i, name := range []string{"Tracetool", "Systemudtræk"} {
			exec("INSERT INTO sources VALUES (?::USMALLINT, ?)", i+1, name)
		}
		for _, u := range uploads {
			exec(insertUpload, u.number, true, u.municipality, u.source, false, "", "")
			exec("UPDATE uploads SET file = ?, received = ?::TIMESTAMP, sha256 = sha256(?), records = ?, header = 1, accepted = ?, rejected = 1 WHERE upload = ?",
				u.file, u.received, u.file, u.rows+2, u.rows, u.number)
		}
		var b strings.Builder
		flush := func() {
			if b.Len() > 0 {
				exec("INSERT INTO given VALUES " + b.String())
				b.Reset()
			}
		}
		quote := func(s string) string {
			if s == "" {
				return "NULL"
			}
			return "'" + strings.ReplaceAll(s, "'", "''") + "'"
		}
		for i, c := range contacts {
			if b.Len() > 0 {
				b.WriteString(",")
			}
			fmt.Fprintf(&b, "(%d,%d,%d,0,0,%d,1,%d,%d,%d,%d,%d,'%s 10:00:00',NULL,NULL,1,%s,NULL,%s,%t,%t,%d,%d)", c.upload, i+2, i+1, c.municipality,
				cb.ChannelID(c.channel), cb.TypeID(c.typ), cb.ClosingID(c.closing), cb.FormID(c.form), c.subject, c.day.ISO(), quote(c.unit), quote(c.unit), c.typ == "", c.test, c.copies, c.copies)
			if i%2000 == 1999 {
				flush()
			}
		}
		flush()
		for i, u := range plantedUnits {
			exec("INSERT INTO units VALUES (?::USMALLINT, ?, 1)", 259, fmt.Sprint(u, i))
		}
	})
}

// invented is a score of municipalities in three rounds, drawn from a fixed seed. Køge (259) skips one round, and one of
// its files has a name like a formula.
func invented(t testing.TB, cb *model.Codebook) *queries.Store {
	t.Helper()
	codes := []uint16{101, 147, 151, 153, 159, 167, 175, 217, 219, 253, 259, 265, 316, 330, 360, 370, 400, 461, 561, 630, 751, 851}
	mix := []struct {
		channel string
		weight  float64
	}{{"TLFIND", 30}, {"PRSNLG", 18}, {"EMLIND", 12}, {"SLVBTJN", 14}, {"DOCIND", 6}, {"PPRIND", 9}, {"WEB", 4}, {"BRGDK", 2}, {"TLFUD", 4}, {"EMLUD", 5}, {"PPRUD", 3}, {"DOKUD", 2}, {"SMSIND", 0.6}, {"SYSMEDIND", 1}}
	typeCodes := []string{"OPRET", "STATUS", "INFO", "VEJL", "SLVBTJN", "FEJL"}
	random := rand.New(rand.NewPCG(2012, 259))
	var uploads []upload
	var contacts []counted
	for r, name := range []string{"2012F", "2012E", "2013F"} {
		round := mustRound(t, cb, name)
		for _, code := range codes {
			if code == 259 && r == 1 || code == 851 && r == 2 {
				continue
			}
			m := cb.Municipality(code)
			people, _ := m.PopulationOn(round.First)
			digital := 0.7 + 0.6*random.Float64() + 0.25*float64(r)
			volume := float64(people) / 1000 * (45 + 40*random.Float64())
			number := len(uploads) + 1
			u := upload{number: number, file: fmt.Sprintf("%s_%s.csv", strings.ToLower(m.Name), name), source: "Tracetool", municipality: code,
				received: round.Last.ISO() + " 14:05:09", rows: 0}
			if code == 259 && r == 2 {
				u.file = "=HYPERLINK(\"x\") & tælling.csv"
			}
			for i, ch := range mix {
				weight := ch.weight * (0.7 + 0.6*random.Float64())
				c := cb.Channel(cb.ChannelID(ch.channel))
				if c.Digital {
					weight *= digital
				}
				if code == 101 && ch.channel == "SMSIND" {
					weight = 0
				}
				for s := 0; s < 26; s++ {
					subject := cb.Subjects[(s*7+i*3)%len(cb.Subjects)]
					n := int(volume*weight/110/float64(s+2)*0.42*(0.5+random.Float64()) + 0.5)
					if n == 0 {
						continue
					}
					row := counted{upload: number, municipality: code, channel: ch.channel, typ: typeCodes[(s*s+i+int(code))%6], closing: "STRAKS", form: "NEJ",
						subject: subject.KLE, day: round.First + model.Date(s%5+7*(i%3)), copies: n, unit: plantedUnits[s%3]}
					if (s+i)%3 == 0 {
						row.closing = "HOLD"
					}
					if (s+i)%7 == 0 {
						row.form = "JA"
					}
					if c.Form == model.FormOptional {
						row.form = ""
					}
					if i == 3 && s%2 == 0 {
						row.typ, row.closing = "", ""
					}
					contacts = append(contacts, row)
					u.rows += n
				}
			}
			uploads = append(uploads, u)
		}
	}
	koge := mustRound(t, cb, "2013F")
	contacts = append(contacts,
		counted{upload: 1, municipality: 259, channel: "TLFIND", typ: "VEJL", closing: "STRAKS", subject: 11100, day: koge.First, copies: 5000, test: true},
		counted{upload: 1, municipality: 259, channel: "TLFIND", typ: "VEJL", closing: "STRAKS", subject: 11100, day: koge.Last + 30, copies: 123})
	return store(t, cb, uploads, contacts)
}
