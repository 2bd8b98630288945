package web

import (
	"fmt"
	"strings"
	"testing"

	"komhen/web/account"
)

// TestRoundIsSet: KL fills the form in, is told what is wrong at the field, mends it, and sees the round's history; axe finds nothing on the way,
// and nothing is cut off on a phone.
func TestRoundIsSet(t *testing.T) {
	s := newSite(t, Config{Now: at(2027, 4, 27)})
	b := s.as(t, account.Operator, 0, "").browse()
	for i, width := range []int64{1280, 320} {
		b.size(width, 900)
		b.open("/rounds/2027F")
		ask[bool](b, `document.querySelector("#weeks").value = "18, 20", document.querySelector("#central1").value = "Digital Post", document.querySelector("#central1-day").value = "21-06-2027", document.querySelector("#weeks").form.submit(), true`)
		b.waitFor(".error-summary")
		b.axe("round with errors")
		b.fitsWidth("round with errors")
		b.full()
		b.picture(fmt.Sprintf("round-errors-%d", width))
		ask[bool](b, fmt.Sprintf(`document.querySelector("#weeks").value = "18, 19 og %d", document.querySelector("#weeks").form.submit(), true`, 20))
		b.waitFor(".alert-success, .history")
		b.axe("round with history")
		b.fitsWidth("round with history")
		b.full()
		b.picture(fmt.Sprintf("round-set-%d", width))
		want := []string{"Datoerne er gemt", "Version 1"}
		if i > 0 {
			want = []string{"har allerede de datoer"}
		}
		said := ask[string](b, `document.querySelector("main").innerText`)
		for _, text := range want {
			if !strings.Contains(said, text) {
				t.Errorf("no %q in %s", text, said)
			}
		}
	}
}
