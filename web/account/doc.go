// Package account keeps who may do what: people, their passwords, links that set a password, tokens of programs, and the saved
// column mappings of municipalities. All of it stands in service.json in the data folder and in memory. It is no part of the
// chained journal, because a person's data must be deletable; nothing here governs a figure.
//
// Danger: only the process that holds the data folder's lock may open a Book: it rewrites the file from memory. Who may change
// whom is the caller's to decide; the Book only keeps itself whole (one address once, never without an operator). Secrets and
// passwords come in and go out once, and never stand in an error.
package account
