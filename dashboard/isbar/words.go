package isbar

import "wardwatch/dashboard/locale"

// wording is what this package says of its own; names of vitals, causes and findings are those of the
// screens.
type wording struct {
	simulation, caller, patient, nameless, ageless, born, months string

	complete, atLeast, then, toldThen, today, noScore, refused, held, lost, lostLast, check       string
	because, apart, told, accepted, nobody, notCome, lacking, onWay, bedside, snoozed, plan, hole string

	admitted, ended, ceilings, comfort, comfortReview, symptoms, noSymptoms, scale2, pregnant, postpartum, limit, off, offLate, nurse, doctor, unassigned string

	value, charted, missing, stale, doubtful, up, down, same, airOnly, noValues, risk, ai, reader, unread, confirmed, demo, taken string

	emergency, urgent, notYetLower, notKnownLower, single, reviewNow, alarm, lostAsk, checkAsk, comfortAsk, planAsk, whereAsk, measure, lookImage string
	acceptBy, acceptOf, bedsideBy, reviewBy, confirmBy, wakeAt, overdue, readBack                                                                 string
}

var vietnamese = wording{
	simulation: "MÔ PHỎNG, không phải người bệnh thật",
	caller:     "Tôi là {speaker}, {ward}", patient: "Người bệnh {who}, {bed}",
	nameless: "chưa rõ tên", ageless: "chưa rõ tuổi", born: "sinh {year}", months: "{n} tháng tuổi",

	complete: "{chart} {n} điểm, {band}", atLeast: "{chart} ít nhất {n} điểm, mới tính được {have}/{need} chỉ số, {band}",
	then: "điểm lúc báo, {time}", toldThen: "Đã báo ở mức {band}, lúc đó {chart} {n} điểm", today: "Nay {what}", noScore: "Chưa có điểm", refused: "Không tính được {chart}: {why}; theo dõi theo giới hạn",
	held: "Mức nguy cơ giữ từ {time} vì thiếu số liệu", lost: "MẤT TÍN HIỆU từ máy: không biết tình trạng lúc này", lostLast: "số liệu cuối lúc {time}, điểm lúc báo {n}",
	check:   "{vital} thấp đến mức khó tin: KIỂM TRA NGƯỜI BỆNH NGAY",
	because: "Cảnh báo vì: {what}", apart: "Chưa chắc số liệu máy đang gửi là của người bệnh này: {why}",
	told: "Báo lúc {time}, bậc {n}", accepted: "{who} ({role}) đã nhận lúc {time}", nobody: "chưa ai nhận", notCome: "{who} ({role}) đã nhận lúc {time} nhưng không đến kịp", lacking: "{roles} chưa nhận", onWay: "đang đến", bedside: "{who} đã đến giường lúc {time}",
	snoozed: "tạm hoãn đến {time}", plan: "đã có kế hoạch, xem lại lúc {time}", hole: "lịch trực không có người cho: {roles}",

	admitted: "Vào viện {time}", ended: "Đã rời viện hoặc khoa {time}", ceilings: "CÓ GIỚI HẠN ĐIỀU TRỊ theo y lệnh", comfort: "CHĂM SÓC GIẢM NHẸ theo y lệnh",
	comfortReview: "xem lại y lệnh {time}", symptoms: "xem triệu chứng lần cuối {time}", noSymptoms: "chưa xem triệu chứng lần nào",
	scale2: "SpO₂ thang 2, mục tiêu 88–92 %", pregnant: "Đang mang thai", postpartum: "Trong 6 tuần sau sinh",
	limit: "Giới hạn riêng {vital} {range}, đến {time}", off: "Đang rời khoa: {where}, hẹn về {time}", offLate: "Rời khoa: {where}, QUÁ HẸN về {time}",
	nurse: "Điều dưỡng {who}", doctor: "Bác sĩ {who}", unassigned: "chưa phân công",

	value: "{what} ({notes})", charted: "người ghi", missing: "CHƯA BIẾT, không phải bình thường: {what}", stale: "{what} (cũ, từ {time})", doubtful: "{vital} ({why})",
	up: "Điểm tăng {n} trong 4 giờ", down: "Điểm giảm {n} trong 4 giờ", same: "Điểm không đổi trong 4 giờ", airOnly: "Thở khí trời", noValues: "Không có số đo còn hiệu lực",
	risk: "Mô hình gợi ý: {what} {n} (ngưỡng {limit})", ai: "AI đọc ảnh", reader: "Bác sĩ chẩn đoán hình ảnh đọc", unread: "CHƯA bác sĩ nào xác nhận", confirmed: "bác sĩ đã xác nhận", demo: "mô hình trình diễn", taken: "chụp {time}",

	emergency: "Đề nghị bác sĩ đến đánh giá cấp cứu ngay", urgent: "Đề nghị bác sĩ đánh giá khẩn", notYetLower: "{ask}: đã báo ở mức {band}, mức nay thấp hơn nhưng chưa đủ lâu để hạ", notKnownLower: "{ask}: đã báo ở mức {band}, nay chưa đủ chỉ số để hạ mức",
	single: "Đề nghị đánh giá khẩn: có chỉ số lệch nặng", reviewNow: "Đề nghị đến xem người bệnh",
	alarm: "Đề nghị đến xem người bệnh và máy ngay", lostAsk: "Đến giường xem người bệnh, đo lại bằng tay, nối lại máy", checkAsk: "Bắt mạch, đếm nhịp thở, xem tri giác ngay",
	comfortAsk: "Đề nghị xem triệu chứng (đau, khó thở, kích thích, buồn nôn, tăng tiết) và xử trí theo y lệnh giảm nhẹ", planAsk: "Làm theo kế hoạch đã có, báo lại ngay nếu nặng hơn", whereAsk: "Đề nghị tìm xem người bệnh đang ở đâu và đưa về", measure: "Cần đo và ghi: {what}", lookImage: "Đề nghị bác sĩ xem phim",
	acceptBy: "Cần người nhận trước {time}", acceptOf: "Cần {roles} nhận trước {time}", bedsideBy: "Cần có mặt tại giường trước {time}", reviewBy: "Cần đánh giá lại trước {time}", confirmBy: "Cần ghi một bộ chỉ số trước {time}", wakeAt: "Báo lại lúc {time}",
	overdue: "ĐÃ QUÁ HẠN", readBack: "Anh/chị đến được lúc nào, trong lúc chờ cần làm gì? Xin nhắc lại để xác nhận",
}

