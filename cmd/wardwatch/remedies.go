package main

import "wardwatch/devices"

// remedies say what to do about each kind of message that could not be taken.
var remedies = map[string]string{
	devices.ReasonTopic:      "publish to ward/v1/{ward}/{bed}/vitals with ids of letters, digits, _ and -",
	devices.ReasonTooLarge:   "send at most 64 KiB a message: split the array",
	devices.ReasonUTF8:       "send UTF-8",
	devices.ReasonJSON:       "send one JSON object, or an array of them",
	devices.ReasonDeep:       "do not nest: the payload is flat",
	devices.ReasonElements:   "split the array into several messages",
	devices.ReasonEmpty:      "send at least one of vitals, o2_device, consciousness, alarms",
	devices.ReasonType:       "send numbers as numbers and texts as texts",
	devices.ReasonDuplicate:  "send each name once",
	devices.ReasonNoTime:     "send time",
	devices.ReasonTime:       "send time as RFC 3339 or Unix milliseconds",
	devices.ReasonNoZone:     "send the time's zone, for example +07:00",
	devices.ReasonID:         "use letters, digits, _ and -, at most 64",
	devices.ReasonSeq:        "send seq as a whole number that rises",
	devices.ReasonNumber:     "send a finite number, or leave the vital out",
	devices.ReasonRange:      "check the unit and the sentinel values of the device's profile",
	devices.ReasonPercent:    "send fio2 as a fraction, 0.21 to 1.0",
	devices.ReasonFraction:   "send spo2 in percent",
	devices.ReasonFahrenheit: "send temp in °C",
	devices.ReasonWord:       "use one of the contract's words",
	devices.ReasonMeasured:   "send measured times of vitals that are sent, not later than time",
	devices.ReasonAlarm:      "send code, priority (low, medium, high) and state (on, off)",
	devices.ReasonAlarms:     "send at most 32 alarms",
}
