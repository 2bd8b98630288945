package queries

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"komhen/model"
)

// sources are the package's own files of a pattern, tests left out.
func sources(t *testing.T, pattern string) []string {
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		t.Fatal(names, err)
	}
	return slices.DeleteFunc(names, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
}

// TestEveryFileHasACaller: no SQL file lies about that nothing runs.
func TestEveryFileHasACaller(t *testing.T) {
	var code strings.Builder
	for _, name := range sources(t, "*.go") {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		code.Write(text)
	}
	for _, name := range Names() {
		if !strings.Contains(code.String(), `"`+name+`"`) {
			t.Errorf("queries/%s.sql has no caller", name)
		}
	}
}

// TestReportFilesHaveTheirMethod: queries/report/NAME.sql is run by the method (or function) of that name in camel case, and by nothing else.
func TestReportFilesHaveTheirMethod(t *testing.T) {
	used := map[string]string{} // file -> function that names it
	methods := map[string]bool{}
	for _, name := range sources(t, "report*.go") {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			methods[fn.Name.Name] = true
			ast.Inspect(fn, func(n ast.Node) bool {
				if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					if s, err := strconv.Unquote(lit.Value); err == nil && strings.HasPrefix(s, "report/") {
						if other := used[s]; other != "" {
							t.Errorf("%s is run by both %s and %s", s, other, fn.Name.Name)
						}
						used[s] = fn.Name.Name
					}
				}
				return true
			})
		}
	}
	files := 0
	for _, name := range Names() {
		short, ours := strings.CutPrefix(name, "report/")
		if !ours {
			continue
		}
		files++
		want := camel(short)
		if used[name] != want || !methods[want] {
			t.Errorf("%s.sql must be run by %s; it is run by %q", name, want, used[name])
		}
		delete(used, name)
	}
	for name, fn := range used {
		t.Errorf("%s names %s.sql, which does not exist", fn, name)
	}
	if files == 0 {
		t.Error("no report files found")
	}
}

func camel(snake string) string {
	var b strings.Builder
	for _, part := range strings.Split(snake, "_") {
		r := []rune(part)
		b.WriteRune(unicode.ToUpper(r[0]))
		b.WriteString(string(r[1:]))
	}
	return b.String()
}

// TestReportsOfNothing: every query runs on an empty database, and a unit is never asked for across municipalities.
func TestReportsOfNothing(t *testing.T) {
	ctx := context.Background()
	st, err := Open(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	f := Filter{Municipality: 259, From: model.NewDate(2012, 4, 23), To: model.NewDate(2012, 5, 13)}
	n, errs := 0, []error{}
	add := func(rows int, err error) { n, errs = n+rows, append(errs, err) }
	channels, err := st.ContactsByChannel(ctx, f)
	add(len(channels), err)
	units, err := st.ContactsByUnit(ctx, f)
	add(len(units), err)
	days, err := st.ContactsByDay(ctx, f)
	add(len(days), err)
	counted, err := st.ContactsByUpload(ctx, f)
	add(len(counted), err)
	uploads, err := st.UploadsBehind(ctx, f, counted)
	add(len(uploads), err)
	titles, err := st.KleTitles(ctx, []model.KLE{10000})
	add(len(titles), err)
	for _, err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	if n != 0 {
		t.Errorf("%d rows out of nothing", n)
	}
	if _, err := st.ContactsByUnit(ctx, Filter{From: f.From, To: f.To}); err == nil {
		t.Error("units were given without a municipality")
	}
}
