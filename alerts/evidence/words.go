package evidence

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"wardwatch/ward"
)

// Words are a digest's own small catalogue in one language: it is read out and printed where no
// screen translates. A code that it lacks is said as it is.
type Words struct {
	lang  string
	names map[string]string // of codes
	coder coder
}

// WordsOf is the catalogue of a language; Vietnamese where there is none.
func WordsOf(lang string) Words {
	column := 0
	if lang == "en" {
		column = 1
	} else {
		lang = "vi"
	}
	w := Words{lang: lang, names: map[string]string{}, coder: newCoder()}
	for code, both := range catalogue() {
		w.names[code] = both[column]
	}
	return w
}

// Of says a code.
func (w Words) Of(code string) string {
	if name, ok := w.names[code]; ok {
		return name
	}
	return code
}

func catalogue() map[string][2]string {
	return map[string][2]string{
		"title":      {"Bàn giao ca", "Shift hand-over"},
		"quiet":      {"không có cảnh báo trong ca", "no alert in the shift"},
		"bed":        {"Giường", "Bed"},
		"score":      {"điểm", "score"},
		"no_score":   {"chưa có điểm", "no score"},
		"open":       {"Cảnh báo đang mở", "Open alert"},
		"since":      {"từ", "since"},
		"until":      {"đến", "until"},
		"last_set":   {"Bộ sinh hiệu gần nhất", "Last set"},
		"next_set":   {"lần tới", "next"},
		"care":       {"Mức điều trị", "Care"},
		"limits":     {"Ngưỡng riêng", "Own limits"},
		"tasks":      {"Việc cần làm", "To do"},
		"none":       {"Không có người bệnh nào.", "No patients."},
		"owner":      {"do", "by"},
		"nobody":     {"chưa ai tiếp nhận", "nobody has accepted"},
		"ceilings":   {"có giới hạn điều trị", "ceilings of treatment"},
		"comfort":    {"chăm sóc giảm nhẹ", "comfort care"},
		"low":        {"thấp", "low"},
		"low_medium": {"thấp–trung bình", "low–medium"},
		"medium":     {"trung bình", "medium"},
		"high":       {"cao", "high"},
		"unknown":    {"chưa rõ", "unknown"},

		string(ward.Active):     {"đã báo", "told"},
		string(ward.Delivered):  {"đã gửi tới", "delivered"},
		string(ward.Seen):       {"đã xem", "seen"},
		string(ward.Accepted):   {"đã tiếp nhận", "accepted"},
		string(ward.AtBedside):  {"đang tại giường", "at the bedside"},
		string(ward.Snoozed):    {"tạm hoãn", "snoozed"},
		string(ward.Suppressed): {"tạm không báo", "suppressed"},

		"alert.tell":       {"báo", "told"},
		"alert.escalate":   {"báo cấp trên", "escalated"},
		"alert.accept":     {"tiếp nhận", "accepted"},
		"alert.decline":    {"từ chối", "declined"},
		"alert.on_way":     {"đang đến", "on the way"},
		"alert.at_bedside": {"đã đến giường", "at the bedside"},
		"alert.charted":    {"nhập sinh hiệu", "observations charted"},
		"alert.plan":       {"đã có kế hoạch", "plan in place"},
		"alert.snooze":     {"tạm hoãn", "snoozed"},
		"alert.wake":       {"hết tạm hoãn", "snooze over"},
		"alert.review":     {"cần đánh giá lại", "review asked for"},
		"alert.resolve":    {"kết thúc", "closed"},
		"alert.suppress":   {"tạm không báo", "suppressed"},
		"alert.raise":      {"phát hiện", "raised"},
		"alert.see":        {"đã xem", "seen"},
		"alert.handover":   {"bàn giao", "handed over"},
		"alert.move":       {"chuyển giường", "moved"},

		StepCauseBegan: {"bắt đầu", "began"},
		StepCauseEnded: {"chấm dứt", "ended"},
		StepPromised:   {"cần báo", "to be told"},
		StepTried:      {"gửi chưa được, sẽ thử lại", "not sent yet, will be tried again"},
		StepDelivered:  {"đã gửi tới", "delivered"},
		StepFailed:     {"không gửi được", "could not be delivered"},
		StepWithdrawn:  {"thu hồi", "withdrawn"},

		"observation.chart": {"nhập sinh hiệu", "observations charted"},
		"stay.admit":        {"nhập khoa", "admitted"},
		"stay.transfer":     {"chuyển giường", "moved"},
		"stay.discharge":    {"ra khoa", "discharged"},
		"stay.scale":        {"thang SpO₂", "SpO₂ scale"},
		"stay.care":         {"mức điều trị", "care order"},
		"stay.limit":        {"đặt ngưỡng riêng", "own limits set"},
		"stay.limit_end":    {"bỏ ngưỡng riêng", "own limits ended"},
		"stay.off_ward":     {"ra khỏi khoa", "off the ward"},
		"stay.return":       {"trở lại khoa", "back on the ward"},
		"stay.assign":       {"phân công", "assigned"},
		"stay.symptoms":     {"đánh giá triệu chứng", "symptoms checked"},
		"incident.export":   {"xuất hồ sơ sự cố", "incident file made"},

		TaskAlert:       {"có cảnh báo chưa xử lý xong", "an alert still waits"},
		TaskSetOverdue:  {"quá giờ đo sinh hiệu", "observations overdue"},
		TaskReturn:      {"quá giờ trở lại khoa", "overdue back on the ward"},
		TaskSnoozeEnds:  {"tạm hoãn sắp hết", "a snooze ends"},
		TaskPlanEnds:    {"kế hoạch hết hạn", "a plan ends"},
		TaskSetDue:      {"đến giờ đo sinh hiệu", "observations due"},
		TaskCareReview:  {"xem lại mức điều trị", "review the care order"},
		TaskLimitsLapse: {"ngưỡng riêng sắp hết hạn", "own limits lapse"},
		TaskScaleReview: {"xem lại thang SpO₂ 2", "review SpO₂ scale 2"},
		TaskReturnDue:   {"đang ra khỏi khoa", "off the ward"},

		string(ward.RoleNurse):    {"điều dưỡng", "nurse"},
		string(ward.RoleCharge):   {"điều dưỡng trưởng", "nurse in charge"},
		string(ward.RoleDoctor):   {"bác sĩ trực", "doctor on duty"},
		string(ward.RoleLead):     {"trực lãnh đạo", "duty lead"},
		string(ward.RoleICU):      {"HSTC", "intensive care"},
		string(ward.RoleEngineer): {"kỹ thuật", "engineer"},

		"how.default": {"theo mặc định của khoa", "by the ward's default"},
		"how.all":     {"mọi người của khoa", "everybody of the ward"},
		"how.nobody":  {"không có ai trực", "nobody is on duty"},

		"news2":             {"NEWS2", "NEWS2"},
		"signal_lost":       {"mất tín hiệu", "signal lost"},
		"check_patient":     {"kiểm tra người bệnh ngay", "check the patient now"},
		"device":            {"báo động của máy", "device alarm"},
		"limit":             {"vượt ngưỡng", "beyond a limit"},
		"silent_device":     {"máy im lặng", "silent device"},
		"many":              {"nhiều giường cùng mất", "many beds at once"},
		"symptom_check_due": {"đến giờ đánh giá triệu chứng", "symptom check due"},
		"symptom_severe":    {"triệu chứng nặng", "a severe symptom"},
		"care_review_due":   {"cần xem lại mức điều trị", "care review due"},
		"oxygen_rise":       {"tăng nhu cầu oxy", "oxygen need rises"},
		"oxygen_device":     {"đổi sang thiết bị oxy mạnh hơn", "moved to a stronger oxygen device"},
		"oxygen_high":       {"nhu cầu oxy cao", "high oxygen need"},
		"score fell":        {"điểm đã giảm", "the score fell"},
	}
}

