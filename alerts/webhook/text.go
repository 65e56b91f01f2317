package webhook

import (
	"strconv"
	"strings"

	"wardwatch/ward"
)

// language is what a notice says in one language. To be read by a clinician who speaks it.
type language struct {
	simulation string
	kinds      map[ward.AlertKind]string
	bands      map[ward.Band]string
	ward, bed  string
	level      string
	system     string
}

func vietnamese() *language {
	return &language{
		simulation: "MÔ PHỎNG",
		kinds: map[ward.AlertKind]string{
			ward.Clinical: "Cảnh báo", ward.DeviceRaise: "Báo động của máy theo dõi", ward.Technical: "Cảnh báo kỹ thuật",
		},
		bands: map[ward.Band]string{
			ward.LowMedium: "nguy cơ thấp–trung bình", ward.Medium: "nguy cơ trung bình", ward.High: "nguy cơ cao",
		},
		ward: "khoa", bed: "giường", level: "bậc báo", system: "toàn hệ thống",
	}
}

func english() *language {
	return &language{
		simulation: "SIMULATION",
		kinds: map[ward.AlertKind]string{
			ward.Clinical: "Alert", ward.DeviceRaise: "Monitor alarm", ward.Technical: "Technical alert",
		},
		bands: map[ward.Band]string{
			ward.LowMedium: "low–medium risk", ward.Medium: "medium risk", ward.High: "high risk",
		},
		ward: "ward", bed: "bed", level: "level", system: "whole system",
	}
}

// text is one line a person can act on: what, how bad, where, and how far it has climbed.
func text(l *language, n ward.Notice, simulation bool) string {
	var parts []string
	if simulation {
		parts = append(parts, l.simulation)
	}
	parts = append(parts, l.kinds[n.Kind])
	if n.Kind != ward.Technical {
		parts = append(parts, l.bands[n.Band])
	}
	switch {
	case n.Place.Ward == "":
		parts = append(parts, l.system)
	case n.Place.Bed == "":
		parts = append(parts, l.ward+" "+string(n.Place.Ward))
	default:
		parts = append(parts, l.ward+" "+string(n.Place.Ward), l.bed+" "+string(n.Place.Bed))
	}
	if n.Level > 1 {
		parts = append(parts, l.level+" "+strconv.Itoa(n.Level))
	}
	return strings.Join(parts, " · ")
}
