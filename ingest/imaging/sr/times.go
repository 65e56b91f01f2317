package sr

import (
	"strings"
	"time"
)

// zone is that of the file, "+0700", or else the one that was given.
func (r *reader) zone(offset string) *time.Location {
	if at, err := time.Parse("-0700", offset); err == nil {
		_, seconds := at.Zone()
		return time.FixedZone(offset, seconds)
	}
	return r.o.Location()
}

// day is a DA: midnight UTC; zero when it is none.
func day(sent string) time.Time {
	at, err := time.Parse("20060102", sent)
	if err != nil {
		return time.Time{}
	}
	return at
}

// moment joins a DA and a TM (PS3.5 6.2). Without a time of day it is zero: half a day would be guessed.
func moment(date, clock string, zone *time.Location) time.Time {
	if date == "" || clock == "" {
		return time.Time{}
	}
	return dateTime(strings.ReplaceAll(date, ".", "")+strings.ReplaceAll(clock, ":", ""), zone)
}

// dateTime is a DT of at least hours; zero when it is none.
func dateTime(sent string, zone *time.Location) time.Time {
	for _, layout := range []string{
		"20060102150405-0700", "200601021504-0700", // the seconds may have a fraction
		"20060102150405", "200601021504", "2006010215",
	} {
		if at, err := time.ParseInLocation(layout, sent, zone); err == nil {
			return at
		}
	}
	return time.Time{}
}
