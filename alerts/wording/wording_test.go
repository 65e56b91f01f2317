package wording

import (
	"strings"
	"testing"
	"unicode/utf16"

	"pgregory.net/rapid"

	"wardwatch/ward"
)

var (
	bed12A = ward.Place{Ward: "hstc", Bed: "12A"}
	theBed = ward.Notice{Alert: "A1", Kind: ward.Clinical, Band: ward.High, Place: bed12A, Level: 2}
)

func with(change func(*ward.Notice)) ward.Notice {
	n := theBed
	change(&n)
	return n
}

// TestWords is to be read by a clinician: what a notice of each kind says.
func TestWords(t *testing.T) {
	cases := []struct {
		name           string
		n              ward.Notice
		simulation     bool
		titleVI, lineV string
		titleEN, lineE string
	}{
		{"a high score on its second rung, simulated", theBed, true,
			"MÔ PHỎNG · Nguy cơ cao · khoa hstc · giường 12A", "MÔ PHỎNG · Cảnh báo · nguy cơ cao · khoa hstc · giường 12A · bậc báo 2",
			"SIMULATION · High risk · ward hstc · bed 12A", "SIMULATION · Alert · high risk · ward hstc · bed 12A · level 2"},
		{"the first rung is not said", with(func(n *ward.Notice) { n.Level, n.Band = 1, ward.Medium }), false,
			"Nguy cơ trung bình · khoa hstc · giường 12A", "Cảnh báo · nguy cơ trung bình · khoa hstc · giường 12A",
			"Medium risk · ward hstc · bed 12A", "Alert · medium risk · ward hstc · bed 12A"},
		{"a single 3", with(func(n *ward.Notice) { n.Level, n.Band = 1, ward.LowMedium }), false,
			"Nguy cơ thấp–trung bình · khoa hstc · giường 12A", "Cảnh báo · nguy cơ thấp–trung bình · khoa hstc · giường 12A",
			"Low–medium risk · ward hstc · bed 12A", "Alert · low–medium risk · ward hstc · bed 12A"},
		{"unknown is not low", with(func(n *ward.Notice) { n.Level, n.Band = 1, ward.Unknown }), false,
			"Chưa đủ dữ liệu · khoa hstc · giường 12A", "Cảnh báo · chưa đủ dữ liệu · khoa hstc · giường 12A",
			"Not enough data · ward hstc · bed 12A", "Alert · not enough data · ward hstc · bed 12A"},
		{"nobody who is called reads that the risk is low", with(func(n *ward.Notice) { n.Level, n.Band = 1, ward.Low }), false,
			"Cảnh báo · khoa hstc · giường 12A", "Cảnh báo · khoa hstc · giường 12A",
			"Alert · ward hstc · bed 12A", "Alert · ward hstc · bed 12A"},
		{"the monitor's own alarm", with(func(n *ward.Notice) { n.Level, n.Kind = 1, ward.DeviceRaise }), false,
			"Báo động của máy theo dõi · khoa hstc · giường 12A", "Báo động của máy theo dõi · nguy cơ cao · khoa hstc · giường 12A",
			"Monitor alarm · ward hstc · bed 12A", "Monitor alarm · high risk · ward hstc · bed 12A"},
		{"a fault on a ward", with(func(n *ward.Notice) { n.Level, n.Kind, n.Place.Bed = 1, ward.Technical, "" }), false,
			"Cảnh báo kỹ thuật · khoa hstc", "Cảnh báo kỹ thuật · khoa hstc",
			"Technical alert · ward hstc", "Technical alert · ward hstc"},
		{"a fault of everything", with(func(n *ward.Notice) { n.Level, n.Kind, n.Place = 1, ward.Technical, ward.Place{} }), false,
			"Cảnh báo kỹ thuật · toàn hệ thống", "Cảnh báo kỹ thuật · toàn hệ thống",
			"Technical alert · whole system", "Technical alert · whole system"},
		{"a snooze is about to end", with(func(n *ward.Notice) { n.Why = ward.WhySnoozeEnds }), false,
			"Sắp hết tạm hoãn · khoa hstc · giường 12A", "Sắp hết tạm hoãn · nguy cơ cao · khoa hstc · giường 12A",
			"Snooze ends soon · ward hstc · bed 12A", "Snooze ends soon · high risk · ward hstc · bed 12A"},
		{"the daily test", ward.Notice{Why: ward.WhyTest, Kind: ward.Technical, Place: ward.Place{Ward: "hstc"}, Level: 1}, false,
			"TIN THỬ · khoa hstc", "TIN THỬ · khoa hstc · không có cảnh báo nào",
			"TEST · ward hstc", "TEST · ward hstc · there is no alert"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for _, w := range [][2]string{
				{Title(Vietnamese, c.n, c.simulation), c.titleVI}, {Line(Vietnamese, c.n, c.simulation), c.lineV},
				{Title(English, c.n, c.simulation), c.titleEN}, {Line(English, c.n, c.simulation), c.lineE},
			} {
				if w[0] != w[1] {
					t.Errorf("says %q, want %q", w[0], w[1])
				}
			}
			if Line("", c.n, c.simulation) != c.lineV {
				t.Error("without a language it is not Vietnamese")
			}
		})
	}
}

