package ward

import "time"

// Finding is what an imaging AI, or a reader, says of one picture: one thing that is there or is not.
// It is evidence with an age. It may raise concern, never lower it, and changes no chart's points.
type Finding struct {
	ID   string // made of source, model with version, picture, code and side: a repeat is the same finding
	Stay StayID // empty while unmatched

	Source        string // name of the imaging source in the configuration
	Model         string // id of the AI; empty: not said, or a person
	ModelVersion  string
	ByPerson      bool // a radiologist says so, not a model
	Demonstration bool // the model was made to be shown, not to be used

	StudyUID    string
	SeriesUID   string
	InstanceUID string
	Accession   string
	HospitalID  string // as the sender gave it; identifying
	Modality    string // DICOM (0008,0060), for example "DX"
	Region      string // what part of the body, small letters, for example "chest"; empty when not known
	View        string // DICOM (0018,5101), for example "PA"
	Device      string // maker and model of the machine that took the picture

	CodeSystem string // SystemSNOMED, SystemRadLex, or the vendor's own
	Code       string
	Label      string  // as the sender words it
	Laterality string  // LateralityLeft and so on; empty when not said
	Score      float64 // 0–1
	Threshold  float64 // Score at or over it: there; 0: the sender gave none
	Calibrated bool    // Score is a calibrated probability

	Acquired time.Time // when the picture was taken; zero when not said
	Produced time.Time // when the AI answered; zero when not said
	Received time.Time
	Delivery string   // id of the Delivery that brought it
	Map      string   // name of the kept picture that shows where the score came from; empty: none
	Warnings []string // codes of what to know before believing it, for example WarnAgeUnknown

	Retracted time.Time // when the sender took it back; zero: it stands

	Confirmed   Confirmation
	ConfirmedBy PersonID
	ConfirmedAt time.Time
	Seen        time.Time // when a member of staff first looked at it; zero: nobody yet
}

// Code systems.
const (
	SystemSNOMED = "http://snomed.info/sct"
	SystemRadLex = "http://radlex.org"
)

// Lateralities of a Finding.
const (
	LateralityLeft  = "left"
	LateralityRight = "right"
	LateralityBoth  = "bilateral"
)

// Present reports whether the finding says that something is there. least stands in for a threshold
// that the sender did not give.
func (f *Finding) Present(least float64) bool {
	if f.Threshold > 0 {
		least = f.Threshold
	}
	return f.Score >= least
}

// Warnings of a Finding.
const (
	WarnAgeUnknown      = "age_unknown"      // the model was made for some ages, and the person's is not known
	WarnViewUnknown     = "view_unknown"     // … for some views
	WarnModalityUnknown = "modality_unknown" // … for some machines
	WarnRegionUnknown   = "region_unknown"   // … for one part of the body
	WarnTimeAhead       = "time_ahead"       // the sender's time of the picture lies in the future: that of its arrival stands in
	WarnDemonstration   = "demonstration"    // made to be shown, not to be used
)

// Standing is what a finding counts for at one moment, by the respiratory table.
type Standing struct {
	Finding   string // its id
	Kind      string // what the table takes its code for; empty: nothing that concerns breathing
	Age       FindingAge
	Unread    bool // no person has said that it is so
	Withdrawn Withdrawal
}

// FindingAge is how much a finding's age lets it count.
type FindingAge string

// Ages of a finding.
const (
	AgeFresh   FindingAge = "fresh"
	AgeFading  FindingAge = "fading"  // it counts for less
	AgeContext FindingAge = "context" // it raises nothing; also where nobody knows when the picture was taken
	AgePast    FindingAge = "past"    // too old to be shown beside what is now
)

// Withdrawal is why a finding counts for nothing, whatever its age.
type Withdrawal string

