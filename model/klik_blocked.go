package model

import "strings"

// KlikBlocked is why a completion is refused, for programs: the tasks that must be completed first.
type KlikBlocked struct{ Needs []KlikNeed }

// KlikNeed is one of them, by its master task.
type KlikNeed struct {
	Task      uint32 `json:"task"`
	Reference string `json:"reference"` // "Kontakt 1"
	Title     string `json:"title"`
}

func (b *KlikBlocked) Error() string {
	var names []string
	for _, need := range b.Needs {
		names = append(names, need.Reference)
	}
	return "open prerequisites: " + strings.Join(names, ", ")
}
