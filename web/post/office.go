package post

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"net/url"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"komhen/model"
)

// Config of the SMTP server that takes our mail.
type Config struct {
	Server   string // smtp://[user@]host[:587] with STARTTLS, smtps://[user@]host[:465] with TLS from the start
	Password string // of the user; never part of Server, which stands in the list of processes
	From     string // "Tælleuger <taelleuger@kl.example>"
	TLS      *tls.Config
	Patience time.Duration // for each step of a conversation; 0 is 30 seconds
}

// Office hands letters to the server. It may be used from several goroutines; each letter has a conversation of its own.
type Office struct {
	from     mail.Address
	server   string
	options  []gomail.Option
	host     string
	patience time.Duration
}

// New reads the wishes, and asks the server nothing. Problem: "mail-settings".
func New(c Config) (*Office, error) {
	from, err := mail.ParseAddress(c.From)
	if err != nil {
		return nil, wrong("Afsenderadressen til mails er ikke rigtig. Skriv den som »Tælleuger <navn@kommune.dk>«.", err)
	}
	u, err := url.Parse(c.Server)
	if err != nil || u.Host == "" || u.Hostname() == "" || u.Path != "" && u.Path != "/" {
		return nil, wrong("Adressen på mailserveren er ikke rigtig. Skriv den som smtp://bruger@mail.kommune.dk:587 eller smtps://bruger@mail.kommune.dk:465.", nil) // err would hold the address
	}
	if _, set := u.User.Password(); set {
		return nil, wrong("Adgangskoden til mailserveren må ikke stå i adressen, for den kan ses af andre på maskinen. Giv den i KOMHEN_SMTP_PASSWORD eller i en fil.", nil)
	}
	o := &Office{from: *from, host: u.Hostname(), patience: c.Patience}
	if o.patience == 0 {
		o.patience = 30 * time.Second
	}
	settings := c.TLS.Clone()
	if settings == nil {
		settings = &tls.Config{}
	}
	settings.ServerName, settings.MinVersion = o.host, tls.VersionTLS12
	port, loopback := 587, isLoopback(o.host)
	o.options = append(o.options, gomail.WithTimeout(o.patience), gomail.WithTLSConfig(settings), gomail.WithoutSMTPUTF8())
	switch plain := u.Query().Get("tls") == "none"; {
	case u.Scheme == "smtps":
		port = 465
		o.options = append(o.options, gomail.WithSSL())
	case u.Scheme != "smtp":
		return nil, wrong("Adressen på mailserveren skal begynde med smtp:// eller smtps://.", nil)
	case plain && (!loopback || u.User != nil):
		return nil, wrong("tls=none kan kun bruges til en mailserver på denne maskine og uden bruger. Ellers kan mails og adgangskode læses undervejs.", nil)
	case plain:
		port = 25
		o.options = append(o.options, gomail.WithTLSPolicy(gomail.NoTLS))
	default:
		o.options = append(o.options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	}
	if text := u.Port(); text != "" {
		if port, err = strconv.Atoi(text); err != nil || port < 1 || port > 65535 {
			return nil, wrong("Porten på mailserveren er ikke et tal mellem 1 og 65535.", nil)
		}
	}
	o.options = append(o.options, gomail.WithPort(port))
	if name := u.User.Username(); name != "" {
		if c.Password == "" {
			return nil, wrong("Adgangskoden til mailserveren mangler. Giv den i KOMHEN_SMTP_PASSWORD eller i en fil.", nil)
		}
		o.options = append(o.options, gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover), gomail.WithUsername(name), gomail.WithPassword(c.Password))
	}
	o.server = net.JoinHostPort(o.host, strconv.Itoa(port))
	if _, err := gomail.NewClient(o.host, o.options...); err != nil {
		return nil, wrong("Opsætningen af mailserveren kan ikke bruges.", err)
	}
	return o, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func wrong(message string, err error) error {
	return &model.Problem{Code: "mail-settings", Message: message, Err: err}
}

// Server is where mail is handed over, for those who run the service: host and port.
func (o *Office) Server() string { return o.server }

// From is who letters come from.
func (o *Office) From() mail.Address { return o.from }

// Send hands a letter over. begin, which may be nil, is called when the server has taken the recipient and the letter itself is about to be sent: until
// then nothing can have arrived; on its error nothing is sent. Problems: "mail-away" (try again later; certainly not sent),
// "mail-refused" (the server says no and will go on saying it), "mail-unsure" (MayHaveBeenSent).
func (o *Office) Send(ctx context.Context, l Letter, begin func() error) error {
	whole, err := l.message(o.from)
	if err != nil {
		return &model.Problem{Code: "mail-refused", Message: "Mailen kunne ikke skrives.", Err: err}
	}
	client, err := gomail.NewClient(o.host, o.options...) // one for each letter: they hold a connection
	if err != nil {
		return away(err)
	}
	conversation, err := client.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return answered(err)
	}
	defer conversation.Close() // without QUIT where something went wrong: a letter that was cut off must not be ended in good order
	step := func(do func() error) error {
		if err := conversation.UpdateDeadline(o.patience); err != nil {
			return err
		}
		return do()
	}
	if err := step(func() error { return conversation.Mail(o.from.Address) }); err != nil {
		return answered(err)
	}
	if err := step(func() error { return conversation.Rcpt(l.To.Address) }); err != nil {
		return answered(err)
	}
	if begin != nil {
		if err := begin(); err != nil {
			return err
		}
	}
	if err := conversation.UpdateDeadline(o.patience + time.Duration(len(whole)/(64<<10))*time.Second); err != nil { // 64 kB a second is slow enough
		return away(err)
	}
	w, err := conversation.Data()
	if err != nil {
		return answered(err)
	}
	if _, err := w.Write(whole); err != nil {
		return away(err)
	}
	if err := w.Close(); err != nil {
		var reply *textproto.Error
		if errors.As(err, &reply) {
			return answered(err)
		}
		return &model.Problem{Code: "mail-unsure", Err: err, Message: "Forbindelsen til mailserveren blev afbrudt, lige da mailen var afleveret. Den kan være sendt."}
	}
	_ = step(conversation.Quit) // taken is taken
	return nil
}

// MayHaveBeenSent tells whether Send failed where nobody can know.
func MayHaveBeenSent(err error) bool { return codeOf(err) == "mail-unsure" }

// WillNeverBeSent tells whether trying again is of no use.
func WillNeverBeSent(err error) bool { return codeOf(err) == "mail-refused" }

// IsAway tells whether the server could not be used at the time.
func IsAway(err error) bool { return codeOf(err) == "mail-away" }

func codeOf(err error) string {
	var p *model.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

func away(err error) error {
	return &model.Problem{Code: "mail-away", Err: err, Message: "Mailserveren svarer ikke, som den skal. Mailen er ikke sendt."}
}

// answered is what the server said no with: 5xx is for good, anything else may pass. A wrong password is no fault of the letter's.
func answered(err error) error {
	var reply *textproto.Error
	if errors.As(err, &reply) && reply.Code >= 550 && reply.Code <= 559 {
		return &model.Problem{Code: "mail-refused", Message: fmt.Sprintf("Mailserveren tager ikke imod mailen (%d). Se, om mailadressen er rigtig.", reply.Code), Err: fmt.Errorf("status %d", reply.Code)} // its words may hold the address
	}
	return away(err)
}
