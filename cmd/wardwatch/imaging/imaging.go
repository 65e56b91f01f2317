package imaging

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"time"

	"wardwatch/cmd/wardwatch/reader"
	"wardwatch/ingest/imaging"
	"wardwatch/ingest/imaging/door"
	"wardwatch/ingest/imaging/intake"
	"wardwatch/ingest/imaging/match"
	"wardwatch/ingest/imaging/pacs"
	"wardwatch/ingest/imaging/vendor"
	"wardwatch/scoring/respiratory"
	"wardwatch/store/book"
	"wardwatch/store/objects"
	"wardwatch/ward"
)

// Options says with what imaging runs. All but TLS, Library and Demonstrations are required.
type Options struct {
	Settings Settings
	Dir      string // for what is sent, and the pictures made of it
	Power    bool   // what is acknowledged survives a power cut too
	Book     *book.Book
	Table    *respiratory.Table
	Zone     *time.Location // of times that come without one, unless a source has its own
	TLS      *tls.Config    // of the doors
	Library  string         // shared library of ONNX Runtime; empty: the usual places

	// Demonstrations lets demonstration models look: in a simulation only.
	Demonstrations bool
	// Changed hears of stays whose findings are others now. It must not block.
	Changed func([]ward.StayID)

	Now func() time.Time
	Log *slog.Logger
}

// Imaging is what takes in pictures and results, reads them, and answers for them.
type Imaging struct {
	o         Options
	objects   *objects.Store
	intake    *intake.Intake
	processor *imaging.Processor
	reader    *reader.Reader
	door      *door.Door // nil: nobody sends to us
	pollers   map[string]*pacs.Poller
	listener  net.Listener
}

// maxMap bounds the pictures that are made here, in bytes.
const maxMap = 64 << 20

// New opens everything and listens. Nothing runs until Run.
func New(o Options) (m *Imaging, err error) {
	m = &Imaging{o: o, pollers: map[string]*pacs.Poller{}}
	if m.objects, err = objects.Open(filepath.Join(o.Dir, "objects"), objects.Options{Power: o.Power}); err != nil {
		return nil, err
	}
	if err := m.openReader(); err != nil {
		return nil, err
	}
	sources, senders, err := m.sources()
	if err != nil {
		return nil, err
	}
	m.processor, err = imaging.New(imaging.Options{
		Store: o.Book, Objects: m.objects, Sources: sources, Now: o.Now,
		Picture: m.reader.Read, Transcode: m.transcode, Changed: o.Changed, Log: o.Log,
	})
	if err != nil {
		return nil, err
	}
	if m.intake, err = intake.New(intake.Options{Store: o.Book, Objects: m.objects, Now: o.Now, Fresh: m.processor.Wake}); err != nil {
		return nil, err
	}
	if err := m.openPollers(); err != nil {
		return nil, err
	}
	return m, m.openDoor(senders)
}

func (m *Imaging) openReader() (err error) {
	o := &m.o
	m.reader, err = reader.New(reader.Options{
		Models: o.Settings.Models, Library: o.Library, Demonstrations: o.Demonstrations, Keep: m.keep, Now: o.Now, Log: o.Log,
	})
	if err != nil {
		return fmt.Errorf("the imaging models: %w", err)
	}
	return nil
}

// keep keeps a picture that was made here.
func (m *Imaging) keep(ctx context.Context, png []byte) (string, error) {
	name, _, _, err := m.objects.Keep(ctx, bytes.NewReader(png), maxMap)
	return name, err
}

// sources are the settings as the processor and the door take them.
func (m *Imaging) sources() (map[string]imaging.Source, []door.Source, error) {
	known, senders := map[string]imaging.Source{}, []door.Source{}
	for i := range m.o.Settings.Sources {
		s := &m.o.Settings.Sources[i]
		is := imaging.Source{Rules: match.Rules{SecondMark: s.SecondIdentifier}, Zone: m.zone(s), PatientSystem: s.PatientSystem}
		if s.Kind == KindWebhook {
			var err error
			if is.Mapping, err = openMapping(s.Mapping); err != nil {
				return nil, nil, fmt.Errorf("source %s: %w", s.Name, err)
			}
		}
		known[s.Name] = is
		if s.Kind == KindPACS {
			continue
		}
		sender, err := m.sender(s, is)
		if err != nil {
			return nil, nil, fmt.Errorf("source %s: %w", s.Name, err)
		}
		senders = append(senders, sender)
	}
	return known, senders, nil
}

func (m *Imaging) zone(s *Source) *time.Location {
	if s.Zone != nil {
		return s.Zone.Location
	}
	return m.o.Zone
}

func openMapping(file string) (*vendor.Mapping, error) {
	raw, err := mapping(file)
	if err != nil {
		return nil, err
	}
	return vendor.Parse(raw)
}

// deliveries is what each kind of source delivers.
var deliveries = map[Kind]ward.DeliveryKind{KindDICOM: ward.DeliveryDICOM, KindPACS: ward.DeliveryDICOM, KindFHIR: ward.DeliveryFHIR, KindWebhook: ward.DeliveryVendor}

