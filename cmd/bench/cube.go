//go:build unix

package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"komhen/model"
	"komhen/model/codebook"
	"komhen/queries"
	"komhen/reports"
)

// Names of the child processes that make, refresh and ask the database of the measurement.
const (
	cubeFillCommand    = "cube-fill"
	cubeRefreshCommand = "cube-refresh"
	cubeAskCommand     = "cube-ask"
)

const (
	cubeContacts     = 50_000_000
	cubeStep         = 5_000_000 // of one upload, with rows of all municipalities
	cubeMunicipality = 461
)

// cube: each report of fifty million contacts of one round, from the cube, to the same from contacts. As much as possible speaks
// against it: every combination of codes that can be is there, so it is as large as it can get.
func (b *bench) cube() error {
	data, drop, err := b.folder()
	if err != nil {
		return err
	}
	defer drop()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	path := filepath.Join(data, "komhen.duckdb")
	if _, err := child(io.Discard, nil, self, cubeFillCommand, path); err != nil {
		return err
	}
	for _, what := range []string{"all municipalities", "one municipality"} {
		u, err := child(io.Discard, nil, self, cubeRefreshCommand, path, what)
		if err != nil {
			return err
		}
		b.judge(fmt.Sprintf("the cube of %s contacts made anew, %s: peak memory", thousands(cubeContacts), what), u, u.peakMB, 700, "MB")
	}
	return answers(self, cubeAskCommand, path, func(a cubeAnswer) {
		what := fmt.Sprintf("report %s: %.0f ms from the cube, %.0f times faster", a.What, 1000*a.Cube, a.Raw/a.Cube)
		b.judge(what, usage{wall: time.Duration(a.Raw * float64(time.Second))}, a.Cube/a.Raw, 0.05, "")
	})
}

// cubeAnswer is what asking for a report took, in seconds.
type cubeAnswer struct {
	What      string
	Raw, Cube float64
}

// cubeFill makes the database with SQL, as importing would take far longer: FILE.
func cubeFill(args []string) error {
	ctx := context.Background()
	book, err := codebook.Load()
	if err != nil {
		return err
	}
	st, err := queries.Open(ctx, queries.Options{Path: args[0]})
	if err != nil {
		return err
	}
	if err := st.Close(); err != nil {
		return err
	}
	db, err := sql.Open("duckdb", args[0])
	if err != nil {
		return err
	}
	defer db.Close()
	var municipalities, channels, subjects []string
	for _, m := range book.Municipalities {
		municipalities = append(municipalities, fmt.Sprint(m.Code))
	}
	for _, c := range book.Channels {
		channels = append(channels, fmt.Sprint(c.ID))
	}
	for _, s := range book.Subjects {
		subjects = append(subjects, fmt.Sprint(uint32(s.KLE)))
	}
	// pick draws one of a list for row i.
	pick := func(salt int, list []string) string {
		return fmt.Sprintf("[%s][1 + (hash(i + %d) %% %d)::BIGINT]", strings.Join(list, ", "), salt, len(list))
	}
	if _, err := db.Exec("INSERT INTO unit_names SELECT 1 + i, 'Enhed ' || i FROM range(12) u(i)"); err != nil {
		return err
	}
	for first := 0; first < cubeContacts; first += cubeStep {
		upload := first/cubeStep + 1
		_, err := db.Exec(fmt.Sprintf(`CREATE OR REPLACE TEMP TABLE given AS SELECT * EXCLUDE (no_unit, place, detail, row_id) FROM contacts LIMIT 0; INSERT INTO given BY NAME SELECT %d AS upload, i - %d + 2 AS line, hash(i) AS key_hi, hash(i + 1) AS key_lo, 0 AS version,
			%s AS municipality, 1 AS source, %s AS channel, hash(i + 7000000001) %% 7 AS type, hash(i + 8000000001) %% 3 AS closing, hash(i + 9000000001) %% 3 AS form, %s AS subject,
			(TIMESTAMP '2012-04-23' + INTERVAL (hash(i + 5000000001) %% (21 * 86400)) SECOND)::TIMESTAMP_S AS moment, 1 AS amount,
			'Enhed ' || (hash(i + 6000000001) %% 12) AS unit, hash(i + 4000000001) %% 5 = 0 AS system, FALSE AS test, 1 AS own, 1 AS copies
			FROM range(%d, %d) r(i);
			INSERT INTO contact_rows FROM packed('given'); DROP TABLE given`, upload, first, pick(1000000001, municipalities), pick(2000000001, channels), pick(3000000001, subjects), first, first+cubeStep))
		if err != nil {
			return err
		}
		if _, err := db.Exec(`INSERT INTO uploads BY NAME SELECT ? AS upload, upload AS bag, TRUE AS live, FALSE AS restricted, TIMESTAMP '2012-05-20' AS received, received AS changed,
			'fil.csv' AS file, 'fil.csv' AS kept, 'abc' AS sha256, 'abc' AS kept_sha256, 1 AS size, 0 AS municipality, 'Tracetool' AS source, 'registration' AS kind,
			FALSE AS test, '2012F' AS round, 'csv' AS format, 'UTF-8' AS encoding, ';' AS delimiter, '' AS sheet, 'C' AS layout, []::VARCHAR[] AS columns,
			[]::VARCHAR[] AS locals, 0 AS records, 0 AS header, 0 AS blank, 0 AS accepted, 0 AS rejected, 0 AS withheld, 0 AS contacts, 0 AS warnings, 0 AS corrections`, upload); err != nil {
			return err
		}
	}
	if _, err := db.Exec("INSERT INTO stale SELECT DISTINCT municipality, date_trunc('week', moment) FROM contacts"); err != nil {
		return err
	}
	return db.Close()
}

