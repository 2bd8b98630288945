package ingest

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"komhen/model"
)

// ruleCase is a folder of testdata/rules (its README says what stands where).
type ruleCase struct {
	dir, input string
	mapping    *Mapping // of testdata/mappings
	options    struct {
		Before       []string   `json:"before"`
		KLE          string     `json:"kle"`
		Received     *time.Time `json:"received"`
		Municipality uint16     `json:"municipality"`
		Source       string     `json:"source"`
		Kind         model.Kind `json:"kind"`
		Test         bool       `json:"test"`
		Sheet        string     `json:"sheet"`
		MaxBytes     int64      `json:"max_bytes"`
	}
}

// expectedReceipt is expected.json: what a person is told, without what differs from run to run.
type expectedReceipt struct {
	Upload       uint32            `json:"upload"`
	Bag          uint32            `json:"bag,omitempty"`
	Format       string            `json:"format,omitempty"`
	Encoding     string            `json:"encoding,omitempty"`
	Delimiter    string            `json:"delimiter,omitempty"`
	Sheet        string            `json:"sheet,omitempty"`
	Layout       string            `json:"layout,omitempty"`
	Municipality uint16            `json:"municipality"`
	Source       string            `json:"source"`
	Kind         model.Kind        `json:"kind"`
	Test         bool              `json:"test,omitempty"`
	Round        string            `json:"round"`
	Records      int64             `json:"records"`
	Header       int64             `json:"header"`
	Blank        int64             `json:"blank"`
	Accepted     int64             `json:"accepted"`
	Rejected     int64             `json:"rejected"`
	Withheld     int64             `json:"withheld"`
	Contacts     int64             `json:"contacts"`
	Corrections  int64             `json:"corrections,omitempty"`
	Warnings     int64             `json:"warnings"`
	Findings     []expectedFinding `json:"findings"`
}

type expectedFinding struct {
	Rule     string         `json:"rule"`
	Severity model.Severity `json:"severity"`
	Line     int64          `json:"line,omitempty"`
	Record   int64          `json:"record,omitempty"`
	Column   string         `json:"column,omitempty"`
	Value    string         `json:"value,omitempty"`
	Message  string         `json:"message"`
	Proposal string         `json:"proposal,omitempty"`
}

func ruleCases(t *testing.T) (cases []ruleCase) {
	t.Helper()
	return importCases(t, "rules")
}

// importCases are the folders with an input below a folder of testdata.
func importCases(t *testing.T, folder string) (cases []ruleCase) {
	t.Helper()
	dirs, err := filepath.Glob(filepath.Join(testdata, folder, "*", "input.*"))
	must(t, err)
	for _, path := range dirs {
		c := ruleCase{dir: filepath.Dir(path), input: filepath.Base(path)}
		if text, err := os.ReadFile(filepath.Join(c.dir, "options.json")); err == nil {
			d := json.NewDecoder(bytes.NewReader(text))
			d.DisallowUnknownFields()
			must(t, d.Decode(&c.options))
		}
		if file, err := os.Open(filepath.Join(c.dir, "mapping.json")); err == nil {
			c.mapping, err = ReadMapping(file)
			must(t, errors.Join(err, file.Close()))
		}
		cases = append(cases, c)
	}
	if len(cases) == 0 {
		t.Fatalf("no folders under testdata/%s", folder)
	}
	return cases
}

// run imports the folder's files into an empty data folder and tells what became of the input.
func (c ruleCase) run(t *testing.T, f *Folder) expectedReceipt {
	t.Helper()
	ctx := context.Background()
	received := usualReceived
	if c.options.Received != nil {
		received = *c.options.Received
	}
	if c.options.KLE != "" {
		_, _, err := f.ImportKLE(ctx, filepath.Join(c.dir, c.options.KLE), Decision{At: received})
		must(t, err)
	}
	for _, name := range c.options.Before {
		load(t, f, readFile(t, c.dir, name), Options{Name: name, Received: received})
	}
	u := prepare(t, f, readFile(t, c.dir, c.input), Options{Name: c.input, Received: received, Municipality: c.options.Municipality,
		Source: c.options.Source, Kind: c.options.Kind, Test: c.options.Test, Sheet: c.options.Sheet, MaxBytes: c.options.MaxBytes, Mapping: c.mapping})
	if u.Fault == nil {
		must(t, u.Commit(ctx))
	}
	r := u.Receipt
	if !r.Balanced() {
		t.Errorf("the receipt does not add up: %+v", r)
	}
	e := expectedReceipt{Upload: r.Upload, Format: r.Format, Encoding: r.Encoding, Delimiter: r.Delimiter, Sheet: r.Sheet, Layout: r.Layout,
		Municipality: r.Municipality, Source: r.Source, Kind: r.Kind, Test: r.Test, Round: r.Round, Records: r.Records, Header: r.Header,
		Blank: r.Blank, Accepted: r.Accepted, Rejected: r.Rejected, Withheld: r.Withheld, Contacts: r.Contacts, Corrections: r.Corrections,
		Warnings: r.Warnings, Findings: []expectedFinding{}}
	if r.Upload != 0 && r.Bag != r.Upload {
		e.Bag = r.Bag
	}
	for _, x := range findingsOf(t, u) {
		e.Findings = append(e.Findings, expectedFinding{x.Rule, x.Severity, x.Line, x.Record, x.Column, x.Value, f.Book.MessageOf(x), x.Proposal})
	}
	return e
}

