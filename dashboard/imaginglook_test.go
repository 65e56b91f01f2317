//go:build e2e

package dashboard

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/png"
	"math"
	"os/exec"
	"testing"
	"time"

	"wardwatch/dashboard/web"
	"wardwatch/ward"
)

// TestOutlookOfImaging looks at pictures and at what waits for its owner through a real browser. See
// web/test/imaging.mjs.
func TestOutlookOfImaging(t *testing.T) {
	h := open(t, func(o *Options) {
		o.Web, o.Simulation = web.Files(), true
		o.Loopback = &ward.Person{ID: "p-doctor", Name: "Bác sĩ Lan", Access: ward.AccessDoctor, Lang: "vi"}
	})
	h.clock.pass(time.Since(noon))
	h.picture()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	script := exec.CommandContext(ctx, "node", "web/test/imaging.mjs")
	script.Env = append(script.Environ(), "WARDWATCH_URL="+h.base, "WARDWATCH_WARD=icu")
	out, err := script.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatal(err)
	}
}

// picture fills the ward: bed 1 with an unconfirmed picture of this morning, bed 2 with one that a
// demonstration model looked at, bed 3 with one of two days ago that is confirmed, bed 4 with what a
// radiologist wrote long ago; and results that are nobody's yet.
func (h *house) picture() {
	now := h.clock.now()
	for i, name := range []string{"An", "Bình", "Cúc", "Dũng"} {
		bed := ward.BedID("1234"[i : i+1])
		h.admit(ward.StayID("s"+string(bed)), bed, "Nguyễn Văn", name)
	}
	if err := h.s.Refresh(h.t.Context()); err != nil {
		h.t.Fatal(err)
	}
	h.live.Publish(ward.Event{Ward: "icu", At: now, Alert: &ward.Alert{ID: "T1", Place: ward.Place{Ward: "icu", Bed: "2"}, State: ward.Resolved, Version: 2}})
	for i, bed := range []ward.BedID{"1", "2", "3", "4"} {
		h.vitals(bed, now)
		row := []ward.RespiratoryRow{
			{Code: "pneumothorax", Band: ward.Medium, At: now.Add(-3 * time.Hour), Finding: "f1", Unread: true, Age: ward.AgeFresh, Source: "proposal"},
			{Code: "consolidation", Band: ward.Low, At: now.Add(-40 * time.Minute), Finding: "d1", Unread: true, Age: ward.AgeFresh, Source: "proposal"},
			{Code: "effusion", Band: ward.LowMedium, At: now.Add(-50 * time.Hour), Finding: "o1", Age: ward.AgeFading, Source: "proposal"},
			{Code: "emphysema", Band: ward.Low, At: now.Add(-200 * time.Hour), Finding: "r1", Age: ward.AgeContext, Source: "proposal"},
		}[i]
		h.say(bed, now, ward.Assessment{Respiratory: ward.Respiratory{Table: "2026-11-3", Band: row.Band, ROX: 10.9, SF: 282, HasDevice: true, Device: ward.NasalCannula, Rows: []ward.RespiratoryRow{row}}})
	}
	h.imaging.findings = h.shown(now)
	h.imaging.pictures = map[string][]byte{"f1": lungs(512, 0), "f4": lungs(512, 0), "d1": lungs(28, 0), "o1": lungs(512, 0)}
	h.imaging.maps = map[string][]byte{"f1": lungs(512, 0.3), "f4": lungs(512, 0.7), "d1": lungs(28, 0.5)}
	born := time.Date(1950, 1, 2, 0, 0, 0, 0, time.UTC)
	h.imaging.items = []ward.WorklistItem{
		{ID: "w1", Source: "pacs", Why: ward.UnmatchedBirth, Of: ward.Claim{HospitalID: "BN-SECRET-s2", Name: "NGUYEN VAN^BINH", BirthDate: born.AddDate(3, 4, 5), Sex: ward.Male, Accession: "XQ-2026-1187", Acquired: now.Add(-time.Hour)},
			Study: ward.Study{UID: "1.2.9", Modality: "DX", Region: "chest"}, Findings: 3, Guesses: []ward.StayID{"s2"}, Received: now.Add(-50 * time.Minute)},
		{ID: "w3", Source: "pacs", Why: ward.UnmatchedOneMark, Of: ward.Claim{HospitalID: "BN-SECRET-s3", Acquired: now.Add(-2 * time.Hour)},
			Study: ward.Study{UID: "1.2.10", Modality: "CT", Region: "chest"}, Findings: 1, Guesses: []ward.StayID{"s3"}, Received: now.Add(-80 * time.Minute)},
		{ID: "w2", Source: "vendor", Why: ward.UnmatchedUnknown, Of: ward.Claim{HospitalID: "BN-778", Name: "LE THI^HOA"}, Findings: 14, Received: now.Add(-26 * time.Hour)},
	}
}

