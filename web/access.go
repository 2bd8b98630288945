package web

import (
	"net/http"

	"komhen/model"
	"komhen/web/account"
)

// Viewer is who stands behind a request: a person with a session, a program with a token, or nobody.
type Viewer struct {
	Account      account.Account // zero for a token and for nobody
	Token        account.Token   // zero for a person
	Role         account.Role    // "" for nobody
	Municipality uint16          // 0 for KL's own people
	Unit         string          // the one unit of a token or person that only registers
}

// ID is the opaque name by which the journal and the log know the viewer.
func (v Viewer) ID() string {
	if v.Token.ID != "" {
		return "token:" + v.Token.ID
	}
	return v.Account.ID
}

// SignedIn tells whether there is anybody.
func (v Viewer) SignedIn() bool { return v.Role != "" }

// Is tells whether the viewer has one of the roles.
func (v Viewer) Is(roles ...account.Role) bool {
	for _, r := range roles {
		if v.Role == r {
			return true
		}
	}
	return false
}

// Operator tells whether the viewer is KL, who sees every municipality.
func (v Viewer) Operator() bool { return v.Role == account.Operator }

// Sees tells whether a municipality's own figures and uploads are the viewer's to see; 0 is the nation, whose figures are
// everybody's. Of other municipalities only the published comparison is.
func (v Viewer) Sees(municipality uint16) bool {
	switch v.Role {
	case "", account.Unit:
		return false
	case account.Operator:
		return true
	}
	return municipality == 0 || municipality == v.Municipality
}

// Mends tells whether the viewer may load and correct a municipality's data.
func (v Viewer) Mends(municipality uint16) bool {
	return v.Operator() || v.Role == account.Coordinator && municipality == v.Municipality && municipality != 0
}

// CanUpload is Mends for the viewer's own municipality, for menus.
func (v Viewer) CanUpload() bool { return v.Is(account.Operator, account.Coordinator) }

// who is a set of roles that may use a route.
type who []account.Role

var (
	everyone   who // nil: also nobody
	members    = who{account.Operator, account.Coordinator, account.Analyst, account.Reader, account.Unit}
	readers    = who{account.Operator, account.Coordinator, account.Analyst, account.Reader}
	analysts   = who{account.Operator, account.Coordinator, account.Analyst}
	uploaders  = who{account.Operator, account.Coordinator}
	operators  = who{account.Operator}
	registrars = who{account.Unit}
)

func (a who) admits(v Viewer) bool { return a == nil || v.Is(a...) }

var (
	errForbidden  = &model.Problem{Code: "forbidden", Message: "Det har du ikke adgang til. Mener du, at du burde have det, så spørg din kommunes tovholder."}
	errNotFound   = &model.Problem{Code: "not-found", Message: "Siden findes ikke. Gå til forsiden, eller brug menuen."}
	errNoEndpoint = &model.Problem{Code: "not-found", Message: "Adressen findes ikke i API’et. De, der findes, står i /api/v1/openapi.json og i hjælpen under /help/api."}
	errSignIn     = &model.Problem{Code: "sign-in", Message: "Log ind først. Programmer sender deres adgangsnøgle som »Authorization: Bearer …«."}
)

// viewerOf finds who sends a request. A token that is wrong or has expired is an error; a session that has ended is nobody.
func (s *Server) viewerOf(r *http.Request) (Viewer, error) {
	if secret, ok := bearer(r); ok {
		t, err := s.accounts.TokenBy(secret, s.now())
		if err != nil {
			return Viewer{}, err
		}
		return Viewer{Token: t, Role: t.Role, Municipality: t.Municipality, Unit: t.Unit}, nil
	}
	a, ok := s.signedIn(r)
	if !ok {
		return Viewer{}, nil
	}
	return Viewer{Account: a, Role: a.Role, Municipality: a.Municipality, Unit: a.Unit}, nil
}

// bearer is the token of a request; only the API takes tokens.
func bearer(r *http.Request) (string, bool) {
	const scheme = "Bearer "
	h := r.Header.Get("Authorization")
	if !isAPI(r) || len(h) <= len(scheme) || h[:len(scheme)] != scheme {
		return "", false
	}
	return h[len(scheme):], true
}
