package web

import (
	_ "embed"
	"net/http"

	"komhen/reports"
)

// The examples that the help shows; a test reads them as files.
var (
	//go:embed help/operations.csv
	operationsExample string
	//go:embed help/readiness.csv
	readinessExample string
)

func (s *Server) klikTablesHelp(*http.Request, Viewer) any {
	return map[string]any{"Operations": operationsExample, "Readiness": readinessExample, "Legend": reports.OperationsLegend, "Rules": reports.ReadinessRules, "MaxMB": maxSmallMB}
}

func (s *Server) klikContactsHelp(*http.Request, Viewer) any {
	return map[string]any{"Roles": s.contacts.Roles(), "Months": s.contacts.Months(), "Mails": s.mails(), "Peace": askedDays}
}
