package chart

import (
	"testing"

	"wardwatch/ward"
)

// Whatever a file holds, it is refused with an error or gives a chart that can be used.
func FuzzParse(f *testing.F) {
	l := embedded(f)
	for _, id := range l.IDs() {
		c, _ := l.Find(id)
		f.Add(c.File())
	}
	f.Add([]byte(small))
	f.Add([]byte(smallValue))
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := Parse("fuzz.yaml", raw)
		if err != nil {
			return
		}
		for _, scale2 := range []bool{false, true} {
			for _, code := range []float64{0, 1, 4} {
				s := Set{Scale2: scale2}
				use(t, c, &s)
				for i := range NumInputs {
					low, high, _ := i.Limits()
					s.Put(i, min(max(code, low), high))
					use(t, c, &s)
				}
			}
		}
	})
}

func use(t *testing.T, c *Chart, s *Set) {
	r := c.Score(s)
	if !r.Complete && r.Band == ward.Low {
		t.Fatalf("incomplete and low: %+v", r)
	}
	c.Variant(s)
	c.Missing(s, r)
	c.Notes(r, "vi")
	c.Interval(r)
	c.Response(r, "en")
}

func FuzzSpan(f *testing.F) {
	for _, s := range []string{"≤8", "<10", "9–11", "30–<50", ">235–315", "≥25", "7"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := parseSpan(text)
		if err != nil {
			return
		}
		if s.low > s.high || s.meets(s, 1) == 0 && s.low != s.high {
			t.Fatalf("%q: %+v", text, s)
		}
	})
}
