package evidence

import (
	"strings"

	"wardwatch/ward"
)

// Says is what a closing reason says of the alert: whether it was worth somebody's coming.
type Says string

// What a reason may say.
const (
	SaysTrue    Says = "true"    // something was done for the patient because of it
	SaysFalse   Says = "false"   // nothing was wrong, or nothing that was not known
	SaysUnknown Says = "unknown" // neither can be told from it
)

// Reason is one code for why an alert was closed, with its words in both languages.
type Reason struct {
	Code string `json:"code"`
	Says Says   `json:"says"`
	VI   string `json:"vi"`
	EN   string `json:"en"`
}

// ReasonOther is the code for what is said in words of one's own.
const ReasonOther = "other"

// Reasons is the closed list of codes for closing an alert, in the order in which they are offered:
// a proposal for local clinicians to sign. "assessed" is false because the question is whether the
// alert made anybody act; a look that changes nothing is its price, not its yield.
func Reasons() []Reason {
	return []Reason{
		{"treated", SaysTrue, "Đã xử trí", "Treated"},
		{"escalated", SaysTrue, "Đã hội chẩn hoặc báo cấp trên", "Escalated to senior or consulted"},
		{"icu", SaysTrue, "Chuyển hồi sức tích cực (HSTC)", "Moved to intensive care"},
		{"monitoring", SaysTrue, "Tăng mức theo dõi", "Monitored more closely"},
		{"limits", SaysTrue, "Đã thay đổi mục tiêu điều trị", "Treatment goals changed"},
		{"artefact", SaysFalse, "Nhiễu tín hiệu, đã kiểm tra tại giường", "Artefact, checked at the bedside"},
		{"wrong_value", SaysFalse, "Nhập sai hoặc đo sai", "Wrong entry or measurement"},
		{"baseline", SaysFalse, "Tình trạng nền đã biết", "Known baseline"},
		{"assessed", SaysFalse, "Đã khám, ổn định", "Assessed, stable"},
		{"procedure", SaysFalse, "Do thủ thuật hoặc chăm sóc", "Caused by a procedure or by care"},
		{"plan", SaysUnknown, "Đã có kế hoạch điều trị", "A plan is in place"},
		{ReasonOther, SaysUnknown, "Lý do khác", "Other reason"},
	}
}

// coder finds the codes in reasons as they were written.
type coder map[string]Reason

func newCoder() coder {
	c := coder{}
	for _, r := range Reasons() {
		for _, word := range []string{r.Code, r.VI, r.EN} {
			c[strings.ToLower(word)] = r
		}
	}
	return c
}

// of finds the code of a reason: the code itself, the code before a colon and more words, or its
// label in either language, whatever the case. ok is false for free text.
func (c coder) of(text string) (Reason, bool) {
	text = strings.ToLower(strings.TrimSpace(text))
	if r, ok := c[text]; ok {
		return r, r.Code != ReasonOther
	}
	head, _, _ := strings.Cut(text, ":")
	r, ok := c[strings.TrimSpace(head)]
	return r, ok && r.Code != ReasonOther
}

// CodeOf is the code that a reason was written with, without the words beside it; empty for a reason
// in words of one's own.
func CodeOf(text string) string {
	r, _ := newCoder().of(text)
	return r.Code
}

// closing is how one told alert ended.
type closing int

const (
	stillOpen closing = iota
	byItself
	uncoded
	coded
)

func (c coder) closing(a *ward.Alert) (Reason, closing) {
	switch {
	case a.State != ward.Resolved:
		return Reason{}, stillOpen
	case a.EndedBy == "":
		return Reason{}, byItself
	}
	if r, ok := c.of(a.Reason); ok {
		return r, coded
	}
	return Reason{}, uncoded
}
