//go:build unix

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"time"

	"komhen/ingest"
	"komhen/ingest/demo"
	"komhen/model"
	"komhen/model/codebook"
	"komhen/reports"
)

// klikCommand is the child process that fills a folder with the invented KLIK and asks for every view.
const klikCommand = "klik-ask"

// klikDay is what the views are asked for; the demonstration ends then.
var klikDay = model.NewDate(2026, 11, 22)

// klik: every view of 98 municipalities' 19,600 tasks with 400 days of history, and the workbook of them all.
func (b *bench) klik() error {
	data, drop, err := b.folder()
	if err != nil {
		return err
	}
	defer drop()
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return answers(self, klikCommand, data, func(a klikAnswer) {
		b.judge(fmt.Sprintf("%s: %.0f ms", a.What, 1000*a.Seconds), usage{wall: time.Duration(a.Seconds * float64(time.Second))}, a.Seconds, a.Limit, "s")
	})
}

// klikAnswer is what something took, and may take, in seconds.
type klikAnswer struct {
	What           string
	Seconds, Limit float64
}

func klikAsk(args []string) error {
	ctx := context.Background()
	book, err := codebook.Load()
	if err != nil {
		return err
	}
	folder, err := ingest.Open(ctx, args[0], book, ingest.OpenOptions{})
	if err != nil {
		return err
	}
	defer folder.Close()
	err = demo.Klik(book, demo.National, klikDay, func(k demo.KlikFile) error {
		_, err := folder.ImportKlik(ctx, k.Name, k.Data, ingest.Decision{At: k.Received})
		return err
	})
	if err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	timed := func(what string, limit float64, times int, do func() error) error {
		var all []float64
		for range times {
			begin := time.Now()
			if err := do(); err != nil {
				return err
			}
			all = append(all, time.Since(begin).Seconds())
		}
		slices.Sort(all)
		return out.Encode(klikAnswer{what, all[times/2], limit})
	}
	for _, d := range reports.KlikNames() {
		for _, municipality := range []uint16{0, 461} {
			q := reports.KlikQuery{Name: d.Name, Today: klikDay, Own: municipality}
			what := "klik report " + d.Name
			if municipality != 0 {
				q.Filter.Municipalities = []uint16{municipality}
				what += ", one municipality"
			}
			err := timed(what, 0.2, 5, func() error {
				_, err := reports.RunKlik(ctx, folder.Store, book, q)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return timed("klik workbook", 2, 3, func() error {
		var b bytes.Buffer
		return reports.WriteKlikXLSX(ctx, folder.Store, book, reports.KlikQuery{Today: klikDay}, &b)
	})
}
