package queries

import "context"

// Another ends what the transaction has done so far for an upload and begins a further upload in it: both are committed together.
func (l *Load) Another(ctx context.Context) error {
	if err := l.clean(ctx); err != nil {
		return err
	}
	l.later = true
	l.rows, l.ids, l.few, l.disputed, l.overtaken, l.loaded, l.direct, l.amount = 0, false, false, false, 0, 0, 0, 0
	return l.beginUpload(ctx)
}

// Continue states the bag that the upload continues (0: its own) and whether its rows are test rows. Call it before rows come.
func (l *Load) Continue(bag uint32, test bool) {
	l.bag, l.test = bag, test
	if bag == 0 {
		l.bag = l.upload
	}
}

// StoredUpload is Store.Upload as the open transaction sees it.
func (l *Load) StoredUpload(ctx context.Context, upload uint32) (StoredUpload, error) {
	return oneUpload(ctx, l.conn, upload)
}

// RejectedLines is Store.RejectedLines as the open transaction sees it.
func (l *Load) RejectedLines(ctx context.Context, bag uint32) (map[int64]bool, error) {
	return rejectedLines(ctx, l.conn, bag)
}

// SetMapping keeps the column mapping, as JSON, that the upload was read with.
func (l *Load) SetMapping(ctx context.Context, mapping string) error {
	return l.run(ctx, "load/insert_mapping", l.upload, mapping)
}

// Mapping is the column mapping, as JSON, that an upload was read with; "" when it had none.
func (l *Load) Mapping(ctx context.Context, upload uint32) (string, error) {
	return mapping(ctx, l.conn, upload)
}

// Mapping is the column mapping, as JSON, that an upload was read with; "" when it had none.
func (s *Store) Mapping(ctx context.Context, upload uint32) (string, error) {
	return mapping(ctx, s.db, upload)
}

func mapping(ctx context.Context, q querier, upload uint32) (found string, err error) {
	rows, err := q.QueryContext(ctx, text("load/mapping"), upload)
	if err != nil {
		return "", err
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&found); err != nil {
			return "", err
		}
	}
	return found, rows.Err()
}
