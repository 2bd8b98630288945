package posttest

import (
	"bytes"
	"encoding/base64"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net/mail"
	"strings"
	"testing"
)

// Letter is a mail as its reader's program shows it.
type Letter struct {
	Header     mail.Header
	Subject    string
	Text, HTML string
	Files      map[string][]byte
	Types      map[string]string // of the files
}

// Read takes a mail apart with the standard library, and fails on what no mail program could read.
func (m Mail) Read(t testing.TB) Letter {
	t.Helper()
	got, err := mail.ReadMessage(bytes.NewReader(m.Raw))
	if err != nil {
		t.Fatalf("not a mail: %v\n%.2000s", err, m.Raw)
	}
	l := Letter{Header: got.Header, Files: map[string][]byte{}, Types: map[string]string{}}
	if l.Subject, err = new(mime.WordDecoder).DecodeHeader(got.Header.Get("Subject")); err != nil {
		t.Fatal(err)
	}
	l.part(t, got.Header.Get("Content-Type"), got.Header.Get("Content-Transfer-Encoding"), "", got.Body)
	for _, line := range bytes.Split(m.Raw, []byte("\r\n")) {
		if len(line) > 998 { // RFC 5322
			t.Errorf("a line of %d characters", len(line))
		}
	}
	return l
}

func (l *Letter) part(t testing.TB, kind, encoding, disposition string, body io.Reader) {
	t.Helper()
	media, parameters, err := mime.ParseMediaType(kind)
	if err != nil {
		t.Fatalf("%q: %v", kind, err)
	}
	if strings.HasPrefix(media, "multipart/") {
		parts := multipart.NewReader(body, parameters["boundary"])
		for {
			p, err := parts.NextRawPart()
			if err == io.EOF {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			l.part(t, p.Header.Get("Content-Type"), p.Header.Get("Content-Transfer-Encoding"), p.Header.Get("Content-Disposition"), p)
		}
	}
	switch strings.ToLower(encoding) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	how, names, _ := mime.ParseMediaType(disposition)
	switch {
	case how == "attachment":
		l.Files[names["filename"]], l.Types[names["filename"]] = content, kind
	case media == "text/html":
		l.HTML = string(content)
	default:
		l.Text = strings.ReplaceAll(string(content), "\r\n", "\n")
	}
	if how != "attachment" && !strings.EqualFold(parameters["charset"], "utf-8") {
		t.Errorf("%s is in %q", media, parameters["charset"])
	}
}
