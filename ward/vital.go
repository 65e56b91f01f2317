package ward

import "time"

// Vital is one thing that is measured or observed at the bedside. Its unit is fixed.
type Vital uint8

// The vitals, with the unit in which each is always kept.
const (
	HR           Vital = iota // heart rate from the ECG, beats/min
	PR                        // pulse rate from the oximeter or cuff, beats/min
	RR                        // respiratory rate, breaths/min
	SpO2                      // peripheral oxygen saturation, %
	SBP                       // systolic blood pressure, mmHg
	DBP                       // diastolic blood pressure, mmHg
	MAP                       // mean arterial pressure, mmHg
	Temp                      // body temperature, °C
	EtCO2                     // end-tidal carbon dioxide, mmHg
	FiO2                      // inspired oxygen as a fraction, 0.21–1.0
	O2Flow                    // oxygen flow, L/min
	ACVPU                     // consciousness, coded as Consciousness
	O2Source                  // oxygen device, coded as O2Device
	RespDistress              // respiratory distress, coded as Distress; charted only
	CapRefill                 // capillary refill time, s; charted only
	NumVitals
)

var vitalNames = [NumVitals]string{"hr", "pr", "rr", "spo2", "sbp", "dbp", "map", "temp", "etco2", "fio2", "o2_flow", "acvpu", "o2_device", "resp_distress", "cap_refill"}

// String is the vital's name on the wire and in InfluxDB.
func (v Vital) String() string {
	if v < NumVitals {
		return vitalNames[v]
	}
	return "unknown"
}

// VitalNamed finds a vital by its name; ok is false when there is none.
func VitalNamed(name string) (v Vital, ok bool) {
	for i, n := range vitalNames {
		if n == name {
			return Vital(i), true
		}
	}
	return 0, false
}

// Consciousness is the ACVPU scale; its number is the code kept in history.
type Consciousness uint8

// ACVPU. Confused means new confusion, disorientation or agitation (RCP NEWS2, 2017).
const (
	Awake Consciousness = iota // A
	Confused
	Voice
	Pain
	Unresponsive
)

// String is the letter: A, C, V, P or U.
func (c Consciousness) String() string {
	if int(c) < len("ACVPU") {
		return "ACVPU"[c : c+1]
	}
	return "?"
}

// ConsciousnessNamed finds a level by its letter.
func ConsciousnessNamed(letter string) (Consciousness, bool) {
	for i := range "ACVPU" {
		if letter == "ACVPU"[i:i+1] {
			return Consciousness(i), true
		}
	}
	return 0, false
}

// O2Device is how oxygen is given; its number is the code kept in history.
type O2Device uint8

// Oxygen devices, in the order of their codes.
const (
	RoomAir O2Device = iota
	NasalCannula
	SimpleMask
	Venturi
	NonRebreather
	HFNC
	CPAP
	NIV
	Ventilator
	numO2Devices
)

var o2Names = [numO2Devices]string{"room_air", "nasal_cannula", "simple_mask", "venturi", "non_rebreather", "hfnc", "cpap", "niv", "ventilator"}

// String is the device's name on the wire.
func (d O2Device) String() string {
	if d < numO2Devices {
		return o2Names[d]
	}
	return "unknown"
}

// O2DeviceNamed finds a device by its name on the wire.
func O2DeviceNamed(name string) (O2Device, bool) {
	for i, n := range o2Names {
		if n == name {
			return O2Device(i), true
		}
	}
	return 0, false
}

// Distress is how hard a child works to breathe (National PEWS, England).
type Distress uint8

// Levels of respiratory distress.
const (
	NoDistress Distress = iota
	MildDistress
	ModerateDistress
	SevereDistress
	numDistress
)

var distressNames = [numDistress]string{"none", "mild", "moderate", "severe"}

// String is the level's name in every contract.
func (d Distress) String() string {
	if d < numDistress {
		return distressNames[d]
	}
	return "unknown"
}

// DistressNamed finds a level by its name.
func DistressNamed(name string) (Distress, bool) {
	for i, n := range distressNames {
		if n == name {
			return Distress(i), true
		}
	}
	return 0, false
}

// Quality is what the sender said of a value.
type Quality uint8

// Qualities.
const (
	Good Quality = iota
	Poor
	Invalid
)

var qualityNames = [...]string{"good", "poor", "invalid"}

// String is the quality's name on the wire.
func (q Quality) String() string {
	if int(q) < len(qualityNames) {
		return qualityNames[q]
	}
	return "invalid"
}

// QualityNamed finds a quality by its name on the wire.
func QualityNamed(name string) (Quality, bool) {
	for i, n := range qualityNames {
		if n == name {
			return Quality(i), true
		}
	}
	return 0, false
}

// Source is where a value came from; it is always shown beside the value.
type Source uint8

// Sources.
const (
	FromDevice Source = iota // a bedside monitor
	Manual                   // charted by a person
	HIS                      // the hospital information system
)

var sourceNames = [...]string{"device", "manual", "his"}

// String is the source's name in history and on the screen's data.
func (s Source) String() string {
	if int(s) < len(sourceNames) {
		return sourceNames[s]
	}
	return "unknown"
}

// Value is one vital at one moment.
type Value struct {
	Vital   Vital
	Quality Quality
	Number  float64   // in the vital's fixed unit, or its code for ACVPU and O2Source; always finite
	At      time.Time // when it was measured, by the corrected clock: the reading's At, or older (a cuff pressure)
}
