package ingest

import (
	"encoding/binary"
	"math/bits"
	"strings"
	"unsafe"
)

// memory remembers what the text of a cell means. A column holds few different texts, so a text is looked for at one place first,
// without hashing all of it; only what stands there no longer is looked up in the map. It is not safe for concurrent use.
type memory[V any] struct {
	find  func(string) V
	quick [quickPlaces]remembered[V]
	all   map[string]*V
}

type remembered[V any] struct {
	text string
	is   *V // nil while the place is free
}

const (
	quickBits   = 9
	quickPlaces = 1 << quickBits
	cacheLimit  = 1 << 16 // texts a memory may hold before it starts anew
)

func newMemory[V any](find func(string) V) *memory[V] {
	return &memory[V]{find: find, all: map[string]*V{}}
}

// of is what a text means. It stays as it is whatever else is asked.
func (m *memory[V]) of(text string) *V {
	if at := &m.quick[quickPlace(text)]; at.is != nil && at.text == text {
		return at.is
	}
	return m.look(text)
}

func (m *memory[V]) look(text string) *V {
	is, ok := m.all[text]
	if !ok {
		if len(m.all) >= cacheLimit {
			clear(m.all)
		}
		text = strings.Clone(text) // the chunk's bytes become another's
		v := m.find(text)
		is = &v
		m.all[text] = is
		m.quick[quickPlace(text)] = remembered[V]{text, is}
		return is
	}
	m.quick[quickPlace(text)] = remembered[V]{strings.Clone(text), is}
	return is
}

// quickPlace is told from a text's length, its first bytes and its last.
func quickPlace(text string) uint64 {
	b := unsafe.Slice(unsafe.StringData(text), len(text))
	var first, last uint64
	switch n := len(b); {
	case n >= 8:
		first, last = binary.LittleEndian.Uint64(b), binary.LittleEndian.Uint64(b[n-8:])
	case n >= 4:
		first, last = uint64(binary.LittleEndian.Uint32(b)), uint64(binary.LittleEndian.Uint32(b[n-4:]))
	case n > 0:
		first = uint64(b[0]) | uint64(b[n/2])<<8 | uint64(b[n-1])<<16
	}
	return ((first ^ bits.RotateLeft64(last, 27)) + uint64(len(b))) * 0x9e3779b97f4a7c15 >> (64 - quickBits)
}
