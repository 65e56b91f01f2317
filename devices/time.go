package devices

import (
	"time"
)

// The first and the last moment a time on the wire can be, in Unix milliseconds: years 1 to 9999.
// Whether a time makes sense for a live message is for ingest to judge.
const (
	firstMilli = -62135596800000 + 1
	lastMilli  = 253402300799999
)

// parseTime reads an RFC 3339 time with its zone, to the millisecond, in UTC; what is finer is
// cut off. reason is empty when it could, otherwise ReasonTime or ReasonNoZone.
func parseTime(s []byte) (t time.Time, reason string) {
	if len(s) < len("2006-01-02T15:04:05") {
		return t, ReasonTime
	}
	year, month, day := number4(s), number2(s[5:]), number2(s[8:])
	hour, minute, second := number2(s[11:]), number2(s[14:]), number2(s[17:])
	if year < 0 || month < 1 || month > 12 || day < 1 || day > daysIn(year, month) ||
		hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59 ||
		s[4] != '-' || s[7] != '-' || s[10]|0x20 != 't' || s[13] != ':' || s[16] != ':' {
		return t, ReasonTime
	}
	milli, rest, ok := fraction(s[19:])
	if !ok {
		return t, ReasonTime
	}
	offset, reason := zone(rest)
	if reason != "" {
		return t, reason
	}
	t = time.Date(year, time.Month(month), day, hour, minute, second, milli*int(time.Millisecond), time.UTC)
	return fromMilli(t.Add(-offset).UnixMilli())
}

// fromMilli is the moment n milliseconds from the Unix epoch.
func fromMilli(n int64) (time.Time, string) {
	if n < firstMilli || n > lastMilli {
		return time.Time{}, ReasonTime
	}
	return time.UnixMilli(n).UTC(), ""
}

func fraction(s []byte) (milli int, rest []byte, ok bool) {
	if len(s) == 0 || s[0] != '.' {
		return 0, s, true
	}
	i, scale := 1, 100
	for ; i < len(s) && s[i] >= '0' && s[i] <= '9'; i++ {
		milli += int(s[i]-'0') * scale
		scale /= 10
	}
	return milli, s[i:], i > 1
}

func zone(s []byte) (offset time.Duration, reason string) {
	switch {
	case len(s) == 0:
		return 0, ReasonNoZone
	case len(s) == 1 && s[0]|0x20 == 'z':
		return 0, ""
	case len(s) != len("+07:00") || s[0] != '+' && s[0] != '-' || s[3] != ':':
		return 0, ReasonTime
	}
	hour, minute := number2(s[1:]), number2(s[4:])
	if hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return 0, ReasonTime
	}
	offset = time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute
	if s[0] == '-' {
		offset = -offset
	}
	return offset, ""
}

// number2 reads two digits; negative when they are not.
func number2(s []byte) int {
	a, b := s[0]-'0', s[1]-'0'
	if a > 9 || b > 9 {
		return -1
	}
	return int(a)*10 + int(b)
}

func number4(s []byte) int {
	a, b := number2(s), number2(s[2:])
	if a < 0 || b < 0 {
		return -1
	}
	return a*100 + b
}

func daysIn(year, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}
