package prepare

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

func near(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return math.Abs(x-y) < 1e-9 })
}

// A picture of one row, or of a square, in another size.
func TestScale(t *testing.T) {
	for _, c := range []struct {
		what       string
		rows, cols int
		grey       []float64
		height     int
		width      int
		want       []float64
	}{
		{"the same size changes nothing", 1, 3, []float64{1, 2, 3}, 1, 3, []float64{1, 2, 3}},
		{"half the size is the mean of pairs", 1, 4, []float64{1, 3, 5, 7}, 1, 2, []float64{2, 6}},
		{"three to two: the middle is shared", 1, 3, []float64{3, 6, 9}, 1, 2, []float64{4, 8}},
		{"double the size: straight lines between centres, held at the edges", 1, 2, []float64{0, 4}, 1, 4, []float64{0, 1, 3, 4}},
		{"one pixel grows to a field", 1, 1, []float64{5}, 2, 2, []float64{5, 5, 5, 5}},
		{"each axis by itself", 2, 2, []float64{0, 2, 4, 6}, 1, 4, []float64{2, 2.5, 3.5, 4}},
	} {
		if got := Scale(c.grey, c.rows, c.cols, c.height, c.width); !near(got, c.want) {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

// Shrinking keeps the mean; no size makes a picture brighter or darker than it is anywhere.
func TestScaleKeepsBrightness(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 40).Draw(t, "rows"), rapid.IntRange(1, 40).Draw(t, "cols")
		height, width := rapid.IntRange(1, 40).Draw(t, "height"), rapid.IntRange(1, 40).Draw(t, "width")
		grey := rapid.SliceOfN(rapid.Float64Range(0, 1), rows*cols, rows*cols).Draw(t, "grey")
		got := Scale(grey, rows, cols, height, width)
		const slack = 1e-9
		if slices.Min(got) < slices.Min(grey)-slack || slices.Max(got) > slices.Max(grey)+slack {
			t.Fatalf("%v–%v became %v–%v", slices.Min(grey), slices.Max(grey), slices.Min(got), slices.Max(got))
		}
		if height <= rows && width <= cols && math.Abs(mean(got)-mean(grey)) > slack {
			t.Fatalf("mean %v became %v", mean(grey), mean(got))
		}
	})
}

func mean(v []float64) float64 {
	sum := 0.0
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}

