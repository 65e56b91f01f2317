//go:build e2e

package e2e

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// madeUpChart writes a small file of the MIMIC-III demo's layout: hourly charting of patients whose
// values wander, with everything its mapping has a rule for.
func madeUpChart(t testing.TB) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("subject_id,icustay_id,minute_from_icu_in,signal,itemid,value,unit\n")
	random := rand.New(rand.NewPCG(7, 11))
	for p := range 12 {
		for hour := range 30 {
			minute := hour*60 + p - 40
			put := func(signal string, item int, value any, unit string) {
				fmt.Fprintf(&b, "%d,%d,%d,%s,%d,%v,%s\n", 40000+p, 290000+p, minute, signal, item, value, unit)
			}
			sick := float64(hour%12) * random.Float64()
			put("HR", 211, 70+int(5*sick), "BPM")
			put("RR", 618, 14+int(sick), "BPM")
			put("RR", 615, 40, "BPM") // the ventilator's total gives way
			put("SpO2", 646, 99-int(sick), "%")
			put("SBP", 455, 130-int(4*sick), "mmHg")
			if p%3 == 0 {
				put("SBP", 51, 128-int(4*sick), "mmHg") // an arterial line: the cuff is a second device
				put("DBP", 8368, 70.5, "mmHg")
			}
			switch {
			case hour%4 == 0 && p%2 == 0:
				put("TempF", 678, 97+sick/2, "Deg. F")
			case hour%4 == 0:
				put("TempC", 676, 36.5+sick/8, "Deg. C")
			case hour%4 == 2:
				put("FiO2", 223835, 21+int(sick)*3, "")
				put("FiO2", 190, 40, "torr") // not a fraction: refused
			}
			if hour%3 == 0 {
				put("GCS_eye", 184, 4-int(sick)/4, "")
				put("GCS_verbal", 723, []string{"5", "4", "1", "1.0 ET/Trach"}[int(sick)/3%4], "")
				put("VentMode", 720, "", "")
				put("O2Device", 467, []string{"None", "Nasal Cannula", "Other", "Venti Mask"}[int(sick)%4], "")
				put("O2Flow", 470, int(sick)/2, "lpm")
			}
			put("HR", 211, 71+int(5*sick), "BPM") // charted again: the later row wins
			put("SpO2", 646, "", "%")
		}
	}
	path := filepath.Join(t.TempDir(), "vitals.csv")
	if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
