package queries

import (
	"context"
	"database/sql"
	"time"

	"komhen/model"
)

// Profile is what one municipality's contacts in a period are made of. The maps go from a code's id (0: not filled in) to
// a number of contacts; each of them adds up to Total.
type Profile struct {
	Municipality uint16
	Total        int64
	Channels     map[uint8]int64
	Types        map[uint8]int64
	Closings     map[uint8]int64
	Forms        map[uint8]int64
	Subjects     map[model.KLE]int64
}

// Profiles gives the profile of every municipality that has contacts from first to last, both included, by code.
func (s *Store) Profiles(ctx context.Context, first, last model.Date) ([]Profile, error) {
	type count struct {
		municipality uint16
		dimension    string
		code         uint32
		contacts     int64
	}
	f := Filter{From: first, To: last}
	counts, err := counted(ctx, s, "benchmark/profiles", f, period("from", "until", first, last), func(c *count) []any {
		return []any{&c.municipality, &c.dimension, &c.code, &c.contacts}
	})
	var profiles []Profile
	for _, c := range counts {
		if n := len(profiles); n == 0 || profiles[n-1].Municipality != c.municipality {
			profiles = append(profiles, Profile{
				Municipality: c.municipality, Channels: map[uint8]int64{}, Types: map[uint8]int64{},
				Closings: map[uint8]int64{}, Forms: map[uint8]int64{}, Subjects: map[model.KLE]int64{},
			})
		}
		p := &profiles[len(profiles)-1]
		switch c.dimension {
		case "channel":
			p.Channels[uint8(c.code)] = c.contacts
			p.Total += c.contacts
		case "type":
			p.Types[uint8(c.code)] = c.contacts
		case "closing":
			p.Closings[uint8(c.code)] = c.contacts
		case "form":
			p.Forms[uint8(c.code)] = c.contacts
		default:
			p.Subjects[model.KLE(c.code)] = c.contacts
		}
	}
	return profiles, err
}

// UploadFile is the file of an upload. Received is on the Copenhagen clock, whatever zone the value says.
type UploadFile struct {
	Upload                             uint32
	File, Source                       string
	Received                           time.Time
	SHA256                             string
	Rows, Accepted, Rejected, Withheld int64
}

// UploadFiles gives the files of some uploads, oldest first.
func (s *Store) UploadFiles(ctx context.Context, uploads []uint32) ([]UploadFile, error) {
	wanted := make([]int64, len(uploads)) // the driver knows lists of signed integers
	for i, u := range uploads {
		wanted[i] = int64(u)
	}
	return reportRows(ctx, s, "benchmark/upload_files", []any{sql.Named("uploads", wanted)}, func(u *UploadFile) []any {
		return []any{&u.Upload, &u.File, &u.Source, &u.Received, &u.SHA256, &u.Rows, &u.Accepted, &u.Rejected, &u.Withheld}
	})
}
