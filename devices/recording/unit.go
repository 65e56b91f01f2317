package recording

import "wardwatch/ward"

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
