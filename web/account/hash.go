package account

import (
	"crypto/rand"
	"crypto/subtle"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"komhen/model"
)

// cost of an argon2id hash. It is stored with every hash; a login with another than the usual one hashes anew.
type cost struct {
	Passes uint32 `json:"passes"`
	KiB    uint32 `json:"kib"`
	Lanes  uint8  `json:"lanes"`
}

// usualCost is above OWASP's least (46 MiB and one pass), some 80 ms; two at once take 92 MiB.
var usualCost = cost{Passes: 2, KiB: 46 << 10, Lanes: 1}

const (
	hashesAtOnce  = 2
	hashesWaiting = 64 // more are turned away: a queue that only grows would take every request with it
)

type hash struct {
	cost
	Salt []byte `json:"salt"`
	Key  []byte `json:"key"`
}

// hasher makes and checks hashes, a few at once, as each takes memory.
type hasher struct {
	cost    cost
	slots   chan struct{}
	waiting atomic.Int32
	nobody  hash // checked when there is no password to check, so that this takes as long
}

func newHasher(c cost) *hasher {
	h := &hasher{cost: c, slots: make(chan struct{}, hashesAtOnce)}
	h.nobody = hash{cost: c, Salt: make([]byte, 16), Key: make([]byte, 32)}
	return h
}

func (h *hasher) key(password string, salt []byte, c cost) ([]byte, error) {
	defer h.waiting.Add(-1)
	if h.waiting.Add(1) > hashesAtOnce+hashesWaiting {
		return nil, &model.Problem{Code: "login-busy", Message: "Mange logger ind lige nu. Vent et øjeblik, og prøv igen."}
	}
	h.slots <- struct{}{}
	defer func() { <-h.slots }()
	// the same letters typed on different machines are the same password
	return argon2.IDKey([]byte(norm.NFC.String(password)), salt, c.Passes, c.KiB, c.Lanes, 32), nil
}

func (h *hasher) make(password string) (*hash, error) {
	salt := make([]byte, 16)
	rand.Read(salt)
	key, err := h.key(password, salt, h.cost)
	if err != nil {
		return nil, err
	}
	return &hash{cost: h.cost, Salt: salt, Key: key}, nil
}

// matches tells whether the password is the stored one; without a stored one it takes as long and says no.
func (h *hasher) matches(stored *hash, password string) (bool, error) {
	against := stored
	if stored == nil {
		against = &h.nobody
	}
	key, err := h.key(password, against.Salt, against.cost)
	if err != nil {
		return false, err
	}
	return subtle.ConstantTimeCompare(key, against.Key) == 1 && stored != nil, nil
}
