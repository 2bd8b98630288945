package model

import (
	"maps"
	"slices"
	"sync/atomic"
)

// declaredRounds are the rounds whose dates were declared, by name. The map is replaced, never changed.
type declaredRounds = atomic.Pointer[map[string]Round]

// Own is a codebook with rounds of its own to declare: each open data folder has one, so that what is declared in one is not seen in
// another. Everything else is shared. It is safe for concurrent use, also while DeclareRound is called.
func (c *Codebook) Own() *Codebook {
	own := *c
	own.declared = new(declaredRounds)
	return &own
}

// Frozen is the codebook as it answers now, whatever is declared later: for work that asks for rounds several times and must get the
// same answer.
func (c *Codebook) Frozen() *Codebook {
	frozen := c.Own()
	if now := c.declaredRounds(); now != nil {
		frozen.declared.Store(&now)
	}
	return frozen
}

func (c *Codebook) declaredRounds() map[string]Round {
	if c.declared == nil {
		return nil
	}
	if m := c.declared.Load(); m != nil {
		return *m
	}
	return nil
}

// DeclareRound makes the codebook answer with declared dates from now on; nil takes them back. One goroutine at a time may call it,
// on a codebook made by Own. An error is a name that is no round's, and changes nothing.
func (c *Codebook) DeclareRound(name string, d *RoundDates) error {
	standard, err := c.DefaultRound(name)
	if err != nil {
		return err
	}
	rounds := maps.Clone(c.declaredRounds())
	if rounds == nil {
		rounds = map[string]Round{}
	}
	if d == nil {
		delete(rounds, standard.Name)
	} else {
		rounds[standard.Name] = d.On(standard)
	}
	c.declared.Store(&rounds)
	return nil
}

// DeclaredAfter lists the rounds that begin after a day and whose dates were declared, oldest first.
func (c *Codebook) DeclaredAfter(day Date) []Round {
	rounds := slices.SortedFunc(maps.Values(c.declaredRounds()), func(a, b Round) int { return a.order() - b.order() })
	return slices.DeleteFunc(rounds, func(r Round) bool { return r.First <= day })
}
