//go:build unix

package main

import (
	"database/sql"
	"fmt"
	"os"
	"strings"

	_ "github.com/duckdb/duckdb-go/v2"
)

const yardstickCommand = "yardstick"

// The yardstick is DuckDB as a user has it, with no setting changed: the file into a table, nothing checked. These are not
// queries of the service and so do not stand in the queries room.
var readCSV = map[string]string{
	"text":  "CREATE TABLE raw AS SELECT * FROM read_csv('%s', delim=';', header=true, all_varchar=true)",
	"typed": "CREATE TABLE raw AS SELECT * FROM read_csv('%s', delim=';', header=true)",
}

// yardstick runs in a child process: VARIANT FILE DATABASE.
func yardstick(args []string) error {
	variant, file, path := args[0], args[1], args[2]
	db, err := sql.Open("duckdb", path)
	if err != nil {
		return err
	}
	defer db.Close()
	if _, err := db.Exec(fmt.Sprintf(readCSV[variant], strings.ReplaceAll(file, "'", "''"))); err != nil {
		return err
	}
	var n int
	if err := db.QueryRow("SELECT count(*) FROM raw").Scan(&n); err != nil {
		return err
	}
	fmt.Println(n)
	return db.Close()
}

// duckdb measures the yardstick; the faster of its two ways counts.
func (b *bench) duckdb() error {
	file, err := b.gen.csv(b.cache, 0, b.rows)
	if err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	b.readCSV = usage{}
	for _, variant := range []string{"text", "typed"} {
		folder, drop, err := b.folder()
		if err != nil {
			return err
		}
		var count strings.Builder
		u, err := child(&count, nil, self, yardstickCommand, variant, file, folder+"/raw.duckdb")
		drop()
		if err != nil {
			// A bad cell beyond the rows that DuckDB looks at before it decides on types stops it.
			fmt.Printf("DuckDB read_csv, %s: cannot load the file\n", variant)
			continue
		}
		if got := strings.TrimSpace(count.String()); got != fmt.Sprint(b.rows) {
			return fmt.Errorf("DuckDB read %s of %d rows", got, b.rows)
		}
		show(fmt.Sprintf("DuckDB read_csv, %s, %s rows, nothing checked", variant, thousands(b.rows)), u)
		if b.readCSV.wall == 0 || u.wall < b.readCSV.wall {
			b.readCSV = u
		}
	}
	if b.readCSV.wall == 0 {
		return fmt.Errorf("DuckDB could not read %s", file)
	}
	return nil
}
