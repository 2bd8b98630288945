package reports

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"path/filepath"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"komhen/model"
	"komhen/queries"
)

// csvRows writes UTF-8 with byte order mark, semicolons and CRLF, as a Danish Excel reads it.
type csvRows struct {
	w    io.Writer
	out  *csv.Writer
	safe []string
}

func (c *csvRows) begin(header []string, _ int64) error {
	c.out, c.safe = newCSV(c.w), make([]string, len(header))
	return c.row(header, nil)
}

func (c *csvRows) row(cells []string, _ *queries.ExtractRow) error {
	for i, cell := range cells {
		c.safe[i] = model.SafeText(cell)
	}
	return c.out.Write(c.safe)
}

func (c *csvRows) end(failed error) error {
	c.out.Flush()
	if failed != nil {
		return failed
	}
	return c.out.Error()
}

// parquetRows hands batches of rows to the database, which writes the file: a producer here, a consumer there.
type parquetRows struct {
	ctx     context.Context
	w       io.Writer
	tempDir string
	dir     string
	build   *array.RecordBuilder
	batches chan arrow.RecordBatch
	done    chan error
	stop    context.CancelFunc
}

// parquetBatch is how many rows are handed over at a time.
const parquetBatch = 8192

func (p *parquetRows) begin(header []string, _ int64) (err error) {
	if p.dir, err = os.MkdirTemp(p.tempDir, "udtraek-"); err != nil {
		return &model.Problem{Code: "temp-dir", Message: "Der kunne ikke skrives en midlertidig fil til udtrækket. Er der plads på disken?", Err: err}
	}
	fields := make([]arrow.Field, len(header))
	for i, name := range header {
		fields[i] = arrow.Field{Name: name, Type: arrow.BinaryTypes.String, Nullable: true}
		switch i {
		case columnDate, columnStart, columnEnd:
			fields[i].Type = &arrow.TimestampType{Unit: arrow.Second}
		case columnAmount:
			fields[i].Type = arrow.PrimitiveTypes.Int32
		}
	}
	schema := arrow.NewSchema(fields, nil)
	p.build = array.NewRecordBuilder(memory.DefaultAllocator, schema)
	p.batches, p.done = make(chan arrow.RecordBatch, 1), make(chan error, 1)
	ctx, stop := context.WithCancel(p.ctx)
	p.stop = stop
	go func() {
		err := queries.WriteParquet(ctx, &batchReader{schema: schema, batches: p.batches, ctx: ctx}, p.path())
		stop()
		p.done <- err
	}()
	return nil
}

func (p *parquetRows) path() string { return filepath.Join(p.dir, "udtraek.parquet") }

func (p *parquetRows) row(cells []string, r *queries.ExtractRow) error {
	for i, cell := range cells {
		switch i {
		case columnDate:
			p.build.Field(i).(*array.TimestampBuilder).Append(arrow.Timestamp(r.Moment))
		case columnStart:
			stamp(p.build.Field(i).(*array.TimestampBuilder), r.Start, r.HasStart)
		case columnEnd:
			stamp(p.build.Field(i).(*array.TimestampBuilder), r.End, r.HasEnd)
		case columnAmount:
			p.build.Field(i).(*array.Int32Builder).Append(int32(r.Amount))
		default:
			b := p.build.Field(i).(*array.StringBuilder)
			if cell == "" || cell == notFilledIn && i < columnsOfCode {
				b.AppendNull()
			} else {
				b.Append(cell)
			}
		}
	}
	if p.build.Field(0).Len() >= parquetBatch {
		return p.send()
	}
	return nil
}

func stamp(b *array.TimestampBuilder, m model.Moment, given bool) {
	if given {
		b.Append(arrow.Timestamp(m))
	} else {
		b.AppendNull()
	}
}

var errParquetStopped = errors.New("the parquet writer stopped")

func (p *parquetRows) send() error {
	batch := p.build.NewRecordBatch()
	select {
	case p.batches <- batch:
		return nil
	case err := <-p.done:
		batch.Release()
		p.done <- err // for end
		return errParquetStopped
	}
}

func (p *parquetRows) end(failed error) error {
	if p.build == nil {
		return failed
	}
	defer os.RemoveAll(p.dir)
	defer p.build.Release()
	defer p.stop()
	if failed == nil && p.build.Field(0).Len() > 0 {
		failed = p.send()
	}
	if failed != nil {
		p.stop()
	}
	close(p.batches)
	err := <-p.done
	for batch := range p.batches {
		batch.Release()
	}
	if failed != nil && !errors.Is(failed, errParquetStopped) {
		return failed
	}
	if err != nil {
		return err
	}
	file, err := os.Open(p.path())
	if err != nil {
		return err
	}
	defer file.Close()
	_, err = io.Copy(p.w, file)
	return err
}

// batchReader is what the database reads the batches from.
type batchReader struct {
	schema  *arrow.Schema
	batches chan arrow.RecordBatch
	ctx     context.Context
	current arrow.RecordBatch
	err     error
}

func (b *batchReader) Retain()                        {}
func (b *batchReader) Release()                       {}
func (b *batchReader) Schema() *arrow.Schema          { return b.schema }
func (b *batchReader) RecordBatch() arrow.RecordBatch { return b.current }
func (b *batchReader) Record() arrow.RecordBatch      { return b.current }
func (b *batchReader) Err() error                     { return b.err }

func (b *batchReader) Next() bool {
	if b.current != nil {
		b.current.Release()
		b.current = nil
	}
	select {
	case batch, more := <-b.batches:
		b.current = batch
		return more
	case <-b.ctx.Done():
		b.err = b.ctx.Err()
		return false
	}
}
