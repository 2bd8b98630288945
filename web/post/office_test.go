package post

import (
	"bytes"
	"errors"
	"fmt"
	"net/mail"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	"komhen/web/post/posttest"
)

var someLetter = Letter{ID: "j1-20120423T050000Z.a1", To: mail.Address{Name: "Åse Østergård", Address: "aase@koege.example"}, Subject: "Henvendelser på æ, ø og å – Køge",
	Body:   []Part{{Text: "Her er rapporten på »Køge«."}, {Text: "Den rummer", List: []string{"ældre", "børn & unge"}}, {Link: "Se den", Href: "https://komhen.example/schedule/runs/j1-20120423T050000Z"}},
	Footer: []Part{{Text: "Den kommer, fordi du er sat på."}}, Files: []File{{Name: "kanaler.csv", Type: "text/csv; charset=utf-8", Content: []byte("kanal;antal\r\nTelefon på rådhuset;7\r\n" + strings.Repeat("x", 3000))}},
	Unsubscribe: "https://komhen.example/unsubscribe/a1.j1." + strings.Repeat("k", 22), Date: time.Date(2012, 4, 23, 7, 0, 0, 0, time.FixedZone("", 7200))}

// TestLetterArrives: over STARTTLS and over TLS from the start, with a password, a letter comes through whole and its reader sees what was written.
func TestLetterArrives(t *testing.T) {
	for name, o := range map[string]posttest.Options{"smtp": {StartTLS: true, User: "komhen", Password: "hemmelig"}, "smtps": {ImplicitTLS: true, User: "komhen", Password: "hemmelig"}} {
		server := posttest.Start(t, o)
		office, err := New(Config{Server: name + "://komhen@" + server.Address, Password: "hemmelig", From: "Tælleuger <taelleuger@kl.example>", TLS: server.Trust})
		if err != nil {
			t.Fatal(err)
		}
		begun := 0
		if err := office.Send(t.Context(), someLetter, func() error {
			if begun++; len(server.Mails()) > 0 {
				t.Error("begin comes too late")
			}
			return nil
		}); err != nil || begun != 1 {
			t.Fatal(name, err, begun)
		}
		mails := server.Mails()
		if len(mails) != 1 || !mails[0].TLS || mails[0].User != "komhen" || mails[0].To != "aase@koege.example" || mails[0].From != "taelleuger@kl.example" {
			t.Fatalf("%s: %+v", name, mails)
		}
		got := mails[0].Read(t)
		if got.Subject != someLetter.Subject || !bytes.Equal(got.Files["kanaler.csv"], someLetter.Files[0].Content) || len(got.Files) != 1 {
			t.Errorf("%s: %q %q", name, got.Subject, got.Files)
		}
		for _, text := range []string{"Hej Åse Østergård", "Her er rapporten på »Køge«.", "- børn & unge", "https://komhen.example/schedule/runs/j1-20120423T050000Z"} {
			if !strings.Contains(got.Text, text) {
				t.Errorf("%s: %q is not in\n%s", name, text, got.Text)
			}
		}
		for _, text := range []string{"Hej Åse Østergård", "»Køge«", "børn &amp; unge", `href="https://komhen.example/schedule/runs/j1-20120423T050000Z"`} {
			if !strings.Contains(got.HTML, text) {
				t.Errorf("%s: %q is not in\n%s", name, text, got.HTML)
			}
		}
		for header, want := range map[string]string{"Message-Id": "<j1-20120423T050000Z.a1@kl.example>", "Auto-Submitted": "auto-generated", "Date": "Mon, 23 Apr 2012 07:00:00 +0200",
			"List-Unsubscribe": "<" + someLetter.Unsubscribe + ">", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click", "Mime-Version": "1.0"} {
			if got.Header.Get(header) != want {
				t.Errorf("%s: %s is %q", name, header, got.Header.Get(header))
			}
		}
		if from, err := got.Header.AddressList("From"); err != nil || from[0].Name != "Tælleuger" {
			t.Error(name, from, err)
		}
		if to, err := got.Header.AddressList("To"); err != nil || *to[0] != someLetter.To {
			t.Error(name, to, err)
		}
	}
}

