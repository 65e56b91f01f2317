package stat

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Rows as in TestByHand, out of order: a rank of three scores.
func TestRankedByHand(t *testing.T) {
	r := Rank([]float64{1, 0, 2, 2, 0, 1, 2}, []int32{0, 0, 0, 1, 1, 1, 2}, []bool{true, false, true, true, false, false, false})
	once := Once(3)
	auroc, auprc := r.Discrimination(once)
	near(t, "AUROC", auroc, 9.5/12)
	near(t, "AUPRC", auprc, 2./3*2/3+1./3*3/5)
	var got []Reach
	r.Descend(once, func(at Reach) bool { got = append(got, at); return at.Threshold > 0 })
	want := []Reach{{2, 3, 2, 2}, {1, 5, 3, 2}, {0, 7, 3, 2}}
	if !slices.Equal(got, want) {
		t.Errorf("descends by %v, want %v", got, want)
	}
	for threshold, reach := range map[float64]Reach{3: {3, 0, 0, 0}, 2: {2, 3, 2, 2}, 1.5: {1.5, 3, 2, 2}, -1: {-1, 7, 3, 2}} {
		if got := r.At(once, threshold); got != reach {
			t.Errorf("at %v it is %v, want %v", threshold, got, reach)
		}
	}
	// Patient 1 drawn twice, patient 2 never.
	if got, want := r.At([]uint8{1, 2, 0}, 2), (Reach{2, 3, 3, 3}); got != want {
		t.Errorf("drawn again it is %v, want %v", got, want)
	}
	for _, nobody := range [][]uint8{{0, 0, 0}, {0, 0, 1}} {
		if auroc, auprc := r.Discrimination(nobody); !math.IsNaN(auroc) || !math.IsNaN(auprc) {
			t.Errorf("without rows of both kinds it is %v, %v", auroc, auprc)
		}
	}
}

// Ranked must say what counts by bin say, on any draw, when a bin is a score.
func TestRankedAgreesWithCounts(t *testing.T) {
	const people, bins = 6, 5
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "rows")
		score, patient, event := make([]float64, n), make([]int32, n), make([]bool, n)
		drawn := rapid.SliceOfN(rapid.Uint8Range(0, 3), people, people).Draw(t, "drawn")
		counts := NewCounts(bins)
		for i := range n {
			bin := rapid.IntRange(0, bins-1).Draw(t, "bin")
			score[i], patient[i], event[i] = float64(bin), int32(rapid.IntRange(0, people-1).Draw(t, "patient")), rapid.Bool().Draw(t, "event")
			if event[i] {
				counts.Pos[bin] += float64(drawn[patient[i]])
			} else {
				counts.Neg[bin] += float64(drawn[patient[i]])
			}
		}
		r := Rank(score, patient, event)
		auroc, auprc := r.Discrimination(drawn)
		for _, c := range []struct{ got, want float64 }{{auroc, counts.AUROC()}, {auprc, counts.AUPRC()}} {
			if math.IsNaN(c.got) != math.IsNaN(c.want) || math.Abs(c.got-c.want) > 1e-12 {
				t.Fatalf("ranked says %v, counts %v", c.got, c.want)
			}
		}
		at := r.At(drawn, 2)
		found := map[int32]bool{}
		rows := 0.0
		for i := range n {
			if score[i] < 2 {
				continue
			}
			rows += float64(drawn[patient[i]])
			if event[i] {
				found[patient[i]] = true
			}
		}
		patients := 0.0
		for p := range found {
			patients += float64(drawn[p])
		}
		if at.Rows != rows || at.Patients != patients {
			t.Fatalf("reaches %v rows of %v patients, want %v of %v", at.Rows, at.Patients, rows, patients)
		}
	})
}
