//go:build !linux

package ingest

import "os"

func newBlocks(_ *filter, n int) []block { return make([]block, n) }

func notSoon(*os.File) {}
