package ingest

import (
	"os"
	"runtime"
	"syscall"
	"unsafe"
)

// What Linux is asked beyond the standard library. Each is a wish: without it the answers are the same.

// newBlocks makes the blocks of a filter. Large ones lie outside the collected heap, which would let garbage pile up in proportion to them.
// They are looked at all over the place; with small pages most looks would first wait for where the page lies, so large ones are asked for.
//
// Danger: they are gone when the filter is collected, so whatever reads them must keep it alive until it is done.
func newBlocks(f *filter, n int) []block {
	size := n * int(unsafe.Sizeof(block{}))
	if size < 4<<20 {
		return make([]block, n)
	}
	memory, err := syscall.Mmap(-1, 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		return make([]block, n)
	}
	_ = syscall.Madvise(memory, syscall.MADV_HUGEPAGE)
	runtime.AddCleanup(f, func(memory []byte) { _ = syscall.Munmap(memory) }, memory)
	return unsafe.Slice((*block)(unsafe.Pointer(unsafe.SliceData(memory))), n)
}

// straight has what is written to a file from here on go to the disk itself instead of through memory, or not; it tells whether that is
// so. Not every file system can, and what is written must be whole pages of memory at whole pages of the file.
func straight(f *os.File, on bool) bool {
	flags, _, failed := syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), syscall.F_GETFL, 0)
	if failed != 0 {
		return false
	}
	if flags &^= syscall.O_DIRECT; on {
		flags |= syscall.O_DIRECT
	}
	_, _, failed = syscall.Syscall(syscall.SYS_FCNTL, f.Fd(), syscall.F_SETFL, flags)
	return on && failed == 0
}

// notSoon tells that a file that is on disk will not be read soon: what else is in memory, such as the database, is not to make way for it.
func notSoon(f *os.File) {
	const dontNeed = 4
	_, _, _ = syscall.Syscall6(syscall.SYS_FADVISE64, f.Fd(), 0, 0, dontNeed, 0, 0)
}
