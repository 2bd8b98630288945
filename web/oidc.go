package web

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"komhen/model"
	"komhen/web/account"
	"komhen/web/audit"
)

// OIDCConfig lets people in whom an OpenID Connect provider vouches for: authorization code with PKCE, state and nonce. What they may
// do is told by the first of Rules that fits; someone whom none fits is not let in. The provider's address for us is
// BaseURL + "/oidc/callback".
type OIDCConfig struct {
	Name         string     `json:"name"` // on the button: "Log ind med Køge Kommune"
	Issuer       string     `json:"issuer"`
	ClientID     string     `json:"client_id"`
	ClientSecret string     `json:"client_secret"` // or KOMHEN_OIDC_SECRET
	Scopes       []string   `json:"scopes"`        // besides openid, profile and email
	Rules        []OIDCRule `json:"rules"`
}

// OIDCRule gives rights to those whose claim is a value, or is a list that holds it. Operators have no municipality, all others have.
type OIDCRule struct {
	Claim        string       `json:"claim"` // "groups"
	Value        string       `json:"value"`
	Role         account.Role `json:"role"`
	Municipality uint16       `json:"municipality"`
	Unit         string       `json:"unit"`
}

// ReadOIDC reads a configuration from a JSON file. Problem: "oidc-config".
func ReadOIDC(path string) (*OIDCConfig, error) {
	wrong := func(err error) error {
		return &model.Problem{Code: "oidc-config", Err: err, Message: fmt.Sprintf("Opsætningen af login i %s kan ikke læses. Ret filen; docs/sign-in.md viser, hvordan den ser ud.", path)}
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, wrong(err)
	}
	defer f.Close()
	c := new(OIDCConfig)
	d := json.NewDecoder(f)
	d.DisallowUnknownFields()
	if err := d.Decode(c); err != nil {
		return nil, wrong(err)
	}
	if secret := os.Getenv("KOMHEN_OIDC_SECRET"); secret != "" {
		c.ClientSecret = secret
	}
	return c, nil
}

// signOn is the other way in. The provider is asked for its addresses and keys the first time someone comes, so that the service
// starts while it is away.
type signOn struct {
	config   OIDCConfig
	callback string
	client   *http.Client
	now      func() time.Time

	lock     sync.Mutex
	provider *oidc.Provider
}

const keySignOn = "oidc" // prefix of what a session remembers of a sign-on under way

var errSignOn = &model.Problem{Code: "oidc-failed", Message: "Login udefra lykkedes ikke. Prøv igen fra login-siden. Bliver det ved, så bed din administrator se på opsætningen."}

// newSignOn checks the configuration. Problem: "oidc-config".
func newSignOn(c *OIDCConfig, baseURL string, book *model.Codebook, now func() time.Time) (*signOn, error) {
	if c == nil {
		return nil, nil
	}
	wrong := func(text string) error {
		return &model.Problem{Code: "oidc-config", Message: "Opsætningen af login udefra er ikke rigtig: " + text}
	}
	issuer, err := url.Parse(c.Issuer)
	switch {
	case err != nil || issuer.Host == "" || issuer.Scheme != "https" && !(issuer.Scheme == "http" && loopback(issuer.Host)):
		return nil, wrong("issuer skal være en adresse, der begynder med https.")
	case c.ClientID == "":
		return nil, wrong("client_id mangler.")
	case baseURL == "":
		return nil, wrong("tjenestens egen adresse (--base-url) mangler.")
	case len(c.Rules) == 0:
		return nil, wrong("rules er tom, så ingen kan komme ind.")
	}
	for i, rule := range c.Rules {
		known := rule.Municipality == 0 || book.Municipality(rule.Municipality) != nil
		if rule.Claim == "" || rule.Value == "" || !rule.Role.Known() || !known || (rule.Role == account.Operator) != (rule.Municipality == 0) || (rule.Role == account.Unit) != (rule.Unit != "") {
			return nil, wrong(fmt.Sprintf("regel %d i rules passer ikke sammen. Den skal have claim, value og role; en kommune, hvis rollen ikke er operator; og en enhed, hvis den er unit.", i+1))
		}
	}
	s := &signOn{config: *c, callback: baseURL + "/oidc/callback", client: &http.Client{Timeout: 10 * time.Second}, now: now}
	if s.config.Name == "" {
		s.config.Name = "Log ind med din kommunes login"
	}
	return s, nil
}

// reach finds the provider. Problem: "oidc-away".
func (o *signOn) reach(ctx context.Context) (*oidc.Provider, *oauth2.Config, error) {
	o.lock.Lock()
	defer o.lock.Unlock()
	if o.provider == nil {
		// the provider fetches new keys long after this request is over
		p, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), o.client), o.config.Issuer)
		if err != nil {
			return nil, nil, &model.Problem{Code: "oidc-away", Err: err, Message: "Din kommunes login svarer ikke lige nu. Prøv igen om lidt."}
		}
		o.provider = p
	}
	return o.provider, &oauth2.Config{ClientID: o.config.ClientID, ClientSecret: o.config.ClientSecret, Endpoint: o.provider.Endpoint(), RedirectURL: o.callback,
		Scopes: append([]string{oidc.ScopeOpenID, "profile", "email"}, o.config.Scopes...)}, nil
}

