package reports

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// A workbook we write carries a seal among its custom document properties, where Excel and LibreOffice keep it when they
// save: a digest of every part of the file, and one of the cells of each sheet. The first says whether a byte is
// changed, the second which sheets were.
//
// It guards against mistakes, not against forgers: whoever can change a cell can also compute a new seal.
const (
	contentTypes = "[Content_Types].xml"
	customPart   = "docProps/custom.xml"
	sealVersion  = "komhen.segl"     // "1"
	sealDigest   = "komhen.sha256"   // of all parts
	sealSheet    = "komhen.ark."     // + sheet name: digest of its cells
	sealLayout   = "komhen.arkliste" // digest of the sheets' names, order and visibility
	sealPending  = "0000000000000000000000000000000000000000000000000000000000000000"
	sealFormat   = "1"
	maxParts     = 2000
	maxPartBytes = 64 << 20
)

// zipTime is the time of every part: the same data must give the same bytes.
var zipTime = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)

// part is one file of the package.
type part struct {
	name string
	data []byte
}

var errTooLarge = errors.New("the workbook expands beyond the limit")

// unpack reads every part of a package, sorted by name. It stops at limits that no workbook of ours comes near.
func unpack(r io.ReaderAt, size int64) ([]part, error) {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return nil, err
	}
	if len(archive.File) > maxParts {
		return nil, errTooLarge
	}
	parts := make([]part, 0, len(archive.File))
	left := int64(maxPartBytes)
	for _, f := range archive.File {
		rc, err := f.Open()
		if err != nil {
			return nil, err
		}
		data, err := io.ReadAll(io.LimitReader(rc, left+1))
		rc.Close()
		if err != nil {
			return nil, err
		}
		if left -= int64(len(data)); left < 0 {
			return nil, errTooLarge
		}
		parts = append(parts, part{f.Name, data})
	}
	sort.SliceStable(parts, func(i, j int) bool { return parts[i].name < parts[j].name })
	return parts, nil
}

// pack writes the parts in one fixed order: the content types first, as readers expect, then by name.
func pack(w io.Writer, parts []part) error {
	sort.SliceStable(parts, func(i, j int) bool {
		if a, b := parts[i].name == contentTypes, parts[j].name == contentTypes; a != b {
			return a
		}
		return parts[i].name < parts[j].name
	})
	archive := zip.NewWriter(w)
	for _, p := range parts {
		f, err := archive.CreateHeader(&zip.FileHeader{Name: p.name, Method: zip.Deflate, Modified: zipTime})
		if err != nil {
			return err
		}
		if _, err := f.Write(p.data); err != nil {
			return err
		}
	}
	return archive.Close()
}

// digestParts is the SHA-256 of all parts by name, each with its length so that no content can move between them. The
// seal itself is read as sealPending.
func digestParts(parts []part, seal string) string {
	sorted := append([]part(nil), parts...)
	sort.SliceStable(sorted, func(i, j int) bool { return sorted[i].name < sorted[j].name })
	h := sha256.New()
	write := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	for _, p := range sorted {
		data := p.data
		if p.name == customPart && seal != "" {
			data = bytes.Replace(data, []byte(seal), []byte(sealPending), 1)
		}
		write([]byte(p.name))
		write(data)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// writeSealed finishes a workbook: the seal goes in, and the package is written with nothing in it that varies.
func writeSealed(f *excelize.File, w io.Writer) error {
	set := func(name, value string) error {
		return f.SetCustomProps(excelize.CustomProperty{Name: name, Value: value})
	}
	parts, err := stableParts(f)
	if err != nil {
		return err
	}
	cells, err := digestCells(parts) // read from what was written, by the road that Verify takes
	if err != nil {
		return err
	}
	if err := errors.Join(set(sealVersion, sealFormat), set(sealDigest, sealPending), set(sealLayout, cells.layout)); err != nil {
		return err
	}
	for _, name := range cells.names {
		if err := set(sealSheet+name, cells.sheets[name]); err != nil {
			return err
		}
	}
	if parts, err = stableParts(f); err != nil {
		return err
	}
	digest := digestParts(parts, "")
	for i := range parts {
		if parts[i].name == customPart {
			parts[i].data = []byte(strings.Replace(string(parts[i].data), sealPending, digest, 1))
		}
	}
	return pack(w, parts)
}

// stableParts is the package of a workbook with nothing in it that varies from one writing to the next.
func stableParts(f *excelize.File) ([]part, error) {
	raw, err := f.WriteToBuffer()
	if err != nil {
		return nil, err
	}
	parts, err := unpack(bytes.NewReader(raw.Bytes()), int64(raw.Len()))
	if err != nil {
		return nil, err
	}
	return parts, orderContentTypes(parts)
}

// writeStable writes a workbook without a seal; the same workbook gives the same bytes.
func writeStable(f *excelize.File, w io.Writer) error {
	parts, err := stableParts(f)
	if err != nil {
		return err
	}
	return pack(w, parts)
}

// orderContentTypes writes the list of content types in one order; the library's own varies from run to run.
func orderContentTypes(parts []part) error {
	type entry struct {
		Extension   string `xml:"Extension,attr,omitempty"`
		PartName    string `xml:"PartName,attr,omitempty"`
		ContentType string `xml:"ContentType,attr"`
	}
	type list struct {
		XMLName  xml.Name `xml:"http://schemas.openxmlformats.org/package/2006/content-types Types"`
		Default  []entry  `xml:"Default"`
		Override []entry  `xml:"Override"`
	}
	for i := range parts {
		if parts[i].name != contentTypes {
			continue
		}
		var types list
		if err := xml.Unmarshal(parts[i].data, &types); err != nil {
			return err
		}
		byName := func(a, b entry) int { return strings.Compare(a.Extension+a.PartName, b.Extension+b.PartName) }
		slices.SortFunc(types.Default, byName)
		slices.SortFunc(types.Override, byName)
		out, err := xml.Marshal(types)
		if err != nil {
			return err
		}
		parts[i].data = append([]byte(xml.Header), out...)
	}
	return nil
}
