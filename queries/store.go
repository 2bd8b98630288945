// Package queries is the only room that knows DuckDB: the schema, one SQL file per query, and typed methods that run them.
//
// Danger: one process may write. Open takes no lock of its own between processes beyond DuckDB's; ingest holds the lock
// on the data folder. A Store must be closed, or its file stays locked.
package queries

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/duckdb/duckdb-go/v2"

	"komhen/model"
)

//go:embed *.sql load/*.sql report/*.sql benchmark/*.sql cube/*.sql overlap/*.sql klik/*.sql
var files embed.FS

// SchemaVersion is raised when schema.sql changes; an older database is rebuilt from the kept uploads and the journal.
const SchemaVersion = "6"

// Store is an open database. It is safe for concurrent use.
type Store struct {
	db       *sql.DB
	ReadOnly bool

	// FetchNear tells whether a load that puts some rows aside, of all there are, first fetches what is known of their keys. It is a matter of
	// time alone; tests decide otherwise.
	FetchNear func(rows, all int64) bool

	noLog      bool
	refreshing chan struct{} // holds one while the cube is made anew
	sliceRows  int64         // of contacts, that are made anew together
}

// Options of Open. Path "" is a database in memory. MemoryMB bounds DuckDB's buffers, not the whole process.
type Options struct {
	Path     string
	TempDir  string
	ReadOnly bool
	MemoryMB int
	Threads  int
	// NoLog has a commit write the database itself, where nobody reads it, instead of a log that the closing would have to write into the
	// database a moment later.
	NoLog bool
}

// Open opens the database and makes the schema in a new one. Errors are *model.Problem: "data-in-use" when another process
// holds the file, "schema-version" when it must be rebuilt, "database" for anything else.
func Open(ctx context.Context, o Options) (*Store, error) {
	if o.MemoryMB == 0 {
		o.MemoryMB = 256
	}
	set := url.Values{}
	set.Set("memory_limit", fmt.Sprintf("%dMB", o.MemoryMB))
	if o.Threads > 0 {
		set.Set("threads", fmt.Sprint(o.Threads))
	}
	if o.NoLog {
		set.Set("checkpoint_threshold", "1KB")
	}
	set.Set("preserve_insertion_order", "false")
	set.Set("autoinstall_known_extensions", "false")
	set.Set("autoload_known_extensions", "false")
	if o.TempDir != "" {
		set.Set("temp_directory", o.TempDir)
	}
	if o.ReadOnly {
		set.Set("access_mode", "READ_ONLY")
	}
	native, err := duckdb.NewConnector(o.Path+"?"+set.Encode(), nil)
	if err != nil {
		if strings.Contains(err.Error(), "Could not set lock") {
			return nil, &model.Problem{Code: "data-in-use", Message: "Datamappen er i brug af et andet program.", Err: err}
		}
		return nil, &model.Problem{Code: "database", Message: "Databasen kunne ikke åbnes.", Err: err}
	}
	s := &Store{db: sql.OpenDB(connector{native}), ReadOnly: o.ReadOnly, noLog: o.NoLog, refreshing: make(chan struct{}, 1), sliceRows: defaultSliceRows, FetchNear: fetchNear}
	if err := s.prepare(ctx); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

func (s *Store) prepare(ctx context.Context) error {
	var tables int
	if err := s.db.QueryRowContext(ctx, s.sql("has_schema")).Scan(&tables); err != nil {
		return &model.Problem{Code: "database", Message: "Databasen kunne ikke åbnes.", Err: err}
	}
	if tables == 0 {
		if s.ReadOnly {
			return &model.Problem{Code: "database", Message: "Databasen er tom.", Err: errors.New("no schema")}
		}
		script := "BEGIN TRANSACTION;\n" + s.sql("schema") + "\nINSERT INTO meta VALUES ('schema', '" + SchemaVersion + "');\nCOMMIT;"
		if _, err := s.db.ExecContext(ctx, script); err != nil {
			return &model.Problem{Code: "database", Message: "Databasen kunne ikke oprettes.", Err: err}
		}
		return nil
	}
	var version string
	if err := s.db.QueryRowContext(ctx, s.sql("schema_version")).Scan(&version); err != nil || version != SchemaVersion {
		return &model.Problem{Code: "schema-version", Message: "Databasen er skrevet af en anden version af programmet. Kør komhen rebuild.", Err: err}
	}
	return nil
}

// Close releases the database and its file lock. A transaction whose context has ended is rolled back beside the one who began it, and
// the lock lasts until that is done; so it is waited for.
func (s *Store) Close() error {
	err := s.db.Close()
	for began := time.Now(); s.db.Stats().OpenConnections > 0 && time.Since(began) < mostClosing; {
		time.Sleep(time.Millisecond)
	}
	return err
}

// mostClosing is how long a connection that nobody gives back is waited for.
const mostClosing = 10 * time.Second

// sql is the text of queries/NAME.sql. A name that does not exist is a broken build, caught by the test that runs every file.
func (s *Store) sql(name string) string { return text(name) }

func text(name string) string {
	b, err := files.ReadFile(name + ".sql")
	if err != nil {
		panic(err)
	}
	return string(b)
}

// Names lists the SQL files, for the test that each has a caller.
func Names() []string {
	var names []string
	_ = fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".sql" {
			names = append(names, strings.TrimSuffix(path, ".sql"))
		}
		return nil
	})
	return names
}

// Applied is the journal's last line that the database contains.
func (s *Store) Applied(ctx context.Context) (seq uint64, hash string, err error) {
	err = s.db.QueryRowContext(ctx, s.sql("load/applied")).Scan(&seq, &hash)
	return seq, hash, err
}

// NextUpload is the number the next upload gets.
func (s *Store) NextUpload(ctx context.Context) (n uint32, err error) {
	err = s.db.QueryRowContext(ctx, s.sql("load/next_upload")).Scan(&n)
	return n, err
}

// Sources maps each known source name to its number.
func (s *Store) Sources(ctx context.Context) (map[string]uint16, error) {
	rows, err := s.db.QueryContext(ctx, s.sql("load/sources"))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]uint16{}
	for rows.Next() {
		var id uint16
		var name string
		if err := rows.Scan(&id, &name); err != nil {
			return nil, err
		}
		out[name] = id
	}
	return out, rows.Err()
}

// StoredKeys is roughly how many rows contacts has; it costs nothing to ask.
func (s *Store) StoredKeys(ctx context.Context) (n int64, err error) {
	err = s.db.QueryRowContext(ctx, s.sql("load/count_contacts")).Scan(&n)
	return n, err
}
