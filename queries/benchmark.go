package queries

import (
	"context"
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
	rows, err := s.db.QueryContext(ctx, s.sql("benchmark/profiles"), first.ISO(), (last + 1).ISO())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var profiles []Profile
	for rows.Next() {
		var municipality uint16
		var dimension string
		var code uint32
		var contacts int64
		if err := rows.Scan(&municipality, &dimension, &code, &contacts); err != nil {
			return nil, err
		}
		if n := len(profiles); n == 0 || profiles[n-1].Municipality != municipality {
			profiles = append(profiles, Profile{
				Municipality: municipality, Channels: map[uint8]int64{}, Types: map[uint8]int64{},
				Closings: map[uint8]int64{}, Forms: map[uint8]int64{}, Subjects: map[model.KLE]int64{},
			})
		}
		p := &profiles[len(profiles)-1]
		switch dimension {
		case "channel":
			p.Channels[uint8(code)] = contacts
			p.Total += contacts
		case "type":
			p.Types[uint8(code)] = contacts
		case "closing":
			p.Closings[uint8(code)] = contacts
		case "form":
			p.Forms[uint8(code)] = contacts
		default:
			p.Subjects[model.KLE(code)] = contacts
		}
	}
	return profiles, rows.Err()
}

// CountedUpload is a live upload that a municipality's figures of a period rest on. Rows are those of the whole file.
type CountedUpload struct {
	Upload             uint32
	File, Source       string
	Received, Changed  time.Time
	SHA256             string
	Rows               int64
	Accepted, Rejected int64
	Withheld           int64
}

// CountedUploads lists them, oldest first.
func (s *Store) CountedUploads(ctx context.Context, municipality uint16, first, last model.Date) ([]CountedUpload, error) {
	rows, err := s.db.QueryContext(ctx, s.sql("benchmark/counted_uploads"), municipality, first.ISO(), (last + 1).ISO())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var uploads []CountedUpload
	for rows.Next() {
		var u CountedUpload
		if err := rows.Scan(&u.Upload, &u.File, &u.Source, &u.Received, &u.Changed, &u.SHA256, &u.Rows, &u.Accepted, &u.Rejected, &u.Withheld); err != nil {
			return nil, err
		}
		uploads = append(uploads, u)
	}
	return uploads, rows.Err()
}
