package web

import (
	"errors"
	"net/http"
	"slices"
	"strings"

	"komhen/model"
)

// formData is what a person filled in, and what is wrong with it. A form with errors is shown again as it was filled in, with a
// summary on top; secrets are never shown again.
type formData struct {
	Values map[string]string
	Errors []fieldError
}

// fieldError is a fault of one field, or with "" of the whole.
type fieldError struct{ Field, Message string }

// secretFields are read from a form and not given back to it.
var secretFields = []string{"password", "repeat", "old"}

func formOf(values map[string]string) *formData { return &formData{Values: values} }

// readForm takes the named fields of a posted form.
func readForm(r *http.Request, fields ...string) (*formData, error) {
	if err := r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, err
		}
		return nil, &model.Problem{Code: "form", Message: "Det, du sendte, kan ikke læses. Gå tilbage, og prøv igen.", Err: err}
	}
	f := formOf(map[string]string{})
	for _, name := range fields {
		f.Values[name] = r.PostFormValue(name)
	}
	return f, nil
}

// readSure takes the form of something that cannot be undone. Where its box "sure" has no mark, that is a fault of the form, with what a person should know.
func readSure(r *http.Request, why string) (*formData, error) {
	f, err := readForm(r, "sure")
	if err == nil && f.Values["sure"] == "" {
		f.wrong("sure", "Sæt hak ved, at du er sikker. "+why)
	}
	return f, err
}

// Value is what is shown in a field.
func (f *formData) Value(name string) string {
	if f == nil || slices.Contains(secretFields, name) {
		return ""
	}
	return f.Values[name]
}

// Error is what is wrong with a field, "" if nothing is.
func (f *formData) Error(name string) string {
	if f == nil {
		return ""
	}
	for _, e := range f.Errors {
		if e.Field == name {
			return e.Message
		}
	}
	return ""
}

// Problems are all errors, for the summary.
func (f *formData) Problems() []fieldError {
	if f == nil {
		return nil
	}
	return f.Errors
}

func (f *formData) wrong(field, message string) {
	f.Errors = append(f.Errors, fieldError{field, message})
}

// formCodes are the problems that a person mends in the form itself.
var formCodes = []string{"account-invalid", "account-exists", "account-external", "password-weak", "password-wrong", "token-invalid", "token-rights", "last-operator", "login-failed", "contact-invalid", "contact-exists"}

// takes makes a fault of the form of an error, if it is one.
func (f *formData) takes(err error) bool {
	var p *model.Problem
	if !errors.As(err, &p) || !slices.Contains(formCodes, p.Code) {
		return false
	}
	f.wrong(model.FieldOf(err), p.Message)
	return true
}

// same asks that a new password was typed alike twice.
func (f *formData) same() {
	if f.Values["password"] != f.Values["repeat"] {
		f.wrong("repeat", "De to adgangskoder er ikke ens. Skriv den samme begge steder.")
	}
}

// plain is a field without blanks around it.
func (f *formData) plain(name string) string { return strings.TrimSpace(f.Values[name]) }
