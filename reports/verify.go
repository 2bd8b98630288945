package reports

import (
	"bytes"
	"fmt"
	"io"
	"sort"
	"strings"

	"komhen/model"
)

// State is what became of a workbook since it was written.
type State string

const (
	Untouched State = "untouched" // every byte that matters is as we wrote it
	Touched   State = "touched"   // changed, or saved again by another program
	Foreign   State = "foreign"   // not a workbook of ours, or its mark is gone
)

// Verdict of Verify. Sheets names the sheets whose cells, name or place changed; it is empty for a workbook that was only saved
// again, where figures are as written but charts and layout cannot be vouched for. Message is Danish.
type Verdict struct {
	State   State    `json:"state"`
	Sheets  []string `json:"sheets"`
	Message string   `json:"message"`
}

const guardNote = " Kontrollen fanger fejl og utilsigtede ændringer; den er ikke en underskrift og beviser ikke, hvem der har skrevet filen."

// Verify tells whether a workbook still is what we wrote. It guards against mistakes, not against forgers: the seal can be
// computed again by anyone who means to. The error is a *model.Problem for a file that cannot be read at all.
func Verify(r io.ReaderAt, size int64) (Verdict, error) {
	foreign := Verdict{State: Foreign, Sheets: []string{}, Message: "Filen er ikke en benchmark-projektmappe fra komhen, eller dens mærke er fjernet."}
	parts, err := unpack(r, size)
	if err != nil {
		if probe := make([]byte, 1); size > 0 {
			if _, readErr := r.ReadAt(probe, 0); readErr != nil && readErr != io.EOF {
				return Verdict{}, &model.Problem{Code: "workbook-unreadable", Message: "Filen kunne ikke læses.", Err: readErr}
			}
		}
		return foreign, nil // not a package, or one no workbook of ours can be
	}
	seal := readSeal(parts)
	if seal[sealVersion] == "" || seal[sealDigest] == "" {
		return foreign, nil
	}
	if seal[sealVersion] != sealFormat {
		return Verdict{State: Foreign, Sheets: []string{}, Message: "Filen er skrevet af en anden version af komhen, og denne version kan ikke kontrollere den."}, nil
	}
	if digestParts(parts, seal[sealDigest]) == seal[sealDigest] {
		return Verdict{State: Untouched, Sheets: []string{}, Message: "Projektmappen er urørt: den er præcis, som komhen skrev den." + guardNote}, nil
	}
	changed, err := changedSheets(parts, seal)
	if err != nil {
		return Verdict{State: Touched, Sheets: []string{}, Message: "Projektmappen er ændret eller beskadiget, og dens ark kan ikke læses. Dan den igen." + guardNote}, nil
	}
	if len(changed) == 0 {
		return Verdict{State: Touched, Sheets: []string{}, Message: "Projektmappen er gemt igen af et andet program. Alle celler er, som komhen skrev dem, men diagrammer, filtre og opsætning kan være ændret. Dan den igen, hvis du skal være sikker." + guardNote}, nil
	}
	return Verdict{State: Touched, Sheets: changed, Message: fmt.Sprintf("Projektmappen er ændret, siden komhen skrev den. Ændret: %s. Dan den igen for at få de rigtige tal.", strings.Join(changed, ", ")) + guardNote}, nil
}

// changedSheets names the sheets that are not as sealed: changed, gone or new. Where every sheet is, but their order or
// visibility is not, it says so.
func changedSheets(parts []part, seal map[string]string) (changed []string, err error) {
	cells, err := digestCells(parts)
	if err != nil {
		return nil, err
	}
	for _, name := range cells.names {
		switch sealed, known := seal[sealSheet+name]; {
		case !known:
			changed = append(changed, name+" (nyt ark)")
		case sealed != cells.sheets[name]:
			changed = append(changed, name)
		}
	}
	var gone []string
	for property := range seal {
		if name, ok := strings.CutPrefix(property, sealSheet); ok && cells.sheets[name] == "" {
			gone = append(gone, name+" (mangler)")
		}
	}
	sort.Strings(gone)
	changed = append(changed, gone...)
	if len(changed) == 0 && cells.layout != seal[sealLayout] {
		changed = []string{"arkenes rækkefølge eller synlighed"}
	}
	return changed, nil
}

// VerifyBytes is Verify for a workbook in memory.
func VerifyBytes(b []byte) (Verdict, error) { return Verify(bytes.NewReader(b), int64(len(b))) }
