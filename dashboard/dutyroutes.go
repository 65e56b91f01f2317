package dashboard

import "wardwatch/ward"

// Who may, of what concerns people's duties. The roster is written by the nurse in charge and by hospital IT.
var (
	staff     = []ward.Access{ward.AccessNurse, ward.AccessCharge, ward.AccessDoctor, ward.AccessEngineer, ward.AccessAdmin}
	rostering = []ward.Access{ward.AccessCharge, ward.AccessAdmin}
)

var errNoDuty = &ward.Error{Code: ward.NotFound, Message: "this server keeps no roster", Hint: "everybody with a duty is told, as before"}

// withDuty is do where a roster is kept.
func (s *Server) withDuty(do func(*call) error) func(*call) error {
	if s.o.Duty != nil {
		return do
	}
	return func(*call) error { return errNoDuty }
}

// dutyRoutes are those of who answers for whom, and of how they are reached.
func (s *Server) dutyRoutes() []route {
	span := []string{"from", "to"}
	return []route{
		{Method: get, Path: "/api/v1/wards/{ward}/duty", Access: signedIn, Summary: "Who answers for each duty of a ward now, and how they were found", Reply: OnDutyReply{}, do: s.withDuty(onDuty)},
		{Method: get, Path: "/api/v1/wards/{ward}/staff", Access: staff, Summary: "Who works on a ward, with their duties", Reply: []StaffReply{}, do: s.withDuty(listStaff)},
		{Method: get, Path: "/api/v1/wards/{ward}/roster", Access: staff, Summary: "Who is on duty when, and who is told when nobody is; a week by default", Query: span, Reply: RosterReply{}, do: s.withDuty(getRoster)},
		{Method: post, Path: "/api/v1/wards/{ward}/roster", Access: rostering, Summary: "Put a person on duty", Body: ShiftBody{}, Reply: ShiftReply{}, Status: 201, do: s.withDuty(addShift)},
		{Method: get, Path: "/api/v1/wards/{ward}/roster.csv", Access: rostering, Summary: "The roster as CSV, as an import reads it", Query: span, Kind: "text/csv", do: s.withDuty(exportRoster)},
		{Method: post, Path: "/api/v1/wards/{ward}/duty/{role}/default", Access: rostering, Summary: "Say who is told when the roster names nobody for a duty; an empty list takes it back", Body: DefaultBody{}, Reply: DefaultReply{}, do: s.withDuty(setDutyDefault)},
		{Method: remove, Path: "/api/v1/roster/{id}", Access: rostering, Summary: "Take a shift off the roster", Status: 204, do: s.withDuty(removeShift)},
		{Method: post, Path: "/api/v1/roster/import", Access: rostering, Summary: "Put people on duty by a CSV list", Reply: RosterImportReply{}, Large: true, do: s.withDuty(importRoster)},

		{Method: post, Path: "/api/v1/stays/{id}/assignment", Access: clinical, Summary: "Give a patient the nurse or doctor of this shift: oneself, or by the nurse in charge anybody", Body: AssignmentBody{}, Reply: StayReply{}, do: s.withDuty(assignStay)},
		{Method: post, Path: "/api/v1/stays/{id}/symptoms", Access: clinical, Summary: "Chart a symptom check in comfort care", Body: SymptomBody{}, Reply: SymptomReply{}, Status: 201, do: s.withDuty(checkSymptoms)},
		{Method: get, Path: "/api/v1/stays/{id}/symptoms", Access: clinical, Summary: "The symptom checks of a stay, newest first", Reply: []SymptomReply{}, do: s.withDuty(listSymptoms)},

		{Method: post, Path: "/api/v1/handovers", Access: clinical, Summary: "Offer patients to the next", Body: HandOverBody{}, Reply: HandOverReply{}, Status: 201, do: s.withDuty(offerHandOver)},
		{Method: get, Path: "/api/v1/wards/{ward}/handovers", Access: clinical, Summary: "A ward's hand-overs, open and of the last day and a half", Reply: []HandOverReply{}, do: s.withDuty(listHandOvers)},
		{Method: post, Path: "/api/v1/handovers/{id}/answer", Access: clinical, Summary: "Accept or decline a hand-over, or withdraw one's own", Body: AnswerBody{}, Reply: HandOverReply{}, do: s.withDuty(answerHandOver)},
		{Method: get, Path: "/api/v1/wards/{ward}/handover-digest", Access: clinical, Summary: "What to say at the hand-over of a ward, by patient and as a text to read out", Query: []string{"role", "lang"}, Reply: DigestReply{}, do: handOverDigest},

		{Method: get, Path: "/api/v1/me", Access: staff, Summary: "Oneself: present duties, and where one is reached", Reply: MeReply{}, do: s.withDuty(getMe)},
		{Method: get, Path: "/api/v1/me/alerts", Access: staff, Summary: "The open alerts that concern oneself, those that wait first", Reply: []MyAlertReply{}, do: myAlerts},
		{Method: post, Path: "/api/v1/me/contacts", Access: staff, Summary: "Enrol this browser for web push", Body: ContactBody{}, Reply: ContactReply{}, Status: 201, do: s.withDuty(addContact)},
		{Method: remove, Path: "/api/v1/me/contacts/{id}", Access: staff, Summary: "Remove one of one's own contacts", Status: 204, do: s.withDuty(removeContact)},
		{Method: post, Path: "/api/v1/me/contacts/{id}/test", Access: staff, Summary: "Send a test to oneself by the channel of a contact", Body: NoBody{}, Status: 204, do: s.withDuty(testContact)},

		{Method: get, Path: "/api/v1/alerts/{id}/page", Access: acting, Summary: "All that is needed to act on an alert: patient, score, last hours, findings, who was told, ISBAR in both languages", Reply: AlertPageReply{}, do: alertPage},
		{Method: get, Path: "/api/v1/quality/alerts", Access: judging, Summary: "How alerts reached people: response times, burden, and what came of them; a week by default", Query: evidenceQueries, Reply: object{}, do: alertQuality},
		{Method: get, Path: "/api/v1/quality/alerts.csv", Access: judging, Summary: "One table of the same as CSV", Query: append([]string{"table"}, evidenceQueries...), Kind: "text/csv", do: alertQualityCSV},
		{Method: get, Path: "/api/v1/channels", Access: judging, Summary: "The ways in which people are told, and how they fare", Reply: []ChannelReply{}, do: listChannels},
		{Method: post, Path: "/api/v1/channels/{name}/test", Access: devices, Summary: "Send a test by a channel: to oneself, or to its group", Body: TestBody{}, Status: 204, do: testChannel},
	}
}

// phoneRoutes are the pages of a telephone, and what makes them an app.
func (s *Server) phoneRoutes() []route {
	return []route{
		{Method: get, Path: "/a/{token}", Access: anybody, Summary: "The address in a notice: leads to its alert whoever is signed in as the person it was made for", Status: 302, Kind: "text/html", do: openLink},
		{Method: get, Path: "/phone", Access: anybody, Summary: "One's own alerts, on a telephone", Kind: "text/html", do: page},
		{Method: get, Path: "/phone/alert/{id}", Access: anybody, Summary: "An alert, on a telephone", Kind: "text/html", do: page},
		{Method: get, Path: "/sw.js", Access: anybody, Summary: "The service worker, which receives web push", Kind: "text/javascript", do: frontFile},
		{Method: get, Path: "/manifest.webmanifest", Access: anybody, Summary: "What makes the pages an app", Kind: "application/manifest+json", do: frontFile},
	}
}