// cubeRefresh makes the cube: FILE WHAT. One municipality is marked stale first unless all are.
func cubeRefresh(args []string) error {
	ctx := context.Background()
	if args[1] == "one municipality" {
		db, err := sql.Open("duckdb", args[0])
		if err != nil {
			return err
		}
		_, err = db.Exec(fmt.Sprintf("INSERT INTO stale SELECT %d, DATE '2012-04-23' + INTERVAL (7 * i) DAY FROM range(3) r(i)", cubeMunicipality))
		if err != nil {
			return err
		}
		if err := db.Close(); err != nil {
			return err
		}
	}
	st, err := queries.Open(ctx, queries.Options{Path: args[0], TempDir: filepath.Dir(args[0])})
	if err != nil {
		return err
	}
	defer st.Close()
	if err := st.RefreshCube(ctx); err != nil {
		return err
	}
	return st.Close()
}

// cubeAsk runs every report both ways and writes what it took: FILE. The answers must be the same.
func cubeAsk(args []string) error {
	ctx := context.Background()
	book, err := codebook.Load()
	if err != nil {
		return err
	}
	st, err := queries.Open(ctx, queries.Options{Path: args[0], TempDir: filepath.Dir(args[0]), ReadOnly: true})
	if err != nil {
		return err
	}
	defer st.Close()
	round, err := book.Round("2012F")
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	for _, d := range reports.Names() {
		if d.Name == "local" || d.Name == "questions" { // months are no whole weeks, and answers no contacts: the cube has no part in them
			continue
		}
		for _, municipality := range []uint16{0, cubeMunicipality} {
			if d.NeedsMunicipality && municipality == 0 || d.NationalOnly && municipality != 0 {
				continue
			}
			q := reports.Query{Name: d.Name, Round: round, Municipality: municipality}
			a := cubeAnswer{What: d.Name}
			if municipality != 0 {
				a.What += ", one municipality"
			}
			var want, got []byte
			if a.Raw, want, err = ask(queries.WithoutCube(ctx), st, book, q, 3); err != nil {
				return err
			}
			if a.Cube, got, err = ask(ctx, st, book, q, 9); err != nil {
				return err
			}
			if !bytes.Equal(want, got) {
				return fmt.Errorf("%s: the cube gives\n%s\ncontacts give\n%s", a.What, got, want)
			}
			if err := out.Encode(a); err != nil {
				return err
			}
		}
	}
	return nil
}

// ask runs a report some times and gives the median in seconds.
func ask(ctx context.Context, st *queries.Store, book *model.Codebook, q reports.Query, times int) (seconds float64, answer []byte, err error) {
	var all []float64
	for range times {
		begin := time.Now()
		r, err := reports.Run(ctx, st, book, q)
		if err != nil {
			return 0, nil, err
		}
		all = append(all, time.Since(begin).Seconds())
		var b bytes.Buffer
		if err := reports.WriteJSON(&b, r); err != nil {
			return 0, nil, err
		}
		answer = b.Bytes()
	}
	slices.Sort(all)
	return all[times/2], answer, nil
}
