package ingest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/big"
	"math/bits"
	"os"

	"komhen/queries"
)

// The same file is often uploaded again. Looking each of its rows up costs more than loading it did; so when a file looks like one
// that is kept, its rows are only checked and their keys added up. If the sums are those of the earlier upload's rows, the two hold
// the same rows, and the earlier upload tells which contacts they are. If not, the file is read once more in the usual way.

// leastRepeat is how large a file must be to be looked at so; for less it is not worth a question to the database. Tests lower it.
var leastRepeat int64 = 1 << 20

// errNoRepeat says that a file is not the repetition it looked like.
var errNoRepeat = errors.New("not the rows of the earlier upload")

// bagSum tells one bag of rows from another, in whatever order they come: it adds up 192 bits of hash for each.
type bagSum struct {
	rows            int64
	hi, lo, version [2]uint64 // high and low half
}

func (s *bagSum) add(r *queries.Row) {
	s.rows++
	sum := func(to *[2]uint64, x uint64) {
		low, carry := bits.Add64(to[1], x, 0)
		to[0], to[1] = to[0]+carry, low
	}
	sum(&s.hi, r.KeyHi)
	sum(&s.lo, r.KeyLo)
	sum(&s.version, r.Version)
}

func (s *bagSum) merge(o *bagSum) {
	s.rows += o.rows
	sum := func(to *[2]uint64, x [2]uint64) {
		low, carry := bits.Add64(to[1], x[1], 0)
		to[0], to[1] = to[0]+x[0]+carry, low
	}
	sum(&s.hi, o.hi)
	sum(&s.lo, o.lo)
	sum(&s.version, o.version)
}

func (s *bagSum) bag() queries.Bag {
	number := func(x [2]uint64) string {
		n := new(big.Int).SetUint64(x[0])
		return n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(x[1])).String()
	}
	return queries.Bag{Rows: s.rows, Hi: number(s.hi), Lo: number(s.lo), Version: number(s.version)}
}

// repeated is the upload that the file looks like a repetition of, 0 for none.
func (u *Upload) repeated(ctx context.Context, r io.ReaderAt, size int64) (uint32, error) {
	o := &u.opts
	if size < leastRepeat || u.afresh || u.plan.fix || o.further || o.sent || o.delivery != 0 || o.Delivering != nil || o.into != nil { // of what is sent, each row is answered for
		return 0, nil
	}
	uploads, err := u.load.SameSize(ctx, size, o.Source, o.Test)
	if err != nil {
		return 0, err
	}
	for _, earlier := range uploads {
		if looksLike(r, size, u.folder.path(earlier.Kept)) {
			return earlier.Upload, nil
		}
	}
	return 0, nil
}

// looksLike compares a file with a kept one at some places.
func looksLike(r io.ReaderAt, size int64, kept string) bool {
	const places, length = 64, 4 << 10
	f, err := os.Open(kept)
	if err != nil {
		return false
	}
	defer f.Close()
	mine, theirs := make([]byte, length), make([]byte, length)
	for i := range int64(places) {
		at := max(0, size-length) / (places - 1) * i
		n, err := r.ReadAt(mine, at)
		if err != nil && err != io.EOF {
			return false
		}
		if m, err := f.ReadAt(theirs, at); err != nil && err != io.EOF || !bytes.Equal(mine[:n], theirs[:m]) {
			return false
		}
	}
	return true
}
