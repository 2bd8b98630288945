// Package posttest is a real mail server for tests: it listens on this machine, speaks SMTP with or without TLS, and keeps what it is given.
package posttest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// Options of a server. The zero value takes everything, without TLS.
type Options struct {
	StartTLS, ImplicitTLS bool
	User, Password        string                     // "" asks for none
	Recipient             func(address string) error // refuses recipients, as an *smtp.SMTPError or anything else
	Taken                 func(m Mail) (cut bool)    // called when a letter has come whole and is not yet answered; cut closes the line instead of answering
}

// Mail is what came.
type Mail struct {
	From, To string
	Raw      []byte
	TLS      bool
	User     string
}

// Server listens until its test ends.
type Server struct {
	Address string      // host:port
	Trust   *tls.Config // for a client: knows the server's certificate

	options Options
	lock    sync.Mutex
	mails   []Mail
}

// Start listens on a free port.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s := &Server{options: o}
	server := smtp.NewServer(s)
	server.Domain, server.AllowInsecureAuth, server.ErrorLog = "127.0.0.1", false, silent{}
	server.ReadTimeout, server.WriteTimeout = time.Minute, time.Minute
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Address = listener.Addr().String()
	if o.StartTLS || o.ImplicitTLS {
		own, trust := certificate(t)
		s.Trust = trust
		if o.ImplicitTLS {
			listener = tls.NewListener(listener, own)
		} else {
			server.TLSConfig = own
		}
	}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return s
}

// Mails are all that came so far, in their order.
func (s *Server) Mails() []Mail {
	s.lock.Lock()
	defer s.lock.Unlock()
	return append([]Mail(nil), s.mails...)
}

type silent struct{}

func (silent) Printf(string, ...any) {}
func (silent) Println(...any)        {}

// NewSession is of the library's server.
func (s *Server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{server: s, conn: c}, nil
}

type session struct {
	server *Server
	conn   *smtp.Conn
	mail   Mail
	user   string
}

func (x *session) Reset()        { x.mail = Mail{} }
func (x *session) Logout() error { return nil }

func (x *session) AuthMechanisms() []string {
	if x.server.options.User == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (x *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != x.server.options.User || password != x.server.options.Password {
			return smtp.ErrAuthFailed
		}
		x.user = user
		return nil
	}), nil
}

func (x *session) Mail(from string, _ *smtp.MailOptions) error {
	if x.server.options.User != "" && x.user == "" {
		return smtp.ErrAuthRequired
	}
	x.mail = Mail{From: from, User: x.user}
	return nil
}

func (x *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	if x.server.options.Recipient != nil {
		if err := x.server.options.Recipient(to); err != nil {
			return err
		}
	}
	x.mail.To = to
	return nil
}

func (x *session) Data(r io.Reader) error {
	raw, err := io.ReadAll(r)
	if err != nil {
		return err // cut off before its end: it has not come
	}
	x.mail.Raw = raw
	_, x.mail.TLS = x.conn.TLSConnectionState()
	if _, implicit := x.conn.Conn().(*tls.Conn); implicit {
		x.mail.TLS = true
	}
	x.server.lock.Lock()
	x.server.mails = append(x.server.mails, x.mail)
	x.server.lock.Unlock()
	if x.server.options.Taken != nil && x.server.options.Taken(x.mail) {
		x.conn.Conn().Close()
		return errors.New("cut off")
	}
	return nil
}

// certificate is one of this server's own, and what a client trusts it with.
func certificate(t testing.TB) (own, trust *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	plan := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, DNSNames: []string{"localhost"}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign}
	raw, err := x509.CreateCertificate(rand.Reader, plan, plan, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	made, err := x509.ParseCertificate(raw)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(made)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{raw}, PrivateKey: key}}}, &tls.Config{RootCAs: roots}
}
