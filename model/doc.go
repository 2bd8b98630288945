// Package model holds the words of the field and their rules: contacts, channels, tasks, rounds, findings and
// receipts. It imports the standard library only and does no input or output.
//
// Danger: a Codebook is data with editions. Nothing here may assume that a code exists; ask the Codebook.
package model
