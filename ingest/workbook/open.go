package workbook

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// Book is an open workbook. It reads from the file it was opened on until the caller is done with it.
type Book struct {
	parts  *container
	sheets []sheet
	byPart map[string]bool // parts that are sheets, by folded name

	bookPart   string
	sharedPart string // "" when there is none
	shared     []string
	sharedHits []hit // beside shared; nil when no shared string is CPR-shaped
	sharedOdd  bool  // something beside the texts of that part may be
	styles     styles
}

// Sheet is one worksheet. Name is as the file has it; Safe is the name with CPR-shaped digits masked, which is the name in the
// kept copy and the only form to store or show.
type Sheet struct {
	Name    string
	Safe    string
	Hidden  bool
	HasData bool // at least one cell that is not empty
}

type sheet struct {
	Sheet
	part string
	seen *sheetHits // what Rows saw, once it has read the sheet to its end
}

// Open inspects a workbook; max bounds the bytes it may hold when unpacked. The error of a file that is no readable workbook is
// a *Fault.
func Open(r io.ReaderAt, size int64, max int64) (*Book, error) {
	parts, err := openContainer(r, size, max)
	if err != nil {
		return nil, err
	}
	b := &Book{parts: parts}
	if err := b.findBook(); err != nil {
		return nil, err
	}
	if err := b.readBook(); err != nil {
		return nil, err
	}
	for i := range b.sheets {
		if b.sheets[i].HasData, err = b.hasData(&b.sheets[i]); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Sheets lists the worksheets in the order of their tabs; chart sheets are left out.
func (b *Book) Sheets() []Sheet {
	list := make([]Sheet, len(b.sheets))
	for i, s := range b.sheets {
		list[i] = s.Sheet
	}
	return list
}

// sheet finds a worksheet by Name or Safe, as Excel does regardless of case.
func (b *Book) sheet(name string) *sheet {
	for i := range b.sheets {
		if b.sheets[i].Name == name {
			return &b.sheets[i]
		}
	}
	for i := range b.sheets {
		if strings.EqualFold(b.sheets[i].Name, name) || b.sheets[i].Safe == name {
			return &b.sheets[i]
		}
	}
	return nil
}

// findBook reads the content types and finds the workbook's main part.
func (b *Book) findBook() error {
	types := b.parts.find("[Content_Types].xml")
	if types == nil {
		return b.parts.otherKind()
	}
	main := ""
	err := b.eachTag(types, func(s *scanner, name string) error {
		if name != "Override" && name != "Default" {
			return nil
		}
		kind, _, err := s.attribute("ContentType")
		if err != nil {
			return err
		}
		kind = strings.ToLower(kind)
		switch {
		case strings.Contains(kind, "macroenabled"), strings.Contains(kind, "ms-excel.macrosheet"), strings.Contains(kind, "ms-excel.intlmacrosheet"),
			name == "Override" && strings.Contains(kind, "vbaproject"): // excelize has it as a default for .bin, with no macros about
			return notTable("en projektmappe med makroer (.xlsm)", nil)
		case strings.Contains(kind, "sheet.binary"):
			return notTable("en binær Excel-projektmappe (.xlsb)", nil)
		case name == "Override" && strings.Contains(kind, "spreadsheetml") && strings.HasSuffix(kind, ".main+xml"):
			if main, _, err = s.attribute("PartName"); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for name := range b.parts.byName {
		if strings.HasSuffix(name, "vbaproject.bin") || strings.HasPrefix(name, "xl/macrosheets/") {
			return notTable("en projektmappe med makroer (.xlsm)", nil)
		}
	}
	if main == "" {
		if rels, err := b.relationships(""); err != nil {
			return err
		} else if r := rels.ofType("officeDocument"); r != nil {
			main = r.target
		}
	}
	main = strings.TrimPrefix(main, "/")
	if main == "" || b.parts.find(main) == nil {
		main = "xl/workbook.xml"
	}
	if b.parts.find(main) == nil || b.parts.find("word/document.xml") != nil || b.parts.find("ppt/presentation.xml") != nil {
		return b.parts.otherKind()
	}
	b.bookPart = main
	return nil
}

// readBook reads the list of sheets and the parts they share.
func (b *Book) readBook() error {
	rels, err := b.relationships(b.bookPart)
	if err != nil {
		return err
	}
	if rels.ofType("vbaProject") != nil {
		return notTable("en projektmappe med makroer (.xlsm)", nil)
	}
	type entry struct{ name, id, state string }
	var entries []entry
	date1904 := false
	err = b.eachTag(b.parts.find(b.bookPart), func(s *scanner, name string) (err error) {
		get := func(attribute string) (value string) {
			if err == nil {
				value, _, err = s.attribute(attribute)
			}
			return value
		}
		switch {
		case name == "workbookPr":
			v := get("date1904")
			date1904 = v == "1" || v == "true"
		case name == "sheet" && s.depthOf() == 3:
			e := entry{name: get("name"), state: get("state")}
			if err == nil {
				e.id, _, err = s.prefixed("id")
			}
			entries = append(entries, e)
		}
		return err
	})
	if err != nil {
		return err
	}
	b.byPart = map[string]bool{}
	safe := map[string]bool{}
	for _, e := range entries {
		rel := rels.byID[e.id]
		if rel == nil || rel.external {
			return broken(b.bookPart, "a sheet without its part")
		}
		if rel.kind != "worksheet" {
			continue // a chart or dialogue sheet holds no rows
		}
		f := b.parts.find(rel.target)
		if f == nil || b.byPart[partName(f.Name)] {
			return broken(b.bookPart, "a sheet whose part is not there, or is another's too")
		}
		if len(e.name) == 0 || utf8.RuneCountInString(e.name) > 255 {
			return broken(b.bookPart, "a sheet without a proper name")
		}
		if other := b.sheet(e.name); other != nil && strings.EqualFold(other.Name, e.name) {
			return broken(b.bookPart, "two sheets of one name")
		}
		b.byPart[partName(f.Name)] = true
		b.sheets = append(b.sheets, sheet{part: f.Name, Sheet: Sheet{
			Name: e.name, Safe: safeSheetName(e.name, safe), Hidden: e.state == "hidden" || e.state == "veryHidden",
		}})
	}
	if r := rels.ofType("styles"); r != nil && b.parts.find(r.target) != nil {
		if err := b.readStyles(b.parts.find(r.target)); err != nil {
			return err
		}
	}
	b.styles.date1904 = date1904
	if r := rels.ofType("sharedStrings"); r != nil && b.parts.find(r.target) != nil {
		b.sharedPart = b.parts.find(r.target).Name
		return b.readShared()
	}
	return nil
}

// eachTag calls do for every start tag of a part that is small or whose tags are few.
func (b *Book) eachTag(f *zip.File, do func(s *scanner, name string) error) error {
	s, c, err := b.parts.scan(f)
	if err != nil {
		return err
	}
	defer c.Close()
	for {
		k, err := s.next()
		if err == nil && k == startTag {
			err = do(s, string(s.name))
		}
		if err != nil {
			return asFault(f.Name, err)
		}
		if k == atEOF {
			return nil
		}
	}
}

// depthOf is the depth of the element whose start tag is the current token: 1 is the root.
func (s *scanner) depthOf() int {
	if s.empty {
		return s.depth() + 1
	}
	return s.depth()
}

type relationship struct {
	kind     string // last part of the type's address: "worksheet"
	target   string
	external bool
}

type relationships struct {
	byID  map[string]*relationship
	order []*relationship
}

// ofType finds the first relationship of a type, the same in the transitional and the strict edition of the format.
func (r *relationships) ofType(kind string) *relationship {
	for _, x := range r.order {
		if x.kind == kind && !x.external {
			return x
		}
	}
	return nil
}

// relationships reads those of a part; "" is the package itself. A part without any has none.
func (b *Book) relationships(part string) (*relationships, error) {
	rels := &relationships{byID: map[string]*relationship{}}
	f := b.parts.find(relsOf(part))
	if f == nil {
		return rels, nil
	}
	err := b.eachTag(f, func(s *scanner, name string) error {
		if name != "Relationship" {
			return nil
		}
		var values [4]string
		for i, a := range []string{"Id", "Type", "Target", "TargetMode"} {
			var err error
			if values[i], _, err = s.attribute(a); err != nil {
				return err
			}
		}
		rel := &relationship{kind: values[1][strings.LastIndexByte(values[1], '/')+1:], external: values[3] == "External"}
		if !rel.external {
			rel.target = resolve(part, values[2])
		}
		if rels.byID[values[0]] != nil {
			return fmt.Errorf("%w", broken(f.Name, "two relationships of one id"))
		}
		rels.byID[values[0]] = rel
		rels.order = append(rels.order, rel)
		return nil
	})
	return rels, err
}
