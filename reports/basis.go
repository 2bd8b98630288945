package reports

import (
	"context"
	"fmt"
	"strings"

	"komhen/model"
	"komhen/queries"
)

// Basis is what a report of a round rests on, and what it leaves out. Figures are contacts.
type Basis struct {
	Round        model.Round
	Weeks        string              // as in Query
	Municipality *model.Municipality // nil for all
	Contacts     int64               // that count
	Incomplete   int64               // of them, from system extracts with something not filled in
	Test         int64               // in the round, kept out
	Local        int64               // in the round's year but outside its rounds, kept out
	LeftOut      int64               // by decisions about contacts that two sources both hold
	Uploads      []queries.UploadBehind
	Approved     []uint16 // municipalities with contacts whose round is approved, by code
	Provisional  []uint16 // those whose is not
}

// BasisOf finds what the figures of a round rest on.
func BasisOf(ctx context.Context, st *queries.Store, cb *model.Codebook, round model.Round, municipality uint16) (Basis, error) {
	return basisOf(ctx, st, cb, round, allOf, municipality)
}

func basisOf(ctx context.Context, st *queries.Store, cb *model.Codebook, round model.Round, weeks string, municipality uint16) (Basis, error) {
	b := Basis{Round: round, Weeks: weeks}
	var err error
	if b.Municipality, err = municipalityOf(cb, municipality); err != nil {
		return b, err
	}
	filter := queries.Filter{Municipality: municipality}
	filter.From, filter.To = daysOf(round, weeks)
	counted, err := st.ContactsByUpload(ctx, filter)
	if err != nil {
		return b, err
	}
	counting := map[uint16]bool{}
	for _, u := range counted {
		b.Contacts += u.Contacts
		counting[u.Municipality] = true
	}
	if err := b.approvals(ctx, st, municipality, counting); err != nil {
		return b, err
	}
	incomplete, err := st.Incomplete(ctx, filter)
	if err != nil {
		return b, err
	}
	for _, c := range incomplete {
		if lacks(cb.Channel(c.Channel), c) {
			b.Incomplete += c.Contacts
		}
	}
	spring, autumn, err := roundsOf(cb, round.Year)
	if err != nil {
		return b, err
	}
	if b.Test, b.Local, err = st.KeptOut(ctx, filter, spring, autumn); err != nil {
		return b, err
	}
	left, err := st.LeftOut(ctx, filter)
	if err != nil {
		return b, err
	}
	for _, l := range left {
		b.LeftOut += l.Contacts
	}
	b.Uploads, err = st.UploadsBehind(ctx, filter, counted)
	return b, err
}

// lacks tells whether a row is incomplete: only channels that need a form lack one, and website rows have no unit.
func lacks(ch *model.Channel, c queries.IncompleteCount) bool {
	if c.NoType || c.NoClosing {
		return true
	}
	if ch == nil {
		return c.NoForm || c.NoUnit
	}
	return c.NoForm && ch.Form == model.FormRequired || c.NoUnit && ch.Form != model.FormFixedNo
}

func roundsOf(cb *model.Codebook, year int) (spring, autumn model.Round, err error) {
	if spring, err = cb.Round(fmt.Sprintf("%04dF", year)); err != nil {
		return spring, autumn, err
	}
	autumn, err = cb.Round(fmt.Sprintf("%04dE", year))
	return spring, autumn, err
}

// manyUploads is the number of uploads beyond which a note only counts them.
const manyUploads = 10

// Notes says in Danish what is in the figures and what is kept out.
func (b Basis) Notes(cb *model.Codebook) []string {
	r := b.Round
	notes := []string{
		fmt.Sprintf("Runde: %s (%s), %s, %s – %s.", r.Title(), r.Name, weeksText(r.Weeks), r.First, r.Last),
		fmt.Sprintf("Kodebog: udgave %s, version %s.", r.Edition, cb.Version),
	}
	if b.Municipality != nil {
		notes = append(notes, fmt.Sprintf("Omfatter: kun kommunen %s.", b.Municipality.Name))
	} else {
		notes = append(notes, "Omfatter: alle kommuner, der har indmeldt.")
	}
	notes = append(notes, "Grundlag: "+b.uploadsText())
	if text := b.lateText(); text != "" {
		notes = append(notes, text)
	}
	if b.Contacts > 0 {
		notes = append(notes, b.approvalText(cb))
	}
	if b.Incomplete == 0 {
		notes = append(notes, "Ufuldstændige rækker: ingen.")
	} else {
		notes = append(notes, fmt.Sprintf("Ufuldstændige rækker: %s (%s %%) er fra systemudtræk, hvor mindst én parameter ikke er oplyst.",
			contactsText(b.Incomplete), model.FormatDecimal(100*float64(b.Incomplete)/float64(b.Contacts), 1)))
	}
	if b.LeftOut > 0 {
		notes = append(notes, fmt.Sprintf("Holdt ude: %s i %s, som er besluttet at være med fra to datakilder.", contactsText(b.LeftOut), b.span()))
	}
	return append(notes,
		fmt.Sprintf("Holdt ude: testrækker i %s (%s).", b.span(), contactsText(b.Test)),
		fmt.Sprintf("Holdt ude: lokale tællinger i %d uden for tællerunderne (%s).", r.Year, contactsText(b.Local)))
}

// span is what the figures are of, in a sentence.
func (b Basis) span() string {
	if b.Weeks == primaryWeek {
		return "ugen"
	}
	return "runden"
}

func (b Basis) uploadsText() string {
	switch n := len(b.Uploads); {
	case n == 0:
		return "ingen indmeldinger."
	case n == 1:
		return fmt.Sprintf("1 indmelding (nr. %d).", b.Uploads[0].Upload)
	case n > manyUploads:
		return fmt.Sprintf("%s indmeldinger.", model.FormatInt(int64(n)))
	}
	var numbers []string
	for _, u := range b.Uploads {
		numbers = append(numbers, fmt.Sprint(u.Upload))
	}
	return fmt.Sprintf("%d indmeldinger (nr. %s).", len(numbers), listText(numbers))
}

// lateText says which uploads came after the deadline as it stands now, "" when none did.
func (b Basis) lateText() string {
	var numbers []string
	for _, u := range b.Uploads {
		if b.Round.Late(u.Received) {
			numbers = append(numbers, fmt.Sprint(u.Upload))
		}
	}
	switch n := len(numbers); {
	case n == 0:
		return ""
	case n == 1:
		return fmt.Sprintf("Efter frist: 1 indmelding (nr. %s) kom efter fristen %s. Den tæller med.", numbers[0], b.Round.DataDeadline)
	case n > manyUploads:
		return fmt.Sprintf("Efter frist: %s indmeldinger kom efter fristen %s. De tæller med.", model.FormatInt(int64(n)), b.Round.DataDeadline)
	}
	return fmt.Sprintf("Efter frist: %d indmeldinger (nr. %s) kom efter fristen %s. De tæller med.", len(numbers), listText(numbers), b.Round.DataDeadline)
}

func contactsText(n int64) string {
	switch n {
	case 0:
		return "ingen"
	case 1:
		return "1 henvendelse"
	}
	return model.FormatInt(n) + " henvendelser"
}

func weeksText(weeks []int) string {
	var texts []string
	for _, w := range weeks {
		texts = append(texts, fmt.Sprint(w))
	}
	return "uge " + listText(texts)
}

// listText is "1, 2 og 3".
func listText(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	return strings.Join(items[:len(items)-1], ", ") + " og " + items[len(items)-1]
}
