package web

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"komhen/web/account"
)

// squares is an invented file of borders: a square for each code, side by side.
func squares(codes ...int) []byte {
	var b strings.Builder
	b.WriteString(`{"type":"FeatureCollection","features":[`)
	for i, code := range codes {
		x, y := 9+0.3*float64(i%10), 55+0.2*float64(i/10)
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, `{"type":"Feature","properties":{"kommunekode":"%04d"},"geometry":{"type":"Polygon","coordinates":[[[%g,%g],[%g,%g],[%g,%g],[%g,%g],[%g,%g]]]}}`,
			code, x, y, x+0.25, y, x+0.25, y+0.15, x, y+0.15, x, y)
	}
	b.WriteString(`]}`)
	return []byte(b.String())
}

func (v *visitor) sendBorders(content []byte) (status int, body string) {
	v.t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	part, err := form.CreateFormFile("file", "kommuner.geojson")
	if err != nil {
		v.t.Fatal(err)
	}
	part.Write(content)
	form.Close()
	r, err := v.Post(v.s.URL+"/map/borders", form.FormDataContentType(), &b)
	return v.read(r, err)
}

// TestMap: 98 tiles and a table, in words and links; the viewer's own is pointed out.
func TestMap(t *testing.T) {
	s := demoSite(t, Config{})
	v := s.as(t, account.Reader, 259, "")
	status, page := v.get("/map?round=2012E&measure=digital-share&municipality=259")
	if status != http.StatusOK || strings.Count(page, `<g role="listitem"`) != 98 || !strings.Contains(page, "din kommune") {
		t.Fatalf("%d, %d tiles", status, strings.Count(page, `<g role="listitem"`))
	}
	if !strings.Contains(page, `href="#kommune-461"`) || !strings.Contains(page, `id="kommune-461"`) || strings.Contains(page, "/municipalities/") {
		t.Error("tiles do not lead to the table")
	}
	for _, m := range s.book.Municipalities {
		if !strings.Contains(page, fmt.Sprintf(`id="kommune-%d"`, m.Code)) {
			t.Errorf("%s is not in the table, nor among those without figures", m.Name)
		}
	}
	if strings.Contains(page, "GeoJSON") {
		t.Error("a reader is offered to import borders")
	}
}

// TestBorders: only KL may import borders; they are drawn at once and after a restart; a file that is none changes nothing.
func TestBorders(t *testing.T) {
	s := demoSite(t, Config{})
	const address = "/map?round=2012E&measure=digital-share&municipality=all&view=borders"
	v := s.as(t, account.Coordinator, 259, "")
	if status, _ := v.sendBorders(squares(101)); status != http.StatusForbidden {
		t.Fatalf("a coordinator imported borders: %d", status)
	}
	kl := s.as(t, account.Operator, 0, "")
	for _, bad := range []string{"", "{}", "PK\x03\x04", `{"type":"FeatureCollection","features":[]}`, `{"type":"FeatureCollection","features":[{"type":"Feature"`} {
		if status, body := kl.sendBorders([]byte(bad)); status < 400 || status >= 500 {
			t.Errorf("%.20q: %d %.200s", bad, status, words(body))
		}
	}
	if status, body := v.get(address); status != http.StatusOK || strings.Contains(body, "map-borders") || strings.Contains(body, "Kommunernes grænser") {
		t.Errorf("there are borders that nobody imported: %d", status)
	}
	var codes []int
	for _, m := range s.book.Municipalities[1:] {
		codes = append(codes, int(m.Code))
	}
	status, body := kl.sendBorders(squares(codes...))
	if status != http.StatusOK || !strings.Contains(words(body), "97 kommuner") || !strings.Contains(words(body), "Mangler i filen") {
		t.Errorf("%d %.600s", status, words(body))
	}
	if status, body := v.get(address); status != http.StatusOK || strings.Count(body, "<path") < 97 {
		t.Errorf("%d, %d borders", status, strings.Count(body, "<path"))
	}
	s.borders.Store(nil)
	s.loadBorders() // as at the next start
	if s.borders.Load() == nil {
		t.Error("the borders are not kept")
	}
	kl.post("/map/borders/delete", nil)
	if _, err := os.Stat(filepath.Join(s.folder.Dir, bordersName)); !os.IsNotExist(err) {
		t.Error(err)
	}
	if status, body := v.get(address); status != http.StatusOK || strings.Contains(body, "map-borders") {
		t.Errorf("deleted borders are drawn: %d", status)
	}
	if left, _ := filepath.Glob(filepath.Join(s.folder.Dir, "tmp", "borders-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}
