// Package intake makes what imaging sources send durable. The bytes are kept as a file and a row says that
// they wait to be read; only then may the sender be told that we have them. What cannot be used is kept as
// a refused row with its reason. The same content again changes nothing and gets the same answer.
package intake

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"time"

	"wardwatch/ingest/imaging/dicom"
	"wardwatch/ingest/imaging/ident"
	"wardwatch/ingest/imaging/refuse"
	"wardwatch/ward"
)

// Store keeps the rows of deliveries.
type Store interface {
	// Accept keeps a delivery that waits or was refused. One whose id is known changes nothing.
	Accept(ctx context.Context, d ward.Delivery) (fresh bool, err error)
}

// Objects keeps the bytes of deliveries as files.
type Objects interface {
	// Keep reads r to its end. When it returns without an error the content survives a crash. More than
	// limit bytes are ward.BadInput, a disk that cannot write is ward.Unavailable, and an error of r is
	// returned as it is.
	Keep(ctx context.Context, r io.Reader, limit int64) (name, sum string, size int64, err error)
	// Open reads what was kept under the name.
	Open(name string) (io.ReadCloser, error)
}

// Options says how to take in. Store, Objects and Now are required.
type Options struct {
	Store   Store
	Objects Objects
	Now     func() time.Time
	Fresh   func()             // called after each delivery that waits and was not known; must not block
	Probe   func(point string) // "kept", "accepted"; for tests
}

// Codes of refused deliveries beside those of ward.
const (
	RefusedContent  = "bad_content"    // a report that does not say what it must
	RefusedInstance = "other_instance" // not the study, the instance or the encoding that was announced
)

// From says who sends an instance, how large it may be, and what it was announced as; an empty field
// announces nothing.
type From struct {
	Source   string
	Limit    int64 // bytes
	Study    string
	Instance string
	Syntax   string // transfer syntax
}

// Receipt is what became of something that was sent. It is durable.
type Receipt struct {
	Delivery ward.Delivery  // refused with a code, or else waiting
	Identity dicom.Identity // of an instance, as far as it could be read
	Fresh    bool           // it was not known before
}

// Refused reports whether the delivery was refused.
func (r Receipt) Refused() bool { return r.Delivery.State == ward.DeliveryRefused }

// Intake takes in. It is safe for concurrent use.
type Intake struct {
	o     Options
	count counters
}

// New makes an intake.
func New(o Options) (*Intake, error) {
	if o.Store == nil || o.Objects == nil || o.Now == nil {
		return nil, errors.New("imaging intake: Store, Objects and Now are required")
	}
	if o.Fresh == nil {
		o.Fresh = func() {}
	}
	if o.Probe == nil {
		o.Probe = func(string) {}
	}
	return &Intake{o: o}, nil
}

// Instance takes in one DICOM instance. An error means that nothing was kept that the sender may rely on.
// An instance over the limit, and one that is not what it was announced as, is a refusal and no error.
func (in *Intake) Instance(ctx context.Context, from From, r io.Reader) (Receipt, error) {
	d := ward.Delivery{Source: from.Source, Kind: ward.DeliveryDICOM, State: ward.DeliveryWaiting, InstanceUID: from.Instance, StudyUID: from.Study}
	sent := &sender{r: r}
	name, sum, size, err := in.o.Objects.Keep(ctx, sent, from.Limit)
	if sent.err != nil {
		return Receipt{}, &SenderError{sent.err}
	}
	if tooBig(err) {
		return in.tooBig(ctx, d, err)
	}
	if err != nil {
		return Receipt{}, in.failure(err)
	}
	in.o.Probe("kept")
	d.Object, d.Size = name, size
	d.ID = ident.Delivery(from.Source, d.Kind, sum)
	who, err := in.identify(name)
	refusal := refuse.As(err)
	if err != nil && refusal == nil {
		return Receipt{}, in.failure(err)
	}
	// What was announced goes first: it is what the poller asks for again if it is not known.
	d.InstanceUID, d.StudyUID = cmp.Or(from.Instance, who.InstanceUID), cmp.Or(from.Study, who.StudyUID)
	if refusal == nil {
		refusal = from.differs(who)
	}
	rec, err := in.accept(ctx, d, refusal)
	rec.Identity = who
	return rec, err
}