func TestWindows(t *testing.T) {
	img := func(change func(*ward.Image)) *ward.Image {
		i := &ward.Image{Rows: 1, Cols: 5, Values: []float32{0, 50, 100, 150, 200}, Bits: 8, Facts: ward.ImageFacts{Format: "png"}}
		change(i)
		return i
	}
	asItIs := func(*ward.Image) {}
	rescaled := func(i *ward.Image) {
		i.Facts.Format, i.Values = "dicom", []float32{-1000, -500, 0, 500, 1000}
	}
	proposes := func(i *ward.Image) { i.Windows = []ward.Window{{Center: 100, Width: 100}, {Center: 0, Width: 1}} }
	for _, c := range []struct {
		what string
		w    Window
		img  *ward.Image
		want []float64
	}{
		{"full: by what 8 bits can hold", Window{Kind: Full}, img(asItIs), []float64{0, 50. / 255, 100. / 255, 150. / 255, 200. / 255}},
		{"full of rescaled values: by what they span", Window{Kind: Full}, img(rescaled), []float64{0, .25, .5, .75, 1}},
		{"fixed", Window{Kind: Fixed, Center: 100, Width: 100}, img(asItIs), []float64{0, 0, .5, 1, 1}},
		{"the file's first window", Window{Kind: FromFile}, img(proposes), []float64{0, 0, .5, 1, 1}},
		{"a PNG proposes none: full", Window{Kind: FromFile}, img(asItIs), []float64{0, 50. / 255, 100. / 255, 150. / 255, 200. / 255}},
		{"a DICOM file proposes none: what its values span", Window{Kind: FromFile}, img(rescaled), []float64{0, .25, .5, .75, 1}},
		{"percentiles", Window{Kind: Percentiles, Low: 25, High: 75}, img(asItIs), []float64{0, 0, .5, 1, 1}},
		{"small values are bright: turned round", Window{Kind: Fixed, Center: 100, Width: 200}, img(func(i *ward.Image) { i.Inverted = true }), []float64{1, .75, .5, .25, 0}},
		{"no width: black", Window{Kind: Percentiles, Low: 25, High: 75}, img(func(i *ward.Image) { i.Values = make([]float32, 5) }), []float64{0, 0, 0, 0, 0}},
	} {
		in := Input{Width: 5, Height: 1, Resize: Stretch, Window: c.w}
		if got := in.Grey(Of(c.img)); !near(got, c.want) {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}

func TestPlaced(t *testing.T) {
	for _, c := range []struct {
		how        Resize
		rows, cols int
		want       Placement
	}{
		{Stretch, 40, 20, Placement{0, 0, 40, 20, 0, 0, 10, 10}},
		{Pad, 40, 20, Placement{0, 0, 40, 20, 0, 2, 10, 5}},
		{Pad, 20, 40, Placement{0, 0, 20, 40, 2, 0, 5, 10}},
		{Pad, 1, 900, Placement{0, 0, 1, 900, 4, 0, 1, 10}},
		{Crop, 40, 20, Placement{10, 0, 20, 20, 0, 0, 10, 10}},
		{Crop, 21, 40, Placement{0, 9, 21, 21, 0, 0, 10, 10}},
	} {
		in := Input{Width: 10, Height: 10, Resize: c.how}
		if got := in.Placed(c.rows, c.cols); got != c.want {
			t.Errorf("%s of %d × %d: %+v, want %+v", c.how, c.rows, c.cols, got, c.want)
		}
	}
}

// What is padded is black before it is normalised, and the grey is repeated a channel.
func TestPicture(t *testing.T) {
	in := Input{Channels: 3, Width: 2, Height: 2, Resize: Pad, Window: Window{Kind: Full}, Mean: []float64{0, .5, 1}, Std: []float64{1, .5, 2}}
	img := &ward.Image{Rows: 1, Cols: 2, Values: []float32{255, 255}, Bits: 8}
	want := []float32{1, 1, 0, 0, 1, 1, -1, -1, 0, 0, -.5, -.5}
	if got := in.Picture(Of(img)); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// Counting gives the ranks that sorting does, of few values and of many.
func TestRanks(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.SampledFrom([]int{1, 2, 7, few, few + 1, 3 * few}).Draw(t, "n")
		seed := rapid.Uint32().Draw(t, "seed")
		spread := rapid.SampledFrom([]float32{1, 255, 1e-3, 1e9}).Draw(t, "spread")
		whole := rapid.Bool().Draw(t, "whole")
		values := make([]float32, n)
		for i := range values {
			seed = seed*1664525 + 1013904223
			values[i] = (float32(seed>>16)/32768 - 1) * spread
			if whole {
				values[i] = float32(math.Round(float64(values[i])))
			}
		}
		low := rapid.Float64Range(0, 100).Draw(t, "percent")
		sorted := slices.Clone(values)
		slices.Sort(sorted)
		at := low / 100 * float64(n-1)
		first := int(at)
		want := float64(sorted[first])
		if first+1 < n {
			want += (float64(sorted[first+1]) - want) * (at - float64(first))
		}
		if got := Rank(values).Percentiles(low)[0]; math.Abs(got-want) > 1e-12*math.Abs(want) {
			t.Fatalf("%v %% of %d: %v, want %v", low, n, got, want)
		}
	})
}

func TestCheckSaysHowToMend(t *testing.T) {
	right := Input{Name: "image", Channels: 1, Width: 28, Height: 28, Resize: Stretch, Window: Window{Kind: Full}, Mean: []float64{.5}, Std: []float64{.5}}
	if err := right.Check(); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string]func(*Input){
		"no name":                      func(i *Input) { i.Name = "" },
		"two channels":                 func(i *Input) { i.Channels = 2 },
		"no width":                     func(i *Input) { i.Width = 0 },
		"giant":                        func(i *Input) { i.Height = 1 << 20 },
		"another way to resize":        func(i *Input) { i.Resize = "bicubic" },
		"too many means":               func(i *Input) { i.Mean = []float64{0, 0} },
		"a standard deviation of 0":    func(i *Input) { i.Std = []float64{0} },
		"another window":               func(i *Input) { i.Window.Kind = "lung" },
		"full takes no numbers":        func(i *Input) { i.Window.Width = 7 },
		"percentiles turned round":     func(i *Input) { i.Window = Window{Kind: Percentiles, Low: 99, High: 1} },
		"fixed without a width":        func(i *Input) { i.Window = Window{Kind: Fixed, Center: 40} },
		"fixed with percentiles":       func(i *Input) { i.Window = Window{Kind: Fixed, Width: 40, Low: 1} },
		"percentiles with a fixed one": func(i *Input) { i.Window = Window{Kind: Percentiles, Low: 1, High: 99, Width: 1} },
	} {
		wrong := right
		change(&wrong)
		if err := wrong.Check(); err == nil {
			t.Errorf("%s was accepted", what)
		}
	}
}

func TestDifferent(t *testing.T) {
	for _, n := range []int{100, 3 * few} {
		for what, of := range map[string]func(i int) float32{
			"whole numbers": func(i int) float32 { return float32(i%7 - 3) },
			"halves":        func(i int) float32 { return float32(i%7)*8 - 20.5 },
		} {
			values := make([]float32, n)
			for i := range values {
				values[i] = of(i)
			}
			if got := Rank(values).Different(); got != 7 {
				t.Errorf("%d %s: %d different, want 7", n, what, got)
			}
		}
	}
}
