package dashboard

import (
	"context"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

// FindingsReply is what imaging says of who lies in a bed.
type FindingsReply struct {
	Stay     string         `json:"stay"` // empty: nobody
	Findings []FindingReply `json:"findings"`
}

// FindingReply is one thing that an imaging AI or a radiologist says of one picture.
type FindingReply struct {
	ID            string   `json:"id"`
	Kind          string   `json:"kind"` // what the respiratory table takes the code for; empty: nothing that concerns breathing
	System        string   `json:"system"`
	Code          string   `json:"code"`
	Label         string   `json:"label"`      // as the sender words it
	Laterality    string   `json:"laterality"` // left, right, bilateral; empty when not said
	Score         *float64 `json:"score"`      // 0–1; a probability only when calibrated; null: not known
	Threshold     *float64 `json:"threshold"`  // null: the sender gave none
	There         bool     `json:"there"`      // it says that something is there
	Calibrated    bool     `json:"calibrated"`
	Source        string   `json:"source"`
	Model         string   `json:"model"`
	Version       string   `json:"version"`
	ByPerson      bool     `json:"by_person"` // a radiologist says so, not a model
	Demonstration bool     `json:"demonstration"`
	Warnings      []string `json:"warnings"`
	Study         string   `json:"study"`
	Image         string   `json:"image"` // the same for findings of the same picture
	Accession     string   `json:"accession"`
	Modality      string   `json:"modality"`
	Region        string   `json:"region"`
	View          string   `json:"view"`
	Acquired      *int64   `json:"acquired"`
	Produced      *int64   `json:"produced"`
	Received      *int64   `json:"received"`
	Age           string   `json:"age"`       // fresh, fading or context
	Withdrawn     string   `json:"withdrawn"` // why it counts for nothing; empty: it counts
	Unread        bool     `json:"unread"`    // no person has said that it is so
	Confirmed     string   `json:"confirmed"` // a clinician's word: confirmed, rejected or empty
	ConfirmedBy   string   `json:"confirmed_by"`
	ConfirmedAt   *int64   `json:"confirmed_at"`
	Seen          *int64   `json:"seen"`
	Picture       bool     `json:"picture"` // there is one to look at
	Map           bool     `json:"map"`
}

// ConfirmationBody is a clinician's word on a finding; an empty one takes it back.
type ConfirmationBody struct {
	Word   string `json:"word"` // confirmed, rejected or empty
	Reason string `json:"reason,omitempty"`
	// Score and Produced are those of the finding as it was looked at: where it says something else by now
	// the word is not kept. Without a score it holds for what the finding says now.
	Score    *float64 `json:"score,omitempty"`
	Produced *int64   `json:"produced,omitempty"`
}

// looked is nil where the body does not say what was looked at.
func (b *ConfirmationBody) looked() *Looked {
	if b.Score == nil {
		return nil
	}
	l := &Looked{Score: *b.Score}
	if b.Produced != nil {
		l.Produced = time.UnixMilli(*b.Produced)
	}
	return l
}

func (q *call) viewFinding(f *StayFinding) FindingReply {
	return FindingReply{
		ID: f.ID, Kind: f.Kind, System: f.CodeSystem, Code: f.Code, Label: f.Label, Laterality: f.Laterality,
		Score: shownScore(f.Score), Threshold: live.Given(f.Threshold), There: f.There, Calibrated: f.Calibrated,
		Source: f.Source, Model: f.Model, Version: f.ModelVersion, ByPerson: f.ByPerson, Demonstration: f.Demonstration,
		Warnings: append([]string{}, f.Warnings...), Study: f.StudyUID, Image: imageOf(&f.Finding), Accession: f.Accession,
		Modality: f.Modality, Region: f.Region, View: f.View,
		Acquired: live.Ms(f.Acquired), Produced: live.Ms(f.Produced), Received: live.Ms(f.Received),
		Age: string(f.Age), Withdrawn: string(f.Withdrawn), Unread: f.Unread,
		Confirmed: string(f.Confirmed), ConfirmedBy: q.s.o.Live.NameOf(f.ConfirmedBy), ConfirmedAt: live.Ms(f.ConfirmedAt),
		Seen: live.Ms(f.Seen), Picture: f.HasPicture, Map: f.Map != "",
	}
}

// shownScore is nil for what cannot be a score: it must not be read as a low one.
func shownScore(x float64) *float64 {
	if x >= 0 && x <= 1 {
		return &x
	}
	return nil
}

// imageOf is the closest that is known of what was looked at.
func imageOf(f *ward.Finding) string {
	for _, id := range []string{f.InstanceUID, f.SeriesUID, f.StudyUID, f.Accession} {
		if id != "" {
			return id
		}
	}
	return f.Delivery
}

// listFindings is what imaging says of who lies there. Of a finding without a picture this is the only
// look there is: it counts as seen.
func listFindings(q *call) error {
	p, err := q.place()
	if err != nil {
		return err
	}
	stays, err := q.s.o.Book.StaysOn(q.ctx, p.Ward)
	if err != nil {
		return err
	}
	r := FindingsReply{Findings: []FindingReply{}}
	i := slices.IndexFunc(stays, func(s ward.Stay) bool { return s.Place == p })
	if i < 0 {
		return q.c.JSON(r)
	}
	r.Stay = string(stays[i].ID)
	list, err := q.s.o.Imaging.FindingsOf(q.ctx, stays[i].ID)
	if err != nil {
		return err
	}
	for i := range list {
		f := &list[i]
		if f.Age == ward.AgePast || f.Withdrawn == ward.WithdrawnSomeone {
			continue
		}
		if !f.HasPicture && f.There {
			q.saw(f)
		}
		r.Findings = append(r.Findings, q.viewFinding(f))
	}
	return q.c.JSON(r)
}

// saw keeps the first look of a member of staff. It must not keep anyone from looking. A program's is none.
func (q *call) saw(f *StayFinding) {
	if !f.Seen.IsZero() || q.bearer() != "" {
		return
	}
	if err := q.s.o.Imaging.Saw(q.ctx, f.ID, q.who.Person.ID); err != nil {
		q.s.log.Error("a look at a finding could not be kept", "finding", f.ID, "error", err)
	}
}

// finding is the finding of the path, of somebody on a ward that the person may enter.
func (q *call) finding() (f StayFinding, err error) {
	id, err := q.id("id")
	if err != nil {
		return f, err
	}
	if f, err = q.s.o.Imaging.Finding(q.ctx, id); err != nil {
		return f, err
	}
	if f.Stay == "" {
		return f, &ward.Error{Code: ward.NotFound, Message: "nobody has said yet whose this is", Hint: "GET /api/v1/imaging/worklist has what waits for that"}
	}
	s, err := q.s.o.Book.Stay(q.ctx, f.Stay)
	if err != nil {
		return f, err
	}
	return f, q.mayEnter(s.Place.Ward)
}

func findingPicture(q *call) error { return q.image(q.s.o.Imaging.Picture, "finding.picture") }

func findingMap(q *call) error { return q.image(q.s.o.Imaging.Map, "finding.map") }

// imageSource gives a picture of a finding, as PNG.
type imageSource = func(ctx context.Context, id string) ([]byte, error)

// image answers with a picture of the finding in the path, and keeps who looked at it.
func (q *call) image(from imageSource, deed string) error {
	f, err := q.finding()
	if err != nil {
		return err
	}
	png, err := from(q.ctx, f.ID)
	if err != nil {
		return err
	}
	q.saw(&f)
	q.note(ward.AuditEntry{By: q.who.Person.ID, Deed: deed, Object: "finding:" + f.ID})
	q.c.Set(fiber.HeaderContentType, "image/png")
	return q.c.Send(png)
}

// judgeFinding keeps a doctor's word on a finding, in one step; an empty word takes it back.
func judgeFinding(q *call) error {
	if err := q.asPerson("confirm or reject a finding"); err != nil {
		return err
	}
	f, err := q.finding()
	if err != nil {
		return err
	}
	var b ConfirmationBody
	if err := q.read(&b); err != nil {
		return err
	}
	word := ward.Confirmation(b.Word)
	if !slices.Contains([]ward.Confirmation{ward.Unread, ward.Confirmed, ward.Rejected}, word) {
		return badInput("there is no such word", "give confirmed or rejected, or an empty one to take it back")
	}
	reason, err := reasonOf(b.Reason, "")
	if err != nil {
		return err
	}
	now, err := q.s.o.Imaging.Judge(q.ctx, f.ID, word, reason, b.looked(), q.who.Person.ID)
	if err != nil {
		return err
	}
	q.saw(&f)
	return q.c.JSON(q.viewFinding(&now))
}
