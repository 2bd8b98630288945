package web

import (
	"bytes"
	"context"
	"os"
	"sync"
	"testing"
	"time"

	"komhen/ingest"
	"komhen/ingest/demo"
	"komhen/model"
	"komhen/model/codebook"
)

var demoOnce struct {
	sync.Once
	dir string
	err error
}

// demoSite is a service over the small demo: Køge (259) and two others, both rounds of 2012. Each test has a copy of its own.
func demoSite(t *testing.T, config Config) *site {
	t.Helper()
	return newSiteAt(t, demoFolder(t), config)
}

// demoFolder is a copy of the small demo's data folder.
func demoFolder(t *testing.T) string {
	t.Helper()
	demoOnce.Do(func() {
		if demoOnce.dir, demoOnce.err = os.MkdirTemp("", "komhen-web-demo-*"); demoOnce.err == nil {
			demoOnce.err = fillDemo(context.Background(), demoOnce.dir)
		}
	})
	if demoOnce.err != nil {
		t.Fatal(demoOnce.err)
	}
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(demoOnce.dir)); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestMain(m *testing.M) {
	status := m.Run()
	if demoOnce.dir != "" {
		os.RemoveAll(demoOnce.dir)
	}
	os.Exit(status)
}

// fillDemo loads the invented files as anybody's.
func fillDemo(ctx context.Context, dir string) error {
	book, err := codebook.Load()
	if err != nil {
		return err
	}
	folder, err := ingest.Open(ctx, dir, book, ingest.OpenOptions{})
	if err != nil {
		return err
	}
	defer folder.Close()
	by := ingest.Decision{At: time.Date(2012, 11, 2, 9, 0, 0, 0, model.Copenhagen)}
	data := demo.Operations()
	if _, err := folder.ImportOperations(ctx, bytes.NewReader(data), int64(len(data)), by, false); err != nil {
		return err
	}
	data = demo.Readiness()
	if _, err := folder.ImportReadiness(ctx, bytes.NewReader(data), int64(len(data)), by, false); err != nil {
		return err
	}
	err = demo.Klik(book, demo.Small, model.NewDate(2012, 11, 20), func(k demo.KlikFile) error {
		_, err := folder.ImportKlik(ctx, k.Name, k.Data, ingest.Decision{At: k.Received})
		return err
	})
	if err != nil {
		return err
	}
	err = demo.Files(book, demo.Small, func(f demo.File) error {
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			return err
		}
		u, err := folder.Prepare(ctx, bytes.NewReader(b.Bytes()), int64(b.Len()), ingest.Options{Name: f.Name, Municipality: f.Municipality, Source: f.Source, Kind: f.Kind, Test: f.Test, Received: f.Received})
		if err != nil {
			return err
		}
		if u.Fault != nil { // some invented files are no tables, as in life
			return nil
		}
		return u.Commit(ctx)
	})
	for _, z := range demo.Zeros(demo.Small) {
		if err == nil {
			_, err = folder.DeclareZeros(ctx, z.Municipality, []model.Zero{z.Zero}, ingest.Decision{At: z.At})
		}
	}
	if err != nil {
		return err
	}
	declared, err := demo.Declarations(book)
	for _, d := range declared {
		if err == nil {
			_, err = folder.DeclareChanged(ctx, ingest.Decision{At: d.At}, d.Records)
		}
	}
	return err
}
