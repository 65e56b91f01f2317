package alerts

import "wardwatch/ward"

// maxAlarmCauses is how many alarms of devices one alert tells apart. What else a device raises is
// one cause together, otherAlarm: heard as loudly, but a device that makes codes up fills neither
// the alert nor the book. A message has at most 32 alarms. Ours.
const (
	maxAlarmCauses = 32
	otherAlarm     = "other"
)

// alarmSigns adds the device's own alarms that the reading mentions. Low priority is shown only.
func alarmSigns(buf []sign, a *ward.Alert, alarms []ward.DeviceAlarm) []sign {
	room := maxAlarmCauses - alarmCauses(a)
	for i := range alarms {
		known := ""
		if c := findAlarm(a, alarms[i].Code); c != nil {
			known = c.Code
		}
		band := ward.Low
		if alarms[i].On {
			band = alarmBand(alarms[i].Priority)
		}
		if known == "" && band < trigger {
			continue
		}
		switch {
		case known != "":
		case room > 0:
			known = devicePrefix + alarms[i].Code
			room--
		default:
			known = devicePrefix + otherAlarm
			if louder(buf, known, band) {
				continue
			}
		}
		buf = append(buf, sign{code: known, band: band, proof: true, fell: true, quiet: band < trigger})
	}
	return buf
}

// louder raises the sign of the code that is there already, and reports whether it was.
func louder(buf []sign, code string, band ward.Band) bool {
	for i := range buf {
		if buf[i].code == code {
			buf[i].band = max(buf[i].band, band)
			buf[i].quiet = buf[i].band < trigger
			return true
		}
	}
	return false
}

// alarmCauses is how many alarms of devices an alert has, ended ones included.
func alarmCauses(a *ward.Alert) (n int) {
	if a == nil {
		return 0
	}
	for i := range a.Causes {
		if isDevice(a.Causes[i].Code) {
			n++
		}
	}
	return n
}

func alarmBand(p ward.Priority) ward.Band {
	switch p {
	case ward.HighPriority:
		return ward.High
	case ward.MediumPriority:
		return ward.Medium
	}
	return ward.Low
}

func findAlarm(a *ward.Alert, code string) *ward.Cause {
	if a == nil {
		return nil
	}
	for i := range a.Causes {
		if c := &a.Causes[i]; isDevice(c.Code) && c.Code[len(devicePrefix):] == code {
			return c
		}
	}
	return nil
}
