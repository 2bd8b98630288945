package workbook

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
)

// Fault is why a file cannot be read as a workbook. Rule is the file rule of the codebook (§4). Detail is Danish and completes
// "Den er …": "en PDF-fil". Err is for the log; neither holds anything from the cells of the file.
type Fault struct {
	Rule   string
	Detail string
	Err    error
}

func (f *Fault) Error() string {
	if f.Err != nil {
		return fmt.Sprintf("%s: %s: %v", f.Rule, f.Detail, f.Err)
	}
	return f.Rule + ": " + f.Detail
}

func (f *Fault) Unwrap() error { return f.Err }

const (
	brokenZip   = "en zip-fil, der er gået i stykker"
	brokenBook  = "en Excel-projektmappe, der er gået i stykker"
	expandsTail = "en projektmappe, der fylder mere udpakket, end tjenesten tager imod"
	bombDetail  = "en zip-fil, der er pakket unormalt hårdt (en såkaldt zip-bombe)"
)

func notTable(detail string, err error) *Fault { return &Fault{Rule: "F02", Detail: detail, Err: err} }

// broken is a fault in the XML or in what it says; where names the part.
func broken(where, format string, args ...any) *Fault {
	return notTable(brokenBook, fmt.Errorf("%s: "+format, append([]any{where}, args...)...))
}

// asFault turns whatever went wrong below into a Fault. Errors of the caller's own reader or writer stay as they are.
func asFault(where string, err error) error {
	var fault *Fault
	var syntax *syntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &fault):
		return err
	case errors.As(err, &syntax):
		return notTable(syntax.detail, fmt.Errorf("%s: %w", where, err))
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF), errors.Is(err, zip.ErrFormat),
		errors.Is(err, zip.ErrChecksum), errors.Is(err, zip.ErrAlgorithm), isCorrupt(err):
		return notTable(brokenZip, fmt.Errorf("%s: %w", where, err))
	}
	return fmt.Errorf("%s: %w", where, err)
}
