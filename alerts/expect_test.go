package alerts

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"wardwatch/ward"
)

// expect checks one indented line of a script.
func (s *script) expect(line string) error {
	what, value, _ := strings.Cut(line, ": ")
	switch what {
	case "alert", "technical":
		return s.expectAlert(what == "technical", value)
	case "told":
		return s.expectTold(value)
	case "ended":
		if value == ReasonBrief { // it was never written down
			if s.desk.counts.brief == s.brief {
				return fmt.Errorf("no candidate ended")
			}
			s.brief = s.desk.counts.brief
			return nil
		}
		var last ward.Alert
		for _, a := range s.book.alerts {
			if a.State == ward.Resolved && !a.Ended.Before(last.Ended) {
				last = a
			}
		}
		if last.Reason != value {
			return fmt.Errorf("ended because %q", last.Reason)
		}
		return nil
	case "due": // bedside at 09:00:00
		what, at, _ := strings.Cut(value, " at ")
		for _, a := range s.desk.Open() {
			if a.Kind != ward.Technical && (string(a.Next) != what || !a.NextAt.Equal(plain(clock(at)))) {
				return fmt.Errorf("due is %s at %s", a.Next, a.NextAt.Format("15:04:05"))
			}
		}
		return nil
	case "record": // what the last line of the record says
		if last := s.book.audit[len(s.book.audit)-1]; last.Deed+" "+last.Detail != value {
			return fmt.Errorf("the record says %q", last.Deed+" "+last.Detail)
		}
		return nil
	case "refused":
		var e *ward.Error
		if !errors.As(s.failed, &e) || !strings.Contains(e.Message, value) || e.Hint == "" {
			return fmt.Errorf("got %v", s.failed)
		}
		s.failed = nil
		return nil
	}
	return fmt.Errorf("unknown expectation")
}

func (s *script) expectAlert(technical bool, want string) error {
	got := "none"
	for _, a := range s.desk.Open() {
		if (a.Kind == ward.Technical) != technical {
			continue
		}
		got = string(a.State) + " " + a.Band.String()
		if a.Level > 0 {
			got += " level " + strconv.Itoa(a.Level)
		}
		if a.State == ward.Suppressed {
			got += " by " + a.Rule
		}
		for _, c := range a.Causes {
			if c.Live() {
				got += " " + c.Code
			}
		}
	}
	if got != want {
		return fmt.Errorf("the alert is %q", got)
	}
	return nil
}

// expectTold checks everything promised since the last such line.
func (s *script) expectTold(want string) error {
	if s.failed != nil {
		return fmt.Errorf("the deed before was refused: %v", s.failed)
	}
	var got []string
	for _, n := range s.book.notices[s.heard:] {
		who := string(n.Role)
		if n.To != "" {
			who += "/" + string(n.To)
		}
		if n.Why != ward.WhyAlert {
			who += ":" + string(n.Why)
		}
		got = append(got, who)
	}
	s.heard = len(s.book.notices)
	if len(got) == 0 {
		got = []string{"nobody"}
	}
	if w := strings.Fields(want); !slices.Equal(got, w) {
		return fmt.Errorf("told were %v", got)
	}
	return nil
}
