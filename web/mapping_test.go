package web

import (
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"komhen/ingest"
	"komhen/model"
	"komhen/web/account"
)

// filledIn is the mapping page filled in as a profile says.
func filledIn(m *ingest.Mapping, header []string) url.Values {
	form := url.Values{"name": {m.Name}, "source": {m.Source}, "save": {"1"}, "kind": {string(m.Kind)}}
	at := func(name string) string {
		return strconv.Itoa(slices.IndexFunc(header, func(h string) bool { return model.Fold(h) == model.Fold(name) }))
	}
	for name, f := range m.Fields {
		set := func(part, value string) { form.Add("f."+name+"."+part, value) }
		switch {
		case len(f.Columns) > 0:
			set("from", at(f.Columns[0]))
		case f.Value != "":
			set("from", "value")
		}
		if len(f.Columns) > 1 {
			set("from2", at(f.Columns[1]))
		}
		set("value", f.Value)
		set("format", f.Format)
		set("join", f.Join)
		set("split", f.Split)
		if f.Part != 0 {
			set("part", strconv.Itoa(f.Part))
		}
		for theirs, ours := range f.Codes {
			set("theirs", theirs)
			set("ours", ours)
		}
		if f.Pass {
			set("other", "pass")
		} else {
			set("other", f.Default)
		}
	}
	for name := range m.Keep {
		form.Set("c."+at(name), "keep")
	}
	return form
}

// TestMappingPage fills the page in for each profile of testdata/mappings: the receipt is the one of the profile from a file, and
// the next file with those columns is read unasked.
func TestMappingPage(t *testing.T) {
	folders, err := filepath.Glob("../testdata/mappings/*/mapping.json")
	if err != nil || len(folders) == 0 {
		t.Fatal("no profiles", err)
	}
	for _, path := range folders {
		t.Run(filepath.Base(filepath.Dir(path)), func(t *testing.T) {
			s := newSite(t, Config{})
			v := s.as(t, account.Coordinator, 259, "")
			inputs, _ := filepath.Glob(filepath.Join(filepath.Dir(path), "input*"))
			content, err := os.ReadFile(inputs[0])
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			m, err := ingest.ReadMapping(strings.NewReader(string(text)))
			if err != nil {
				t.Fatal(err)
			}
			where, _, _ := v.send(nil, map[string][]byte{filepath.Base(inputs[0]): content})
			_, body := v.settle(where)
			v.wants(body, "Filen kan ikke indlæses", "Fortæl, hvad kolonnerne er")
			status, body := v.get(where + "/mapping")
			if status != http.StatusOK {
				t.Fatalf("%d %s", status, words(body))
			}
			answer, err := v.PostForm(v.s.URL+where+"/mapping", filledIn(m, m.Header))
			status, body = v.read(answer, err)
			if status != http.StatusOK {
				t.Fatalf("the page refused the profile: %d %s", status, words(body))
			}
			v.settle(where)
			byPage := s.pending.of(s.onlyAccount(t))[0].receipt
			file, err := os.Open(inputs[0])
			if err != nil {
				t.Fatal(err)
			}
			defer file.Close()
			u, err := s.folder.Check(t.Context(), file, int64(len(content)), ingest.Options{Name: filepath.Base(inputs[0]), Municipality: 259, Mapping: m, Source: m.Source, Kind: m.Kind})
			if err != nil {
				t.Fatal(err)
			}
			full := u.Full()
			full.Receipt.Upload, full.Receipt.Bag = 0, 0
			want := full.JSON()
			u.Discard()
			a, _ := json.Marshal(byPage)
			b, _ := json.Marshal(want)
			if string(a) != string(b) {
				t.Errorf("page and file differ:\n%s\n%s", a, b)
			}
			v.post(where+"/cancel", nil)
			where, _, _ = v.send(nil, map[string][]byte{"igen.csv": content})
			_, body = v.settle(where)
			v.wants(body, "Kvittering før indlæsning")
			if p := s.pending.of(s.onlyAccount(t)); len(p) != 1 || p[0].receipt.Accepted != byPage.Accepted || p[0].options.Mapping == nil {
				t.Errorf("the profile was not used unasked: %+v", p)
			}
		})
	}
}
