package queries

import (
	"context"
	"database/sql"

	"komhen/model"
)

// OpenRow is a rejected row that is still to be mended. Its cells and findings are those of Upload; BagLine is its line in the bag's
// first upload.
type OpenRow struct {
	FixRow
	Upload uint32
}

// OpenRows gives a page of the rejected rows of a bag that nothing has mended yet, in the order of their lines, and how many there
// are in all. Each is as it stands now: as the newest fix-it file left it, where that was rejected again. Its findings are its errors.
func (s *Store) OpenRows(ctx context.Context, bag uint32, offset, limit int64) (list []OpenRow, total int64, err error) {
	rows, err := s.db.QueryContext(ctx, s.sql("load/open_rows"), bag, offset, limit)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		var upload, line, record, bagLine sql.NullInt64
		var rule, column, value, detail, proposal sql.NullString
		var cells any
		if err := rows.Scan(&total, &upload, &line, &record, &bagLine, &cells, &rule, &column, &value, &detail, &proposal); err != nil {
			return nil, 0, err
		}
		if !line.Valid {
			continue // nothing on the page
		}
		if n := len(list); n == 0 || list[n-1].BagLine != bagLine.Int64 {
			list = append(list, OpenRow{Upload: uint32(upload.Int64),
				FixRow: FixRow{Rejected: Rejected{Line: line.Int64, Record: record.Int64, BagLine: bagLine.Int64, Cells: stringList(cells)}}})
		}
		row := &list[len(list)-1]
		row.Findings = append(row.Findings, model.Finding{Rule: rule.String, Severity: model.Error, Line: line.Int64, Record: record.Int64,
			Column: column.String, Value: value.String, Detail: detail.String, Proposal: proposal.String})
	}
	return list, total, rows.Err()
}
