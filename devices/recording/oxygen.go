package recording

import (
	"strings"

	"wardwatch/ward"
)

// o2Device finds the nearest of our devices for the source's text. Nebulisers and T-pieces mix
// oxygen with entrained air at a set fraction, as a Venturi does; face tents and tracheostomy masks
// are loose masks; a tube is charted as the device only while a ventilator feeds it.
func o2Device(text string) (ward.O2Device, bool) {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "none", "room air":
		return ward.RoomAir, true
	case "nasal cannula", "oxymizer":
		return ward.NasalCannula, true
	case "face tent", "medium conc mask", "trach mask":
		return ward.SimpleMask, true
	case "venti mask", "aerosol-cool", "aerosol-hot", "high flow neb", "hi flow neb", "ultrasonic neb", "vapomist", "t-piece":
		return ward.Venturi, true
	case "non-rebreather":
		return ward.NonRebreather, true
	case "high flow nasal cannula":
		return ward.HFNC, true
	case "cpap mask":
		return ward.CPAP, true
	case "bipap mask":
		return ward.NIV, true
	case "endotracheal tube", "tracheostomy tube", "ventilator":
		return ward.Ventilator, true
	}
	return 0, false
}