func (h *house) shown(now time.Time) []StayFinding {
	of := func(id string, stay ward.StayID, code, label string, score float64, hours float64, change func(*StayFinding)) StayFinding {
		f := StayFinding{
			Finding: ward.Finding{
				ID: id, Stay: stay, Source: "pacs", Model: "cxr-adult", ModelVersion: "2.1", StudyUID: "1.2." + string(stay[1:]), InstanceUID: "1.2.3." + string(stay[1:]),
				Accession: "XQ-2026-1180", Modality: "DX", Region: "chest", View: "AP", CodeSystem: ward.SystemSNOMED, Code: code, Label: label, Score: score, Threshold: 0.5,
				Acquired: now.Add(-time.Duration(hours * float64(time.Hour))), Received: now,
			},
			Standing: ward.Standing{Age: ward.AgeFresh, Unread: true}, There: score >= 0.5,
		}
		if !f.There {
			f.Withdrawn = ward.WithdrawnAbsent
		}
		if change != nil {
			change(&f)
		}
		return f
	}
	pictured := func(f *StayFinding) { f.HasPicture, f.Map = true, "map" }
	return []StayFinding{
		of("f1", "s1", "36118008", "pneumothorax", 0.8, 3, func(f *StayFinding) { pictured(f); f.Laterality = ward.LateralityRight }),
		of("f4", "s1", "8186001", "cardiomegaly", 0.61, 3, func(f *StayFinding) { pictured(f); f.Threshold, f.Calibrated = 0.35, true }),
		of("f5", "s1", "60046008", "effusion", 0.1, 3, nil),
		of("f6", "s1", "vendor-x", "Widened mediastinum, with a long name from the vendor", 0.2, 3, nil),
		of("f7", "s1", "36118008", "pneumothorax", 0.7, 20, func(f *StayFinding) { f.StudyUID, f.InstanceUID, f.Withdrawn = "1.1", "1.1.1", ward.WithdrawnNewer }),
		of("d1", "s2", "233604007", "pneumonia", 0.93, 0.7, func(f *StayFinding) {
			pictured(f)
			f.Model, f.ModelVersion, f.Demonstration, f.Warnings, f.View = "demo-pneumonia", "1", true, []string{ward.WarnAgeUnknown, ward.WarnViewUnknown, ward.WarnDemonstration}, ""
		}),
		of("o1", "s3", "60046008", "effusion", 0.77, 50, func(f *StayFinding) {
			pictured(f)
			f.Age, f.Map, f.Confirmed, f.ConfirmedBy, f.ConfirmedAt, f.Unread = ward.AgeFading, "", ward.Confirmed, "p-doctor", now.Add(-49*time.Hour), false
		}),
		of("r1", "s4", "87433001", "emphysema", 1, 200, func(f *StayFinding) {
			f.Age, f.ByPerson, f.Unread, f.Model, f.Modality = ward.AgeContext, true, false, "", "CT"
		}),
	}
}

// lungs is a grey picture with two dark fields, and some heat where a score would come from.
func lungs(size int, heat float64) []byte {
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	for y := range size {
		for x := range size {
			u, v := float64(x)/float64(size)-0.5, float64(y)/float64(size)-0.5
			grey := 190 - 140*math.Exp(-(math.Pow((math.Abs(u)-0.2)/0.11, 2)+math.Pow(v/0.28, 2))) - 90*math.Max(0, math.Hypot(u, v)-0.35)
			hot := heat * 220 * math.Exp(-(math.Pow((u-0.2)/0.09, 2) + math.Pow((v+0.12)/0.12, 2)))
			img.Set(x, y, color.RGBA{uint8(min(255, grey+hot)), uint8(max(0, grey-hot/3)), uint8(max(0, grey-hot/2)), 255})
		}
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		panic(err)
	}
	return out.Bytes()
}