func (e expectedReceipt) json(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	must(t, enc.Encode(e))
	return b.Bytes()
}

// TestRules imports every folder of testdata/rules and compares the receipt to expected.json, word for word.
func TestRules(t *testing.T) {
	for _, c := range ruleCases(t) {
		t.Run(filepath.Base(c.dir), func(t *testing.T) {
			f := newFolder(t)
			got := c.run(t, f)
			c.compare(t, got)
			if faults := audit(t, f); len(faults) > 0 {
				t.Error(faults)
			}
		})
	}
}

// compare holds the receipt to the folder's expected.json, or writes that.
func (c ruleCase) compare(t *testing.T, got expectedReceipt) {
	t.Helper()
	text := got.json(t)
	path := filepath.Join(c.dir, "expected.json")
	if *update {
		must(t, os.WriteFile(path, text, 0o644))
		return
	}
	if want := readFile(t, path); !bytes.Equal(text, want) {
		t.Errorf("the receipt of %s differs; -update writes it anew.\n%s", filepath.Base(c.dir), lineDifferences(string(text), string(want)))
	}
}

// lineDifferences are the lines that only one of two texts has.
func lineDifferences(got, want string) string {
	only := func(a, b, mark string) (list []string) {
		for _, line := range strings.Split(a, "\n") {
			if !strings.Contains("\n"+b+"\n", "\n"+line+"\n") {
				list = append(list, mark+line)
			}
		}
		return list
	}
	return strings.Join(append(only(got, want, "got  "), only(want, got, "want ")...), "\n")
}

// TestEveryRuleHasAFolder: each rule of the published table is met in the folder that bears its name, with the severity it has.
func TestEveryRuleHasAFolder(t *testing.T) {
	met := map[string]model.Severity{}
	for _, c := range ruleCases(t) {
		var e expectedReceipt
		must(t, json.Unmarshal(readFile(t, c.dir, "expected.json"), &e))
		for _, x := range e.Findings {
			if strings.HasPrefix(filepath.Base(c.dir), x.Rule+"-") {
				met[x.Rule] = x.Severity
			}
		}
	}
	for _, r := range testBook(t).Rules {
		if r.ID == "R16" {
			continue // no file's: TestRegistrations meets it
		}
		if got, ok := met[r.ID]; !ok {
			t.Errorf("no folder of testdata/rules meets %s", r.ID)
		} else if got != r.Severity {
			t.Errorf("%s is met as %s, and the table says %s", r.ID, got, r.Severity)
		}
	}
}

// TestNoCPROnDisk: after an import none of the invented CPR values of the R11 folders stands anywhere in the data folder, the
// receipt or the fix-it file, packed or not.
func TestNoCPROnDisk(t *testing.T) {
	tried := 0
	for _, c := range ruleCases(t) {
		if !strings.HasPrefix(filepath.Base(c.dir), "R11-") {
			continue
		}
		tried++
		t.Run(filepath.Base(c.dir), func(t *testing.T) {
			declared := strings.Contains(c.dir, "declared") // there undashed numbers are ids
			secrets := cprShaped(t, readFile(t, c.dir, c.input), declared)
			if len(secrets) == 0 {
				t.Fatal("the folder holds no CPR-shaped value")
			}
			f := newFolder(t)
			e := c.run(t, f)
			look := func(where string, data []byte) {
				for _, plain := range unpacked(t, data) {
					for _, s := range secrets {
						if bytes.Contains(plain, []byte(s)) {
							t.Errorf("%s holds a CPR-shaped value", where)
						}
					}
				}
			}
			look("the receipt", e.json(t))
			if e.Upload != 0 {
				look("the fix-it file", fixFileOf(t, f, e.Upload, "csv"))
				look("the fix-it workbook", fixFileOf(t, f, e.Upload, "xlsx"))
			}
			walk := func() {
				must(t, filepath.WalkDir(f.Dir, func(path string, d fs.DirEntry, err error) error {
					if err == nil && d.Type().IsRegular() {
						look(path, readFile(t, path))
					}
					return err
				}))
			}
			walk()
			must(t, f.Close())
			walk()
		})
	}
	if tried == 0 {
		t.Fatal("no R11 folders")
	}
}

// cprShaped are the CPR-shaped values of a file or of the parts of a workbook, with and without their dash.
func cprShaped(t *testing.T, data []byte, declared bool) (values []string) {
	t.Helper()
	for _, text := range unpacked(t, data) {
		masked := bytes.Clone(text)
		model.MaskCPRBytes(masked, declared)
		for i := 0; i < len(text); i++ {
			if text[i] == masked[i] {
				continue
			}
			j := i
			for j < len(text) && (text[j] != masked[j] || j > i && text[j] == '-' && text[j-1] != masked[j-1]) {
				j++
			}
			value := string(text[i:j])
			values = append(values, value, strings.ReplaceAll(value, "-", ""))
			i = j
		}
	}
	return values
}

// unpacked is the data itself and, of a zip file, every part of it.
func unpacked(t *testing.T, data []byte) [][]byte {
	t.Helper()
	all := [][]byte{data}
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return all
	}
	all = all[:0] // packed bytes say nothing
	for _, part := range z.File {
		r, err := part.Open()
		must(t, err)
		text, err := io.ReadAll(r)
		must(t, err)
		all = append(all, text)
	}
	return all
}
