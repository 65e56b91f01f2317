package course

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Names that are no signal.
const (
	nameAge  = "age"
	nameMale = "male"
	nameLab  = "lab"
	nameAll  = "all"
)

// longestLab bounds how old a laboratory result may be asked for: a year, in hours.
const longestLab = 366 * 24

// op is what is made of a signal over some hours.
type op uint8

const (
	opLast op = iota
	opMean
	opMin
	opMax
	opSD
	opSlope
	opOver
	opUnder
)

var opNames = [...]string{"last", "mean", "min", "max", "sd", "slope", "over", "under"}

// part is one feature of a signal: where it goes, and what of the signal it is.
type part struct {
	out   int
	op    op
	hours int     // 0: every hour since the stay began
	limit float64 // of over and under
}

// parsePart reads what follows the signal in a feature's name.
func parsePart(out int, words []string) (part, error) {
	p := part{out: out}
	if len(words) < 2 {
		return p, errors.New("say SIGNAL.OPERATOR.HOURS, as in hr.mean.6")
	}
	known := slices.Index(opNames[:], words[0])
	if known == none {
		return p, fmt.Errorf("no operator %q: there are %s", words[0], strings.Join(opNames[:], ", "))
	}
	p.op = op(known)
	between, last := words[1:len(words)-1], words[len(words)-1]
	if err := p.parseLimit(between); err != nil {
		return p, err
	}
	if last == nameAll {
		if p.op < opMean || p.op > opSD {
			return p, fmt.Errorf("%s is not kept over all hours: mean, min, max and sd are", words[0])
		}
		return p, nil
	}
	var err error
	p.hours, err = parseHours(last, hours)
	return p, err
}

func (p *part) parseLimit(words []string) (err error) {
	share := p.op == opOver || p.op == opUnder
	if !share && len(words) != 0 {
		return fmt.Errorf("%s takes hours only, as in hr.%[1]s.6", opNames[p.op])
	}
	if !share {
		return nil
	}
	p.limit, err = strconv.ParseFloat(strings.Join(words, "."), 64)
	if err != nil || math.IsInf(p.limit, 0) || math.IsNaN(p.limit) {
		return fmt.Errorf("%s takes a number and hours, as in rr.%[1]s.24.6", opNames[p.op])
	}
	return nil
}

func parseHours(word string, most int) (int, error) {
	h, err := strconv.Atoi(word)
	if err != nil || h < 1 || h > most {
		return 0, fmt.Errorf("%q hours: give 1 to %d", word, most)
	}
	return h, nil
}

// labPart is a feature of a laboratory value.
type labPart struct{ out, lab, hours int }

func (s *Spec) parseLab(out int, words []string) (labPart, error) {
	if len(words) != 2 {
		return labPart{}, errors.New("say lab.NAME.HOURS, as in lab.lactate.24")
	}
	if !slices.ContainsFunc(s.labs, func(l Lab) bool { return l.Name == words[0] }) {
		return labPart{}, fmt.Errorf("no laboratory value %q in the specification", words[0])
	}
	h, err := parseHours(words[1], longestLab)
	return labPart{out, labOf(words[0]), h}, err
}
