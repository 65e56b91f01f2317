//go:build cgo

package runtime

import (
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"wardwatch/scoring/internal/tinymodel"
)

func twoIn() tinymodel.Linear {
	return tinymodel.Linear{
		Weights:  [][]float32{{2, -1}},
		Bias:     []float32{0.5},
		Fill:     []float32{10, 20},
		Metadata: map[string]string{"wardwatch": `{"id":"tiny"}`, "other": ""},
	}
}

func opened(t testing.TB) *Runtime {
	t.Helper()
	path, err := Find("")
	if err != nil {
		t.Skipf("no library, so no run: %v", err)
	}
	r, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func loaded(t testing.TB, model []byte) *Session {
	t.Helper()
	s, err := opened(t).Load(model)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func TestRun(t *testing.T) {
	s := loaded(t, twoIn().Bytes())
	if got, want := s.Shape(), (Shape{Input: "features", Features: 2, Output: "logit", Outputs: 1}); got != want {
		t.Errorf("shape %+v, want %+v", got, want)
	}
	if text, ok := s.Metadata("wardwatch"); !ok || text != `{"id":"tiny"}` {
		t.Errorf("metadata %q %v", text, ok)
	}
	if _, ok := s.Metadata("missing"); ok {
		t.Error("metadata that is not there was found")
	}
	gone := float32(math.NaN())
	out := make([]float32, 3)
	if err := s.Run([]float32{1, 1, gone, 1, gone, gone}, 3, out); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float32{1.5, 19.5, 0.5} {
		if out[i] != want {
			t.Errorf("row %d: %v, want %v", i, out[i], want)
		}
	}
}

func TestRunRefusesWhatDoesNotFit(t *testing.T) {
	s := loaded(t, twoIn().Bytes())
	for _, c := range []struct {
		what    string
		numbers int
		n, room int
	}{
		{"no rows", 0, 0, 0},
		{"a negative number of rows", 2, -1, 1},
		{"a number short", 3, 2, 2},
		{"a number too many", 5, 2, 2},
		{"no room for the last result", 4, 2, 1},
		{"too much room", 4, 2, 3},
	} {
		if err := s.Run(make([]float32, c.numbers), c.n, make([]float32, c.room)); err == nil {
			t.Errorf("%s was taken", c.what)
		}
	}
}

func TestRunAfterClose(t *testing.T) {
	s := loaded(t, twoIn().Bytes())
	for range 2 {
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Run(make([]float32, 2), 1, make([]float32, 1)); !errors.Is(err, ErrClosed) {
		t.Errorf("got %v", err)
	}
}

func TestRunFromManyGoroutines(t *testing.T) {
	s := loaded(t, twoIn().Bytes())
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			rows, out := make([]float32, 2*50), make([]float32, 50)
			for i := range rows {
				rows[i] = float32(g)
			}
			for range 20 {
				if err := s.Run(rows, 50, out); err != nil || out[49] != float32(g)+0.5 {
					t.Errorf("goroutine %d: %v, %v", g, out[49], err)
				}
			}
		})
	}
	wg.Wait()
}

func TestLoadRefusesWhatIsNoModel(t *testing.T) {
	r := opened(t)
	whole := twoIn().Bytes()
	wide := twoIn()
	wide.Weights = [][]float32{{1, 2, 3}} // the fill no longer fits
	fixed, two := twoIn(), twoIn()
	fixed.Rows, two.Also = 5, true
	for what, model := range map[string][]byte{
		"nothing":             nil,
		"a text":              []byte("not a model"),
		"zeros":               make([]byte, 4096),
		"half a model":        whole[:len(whole)/2],
		"all but a byte":      whole[:len(whole)-1],
		"shapes do not match": wide.Bytes(),
		"a fixed batch":       fixed.Bytes(),
		"two outputs":         two.Bytes(),
	} {
		if s, err := r.Load(model); err == nil {
			s.Close()
			t.Errorf("%s was loaded", what)
		}
	}
}

// Whatever befalls a file, the library answers or refuses; it never brings the program down.
func TestLoadSurvivesAlteredBytes(t *testing.T) {
	r := opened(t)
	whole := twoIn().Bytes()
	for i := range whole {
		altered := append([]byte(nil), whole...)
		altered[i] ^= 0x55
		tryModel(r, altered)
		tryModel(r, whole[:i])
	}
}

func tryModel(r *Runtime, model []byte) {
	s, err := r.Load(model)
	if err != nil {
		return
	}
	defer s.Close()
	shape := s.Shape()
	if shape.Features > 100 || shape.Outputs > 100 {
		return
	}
	s.Run(make([]float32, 3*shape.Features), 3, make([]float32, 3*shape.Outputs))
}

// The library is loaded once a process, so refusals are tried in a process of their own.
func TestOpenRefusesWhatIsNoLibrary(t *testing.T) {
	if os.Getenv(childEnv) == "" {
		child := exec.Command(os.Args[0], "-test.run=^TestOpenRefusesWhatIsNoLibrary$", "-test.v")
		child.Env = append(os.Environ(), childEnv+"=1")
		said, err := child.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, said)
		}
		return
	}
	dir := t.TempDir()
	text := filepath.Join(dir, "text.so")
	if err := os.WriteFile(text, []byte("this is no library"), 0o644); err != nil {
		t.Fatal(err)
	}
	wrong := []string{text, filepath.Join(dir, "missing.so"), dir}
	if maths, _ := filepath.Glob("/lib/*-linux-gnu/libm.so.6"); len(maths) > 0 {
		wrong = append(wrong, maths[0]) // a library, and another one
	}
	for _, path := range wrong {
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: got %v", path, err)
		}
	}
	opened(t) // a refusal leaves the way open for the right library
}

const childEnv = "WARDWATCH_TEST_CHILD"
