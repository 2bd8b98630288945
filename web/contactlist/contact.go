package contactlist

import (
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"komhen/model"
)

// Contact is a person, or of a system role a mail address, that a municipality has named for a role. Several may have one role.
type Contact struct {
	ID           string    `json:"id"` // opaque, never used again; the only thing of it that may stand elsewhere
	Municipality uint16    `json:"municipality"`
	Role         string    `json:"role"`           // a code of the gallery
	Name         string    `json:"name,omitempty"` // "" of a system
	Email        string    `json:"email"`
	Phone        string    `json:"phone,omitempty"`
	Confirmed    time.Time `json:"confirmed,omitzero"` // when it was last known to be right
	Asked        time.Time `json:"asked,omitzero"`     // when it was last asked about
	Wrong        time.Time `json:"wrong,omitzero"`     // when its receiver said that it is not right any more
}

func tidy(s string) string { return strings.Join(strings.Fields(norm.NFC.String(s)), " ") }

func invalid(field model.WrongField, message string) error {
	return &model.Problem{Code: "contact-invalid", Message: message, Err: field}
}

func unknown() error {
	return &model.Problem{Code: "contact-unknown", Message: "Kontakten findes ikke længere. Gå tilbage til listen, og se efter."}
}

// Faults says all that is wrong with a contact, in the order of a form: each a "contact-invalid" of a field.
func (b *Book) Faults(c Contact) (faults []error) {
	wrong := func(field model.WrongField, message string) { faults = append(faults, invalid(field, message)) }
	role := b.Role(c.Role)
	if role == nil {
		wrong("role", "Rollen mangler. Vælg en af rollerne.")
	}
	if c.Municipality == 0 {
		wrong("role", "Kommunen mangler.")
	}
	long := func(s string, most int) bool {
		return utf8.RuneCountInString(s) > most || strings.ContainsFunc(s, unicode.IsControl)
	}
	if role != nil && role.Kind == model.ContactSystem {
		if c.Name != "" || c.Phone != "" {
			wrong("name", "Rollen er en postkasse og har kun en mailadresse. Lad navn og telefon stå tomme, eller vælg en anden rolle.")
		}
	} else if c.Name == "" || long(c.Name, 100) {
		wrong("name", "Navnet mangler eller er for langt. Skriv højst 100 tegn.")
	}
	parsed, err := mail.ParseAddress(c.Email)
	if err != nil || parsed.Address != c.Email || parsed.Name != "" || len(c.Email) > 254 || strings.ContainsFunc(c.Email, unicode.IsSpace) {
		wrong("email", "Mailadressen er ikke rigtig. Skriv den som navn@kommune.dk.")
	}
	if long(c.Phone, 40) || strings.ContainsFunc(c.Phone, func(r rune) bool { return !unicode.IsDigit(r) && !strings.ContainsRune(" +-()/", r) }) {
		wrong("phone", "Telefonnummeret må kun have cifre, mellemrum og +. Lad det stå tomt, hvis I ikke vil oplyse det.")
	}
	return faults
}

// Save adds a contact, or changes the one with that ID of the same municipality. Who writes a contact down has seen that it is right, so it
// is confirmed; links to the old content work no longer. Problems: "contact-invalid", "contact-unknown", "contact-exists".
func (b *Book) Save(contact Contact, now time.Time) (Contact, error) {
	contact.Name, contact.Email, contact.Phone = tidy(contact.Name), tidy(contact.Email), tidy(contact.Phone)
	if faults := b.Faults(contact); len(faults) > 0 {
		return Contact{}, faults[0]
	}
	contact.Confirmed, contact.Asked, contact.Wrong = now, time.Time{}, time.Time{}
	err := b.change(func(c *content) error {
		same := func(x Contact) bool {
			return x.Municipality == contact.Municipality && x.Role == contact.Role && strings.EqualFold(x.Email, contact.Email) && x.ID != contact.ID
		}
		if slices.ContainsFunc(c.Contacts, same) {
			return &model.Problem{Code: "contact-exists", Err: model.WrongField("email"), Message: "Mailadressen står der allerede for den rolle. Ret den, der er, eller skriv en anden."}
		}
		if contact.ID == "" {
			contact.ID = newID()
			c.Contacts = append(c.Contacts, contact)
			return nil
		}
		i := c.find(contact.ID)
		if i < 0 || c.Contacts[i].Municipality != contact.Municipality {
			return unknown()
		}
		c.Contacts[i] = contact
		return nil
	})
	if err != nil {
		return Contact{}, err
	}
	return contact, nil
}

// Confirm says that a contact is right as it stands. Problem: "contact-unknown".
func (b *Book) Confirm(id string, now time.Time) error {
	return b.change(func(c *content) error {
		i := c.find(id)
		if i < 0 {
			return unknown()
		}
		c.Contacts[i].Confirmed, c.Contacts[i].Wrong, c.Contacts[i].Asked = now, time.Time{}, time.Time{}
		return nil
	})
}

// Delete removes a contact with all that is known of it. Problem: "contact-unknown".
func (b *Book) Delete(id string) error {
	return b.change(func(c *content) error {
		i := c.find(id)
		if i < 0 {
			return unknown()
		}
		c.Contacts = slices.Delete(c.Contacts, i, i+1)
		return nil
	})
}
