package chart

import (
	"komhen/reports"
)

// Colours with at least 3:1 against white, and text on them with 4.5:1. Patterns (decals) go with them where there is more than
// one. komhen.css has the same for the plain bars and the map.
const (
	accent = "#1B4F72"
	strong = "#B45309"
	muted  = "#7A8791"
	ink    = "#1A1A1A"
	rule   = "#D5DADD"
)

var (
	series = []string{accent, "#B45309", "#2E7D5B", "#7B3F98", "#5F6B73"}
	shades = []string{"#F5F7F8", "#E3EDF5", "#B7D2E6", "#7FB0D3", "#3277AC", "#12395A"}
)

type object = map[string]any

// option is the ECharts option. Every data item has its text beside its value; komhen.js shows that text in labels and
// tooltips, so that numbers are written in one place only.
func (c *Chart) option() []byte {
	o := object{
		"aria":      object{"enabled": true, "label": object{"description": c.Title + ". " + c.Summary}, "decal": object{"show": c.Kind == Parts}},
		"textStyle": object{"fontFamily": `"IBM Plex Sans", system-ui, sans-serif`, "fontSize": 14, "color": ink},
		"tooltip":   object{"trigger": "item", "renderMode": "richText", "confine": true},
		"color":     series,
	}
	axis := object{"type": "category", "data": c.labels(), "axisTick": object{"show": false}, "axisLine": object{"lineStyle": object{"color": muted}}, "axisLabel": object{"color": ink, "fontSize": 14}}
	values := object{"type": "value", "min": 0, "splitLine": object{"lineStyle": object{"color": rule}}, "axisLabel": object{"color": ink, "fontSize": 13}}
	switch c.Kind {
	case Bars:
		c.height = 24 + 30*len(c.points)
		axis["inverse"] = true
		values["axisLabel"], values["splitLine"] = object{"show": false}, object{"show": false}
		o["grid"] = object{"left": 4, "right": 124, "top": 4, "bottom": 4, "containLabel": true}
		o["xAxis"], o["yAxis"] = values, axis
		o["series"] = []object{{"type": "bar", "data": c.items(), "barMaxWidth": 20, "label": object{"show": true, "position": "right", "color": ink, "fontSize": 14}}}
	case Columns:
		c.height = 320
		o["grid"] = object{"left": 4, "right": 8, "top": 24, "bottom": 4, "containLabel": true}
		o["xAxis"], o["yAxis"] = axis, values
		o["series"] = []object{{"type": "bar", "data": c.items(), "barMaxWidth": 56, "label": object{"show": len(c.points) <= 14, "position": "top", "color": ink, "fontSize": 14}}}
	case Line:
		c.height = 320
		o["grid"] = object{"left": 4, "right": 24, "top": 28, "bottom": 4, "containLabel": true}
		o["xAxis"], o["yAxis"] = axis, values
		o["series"] = []object{{"type": "line", "data": c.items(), "symbol": "circle", "symbolSize": 9, "lineStyle": object{"width": 3}, "label": object{"show": len(c.points) <= 14, "position": "top", "color": ink, "fontSize": 14}}}
	case Parts:
		c.height = 112
		o["grid"] = object{"left": 0, "right": 0, "top": 48, "bottom": 8}
		values["axisLabel"], values["splitLine"] = object{"show": false}, object{"show": false}
		o["legend"] = object{"top": 0, "left": 0, "textStyle": object{"color": ink, "fontSize": 14}, "selectedMode": false, "itemWidth": 28, "itemHeight": 18}
		values["max"] = 1
		o["xAxis"], o["yAxis"] = values, object{"type": "category", "data": []string{""}, "axisLabel": object{"show": false}, "axisLine": object{"show": false}, "axisTick": object{"show": false}}
		var parts []object
		for i, p := range c.points {
			colour := series[i%len(series)]
			if p.quiet {
				colour = muted
			}
			parts = append(parts, object{"type": "bar", "name": p.label, "stack": "alt", "barWidth": 44, "data": []object{{"value": p.value, "name": p.label, "text": p.text}},
				"itemStyle": object{"color": colour, "borderColor": "#FFFFFF", "borderWidth": 2}})
		}
		o["series"] = parts
	case Grid:
		c.gridOption(o, axis)
	}
	return mustJSON(object{"kind": c.Kind, "unit": axisUnit(c.unit), "option": o})
}

// axisUnit tells komhen.js how to write the numbers along an axis.
func axisUnit(u reports.Unit) string {
	if u == reports.Share {
		return "percent"
	}
	return "number"
}

func (c *Chart) labels() []string {
	labels := []string{}
	for _, p := range c.points {
		labels = append(labels, p.label)
	}
	return labels
}

func (c *Chart) items() []object {
	var items []object
	for _, p := range c.points {
		item := object{"value": number(p.value), "name": p.label, "text": p.text, "itemStyle": object{"color": accent}}
		if p.quiet {
			item["itemStyle"] = object{"color": muted}
		}
		if p.loud {
			item["itemStyle"] = object{"color": strong}
			item["label"] = object{"fontWeight": "bold"}
		}
		items = append(items, item)
	}
	return items
}

func (c *Chart) gridOption(o, axis object) {
	c.height = 190 + 30*len(c.grid.Rows)
	var names []string
	items := []object{}
	for y, row := range c.grid.Rows {
		names = append(names, row.Label)
		for x, g := range row.Cells {
			colour := ink
			if g.Shade >= 4 {
				colour = "#FFFFFF"
			}
			items = append(items, object{"value": []any{x, y, g.Shade}, "short": g.Text, "name": row.Label + ", " + c.grid.Columns[x],
				"text": contacts(g.n) + " (" + reports.CellText(g.share, reports.Share) + " af opgavens)", "itemStyle": object{"color": shades[g.Shade]}, "label": object{"color": colour}})
		}
	}
	axis["data"] = c.grid.Columns
	axis["position"] = "top"
	axis["axisLabel"] = object{"color": ink, "fontSize": 13, "rotate": 60, "interval": 0}
	down := object{"type": "category", "data": names, "inverse": true, "axisTick": object{"show": false}, "axisLine": object{"lineStyle": object{"color": muted}}, "axisLabel": object{"color": ink, "fontSize": 14, "interval": 0}}
	o["grid"] = object{"left": 4, "right": 4, "top": 4, "bottom": 4, "containLabel": true}
	o["xAxis"], o["yAxis"] = axis, down
	o["series"] = []object{{"type": "heatmap", "data": items, "label": object{"show": true, "fontSize": 13}, "itemStyle": object{"borderColor": "#FFFFFF", "borderWidth": 1}}}
}
