package web

import (
	"crypto/sha256"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/go-chi/httprate"

	"komhen/model"
)

// brakes slow down those who guess passwords. An account's own brake is wide, so that nobody can lock another out on the last
// evening from one address; from one address and for one account it is narrow.
type brakes struct {
	address *httprate.RateLimiter
	pair    *httprate.RateLimiter
	account *httprate.RateLimiter
	mail    *httprate.RateLimiter // letters that anybody can have sent to an account
}

const (
	loginsPerAddress = 60 // a minute; a town hall is one address
	loginsPerPair    = 10 // in ten minutes
	loginsPerAccount = 100
	mailsPerAccount  = 3 // an hour
)

func newBrakes(perAddress int) *brakes {
	quiet := httprate.WithResponseHeaders(httprate.ResponseHeaders{RetryAfter: "Retry-After"})
	if perAddress == 0 {
		perAddress = loginsPerAddress
	}
	return &brakes{
		address: httprate.NewRateLimiter(perAddress, time.Minute, quiet),
		pair:    httprate.NewRateLimiter(loginsPerPair, 10*time.Minute, quiet),
		account: httprate.NewRateLimiter(loginsPerAccount, time.Hour, quiet),
		mail:    httprate.NewRateLimiter(mailsPerAccount, time.Hour, quiet),
	}
}

// mayMail counts a letter that somebody who is not signed in wants sent to an account, and tells when it is one too many.
func (b *brakes) mayMail(account string) bool {
	return !b.mail.OnLimit(discard{}, &http.Request{}, account)
}

// discard takes the headers that a limiter wants to set, which would tell whether there is an account.
type discard struct{}

func (discard) Header() http.Header         { return http.Header{} }
func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) WriteHeader(int)             {}

// try counts an attempt for an account, whether it exists or not, and says when there have been too many: "too-many".
func (b *brakes) try(w http.ResponseWriter, r *http.Request, name string) error {
	address := httprate.CanonicalizeIP(addressOf(r))
	name = fmt.Sprintf("%x", sha256.Sum256([]byte(strings.ToLower(strings.TrimSpace(name))))) // no addresses of people in its memory
	if b.address.OnLimit(w, r, address) || b.pair.OnLimit(w, r, address+" "+name) || b.account.OnLimit(w, r, name) {
		return &model.Problem{Code: "too-many", Message: "Der er prøvet for mange gange. Vent ti minutter, og prøv igen. Har du glemt adgangskoden, så bed din tovholder om et link til en ny."}
	}
	return nil
}
