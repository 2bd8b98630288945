package ingest

// sentLayout is what a receipt calls rows that a registration tool sent.
const sentLayout = "registreringer fra et program"
