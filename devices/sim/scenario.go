package sim

import (
	"math"
	"slices"
	"time"

	"wardwatch/ward"
)

// scenario is what happens to a person, as data: how far each vital has moved from the person's own
// baseline at some moments, in minutes of the illness. Between moments the vitals go in straight
// lines; consciousness and oxygen change at the moment. After the last one nothing more happens.
type scenario struct {
	Named
	frames []frame
}

// frame is one moment of a scenario.
type frame struct {
	minute                            float64
	hr, rr, spo2, sbp, dbp, temp, co2 float64 // added to the baseline, in the vitals' units
	mind                              ward.Consciousness
	o2                                ward.O2Device
	fio2                              float64 // where the device sets it; zero otherwise
	flow                              float64 // L/min; zero on room air
	capnograph                        bool
}

func scenarios() []scenario {
	return []scenario{
		{Named{"stable", "ổn định", "nothing happens"}, []frame{{}}},
		{Named{"mild_fever", "sốt nhẹ, điểm vẫn thấp", "a mild fever; the score stays low"}, []frame{
			{},
			{minute: 20, hr: 9, rr: 1, temp: 0.9},
			{minute: 240, hr: 8, rr: 1, temp: 0.8},
		}},
		{Named{"sepsis", "nhiễm khuẩn huyết, nặng lên trong một giờ", "sepsis, high risk within an hour"}, []frame{
			{minute: 5},
			{minute: 12, hr: 12, rr: 3, sbp: -3, temp: 0.8},
			{minute: 25, hr: 32, rr: 9, spo2: -3, sbp: -20, dbp: -10, temp: 1.7},
			{minute: 40, hr: 44, rr: 12, spo2: -4.5, sbp: -32, dbp: -16, temp: 1.9, mind: ward.Confused},
			{minute: 60, hr: 56, rr: 14, spo2: -5, sbp: -40, dbp: -20, temp: 2.2, mind: ward.Voice},
		}},
		{Named{"respiratory_failure", "suy hô hấp: nhịp thở tăng, SpO2 giảm", "respiratory failure: breathing fast, SpO2 falling"}, []frame{
			{minute: 5},
			{minute: 15, hr: 10, rr: 5, spo2: -3},
			{minute: 30, hr: 20, rr: 10, spo2: -6, sbp: 6, co2: -4},
			{minute: 35, hr: 20, rr: 10, spo2: -5, sbp: 6, co2: -4, o2: ward.NasalCannula, flow: 3},
			{minute: 50, hr: 32, rr: 15, spo2: -8, sbp: 10, co2: -2, o2: ward.SimpleMask, flow: 8},
			{minute: 65, hr: 40, rr: 18, spo2: -13, sbp: 8, co2: 6, o2: ward.NonRebreather, flow: 15, mind: ward.Confused},
		}},
		{Named{"rising_oxygen_need", "nhu cầu oxy tăng, SpO2 không đổi", "needs more and more oxygen while SpO2 stays the same"}, []frame{
			{minute: 5},
			{minute: 10, hr: 2, rr: 1, spo2: -2, o2: ward.NasalCannula, flow: 2},
			{minute: 20, hr: 4, rr: 2, spo2: -2, o2: ward.NasalCannula, flow: 4},
			{minute: 30, hr: 5, rr: 3, spo2: -2, o2: ward.SimpleMask, flow: 6},
			{minute: 40, hr: 6, rr: 3.5, spo2: -2, o2: ward.Venturi, fio2: 0.5, flow: 12},
			{minute: 50, hr: 7, rr: 4, spo2: -2, o2: ward.HFNC, fio2: 0.6, flow: 40},
			{minute: 65, hr: 8, rr: 4.5, spo2: -2, o2: ward.HFNC, fio2: 0.8, flow: 50},
		}},
		{Named{"haemorrhage", "mất máu: mạch nhanh, huyết áp tụt", "bleeding: heart fast, pressure falling"}, []frame{
			{minute: 5},
			{minute: 12, hr: 22, rr: 3, sbp: -6, dbp: 2},
			{minute: 22, hr: 42, rr: 7, spo2: -1, sbp: -24, dbp: -10, temp: -0.3},
			{minute: 32, hr: 56, rr: 10, spo2: -2, sbp: -42, dbp: -22, temp: -0.6, mind: ward.Confused},
			{minute: 45, hr: 64, rr: 13, spo2: -4, sbp: -56, dbp: -30, temp: -0.9, mind: ward.Voice},
		}},
		{Named{"opioid_respiratory_depression", "ức chế hô hấp do opioid: thở chậm, ngủ gà", "opioid respiratory depression: breathing slowly, drowsy"}, []frame{
			{minute: 5, capnograph: true},
			{minute: 15, hr: -5, rr: -4, spo2: -2, sbp: -4, co2: 7, capnograph: true},
			{minute: 25, hr: -8, rr: -7.5, spo2: -6, sbp: -8, co2: 15, mind: ward.Voice, capnograph: true},
			{minute: 40, hr: -12, rr: -11.5, spo2: -16, sbp: -12, co2: 26, mind: ward.Pain, capnograph: true},
		}},
		{Named{"recovery", "hồi phục, cai dần oxy", "getting better, oxygen weaned off"}, []frame{
			{hr: 22, rr: 8.5, spo2: -3.5, sbp: -8, temp: 1.0, o2: ward.NasalCannula, flow: 3},
			{minute: 20, hr: 16, rr: 6, spo2: -2, sbp: -5, temp: 0.8, o2: ward.NasalCannula, flow: 2},
			{minute: 40, hr: 8, rr: 2, spo2: -1, sbp: -2, temp: 0.4, o2: ward.NasalCannula, flow: 1},
			{minute: 60, hr: 3, rr: 1, spo2: -0.3, temp: 0.1},
			{minute: 75},
		}},
	}
}

// Scenarios lists what can happen to a person.
func Scenarios() []Named {
	var out []Named
	for _, s := range scenarios() {
		out = append(out, s.Named)
	}
	return out
}

func scenarioNamed(name string) *scenario {
	all := scenarios()
	i := slices.IndexFunc(all, func(s scenario) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return &all[i]
}

// at is the state of things after t of the illness.
func (s *scenario) at(t time.Duration) frame {
	minute := t.Minutes()
	i := 0
	for i+1 < len(s.frames) && s.frames[i+1].minute <= minute {
		i++
	}
	now := s.frames[i]
	if i+1 == len(s.frames) {
		return now
	}
	next := s.frames[i+1]
	part := math.Max(0, (minute-now.minute)/(next.minute-now.minute))
	now.hr += part * (next.hr - now.hr)
	now.rr += part * (next.rr - now.rr)
	now.spo2 += part * (next.spo2 - now.spo2)
	now.sbp += part * (next.sbp - now.sbp)
	now.dbp += part * (next.dbp - now.dbp)
	now.temp += part * (next.temp - now.temp)
	now.co2 += part * (next.co2 - now.co2)
	return now
}
