package ingest

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"math/rand/v2"
	"os"
	"testing"
)

// TestKeepLarge: a copy that is large enough to go straight to the disk is what was written, whatever pieces it came in and wherever it ends.
func TestKeepLarge(t *testing.T) {
	f := &Folder{Dir: t.TempDir()}
	must(t, os.MkdirAll(f.path(tmpName), 0o700))
	r := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{0, 1, keptBlock, largeKept, largeKept + keptBlock, largeKept + 3*keptBlock + keptPage, largeKept + 5*keptBlock + 12345} {
		k, err := f.newKeeper()
		must(t, err)
		var came, kept bytes.Buffer
		for came.Len() < size {
			piece := make([]byte, min(size-came.Len(), 1+r.IntN(3*keptBlock)))
			for i := range piece {
				piece[i] = byte(r.Uint32())
			}
			var masked []byte
			if r.IntN(4) == 0 { // a masked piece may have another length
				masked = bytes.ReplaceAll(piece, []byte{7}, []byte("***"))
			}
			must(t, k.write(piece, masked))
			came.Write(piece)
			if masked == nil {
				masked = piece
			}
			kept.Write(masked)
		}
		must(t, k.sync())
		got, err := os.ReadFile(k.file.Name())
		must(t, err)
		if !bytes.Equal(got, kept.Bytes()) {
			t.Errorf("%d bytes: %d are kept, want %d, or others", size, len(got), kept.Len())
		}
		wantCame, wantKept := sha256.Sum256(came.Bytes()), sha256.Sum256(kept.Bytes())
		if c, s := k.sums(); c != hex.EncodeToString(wantCame[:]) || s != hex.EncodeToString(wantKept[:]) {
			t.Errorf("%d bytes: sums %s and %s", size, c, s)
		}
		must(t, k.remove())
	}
}
