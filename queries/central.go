package queries

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"komhen/model"
)

// Central is a central delivery as it stands, with its parts by municipality.
type Central struct {
	Number uint64
	Round  string
	model.Delivery
	By    string // who brought the file, as an opaque account id
	Parts []CentralPart
}

// CentralPart is a municipality's part of a delivery, and who decided about it last. Live is the upload that holds it and counts now,
// 0 for none: it may have been undone, or replaced as further contacts.
type CentralPart struct {
	Municipality uint16
	model.DeliveryPart
	At   time.Time
	By   string
	Live uint32
}

// Due tells whether the parts that nobody has answered are to be loaded on a day.
func (c Central) Due(today model.Date) bool { return !c.Withdrawn && c.On() <= today }

// Part finds a municipality's part; nil when it has none.
func (c Central) Part(municipality uint16) *CentralPart {
	for i := range c.Parts {
		if c.Parts[i].Municipality == municipality {
			return &c.Parts[i]
		}
	}
	return nil
}

// Waiting is how many parts nobody has answered.
func (c Central) Waiting() (n int) {
	for _, p := range c.Parts {
		if p.State == model.PartWaiting && !c.Withdrawn {
			n++
		}
	}
	return n
}

// Centrals lists every central delivery, oldest first.
func (s *Store) Centrals(ctx context.Context) (list []Central, err error) {
	standing, err := s.Records(ctx, RecordFilter{Kind: model.RecordCentral})
	if err != nil || len(standing) == 0 {
		return nil, err
	}
	uploads, err := s.Uploads(ctx)
	if err != nil {
		return nil, err
	}
	type part struct {
		delivery     uint64
		municipality uint16
	}
	live := map[part]uint32{}
	for _, u := range uploads {
		if u.Delivery != 0 && u.Live && u.Bag == u.Upload {
			live[part{u.Delivery, u.Municipality}] = u.Upload
		}
	}
	places := map[uint64]int{}
	for _, r := range standing { // municipality 0, the deliveries themselves, comes first
		number, err := strconv.ParseUint(r.Key, 10, 64)
		if err != nil {
			return nil, failed(err)
		}
		if r.Municipality == 0 {
			c := Central{Number: number, Round: r.Round, By: r.By}
			if err := json.Unmarshal(r.Body, &c.Delivery); err != nil {
				return nil, failed(err)
			}
			places[number] = len(list)
			list = append(list, c)
			continue
		}
		p := CentralPart{Municipality: r.Municipality, At: r.At, By: r.By, Live: live[part{number, r.Municipality}]}
		at, known := places[number]
		if err := json.Unmarshal(r.Body, &p.DeliveryPart); err != nil || !known {
			return nil, failed(fmt.Errorf("part %s of %d: %w", r.Key, r.Municipality, err))
		}
		list[at].Parts = append(list[at].Parts, p)
	}
	slices.SortFunc(list, func(a, b Central) int { return int(int64(a.Number) - int64(b.Number)) })
	return list, nil
}

// Central finds one delivery; a *model.Problem "delivery-unknown" when there is none of that number.
func (s *Store) Central(ctx context.Context, number uint64) (Central, error) {
	list, err := s.Centrals(ctx)
	for _, c := range list {
		if c.Number == number {
			return c, nil
		}
	}
	if err == nil {
		err = &model.Problem{Code: "delivery-unknown", Message: fmt.Sprintf("Der er ingen central levering nummer %d. Se dem alle under Centrale leveringer.", number)}
	}
	return Central{}, err
}

// CentralNews is what the coordinators of each municipality must be told since a decision of the journal (0: all), oldest first: one step
// for each municipality with a part. Who has told somebody of a step of number Seq asks next time for what came after it.
func (s *Store) CentralNews(ctx context.Context, after uint64) (news []model.CentralStep, err error) {
	list, err := s.Centrals(ctx)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	steps, err := s.CentralSteps(ctx, after)
	for _, step := range steps {
		if step.Municipality != 0 {
			news = append(news, step)
			continue
		}
		at := slices.IndexFunc(list, func(c Central) bool { return c.Number == step.Delivery })
		if at < 0 {
			continue
		}
		for _, p := range list[at].Parts {
			step.Municipality = p.Municipality
			news = append(news, step)
		}
	}
	return news, err
}

// CentralSteps lists everything that was done with central deliveries after a decision of the journal (0: ever), oldest first.
func (s *Store) CentralSteps(ctx context.Context, after uint64) (steps []model.CentralStep, err error) {
	history, err := s.RecordHistory(ctx, RecordFilter{Kind: model.RecordCentral})
	deliveries := map[string]model.Delivery{}
	parts := map[string]bool{}
	for _, r := range history {
		step := model.CentralStep{Seq: r.Seq, At: r.At, By: r.By, Round: r.Round, Municipality: r.Municipality}
		if step.Delivery, err = strconv.ParseUint(r.Key, 10, 64); err != nil {
			return nil, failed(err)
		}
		before, known := deliveries[r.Key]
		if r.Municipality == 0 {
			var d model.Delivery
			if err := json.Unmarshal(r.Body, &d); err != nil {
				return nil, failed(err)
			}
			deliveries[r.Key] = d
			switch {
			case !known:
				step.What = model.CentralDelivered
			case d.Withdrawn:
				step.What = model.CentralWithdrawn
			default:
				step.What = model.CentralPostponed
			}
			step.Day, step.Source = d.On(), d.What
		} else {
			var p model.DeliveryPart
			if err := json.Unmarshal(r.Body, &p); err != nil {
				return nil, failed(err)
			}
			step.Day, step.Source, step.Upload = before.On(), before.What, p.Upload
			part := fmt.Sprint(r.Key, " ", r.Municipality)
			switch {
			case p.State == model.PartTaken:
				step.What = model.CentralTaken
			case p.State == model.PartLoaded && p.Approved:
				step.What = model.CentralApproved
			case p.State == model.PartLoaded:
				step.What = model.CentralLoaded
			case parts[part]:
				step.What = model.CentralGivenBack
			default: // the part came with the delivery, which is told already
				parts[part] = true
				continue
			}
			parts[part] = true
		}
		if r.Seq > after {
			steps = append(steps, step)
		}
	}
	return steps, err
}
