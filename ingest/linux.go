package ingest

import (
	"os"
	"syscall"
	"unsafe"
)

// What Linux is asked beyond the standard library. Each is a wish: without it the answers are the same.

// newBlocks makes the blocks of a filter. They are looked at all over the place; with small pages most looks would first wait for where
// the page lies, so large ones are asked for.
func newBlocks(n int) []block {
	const page = 4096
	blocks := make([]block, n)
	all := bytesOf(blocks)
	skip := int(-uintptr(unsafe.Pointer(unsafe.SliceData(all))) % page)
	if len(all) >= 4<<20 {
		_ = syscall.Madvise(all[skip:len(all)-(len(all)-skip)%page], syscall.MADV_HUGEPAGE)
	}
	return blocks
}

// notSoon tells that a file that is on disk will not be read soon: what else is in memory, such as the database, is not to make way for it.
func notSoon(f *os.File) {
	const dontNeed = 4
	_, _, _ = syscall.Syscall6(syscall.SYS_FADVISE64, f.Fd(), 0, 0, dontNeed, 0, 0)
}