func TestShort(t *testing.T) {
	link := "https://wardwatch.benhvien.vn/a/" + strings.Repeat("x", 48)
	longBed := with(func(n *ward.Notice) {
		n.Place = ward.Place{Ward: ward.WardID(strings.Repeat("k", 30)), Bed: "giuong-12A"}
	})
	cases := []struct{ name, got, want string }{
		{"vi", Short(Vietnamese, theBed, true, link), "MO PHONG, Canh bao, nguy co cao, khoa hstc, giuong 12A, bac bao 2 " + link},
		{"en", Short(English, theBed, false, link), "Alert, high risk, ward hstc, bed 12A, level 2 " + link},
		{"no link", Short(English, theBed, false, ""), "Alert, high risk, ward hstc, bed 12A, level 2"},
		{"a dash", Short(Vietnamese, with(func(n *ward.Notice) { n.Band, n.Level = ward.LowMedium, 1 }), false, ""), "Canh bao, nguy co thap-trung binh, khoa hstc, giuong 12A"},
		{"the level goes first", Short(Vietnamese, longBed, false, link), "Canh bao, nguy co cao, khoa " + string(longBed.Place.Ward) + ", giuong giuong-12A " + link},
		{"with marks", ShortUnicode(Vietnamese, theBed, false, ""), "Cảnh báo, nguy cơ cao, khoa hstc, giường 12A, bậc báo 2"},
		{"with marks, simulated", ShortUnicode(Vietnamese, theBed, true, ""), "MÔ PHỎNG, Cảnh báo, nguy cơ cao, khoa hstc, giường 12A, bậc báo 2"},
		{"a test", Short(Vietnamese, ward.Notice{Why: ward.WhyTest, Kind: ward.Technical}, false, ""), "TIN THU, toan he thong, khong co canh bao nao"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("%s: says %q, want %q", c.name, c.got, c.want)
		}
	}
}

// TestShortKeeps: whatever the notice, the short form is in the GSM alphabet, holds the whole bed, ward
// and link and the simulation's mark, and is one message whenever its bare necessities are.
func TestShortKeeps(t *testing.T) {
	id := rapid.StringMatching(`[A-Za-z0-9_-]{1,64}`)
	rapid.Check(t, func(t *rapid.T) {
		n := ward.Notice{
			Kind:  rapid.SampledFrom([]ward.AlertKind{ward.Clinical, ward.DeviceRaise, ward.Technical}).Draw(t, "kind"),
			Why:   rapid.SampledFrom([]ward.NoticeWhy{ward.WhyAlert, ward.WhySnoozeEnds, ward.WhyTest}).Draw(t, "why"),
			Band:  ward.Band(rapid.IntRange(0, 4).Draw(t, "band")),
			Level: rapid.IntRange(0, 5).Draw(t, "level"),
			Place: ward.Place{Ward: ward.WardID(id.Draw(t, "ward")), Bed: ward.BedID(id.Draw(t, "bed"))},
		}
		lang := rapid.SampledFrom([]string{Vietnamese, English}).Draw(t, "lang")
		simulation := rapid.Bool().Draw(t, "simulation")
		link := rapid.StringMatching(`(https://w\.vn/a/[A-Za-z0-9_~.-]{0,90})?`).Draw(t, "link")
		s, u := Short(lang, n, simulation, link), ShortUnicode(lang, n, simulation, link)
		for _, text := range []string{s, u} {
			if !strings.Contains(text, string(n.Place.Ward)) || !strings.Contains(text, string(n.Place.Bed)) || !strings.HasSuffix(text, link) {
				t.Fatalf("%q lost its ward, bed or link", text)
			}
			if strings.Contains(text, "  ") || strings.Contains(text, ", ,") {
				t.Fatalf("%q has a hole", text)
			}
		}
		if simulation && !strings.HasPrefix(s, map[string]string{Vietnamese: "MO PHONG, ", English: "SIMULATION, "}[lang]) {
			t.Fatalf("%q is not marked as a simulation", s)
		}
		if strings.ContainsFunc(s, func(r rune) bool { return r > '~' }) {
			t.Fatalf("%q is not in the GSM alphabet", s)
		}
		const words = 78 // the longest of ours in the shortest form, with a space before the link
		if septets(s) > OnePlain && len(n.Place.Ward)+len(n.Place.Bed)+septets(link)+words <= OnePlain {
			t.Fatalf("%q is %d septets though it could be one message", s, septets(s))
		}
		if u != ShortUnicode(lang, with(func(m *ward.Notice) { *m = n; m.Level = 1 }), simulation, link) && len(utf16.Encode([]rune(u))) > OneUnicode {
			t.Fatalf("%q is too long and still says its level", u)
		}
	})
}

// A name on the wire cannot come out: the words are made of ids and our own words alone.
func TestNobodyIsNamed(t *testing.T) {
	n := with(func(n *ward.Notice) { n.To, n.Role, n.Error, n.Channel = "person-7", "role", "error", "channel" })
	for _, lang := range []string{Vietnamese, English} {
		for _, s := range []string{Line(lang, n, false), Title(lang, n, false), Short(lang, n, false, ""), ShortUnicode(lang, n, false, "")} {
			if strings.Contains(s, "person-7") || strings.Contains(s, "error") || strings.Contains(s, "channel") || strings.Contains(s, "role") {
				t.Errorf("%q says whom it is for", s)
			}
		}
	}
}

// Every kind, band and reason has words in both languages.
func TestNoWordIsMissing(t *testing.T) {
	for _, lang := range []string{Vietnamese, English} {
		for _, k := range []ward.AlertKind{ward.Clinical, ward.DeviceRaise, ward.Technical} {
			if speak(lang).kinds[k] == "" {
				t.Errorf("%s has no word for %s", lang, k)
			}
		}
		for b := ward.Unknown; b <= ward.High; b++ {
			if speak(lang).bands[b] == "" {
				t.Errorf("%s has no word for %s", lang, b)
			}
		}
	}
}