func itoa(n int) string { return strconv.Itoa(n) }

func clock(at int64, zone *time.Location) string {
	return time.UnixMilli(at).In(zone).Format("15:04")
}

// event says one audit row of an alert; empty for rows that are no news to a colleague.
func (w Words) event(e ward.AuditEntry, a *ward.Alert, s *Shift) string {
	switch e.Deed {
	case "alert.raise", "alert.see": // what follows says more
		return ""
	}
	if _, known := w.names[e.Deed]; !known {
		return ""
	}
	parts := []string{w.Of(e.Deed)}
	switch e.Deed {
	case deedTell:
		if levelOf(e.Detail) > 1 {
			parts[0] = w.Of("alert.escalate")
		}
		band, _ := bandOf(e.Detail)
		return fmt.Sprintf("%s %s: %s, %s", parts[0], w.roles(e.Detail), w.cause(e.Detail), w.Of(band.String()))
	case "alert.escalate":
		if e.By == "" {
			return "" // the telling that follows says it
		}
	}
	if e.By != "" {
		if name := s.Name(e.By); name != "" {
			parts = append(parts, name)
		}
	}
	role, reason, _ := actedAs(e)
	if role != "" {
		parts = append(parts, "("+w.Of(string(role))+")")
	} else {
		reason = e.Detail
	}
	if e.Deed == "alert.snooze" && a.State == ward.Snoozed || e.Deed == "alert.plan" && !a.Until.IsZero() {
		parts = append(parts, w.Of("until")+" "+clock(ms(a.Until), s.Zone))
	}
	line := strings.Join(parts, " ")
	if reason != "" {
		line += ": " + w.reason(reason)
	}
	return line
}

