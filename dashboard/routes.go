package dashboard

import (
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

// route is one way in. The table of routes is the only one there is: the router, the rights, and
// openapi.json are made from it.
type route struct {
	Method  string
	Path    string // with {name} for its parameters
	Access  []ward.Access
	Summary string
	Query   []string // names of query parameters
	Body    any      // an example of the body's type; nil: none
	Reply   any      // an example of the reply's type; nil: none
	Status  int      // of success; zero: 200
	Kind    string   // media type of the reply when it is not JSON
	Large   bool     // takes a file
	do      func(*call) error
}

// Who may. A display only looks. Engineers and administrators look without names, so that they can
// mend what they see. Orders are a doctor's.
var (
	anybody  []ward.Access
	signedIn = []ward.Access{ward.AccessNurse, ward.AccessCharge, ward.AccessDoctor, ward.AccessEngineer, ward.AccessAdmin, ward.AccessDisplay}
	acting   = []ward.Access{ward.AccessNurse, ward.AccessCharge, ward.AccessDoctor, ward.AccessEngineer}
	clinical = []ward.Access{ward.AccessNurse, ward.AccessCharge, ward.AccessDoctor}
	doctors  = []ward.Access{ward.AccessDoctor}
	lists    = []ward.Access{ward.AccessCharge}
	bedside  = []ward.Access{ward.AccessNurse, ward.AccessCharge, ward.AccessDoctor, ward.AccessEngineer}
	devices  = []ward.Access{ward.AccessEngineer, ward.AccessAdmin}
	admins   = []ward.Access{ward.AccessAdmin}
	auditors = []ward.Access{ward.AccessAdmin, ward.AccessCharge}
	openers  = []ward.Access{ward.AccessAdmin, ward.AccessDoctor}
	gating   = []ward.Access{ward.AccessAdmin, ward.AccessDoctor, ward.AccessCharge}
	judging  = []ward.Access{ward.AccessAdmin, ward.AccessDoctor, ward.AccessCharge, ward.AccessEngineer}
	matching = []ward.Access{ward.AccessDoctor, ward.AccessCharge}  // who say whose a picture is
	unseen   = []ward.Access{ward.AccessEngineer, ward.AccessAdmin} // who do not treat: silent predictions are for them alone
)

const (
	get    = fiber.MethodGet
	post   = fiber.MethodPost
	patch  = fiber.MethodPatch
	remove = fiber.MethodDelete
)

// table is every route and who may take it.
func (s *Server) table() []route {
	return slices.Concat(s.wardRoutes(), s.dutyRoutes(), s.phoneRoutes())
}

// wardRoutes are those of the wards, their patients and equipment, and of the server itself.
func (s *Server) wardRoutes() []route {
	return []route{
		{Method: get, Path: "/api/v1/session", Access: signedIn, Summary: "Who is signed in", Reply: SessionReply{}, do: getSession},
		{Method: post, Path: "/api/v1/session", Access: anybody, Summary: "Sign in", Body: SignInBody{}, Reply: SessionReply{}, do: signIn},
		{Method: remove, Path: "/api/v1/session", Access: signedIn, Summary: "Sign out", Status: 204, do: signOut},
		{Method: patch, Path: "/api/v1/session", Access: signedIn, Summary: "Choose a language", Body: LangBody{}, Reply: SessionReply{}, do: setLang},

		{Method: get, Path: "/api/v1/wards", Access: signedIn, Summary: "The wards you may see", Reply: []WardReply{}, do: listWards},
		{Method: get, Path: "/api/v1/wards/{ward}/stream", Access: signedIn, Summary: "The ward live, as server-sent events: snapshot, then delta and heartbeat; Last-Event-ID resumes", Query: []string{"names"}, Reply: live.SnapshotView{}, Kind: "text/event-stream", do: stream},
		{Method: get, Path: "/api/v1/wards/{ward}/alerts", Access: signedIn, Summary: "A ward's alerts, newest first", Query: []string{"open"}, Reply: []live.AlertView{}, do: listAlerts},
		{Method: get, Path: "/api/v1/wards/{ward}/beds/{bed}/trend", Access: signedIn, Summary: "History of a bed by the minute, no older than the stay that holds it", Query: []string{"from", "to", "vitals"}, Reply: TrendReply{}, do: trend},
		{Method: get, Path: "/api/v1/wards/{ward}/beds/{bed}/assessment", Access: signedIn, Summary: "What models that staff may see, trends and the respiratory view say of who lies there", Reply: live.AssessmentView{}, do: assessment},
		{Method: post, Path: "/api/v1/wards/{ward}/beds/{bed}/device", Access: bedside, Summary: "Put a device at a bed, or confirm at the bedside that it is there", Body: DeviceBody{}, Status: 204, do: putDevice},
		{Method: get, Path: "/api/v1/alerts/{id}", Access: signedIn, Summary: "An alert with what became of it", Reply: AlertReply{}, do: getAlert},
		{Method: post, Path: "/api/v1/alerts/{id}/actions", Access: acting, Summary: "See, accept, decline, be on the way or at the bedside, have a plan, resolve, snooze or escalate", Body: ActionBody{}, Reply: live.AlertView{}, do: act},

		{Method: post, Path: "/api/v1/stays", Access: clinical, Summary: "Admit", Body: AdmitBody{}, Reply: StayReply{}, Status: 201, do: admitStay},
		{Method: post, Path: "/api/v1/stays/import", Access: lists, Summary: "Admit and transfer by a CSV list", Reply: ImportReply{}, Large: true, do: importStays},
		{Method: get, Path: "/api/v1/stays/export", Access: lists, Summary: "A ward's stays as CSV", Query: []string{"ward"}, Kind: "text/csv", do: exportStays},
		{Method: get, Path: "/api/v1/stays/{id}", Access: clinical, Summary: "A stay", Reply: StayReply{}, do: getStay},
		{Method: post, Path: "/api/v1/stays/{id}/transfer", Access: clinical, Summary: "Move to another place", Body: TransferBody{}, Reply: StayReply{}, do: transferStay},
		{Method: post, Path: "/api/v1/stays/{id}/discharge", Access: clinical, Summary: "End the stay", Body: DischargeBody{}, Reply: StayReply{}, do: dischargeStay},
		{Method: post, Path: "/api/v1/stays/{id}/off-ward", Access: clinical, Summary: "Away from the ward until a time", Body: OffWardBody{}, Reply: StayReply{}, do: offWard},
		{Method: post, Path: "/api/v1/stays/{id}/return", Access: clinical, Summary: "Back on the ward", Body: NoBody{}, Reply: StayReply{}, do: returnStay},
		{Method: post, Path: "/api/v1/stays/{id}/scale", Access: doctors, Summary: "Order the SpO2 scale", Body: ScaleBody{}, Reply: StayReply{}, do: setScale},
		{Method: post, Path: "/api/v1/stays/{id}/limits", Access: doctors, Summary: "Order limits of a person's own for one vital, in place of an earlier order", Body: LimitBody{}, Reply: StayReply{}, do: setLimit},
		{Method: remove, Path: "/api/v1/stays/{id}/limits/{vital}", Access: doctors, Summary: "End a person's own limits for one vital", Reply: StayReply{}, do: endLimit},
		{Method: post, Path: "/api/v1/stays/{id}/care", Access: doctors, Summary: "Order how far treatment goes", Body: CareBody{}, Reply: StayReply{}, do: setCare},
		{Method: post, Path: "/api/v1/stays/{id}/undo", Access: clinical, Summary: "Take the last move back within a minute", Body: NoBody{}, Reply: StayReply{}, do: undoStay},
		{Method: post, Path: "/api/v1/stays/{id}/observations", Access: clinical, Summary: "Chart observations; durable when answered", Body: ObservationBody{}, Reply: ObservationReply{}, Status: 201, do: observe},

		{Method: get, Path: "/api/v1/devices", Access: devices, Summary: "Credentials of devices and gateways", Reply: []CredentialReply{}, do: listDevices},
		{Method: post, Path: "/api/v1/devices", Access: devices, Summary: "New credential; its secret is shown once", Body: CredentialBody{}, Reply: CredentialReply{}, Status: 201, do: addDevice},
		{Method: remove, Path: "/api/v1/devices/{user}", Access: devices, Summary: "Revoke a credential", Status: 204, do: removeDevice},
		{Method: get, Path: "/api/v1/people", Access: admins, Summary: "Who may sign in", Reply: []PersonReply{}, do: listPeople},
		{Method: post, Path: "/api/v1/people", Access: admins, Summary: "Add a member of staff", Body: PersonBody{}, Reply: PersonReply{}, Status: 201, do: addPerson},
		{Method: get, Path: "/api/v1/tokens", Access: admins, Summary: "Tokens of programs", Reply: []TokenReply{}, do: listTokens},
		{Method: post, Path: "/api/v1/tokens", Access: admins, Summary: "New token; it is shown once", Body: TokenBody{}, Reply: TokenReply{}, Status: 201, do: addToken},
		{Method: remove, Path: "/api/v1/tokens/{id}", Access: admins, Summary: "Revoke a token", Status: 204, do: removeToken},
		{Method: get, Path: "/api/v1/audit", Access: auditors, Summary: "Who did what, newest first", Query: []string{"by", "object", "deed", "from", "to", "before", "limit"}, Reply: []AuditReply{}, do: readAudit},

		{Method: get, Path: "/api/v1/models", Access: judging, Summary: "The learned models, what keeps them from running, and in which wards staff see them", Reply: ModelsReply{}, do: listModels},
		{Method: get, Path: "/api/v1/models/{task}/quality", Access: judging, Summary: "How well the model of a task does in a ward", Query: []string{"ward"}, Reply: QualityReply{}, do: modelQuality},
		{Method: get, Path: "/api/v1/models/{task}/predictions", Access: unseen, Summary: "What the model of a task says of everybody on a ward, silent or not; no names", Query: []string{"ward"}, Reply: []live.PredictionView{}, do: listPredictions},
		{Method: post, Path: "/api/v1/wards/{ward}/models/{task}/gate", Access: gating, Summary: "Open a model to the treating staff of a ward, or take it from their sight at once", Body: GateBody{}, Reply: GateReply{}, do: setGate},

		{Method: get, Path: "/api/v1/wards/{ward}/beds/{bed}/findings", Access: clinical, Summary: "What imaging says of who lies there; this is the first look at a finding without a picture", Reply: FindingsReply{}, do: s.withImaging(listFindings, FindingsReply{Findings: []FindingReply{}})},
		{Method: get, Path: "/api/v1/findings/{id}/picture", Access: clinical, Summary: "The picture that a finding is about; who looked is kept", Kind: "image/png", do: s.withImaging(findingPicture, nil)},
		{Method: get, Path: "/api/v1/findings/{id}/map", Access: clinical, Summary: "The same with where the score came from", Kind: "image/png", do: s.withImaging(findingMap, nil)},
		{Method: post, Path: "/api/v1/findings/{id}/confirmation", Access: doctors, Summary: "Confirm or reject a finding, or take that back with an empty word; by a person, not a program", Body: ConfirmationBody{}, Reply: FindingReply{}, do: s.withImaging(judgeFinding, nil)},
		{Method: get, Path: "/api/v1/imaging/worklist", Access: matching, Summary: "Results that wait for a person to say whose they are", Reply: WorklistReply{}, do: s.withImaging(listWorklist, WorklistReply{Items: []WorklistItemReply{}})},
		{Method: post, Path: "/api/v1/imaging/worklist/{id}/assign", Access: matching, Summary: "Say whose the results are; a contradiction needs a reason", Body: AssignBody{}, Status: 204, do: s.withImaging(assignResults, nil)},
		{Method: post, Path: "/api/v1/imaging/worklist/{id}/dismiss", Access: matching, Summary: "Take off the list what is nobody's here", Body: ReasonBody{}, Status: 204, do: s.withImaging(dismissResults, nil)},
		{Method: post, Path: "/api/v1/imaging/studies/{study}/detach", Access: matching, Summary: "Take a study off the person it was given to, back to the list; it is named by its UID, its id in the list, or one of its findings", Body: ReasonBody{}, Status: 204, do: s.withImaging(detachStudy, nil)},
		{Method: get, Path: "/api/v1/imaging/merges", Access: matching, Summary: "Hospital numbers that are one person's", Reply: []MergeReply{}, do: s.withImaging(listMerges, []MergeReply{})},
		{Method: post, Path: "/api/v1/imaging/merges", Access: matching, Summary: "Say that two hospital numbers are one person's; what came under the old one is matched anew", Body: MergeBody{}, Status: 204, do: s.withImaging(mergeNumbers, nil)},
		{Method: remove, Path: "/api/v1/imaging/merges", Access: matching, Summary: "Take back that two hospital numbers are one person's", Body: UnmergeBody{}, Status: 204, do: s.withImaging(unmergeNumbers, nil)},
		{Method: get, Path: "/api/v1/imaging/state", Access: judging, Summary: "How the imaging sources and models are, and how many results wait for their owner", Reply: ImagingStateReply{}, do: s.withImaging(imagingState, noImagingState)},
		{Method: get, Path: "/api/v1/imaging/quality", Access: judging, Summary: "How imaging AI does here: agreement with the radiologists, how long it takes, what was refused, drift", Query: imagingQueries, Reply: ImagingQualityReply{}, do: s.withImaging(imagingQuality, nil)},
		{Method: get, Path: "/api/v1/imaging/quality.csv", Access: judging, Summary: "The same agreement and times as CSV", Query: imagingQueries, Kind: "text/csv", do: s.withImaging(imagingQualityCSV, nil)},
		{Method: get, Path: "/api/v1/imaging/errors.csv", Access: judging, Summary: "What AI and radiologist disagree on, as CSV; pseudonymous", Query: imagingQueries, Kind: "text/csv", do: s.withImaging(imagingErrorsCSV, nil)},

		{Method: get, Path: "/api/v1/openapi.json", Access: anybody, Summary: "This description", do: openAPI},
		{Method: get, Path: "/api/v1/schema/vitals.json", Access: anybody, Summary: "JSON Schema of what devices send", do: vitalsSchema},
		{Method: get, Path: "/healthz", Access: anybody, Summary: "The process is alive, and what time it has", Reply: HealthReply{}, do: healthz},
		{Method: get, Path: "/readyz", Access: anybody, Summary: "Ready, or why not", Reply: ReadyReply{}, do: readyz},
		{Method: get, Path: "/metrics", Access: anybody, Summary: "Figures for Prometheus; from this machine, or with the metrics token", Kind: "text/plain", do: metrics},

		{Method: get, Path: "/", Access: anybody, Summary: "The board", Kind: "text/html", do: page},
		{Method: get, Path: "/signin", Access: anybody, Summary: "The sign-in page", Kind: "text/html", do: page},
		{Method: get, Path: "/board/{ward}", Access: anybody, Summary: "A ward's board", Query: []string{"kiosk"}, Kind: "text/html", do: page},
	}
}

// Open reports whether the route needs no sign-in. Each open route guards itself as far as it must.
func (r *route) Open() bool { return len(r.Access) == 0 }

func (r *route) unsafe() bool { return r.Method != get }

func (r *route) limit() int {
	if r.Large {
		return maxImport
	}
	return maxBody
}

// fiberPath is the path as Fiber writes it.
func (r *route) fiberPath() string {
	return strings.NewReplacer("{", ":", "}", "").Replace(r.Path)
}

// params are the names in the path.
func (r *route) params() []string {
	var out []string
	for _, part := range strings.Split(r.Path, "/") {
		if strings.HasPrefix(part, "{") {
			out = append(out, strings.Trim(part, "{}"))
		}
	}
	return out
}

// NoBody is the body of a request that says all by its path; it may be left out.
type NoBody struct{}

// id is a path parameter that must be an identifier.
func (q *call) id(name string) (string, error) {
	v := q.c.Params(name)
	if !ward.ValidID(v) {
		return "", badInput("the "+name+" in the address is not an identifier", "identifiers are letters, digits, _ and -, at most 64")
	}
	return v, nil
}

// place is the ward and bed of the path, in a ward that the person may enter.
func (q *call) place() (ward.Place, error) {
	w, err := q.wardID()
	if err != nil {
		return ward.Place{}, err
	}
	bed, err := q.id("bed")
	return ward.Place{Ward: w, Bed: ward.BedID(bed)}, err
}

func (q *call) wardID() (ward.WardID, error) {
	w, err := q.id("ward")
	if err != nil {
		return "", err
	}
	return ward.WardID(w), q.mayEnter(ward.WardID(w))
}

// seesNames reports whether the person's work needs patients' names.
func seesNames(a ward.Access) bool {
	return slices.Contains(clinical, a) || a == ward.AccessDisplay
}
