//go:build cgo

package runtime

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"wardwatch/scoring/internal/tinymodel"
)

// twoByTwo sums what it sees and, as a second result, looks at the lower right pixel alone.
func twoByTwo(atOnce int) tinymodel.Picture {
	return tinymodel.Picture{
		Channels: 1, Height: 2, Width: 2, AtOnce: atOnce,
		Weights: [][]float32{{1, 1, 1, 1}, {0, 0, 0, 1}}, Bias: []float32{0.5, 0},
	}
}

func picture(t testing.TB, model []byte, output string) *PictureSession {
	t.Helper()
	s, err := opened(t).LoadPictures(model, "image", output)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// One picture or several, of a model that takes any number or one at a time: each has its own answer.
func TestPictures(t *testing.T) {
	for _, atOnce := range []int{0, 1, 2} {
		s := picture(t, twoByTwo(atOnce).Bytes(), "logits")
		if got, want := s.Shape(), (PictureShape{Input: "image", Channels: 1, Height: 2, Width: 2, Output: "logits", Outputs: 2, AtOnce: atOnce}); got != want {
			t.Errorf("shape %+v, want %+v", got, want)
		}
		out := make([]float32, 4)
		if err := s.Run([]float32{1, 2, 3, 4, 0, 0, 0, 9}, 2, out); err != nil {
			t.Fatal(err)
		}
		for i, want := range []float32{10.5, 4, 9.5, 9} {
			if out[i] != want {
				t.Errorf("at once %d, result %d: %v, want %v", atOnce, i, out[i], want)
			}
		}
	}
}

// The output is taken by its name, whatever else the model gives.
func TestPictureOutputByName(t *testing.T) {
	s := picture(t, twoByTwo(0).Bytes(), "seen")
	out := make([]float32, 4)
	if err := s.Run([]float32{1, 2, 3, 4}, 1, out); err != nil || out[3] != 4 {
		t.Errorf("%v %v", out, err)
	}
}

func TestPicturesRefuseWhatDoesNotFit(t *testing.T) {
	s := picture(t, twoByTwo(2).Bytes(), "logits")
	for _, c := range []struct {
		what            string
		numbers, n, out int
	}{
		{"no pictures", 0, 0, 0},
		{"a negative number", 4, -1, 2},
		{"a pixel short", 7, 2, 4},
		{"a pixel too many", 9, 2, 4},
		{"no room for the last result", 8, 2, 3},
		{"an odd one of a model that takes pairs", 12, 3, 6},
	} {
		if err := s.Run(make([]float32, c.numbers), c.n, make([]float32, c.out)); err == nil {
			t.Errorf("%s was taken", c.what)
		}
	}
	s.Close()
	if err := s.Run(make([]float32, 8), 2, make([]float32, 4)); !errors.Is(err, ErrClosed) {
		t.Errorf("after Close: %v", err)
	}
}

func TestLoadPicturesSaysWhatIsWrong(t *testing.T) {
	r := opened(t)
	whole := twoByTwo(0).Bytes()
	for _, c := range []struct {
		what, input, output string
		model               []byte
		says                string
	}{
		{"nothing", "image", "logits", nil, "empty"},
		{"a text", "image", "logits", []byte("no model"), "cannot be read"},
		{"half a model", "image", "logits", whole[:len(whole)/2], ""},
		{"another input", "picture", "logits", whole, `"image"`},
		{"another output", "image", "scores", whole, `"logits", "seen"`},
		{"a model of rows", "features", "logit", twoIn().Bytes(), "four dimensions"},
	} {
		s, err := r.LoadPictures(c.model, c.input, c.output)
		if err == nil {
			s.Close()
			t.Errorf("%s was loaded", c.what)
		} else if !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", c.what, err)
		}
	}
}

func TestFix(t *testing.T) {
	s := picture(t, twoByTwo(0).Bytes(), "logits")
	if err := s.Fix(1, 2, 2); err != nil {
		t.Error(err)
	}
	for _, c := range [][3]int{{3, 2, 2}, {1, 4, 2}, {1, 2, 4}} {
		if err := s.Fix(c[0], c[1], c[2]); err == nil {
			t.Errorf("%v was accepted", c)
		}
	}
}

func TestPicturesFromManyGoroutines(t *testing.T) {
	s := picture(t, twoByTwo(0).Bytes(), "logits")
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			pixels, out := make([]float32, 4*10), make([]float32, 20)
			for i := range pixels {
				pixels[i] = float32(g)
			}
			for range 50 {
				if err := s.Run(pixels, 10, out); err != nil || out[18] != float32(4*g)+0.5 {
					t.Errorf("goroutine %d: %v, %v", g, out[18], err)
				}
			}
		})
	}
	wg.Wait()
}