// reason says a coded reason in the language, and any other as it was written.
func (w Words) reason(text string) string {
	if r, ok := w.coder.of(text); ok {
		if w.lang == "en" {
			return r.EN
		}
		return r.VI
	}
	return w.Of(text)
}

func (w Words) roles(detail string) string {
	var names []string
	for _, r := range rolesOf(detail) {
		name := w.Of(string(r.role))
		if r.how != "" {
			name += " (" + w.Of("how."+string(r.how)) + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

// cause says what an alert.tell row was about.
func (w Words) cause(detail string) string {
	code := causeOf(detail)
	kind, of, more := strings.Cut(code, ":")
	if more {
		return w.Of(kind) + " " + strings.ReplaceAll(of, ":", " ")
	}
	return w.Of(code)
}

// text is the whole digest to read out.
func (w Words) text(d *Digest, zone *time.Location) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s–%s\n", w.Of("title"), clock(d.From, zone), clock(d.At, zone))
	if len(d.Patients) == 0 {
		b.WriteString(w.Of("none") + "\n")
	}
	for i := range d.Patients {
		w.patient(&b, &d.Patients[i], zone)
	}
	return b.String()
}

func (w Words) patient(b *strings.Builder, p *PatientDigest, zone *time.Location) {
	label := p.Label
	if !strings.HasPrefix(label, w.Of("bed")) {
		label = w.Of("bed") + " " + label
	}
	fmt.Fprintf(b, "\n%s", label)
	if p.Name != "" {
		b.WriteString(" " + p.Name)
	}
	if p.Points == "" {
		b.WriteString(": " + w.Of("no_score"))
	} else {
		fmt.Fprintf(b, ": %s %s (%s)", w.Of("score"), p.Points, w.Of(p.Band))
	}
	if p.Care != "" {
		fmt.Fprintf(b, "; %s: %s", w.Of("care"), w.Of(p.Care))
	}
	b.WriteString("\n")
	if a := p.Alert; a != nil {
		who := w.Of("nobody")
		if a.Owner != "" {
			who = w.Of("owner") + " " + a.Owner
		}
		fmt.Fprintf(b, "- %s: %s, %s, %s %s, %s\n", w.Of("open"), w.Of(a.Band), w.Of(a.State), w.Of("since"), clock(a.Since, zone), who)
	}
	if len(p.Events) == 0 {
		fmt.Fprintf(b, "- %s\n", w.Of("quiet"))
	}
	for _, e := range p.Events {
		fmt.Fprintf(b, "- %s %s\n", clock(e.At, zone), e.Text)
	}
	w.outlook(b, p, zone)
}

// outlook is what the next shift has to know ahead.
func (w Words) outlook(b *strings.Builder, p *PatientDigest, zone *time.Location) {
	if p.LastSet != 0 || p.NextSet != 0 {
		fmt.Fprintf(b, "- %s: ", w.Of("last_set"))
		if p.LastSet != 0 {
			b.WriteString(clock(p.LastSet, zone))
		} else {
			b.WriteString("–")
		}
		if p.NextSet != 0 {
			fmt.Fprintf(b, ", %s %s", w.Of("next_set"), clock(p.NextSet, zone))
		}
		b.WriteString("\n")
	}
	for _, l := range p.Limits {
		fmt.Fprintf(b, "- %s: %s %s–%s %s %s\n", w.Of("limits"), l.Vital, bound(l.Low), bound(l.High), w.Of("until"), time.UnixMilli(l.Until).In(zone).Format("15:04 02/01"))
	}
	if len(p.Tasks) > 0 {
		names := make([]string, len(p.Tasks))
		for i, code := range p.Tasks {
			names[i] = w.Of(code)
		}
		fmt.Fprintf(b, "- %s: %s\n", w.Of("tasks"), strings.Join(names, "; "))
	}
}

func bound(f float64) string {
	if f == 0 {
		return ""
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
