// Package stat holds the statistics of a backtest: discrimination of a score from counts, and
// intervals that respect that a patient's rows belong together. It is pure and knows nothing of
// patients or alerts.
package stat

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
)

// Number is a figure that may be unknown: NaN in Go, null in JSON.
type Number float64

// Unknown is the figure of which nothing can be said.
func Unknown() Number { return Number(math.NaN()) }

// Known reports whether there is a figure.
func (n Number) Known() bool { return !math.IsNaN(float64(n)) && !math.IsInf(float64(n), 0) }

// MarshalJSON writes at most six significant digits, or null when the figure is unknown.
func (n Number) MarshalJSON() ([]byte, error) {
	if !n.Known() {
		return []byte("null"), nil
	}
	return strconv.AppendFloat(nil, float64(n), 'g', 6, 64), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (n *Number) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) {
		*n = Unknown()
		return nil
	}
	var f float64
	if err := json.Unmarshal(b, &f); err != nil {
		return err
	}
	*n = Number(f)
	return nil
}

// Estimate is a figure with its 95 % interval.
type Estimate struct {
	Value Number `json:"value"`
	Low   Number `json:"low"`
	High  Number `json:"high"`
}

// NoEstimate is an estimate of which nothing is known.
func NoEstimate() Estimate { return Estimate{Unknown(), Unknown(), Unknown()} }

// Exactly is a figure without an interval.
func Exactly(v float64) Estimate { return Estimate{Number(v), Unknown(), Unknown()} }
