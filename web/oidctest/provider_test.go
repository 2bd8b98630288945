// Package oidctest signs in to komhen through a real OpenID Connect server (README.md).
package oidctest

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v3"
	"github.com/ory/fosite"
	"github.com/ory/fosite/compose"
	"github.com/ory/fosite/handler/openid"
	"github.com/ory/fosite/storage"
	"github.com/ory/fosite/token/jwt"
	"golang.org/x/crypto/bcrypt"
)

const (
	clientID     = "komhen"
	clientSecret = "en hemmelighed mellem to programmer"
	userPassword = "brugerens egen adgangskode"
)

// user is somebody whom the provider knows; all have userPassword.
type user struct {
	subject, email, name string
	verified             bool
	groups               []string
}

// provider is an identity provider with one client and some users.
type provider struct {
	*httptest.Server
	oauth fosite.OAuth2Provider

	lock  sync.Mutex
	users map[string]user
	keys  jose.JSONWebKeySet // what it publishes
}

// newProvider starts a provider whose client is the service at base.
func newProvider(t *testing.T, base string) *provider {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := bcrypt.GenerateFromPassword([]byte(clientSecret), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	p := &provider{users: map[string]user{}, keys: publicSet(key)}
	mux := http.NewServeMux()
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	store := storage.NewMemoryStore()
	store.Clients[clientID] = &fosite.DefaultClient{ID: clientID, Secret: secret, RedirectURIs: []string{base + "/oidc/callback"},
		ResponseTypes: []string{"code"}, GrantTypes: []string{"authorization_code"}, Scopes: []string{"openid", "profile", "email", "groups"}}
	config := &fosite.Config{GlobalSecret: make([]byte, 32), IDTokenIssuer: p.URL, EnforcePKCE: true, IDTokenLifespan: 10 * time.Minute}
	p.oauth = compose.ComposeAllEnabled(config, store, key)
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, r *http.Request) {
		p.lock.Lock()
		defer p.lock.Unlock()
		json.NewEncoder(w).Encode(p.keys)
	})
	mux.HandleFunc("/authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	return p
}

func publicSet(key *rsa.PrivateKey) jose.JSONWebKeySet {
	return jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: &key.PublicKey, KeyID: "1", Algorithm: "RS256", Use: "sig"}}}
}

func (p *provider) add(u user) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.users[u.email] = u
}

func (p *provider) discovery(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(map[string]any{"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"RS256"},
		"code_challenge_methods_supported": []string{"S256"}})
}

// authorize asks who it is (GET), and sends the person back with a code or a refusal (POST).
func (p *provider) authorize(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	request, err := p.oauth.NewAuthorizeRequest(ctx, r)
	if err != nil {
		p.oauth.WriteAuthorizeError(ctx, w, request, err)
		return
	}
	if r.Method == http.MethodGet {
		fmt.Fprintf(w, `<form method="post" action="%s"><input name="username"><input name="password" type="password"><button>Log ind</button></form>`, html.EscapeString(r.URL.RequestURI()))
		return
	}
	p.lock.Lock()
	u, known := p.users[r.PostFormValue("username")]
	p.lock.Unlock()
	if !known || r.PostFormValue("password") != userPassword {
		p.oauth.WriteAuthorizeError(ctx, w, request, fosite.ErrAccessDenied)
		return
	}
	for _, scope := range request.GetRequestedScopes() {
		request.GrantScope(scope)
	}
	now := time.Now()
	session := &openid.DefaultSession{Subject: u.subject, Headers: &jwt.Headers{Extra: map[string]any{"kid": "1"}}, Claims: &jwt.IDTokenClaims{
		Issuer: p.URL, Subject: u.subject, Audience: []string{clientID}, RequestedAt: now, AuthTime: now,
		Extra: map[string]any{"email": u.email, "email_verified": u.verified, "name": u.name, "groups": u.groups}}}
	response, err := p.oauth.NewAuthorizeResponse(ctx, request, session)
	if err != nil {
		p.oauth.WriteAuthorizeError(ctx, w, request, err)
		return
	}
	p.oauth.WriteAuthorizeResponse(ctx, w, request, response)
}

func (p *provider) token(w http.ResponseWriter, r *http.Request) {
	ctx := r.Context()
	request, err := p.oauth.NewAccessRequest(ctx, r, openid.NewDefaultSession())
	if err != nil {
		p.oauth.WriteAccessError(ctx, w, request, err)
		return
	}
	response, err := p.oauth.NewAccessResponse(ctx, request)
	if err != nil {
		p.oauth.WriteAccessError(ctx, w, request, err)
		return
	}
	p.oauth.WriteAccessResponse(ctx, w, request, response)
}
