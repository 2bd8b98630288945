package contactlist

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"komhen/model"
)

// LinkLasts is how long a link can be used (ours).
const LinkLasts = 30 * 24 * time.Hour

// Link signs a link that lets its holder confirm a contact once, without signing in. Nothing of it is stored: it holds the contact's ID
// and when it ends, and its signature covers what the contact says, so that it works no longer when the contact was changed, confirmed
// or deleted. Problem: "contact-unknown".
func (b *Book) Link(id string, now time.Time) (secret string, err error) {
	if len(b.now.Load().Key) == 0 {
		if err := b.change(func(*content) error { return nil }); err != nil {
			return "", err
		}
	}
	c := b.now.Load()
	i := c.find(id)
	if i < 0 {
		return "", unknown()
	}
	ends := strconv.FormatInt(now.Add(LinkLasts).Unix(), 36)
	return id + "." + ends + "." + c.sign(c.Contacts[i], ends), nil
}

func (c *content) sign(contact Contact, ends string) string {
	mac := hmac.New(sha256.New, c.Key)
	// As JSON, so that no two contacts are written alike. When it was asked is no part of it: asking again leaves earlier letters good.
	contact.Asked = time.Time{}
	_ = json.NewEncoder(mac).Encode([]any{"confirm", ends, contact})
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func linkInvalid() error {
	return &model.Problem{Code: "link-invalid", Message: "Linket er brugt, for gammelt eller ikke skrevet rigtigt af. Er der noget, der skal rettes, så spørg kommunens KLIK-administrator."}
}

// ByLink tells which contact a link is for, without using it. Problem: "link-invalid", the same for every reason.
func (b *Book) ByLink(secret string, now time.Time) (Contact, error) {
	return b.now.Load().byLink(secret, now)
}

func (c *content) byLink(secret string, now time.Time) (Contact, error) {
	parts := strings.Split(secret, ".")
	if len(parts) != 3 || len(c.Key) == 0 {
		return Contact{}, linkInvalid()
	}
	ends, err := strconv.ParseInt(parts[1], 36, 64)
	i := c.find(parts[0])
	if err != nil || i < 0 || !now.Before(time.Unix(ends, 0)) || !hmac.Equal([]byte(c.sign(c.Contacts[i], parts[1])), []byte(parts[2])) {
		return Contact{}, linkInvalid()
	}
	return c.Contacts[i], nil
}

// UseLink confirms the contact of a link, or notes that it is not right any more; the link is used then. Problem: "link-invalid".
func (b *Book) UseLink(secret string, right bool, now time.Time) (Contact, error) {
	var contact Contact
	err := b.change(func(c *content) error {
		found, err := c.byLink(secret, now)
		if err != nil {
			return err
		}
		x := &c.Contacts[c.find(found.ID)]
		if x.Asked = (time.Time{}); right {
			x.Confirmed, x.Wrong = now, time.Time{}
		} else {
			x.Wrong = now
		}
		contact = *x
		return nil
	})
	return contact, err
}
