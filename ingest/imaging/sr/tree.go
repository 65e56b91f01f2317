package sr

import (
	"strconv"
	"strings"

	lib "github.com/suyashkumar/dicom"
	"github.com/suyashkumar/dicom/pkg/tag"

	"wardwatch/ingest/imaging/report"
)

// Bounds on a content tree: proposals of ours, far over what a measurement report holds.
const (
	maxLevels = 12
	maxItems  = 20_000
)

// item is one content item of a structured report (PS3.3 C.17.3).
type item struct {
	relation string // to what it hangs on
	kind     string // value type: CONTAINER, CODE, NUM, …
	name     report.Code
	value    report.Code // of a CODE
	text     string      // of TEXT, UIDREF, PNAME, DATE, TIME and DATETIME
	number   float64     // of a NUM
	unit     string
	numbered bool
	images   []image // of an IMAGE
	at       string  // when it was observed
	items    []*item
}

// image is a reference to an instance.
type image struct{ class, instance string }

// elements are the data elements of a data set or of an item of a sequence.
type elements []*lib.Element

func (e elements) find(t tag.Tag) *lib.Element {
	for _, one := range e {
		if one != nil && one.Tag == t && one.Value != nil {
			return one
		}
	}
	return nil
}

// text is the first value of a text element, without padding.
func (e elements) text(t tag.Tag) string {
	if one := e.find(t); one != nil {
		if all, ok := one.Value.GetValue().([]string); ok && len(all) > 0 {
			return strings.Trim(all[0], " \x00")
		}
	}
	return ""
}

// whole is a text that may hold backslashes, which the library takes for separators (PS3.5 6.2: UT has none).
func (e elements) whole(t tag.Tag) string {
	if one := e.find(t); one != nil {
		if all, ok := one.Value.GetValue().([]string); ok {
			return strings.Trim(strings.Join(all, `\`), " \x00")
		}
	}
	return ""
}

// items are the items of a sequence.
func (e elements) items(t tag.Tag) []elements {
	one := e.find(t)
	if one == nil {
		return nil
	}
	values, ok := one.Value.GetValue().([]*lib.SequenceItemValue)
	if !ok {
		return nil
	}
	all := make([]elements, 0, len(values))
	for _, v := range values {
		if inside, ok := v.GetValue().([]*lib.Element); ok {
			all = append(all, inside)
		}
	}
	return all
}

// code is the first coded entry of a sequence (PS3.3 table 8.8-1).
func (e elements) code(t tag.Tag) report.Code {
	entries := e.items(t)
	if len(entries) == 0 {
		return report.Code{}
	}
	entry := entries[0]
	c := report.Code{System: report.System(entry.text(tag.CodingSchemeDesignator)), Text: entry.whole(tag.CodeMeaning)}
	for _, of := range []tag.Tag{tag.CodeValue, tag.LongCodeValue, tag.URNCodeValue} {
		if c.Value = entry.text(of); c.Value != "" {
			break
		}
	}
	return c
}

// grower builds the content tree and counts what it holds.
type grower struct{ items int }

func (g *grower) grow(e elements, level int) (*item, error) {
	if g.items++; g.items > maxItems || level > maxLevels {
		return nil, report.Bad("the structured report holds too many content items, or too deep inside each other", "send a measurement report of one study")
	}
	it := &item{
		relation: e.text(tag.RelationshipType), kind: e.text(tag.ValueType),
		name: e.code(tag.ConceptNameCodeSequence), at: e.text(tag.ObservationDateTime),
	}
	it.read(e)
	for _, under := range e.items(tag.ContentSequence) {
		child, err := g.grow(under, level+1)
		if err != nil {
			return nil, err
		}
		it.items = append(it.items, child)
	}
	return it, nil
}

// read takes the value that belongs to the kind of the item.
func (it *item) read(e elements) {
	switch it.kind {
	case "CODE":
		it.value = e.code(tag.ConceptCodeSequence)
	case "TEXT":
		it.text = e.whole(tag.TextValue)
	case "UIDREF":
		it.text = e.text(tag.UID)
	case "PNAME":
		it.text = e.text(tag.PersonName)
	case "DATE":
		it.text = e.text(tag.Date)
	case "TIME":
		it.text = e.text(tag.Time)
	case "DATETIME":
		it.text = e.text(tag.DateTime)
	case "NUM":
		it.readNumber(e)
	case "IMAGE":
		for _, ref := range e.items(tag.ReferencedSOPSequence) {
			it.images = append(it.images, image{ref.text(tag.ReferencedSOPClassUID), ref.text(tag.ReferencedSOPInstanceUID)})
		}
	}
}

func (it *item) readNumber(e elements) {
	measured := e.items(tag.MeasuredValueSequence)
	if len(measured) == 0 {
		return
	}
	n, err := strconv.ParseFloat(measured[0].text(tag.NumericValue), 64)
	if err != nil {
		return
	}
	it.number, it.numbered = n, true
	it.unit = measured[0].code(tag.MeasurementUnitsCodeSequence).Value
}

// child is the first item under it with one of these names.
func (it *item) child(names ...concept) *item {
	for _, c := range it.items {
		if c.is(names...) {
			return c
		}
	}
	return nil
}

func (it *item) is(names ...concept) bool {
	for _, n := range names {
		if n.names(it.name) {
			return true
		}
	}
	return false
}
