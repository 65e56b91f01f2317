package sim

import "wardwatch/ward"

// limit is one of a monitor's own alarms: on at or below one value, off again at or above another.
type limit struct {
	code    string
	vital   ward.Vital
	on, off float64
	raised  bool
}

func limits() []limit {
	return []limit{
		{code: "apnoea", vital: ward.RR, on: 5, off: 8},
		{code: "desaturation", vital: ward.SpO2, on: 84, off: 88},
	}
}

// raise is what has changed with what the monitor shows now; it trusts no poor value.
func (m *monitor) raise(r *ward.Reading) (out []ward.DeviceAlarm) {
	for i := range m.alarms {
		l := &m.alarms[i]
		v, ok := r.Value(l.vital)
		if !ok || v.Quality != ward.Good || !(v.Number <= l.on && !l.raised || v.Number >= l.off && l.raised) {
			continue
		}
		l.raised = !l.raised
		out = append(out, ward.DeviceAlarm{Code: l.code, Priority: ward.HighPriority, On: l.raised})
	}
	return out
}
