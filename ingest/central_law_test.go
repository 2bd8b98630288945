package ingest

import (
	"context"
	"maps"
	"strings"
	"testing"

	"komhen/model"
	"pgregory.net/rapid"
)

// drawCentralRow is a row of a delivery, now and then with a fault, with quotes, or nobody's.
var drawCentralRow = rapid.Custom(func(t *rapid.T) string {
	pick := func(what string, from ...string) string { return rapid.SampledFrom(from).Draw(t, what) }
	row := strings.Join([]string{pick("municipality", "259", "0259", "Køge", "461", "461", "187", "999", ""), pick("unit", "NULL", "NULL", "Post", "\"Post; ud\""),
		pick("task", "23.05.10", "01.11.00", "23.05.10.11"), pick("channel", "DOKUD", "DOKUD", "SLVBTJN", "FAX"), "INFO", "HOLD", "NEJ", pick("day", "23-04-2012", "24-04-2012", "31-04-2012"),
		pick("amount", "", "", "4"), pick("id", "", "", "a", "b")}, ";")
	return row + pick("more", "", "", "", ";for meget", "\n") + "\n"
})

// TestPartsAreTheWhole: the parts of a delivery, loaded in any order, are what the file would be if it were imported at once; each
// receipt adds up, and what is in no part is what the delivery says is nobody's. A part's own file is the part.
func TestPartsAreTheWhole(t *testing.T) {
	rapidChecks(t, 12)
	rapid.Check(t, func(rt *rapid.T) {
		ctx := context.Background()
		data := "kommune;enhed;opgave;kanal;type;afslutning;blanket;dato;antal;kilde_id\n259;NULL;23.05.10;DOKUD;INFO;HOLD;NEJ;23-04-2012;;\n" +
			strings.Join(rapid.SliceOfN(drawCentralRow, 0, 25).Draw(rt, "rows"), "")
		whole, parts, files := newFolder(t), newFolder(t), newFolder(t)
		defer whole.Close()
		defer parts.Close()
		defer files.Close()
		all := load(rt, whole, []byte(data), Options{Name: "hele.csv", Source: "Digital Post", Kind: model.System, Received: deliveredAt})
		number := deliver(rt, parts, data, digitalPost)
		c, err := parts.Store.Central(ctx, number)
		must(rt, err)
		var accepted, rejected, contacts int64
		for _, p := range rapid.Permutation(c.Parts).Draw(rt, "order") {
			u, err := parts.ApprovePart(ctx, number, p.Municipality, operator)
			must(rt, err)
			r := u.Receipt
			if !r.Balanced() || r.Accepted+r.Rejected+r.Withheld != p.Rows {
				rt.Fatalf("%+v of %+v", r, p)
			}
			accepted, rejected, contacts = accepted+r.Accepted, rejected+r.Rejected, contacts+r.Contacts
			var file strings.Builder
			must(rt, parts.WritePart(ctx, number, p.Municipality, &file))
			again := load(rt, files, []byte(file.String()), Options{Name: "del.csv", Municipality: p.Municipality, Received: deliveredAt})
			if again.Receipt.Accepted != r.Accepted || again.Receipt.Rejected != r.Rejected {
				rt.Fatalf("the part's file gives %+v, the part %+v:\n%s", again.Receipt, r, file.String())
			}
		}
		if r := all.Receipt; accepted != r.Accepted || contacts != r.Contacts || rejected+c.Nobodys != r.Rejected {
			rt.Fatalf("parts: %d accepted, %d contacts, %d rejected and %d nobody's; the whole: %+v", accepted, contacts, rejected, c.Nobodys, r)
		}
		want := countedBag(rt, whole, "")
		if got := countedBag(rt, parts, ""); !maps.Equal(got, want) {
			rt.Fatalf("parts:\n%v\nwhole:\n%v", got, want)
		}
		if got := countedBag(rt, files, ""); !maps.Equal(got, want) {
			rt.Fatalf("the parts' files:\n%v\nwhole:\n%v", got, want)
		}
		if n := miscounted(rt, parts); n != 0 {
			rt.Fatalf("%d keys", n)
		}
	})
}
