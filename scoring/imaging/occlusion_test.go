package imaging

import (
	"math"
	"testing"
)

// The map of a model that looks at one corner is hot there and cold elsewhere.
func TestOccludeFindsWhatTheModelLooksAt(t *testing.T) {
	d := described()
	m := loads(t, folder(t, d, nil))
	img := drawn(2*side, 2*side, func(row, col int) float64 {
		if row < side/2 && col < side/2 {
			return 250
		}
		return float64(2*row + col)
	})
	h, err := m.Occlude(img, 1)
	if err != nil {
		t.Fatal(err)
	}
	if h.Rows != side || h.Cols != side || len(h.Drops) != side*side || h.Place.Rows != 2*side {
		t.Fatalf("%+v", h)
	}
	for row := range side {
		for col := range side {
			drop := h.Drops[row*side+col]
			if inside := row < 2 && col < 2; !inside && math.Abs(drop) > 1e-6 {
				t.Errorf("row %d, column %d, where it does not look: %v", row, col, drop)
			}
		}
	}
	if !(h.Drops[side+1] > 0.1) {
		t.Errorf("at the edge of the corner that it looks at: %v", h.Drops[side+1])
	}
	if _, err := m.Occlude(img, 2); err == nil {
		t.Error("a finding that is not there was mapped")
	}
}

// Every pixel is covered, whatever the input's size.
func TestEveryPixelIsCovered(t *testing.T) {
	for _, length := range []int{1, 2, 6, 7, 8, 28, 29, 223, 224, 512} {
		in := max(length/patches, 1)
		covered := make([]int, length)
		for _, at := range starts(length, in) {
			for i := at; i < at+in; i++ {
				covered[i]++
			}
		}
		for i, n := range covered {
			if n == 0 {
				t.Errorf("of %d, pixel %d is never covered", length, i)
			}
		}
	}
}

// The strongest finding is the one that is most over its threshold, not the one of the highest score.
func TestStrongest(t *testing.T) {
	d := described()
	m := loads(t, folder(t, d, nil))
	r, err := m.Look(known())
	if err != nil {
		t.Fatal(err)
	}
	r.Findings[0].Score, r.Findings[1].Score = 0.55, 0.64 // thresholds 0.5 and 0.6
	if got := r.Strongest(); got != 0 {
		t.Errorf("got %d: the one that is more over its threshold is first", got)
	}
}
