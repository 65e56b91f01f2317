package wording

import "wardwatch/ward"

// language is what a notice says in one language. To be read by a clinician who speaks it.
type language struct {
	simulation string
	test       string
	noAlert    string // after test: nobody needs to come
	snooze     string
	kinds      map[ward.AlertKind]string
	bands      map[ward.Band]string // none for low: whoever is called must not read that all is well
	ward, bed  string
	level      string
	system     string
}

// speak is Vietnamese unless English is asked for.
func speak(lang string) *language {
	if lang == English {
		return english()
	}
	return vietnamese()
}

func vietnamese() *language {
	return &language{
		simulation: "MÔ PHỎNG", test: "TIN THỬ", noAlert: "không có cảnh báo nào", snooze: "Sắp hết tạm hoãn",
		kinds: map[ward.AlertKind]string{
			ward.Clinical: "Cảnh báo", ward.DeviceRaise: "Báo động của máy theo dõi", ward.Technical: "Cảnh báo kỹ thuật",
		},
		bands: map[ward.Band]string{
			ward.Unknown:   "chưa đủ dữ liệu",
			ward.LowMedium: "nguy cơ thấp–trung bình", ward.Medium: "nguy cơ trung bình", ward.High: "nguy cơ cao",
		},
		ward: "khoa", bed: "giường", level: "bậc báo", system: "toàn hệ thống",
	}
}

func english() *language {
	return &language{
		simulation: "SIMULATION", test: "TEST", noAlert: "there is no alert", snooze: "Snooze ends soon",
		kinds: map[ward.AlertKind]string{
			ward.Clinical: "Alert", ward.DeviceRaise: "Monitor alarm", ward.Technical: "Technical alert",
		},
		bands: map[ward.Band]string{
			ward.Unknown:   "not enough data",
			ward.LowMedium: "low–medium risk", ward.Medium: "medium risk", ward.High: "high risk",
		},
		ward: "ward", bed: "bed", level: "level", system: "whole system",
	}
}
