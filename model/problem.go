package model

import "errors"

// Problem is an error for two readers: Code is stable and for machines, Message is a Danish sentence for people. Err is the
// detail for the log and never reaches a person. None of them may hold personal data.
type Problem struct {
	Code    string
	Message string
	Err     error
}

func (p *Problem) Error() string {
	if p.Err != nil {
		return p.Code + ": " + p.Err.Error()
	}
	return p.Code + ": " + p.Message
}

func (p *Problem) Unwrap() error { return p.Err }

// WrongField, as the Err of a Problem, names the field of a form that it is about.
type WrongField string

func (f WrongField) Error() string { return "field " + string(f) }

// FieldOf is the field that a Problem is about, or "".
func FieldOf(err error) string {
	var f WrongField
	errors.As(err, &f)
	return string(f)
}
