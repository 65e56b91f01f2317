package paper

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardwatch/dashboard/live"
)

var hcm = time.FixedZone("+07", 7*3600)

func sheet(lang string) Sheet {
	now := time.Date(2026, 11, 22, 14, 30, 0, 0, hcm)
	return Sheet{Lang: lang, Zone: hcm, Now: now, Next: now.Add(15 * time.Minute)}
}

func ms(t time.Time) *int64 { v := t.UnixMilli(); return &v }

func ptr[T any](v T) *T { return &v }

// ward is a ward of n beds: the first high and incomplete, the second without a signal, the third
// empty, the fourth with the longest words there are.
func aWard(n int) *live.SnapshotView {
	s := sheet("vi")
	v := &live.SnapshotView{Ward: live.WardView{ID: "NOI1", Name: "Nội tổng hợp 1"}}
	for i := range n {
		at := s.Now.Add(-time.Duration(i) * time.Minute).UnixMilli()
		t := live.Tile{Bed: fmt.Sprint(i), Label: fmt.Sprintf("Giường %d", i+1), Order: n - i, Vitals: map[string]live.VitalView{}}
		t.Stay = &live.StayView{Name: "Nguyễn Thị Ngọc Ánh", BirthYear: ptr(1950), Sex: "female"}
		for vital, x := range map[string]float64{"rr": 18, "spo2": 96, "hr": 82, "sbp": 121, "dbp": 74, "temp": 36.8, "acvpu": 0, "o2_device": 0} {
			t.Vitals[vital] = live.VitalView{V: x, At: at}
		}
		t.Score = &live.ScoreView{Chart: "news2", Total: ptr(1), LowerBound: 1, Have: 7, Need: 7, Band: "low", Charted: &live.ChartedView{Due: ms(s.Now.Add(2 * time.Hour))}}
		v.Tiles = append(v.Tiles, t)
	}
	high := &v.Tiles[0]
	delete(high.Vitals, "temp")
	high.Score.Total, high.Score.LowerBound, high.Score.Have, high.Score.Band = nil, 8, 6, "high"
	high.Score.Charted.Due = ms(s.Now.Add(-10 * time.Minute))
	high.Vitals["spo2"] = live.VitalView{V: 86, At: s.Now.Add(-26 * time.Hour).UnixMilli(), Doubt: "stuck"}
	high.Alerts = []live.AlertView{{Kind: "clinical", State: "accepted", Points: 8, Told: ms(s.Now.Add(-4 * time.Minute)), Owner: &live.StaffView{Name: "BS Trần Quốc Việt"}}}
	if n > 3 {
		v.Tiles[1].Score, v.Tiles[1].Vitals = nil, nil
		v.Tiles[2].Stay = nil
		long := &v.Tiles[3]
		long.Stay.Name, long.Stay.Care, long.Stay.Scale, long.Stay.SameName = strings.Repeat("Tôn Nữ Phương Quỳnh ", 4), "comfort", 2, true
		long.Vitals["acvpu"], long.Vitals["o2_device"], long.Vitals["o2_flow"] = live.VitalView{V: 4, At: s.Now.UnixMilli()}, live.VitalView{V: 4, At: s.Now.UnixMilli()}, live.VitalView{V: 15, At: s.Now.UnixMilli()}
	}
	return v
}

// textOf reads a PDF with a reader that is not ours.
func textOf(t *testing.T, pdf []byte) string {
	t.Helper()
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("pdftotext is not installed: make packages")
		}
		t.Skip("pdftotext is not installed (Debian: poppler-utils)")
	}
	file := filepath.Join(t.TempDir(), "x.pdf")
	if err := os.WriteFile(file, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(tool, "-layout", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// TestTheWardList: a nurse with this page and nothing else knows who lies where, what was last known
// and when, and what is due; nothing missing looks normal.
func TestTheWardList(t *testing.T) {
	pdf, err := Ward(aWard(24), sheet("vi"))
	if err != nil {
		t.Fatal(err)
	}
	text := textOf(t, pdf)
	for _, want := range []string{
		"Nội tổng hợp 1", "in lúc 14:30 22/11/2026", "bản mới lúc 14:45", "Giường 1", "Nguyễn Thị Ngọc Ánh", "1950 · nữ", "≥8 · 6/7", "Cao", "86 ?", "21/11 12:30",
		"121/74", "36,8", "tỉnh", "đã tiếp nhận", "14:26 BS Trần Quốc Việt", "quá giờ", "Giường trống", "! Tôn Nữ", "Thang 2", "15 L", "Không rõ không có nghĩa là bình thường",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the list does not say %q", want)
		}
	}
	if strings.Contains(text, "MÔ PHỎNG") {
		t.Error("a real ward is marked as a simulation")
	}
	if strings.Contains(text, "paper.") || strings.Contains(text, "vital.") {
		t.Errorf("a text is missing from the catalogue:\n%s", text)
	}
}

// TestASimulationOnPaper: every page of made-up patients says so.
func TestASimulationOnPaper(t *testing.T) {
	v := aWard(60)
	v.Simulation = true
	pdf, err := Ward(v, sheet("en"))
	if err != nil {
		t.Fatal(err)
	}
	text := textOf(t, pdf)
	pages := strings.Count(text, "\f")
	if marks := strings.Count(text, "SIMULATION"); pages < 2 || marks != pages {
		t.Errorf("%d pages, %d marks", pages, marks)
	}
}

// TestAnObservationSheet: it names the patient and their last values, or leaves room for both.
func TestAnObservationSheet(t *testing.T) {
	v := aWard(4)
	pdf, err := Chart(&v.Tiles[0], v.Ward.Name, false, sheet("en"))
	if err != nil {
		t.Fatal(err)
	}
	text := textOf(t, pdf)
	for _, want := range []string{"Giường 1", "Nguyễn Thị Ngọc Ánh", "Respiratory rate", "≥8 · 6/7", "unsure counts as C"} {
		if !strings.Contains(text, want) {
			t.Errorf("the sheet does not say %q", want)
		}
	}
	if pdf, err = Chart(nil, "", false, sheet("vi")); err != nil {
		t.Fatal(err)
	}
	if text = textOf(t, pdf); !strings.Contains(text, "Năm sinh: ____") {
		t.Error("an empty sheet leaves no room for who it is about")
	}
}

// TestTheSamePageTwice: what has not changed is not written differently, so that a copy can be compared.
func TestTheSamePageTwice(t *testing.T) {
	a, err := Ward(aWard(5), sheet("vi"))
	if err != nil {
		t.Fatal(err)
	}
	b, err := Ward(aWard(5), sheet("vi"))
	if err != nil || !bytes.Equal(a, b) {
		t.Errorf("two prints differ (%v)", err)
	}
}

func BenchmarkWard(b *testing.B) {
	v, s := aWard(40), sheet("vi")
	for b.Loop() {
		if _, err := Ward(v, s); err != nil {
			b.Fatal(err)
		}
	}
}
