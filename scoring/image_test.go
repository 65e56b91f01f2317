package scoring

import (
	"strings"
	"testing"

	"wardwatch/ward"
)

// A finding of an imaging AI that nobody has read asks for a doctor's look until somebody has read it,
// or it counts no more, and anew when one more comes; a view that could not be made, or did not see what
// imaging says, changes nothing. Each wants the code of the flag; empty: none.
func TestAnUnreadImage(t *testing.T) {
	seen := func(code string, waiting int, band ward.Band) ward.Respiratory {
		return ward.Respiratory{Table: "1", Band: band, Rows: []ward.RespiratoryRow{{Code: code, Band: band, Waiting: waiting, Finding: "f"}}}
	}
	none, one, two := ward.Respiratory{Table: "1", Band: ward.Unknown}, seen("pneumothorax", 1, ward.Medium), seen("pneumothorax", 2, ward.Medium)
	type told struct {
		view ward.Respiratory
		code string
	}
	for _, c := range []struct {
		name  string
		after []told
	}{
		{"nothing seen", []told{{none, ""}}},
		{"unread pneumothorax", []told{{one, "image_review"}}},
		{"read", []told{{one, "image_review"}, {seen("pneumothorax", 0, ward.High), ""}}},
		{"withdrawn", []told{{one, "image_review"}, {none, ""}}},
		{"context only", []told{{seen("pneumothorax", 0, ward.Low), ""}}},
		{"another kind, which the policy does not name", []told{{seen("effusion", 1, ward.LowMedium), ""}}},
		{"no view this time", []told{{one, "image_review"}, {ward.Respiratory{Band: ward.Unknown}, "image_review"}}},
		{"what imaging says could not be read", []told{{one, "image_review"}, {ward.Respiratory{Table: "1", Blind: true}, "image_review"}}},
		{"unread beside a confirmed one", []told{{seen("pneumothorax", 1, ward.High), "image_review"}}},
		{"a second one", []told{{one, "image_review"}, {two, "image_review:2"}, {two, "image_review:2"}}},
		{"one of two is read, and a third comes", []told{{two, "image_review"}, {one, "image_review"}, {two, "image_review:2"}}},
		{"read, and another comes", []told{{one, "image_review"}, {none, ""}, {one, "image_review:2"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := DefaultPolicy(lib)
			s, now := State{}, eight
			for i, x := range c.after {
				a := assessed(now)
				a.Respiratory = x.view
				s.judge(&p, a)
				var score ward.Score
				s, score, _ = Step(&p, nil, s, nil, now)
				got := ""
				for _, f := range score.FlagList() {
					if strings.HasPrefix(f.Code, ward.FlagReview) {
						got += f.Code
						if f.Band != ward.Medium || !f.Due.Equal(f.Since) {
							t.Errorf("%+v", f)
						}
					}
				}
				if got != x.code {
					t.Fatalf("after view %d: flag %q, want %q", i, got, x.code)
				}
				now = now.Add(p.Models.Every)
			}
		})
	}
}

// What images raised ends, or is milder, when those who know of the images say so, whatever else of the
// view is missing; what measurements raised does not.
func TestWhatAnImageRaisedEndsWithIt(t *testing.T) {
	view := func(sf float64, rows ...ward.RespiratoryRow) ward.Respiratory {
		return ward.Respiratory{Table: "1", SF: sf, Rows: rows}
	}
	image := func(band ward.Band) ward.RespiratoryRow {
		return ward.RespiratoryRow{Code: "pneumothorax", Band: band, Finding: "f"}
	}
	joint := ward.RespiratoryRow{Code: "sf_opacities", Band: ward.High, Finding: "f", Joint: true}
	oxygen := ward.RespiratoryRow{Code: "oxygen_40", Band: ward.Medium}
	blind := view(0)
	blind.Blind = true
	for _, c := range []struct {
		name         string
		before, then ward.Respiratory
		want         ward.Band // Low: no flag
	}{
		{"a child's, rejected", view(0, image(ward.High)), view(0), ward.Low},
		{"a child's, fading", view(0, image(ward.High)), view(0, image(ward.Medium)), ward.Medium},
		{"a ventilated person's, rejected; the oxygen is high", view(200, image(ward.High), oxygen), view(200, oxygen), ward.Medium},
		{"rejected, and the oxygen is not known any more", view(200, image(ward.High), oxygen), view(0), ward.Medium},
		{"not read this time", view(0, image(ward.High)), blind, ward.High},
		{"opacities beside a low S/F, saturation lost", view(200, joint, image(ward.LowMedium)), view(0, image(ward.LowMedium)), ward.High},
		{"opacities beside a low S/F, which is better", view(200, joint, image(ward.LowMedium)), view(330, image(ward.LowMedium)), ward.Low},
		{"opacities beside a low S/F, saturation lost, and rejected", view(200, joint, image(ward.LowMedium)), view(0), ward.Low},
		{"opacities beside a low S/F, not read this time", view(200, joint, image(ward.LowMedium)), func() ward.Respiratory {
			v := view(200)
			v.Blind = true
			return v
		}(), ward.High},
	} {
		p := DefaultPolicy(lib)
		s, now := State{}, eight
		for range 4 { // people have been told
			s.judge(&p, &ward.Assessment{At: now, Respiratory: c.before})
			now = now.Add(p.Models.Every)
		}
		s.judge(&p, &ward.Assessment{At: now, Respiratory: c.then})
		_, score, _ := Step(&p, nil, s, nil, now)
		got, flags := ward.Low, 0
		for _, f := range score.FlagList() {
			if f.Code == ward.FlagRespiratory {
				got, flags = f.Band, flags+1
			}
		}
		if got != c.want || flags > 1 {
			t.Errorf("%s: %v, want %v; %d flags", c.name, got, c.want, flags)
		}
	}
}

// One matter is one flag: what the graver concern says, since the earlier. What was seen on an image and is
// read does not wait as a measurement does.
func TestOneFlagForOneMatter(t *testing.T) {
	p := DefaultPolicy(lib)
	s := State{}
	s.judge(&p, &ward.Assessment{At: eight, Respiratory: measured(ward.Medium, true)})
	v := measured(ward.Medium, true)
	v.Rows = append(v.Rows, ward.RespiratoryRow{Code: "pneumothorax", Band: ward.High, Finding: "f"})
	later := eight.Add(p.Models.Every)
	s.judge(&p, &ward.Assessment{At: later, Respiratory: v})
	_, score, _ := Step(&p, nil, s, nil, later)
	f := flag(score, ward.FlagRespiratory)
	if f == nil || f.Band != ward.High || !f.Since.Equal(eight) || !f.Due.Equal(later.Add(p.Imaging.Persist)) || f.Held {
		t.Errorf("%+v", f)
	}
}

// Somebody of whom nothing has been measured is looked at all the same once an image says something
// of them; somebody who has left is not.
func TestKnowingSomebodyByAnImage(t *testing.T) {
	stays := map[ward.StayID]*ward.Stay{
		"s1": {ID: "s1", Place: ward.Place{Ward: "w", Bed: "1"}},
		"s2": {ID: "s2", Place: ward.Place{Ward: "w", Bed: "2"}, Ended: eight},
	}
	var scored []ward.Score
	e := NewEngine(Options{
		Policy: DefaultPolicy(lib), Stay: func(id ward.StayID) *ward.Stay { return stays[id] },
		Scored: func(s *ward.Score, _ *ward.Reading) { scored = append(scored, *s) }, Record: func([]ward.Score) {},
	})
	for _, id := range []ward.StayID{"s1", "s1", "s2", "nobody"} {
		e.Know(id)
	}
	if people := e.Subjects(eight); len(people) != 1 || people[0].ID != "s1" {
		t.Fatalf("%+v", people)
	}
	e.Judge(&ward.Assessment{Place: stays["s1"].Place, Stay: "s1", At: eight, Respiratory: ward.Respiratory{
		Table: "1", Band: ward.Medium, Rows: []ward.RespiratoryRow{{Code: "pneumothorax", Band: ward.Medium, Finding: "f", Unread: true, Waiting: 1}},
	}}, eight)
	if len(scored) != 1 || flag(scored[0], ward.FlagReview) == nil || scored[0].Lost || scored[0].Complete || scored[0].Band != ward.Unknown {
		t.Errorf("%+v", scored)
	}
}
