package show

import (
	"bytes"
	"image/png"
	"testing"

	"wardwatch/scoring/imaging/prepare"
)

// BenchmarkOverlay is what a map costs beside the runs of its model: the picture, and its file.
func BenchmarkOverlay(b *testing.B) {
	img := slope(2500, 2000)
	h := &Heat{Rows: 28, Cols: 28, Drops: make([]float64, 28*28), Place: prepare.Placement{Rows: 2500, Cols: 2000, ToRows: 28, ToCols: 28}}
	h.Drops[400] = 3
	b.Run("picture", func(b *testing.B) {
		for b.Loop() {
			Overlay(img, h, Side)
		}
	})
	o := Overlay(img, h, Side)
	b.Run("png", func(b *testing.B) {
		for b.Loop() {
			var out bytes.Buffer
			if err := png.Encode(&out, o); err != nil {
				b.Fatal(err)
			}
		}
	})
}
