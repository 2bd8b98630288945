// Package ingest makes contacts of files: it keeps what came, decodes it, checks every row against the codebook, and loads
// what is new, each contact once. It owns the data folder: the lock, the journal, the kept uploads, undo and rebuild.
//
// Danger: the order of the last steps of an import is what keeps an acknowledged upload from being lost (ARCHITECTURE.md,
// "The data folder"). Whoever changes it runs the kill loop (make kill).
package ingest
