package reports

import (
	"context"
	"fmt"
	"sort"

	"komhen/model"
)

// subject is one task with its contacts in all and through each channel.
type subject struct {
	kle      model.KLE
	label    string
	role     model.Package
	contacts int64
	channels map[uint8]int64
}

// subjects gathers the tasks that have contacts and the edition's obligatory tasks (for them a zero is a zero), most
// contacts first, then by KLE number.
func (j *job) subjects(ctx context.Context) ([]subject, error) {
	counts, err := j.st.ContactsBySubject(ctx, j.filter)
	if err != nil {
		return nil, err
	}
	found := map[model.KLE]*subject{}
	at := func(k model.KLE) *subject {
		if found[k] == nil {
			found[k] = &subject{kle: k, role: model.Voluntary, channels: map[uint8]int64{}}
		}
		return found[k]
	}
	for i := range j.cb.Subjects {
		if s := &j.cb.Subjects[i]; s.Packages[j.Round.Edition] == model.Obligatory {
			at(s.KLE)
		}
	}
	for _, c := range counts {
		s := at(c.Subject)
		s.contacts += c.Contacts
		s.channels[c.Channel] += c.Contacts
	}
	list := make([]subject, 0, len(found))
	var unnamed []model.KLE
	for k, s := range found {
		if known := j.cb.Subject(k); known != nil {
			s.label = known.Label
			if role := known.Packages[j.Round.Edition]; role != "" {
				s.role = role
			}
		}
		if s.label == "" {
			unnamed = append(unnamed, k)
		}
		list = append(list, *s)
	}
	if len(unnamed) > 0 {
		titles, err := j.st.KleTitles(ctx, unnamed)
		if err != nil {
			return nil, err
		}
		for i := range list {
			if list[i].label == "" {
				if list[i].label = titles[list[i].kle]; list[i].label == "" {
					list[i].label = "Frivillig opgave uden navn"
				}
			}
		}
	}
	sort.Slice(list, func(a, b int) bool {
		if list[a].contacts != list[b].contacts {
			return list[a].contacts > list[b].contacts
		}
		return list[a].kle < list[b].kle
	})
	return list, nil
}

func subjects(ctx context.Context, j *job) error {
	list, err := j.subjects(ctx)
	if err != nil {
		return err
	}
	j.Columns = []Column{{Name: "kle", Label: "KLE", Unit: Text}, {Name: "label", Label: "Opgave", Unit: Text},
		{Name: "package", Label: "Pakke", Unit: Text}, contactsColumn, shareColumn}
	var total int64
	for _, s := range list {
		total += s.contacts
	}
	for _, s := range list {
		j.Rows = append(j.Rows, []any{s.kle.String(), s.label, string(s.role), s.contacts, share(s.contacts, total)})
	}
	j.total(total)
	j.Notes = append(j.Notes, fmt.Sprintf("Vist er opgaver med henvendelser og alle obligatoriske opgaver i udgave %s; frivillige opgaver uden henvendelser er ikke vist.", j.Round.Edition))
	return nil
}

// channelBySubject has a column for each channel of the codebook, so that a script finds the same columns every time.
func channelBySubject(ctx context.Context, j *job) error {
	list, err := j.subjects(ctx)
	if err != nil {
		return err
	}
	j.Columns = []Column{{Name: "kle", Label: "KLE", Unit: Text}, {Name: "label", Label: "Opgave", Unit: Text}, contactsColumn, shareColumn}
	var ids []uint8
	known := map[uint8]bool{}
	for _, c := range j.cb.Channels {
		ids = append(ids, c.ID)
		known[c.ID] = true
		j.Columns = append(j.Columns, Column{Name: c.Code, Label: c.Label, Unit: Count})
	}
	var total int64
	sums := map[uint8]int64{}
	for _, s := range list {
		total += s.contacts
		for id, n := range s.channels {
			sums[id] += n
		}
	}
	for _, c := range unknownChannels(sums, known) {
		ids = append(ids, c)
		j.Columns = append(j.Columns, Column{Name: fmt.Sprint(c), Label: fmt.Sprintf("Ukendt kode %d", c), Unit: Count})
	}
	line := func(cells []any, n int64, of map[uint8]int64) []any {
		cells = append(cells, n, share(n, total))
		for _, id := range ids {
			cells = append(cells, of[id])
		}
		return cells
	}
	for _, s := range list {
		j.Rows = append(j.Rows, line([]any{s.kle.String(), s.label}, s.contacts, s.channels))
	}
	j.Totals = line([]any{"", sum}, total, sums)
	return nil
}

