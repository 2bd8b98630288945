package queries

import (
	"strings"

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
	UnitNumber                   uint16 // of Unit in unit_names; UnitWritten for a name that has none
	Extra                        []byte
	System                       bool
	BagLine                      uint32 // fix-it files: the line of the bag that this row mends
	Again                        bool   // the key may stand earlier in this very file
}

// Batch gathers rows by column, ready for Arrow. Its memory is lent while it is loaded: do not touch it before that is done.
type Batch struct {
	line, bagLine   []uint32
	place           []uint64
	hi, lo, version []uint64
	codes, times    []uint64
	municipality    []uint16
	again           []uint8
	moment          []int64
	detail          texts
	amount          int64 // of all rows
}

// NewBatch makes a batch with room for n rows.
func NewBatch(n int) *Batch {
	b := &Batch{}
	if n == 0 {
		return b
	}
	b.line, b.bagLine = make([]uint32, 0, n), make([]uint32, 0, n)
	b.hi, b.lo, b.version = make([]uint64, 0, n), make([]uint64, 0, n), make([]uint64, 0, n)
	b.codes, b.times = make([]uint64, 0, n), make([]uint64, 0, n)
	b.municipality, b.place = make([]uint16, 0, n), make([]uint64, 0, n)
	b.again, b.moment = make([]uint8, 0, n), make([]int64, 0, n)
	b.detail = texts{make([]int32, 1, n+1), make([]byte, 0, 20*n)}
	return b
}

// Clear empties a batch that is loaded, for other rows.
func (b *Batch) Clear() {
	b.line, b.bagLine, b.place = b.line[:0], b.bagLine[:0], b.place[:0]
	b.hi, b.lo, b.version = b.hi[:0], b.lo[:0], b.version[:0]
	b.codes, b.times, b.moment = b.codes[:0], b.times[:0], b.moment[:0]
	b.municipality, b.again = b.municipality[:0], b.again[:0]
	b.detail.offsets, b.detail.data = append(b.detail.offsets[:0], 0), b.detail.data[:0]
	b.amount = 0
}

// What codes hold is told in schema.sql.
const (
	channelBits = 0xff
	typeBits    = 0x3f << 8
	closingBits = 0xf << 14
	formBits    = 0x7 << 18
	noUnitMark  = 1 << 21
	systemMark  = 1 << 22
	testMark    = 1 << 23
	subjectBits = 0xf_ffff << 24
	amountBits  = 0xf_ffff << 44
)

// writtenOut is the least place of a row whose unit stands in detail (schema.sql).
const writtenOut = UnitWritten << 48

// testBits is what a test adds to the codes of its rows.
func testBits(test bool) uint64 {
	if test {
		return testMark
	}
	return 0
}

// codesOf packs what is small. The codebook sees to it that its ids fit.
func (r *Row) codesOf() uint64 {
	codes := uint64(r.Channel) | uint64(r.Type)<<8 | uint64(r.Closing)<<14 | uint64(r.Form)<<18 | uint64(r.Subject)<<24 | uint64(r.Amount)<<44
	if r.System {
		codes |= systemMark
	}
	if r.UnitNumber == 0 {
		codes |= noUnitMark
	}
	return codes
}

// timesOf packs start and end. That the end is at most a day after the start is rule R12.
func (r *Row) timesOf() uint64 {
	const since1970 = 1 << 39
	switch {
	case r.Start == None && r.End == None:
		return 0
	case r.End == None:
		return 1 | uint64(r.Start+since1970)<<2
	case r.Start == None:
		return 2 | uint64(r.End+since1970)<<2
	}
	return 3 | uint64(r.Start+since1970)<<2 | uint64(r.End-r.Start)<<42
}

// texts is a column of strings; "" becomes NULL.
type texts struct {
	offsets []int32
	data    []byte
}

// end ends a string: what was appended to data since the last one.
func (t *texts) end() {
	if t.offsets == nil {
		t.offsets = append(t.offsets, 0)
	}
	t.offsets = append(t.offsets, int32(len(t.data)))
}

// UnitWritten is the number of a unit whose name has none: the name is written with the row.
const UnitWritten = 1<<16 - 1

