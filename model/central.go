package model

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// A central delivery is a file of statistics that KL has for many municipalities at once: self-service, Digital Post. Each municipality
// approves its part, takes it over, or does nothing, and then the part loads on the stated day (seed 002 p.5 and p.16).

// CentralSources are what a central delivery may be; its name is the source of its rows.
var CentralSources = []string{"Selvbetjening", "Digital Post"}

// Delivery is the body of the record (kind RecordCentral, municipality 0) that tells of a central delivery. The record's key, the
// delivery's number in decimal, is the journal's number of the decision that brought the file.
type Delivery struct {
	What      string    `json:"what"`
	Day       string    `json:"day"` // yyyy-mm-dd
	Withdrawn bool      `json:"withdrawn,omitempty"`
	File      KeptFile  `json:"file"`
	Came      time.Time `json:"came"`
	Nobodys   int64     `json:"nobodys,omitempty"` // rows that name no municipality we know; nobody gets them
}

// KeptFile is a file in the data folder's uploads. The hashes are of the file as it came and as it is kept, CPR-shaped cells masked.
type KeptFile struct {
	Name       string `json:"name"` // as it came
	Kept       string `json:"kept"`
	SHA256     string `json:"sha256"`
	KeptSHA256 string `json:"kept_sha256"`
	Size       int64  `json:"size"`
	Sheet      string `json:"sheet,omitempty"`
}

// On is the day on which the parts that nobody has answered load.
func (d Delivery) On() Date {
	t, err := time.Parse("2006-01-02", d.Day)
	if err != nil {
		return 0
	}
	return NewDate(t.Year(), int(t.Month()), t.Day())
}

// PartState is what became of a municipality's part of a delivery. The names are in journals and never change.
type PartState string

const (
	PartWaiting PartState = "waiting" // nobody has answered: it loads on the day
	PartTaken   PartState = "taken"   // the municipality does it itself; the part is not loaded
	PartLoaded  PartState = "loaded"
)

// DeliveryPart is the body of the record of a municipality's part; its key is the delivery's.
type DeliveryPart struct {
	State    PartState `json:"state"`
	Rows     int64     `json:"rows"`     // of the municipality, as the file came
	Rejected int64     `json:"rejected"` // of them, rows with an error
	Contacts int64     `json:"contacts"` // what the others stand for
	First    string    `json:"first,omitempty"`
	Last     string    `json:"last,omitempty"`
	Upload   uint32    `json:"upload,omitempty"`   // that it was loaded as
	Approved bool      `json:"approved,omitempty"` // before the day; without it the day came
}

// CheckDelivery tells what is wrong with a delivery that is about to be made: ours is that the day lies ahead, so that there is time to
// answer. today is the day in Copenhagen.
func CheckDelivery(what string, day, today Date) error {
	if !slices.Contains(CentralSources, what) {
		return &Problem{Code: "central-what", Message: fmt.Sprintf("En central levering er %s. Vælg, hvad filen er.", strings.Join(CentralSources, " eller "))}
	}
	if day <= today {
		return &Problem{Code: "central-day", Message: fmt.Sprintf("Indlæsningsdagen %s er ikke en dag, der kommer. Vælg en dag efter i dag, så kommunerne kan nå at svare.", day)}
	}
	return nil
}

// CentralStep is one thing that was done with a delivery: by KL, Municipality 0, or with a municipality's part.
type CentralStep struct {
	Seq          uint64 // the decision's number in the journal: a later one is larger
	At           time.Time
	By           string // an opaque account id; "" is the command line, "service" the service itself on the day
	Delivery     uint64
	Round        string
	Municipality uint16
	What         CentralWhat
	Day          Date   // on which the parts load, as it was decided then
	Upload       uint32 // that a part was loaded as
	Source       string // what the delivery is: "Digital Post"
}

// CentralWhat is what a step did.
type CentralWhat string

const (
	CentralDelivered CentralWhat = "delivered"
	CentralPostponed CentralWhat = "postponed"
	CentralWithdrawn CentralWhat = "withdrawn"
	CentralApproved  CentralWhat = "approved"  // and loaded
	CentralLoaded    CentralWhat = "loaded"    // because the day came
	CentralTaken     CentralWhat = "taken"     // over by the municipality
	CentralGivenBack CentralWhat = "givenback" // it is loaded centrally after all
)

// Sentence tells the coordinators of a municipality what was done, and what they can do about it.
func (s CentralStep) Sentence() string {
	switch s.What {
	case CentralDelivered:
		return fmt.Sprintf("KL har jeres tal fra %s klar. De indlæses %s, medmindre I selv tager over. I kan også godkende dem, så de tæller med straks.", s.Source, s.Day)
	case CentralPostponed:
		return fmt.Sprintf("KL har flyttet indlæsningen af %s til %s. I kan svare, til den er indlæst.", s.Source, s.Day)
	case CentralWithdrawn:
		return fmt.Sprintf("KL har trukket leveringen af %s tilbage. Det, der ikke er indlæst, bliver det ikke.", s.Source)
	case CentralApproved:
		return fmt.Sprintf("I har godkendt %s. Det er indlæst som indmelding %d.", s.Source, s.Upload)
	case CentralLoaded:
		return fmt.Sprintf("%s er indlæst, fordi dagen kom, og ingen havde svaret. Det er indmelding %d; I kan fortryde den.", s.Source, s.Upload)
	case CentralTaken:
		return fmt.Sprintf("I har overtaget %s og indlæser det selv. KL indlæser det ikke.", s.Source)
	}
	return fmt.Sprintf("I har givet %s tilbage til KL. Det indlæses %s, medmindre I godkender det før.", s.Source, s.Day)
}
