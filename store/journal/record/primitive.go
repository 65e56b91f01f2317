package record

import (
	"encoding/binary"
	"math"
	"time"
)

// epoch is what absolute times count from: close enough to every real time to keep them short.
const epoch = 1577836800 // 2020-01-01T00:00:00Z, in Unix seconds

// Forms of a time. The low two bits of its first number say which follows.
const (
	timeMillis   = 0 // whole milliseconds from the base
	timeNanos    = 1 // nanoseconds from the base, for near times
	timeAbsolute = 2 // Unix seconds and nanoseconds, for anything
)

// nearSeconds is how far from its base a time may be and still count in nanoseconds.
const nearSeconds = 1 << 29 // 17 years: the count then fits 61 bits with room for sign and form

func zigzag(n int64) uint64   { return uint64(n<<1) ^ uint64(n>>63) }
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

func appendString(dst []byte, s string) []byte {
	dst = binary.AppendUvarint(dst, uint64(len(s)))
	return append(dst, s...)
}

// appendTime writes t against a base given in Unix seconds and nanoseconds. Equal times against
// the same base give equal bytes.
func appendTime(dst []byte, t time.Time, baseSec int64, baseNsec int) []byte {
	sec, nsec := t.Unix(), t.Nanosecond()
	ds, dn := sec-baseSec, int64(nsec-baseNsec)
	if ds > -nearSeconds && ds < nearSeconds {
		d := ds*1e9 + dn
		if d%1e6 == 0 {
			return binary.AppendUvarint(dst, zigzag(d/1e6)<<2|timeMillis)
		}
		return binary.AppendUvarint(dst, zigzag(d)<<2|timeNanos)
	}
	dst = binary.AppendUvarint(dst, timeAbsolute)
	dst = binary.AppendUvarint(dst, zigzag(sec))
	return binary.AppendUvarint(dst, uint64(nsec))
}

// appendTimeFrom writes t against another time.
func appendTimeFrom(dst []byte, t, base time.Time) []byte {
	return appendTime(dst, t, base.Unix(), base.Nanosecond())
}

// Forms of a number.
const (
	numberWhole      = 0
	numberHundredths = 1
	numberRaw        = 2 // eight bytes of IEEE 754 follow
)

// appendNumber writes f so that it comes back bit for bit. What bedside monitors send is whole or
// has at most two decimals, and takes one to three bytes.
func appendNumber(dst []byte, f float64) []byte {
	if math.Abs(f) < 1e12 && (f != 0 || !math.Signbit(f)) {
		if n := int64(f); float64(n) == f {
			return binary.AppendUvarint(dst, zigzag(n)<<2|numberWhole)
		}
		if n := int64(math.Round(f * 100)); float64(n)/100 == f && n != 0 {
			return binary.AppendUvarint(dst, zigzag(n)<<2|numberHundredths)
		}
	}
	dst = binary.AppendUvarint(dst, numberRaw)
	return binary.LittleEndian.AppendUint64(dst, math.Float64bits(f))
}

// input reads a payload from front to back. After the first thing that does not fit, bad is set
// and everything reads as zero, so that a decoder need look only once, at its end.
type input struct {
	b   []byte
	bad bool
}

func (in *input) fail() {
	in.b, in.bad = nil, true
}

func (in *input) byte() byte {
	if len(in.b) == 0 {
		in.fail()
		return 0
	}
	c := in.b[0]
	in.b = in.b[1:]
	return c
}

func (in *input) uvarint() uint64 {
	if len(in.b) > 0 && in.b[0] < 0x80 {
		c := in.b[0]
		in.b = in.b[1:]
		return uint64(c)
	}
	u, n := binary.Uvarint(in.b)
	if n <= 0 {
		in.fail()
		return 0
	}
	in.b = in.b[n:]
	return u
}

func (in *input) varint() int64 { return unzigzag(in.uvarint()) }

// bytes reads a length and that many bytes, which stay part of the payload.
func (in *input) bytes() []byte {
	n := in.uvarint()
	if n > uint64(len(in.b)) {
		in.fail()
		return nil
	}
	s := in.b[:n]
	in.b = in.b[n:]
	return s
}

// count reads how many elements follow. Each takes at least one byte, which bounds what a damaged
// count can make us allocate.
func (in *input) count() int {
	n := in.uvarint()
	if n > uint64(len(in.b)) {
		in.fail()
		return 0
	}
	return int(n)
}

func (in *input) time(baseSec int64, baseNsec int) time.Time {
	u := in.uvarint()
	switch d := unzigzag(u >> 2); u & 3 {
	case timeMillis:
		return time.Unix(baseSec+d/1e3, int64(baseNsec)+d%1e3*1e6).UTC()
	case timeNanos:
		return time.Unix(baseSec+d/1e9, int64(baseNsec)+d%1e9).UTC()
	case timeAbsolute:
		sec, nsec := in.varint(), in.uvarint()
		if nsec < 1e9 {
			return time.Unix(sec, int64(nsec)).UTC()
		}
	}
	in.fail()
	return time.Time{}
}

func (in *input) timeFrom(base time.Time) time.Time {
	return in.time(base.Unix(), base.Nanosecond())
}

func (in *input) number() float64 {
	u := in.uvarint()
	switch n := unzigzag(u >> 2); u & 3 {
	case numberWhole:
		return float64(n)
	case numberHundredths:
		return float64(n) / 100
	case numberRaw:
		if len(in.b) >= 8 {
			bits := binary.LittleEndian.Uint64(in.b)
			in.b = in.b[8:]
			return math.Float64frombits(bits)
		}
	}
	in.fail()
	return 0
}
