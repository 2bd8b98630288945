package reports

import "github.com/xuri/excelize/v2"

// bars is a chart of one or two series against the same categories: the municipality's own in the accent colour, the
// group's in grey.
type bars struct {
	title      string
	upright    bool // columns; else lying bars, the first category on top
	categories string
	series     []line
	format     string // of the value labels
	width      uint
	height     uint
	text       float64 // font size of the labels, 0 for the ordinary
	stacked    bool    // the series on top of each other
	plain      bool    // a line without marks: there are too many points
}

// line is a series: a name (text or a reference) and where its values stand.
type line struct {
	name, values string
	group        bool
	fill         string // a colour of its own
}

func (l line) colour() string {
	if l.fill != "" {
		return l.fill
	}
	if l.group {
		return groupColour
	}
	return accentColour
}

func chartFont(size float64) excelize.Font {
	return excelize.Font{Family: fontFamily, Size: size, Color: quietColour}
}

func chartTitle(text string) excelize.ChartTitle {
	return excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{
		Text: text, Font: &excelize.Font{Family: fontFamily, Size: 12, Bold: true, Color: accentColour},
	}}}
}

var noLine = excelize.LineOptions{Type: excelize.LineNone}

// bars draws the chart with its upper left corner in the cell. Column widths must be set before: the corner is measured.
func (p *page) bars(col, row int, c bars) {
	gap, overlap := uint(45), -5
	size := c.text
	if size == 0 {
		size = 9
	}
	chart := &excelize.Chart{
		Type: excelize.Bar, Title: chartTitle(c.title), GapWidth: &gap, Overlap: &overlap,
		Dimension: excelize.ChartDimension{Width: c.width, Height: c.height},
		XAxis:     excelize.ChartAxis{ReverseOrder: !c.upright, Font: chartFont(size)},
		YAxis:     excelize.ChartAxis{None: true, Minimum: new(float64)}, // the labels say the values
		PlotArea:  excelize.ChartPlotArea{ShowVal: true, NumFmt: excelize.ChartNumFmt{CustomNumFmt: c.format}},
		Legend:    excelize.ChartLegend{Position: "bottom", Font: fontOf(chartFont(size))},
		Border:    noLine, ShowBlanksAs: "gap",
		Format: excelize.GraphicOptions{AltText: c.title},
	}
	if c.upright {
		chart.Type = excelize.Col
	}
	place := excelize.ChartDataLabelsPositionOutsideEnd
	if c.stacked {
		full := 100
		chart.Type, chart.Overlap, place = excelize.BarStacked, &full, excelize.ChartDataLabelsPositionCenter
	}
	for _, l := range c.series {
		chart.Series = append(chart.Series, excelize.ChartSeries{
			Name: l.name, Categories: c.categories, Values: l.values,
			Fill:      excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{l.colour()}},
			DataLabel: excelize.ChartDataLabel{Font: chartFont(size - 1)}, DataLabelPosition: place,
		})
	}
	p.b.s.fail(p.b.f.AddChart(p.name, p.cell(col, row), chart))
}

// trend draws lines over rounds.
func (p *page) trend(col, row int, c bars) {
	chart := &excelize.Chart{
		Type: excelize.Line, Title: chartTitle(c.title),
		Dimension: excelize.ChartDimension{Width: c.width, Height: c.height},
		XAxis:     excelize.ChartAxis{Font: chartFont(9)},
		YAxis:     excelize.ChartAxis{MajorGridLines: true, Minimum: new(float64), Font: chartFont(9), NumFmt: excelize.ChartNumFmt{CustomNumFmt: c.format}},
		Legend:    excelize.ChartLegend{Position: "bottom", Font: fontOf(chartFont(9))},
		Border:    noLine, ShowBlanksAs: "gap",
		Format: excelize.GraphicOptions{AltText: c.title},
	}
	for _, l := range c.series {
		one := excelize.ChartSeries{
			Name: l.name, Categories: c.categories, Values: l.values,
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{l.colour()}}, // of the line
			Line: excelize.LineOptions{Type: excelize.LineSolid, Width: 2.25},
			Marker: excelize.ChartMarker{Symbol: "circle", Size: 7, Border: noLine,
				Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{l.colour()}}},
		}
		if c.plain {
			one.Marker = excelize.ChartMarker{Symbol: "none"}
		}
		chart.Series = append(chart.Series, one)
	}
	p.b.s.fail(p.b.f.AddChart(p.name, p.cell(col, row), chart))
}

func fontOf(f excelize.Font) *excelize.Font { return &f }