// Add appends a row.
func (b *Batch) Add(r *Row) {
	b.line, b.bagLine = append(b.line, r.Line), append(b.bagLine, r.BagLine)
	b.hi, b.lo, b.version = append(b.hi, r.KeyHi), append(b.lo, r.KeyLo), append(b.version, r.Version)
	b.municipality, b.place = append(b.municipality, r.Municipality), append(b.place, uint64(r.Line)|uint64(r.Source)<<32|uint64(r.UnitNumber)<<48)
	b.codes, b.times, b.moment = append(b.codes, r.codesOf()), append(b.times, r.timesOf()), append(b.moment, int64(r.Moment))
	b.amount += int64(r.Amount)
	b.addDetail(r)
	again := uint8(0)
	if r.Again {
		again = 1
	}
	b.again = append(b.again, again)
}

// What follows the unit's name and the kilde_id in detail.
const afterUnit, afterID = '\x1d', '\x1e'

// addDetail appends what schema.sql calls detail. A text may not hold what separates it from the next.
func (b *Batch) addDetail(r *Row) {
	if r.UnitNumber == UnitWritten {
		b.detail.data = append(append(b.detail.data, without(r.Unit, afterUnit, "\u241d")...), afterUnit)
	}
	if r.ID != "" || len(r.Extra) > 0 {
		b.detail.data = append(append(append(b.detail.data, without(r.ID, afterID, "\u241e")...), afterID), r.Extra...)
	}
	b.detail.end()
}

func without(text string, separator byte, shown string) string {
	if strings.IndexByte(text, separator) < 0 {
		return text
	}
	return strings.ReplaceAll(text, string(rune(separator)), shown)
}

// Len is the number of rows; Bytes is roughly the memory they take.
func (b *Batch) Len() int { return len(b.line) }
func (b *Batch) Bytes() int {
	return 80*len(b.line) + len(b.detail.data)
}

var contactSchema = arrow.NewSchema([]arrow.Field{
	{Name: "place", Type: arrow.PrimitiveTypes.Uint64},
	{Name: "key_hi", Type: arrow.PrimitiveTypes.Uint64},
	{Name: "key_lo", Type: arrow.PrimitiveTypes.Uint64},
	{Name: "version", Type: arrow.PrimitiveTypes.Uint64},
	{Name: "municipality", Type: arrow.PrimitiveTypes.Uint16},
	{Name: "moment", Type: &arrow.TimestampType{Unit: arrow.Second}},
	{Name: "codes", Type: arrow.PrimitiveTypes.Uint64},
	{Name: "times", Type: arrow.PrimitiveTypes.Uint64},
	{Name: "detail", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "bag_line", Type: arrow.PrimitiveTypes.Uint32},
	{Name: "again", Type: arrow.PrimitiveTypes.Uint8},
}, nil)

// record hands the columns to Arrow without copying them.
func (b *Batch) record() arrow.RecordBatch {
	n := b.Len()
	columns := []arrow.Array{
		fixed(arrow.PrimitiveTypes.Uint64, n, arrow.Uint64Traits.CastToBytes(b.place), nil),
		fixed(arrow.PrimitiveTypes.Uint64, n, arrow.Uint64Traits.CastToBytes(b.hi), nil),
		fixed(arrow.PrimitiveTypes.Uint64, n, arrow.Uint64Traits.CastToBytes(b.lo), nil),
		fixed(arrow.PrimitiveTypes.Uint64, n, arrow.Uint64Traits.CastToBytes(b.version), nil),
		fixed(arrow.PrimitiveTypes.Uint16, n, arrow.Uint16Traits.CastToBytes(b.municipality), nil),
		fixed(&arrow.TimestampType{Unit: arrow.Second}, n, arrow.Int64Traits.CastToBytes(b.moment), nil),
		fixed(arrow.PrimitiveTypes.Uint64, n, arrow.Uint64Traits.CastToBytes(b.codes), nil),
		fixed(arrow.PrimitiveTypes.Uint64, n, arrow.Uint64Traits.CastToBytes(b.times), nil),
		b.detail.array(n),
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
