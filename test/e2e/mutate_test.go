//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"regexp"
	"strings"
	"time"
)

// mutator makes rubbish out of good messages. The same seed makes the same rubbish.
type mutator struct{ *rand.Rand }

// good is a message in which nothing is wrong.
func (m mutator) good(device string, seq int, now time.Time) string {
	one := func(i int) string {
		return fmt.Sprintf(`{"device":"%s","boot":"b1","seq":%d,"time":"%s","vitals":{"hr":%d,"pr":88,"rr":%d,"spo2":%d,"sbp":118,"dbp":70,"map":86,"temp":%.1f,"etco2":36,"fio2":0.28,"o2_flow":2},`+
			`"o2_device":"nasal_cannula","consciousness":"A","alarms":[{"code":"apnoea","priority":"low","state":"off"}],"measured":{"sbp":%d},"quality":{"spo2":"poor"}}`,
			device, seq+i, now.Add(time.Duration(i)*time.Millisecond).UTC().Format("2006-01-02T15:04:05.000Z07:00"), 60+m.IntN(60), 10+m.IntN(20), 88+m.IntN(13), 36+3*m.Float64(), now.Add(-10*time.Minute).UnixMilli())
	}
	if m.IntN(4) > 0 {
		return one(0)
	}
	parts := make([]string, 1+m.IntN(4))
	for i := range parts {
		parts[i] = one(i)
	}
	return "[" + strings.Join(parts, ",") + "]"
}

var (
	numbers = regexp.MustCompile(`-?\d+(\.\d+)?`)
	strs    = regexp.MustCompile(`"[^"]*"`)
)

// odd are values that stand where another was meant.
var odd = []string{
	"NaN", "Infinity", "-Infinity", "null", "true", `"88"`, `""`, "[]", "{}", "-1", "0", "-0", "1e999", "1e-320", "98.6", "40", "0.95", "1000000", "9007199254740993",
	"18446744073709551616", "00012", "1.", ".5", "+5", "0x10", "1e", `"room_air"`, `"X"`, "\"\\ud800\"", "\"\\u0000\"", `"2026-02-30T10:00:00Z"`,
	`"1970-01-01T00:00:00Z"`, `"2100-01-01T00:00:00+07:00"`, `"2026-11-21T08:00:00"`, "0", "4102444800000", "-62135596800000", `"clone-7"`, `"` + strings.Repeat("d", 65) + `"`,
}

// mutate spoils a message in one to three places.
func (m mutator) mutate(text string) []byte {
	b := []byte(text)
	for range 1 + m.IntN(3) {
		if len(b) == 0 {
			break
		}
		at := m.IntN(len(b))
		end := min(len(b), at+1+m.IntN(24))
		switch m.IntN(10) {
		case 0:
			b[at] ^= 1 << m.IntN(8)
		case 1:
			b = append(b[:at:at], b[end:]...)
		case 2:
			b = append(b[:end:end], b[at:]...)
		case 3:
			b = b[:at]
		case 4:
			b = splice(b, at, at, string([]byte{byte(m.IntN(256)), byte(m.IntN(256))}))
		case 5, 6:
			b = m.replace(b, numbers)
		case 7:
			b = m.replace(b, strs)
		case 8:
			b = splice(b, at, at, strings.Repeat([]string{"[", "{", `{"a":`, "[["}[m.IntN(4)], 1+m.IntN(40)))
		case 9:
			if m.IntN(20) == 0 {
				b = append(b, bytes.Repeat([]byte(" "), m.IntN(100<<10))...)
			}
		}
	}
	return b
}

func (m mutator) replace(b []byte, what *regexp.Regexp) []byte {
	found := what.FindAllIndex(b, -1)
	if len(found) == 0 {
		return b
	}
	at := found[m.IntN(len(found))]
	return splice(b, at[0], at[1], odd[m.IntN(len(odd))])
}

func splice(b []byte, from, to int, text string) []byte {
	return append(append(append(make([]byte, 0, len(b)+len(text)), b[:from]...), text...), b[to:]...)
}

// claim is a value that some message at a bed can be read as saying.
type claim struct {
	bed       string
	vital     string
	number    float64
	taken, at int64 // Unix milliseconds, by the sender's clock
}

var notNumbers = regexp.MustCompile(`-?\b(NaN|Infinity)\b`)

// claims adds all that a payload says when it is read with the standard library, by no rule but
// JSON's own. What is stored must be among it.
func claims(bed string, payload []byte, into map[claim]bool) {
	in := json.NewDecoder(bytes.NewReader(notNumbers.ReplaceAll(payload, []byte("null"))))
	in.UseNumber()
	var said any
	if in.Decode(&said) != nil {
		return
	}
	list, ok := said.([]any)
	if !ok {
		list = []any{said}
	}
	for _, x := range list {
		element, ok := x.(map[string]any)
		if !ok {
			continue
		}
		taken, ok := momentOf(element["time"])
		if !ok {
			continue
		}
		measured, _ := element["measured"].(map[string]any)
		claimed := func(vital, name string, n float64) {
			into[claim{bed, vital, n, taken, taken}] = true
			if at, ok := momentOf(measured[name]); ok {
				into[claim{bed, vital, n, taken, at}] = true
			}
		}
		vitals, _ := element["vitals"].(map[string]any)
		for name, v := range vitals {
			if number, ok := v.(json.Number); ok {
				if n, err := number.Float64(); err == nil {
					claimed(name, name, n+0)
				}
			}
		}
		if word, ok := element["consciousness"].(string); ok && len(word) == 1 {
			claimed("acvpu", "consciousness", float64(strings.Index("ACVPU", word)))
		}
		if word, ok := element["o2_device"].(string); ok {
			for code, name := range []string{"room_air", "nasal_cannula", "simple_mask", "venturi", "non_rebreather", "hfnc", "cpap", "niv", "ventilator"} {
				if word == name {
					claimed("o2_device", "o2_device", float64(code))
				}
			}
		}
	}
}

// momentOf reads a time in either form, cut to the millisecond.
func momentOf(v any) (ms int64, ok bool) {
	switch v := v.(type) {
	case json.Number:
		n, err := v.Int64()
		return n, err == nil
	case string:
		t, err := time.Parse(time.RFC3339Nano, strings.ToUpper(v))
		return t.UnixMilli(), err == nil
	}
	return 0, false
}
