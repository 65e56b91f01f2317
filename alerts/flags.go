package alerts

import (
	"strings"

	"wardwatch/ward"
)

// A flag is a cause beside the chart's points: a limit, oxygen need, an order to look at again. The
// engine knows what it flags: one it no longer lists is over, one it holds is neither confirmed nor
// over, and each brings the time at which it has lasted.

// flagSigns adds the flags of a score, and the end of those that people know of and that are gone.
func flagSigns(buf []sign, k knowledge, s *ward.Score) []sign {
	for i := range s.FlagList() {
		f := &s.Flags[i]
		buf = append(buf, sign{
			code: f.Code, band: f.Band, since: plain(f.Since), due: plain(f.Due),
			proof: !f.Held, fell: !f.Held, quiet: !f.Held && f.Band < trigger, ends: isReview(f.Code),
		})
	}
	if s.NFlags < ward.MaxFlags { // a full list may have left milder ones out
		buf = goneFlags(buf, k.open, s)
		buf = goneFlags(buf, k.past, s)
	}
	return buf
}

func goneFlags(buf []sign, a *ward.Alert, s *ward.Score) []sign {
	if a == nil {
		return buf
	}
	for i := range a.Causes {
		c := &a.Causes[i]
		if c.Live() && isFlag(c.Code) && !flagged(s, c.Code) {
			buf = append(buf, sign{code: c.Code, proof: true, fell: true, quiet: true, ends: isReview(c.Code)})
		}
	}
	return buf
}

func flagged(s *ward.Score, code string) bool {
	for i := range s.FlagList() {
		if s.Flags[i].Code == code {
			return true
		}
	}
	return false
}

func worstFlag(s *ward.Score) (worst ward.Band) {
	for i := range s.FlagList() {
		worst = max(worst, s.Flags[i].Band)
	}
	return worst
}

// isFlag tells the flags by their code, whatever follows its first colon ("limit:spo2:low").
func isFlag(code string) bool {
	kind, _, _ := strings.Cut(code, ":")
	switch kind {
	case ward.FlagLimit, ward.FlagUsual, ward.FlagOxygenDevice, ward.FlagOxygenRise, ward.FlagOxygenHigh,
		ward.FlagRisk, ward.FlagRespiratory, ward.FlagReview:
		return true
	}
	return isReview(code)
}

// isReview says that a flag only asks for a look at an order: it ends with the order, at once, and
// joins what people already know of without calling them again.
func isReview(code string) bool {
	return code == ward.FlagScaleReview || code == ward.FlagLimitsLapse
}
