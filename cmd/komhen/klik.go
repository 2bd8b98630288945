package main

// klikCommand is everything about KLIK: where municipalities stand with their tasks, and what belongs beside that.
type klikCommand struct {
	Operations klikOperationsCommand `cmd:"" help:"Driftsstatus: måneder mod SLA-mål."`
	Readiness  klikReadinessCommand  `cmd:"" help:"Klarmelding: leverandører og snitflader."`
}