var english = wording{
	simulation: "SIMULATION, not a real patient",
	caller:     "This is {speaker}, {ward}", patient: "Patient {who}, {bed}",
	nameless: "name not known", ageless: "age not known", born: "born {year}", months: "{n} months old",

	complete: "{chart} {n}, {band}", atLeast: "{chart} at least {n} with only {have}/{need} inputs known, {band}",
	then: "score when told, {time}", toldThen: "Told as {band}, {chart} {n} then", today: "Now {what}", noScore: "There is no score yet", refused: "{chart} cannot be used: {why}; watched by limits",
	held: "The band is held since {time} because data is missing", lost: "SIGNAL LOST from the monitor: the state now is not known", lostLast: "last data {time}, score when told {n}",
	check:   "{vital} is too low to believe: CHECK THE PATIENT NOW",
	because: "Alert for: {what}", apart: "It is not certain that the monitor's figures are this patient's: {why}",
	told: "Told at {time}, step {n}", accepted: "{who} ({role}) accepted at {time}", nobody: "nobody has accepted", notCome: "{who} ({role}) accepted at {time}, and did not come in time", lacking: "{roles} has not accepted", onWay: "on the way", bedside: "{who} at the bedside since {time}",
	snoozed: "snoozed until {time}", plan: "a plan is in place, review at {time}", hole: "the roster names nobody for: {roles}",

	admitted: "Admitted {time}", ended: "Discharged or moved {time}", ceilings: "CEILINGS OF CARE are ordered", comfort: "COMFORT CARE is ordered",
	comfortReview: "order for review {time}", symptoms: "symptoms last checked {time}", noSymptoms: "symptoms not checked yet",
	scale2: "SpO₂ scale 2, target 88–92 %", pregnant: "Pregnant", postpartum: "Within six weeks after birth",
	limit: "Own limits for {vital} {range}, until {time}", off: "Off the ward: {where}, back {time}", offLate: "Off the ward: {where}, OVERDUE since {time}",
	nurse: "Nurse {who}", doctor: "Doctor {who}", unassigned: "not assigned",

	value: "{what} ({notes})", charted: "charted", missing: "NOT KNOWN, which is not normal: {what}", stale: "{what} (old, from {time})", doubtful: "{vital} ({why})",
	up: "Score up {n} in 4 hours", down: "Score down {n} in 4 hours", same: "Score unchanged in 4 hours", airOnly: "Room air", noValues: "No current measurements",
	risk: "Model suggests: {what} {n} (threshold {limit})", ai: "AI reads the image", reader: "Radiologist reads", unread: "NOT confirmed by any doctor", confirmed: "confirmed by a doctor", demo: "demonstration model", taken: "taken {time}",

	emergency: "Please come and assess now, as an emergency", urgent: "Please review urgently", notYetLower: "{ask}: it was told as {band}, the risk is lower now, but not for long enough to step down", notKnownLower: "{ask}: it was told as {band}, and too little is known now to step down",
	single: "Please review urgently: one sign is far out", reviewNow: "Please come and see the patient",
	alarm: "Please come and see patient and monitor now", lostAsk: "Go to the bed, look at the patient, measure by hand, reconnect the monitor", checkAsk: "Feel the pulse, count the breathing, check consciousness now",
	comfortAsk: "Please check symptoms (pain, breathlessness, agitation, nausea, secretions) and treat as the comfort orders say", planAsk: "Follow the plan, call again at once if worse", whereAsk: "Please find out where the patient is, and bring them back", measure: "To measure and chart: {what}", lookImage: "Please have a doctor look at the image",
	acceptBy: "To be accepted by {time}", acceptOf: "To be accepted by the {roles} by {time}", bedsideBy: "Somebody must be at the bedside by {time}", reviewBy: "A new review is due by {time}", confirmBy: "A charted set is due by {time}", wakeAt: "It will be told again at {time}",
	overdue: "OVERDUE", readBack: "When can you come, and what shall we do meanwhile? Please read back",
}

// speak is the language's wording; an unknown one is read as Vietnamese.
func speak(lang string) *wording {
	if lang == locale.English {
		return &english
	}
	return &vietnamese
}
