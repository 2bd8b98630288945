package ingest

import (
	"sync"

	"komhen/queries"
)

// unitNames gives the names of units their numbers in the database; new ones are stored with the upload. Many goroutines use it.
type unitNames struct {
	mu    sync.Mutex
	known map[string]uint16
	added []string // their numbers follow each other and end with the last one
	most  int      // how many names get a number
}

func newUnitNames(stored []string, most int) *unitNames {
	n := &unitNames{known: make(map[string]uint16, len(stored)), most: most}
	for i, name := range stored {
		n.known[name] = uint16(i + 1)
	}
	return n
}

// mostUnitNames is how many names can have a number.
const mostUnitNames = queries.UnitWritten - 1

// number is a name's number, or UnitWritten when there are none left. Danger: the name is stored, so its row must have been found good.
func (n *unitNames) number(name string) uint16 {
	n.mu.Lock()
	defer n.mu.Unlock()
	number, ok := n.known[name]
	switch {
	case ok:
		return number
	case len(n.known) >= n.most:
		return queries.UnitWritten
	}
	number = uint16(len(n.known) + 1)
	n.known[name] = number
	n.added = append(n.added, name)
	return number
}
