package demo

import "komhen/model"

// systemFile is the extract of a telephone system, a queue system and the like.
type systemFile struct {
	*town
	system
	name        string
	round       model.Round
	total       float64
	first, last model.Date
	layout      layout
}

func pickerOf(ws []weighted) (p picker[string]) {
	for _, w := range ws {
		p.add(w.code, w.weight)
	}
	return p
}

func (f *systemFile) each(row func(*cells) error) error {
	r := random(f.name)
	channels, types, closings := pickerOf(f.channels), pickerOf(f.types), pickerOf(f.closings)
	forms, units, tasks := pickerOf(f.forms), pickerOf(f.units), pickerOf(f.tasks)
	days, weights := f.dayWeights(f.first, f.last, f.weekend)
	for i, day := range days {
		if weights[i] == 0 {
			continue
		}
		date := stamp(day.At(0), f.layout.stamp)
		for range around(r, f.total*weights[i]) {
			c := cells{
				fCode: f.m.CodeText(), fName: f.m.Name, fUnit: units.pick(r), fSubject: tasks.pick(r), fChannel: channels.pick(r),
				fType: types.pick(r), fClosing: closings.pick(r), fForm: forms.pick(r), fDate: date, fSource: f.source,
			}
			if err := row(&c); err != nil {
				return err
			}
		}
	}
	return nil
}

// websiteFile is visits to the municipality's website: a number for each day and task.
type websiteFile struct {
	*town
	name        string
	round       model.Round
	total       float64
	first, last model.Date
}

func (f *websiteFile) each(row func(*cells) error) error {
	r := random(f.name)
	tasks := f.subjects(f.round, 1)
	days, weights := f.dayWeights(f.first, f.last, websiteWeekend)
	for i, day := range days {
		for n, kle := range tasks.items {
			visits := around(r, f.total*weights[i]*tasks.share(n))
			if visits == 0 {
				continue
			}
			c := cells{
				fCode: f.m.CodeText(), fName: f.m.Name, fSubject: kle, fChannel: websiteChannel, fType: "VEJL", fClosing: "STRAKS",
				fForm: "NEJ", fDate: stamp(day.At(0), "day"), fSource: websiteSource, fAmount: itoa(visits),
			}
			if err := row(&c); err != nil {
				return err
			}
		}
	}
	return nil
}