// startSignOn sends the person to the provider. What comes back must belong to this browser's session.
func (s *Server) startSignOn(w http.ResponseWriter, r *http.Request, v Viewer) error {
	if s.signOn == nil {
		return errNotFound
	}
	_, config, err := s.signOn.reach(r.Context())
	if err != nil {
		return err
	}
	state, nonce, verifier := oauth2.GenerateVerifier(), oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	for name, value := range map[string]string{"state": state, "nonce": nonce, "verifier": verifier, "next": localPath(r.URL.Query().Get("next"))} {
		s.sessions.Put(r.Context(), keySignOn+name, value)
	}
	w.Header().Set("Cache-Control", "no-store")
	http.Redirect(w, r, config.AuthCodeURL(state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)), http.StatusSeeOther)
	return nil
}

// endSignOn is where the provider sends the person back to.
func (s *Server) endSignOn(w http.ResponseWriter, r *http.Request, v Viewer) error {
	if s.signOn == nil {
		return errNotFound
	}
	kept := map[string]string{}
	for _, name := range []string{"state", "nonce", "verifier", "next"} { // each answer is for one question
		kept[name] = s.sessions.PopString(r.Context(), keySignOn+name)
	}
	id, err := s.signOn.identity(r, kept)
	var a account.Account
	if err == nil {
		a, err = s.accounts.External(id, s.now())
	}
	if err != nil {
		s.log.Warn("sign-on failed", "error", err)
		s.note(r, Viewer{}, audit.Record{Action: "login.failed", Municipality: id.Municipality, Detail: "oidc"})
		return err
	}
	if err := s.signIn(r, a, "oidc"); err != nil {
		return err
	}
	http.Redirect(w, r, homeOf(viewerFor(a), kept["next"]), http.StatusSeeOther)
	return nil
}

// identity checks everything about an answer: that it belongs to this session, and that the provider signed it for us, just now.
func (o *signOn) identity(r *http.Request, kept map[string]string) (account.Identity, error) {
	failed := func(format string, a ...any) (account.Identity, error) {
		return account.Identity{}, &model.Problem{Code: errSignOn.Code, Message: errSignOn.Message, Err: fmt.Errorf(format, a...)}
	}
	q := r.URL.Query()
	if kept["state"] == "" || subtle.ConstantTimeCompare([]byte(q.Get("state")), []byte(kept["state"])) != 1 {
		return failed("state is not this session's")
	}
	if q.Get("error") == "access_denied" {
		return account.Identity{}, &model.Problem{Code: "oidc-denied", Message: "Du afbrød login, eller din kommunes login lukkede dig ikke ind. Prøv igen fra login-siden."}
	}
	if q.Get("error") != "" {
		return failed("provider answers error %.40q", q.Get("error"))
	}
	if iss := q.Get("iss"); iss != "" && iss != o.config.Issuer { // RFC 9207
		return failed("answer of another issuer")
	}
	provider, config, err := o.reach(r.Context())
	if err != nil {
		return account.Identity{}, err
	}
	ctx := oidc.ClientContext(r.Context(), o.client)
	token, err := config.Exchange(ctx, q.Get("code"), oauth2.VerifierOption(kept["verifier"]))
	if err != nil {
		var refused *oauth2.RetrieveError
		if errors.As(err, &refused) { // its own text may hold what the provider was sent
			return failed("code refused: %.40q", refused.ErrorCode)
		}
		return failed("code could not be exchanged: %w", err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return failed("no id_token")
	}
	idToken, err := provider.VerifierContext(ctx, &oidc.Config{ClientID: o.config.ClientID, Now: o.now}).Verify(ctx, raw)
	if err != nil {
		return failed("id_token: %w", err)
	}
	if subtle.ConstantTimeCompare([]byte(idToken.Nonce), []byte(kept["nonce"])) != 1 {
		return failed("nonce is not this session's")
	}
	claims := map[string]any{}
	if err := idToken.Claims(&claims); err != nil {
		return failed("claims: %w", err)
	}
	return o.rights(idToken.Issuer, idToken.Subject, claims)
}

// rights finds the first rule that fits. Problem: "oidc-no-role".
func (o *signOn) rights(issuer, subject string, claims map[string]any) (account.Identity, error) {
	id := account.Identity{Issuer: issuer, Subject: subject}
	id.Email, _ = claims["email"].(string)
	id.Name, _ = claims["name"].(string)
	id.EmailVerified = claims["email_verified"] == true
	for _, rule := range o.config.Rules {
		if holds(claims[rule.Claim], rule.Value) {
			id.Role, id.Municipality, id.Unit = rule.Role, rule.Municipality, rule.Unit
			return id, nil
		}
	}
	return account.Identity{}, &model.Problem{Code: "oidc-no-role", Message: "Din kommunes login kender dig, men du har ingen rolle her endnu. Bed din administrator om adgang."}
}

func holds(claim any, value string) bool {
	switch c := claim.(type) {
	case string:
		return c == value
	case []any:
		return slices.Contains(c, any(value))
	}
	return false
}
