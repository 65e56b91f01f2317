// Package door is where imaging sources knock: STOW-RS for DICOM instances, FHIR R4 and signed JSON for
// results. Nobody gets in without a secret of a source, each source only by its own door, and a sender hears
// that something arrived only once it is durable. It has a listener of its own, so that a flood of uploads
// does not touch the screens.
package door

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"wardwatch/ingest/imaging/intake"
	"wardwatch/ingest/imaging/vendor"
	"wardwatch/ward"
)

// Source is one sender, with what it proves itself by: a token or a user and password for DICOM and FHIR, a
// secret that signs what it sends for a vendor's JSON.
type Source struct {
	Name string
	Kind ward.DeliveryKind

	Token          string // bearer authentication
	User, Password string // basic authentication

	Secret    []byte // of a signature, see vendor.Verify
	PlainHash bool   // the signature is of the body alone, see vendor.VerifyBody
	Mapping   *vendor.Mapping

	Zone          *time.Location // of times that name none
	PatientSystem string         // FHIR identifier system of the hospital's patient numbers
	MaxBytes      int64          // of one instance or one JSON body; 256 MiB or 4 MiB when zero
}

// Options says who may knock. Intake and Now are required.
type Options struct {
	Sources []Source
	Intake  *intake.Intake
	Now     func() time.Time
	TLS     *tls.Config // nil: plain HTTP, for a line that is safe by itself
	Uploads int         // at the same time, of all sources; 8 when zero. One source gets half of them.
	Log     *slog.Logger
}

// Bounds. Ours.
const (
	defaultInstance = 256 << 20
	defaultDocument = 4 << 20
	defaultUploads  = 8
	maxRequest      = 4 << 30 // bytes of one STOW-RS request
	maxParts        = 10_000  // of one STOW-RS request
	retryAfter      = "10"    // seconds
)

// SignatureHeader carries the signature of a vendor's JSON.
const SignatureHeader = "X-Wardwatch-Signature"

// Door is the door. It is safe for concurrent use.
type Door struct {
	o       Options
	sources []*source
	byName  map[string]*source // those that sign
	mux     *http.ServeMux
	slots   chan struct{}

	count struct{ unauthorised, forbidden, busy, slow, failed atomic.Uint64 }
	said  atomic.Int64 // when an unknown sender was last logged, Unix s
}

// source is a Source with its secrets hashed.
type source struct {
	Source
	token, password credential
	slots           chan struct{}
}

// New checks the options.
func New(o Options) (*Door, error) {
	if o.Intake == nil || o.Now == nil {
		return nil, errors.New("imaging door: Intake and Now are required")
	}
	if o.Uploads == 0 {
		o.Uploads = defaultUploads
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	d := &Door{o: o, byName: map[string]*source{}, slots: make(chan struct{}, o.Uploads)}
	for _, s := range o.Sources {
		if err := d.admit(s); err != nil {
			return nil, fmt.Errorf("imaging source %q: %w", s.Name, err)
		}
	}
	d.mux = d.routes()
	return d, nil
}

// admit adds a source.
func (d *Door) admit(s Source) error {
	if !ward.ValidID(s.Name) {
		return errors.New("its name must be 1 to 64 letters, digits, _ or -")
	}
	signs := s.Kind == ward.DeliveryVendor
	switch {
	case signs && (len(s.Secret) == 0 || s.Mapping == nil):
		return errors.New("a source of vendor JSON needs a secret and a mapping")
	case !signs && s.Token == "" && (s.User == "" || s.Password == ""):
		return errors.New("a source needs a token, or a user and a password")
	}
	if s.MaxBytes == 0 {
		s.MaxBytes = defaultDocument
		if s.Kind == ward.DeliveryDICOM {
			s.MaxBytes = defaultInstance
		}
	}
	in := &source{Source: s, slots: make(chan struct{}, max(1, d.o.Uploads/2))}
	if s.Token != "" {
		in.token = hashed(s.Token)
	}
	if s.User != "" {
		in.password = hashed(s.User + ":" + s.Password)
	}
	for _, other := range d.sources {
		switch {
		case other.Name == in.Name:
			return errors.New("another source has the same name")
		case s.Token != "" && other.token == in.token, s.User != "" && other.password == in.password:
			return errors.New("another source has the same secret: what it sends could be taken for the other's")
		}
	}
	if signs {
		d.byName[s.Name] = in
	}
	d.sources = append(d.sources, in)
	return nil
}

func (d *Door) routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("POST /dicom-web/studies", d.known(ward.DeliveryDICOM, problem, d.stow))
	mux.HandleFunc("POST /dicom-web/studies/{study}", d.known(ward.DeliveryDICOM, problem, d.stow))
	mux.HandleFunc("GET /fhir/metadata", d.known(ward.DeliveryFHIR, outcome, d.metadata))
	for _, path := range []string{"POST /fhir", "POST /fhir/{$}"} {
		mux.HandleFunc(path, d.known(ward.DeliveryFHIR, outcome, d.fhir("Bundle")))
	}
	mux.HandleFunc("POST /fhir/DiagnosticReport", d.known(ward.DeliveryFHIR, outcome, d.fhir("DiagnosticReport")))
	mux.HandleFunc("POST /fhir/Observation", d.known(ward.DeliveryFHIR, outcome, d.fhir("Observation")))
	mux.HandleFunc("POST /hooks/{source}", d.hook)
	return mux
}

// ServeHTTP answers one request.
func (d *Door) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	d.mux.ServeHTTP(w, r)
}

// Figures reports whom the door turned away.
func (d *Door) Figures() []ward.Figure {
	of := func(why string, v *atomic.Uint64) ward.Figure {
		return ward.Figure{Name: "wardwatch_imaging_door_turned_away_total", Help: "Requests of imaging sources that were turned away, by reason.", Label: "reason", Of: why, Value: float64(v.Load())}
	}
	return []ward.Figure{
		of("busy", &d.count.busy), of("failed", &d.count.failed), of("forbidden", &d.count.forbidden),
		of("slow", &d.count.slow), of("unauthorised", &d.count.unauthorised),
	}
}
