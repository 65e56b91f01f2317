package recording

import "wardwatch/ward"

// The MIMIC-III demo as one charted value a row. The patient here is the stay in intensive care,
// since its minutes count from the admission to it.
var mimicColumns = []string{"icustay_id", "minute_from_icu_in", "itemid", "value", "signal"}

func newMIMIC(columns []int, o Options, out *sink) parser {
	items := mimicItems()
	return newTable(columns, o, out, func(name []byte) (item, Reason) {
		n, ok := whole(name)
		if !ok {
			return item{}, NotANumber
		}
		it, ok := items[n]
		if !ok {
			return it, NotAVital
		}
		return it, ""
	})
}

// mimicItems is the source's item numbers. An arterial line (rank 0) comes before a cuff, and a
// charted respiratory rate before the ventilator's total.
func mimicItems() map[int]item {
	items := map[int]item{
		676: {what: uint8(ward.Temp)}, 678: {what: uint8(ward.Temp), form: asFahrenheit},
		223761: {what: uint8(ward.Temp), form: asFahrenheit},
		190:    {what: uint8(ward.FiO2)}, 223835: {what: uint8(ward.FiO2), form: asPercent},
	}
	add := func(i item, numbers ...int) {
		for _, n := range numbers {
			items[n] = i
		}
	}
	add(item{what: uint8(ward.HR)}, 211, 220045)
	add(item{what: uint8(ward.RR)}, 618, 220210)
	add(item{what: uint8(ward.RR), rank: 1}, 615, 224690)
	add(item{what: uint8(ward.SpO2)}, 646, 220277)
	add(item{what: uint8(ward.SBP)}, 51, 6701, 220050)
	add(item{what: uint8(ward.DBP)}, 8368, 8555, 220051)
	add(item{what: uint8(ward.MAP)}, 52, 6702, 220052)
	add(item{what: uint8(ward.SBP), rank: 1}, 455, 442, 220179)
	add(item{what: uint8(ward.DBP), rank: 1}, 8441, 8440, 220180)
	add(item{what: uint8(ward.MAP), rank: 1}, 456, 443, 220181)
	add(item{what: uint8(ward.O2Flow)}, 470, 471, 223834, 227287)
	add(item{what: uint8(ward.O2Source), form: asO2Device}, 467, 468, 226732)
	add(item{what: comaEye, form: asComaScale}, 184, 220739)
	add(item{what: comaVerbal, form: asComaScale}, 723, 223900)
	add(item{what: ventilated, form: asMode}, 720, 223848, 223849)
	return items
}