// Reasons for a withdrawal.
const (
	NotWithdrawn     Withdrawal = ""
	WithdrawnAbsent  Withdrawal = "absent"      // it says that something is not there
	WithdrawnReject  Withdrawal = "rejected"    // by a clinician
	WithdrawnRead    Withdrawal = "read_absent" // a radiologist does not see it in this study
	WithdrawnNewer   Withdrawal = "newer_study" // of the same region
	WithdrawnSomeone Withdrawal = "other_stay"  // it is not this person's
	WithdrawnSender  Withdrawal = "retracted"   // whoever said so took it back
)

// Confirmation is a clinician's word on a finding.
type Confirmation string

// Confirmations.
const (
	Unread    Confirmation = ""
	Confirmed Confirmation = "confirmed"
	Rejected  Confirmation = "rejected"
)

// Claim is whose picture it is, as the sender says it. All of it is identifying.
type Claim struct {
	HospitalID string
	Name       string    // "family given", as the sender writes it
	BirthDate  time.Time // midnight UTC of the day; zero when not said
	Sex        Sex
	Accession  string
	Acquired   time.Time // when the picture was taken; zero when not said
}

// Unmatched is why a result belongs to nobody yet. It waits in the worklist for a person.
type Unmatched string

// Reasons to wait in the worklist.
const (
	Matched             Unmatched = ""
	UnmatchedNoID       Unmatched = "no_identifier"      // neither a patient number nor an accession that is known
	UnmatchedUnknown    Unmatched = "unknown_patient"    // nobody here has that number
	UnmatchedSeveral    Unmatched = "several_stays"      // more than one stay fits
	UnmatchedTime       Unmatched = "outside_stay"       // taken while they were not here
	UnmatchedNoTime     Unmatched = "no_time"            // nobody knows when it was taken
	UnmatchedBirth      Unmatched = "birth_date_differs" // from that of the stay
	UnmatchedSex        Unmatched = "sex_differs"
	UnmatchedName       Unmatched = "name_differs"
	UnmatchedAccession  Unmatched = "accession_elsewhere" // the accession belongs to another person
	UnmatchedOneMark    Unmatched = "one_identifier"      // the source must give a second mark of the person, and did not
	UnmatchedDetached   Unmatched = "detached"            // a person took it off somebody
	UnmatchedMergedBack Unmatched = "merge_undone"        // two numbers were one person's, and are so no more
)

// DeliveryKind is what an imaging source sent.
type DeliveryKind string

// Kinds of deliveries.
const (
	DeliveryDICOM  DeliveryKind = "dicom"  // one instance: a picture or a structured report
	DeliveryFHIR   DeliveryKind = "fhir"   // R4 DiagnosticReport, Observation or a Bundle of them
	DeliveryVendor DeliveryKind = "vendor" // JSON as a mapping file describes it
)

// Delivery is one object that an imaging source sent. It is kept, as a row and as a file, before it
// is acknowledged.
type Delivery struct {
	ID          string // made of source, kind and content: the same bytes again are the same delivery
	Source      string
	Kind        DeliveryKind
	Object      string // name of the kept file
	Size        int64  // bytes
	InstanceUID string // of a DICOM instance; empty otherwise
	StudyUID    string
	Received    time.Time
	State       DeliveryState
	Code        string    // why it was refused: one of a closed list
	Detail      string    // how to mend it; never identifying
	Done        time.Time // when it was read or refused; zero while it waits
}

// DeliveryState is what became of a delivery.
type DeliveryState string

// Delivery states.
const (
	DeliveryWaiting DeliveryState = "waiting"
	DeliveryRead    DeliveryState = "read"
	DeliveryRefused DeliveryState = "refused"
)

// ImagingReport is what one delivery says: of whom, and what. A delivery may report on several
// studies of one person.
type ImagingReport struct {
	Delivery string
	Of       Claim
	Study    Study
	Findings []Finding // what AI says, present or not; Stay is filled in by matching
	Reads    []Read    // what a radiologist says
	Refused  []GateRefusal
	Retracts []Retraction // what the same source takes back of what it said earlier
}

