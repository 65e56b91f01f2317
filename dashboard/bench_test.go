package dashboard

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"wardwatch/ward"
)

// BenchmarkPublishToScreen measures from Publish to the event read by an HTTP client on the same
// machine, at 1,000 beds with one reading a second each: in one ward, and in 25.
func BenchmarkPublishToScreen(b *testing.B) {
	for _, wards := range []int{1, 25} {
		b.Run(fmt.Sprint("wards=", wards), func(b *testing.B) {
			h := open(b, func(o *Options) { o.Heartbeat = time.Minute })
			for w := range wards {
				id := ward.WardID(fmt.Sprint("w", w))
				var beds []ward.Bed
				for i := range 1000 / wards {
					beds = append(beds, ward.Bed{Place: ward.Place{Ward: id, Bed: ward.BedID(fmt.Sprint(i))}, Order: i})
				}
				h.live.SetWard(ward.Ward{ID: id}, beds)
			}
			waits := make(chan []time.Duration)
			h.book.wards = append(h.book.wards, ward.Ward{ID: "w0"})
			go func() { waits <- waitsOf(b, h.stream("p-nurse", "/api/v1/wards/w0/stream", "")) }()
			tick := time.NewTicker(time.Millisecond)
			defer tick.Stop()
			for n := range 5000 {
				at := <-tick.C
				p := ward.Place{Ward: ward.WardID(fmt.Sprint("w", n%wards)), Bed: ward.BedID(fmt.Sprint(n / wards % (1000 / wards)))}
				if n == 4999 {
					p.Bed = "end"
				}
				// The value carries the moment of publishing to the screen.
				sent := float64(time.Now().UnixMicro())
				h.live.Publish(ward.Event{Ward: p.Ward, At: at, Reading: &ward.Reading{Place: p, Device: "m", Arrived: at, At: at, Apart: ward.EmptyBed,
					Values: []ward.Value{{Vital: ward.RR, Number: sent, At: at}, {Vital: ward.SpO2, Number: 96, At: at}, {Vital: ward.HR, Number: 80, At: at}}}})
				score := ward.Score{Place: p, At: at, Chart: "news2", NParts: 7}
				h.live.Publish(ward.Event{Ward: p.Ward, At: at, Score: &score})
			}
			h.s.streams.stop()
			got := <-waits
			slices.Sort(got)
			b.ReportMetric(float64(got[len(got)/2].Microseconds())/1000, "p50-ms")
			b.ReportMetric(float64(got[len(got)*99/100].Microseconds())/1000, "p99-ms")
			b.ReportMetric(float64(len(got)), "tiles")
			b.ReportMetric(0, "ns/op")
		})
	}
}

func waitsOf(b *testing.B, s *sse) (out []time.Duration) {
	for {
		e, err := s.next()
		if err != nil {
			return out
		}
		if e.name != "delta" {
			continue
		}
		now := time.Now()
		var d struct {
			Tiles []struct {
				Vitals struct{ RR struct{ V float64 } }
			}
		}
		if err := json.Unmarshal([]byte(e.data), &d); err != nil {
			b.Error(err)
			return out
		}
		for _, x := range d.Tiles {
			if sent := int64(x.Vitals.RR.V); sent > 0 {
				out = append(out, now.Sub(time.UnixMicro(sent)))
			}
		}
	}
}
