package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	"komhen/web"
	"komhen/web/post"
)

type serveCommand struct {
	Addr        string   `help:"Hvor tjenesten lytter." default:"127.0.0.1:8080" placeholder:"ADRESSE:PORT"`
	BaseURL     string   `help:"Adressen, som folk bruger, fx https://taelleuger.kl.example. Links i invitationer begynder med den." name:"base-url" env:"KOMHEN_BASE_URL" placeholder:"URL"`
	MaxUploadMB int64    `help:"Største fil, der må sendes, i MB." default:"1024" name:"max-upload-mb"`
	OIDC        string   `help:"Fil med opsætning af login gennem OpenID Connect (docs/sign-in.md)." name:"oidc" type:"path" placeholder:"FIL"`
	Proxy       []string `help:"Net, hvor jeres egne proxyer står, fx 10.1.0.0/16. Kun deres X-Forwarded-For bliver troet." placeholder:"NET"`
	SMTP        string   `help:"Mailserveren, fx smtp://bruger@mail.kommune.dk:587 (STARTTLS) eller smtps://…:465. Adgangskoden gives i KOMHEN_SMTP_PASSWORD eller med --smtp-password-file." name:"smtp" env:"KOMHEN_SMTP" placeholder:"URL"`
	MailFrom    string   `help:"Afsenderen af mails, fx »Tælleuger <taelleuger@kommune.dk>«." name:"mail-from" env:"KOMHEN_MAIL_FROM" placeholder:"ADRESSE"`
	SMTPSecret  string   `help:"Fil med adgangskoden til mailserveren." name:"smtp-password-file" env:"KOMHEN_SMTP_PASSWORD_FILE" type:"path" placeholder:"FIL"`
	AuditMonths int      `help:"Hvor mange måneder loggen gemmes." default:"60" name:"audit-months"`
	Demo        bool     `help:"Vis demobrugere, og lad dem logge ind. Kun på denne maskine og kun med opdigtede tal."`
}

// lastChance is how long requests under way may take when the service stops.
const lastChance = 30 * time.Second

func (c *serveCommand) Run(ctx context.Context, p *program) (err error) {
	listener, err := net.Listen("tcp", c.Addr)
	if err != nil {
		return usage("Tjenesten kan ikke lytte på %s. Er porten i brug, så vælg en anden med --addr, fx --addr 127.0.0.1:8081.", c.Addr)
	}
	defer listener.Close()
	local := listener.Addr().(*net.TCPAddr).IP.IsLoopback()
	if c.Demo && !local {
		return usage("--demo kan kun bruges på denne maskine, fx --addr 127.0.0.1:8080, for alle kender demobrugernes adgangskoder.")
	}
	base := strings.TrimSuffix(c.BaseURL, "/")
	if base == "" {
		base = "http://" + listener.Addr().String()
	}
	if !local && !strings.HasPrefix(base, "https://") {
		fmt.Fprintln(p.stderr, "Advarsel: tjenesten kan nås udefra, men --base-url begynder ikke med https. Sæt en proxy med TLS foran, ellers kan adgangskoder læses undervejs.")
	}
	signIn, err := c.signIn()
	if err != nil {
		return err
	}
	office, err := c.mail(p, base)
	if err != nil {
		return err
	}
	folder, err := p.writing(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, folder.Close()) }()
	if err := folder.Announce(base); err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(p.stderr, &slog.HandlerOptions{Level: slog.LevelInfo}))
	config := signIn
	config.BaseURL, config.MaxUploadMB, config.Log, config.Mail, config.Chromium = base, c.MaxUploadMB, log, office, p.options.Chromium
	if c.Demo {
		config.Demo = web.DemoUsers()
	}
	server, err := web.New(ctx, folder, config)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, server.Close()) }()
	if err := c.greet(ctx, p, server, base); err != nil {
		return err
	}
	h := &http.Server{Handler: server.Handler(), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, MaxHeaderBytes: 32 << 10,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	failed := make(chan error, 1)
	go func() { failed <- h.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	fmt.Fprintln(p.stderr, "Tjenesten lukker. Det, der er ved at blive indlæst, bliver færdigt.")
	ending, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastChance)
	defer cancel()
	if err := h.Shutdown(ending); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return h.Close()
}

// signIn reads the wishes about who may come in and from where.
func (c *serveCommand) signIn() (web.Config, error) {
	config := web.Config{AuditMonths: c.AuditMonths}
	if c.AuditMonths < 1 {
		return config, usage("--audit-months er mindst 1.")
	}
	for _, text := range c.Proxy {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			return config, usage("--proxy %s er ikke et net. Skriv det som 10.1.0.0/16 eller 192.0.2.7/32.", text)
		}
		config.Proxies = append(config.Proxies, network)
	}
	if c.OIDC == "" {
		return config, nil
	}
	var err error
	config.OIDC, err = web.ReadOIDC(c.OIDC)
	return config, err
}

// mail is what hands letters to the mail server; nil where none is set up. The password comes from the environment or a file: arguments can be read by
// everybody on the machine.
func (c *serveCommand) mail(p *program, base string) (*post.Office, error) {
	if c.SMTP == "" {
		return nil, nil
	}
	if c.MailFrom == "" {
		return nil, usage("Afsenderen af mails mangler. Giv den med --mail-from, fx --mail-from taelleuger@kommune.dk.")
	}
	password := os.Getenv("KOMHEN_SMTP_PASSWORD")
	if c.SMTPSecret != "" {
		b, err := os.ReadFile(c.SMTPSecret)
		if err != nil {
			return nil, usage("Filen %s med adgangskoden til mailserveren kan ikke læses.", c.SMTPSecret)
		}
		password = strings.TrimRight(string(b), "\r\n")
	}
	office, err := post.New(post.Config{Server: c.SMTP, Password: password, From: c.MailFrom})
	if err != nil {
		return nil, err
	}
	if c.BaseURL == "" {
		fmt.Fprintf(p.stderr, "Advarsel: uden --base-url begynder links i mails med %s, som kun virker på denne maskine.\n", base)
	}
	return office, nil
}

// greet says where the service is and how to get in.
func (c *serveCommand) greet(ctx context.Context, p *program, server *web.Server, base string) error {
	fmt.Fprintf(p.stdout, "Tælleuger kører på %s (stop med Ctrl+C)\n", base)
	if c.Demo {
		if err := server.AddDemoUsers(); err != nil {
			return err
		}
		if err := server.AddDemoDelivery(ctx); err != nil {
			return err
		}
		if err := server.AddDemoJobs(ctx); err != nil {
			return err
		}
		fmt.Fprintf(p.stdout, "\nLog ind som en af demobrugerne:\n\n")
		for _, u := range web.DemoUsers() {
			fmt.Fprintf(p.stdout, "  %-28s %-24s %s\n", u.Email, u.Password, u.What)
		}
		fmt.Fprintln(p.stdout)
		return nil
	}
	link, err := server.FirstLink()
	if err != nil || link == "" {
		return err
	}
	fmt.Fprintf(p.stdout, "\nDer er ingen brugere endnu. Opret den første administrator her (linket virker én gang, i et døgn):\n\n  %s\n\n", link)
	return nil
}
