// Package post sends the service's mail: a letter becomes text and HTML with the right headers and goes to one person through the
// organisation's own SMTP server, over TLS.
//
// Danger: SMTP has a moment when nobody can know: the letter has been handed over whole and the answer is missing. Send tells that
// moment apart (MayHaveBeenSent), and whoever must not send twice has to note, durably and in the begin function, that it comes.
package post
