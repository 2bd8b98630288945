package web

import (
	"context"
	"net/http"
	"strings"
	"time"

	"komhen/model"
	"komhen/web/account"
	"komhen/web/audit"
	"komhen/web/post"
)

type forgottenData struct {
	Form  *formData
	Sent  bool
	Mails bool
}

// forgottenPage asks for the address of who forgot the password.
func (s *Server) forgottenPage(w http.ResponseWriter, r *http.Request, v Viewer) error {
	return s.page(w, r, v, "forgotten", forgottenData{Form: formOf(map[string]string{}), Mails: s.mails()})
}

// forgotten mails a link to a new password, if there is an account to mail it to. The answer is the same for every address, and the mail goes beside the
// request, so that neither words nor time tell who has an account.
func (s *Server) forgotten(w http.ResponseWriter, r *http.Request, v Viewer) error {
	f, err := readForm(r, "email")
	if err != nil {
		return err
	}
	if !s.mails() {
		return &model.Problem{Code: "mail-none", Message: "Tjenesten kan ikke sende mails. Bed din kommunes tovholder om et link til en ny adgangskode."}
	}
	email := f.plain("email")
	if !strings.Contains(email, "@") {
		f.wrong("email", "Skriv den mailadresse, du logger ind med.")
		return s.pageWith(w, r, v, http.StatusUnprocessableEntity, "forgotten", forgottenData{Form: f, Mails: true})
	}
	if err := s.brakes.try(w, r, email); err != nil {
		return err
	}
	if a, there := s.accounts.ByEmail(email); there && !a.Disabled && s.brakes.mayMail(a.ID) {
		rec := audit.Record{Action: "account.forgotten", Object: a.ID, Municipality: a.Municipality, At: s.now(), Address: addressOf(r)}
		s.background(func(ctx context.Context) {
			if err := s.audit.Append(rec); err != nil {
				s.log.Error("audit log", "action", rec.Action, "error", err)
			}
			if err := s.mailForgotten(ctx, a); err != nil {
				s.log.Warn("mail server", "error", err)
			}
		})
	}
	return s.page(w, r, v, "forgotten", forgottenData{Sent: true, Mails: true})
}

func (s *Server) mailForgotten(ctx context.Context, a account.Account) error {
	if a.External {
		l, err := s.letterTo(a, "link-"+linkID(s.now(), a), "", "Du logger ind med din kommunes login", "Du får mailen, fordi nogen har bedt om en ny adgangskode til din mailadresse.",
			post.Part{Text: "Du har ingen adgangskode i Tælleuger, for du logger ind med din egen organisations login. Brug det på siden, hvor du logger ind.", Link: "Log ind", Href: s.linkTo("login")})
		if err != nil {
			return err
		}
		return s.config.Mail.Send(ctx, l, nil)
	}
	kind, lasts := account.Reset, resetLasts
	if a.LastLogin.IsZero() {
		kind, lasts = account.Invited, inviteLasts
	}
	secret, err := s.accounts.Invite(a.ID, kind, lasts, s.now())
	if err != nil {
		return err
	}
	return s.mailLink(ctx, a, kind, secret)
}

// mailLink mails a link with which a password is set.
func (s *Server) mailLink(ctx context.Context, a account.Account, kind account.Kind, secret string) error {
	subject, why, lasts := "Ny adgangskode til Tælleuger", "Du får mailen, fordi nogen har bedt om en ny adgangskode til dig. Var det ikke dig, så gør ingenting: den gamle virker stadig.", "i et døgn"
	text := "Her kan du vælge en ny adgangskode. Linket virker én gang og " + lasts + "."
	if kind == account.Invited {
		subject, why = "Velkommen til Tælleuger", "Du får mailen, fordi en tovholder eller KL har givet dig adgang."
		text = "Du har fået adgang til Tælleuger som " + strings.ToLower(a.Role.Label()[:1]) + a.Role.Label()[1:] + ". Vælg din adgangskode her. Linket virker én gang og i syv døgn."
	}
	l, err := s.letterTo(a, "link-"+linkID(s.now(), a), "", subject, why, post.Part{Text: text, Link: "Vælg adgangskode", Href: s.linkTo("link", secret)})
	if err != nil {
		return err
	}
	return s.config.Mail.Send(ctx, l, nil)
}

// linkID names a letter with a link; nothing of the secret is in it.
func linkID(now time.Time, a account.Account) string {
	return now.UTC().Format("20060102T150405.000000000Z") + "." + a.ID
}
