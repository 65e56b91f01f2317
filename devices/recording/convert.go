package recording

import (
	"strings"

	"wardwatch/ward"
)

// convert brings x into v's fixed unit. An empty unit is that unit; one that cannot be v's is
// refused. unit is in lower case.
func convert(v ward.Vital, x float64, unit string) (float64, bool) {
	if unit == "" {
		return x, true
	}
	switch v {
	case ward.HR, ward.PR, ward.RR:
		return x, perMinute(unit)
	case ward.SpO2:
		return x, percent(unit)
	case ward.SBP, ward.DBP, ward.MAP, ward.EtCO2:
		return pressure(x, unit)
	case ward.Temp:
		return temperature(x, unit)
	case ward.FiO2:
		if percent(unit) {
			return x / 100, true
		}
		return x, unit == "fraction" || unit == "1"
	case ward.CapRefill:
		return x, unit == "s" || unit == "sec"
	case ward.O2Flow:
		return x, unit == "l/min" || unit == "lpm" || unit == "lít/phút"
	}
	return 0, false
}

func perMinute(unit string) bool {
	switch unit {
	case "/min", "1/min", "bpm", "beats/min", "breaths/min", "insp/min", "lần/phút":
		return true
	}
	return false
}

func percent(unit string) bool { return unit == "%" || unit == "percent" }

// mmHg in one kPa: 101325 Pa are 760 mmHg.
const mmHgPerKPa = 760 / 101.325

func pressure(x float64, unit string) (float64, bool) {
	switch unit {
	case "mmhg", "mm[hg]", "mm hg":
		return x, true
	case "kpa":
		return x * mmHgPerKPa, true
	}
	return 0, false
}

func temperature(x float64, unit string) (float64, bool) {
	switch unit {
	case "°c", "c", "cel", "degc", "deg. c", "celsius":
		return x, true
	case "°f", "f", "[degf]", "degf", "deg. f", "fahrenheit":
		return celsius(x), true
	}
	return 0, false
}

func celsius(fahrenheit float64) float64 { return (fahrenheit - 32) * 5 / 9 }

// o2Device finds the nearest of our devices for the source's text. Nebulisers and T-pieces mix
// oxygen with entrained air at a set fraction, as a Venturi does; face tents and tracheostomy masks
// are loose masks; "high flow mask" may be several things and is left unknown; a tube is charted as the device only while a ventilator feeds it.
func o2Device(text string) (ward.O2Device, bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "none", "room air", "none (room air)":
		return ward.RoomAir, true
	case "nasal cannula", "oxymizer":
		return ward.NasalCannula, true
	case "face tent", "medium conc mask", "trach mask", "simple mask", "face mask":
		return ward.SimpleMask, true
	case "venti mask", "venturi mask", "aerosol-cool", "aerosol-hot", "aerosol mask", "high flow neb", "hi flow neb", "ultrasonic neb", "vapomist", "t-piece":
		return ward.Venturi, true
	case "non-rebreather", "non-rebreather mask":
		return ward.NonRebreather, true
	case "high flow nasal cannula", "heated high flow nasal cannula":
		return ward.HFNC, true
	case "cpap mask", "cpap":
		return ward.CPAP, true
	case "bipap mask", "bi-pap":
		return ward.NIV, true
	case "endotracheal tube", "tracheostomy tube", "ventilator":
		return ward.Ventilator, true
	}
	return 0, false
}
