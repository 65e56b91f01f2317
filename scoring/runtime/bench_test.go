//go:build cgo

package runtime

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	ort "github.com/yalue/onnxruntime_go"

	"wardwatch/scoring/internal/tinymodel"
)

// BenchmarkOverBare compares Run with the binding's bare call on tensors made beforehand, turn by
// turn in one run, so that both meet the same machine: 1,000 rows through a model that serves, and
// through one that costs almost nothing.
func BenchmarkOverBare(b *testing.B) {
	model, err := os.ReadFile(filepath.Join("..", "models", "respiratory-vitals.onnx"))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("served", func(b *testing.B) { overBare(b, model) })
	b.Run("tiny", func(b *testing.B) {
		overBare(b, tinymodel.Linear{Weights: [][]float32{make([]float32, 60)}, Bias: []float32{0}}.Bytes())
	})
}

func overBare(b *testing.B, model []byte) {
	const n = 1000
	s := loaded(b, model)
	r := rand.New(rand.NewPCG(1, 2))
	rows, out := make([]float32, n*s.shape.Features), make([]float32, n*s.shape.Outputs)
	for i := range rows {
		rows[i] = float32(50 + 30*r.NormFloat64())
	}
	in, err := ort.NewTensor(ort.NewShape(n, int64(s.shape.Features)), rows)
	if err != nil {
		b.Fatal(err)
	}
	defer in.Destroy()
	result, err := ort.NewTensor(ort.NewShape(n, int64(s.shape.Outputs)), out)
	if err != nil {
		b.Fatal(err)
	}
	defer result.Destroy()
	bare := func() error { return s.inner.Run([]ort.Value{in}, []ort.Value{result}) }
	ours := func() error { return s.Run(rows, n, out) }
	var took [2]time.Duration
	for b.Loop() {
		for i, run := range []func() error{bare, ours} {
			began := time.Now()
			if err := run(); err != nil {
				b.Fatal(err)
			}
			took[i] += time.Since(began)
		}
	}
	b.ReportMetric(float64(took[0].Microseconds())/float64(b.N), "µs-bare")
	b.ReportMetric(float64(took[1].Microseconds())/float64(b.N), "µs-ours")
	b.ReportMetric(float64(took[1])/float64(took[0]), "ours/bare")
}
