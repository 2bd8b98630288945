package ingest

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"unsafe"

	"github.com/zeebo/xxh3"
)

// A large database's filter is kept in a file beside it, so that the next large upload need not read millions of keys to fill one.
// The transaction that brings an upload also stores the hash of the file that holds its keys and all earlier ones. A file with
// another hash, or none, costs time and nothing else: the filter is then filled from the database, as without it. Keys of uploads
// that came since are added; a key never leaves a database.

const filterName = "komhen.filter"

// leastKept is how many keys are worth a file. Tests lower it.
var leastKept int64 = 4 << 20

// maxLayers is how many layers a kept filter may have; one that has grown beyond that is made anew, in one layer.
const maxLayers = 3

// errNoFilter says that there is no kept filter, or not the one that the database tells of.
var errNoFilter = errors.New("no kept filter of this database")

// filterHead begins each layer in the file; its blocks follow.
type filterHead struct{ Magic, Blocks, Dense, Room uint64 }

const filterMagic = 0x31_6e65686d6f6b + keyVersion<<56 // komhen1

// write writes the filter and gives the hash of what it wrote.
func (f *filter) write(w io.Writer) (sum string, err error) {
	defer runtime.KeepAlive(f)
	hash := xxh3.New()
	out := io.MultiWriter(w, hash)
	for _, l := range f.layers {
		err := binary.Write(out, binary.NativeEndian, filterHead{filterMagic, uint64(len(l.blocks)), uint64(l.dense), uint64(max(l.room, 0))})
		if err == nil {
			_, err = out.Write(bytesOf(l.blocks))
		}
		if err != nil {
			return "", err
		}
	}
	return hashText(hash), nil
}

// readFilter reads a filter whose hash must be sum.
func readFilter(r io.Reader, size int64, sum string) (*filter, error) {
	hash := xxh3.New()
	in := io.TeeReader(r, hash)
	f := &filter{}
	for {
		var head filterHead
		err := binary.Read(in, binary.NativeEndian, &head)
		if err == io.EOF {
			break
		}
		if err != nil || head.Magic != filterMagic || head.Blocks == 0 || head.Blocks > uint64(size)/uint64(unsafe.Sizeof(block{})) {
			return nil, errNoFilter
		}
		l := layer{newBlocks(f, int(head.Blocks)), int(head.Dense), int(head.Room)}
		_, err = io.ReadFull(in, bytesOf(l.blocks))
		runtime.KeepAlive(f)
		if err != nil {
			return nil, errNoFilter
		}
		f.layers = append(f.layers, l)
	}
	if n := len(f.layers); n == 0 || n > maxLayers || hashText(hash) != sum {
		return nil, errNoFilter
	}
	return f, nil
}

func bytesOf(blocks []block) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(blocks))), len(blocks)*int(unsafe.Sizeof(block{})))
}

func hashText(h *xxh3.Hasher) string {
	sum := h.Sum128()
	return fmt.Sprintf("%016x%016x", sum.Hi, sum.Lo)
}

// keptFilter is the filter beside the database, and the last upload whose keys it surely holds.
func (u *Upload) keptFilter(ctx context.Context) (*filter, uint32, error) {
	upto, sum, err := u.load.KeptFilter(ctx)
	if err != nil {
		return nil, 0, err
	}
	if sum == "" {
		return nil, 0, errNoFilter
	}
	file, err := os.Open(u.folder.path(filterName))
	if err != nil {
		return nil, 0, errNoFilter
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errNoFilter
	}
	f, err := readFilter(bufio.NewReaderSize(file, 1<<20), info.Size(), sum)
	return f, upto, err
}

// keepFilter writes the filter that holds every key of the database and of this upload, and has the transaction tell of it. Commit
// gives it its name.
func (u *Upload) keepFilter(ctx context.Context, p *pipeline) error {
	all := p.known
	if all == nil {
		all = p.own
	}
	if all == nil || p.stageAll || u.opts.dryRun || u.load.Keys() < leastKept {
		return nil
	}
	file, err := os.CreateTemp(u.folder.path(tmpName), "filter-*")
	if err != nil {
		return folderProblem(u.folder.Dir, err)
	}
	sum, err := all.write(file)
	if err := errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	u.filter = file.Name()
	return u.load.SetKeptFilter(ctx, sum)
}

// placeFilter gives the kept filter its name, after the commit that tells of it. What goes wrong here costs time only.
func (u *Upload) placeFilter() {
	if u.filter != "" && os.Rename(u.filter, u.folder.path(filterName)) == nil {
		u.filter = ""
	}
}

func (u *Upload) dropFilter() error {
	if u.filter == "" {
		return nil
	}
	name := u.filter
	u.filter = ""
	return os.Remove(name)
}
