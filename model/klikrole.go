package model

// ContactKind is what stands behind a role of the contact list: people, or only a mail address (inventory KR3).
type ContactKind string

const (
	ContactPerson ContactKind = "person"
	ContactSystem ContactKind = "system"
)

// KlikRole is an entry of the role gallery: someone whom a municipality is asked to name, in its contact list.
type KlikRole struct {
	Code        string // in files; never used for anything else
	Name        string
	Kind        ContactKind
	Required    bool   // a municipality without one is told so (ours)
	Origin      string // "fact" or "ours"
	Description string
}
