package reports

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
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
		if a, b := parts[i].name == "[Content_Types].xml", parts[j].name == "[Content_Types].xml"; a != b {
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

// digestSheets is a digest of the cells of every sheet, in order. Numbers count to 12 digits and blank cells not at all, so
// that another program's way of writing the same cells gives the same digest.
func digestSheets(f *excelize.File) (names []string, digests map[string]string, layout string, err error) {
	digests = map[string]string{}
	list := sha256.New()
	for _, name := range f.GetSheetList() {
		visible, err := f.GetSheetVisible(name)
		if err != nil {
			return nil, nil, "", err
		}
		fmt.Fprintf(list, "%q %v\n", name, visible)
		rows, err := f.GetRows(name, excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, nil, "", err
		}
		h := sha256.New()
		for i, row := range rows {
			for j, value := range row {
				cell, err := excelize.CoordinatesToCellName(j+1, i+1)
				if err != nil {
					return nil, nil, "", err
				}
				formula, err := f.GetCellFormula(name, cell)
				if err != nil {
					return nil, nil, "", err
				}
				if value == "" && formula == "" {
					continue
				}
				kind, err := f.GetCellType(name, cell)
				if err != nil {
					return nil, nil, "", err
				}
				class := "text"
				if kind == excelize.CellTypeUnset || kind == excelize.CellTypeNumber {
					class = "number"
					if x, err := strconv.ParseFloat(value, 64); err == nil {
						value = strconv.FormatFloat(x, 'g', 12, 64)
					}
				}
				fmt.Fprintf(h, "%s %s %q %q\n", cell, class, value, formula)
			}
		}
		names = append(names, name)
		digests[name] = hex.EncodeToString(h.Sum(nil))
	}
	return names, digests, hex.EncodeToString(list.Sum(nil)), nil
}

// writeSealed finishes a workbook: the seal goes in, and the package is written with nothing in it that varies.
func writeSealed(f *excelize.File, w io.Writer) error {
	set := func(name, value string) error {
		return f.SetCustomProps(excelize.CustomProperty{Name: name, Value: value})
	}
	raw, err := f.WriteToBuffer()
	if err != nil {
		return err
	}
	// The cells are read back from what was written, by the same road that Verify takes.
	again, err := excelize.OpenReader(bytes.NewReader(raw.Bytes()))
	if err != nil {
		return err
	}
	defer again.Close()
	names, digests, layout, err := digestSheets(again)
	if err != nil {
		return err
	}
	if err := errors.Join(set(sealVersion, sealFormat), set(sealDigest, sealPending), set(sealLayout, layout)); err != nil {
		return err
	}
	for _, name := range names {
		if err := set(sealSheet+name, digests[name]); err != nil {
			return err
		}
	}
	if raw, err = f.WriteToBuffer(); err != nil {
		return err
	}
	parts, err := unpack(bytes.NewReader(raw.Bytes()), int64(raw.Len()))
	if err != nil {
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
