package audit

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"komhen/model"
)

// Filter chooses records; an empty field chooses all.
type Filter struct {
	Municipality uint16
	Actor        string
	Action       string    // the action and those under it: "token" is also "token.issue"
	From, To     time.Time // From counts, To does not
}

func (f Filter) keeps(r Record) bool {
	return (f.Municipality == 0 || r.Municipality == f.Municipality) &&
		(f.Actor == "" || r.Actor == f.Actor) &&
		(f.Action == "" || r.Action == f.Action || strings.HasPrefix(r.Action, f.Action+".")) &&
		(f.From.IsZero() || !r.At.Before(f.From)) && (f.To.IsZero() || r.At.Before(f.To))
}

// scanMax is the most bytes that one Read looks through, so that a filter which chooses nothing cannot hold the service up.
const scanMax = 32 << 20

// Read gives the records before a cursor, the last written first, at most limit. Begin with the cursor "". next is the cursor of
// the records after these, "" when there are no more; a page may be short, or empty, and still have a next one. Lines that are
// no records are passed over. Problems: "audit", "audit-cursor".
func (l *Log) Read(f Filter, before string, limit int) (records []Record, next string, err error) {
	month, offset, err := parseCursor(before)
	if err != nil {
		return nil, "", err
	}
	months, err := l.months()
	if err != nil {
		return nil, "", err
	}
	budget := int64(scanMax)
	for _, m := range months {
		if month != "" && m > month || !f.To.IsZero() && m > monthOf(f.To) || !f.From.IsZero() && m < monthOf(f.From) {
			continue
		}
		end := int64(-1)
		if m == month {
			end = offset
		}
		stop, err := readBackwards(l.path(m), end, func(line []byte, at int64) bool {
			var r Record
			if json.Unmarshal(line, &r) == nil && r.Action != "" && f.keeps(r) {
				records = append(records, r)
			}
			budget -= int64(len(line)) + 1
			return len(records) < limit && budget > 0
		})
		if errors.Is(err, fs.ErrNotExist) {
			continue // pruned meanwhile
		}
		if err != nil {
			return nil, "", problem(err)
		}
		if len(records) >= limit || budget <= 0 {
			return records, fmt.Sprintf("%s:%d", m, stop), nil
		}
	}
	return records, "", nil
}

func parseCursor(s string) (month string, offset int64, err error) {
	if s == "" {
		return "", 0, nil
	}
	month, number, _ := strings.Cut(s, ":")
	offset, err = strconv.ParseInt(number, 10, 64)
	if err != nil || offset < 0 || !monthFile.MatchString(month+".jsonl") {
		return "", 0, &model.Problem{Code: "audit-cursor", Err: err, Message: "Siden i hændelsesloggen findes ikke. Begynd forfra."}
	}
	return month, offset, nil
}

const blockSize = 64 * 1024

// readBackwards visits the lines of a file that begin before end (-1: all of them), the last first, until visit says no. It gives
// the offset at which the line that was visited last begins. It holds a block and a line in memory at most.
func readBackwards(path string, end int64, visit func(line []byte, at int64) bool) (stop int64, err error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	size, err := file.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	if end < 0 || end > size {
		end = size
	}
	var rest []byte // the beginning of the line after the block at hand, whose own beginning is further up
	long := false   // rest was thrown away, its line being too long
	block := make([]byte, blockSize)
	for end > 0 {
		start := max(0, end-blockSize)
		part := block[:end-start]
		if _, err := file.ReadAt(part, start); err != nil {
			return 0, err
		}
		for len(part) > 0 {
			cut := bytes.LastIndexByte(part, '\n')
			if cut < 0 {
				break
			}
			line := append(part[cut+1:len(part):len(part)], rest...)
			if tooLong := long || len(line) > lineMax; !tooLong && len(line) > 0 {
				if at := start + int64(cut) + 1; !visit(line, at) {
					return at, nil
				}
			}
			rest, long = nil, false
			part = part[:cut]
		}
		if rest = append(bytes.Clone(part), rest...); len(rest) > lineMax {
			rest, long = nil, true
		}
		end = start
	}
	if !long && len(rest) > 0 {
		visit(rest, 0)
	}
	return 0, nil
}
