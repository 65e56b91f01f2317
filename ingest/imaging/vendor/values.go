package vendor

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"wardwatch/ingest/imaging/report"
	"wardwatch/ward"
)

// look is the value of a field; there is false when the mapping gives none or the body has none.
func (r *reader) look(e *element, f *field) (value any, there bool) {
	if f.fixed != "" {
		return f.fixed, true
	}
	if len(f.path) == 0 {
		return nil, false
	}
	return e.at(f.path)
}

// text is a value as text; empty when there is none.
func (r *reader) text(name string, e *element, f *field) string {
	v, _ := r.look(e, f)
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return strings.TrimSpace(v)
	case json.Number:
		return v.String()
	}
	r.fail(name, f, e, "holds neither text nor a number")
	return ""
}

func (r *reader) number(name string, e *element, f *field) float64 {
	v, _ := r.look(e, f)
	s, _ := v.(string)
	if n, is := v.(json.Number); is {
		s = n.String()
	}
	n, err := strconv.ParseFloat(strings.TrimSpace(s), 64)
	if err != nil {
		r.fail(name, f, e, "holds no number")
	}
	return n
}

// fail notes the first error. It names the mapping's field and path, never what stands there.
func (r *reader) fail(name string, f *field, e *element, what string) {
	if r.err == nil {
		r.err = report.Bad(fmt.Sprintf("%s: the body %s at %q%s", name, what, f.path, e.where()), "send it, or mend the path in the mapping")
	}
}

func saidBy(v any) report.Said {
	switch v := v.(type) {
	case bool:
		return report.Code{Text: strconv.FormatBool(v)}.Presence()
	case json.Number:
		return report.Code{Text: map[string]string{"1": "yes", "0": "no"}[v.String()]}.Presence()
	case string:
		return report.Code{Text: v}.Presence()
	}
	return report.Unsaid
}

func sex(s string) ward.Sex {
	switch strings.ToLower(s) {
	case "m", "male", "nam":
		return ward.Male
	case "f", "female", "nữ", "nu":
		return ward.Female
	case "o", "other", "khác":
		return ward.OtherSex
	}
	return ward.SexUnknown
}

// Layouts with a name of their own.
const (
	layoutRFC3339 = "rfc3339"
	layoutUnix    = "unix"
	layoutMillis  = "unix_ms"
)

// sound fills in what a mapping leaves out of a time, and refuses a layout that loses the hour or the day.
func (c *clock) sound(name string, day bool) error {
	if !c.set() {
		return nil
	}
	if err := c.Path.single(); err != nil {
		return err
	}
	if c.Zone != "" {
		zone, err := time.LoadLocation(c.Zone)
		if err != nil || c.Zone == "Local" {
			return bad(name, "the zone is not known", `give one as "Asia/Ho_Chi_Minh"`)
		}
		c.zone = zone
	}
	if c.Layout == "" {
		c.Layout = layoutRFC3339
		if day {
			c.Layout = time.DateOnly
		}
	}
	if c.Layout == layoutRFC3339 || c.Layout == layoutUnix || c.Layout == layoutMillis {
		return nil
	}
	least := time.Minute
	if day {
		least = 24 * time.Hour
	}
	probe := time.Date(2031, time.November, 22, 17, 48, 0, 0, time.UTC)
	back, err := time.Parse(c.Layout, probe.Format(c.Layout))
	if err != nil || !back.Truncate(least).Equal(probe.Truncate(least)) {
		return bad(name, "the layout does not tell day and time", `write how 2 January 2006, 15:04:05 would look: "02/01/2006 15:04:05", or rfc3339, unix or unix_ms`)
	}
	return nil
}

// moment is a time; zero when the body has none.
func (r *reader) moment(name string, c *clock) time.Time {
	f := &field{path: c.Path}
	s := r.text(name, r.root, f)
	if s == "" {
		return time.Time{}
	}
	zone := c.zone
	if zone == nil {
		zone = r.o.Location()
	}
	at, err := c.read(s, zone)
	if err != nil {
		r.fail(name, f, r.root, "holds no time of the mapping's layout")
	}
	return at
}

// day is a birth date: midnight UTC.
func (r *reader) day(name string, c *clock) time.Time {
	at := r.moment(name, c)
	if at.IsZero() {
		return at
	}
	year, month, day := at.Date()
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// farthest keeps Unix times within the years that can be written, in seconds.
const farthest = 1 << 37

func (c *clock) read(s string, zone *time.Location) (time.Time, error) {
	switch c.Layout {
	case layoutUnix, layoutMillis:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 || n > farthest*1000 || c.Layout == layoutUnix && n > farthest {
			return time.Time{}, strconv.ErrRange
		}
		if c.Layout == layoutUnix {
			return time.Unix(n, 0).UTC(), nil
		}
		return time.UnixMilli(n).UTC(), nil
	case layoutRFC3339:
		return time.Parse(time.RFC3339, s)
	}
	return time.ParseInLocation(c.Layout, s, zone)
}
