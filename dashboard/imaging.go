package dashboard

import (
	"context"
	"strings"
	"time"

	"wardwatch/ward"
)

// Imaging is what imaging AI says of people, what waits for a person to say whose it is, and how well
// it does here. Each change it makes is audited by it, in the transaction of the change. Its errors are
// *ward.Error where a person can mend them.
type Imaging interface {
	Findings
	Worklist
	Merges
	ImagingRecord
}

// Findings are what imaging AI and radiologists say of the people who lie here.
type Findings interface {
	// FindingsOf are those of one stay, also those that count for nothing.
	FindingsOf(ctx context.Context, stay ward.StayID) ([]StayFinding, error)
	Finding(ctx context.Context, id string) (StayFinding, error)
	// Picture is what was looked at, as PNG; ward.NotFound when it is not kept.
	Picture(ctx context.Context, id string) ([]byte, error)
	// Map is the same picture with where the score came from, as PNG.
	Map(ctx context.Context, id string) ([]byte, error)
	// Saw keeps that a member of staff has looked at a finding. Only the first look counts.
	Saw(ctx context.Context, id string, by ward.PersonID) error
	// Judge keeps a clinician's word on a finding; ward.Unread takes it back. The word that stands
	// already changes nothing. Where the finding is not what they looked at any more it answers
	// ward.Conflict; nil: they do not say.
	Judge(ctx context.Context, id string, word ward.Confirmation, reason string, looked *Looked, by ward.PersonID) (StayFinding, error)
}

// Looked is what a person had before them when they gave their word on a finding.
type Looked struct {
	Score    float64
	Produced time.Time // when the AI answered; zero when not said
}

// StayFinding is a finding with what it counts for now.
type StayFinding struct {
	ward.Finding
	ward.Standing
	There      bool // it says that something is there
	HasPicture bool // the picture is kept, and can be shown
}

// Worklist is what waits for a person to say whose it is.
type Worklist interface {
	Worklist(ctx context.Context) ([]ward.WorklistItem, error)
	WorklistItem(ctx context.Context, id string) (ward.WorklistItem, error)
	// Assign says whose it is. reason is required where the claim and the stay contradict each other:
	// without one it answers ward.Conflict and says what differs.
	Assign(ctx context.Context, id string, stay ward.StayID, reason string, by ward.PersonID) error
	// Dismiss takes off the list what is nobody's here.
	Dismiss(ctx context.Context, id, reason string, by ward.PersonID) error
	// StayOf is whose study it is, by its UID, its id in the list or the id of one of its findings;
	// ward.NotFound when it is nobody's.
	StayOf(ctx context.Context, study string) (ward.StayID, error)
	// Detach takes a study, named as StayOf takes it, off the person it was given to, back to the list.
	Detach(ctx context.Context, study, reason string, by ward.PersonID) error
}

// Merges are the hospital numbers that are one person's. What came under the old number is matched anew.
type Merges interface {
	Merged(ctx context.Context) ([]ward.PatientAlias, error)
	// Merge takes Old, New, By and Reason. The same again changes nothing.
	Merge(ctx context.Context, a ward.PatientAlias) error
	// Unmerge takes Old, By and Reason.
	Unmerge(ctx context.Context, a ward.PatientAlias) error
}

// ImagingRecord is how imaging AI does here, and how its sources are.
type ImagingRecord interface {
	Quality(ctx context.Context, q ImagingQuery) (ImagingQualityReply, error)
	// Disagreements are what AI and radiologist disagree on, the newest first; nothing in them says who it is.
	Disagreements(ctx context.Context, q ImagingQuery) ([]Disagreement, error)
	// State fills all but Unmatched.
	State(ctx context.Context) (ImagingStateReply, error)
}

// ImagingQuery chooses what a record is made of.
type ImagingQuery struct {
	Ward     ward.WardID // empty: every ward
	From, To time.Time   // when the picture was taken
	By       string      // what rows are told apart by, one of imagingGroups
}

// Disagreement is one finding on which AI and radiologist differ, for people to learn from.
type Disagreement struct {
	ward.Finding        // without who it is
	Person       string // the same for one person's findings; says nothing of who it is
	AgeYears     int    // at the time of the picture; negative when unknown
	Sex          ward.Sex
	There        bool // by the AI
	ReadThere    bool // by the radiologist
}

var errNoImaging = &ward.Error{Code: ward.NotFound, Message: "this server takes no imaging results", Hint: "configure an imaging source; everything else goes on"}

// withImaging is do where imaging results are taken. Where none are, a question has the answer none;
// without one there is nothing here.
func (s *Server) withImaging(do func(*call) error, none any) func(*call) error {
	switch {
	case s.o.Imaging != nil:
		return do
	case none != nil:
		return func(q *call) error { return q.c.JSON(none) }
	}
	return func(*call) error { return errNoImaging }
}

// asPerson refuses a program: what is said of a patient's picture is said by a person under their own name.
func (q *call) asPerson(what string) error {
	if q.who.Session == "" {
		return forbidden("a program may not "+what, "sign in as the person who decides it")
	}
	return nil
}

// reasonOf is a reason as it is kept. what is said of one that must be given and is not.
func reasonOf(text, missing string) (string, error) {
	text = strings.TrimSpace(text)
	switch {
	case len(text) > maxText:
		return "", badInput("the reason is too long", "write it in a sentence or two")
	case text == "" && missing != "":
		return "", badInput("the reason is missing", missing)
	}
	return text, nil
}