// TestOutcomes: what may be tried again, what may not, and what nobody can know.
func TestOutcomes(t *testing.T) {
	for name, c := range map[string]struct {
		options posttest.Options
		begin   error
		is      func(error) bool
		arrived int
	}{
		"unknown recipient":   {posttest.Options{Recipient: func(string) error { return &smtp.SMTPError{Code: 550, Message: "nobody aase@koege.example here"} }}, nil, WillNeverBeSent, 0},
		"try again later":     {posttest.Options{Recipient: func(string) error { return &smtp.SMTPError{Code: 451, Message: "later"} }}, nil, IsAway, 0},
		"password is asked":   {posttest.Options{User: "x", Password: "y"}, nil, IsAway, 0},
		"the answer is lost":  {posttest.Options{Taken: func(posttest.Mail) bool { return true }}, nil, MayHaveBeenSent, 1},
		"begin says no":       {posttest.Options{}, errors.New("disk full"), func(err error) bool { return err.Error() == "disk full" }, 0},
		"all is well":         {posttest.Options{}, nil, func(err error) bool { return err == nil }, 1},
		"no TLS to be had":    {posttest.Options{}, nil, IsAway, 0},
		"another certificate": {posttest.Options{StartTLS: true}, nil, IsAway, 0},
	} {
		t.Run(name, func(t *testing.T) {
			server := posttest.Start(t, c.options)
			address := "smtp://" + server.Address
			if !strings.Contains(name, "TLS") && !c.options.StartTLS {
				address += "?tls=none"
			}
			office, err := New(Config{Server: address, From: "taelleuger@kl.example"})
			if err != nil {
				t.Fatal(err)
			}
			begun := 0
			err = office.Send(t.Context(), someLetter, func() error { begun++; return c.begin })
			if !c.is(err) || len(server.Mails()) != c.arrived || begun != c.arrived && c.begin == nil {
				t.Errorf("%v, %d arrived, begun %d times", err, len(server.Mails()), begun)
			}
			if err != nil && strings.Contains(err.Error(), "aase@") {
				t.Errorf("an address is in %v", err)
			}
		})
	}
	office, err := New(Config{Server: "smtp://127.0.0.1:1?tls=none", From: "taelleuger@kl.example"})
	if err != nil {
		t.Fatal(err)
	}
	if err := office.Send(t.Context(), someLetter, nil); !IsAway(err) {
		t.Error(err)
	}
}

func TestSettings(t *testing.T) {
	for server, fits := range map[string]bool{
		"smtp://mail.kl.example": true, "smtps://bruger@mail.kl.example:465": true, "smtp://127.0.0.1:25?tls=none": true, "smtp://localhost?tls=none": true, "smtp://[::1]:25?tls=none": true,
		"mail.kl.example": false, "http://mail.kl.example": false, "smtp://bruger:kode@mail.kl.example": false, "smtp://mail.kl.example?tls=none": false, "smtp://x@localhost?tls=none": false,
		"smtp://mail.kl.example:0": false, "smtp://mail.kl.example:99999": false, "smtp://": false, "": false, "smtp://mail.kl.example/x": false, "smtp://%zz": false,
	} {
		_, err := New(Config{Server: server, Password: "x", From: "Tælleuger <t@kl.example>"})
		if fits != (err == nil) || err != nil && (codeOf(err) != "mail-settings" || strings.Contains(fmt.Sprint(err), "kode@")) {
			t.Errorf("%q: %v", server, err)
		}
	}
	if _, err := New(Config{Server: "smtp://bruger@mail.kl.example", From: "t@kl.example"}); codeOf(err) != "mail-settings" {
		t.Error("without its password:", err)
	}
	if _, err := New(Config{Server: "smtp://mail.kl.example", From: "ikke en adresse"}); codeOf(err) != "mail-settings" {
		t.Error(err)
	}
}

// TestHeadersAreOurs: nothing in a name or subject becomes a header or another recipient.
func TestHeadersAreOurs(t *testing.T) {
	server := posttest.Start(t, posttest.Options{})
	office, err := New(Config{Server: "smtp://" + server.Address + "?tls=none", From: "t@kl.example"})
	if err != nil {
		t.Fatal(err)
	}
	l := someLetter
	l.To.Name, l.Subject = "Eva\r\nBcc: alle@kl.example", "Tal\r\nBcc: alle@kl.example\r\n\r\n<script>"
	l.Body = []Part{{Text: ".\r\n.\r\nQUIT\r\n<script>alert(1)</script>"}}
	if err := office.Send(t.Context(), l, nil); err != nil {
		t.Fatal(err)
	}
	mails := server.Mails()
	if len(mails) != 1 {
		t.Fatal(len(mails), "mails")
	}
	got := mails[0].Read(t)
	if got.Header.Get("Bcc") != "" || strings.Contains(got.HTML, "<script>") || !strings.Contains(got.Text, "QUIT") || !strings.Contains(got.Text, "<script>alert(1)</script>") {
		t.Errorf("%v\n%s", got.Header, got.HTML)
	}
}