// identify reads who an instance says it is. An error that is no refusal is one of the disk.
func (in *Intake) identify(name string) (dicom.Identity, error) {
	f, err := in.o.Objects.Open(name)
	if err != nil {
		return dicom.Identity{}, err
	}
	defer f.Close()
	return dicom.Scan(f, dicom.Limits{})
}

// differs says how an instance differs from what was announced.
func (f From) differs(who dicom.Identity) *refuse.Refusal {
	switch {
	case f.Study != "" && f.Study != who.StudyUID:
		return refuse.Because(RefusedInstance, "the instance is of another study than the one announced; send it under its own study")
	case f.Instance != "" && f.Instance != who.InstanceUID:
		return refuse.Because(RefusedInstance, "the instance is another one than the one asked for; check the archive")
	case f.Syntax != "" && f.Syntax != who.TransferSyntax:
		return refuse.Because(ward.RefusedSyntax, "the archive sent transfer syntax %s where %s was asked for; let it transcode", who.TransferSyntax, f.Syntax)
	}
	return nil
}

// tooBig refuses what was not kept. Without content it has an identity only where it was announced; then
// it is remembered, so that nobody fetches it again.
func (in *Intake) tooBig(ctx context.Context, d ward.Delivery, why error) (Receipt, error) {
	refusal := refuse.Because(ward.RefusedTooBig, "%s", why)
	if d.InstanceUID == "" {
		in.count.refused(refusal.Code)
		d.State, d.Code, d.Detail = ward.DeliveryRefused, refusal.Code, refusal.Message
		return Receipt{Delivery: d}, nil
	}
	d.ID = ident.Of(d.Source, string(d.Kind), "announced", d.InstanceUID)
	return in.accept(ctx, d, refusal)
}

// Document takes in a JSON report that was checked already; refusal says what was found wrong with it.
func (in *Intake) Document(ctx context.Context, source string, kind ward.DeliveryKind, body []byte, refusal *refuse.Refusal) (Receipt, error) {
	name, sum, size, err := in.o.Objects.Keep(ctx, bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return Receipt{}, in.failure(err)
	}
	in.o.Probe("kept")
	d := ward.Delivery{ID: ident.Delivery(source, kind, sum), Source: source, Kind: kind, Object: name, Size: size, State: ward.DeliveryWaiting}
	return in.accept(ctx, d, refusal)
}

// accept writes the row. After it the delivery may be acknowledged.
func (in *Intake) accept(ctx context.Context, d ward.Delivery, refusal *refuse.Refusal) (Receipt, error) {
	d.Received = in.o.Now()
	if refusal != nil {
		d.State, d.Code, d.Detail, d.Done = ward.DeliveryRefused, refusal.Code, refusal.Message, d.Received
	}
	fresh, err := in.o.Store.Accept(ctx, d)
	if err != nil {
		return Receipt{}, in.failure(err)
	}
	in.o.Probe("accepted")
	in.count.accepted(&d, fresh)
	if fresh && refusal == nil {
		in.o.Fresh()
	}
	return Receipt{Delivery: d, Fresh: fresh}, nil
}

// failure counts what kept us from making a delivery durable.
func (in *Intake) failure(err error) error {
	in.count.failed.Add(1)
	return err
}

// SenderError is a sender that did not send to the end. Every other error of Instance and Document is of
// our disk or our book, and the same may be sent again later.
type SenderError struct{ Err error }

// Error says what reading ended with.
func (e *SenderError) Error() string { return "the sender did not send to the end: " + e.Err.Error() }

// Unwrap is the error that reading ended with.
func (e *SenderError) Unwrap() error { return e.Err }

// sender remembers how reading from a sender ended.
type sender struct {
	r   io.Reader
	err error
}

// Read implements io.Reader.
func (s *sender) Read(b []byte) (int, error) {
	n, err := s.r.Read(b)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}

func tooBig(err error) bool {
	var e *ward.Error
	return errors.As(err, &e) && e.Code == ward.BadInput
}
