//go:build !linux

package ingest

import "os"

func newBlocks(_ *filter, n int) []block { return make([]block, n) }

func straight(*os.File, bool) bool { return false }

func notSoon(*os.File) {}
