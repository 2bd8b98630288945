package ingest
import ("testing";"fmt";"time")
func TestZZ(t *testing.T){
	for _, dir := range []string{t.TempDir(), "/dev/shm/zz"+fmt.Sprint(time.Now().UnixNano())} {
	f := openFolder(t, dir)
	t0 := time.Now()
	for i := range 300 {
		load(t, f, []byte(fmt.Sprintf("kommune;enhed;opgave;kanal;type;afslutning;blanket;dato\n259;B%d;23.09.02;PRSNLG;OPRET;STRAKS;JA;23-04-2012\n259;B%d;23.09.02;PRSNLG;OPRET;STRAKS;JA;24-04-2012\n", i%100,i)), Options{})
	}
	fmt.Println(dir, time.Since(t0)/300)
	t0 = time.Now()
	for i := range 100 { f.Undo(t.Context(), uint32(i+1), usualReceived) }
	fmt.Println(time.Since(t0)/100)
	t0 = time.Now()
	for range 20 { countedBag(t, f, "B1") }
	fmt.Println(time.Since(t0)/20)
	t0 = time.Now()
	for range 20 { miscounted(t, f) }
	fmt.Println(time.Since(t0)/20)
	}
}
