package ingest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"komhen/model"
	"komhen/queries"
)

// A round's dates are a record. The folder's own codebook answers with them from the commit on, so that everything that asks for a
// round gets the one that was declared; in replay it learns of them line by line, and each upload is checked against the round as it
// stood then.

// SetRound declares a round's dates; empty ones withdraw what was declared. An approval of the round is void when its days change. A *model.Problem "round-unknown",
// "round-invalid" or "nothing-to-do" tells why nothing has changed.
func (f *Folder) SetRound(ctx context.Context, name string, dates model.RoundDates, by Decision) (r model.Round, err error) {
	err = f.Declare(ctx, by, func(context.Context) ([]model.Record, error) {
		standard, err := f.Book.DefaultRound(name)
		if err != nil {
			return nil, err
		}
		standing, err := f.RoundDates(ctx, standard.Name)
		if err != nil {
			return nil, err
		}
		empty := dates.Equal(model.RoundDates{})
		if standing == nil && empty || standing != nil && standing.Equal(dates) {
			return nil, &model.Problem{Code: "nothing-to-do", Message: fmt.Sprintf("%s har allerede de datoer. Der er ikke ændret noget.", standard.Title())}
		}
		var body any
		if r = standard; !empty {
			body, r = dates, dates.On(standard)
		}
		record, err := model.NewRecord(model.RecordRound, 0, standard.Name, "", body)
		return []model.Record{record}, err
	})
	return r, err
}

// WithdrawRound takes a round's declared dates back: it has the default's again. Its problems are those of SetRound.
func (f *Folder) WithdrawRound(ctx context.Context, name string, by Decision) (r model.Round, err error) {
	err = f.Declare(ctx, by, func(context.Context) ([]model.Record, error) {
		var err error
		if r, err = f.Book.DefaultRound(name); err != nil {
			return nil, err
		}
		if standing, err := f.RoundDates(ctx, r.Name); err != nil || standing == nil {
			if err == nil {
				err = &model.Problem{Code: "nothing-to-do", Message: fmt.Sprintf("%s har allerede de almindelige datoer. Der er ikke ændret noget.", r.Title())}
			}
			return nil, err
		}
		record, err := model.NewRecord(model.RecordRound, 0, r.Name, "", nil)
		return []model.Record{record}, err
	})
	return r, err
}

// RoundDates are a round's dates as they stand declared, nil when none do.
func (f *Folder) RoundDates(ctx context.Context, name string) (*model.RoundDates, error) {
	list, err := queries.Standing[model.RoundDates](ctx, f.Store, queries.RecordFilter{Kind: model.RecordRound, Round: name})
	if err != nil || len(list) == 0 {
		return nil, err
	}
	return &list[0].Value, nil
}

// checkRound is what is wrong with a record that declares a round's dates, in one sentence for each field.
func (f *Folder) checkRound(r model.Record) error {
	standard, err := f.Book.DefaultRound(r.Round)
	if err != nil {
		return err
	}
	if r.Round != standard.Name || r.Key != "" || r.Municipality != 0 {
		return &model.Problem{Code: "round-invalid", Message: "Rundens datoer gælder for alle kommuner og hele runden. Der er ikke ændret noget."}
	}
	dates, err := datesOf(r)
	if err != nil || dates == nil {
		return err
	}
	var messages []string
	for _, fault := range dates.Faults(standard) {
		messages = append(messages, fault.Message)
	}
	if len(messages) > 0 {
		return &model.Problem{Code: "round-invalid", Message: strings.Join(messages, " ")}
	}
	return nil
}

func datesOf(r model.Record) (*model.RoundDates, error) {
	if r.Withdrawn() {
		return nil, nil
	}
	d := new(model.RoundDates)
	if err := json.Unmarshal(r.Body, d); err != nil {
		return nil, &model.Problem{Code: "round-invalid", Message: fmt.Sprintf("Datoerne for runden %s kan ikke læses. Der er ikke ændret noget.", r.Round), Err: err}
	}
	return d, nil
}

// settleRound voids the approvals of a round whose days a record changes, in the record's own transaction.
func (f *Folder) settleRound(ctx context.Context, load *queries.Load, r model.Record, by Decision) error {
	before, err := f.Book.Round(r.Round)
	if err != nil {
		return err
	}
	after, err := f.Book.DefaultRound(r.Round)
	if err != nil {
		return err
	}
	dates, err := datesOf(r)
	if err != nil {
		return err
	}
	if dates != nil {
		after = dates.On(after)
	}
	if before.First == after.First && before.Last == after.Last {
		return nil
	}
	return load.ReopenAll(ctx, after, by.By, by.At)
}

// tellBook lets the folder's codebook answer with the records that were just committed.
func (f *Folder) tellBook(records []model.Record) error { return tellBook(f.Book, records) }

func tellBook(book *model.Codebook, records []model.Record) error {
	for _, r := range records {
		if r.Kind != model.RecordRound {
			continue
		}
		dates, err := datesOf(r)
		if err != nil {
			return err
		}
		if err := book.DeclareRound(r.Round, dates); err != nil {
			return err
		}
	}
	return nil
}

// readRounds tells the codebook what stands in the database.
func (f *Folder) readRounds(ctx context.Context) error {
	standing, err := f.Store.Records(ctx, queries.RecordFilter{Kind: model.RecordRound})
	if err != nil {
		return err
	}
	records := make([]model.Record, len(standing))
	for i, s := range standing {
		records[i] = s.Record
	}
	return f.tellBook(records)
}

// RoundsIn is a codebook that answers with the rounds' dates as they stand declared in a data folder. It reads the journal alone, so it
// needs no lock and works beside a running service; a folder without a journal has declared nothing.
func RoundsIn(ctx context.Context, dir string, book *model.Codebook) (*model.Codebook, error) {
	f := folderAt(dir, book, OpenOptions{ReadOnly: true})
	if _, err := os.Stat(f.path(journalName)); errors.Is(err, fs.ErrNotExist) {
		return f.Book, nil
	}
	_, err := openJournal(f.path(journalName), false, func(e Entry) error {
		if e.Op != "declare" {
			return ctx.Err()
		}
		return f.tellBook(e.Records)
	})
	if err != nil {
		return nil, folderProblem(dir, err)
	}
	return f.Book, nil
}