func (m *Imaging) sender(s *Source, is imaging.Source) (d door.Source, err error) {
	d = door.Source{
		Name: s.Name, Kind: deliveries[s.Kind], User: s.User, PlainHash: is.Mapping != nil && is.Mapping.Signature() == vendor.SignedBody, Mapping: is.Mapping, MaxBytes: s.MaxSize,
		Zone: is.Zone, PatientSystem: is.PatientSystem,
	}
	if d.Token, err = ownSecret(s.TokenFile); err != nil {
		return d, err
	}
	if d.Password, err = ownSecret(s.PasswordFile); err != nil {
		return d, err
	}
	key, err := ownSecret(s.SecretFile)
	d.Secret = []byte(key)
	return d, err
}

func (m *Imaging) openPollers() error {
	for i := range m.o.Settings.Sources {
		s := &m.o.Settings.Sources[i]
		if s.Kind != KindPACS {
			continue
		}
		o := pacs.Options{
			Source: s.Name, URL: s.URL, User: s.User, CAFile: s.CAFile, Modalities: s.Modalities, Days: s.Days, Wait: s.Wait, Zone: m.zone(s), Every: s.Every,
			MaxBytes: s.MaxSize, Keeper: m.intake, Known: m.o.Book.Known, Now: m.o.Now, Log: m.o.Log,
		}
		var err error
		if o.Token, err = secret(s.TokenFile); err == nil {
			o.Password, err = secret(s.PasswordFile)
		}
		if err == nil {
			m.pollers[s.Name], err = pacs.New(o)
		}
		if err != nil {
			return fmt.Errorf("source %s: %w", s.Name, err)
		}
	}
	return nil
}

func (m *Imaging) openDoor(senders []door.Source) (err error) {
	if m.o.Settings.Listen == "" {
		return nil
	}
	m.door, err = door.New(door.Options{Sources: senders, Intake: m.intake, Now: m.o.Now, TLS: m.o.TLS, Log: m.o.Log})
	if err != nil {
		return err
	}
	if m.listener, err = net.Listen("tcp", m.o.Settings.Listen); err != nil {
		return fmt.Errorf("the door for imaging cannot listen on %s: %w (give another address as listen: in the imaging file)", m.o.Settings.Listen, err)
	}
	return nil
}

// transcode asks the archive that a picture came from.
func (m *Imaging) transcode(ctx context.Context, d ward.Delivery) (asked bool, err error) {
	p, ok := m.pollers[d.Source]
	if !ok {
		return false, nil
	}
	return true, p.Transcode(ctx, d)
}

// Address is where the doors are; empty when there are none.
func (m *Imaging) Address() string {
	if m.listener == nil {
		return ""
	}
	scheme := "http"
	if m.o.TLS != nil {
		scheme = "https"
	}
	return scheme + "://" + m.listener.Addr().String()
}

// Tasks are what must run, by name.
func (m *Imaging) Tasks() map[string]func(context.Context) error {
	tasks := map[string]func(context.Context) error{"imaging": m.processor.Run}
	if m.door != nil {
		tasks["imaging door"] = func(ctx context.Context) error { return m.door.Serve(ctx, m.listener) }
	}
	for name, p := range m.pollers {
		tasks["imaging source "+name] = p.Run
	}
	return tasks
}

// Close ends the process that reads pictures, once nothing runs any more.
func (m *Imaging) Close() error {
	err := m.reader.Close()
	if m.listener != nil {
		if cerr := m.listener.Close(); !errors.Is(cerr, net.ErrClosed) {
			err = errors.Join(err, cerr)
		}
	}
	return err
}

// StaysChanged says that somebody was admitted, moved, corrected or discharged. It never blocks.
func (m *Imaging) StaysChanged() { m.processor.StaysChanged() }

// kept is how long an object is kept at least: whoever put it there may not have said so yet.
const kept = time.Hour

// Prune forgets what was sent long ago.
func (m *Imaging) Prune(ctx context.Context) error {
	before := m.o.Now().Add(-m.o.Settings.Keep)
	if _, err := m.o.Book.PruneDeliveries(ctx, before); err != nil {
		return fmt.Errorf("forgetting old deliveries: %w", err)
	}
	_, err := m.objects.Prune(ctx, time.Now().Add(-max(kept, m.o.Settings.Keep)), func(name string) (bool, error) { return m.o.Book.ClaimsObject(ctx, name) })
	if err != nil {
		return fmt.Errorf("removing old pictures: %w", err)
	}
	return nil
}

// Ready says what keeps results from coming in; nil when nothing does.
func (m *Imaging) Ready() error {
	errs := []error{m.processor.Ready(), m.reader.State()}
	for name, p := range m.pollers {
		if err := p.State(); err != nil {
			errs = append(errs, fmt.Errorf("source %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

// Figures are those of all parts.
func (m *Imaging) Figures() []ward.Figure {
	all := append(m.processor.Figures(), m.intake.Figures()...)
	all = append(all, m.objects.Figures()...)
	if m.door != nil {
		all = append(all, m.door.Figures()...)
	}
	for _, p := range m.pollers {
		all = append(all, p.Figures()...)
	}
	return all
}

// Findings is what imaging says of some people, of pictures that may still count.
func (m *Imaging) Findings(ctx context.Context, stays []ward.StayID, at time.Time) (map[ward.StayID][]ward.Finding, error) {
	return m.o.Book.FindingsOf(ctx, stays, at.Add(-m.o.Table.Remembers()))
}
