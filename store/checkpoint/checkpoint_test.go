package checkpoint

import (
	"os"
	"path/filepath"
	"testing"
)

type state struct {
	Position uint64
	Beds     map[string]float64
}

func TestSaveAndLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint")
	var got state
	if ok, err := Load(path, &got); ok || err != nil {
		t.Fatalf("none yet: %v %v", ok, err)
	}
	for _, sync := range []bool{false, true} {
		if err := Save(path, state{7, map[string]float64{"12A": 1.5}}, sync); err != nil {
			t.Fatal(err)
		}
		if ok, err := Load(path, &got); !ok || err != nil || got.Position != 7 || got.Beds["12A"] != 1.5 {
			t.Fatalf("%v %v %+v", ok, err, got)
		}
	}
	left, _ := filepath.Glob(filepath.Join(filepath.Dir(path), ".checkpoint-*"))
	if len(left) != 0 {
		t.Fatalf("left behind: %v", left)
	}
}

// Any damage is noticed: every byte flipped, and every shorter length.
func TestDamageIsNoticed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "checkpoint")
	if err := Save(path, state{Position: 7}, false); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range whole {
		flipped := append([]byte(nil), whole...)
		flipped[i] ^= 0x40
		for _, b := range [][]byte{flipped, whole[:i]} {
			if err := os.WriteFile(path, b, 0o600); err != nil {
				t.Fatal(err)
			}
			if ok, err := Load(path, &state{}); ok || err == nil {
				t.Fatalf("byte %d: ok %v err %v", i, ok, err)
			}
		}
	}
}
