package post

import (
	"bytes"
	_ "embed"
	"html/template"
	"io"
	"net/mail"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"
)

// Letter is one mail to one person.
type Letter struct {
	ID          string // its name for ever, letters, digits, "-" and "." only; the same letter tried again has the same Message-ID
	To          mail.Address
	Subject     string
	Body        []Part // after the greeting
	Footer      []Part // why it came, and what stops it
	Files       []File
	Unsubscribe string    // the address that stops letters like it when it is posted to; "" for none
	Date        time.Time // when it was written
}

// Part is a paragraph, then its list, then its link; what is empty is left out.
type Part struct {
	Text string
	List []string
	Link string // what the link says
	Href string // where it leads
}

// File goes with a letter.
type File struct {
	Name    string
	Type    string // "text/csv; charset=utf-8"
	Content []byte
}

//go:embed letter.html
var letterHTML string

var letterTemplate = template.Must(template.New("letter").Parse(letterHTML))

// text is the letter for who reads no HTML.
func (l Letter) text() string {
	var b strings.Builder
	if l.To.Name != "" {
		b.WriteString("Hej " + l.To.Name + "\n\n")
	}
	parts := func(list []Part) {
		for _, p := range list {
			if p.Text != "" {
				b.WriteString(p.Text + "\n")
			}
			for _, item := range p.List {
				b.WriteString("- " + item + "\n")
			}
			if p.Href != "" {
				b.WriteString(p.Link + ":\n" + p.Href + "\n")
			}
			b.WriteString("\n")
		}
	}
	parts(l.Body)
	b.WriteString("Venlig hilsen\nTælleuger\n")
	if len(l.Footer) > 0 {
		b.WriteString("\n-- \n")
		parts(l.Footer)
	}
	return strings.TrimRight(b.String(), "\n") + "\n"
}

// message makes the letter whole: headers, text, HTML and files. What it cannot hold is an error before anything is sent.
func (l Letter) message(from mail.Address) ([]byte, error) {
	m := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(gomail.EncodingQP), gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(&from)
	m.ToMailAddress(&l.To)
	m.Subject(oneLine(l.Subject))
	m.SetDateWithValue(l.Date)
	m.SetMessageIDWithValue(l.ID + "@" + domainOf(from.Address))
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: absence notices must not answer it
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	m.SetGenHeader("Content-Language", "da")
	if l.Unsubscribe != "" {
		m.SetGenHeader("List-Unsubscribe", "<"+l.Unsubscribe+">")
		m.SetGenHeader("List-Unsubscribe-Post", "List-Unsubscribe=One-Click") // RFC 8058
	}
	var html bytes.Buffer
	if err := letterTemplate.Execute(&html, l); err != nil {
		return nil, err
	}
	m.SetBodyString(gomail.TypeTextPlain, l.text())
	m.AddAlternativeString(gomail.TypeTextHTML, html.String())
	for _, f := range l.Files {
		if err := m.AttachReader(f.Name, bytes.NewReader(f.Content), gomail.WithFileContentType(gomail.ContentType(f.Type)), gomail.WithFileEncoding(gomail.EncodingB64)); err != nil {
			return nil, err
		}
	}
	var whole bytes.Buffer
	_, err := m.WriteTo(&whole)
	return whole.Bytes(), err
}

// WriteTo writes the letter as it would be sent, without sending it.
func (l Letter) WriteTo(w io.Writer, from mail.Address) error {
	whole, err := l.message(from)
	if err == nil {
		_, err = w.Write(whole)
	}
	return err
}

// oneLine keeps a name out of the headers below it.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return domain
}