// Retraction takes back what a source said of one study. A field that is empty narrows nothing.
type Retraction struct {
	StudyUID   string
	Accession  string // of the study, where it is not named
	ByPerson   bool   // a radiologist's reads; otherwise an AI's findings
	Model      string
	Version    string
	CodeSystem string
	Code       string
	Laterality string
	At         time.Time
}

// Study is one imaging study as far as it is known.
type Study struct {
	UID      string
	Modality string
	Region   string
	Acquired time.Time
}

// Read is what a radiologist says of one study: one thing that is there or is not. It is what an
// AI's word is compared with, and a finding that everybody may rely on.
type Read struct {
	StudyUID   string
	Accession  string
	CodeSystem string
	Code       string
	Laterality string
	Present    bool
	At         time.Time // when it was signed
	Delivery   string
}

// GateRefusal is why a model would not look at a picture.
type GateRefusal struct {
	Model       string
	Version     string
	InstanceUID string
	StudyUID    string
	Modality    string
	Device      string
	Code        string // RefusedModality and so on
	Detail      string // for a person, with what would be accepted; never identifying
	At          time.Time
}

// Codes of a GateRefusal, and of a picture that cannot be read at all.
const (
	RefusedModality   = "wrong_modality"
	RefusedRegion     = "wrong_body_part"
	RefusedView       = "wrong_view"
	RefusedPerson     = "outside_population" // known age outside the model's
	RefusedSpecies    = "not_human"
	RefusedFrames     = "multi_frame"
	RefusedColour     = "colour_photo"
	RefusedBlank      = "blank"
	RefusedPicture    = "not_like_training" // the picture does not look like what the model was made for
	RefusedSmall      = "too_small"
	RefusedSyntax     = "transfer_syntax" // compressed in a way that is not decoded here
	RefusedCorrupt    = "corrupt"
	RefusedTooBig     = "too_big"
	RefusedNoPicture  = "no_pixels"
	RefusedFailed     = "model_failed"
	RefusedModelState = "model_missing"
)

// WorklistItem is a result that waits for a person to say whose it is.
type WorklistItem struct {
	ID       string // of the study's results from one source
	Of       Claim
	Study    Study
	Source   string
	Why      Unmatched
	Findings int
	Received time.Time
	Guesses  []StayID // stays that come near, the nearest first
}

// Candidates are the stays that a result may belong to.
type Candidates struct {
	Stays []Stay // that carry the claim's patient number, or one that was merged with it; all of them, ended or not
	Bound []Stay // that the study or the accession belongs to, by an earlier certain match or a person's word
}

// PlacedReport is a report with whose it is.
type PlacedReport struct {
	ImagingReport
	Stay    StayID    // empty: it waits in the worklist
	Why     Unmatched // Matched with a stay
	Guesses []StayID  // stays that come near, the nearest first
}

// PatientAlias says that two hospital numbers are one person's.
type PatientAlias struct {
	Old, New string // identifying
	By       PersonID
	At       time.Time
	Reason   string
}

// AgreementRow is one thing that an AI said of one study, and what people said of it: what is needed
// to tell how well it does. It names nobody.
type AgreementRow struct {
	Finding    string
	Stay       StayID
	StudyUID   string
	Source     string
	Model      string
	Version    string
	Modality   string
	Device     string
	CodeSystem string
	Code       string
	Label      string
	Laterality string
	Years      int // at the time of the picture
	HasAge     bool
	Sex        Sex

	Score    float64
	Present  bool // as the AI says
	Truth    Truth
	Acquired time.Time // zero where not known, as are the others
	Produced time.Time
	Received time.Time
	Seen     time.Time
}

// Truth is what people say of a thing that an AI spoke of. A radiologist's read goes before a word
// given at the bedside.
type Truth string

// Truths.
const (
	TruthUnknown   Truth = ""
	TruthPresent   Truth = "present"           // by a radiologist's read
	TruthAbsent    Truth = "absent"            // by a radiologist's read
	TruthConfirmed Truth = "clinician_present" // by a clinician's word on the finding
	TruthRejected  Truth = "clinician_absent"
)
