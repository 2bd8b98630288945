package model

// KlikBlocked is why a completion is refused, for programs: the tasks that must be completed first.
type KlikBlocked struct{ Needs []KlikNeed }

// KlikNeed is one of them, by its master task.
type KlikNeed struct {
	Task      uint32 `json:"task"`
	Reference string `json:"reference"` // "Kontakt 1"
	Title     string `json:"title"`
}

func (*KlikBlocked) Error() string { return "prerequisites are open" }
