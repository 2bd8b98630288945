package model_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// rooms says which rooms each room may import (ARCHITECTURE.md): model <- queries <- (ingest | reports) <- web <- cmd.
var rooms = map[string][]string{
	"model":   {},
	"queries": {"model"},
	"ingest":  {"model", "queries"},
	"reports": {"model", "queries"},
	"web":     {"model", "queries", "ingest", "reports"},
	"cmd":     {"model", "queries", "ingest", "reports", "web"},
}

// TestImportOrder fails when a room knows another that it must not know. Tests are held to it too.
func TestImportOrder(t *testing.T) {
	root := ".."
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() && rel != "." && (strings.HasPrefix(d.Name(), ".") || rooms[strings.Split(rel, "/")[0]] == nil) {
			return fs.SkipDir
		}
		if filepath.Ext(rel) != ".go" || !strings.Contains(rel, "/") {
			return nil
		}
		files++
		test := strings.HasSuffix(rel, "_test.go")
		room := strings.Split(rel, "/")[0]
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return nil // the compiler says it better
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if fault := forbidden(rel, room, imported, test); fault != "" {
				t.Errorf("%s imports %s: %s", rel, imported, fault)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files == 0 {
		t.Fatal("no Go files found")
	}
}

func forbidden(file, room, imported string, test bool) string {
	own, isOwn := strings.CutPrefix(imported, "komhen/")
	switch {
	case isOwn:
		other := strings.Split(own, "/")[0]
		if other == room {
			return ""
		}
		for _, allowed := range rooms[room] {
			if other == allowed {
				return ""
			}
		}
		return "the rooms may only know each other in one direction"
	case test:
		return ""
	case filepath.ToSlash(filepath.Dir(file)) == "model" && strings.Contains(strings.Split(imported, "/")[0], "."):
		return "model knows the standard library only"
	case strings.HasPrefix(file, "cmd/bench/"):
		return "" // measures us against DuckDB itself
	case room != "queries" && strings.Contains(imported, "duckdb"):
		return "only queries knows DuckDB"
	}
	return ""
}
