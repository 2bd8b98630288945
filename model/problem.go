package model

// Problem is an error for two readers: Code is stable and for machines, Message is a Danish sentence for people. Err is the
// detail for the log and never reaches a person. None of them may hold personal data.
type Problem struct {
	Code    string
	Message string
	Err     error
}

func (p *Problem) Error() string {
	if p.Err != nil {
		return p.Code + ": " + p.Err.Error()
	}
	return p.Code + ": " + p.Message
}

func (p *Problem) Unwrap() error { return p.Err }
