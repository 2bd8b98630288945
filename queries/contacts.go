package queries

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"komhen/model"
)

// None marks a start or end time that is not given.
const None = model.Moment(-1 << 62)

// Row is one checked contact row, with the codebook's ids. See schema.sql for what each field means.
type Row struct {
	Line                         uint32
	KeyHi, KeyLo, Version        uint64
	Municipality, Source         uint16
	Channel, Type, Closing, Form uint8
	Subject                      model.KLE
	Moment, Start, End           model.Moment
	Amount                       uint32
	Unit, ID                     string
	Extra                        []byte
	System                       bool
	BagLine                      uint32 // fix-it files: the line of the bag that this row mends
	Again                        bool   // the key may stand earlier in this very file
}

// Batch gathers rows by column, ready for Arrow. Its memory is handed over when it is loaded; do not touch it afterwards.
type Batch struct {
	line, subject, amount, bagLine             []uint32
	hi, lo, version                            []uint64
	municipality, source                       []uint16
	channel, typ, closing, form, system, again []uint8
	moment, start, end                         []int64
	unit, id, extra                            texts
}

// NewBatch makes a batch with room for n rows.
func NewBatch(n int) *Batch {
	b := &Batch{}
	if n == 0 {
		return b
	}
	b.line, b.subject, b.amount, b.bagLine = make([]uint32, 0, n), make([]uint32, 0, n), make([]uint32, 0, n), make([]uint32, 0, n)
	b.hi, b.lo, b.version = make([]uint64, 0, n), make([]uint64, 0, n), make([]uint64, 0, n)
	b.municipality, b.source = make([]uint16, 0, n), make([]uint16, 0, n)
	b.channel, b.typ, b.closing, b.form = make([]uint8, 0, n), make([]uint8, 0, n), make([]uint8, 0, n), make([]uint8, 0, n)
	b.system, b.again = make([]uint8, 0, n), make([]uint8, 0, n)
	b.moment, b.start, b.end = make([]int64, 0, n), make([]int64, 0, n), make([]int64, 0, n)
	for _, t := range []*texts{&b.unit, &b.id, &b.extra} {
		t.offsets, t.data = make([]int32, 1, n+1), make([]byte, 0, 12*n)
	}
	return b
}

// texts is a column of strings; "" becomes NULL.
type texts struct {
	offsets []int32
	data    []byte
}

func addText[T string | []byte](t *texts, s T) {
	if t.offsets == nil {
		t.offsets = append(t.offsets, 0)
	}
	t.data = append(t.data, s...)
	t.offsets = append(t.offsets, int32(len(t.data)))
}

// Add appends a row.
func (b *Batch) Add(r *Row) {
	b.line = append(b.line, r.Line)
	b.hi, b.lo, b.version = append(b.hi, r.KeyHi), append(b.lo, r.KeyLo), append(b.version, r.Version)
	b.municipality, b.source = append(b.municipality, r.Municipality), append(b.source, r.Source)
	b.channel, b.typ = append(b.channel, r.Channel), append(b.typ, r.Type)
	b.closing, b.form = append(b.closing, r.Closing), append(b.form, r.Form)
	b.subject, b.amount = append(b.subject, uint32(r.Subject)), append(b.amount, r.Amount)
	b.moment, b.start, b.end = append(b.moment, int64(r.Moment)), append(b.start, int64(r.Start)), append(b.end, int64(r.End))
	addText(&b.unit, r.Unit)
	addText(&b.id, r.ID)
	addText(&b.extra, r.Extra)
	system := uint8(0)
	if r.System {
		system = 1
	}
	b.system = append(b.system, system)
	b.bagLine = append(b.bagLine, r.BagLine)
	again := uint8(0)
	if r.Again {
		again = 1
	}
	b.again = append(b.again, again)
}

// Len is the number of rows; Bytes is roughly the memory they take.
func (b *Batch) Len() int { return len(b.line) }
func (b *Batch) Bytes() int {
	return 80*len(b.line) + len(b.unit.data) + len(b.id.data) + len(b.extra.data)
}

var contactSchema = arrow.NewSchema([]arrow.Field{
	{Name: "line", Type: arrow.PrimitiveTypes.Uint32},
	{Name: "key_hi", Type: arrow.PrimitiveTypes.Uint64},
	{Name: "key_lo", Type: arrow.PrimitiveTypes.Uint64},
	{Name: "version", Type: arrow.PrimitiveTypes.Uint64},
	{Name: "municipality", Type: arrow.PrimitiveTypes.Uint16},
	{Name: "source", Type: arrow.PrimitiveTypes.Uint16},
	{Name: "channel", Type: arrow.PrimitiveTypes.Uint8},
	{Name: "type", Type: arrow.PrimitiveTypes.Uint8},
	{Name: "closing", Type: arrow.PrimitiveTypes.Uint8},
	{Name: "form", Type: arrow.PrimitiveTypes.Uint8},
	{Name: "subject", Type: arrow.PrimitiveTypes.Uint32},
	{Name: "moment", Type: &arrow.TimestampType{Unit: arrow.Second}},
	{Name: "start_moment", Type: &arrow.TimestampType{Unit: arrow.Second}, Nullable: true},
	{Name: "end_moment", Type: &arrow.TimestampType{Unit: arrow.Second}, Nullable: true},
	{Name: "amount", Type: arrow.PrimitiveTypes.Uint32},
	{Name: "unit", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "id", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "extra", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "system", Type: arrow.PrimitiveTypes.Uint8},
	{Name: "bag_line", Type: arrow.PrimitiveTypes.Uint32},
	{Name: "again", Type: arrow.PrimitiveTypes.Uint8},
}, nil)