func unknownChannels(sums map[uint8]int64, known map[uint8]bool) []uint8 {
	var ids []uint8
	for id := range sums {
		if !known[id] {
			ids = append(ids, id)
		}
	}
	sort.Slice(ids, func(a, b int) bool { return ids[a] < ids[b] })
	return ids
}

// DigitalDefinition says what the digital share is; every report and workbook that shows one says it.
const DigitalDefinition = "Digital andel er indgående henvendelser på digitale kanaler af alle indgående henvendelser. Udgående henvendelser er ikke med."

// Digital adds up inbound contacts, and those of them that came through a digital channel: the one definition of the
// digital share.
type Digital struct{ Inbound, Digital int64 }

// Add counts n contacts on a channel; a channel that the codebook does not know has no direction.
func (d *Digital) Add(ch *model.Channel, n int64) {
	if ch == nil || ch.Direction != model.Inbound {
		return
	}
	d.Inbound += n
	if ch.Digital {
		d.Digital += n
	}
}

// Share is missing (nil) when nothing came in.
func (d Digital) Share() any { return share(d.Digital, d.Inbound) }

func digitalShare(ctx context.Context, j *job) error {
	list, err := j.subjects(ctx)
	if err != nil {
		return err
	}
	j.Columns = []Column{{Name: "kle", Label: "KLE", Unit: Text}, {Name: "label", Label: "Opgave", Unit: Text},
		{Name: "inbound", Label: "Indgående", Unit: Count}, {Name: "digital", Label: "Heraf digitale", Unit: Count},
		{Name: "digital_share", Label: "Digital andel", Unit: Share}}
	of := func(channels map[uint8]int64) (d Digital) {
		for id, n := range channels {
			d.Add(j.cb.Channel(id), n)
		}
		return d
	}
	var total Digital
	for _, s := range list {
		d := of(s.channels)
		total.Inbound, total.Digital = total.Inbound+d.Inbound, total.Digital+d.Digital
		j.Rows = append(j.Rows, []any{s.kle.String(), s.label, d.Inbound, d.Digital, d.Share()})
	}
	sort.SliceStable(j.Rows, func(a, b int) bool { return j.Rows[a][2].(int64) > j.Rows[b][2].(int64) })
	j.Totals = []any{"", sum, total.Inbound, total.Digital, total.Share()}
	j.Notes = append(j.Notes, DigitalDefinition, "Digitale kanaler: "+listText(digitalChannels(j.cb))+".",
		"En opgave uden indgående henvendelser har ingen digital andel ("+model.Missing+").")
	return nil
}

func digitalChannels(cb *model.Codebook) []string {
	var codes []string
	for _, c := range cb.Channels {
		if c.Direction == model.Inbound && c.Digital {
			codes = append(codes, c.Code)
		}
	}
	return codes
}

// Transactions adds up contacts whose type is filled in, and the transactions among them, by the groups of an edition: the
// one definition of the share of transactions.
type Transactions struct{ Known, Transactions int64 }

// TransactionDefinition says what the share of transactions is.
const TransactionDefinition = "Transaktioners andel er transaktioner af de henvendelser, hvor typen er oplyst, efter kodebogens udgave for hver runde."

// Add counts n contacts of a type.
func (t *Transactions) Add(typ *model.ContactType, edition string, n int64) {
	if typ == nil {
		return
	}
	t.Known += n
	if typ.Groups[edition] == model.Transaction {
		t.Transactions += n
	}
}

// Share is missing (nil) when no type is known.
func (t Transactions) Share() any { return share(t.Transactions, t.Known) }
