package ingest

import (
	"encoding/binary"
	"runtime"

	"github.com/zeebo/xxh3"

	"komhen/model"
	"komhen/queries"
)

// local is one voluntary or local parameter of a row; only filled-in ones take part.
type local struct{ name, value string }

// keyVersion is the first byte of every key: a change of the encoding below must change it, and rebuild the database.
const keyVersion = 1

// seal gives a row its key (codebook §6): a 128-bit hash of an injective encoding of everything that makes it this contact.
// Fixed-size fields stand at fixed places and texts carry their length, so different rows never encode alike. salt is 0, or the
// upload that was declared to hold further contacts. buf is scratch and is returned for reuse.
func seal(r *queries.Row, source string, locals []local, test bool, salt uint32, buf []byte) []byte {
	text := func(s string) {
		buf = binary.AppendUvarint(buf, uint64(len(s)))
		buf = append(buf, s...)
	}
	flags := byte(0)
	if test {
		flags |= 1
	}
	if r.ID != "" {
		flags |= 2
	}
	buf = append(buf[:0], keyVersion, flags)
	buf = binary.LittleEndian.AppendUint16(buf, r.Municipality)
	buf = binary.LittleEndian.AppendUint32(buf, salt)
	text(source)
	if r.ID != "" {
		text(r.ID)
		h := xxh3.Hash128(buf)
		r.KeyHi, r.KeyLo = h.Hi, h.Lo
	}
	buf = append(buf, r.Channel, r.Type, r.Closing, r.Form)
	buf = binary.LittleEndian.AppendUint32(buf, uint32(r.Subject))
	buf = binary.LittleEndian.AppendUint64(buf, uint64(r.Moment))
	buf = binary.LittleEndian.AppendUint64(buf, uint64(r.Start))
	buf = binary.LittleEndian.AppendUint64(buf, uint64(r.End))
	buf = binary.LittleEndian.AppendUint32(buf, r.Amount)
	text(r.Unit)
	for _, l := range locals {
		text(l.name)
		text(l.value)
	}
	if r.ID == "" {
		h := xxh3.Hash128(buf)
		r.KeyHi, r.KeyLo, r.Version = h.Hi, h.Lo, 0
		return buf
	}
	if r.Version = xxh3.Hash(buf); r.Version == 0 {
		r.Version = 1 // 0 means "no kilde_id"
	}
	return buf
}

// foldSource makes source names that differ in case or spaces the same source.
func foldSource(name string) string { return model.Fold(name) }

// filter remembers keys approximately: it never forgets one, and takes a new key for a known one about once in a thousand
// times. It only chooses which road a row takes; the outcome is decided exactly. Each key sets eight bits of one 64-byte block,
// so that a look-up costs one cache line. When it is full a second, larger layer is put on top.
type filter struct {
	layers []layer
}

type layer struct {
	blocks []block
	dense  int // keys a block takes
	room   int // keys it still takes before it gets too dense
}

type block [8]uint64

func newFilter(expected int) *filter {
	f := &filter{}
	f.grow(expected)
	return f
}

// In a large filter a key has 16 bits and one new key in a thousand is taken for known. In a small one it has 64, so that of a usual
// file none is: deciding for even one row costs a dozen queries.
const (
	keysPerBlock      = 32
	keysPerSmallBlock = 8
	smallFilter       = 1 << 20 // keys
)

func (f *filter) grow(expected int) {
	dense := keysPerBlock
	if expected <= smallFilter {
		dense = keysPerSmallBlock
	}
	n := max(expected/dense+1, 1024)
	f.layers = append(f.layers, layer{newBlocks(f, n), dense, n * dense})
}

// has tells whether the key may have been added.
func (f *filter) has(hi, lo uint64) bool {
	for i := range f.layers {
		if f.layers[i].has(hi, lo) {
			return true
		}
	}
	runtime.KeepAlive(f) // newBlocks
	return false
}

// seen tells whether the key may have been added before, and adds it.
func (f *filter) seen(hi, lo uint64) bool {
	for i := range f.layers[:len(f.layers)-1] {
		if f.layers[i].has(hi, lo) {
			return true
		}
	}
	top := &f.layers[len(f.layers)-1]
	if top.add(hi, lo) {
		return true
	}
	if top.room--; top.room <= 0 {
		f.grow(f.growth() * len(top.blocks) * top.dense)
	}
	runtime.KeepAlive(f)
	return false
}

// growth is how many times as many keys the next layer takes: the fewer layers, the fewer places to look at. One more than a kept filter
// may have needs to last for this file only.
func (f *filter) growth() int {
	switch len(f.layers) {
	case 1:
		return 2
	case 2:
		return 4
	}
	return 1
}

// fetch reads a key's blocks, so that they are at hand when the key is asked for.
func (f *filter) fetch(hi uint64) (sum uint64) {
	for i := range f.layers {
		sum += f.layers[i].place(hi)[0]
	}
	runtime.KeepAlive(f)
	return sum
}

func (l *layer) place(hi uint64) *block {
	return &l.blocks[(hi>>32)*uint64(len(l.blocks))>>32]
}

func (l *layer) has(hi, lo uint64) bool {
	b := l.place(hi)
	for i := range b {
		if b[i]&(1<<(lo>>(6*uint(i))&63)) == 0 {
			return false
		}
	}
	return true
}

func (l *layer) add(hi, lo uint64) (known bool) {
	b := l.place(hi)
	known = true
	for i := range b {
		bit := uint64(1) << (lo >> (6 * uint(i)) & 63)
		known = known && b[i]&bit != 0
		b[i] |= bit
	}
	return known
}