// record hands the columns to Arrow without copying them.
func (b *Batch) record() arrow.RecordBatch {
	n := b.Len()
	second := &arrow.TimestampType{Unit: arrow.Second}
	columns := []arrow.Array{
		fixed(arrow.PrimitiveTypes.Uint32, n, arrow.Uint32Traits.CastToBytes(b.line), nil),
		fixed(arrow.PrimitiveTypes.Uint64, n, arrow.Uint64Traits.CastToBytes(b.hi), nil),
		fixed(arrow.PrimitiveTypes.Uint64, n, arrow.Uint64Traits.CastToBytes(b.lo), nil),
		fixed(arrow.PrimitiveTypes.Uint64, n, arrow.Uint64Traits.CastToBytes(b.version), nil),
		fixed(arrow.PrimitiveTypes.Uint16, n, arrow.Uint16Traits.CastToBytes(b.municipality), nil),
		fixed(arrow.PrimitiveTypes.Uint16, n, arrow.Uint16Traits.CastToBytes(b.source), nil),
		fixed(arrow.PrimitiveTypes.Uint8, n, b.channel, nil),
		fixed(arrow.PrimitiveTypes.Uint8, n, b.typ, nil),
		fixed(arrow.PrimitiveTypes.Uint8, n, b.closing, nil),
		fixed(arrow.PrimitiveTypes.Uint8, n, b.form, nil),
		fixed(arrow.PrimitiveTypes.Uint32, n, arrow.Uint32Traits.CastToBytes(b.subject), nil),
		fixed(second, n, arrow.Int64Traits.CastToBytes(b.moment), nil),
		fixed(second, n, arrow.Int64Traits.CastToBytes(b.start), given(b.start)),
		fixed(second, n, arrow.Int64Traits.CastToBytes(b.end), given(b.end)),
		fixed(arrow.PrimitiveTypes.Uint32, n, arrow.Uint32Traits.CastToBytes(b.amount), nil),
		b.unit.array(n), b.id.array(n), b.extra.array(n),
		fixed(arrow.PrimitiveTypes.Uint8, n, b.system, nil),
		fixed(arrow.PrimitiveTypes.Uint32, n, arrow.Uint32Traits.CastToBytes(b.bagLine), nil),
		fixed(arrow.PrimitiveTypes.Uint8, n, b.again, nil),
	}
	return array.NewRecordBatch(contactSchema, columns, int64(n))
}

// noteSchema is what is looked up of a row that is very likely known.
var noteSchema = arrow.NewSchema([]arrow.Field{
	{Name: "line", Type: arrow.PrimitiveTypes.Uint32},
	{Name: "key_hi", Type: arrow.PrimitiveTypes.Uint64},
	{Name: "key_lo", Type: arrow.PrimitiveTypes.Uint64},
	{Name: "version", Type: arrow.PrimitiveTypes.Uint64},
	{Name: "again", Type: arrow.PrimitiveTypes.Uint8},
}, nil)

func (b *Batch) note() arrow.RecordBatch {
	n := b.Len()
	return array.NewRecordBatch(noteSchema, []arrow.Array{
		fixed(arrow.PrimitiveTypes.Uint32, n, arrow.Uint32Traits.CastToBytes(b.line), nil),
		fixed(arrow.PrimitiveTypes.Uint64, n, arrow.Uint64Traits.CastToBytes(b.hi), nil),
		fixed(arrow.PrimitiveTypes.Uint64, n, arrow.Uint64Traits.CastToBytes(b.lo), nil),
		fixed(arrow.PrimitiveTypes.Uint64, n, arrow.Uint64Traits.CastToBytes(b.version), nil),
		fixed(arrow.PrimitiveTypes.Uint8, n, b.again, nil),
	}, int64(n))
}

func fixed(t arrow.DataType, n int, values, valid []byte) arrow.Array {
	buffers := []*memory.Buffer{nil, memory.NewBufferBytes(values)}
	nulls := 0
	if valid != nil {
		buffers[0] = memory.NewBufferBytes(valid)
		nulls = array.UnknownNullCount
	}
	return array.MakeFromData(array.NewData(t, n, buffers, nil, nulls, 0))
}

func (t *texts) array(n int) arrow.Array {
	valid := make([]byte, (n+7)/8)
	for i := range n {
		if t.offsets[i+1] > t.offsets[i] {
			valid[i>>3] |= 1 << (i & 7)
		}
	}
	if len(t.data) == 0 {
		t.data = []byte{0} // Arrow's C interface wants an address even for no text at all
	}
	buffers := []*memory.Buffer{memory.NewBufferBytes(valid), memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(t.offsets)), memory.NewBufferBytes(t.data)}
	return array.MakeFromData(array.NewData(arrow.BinaryTypes.String, n, buffers, nil, array.UnknownNullCount, 0))
}

func given(moments []int64) []byte {
	valid := make([]byte, (len(moments)+7)/8)
	for i, m := range moments {
		if m != int64(None) {
			valid[i>>3] |= 1 << (i & 7)
		}
	}
	return valid
}
