// Package dashboard is what people see and press: the board, the API behind it, the live stream,
// sign-in, health and metrics. It holds no clinical rule.
package dashboard

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"wardwatch/dashboard/brake"
	"wardwatch/dashboard/figures"
	"wardwatch/dashboard/files"
	"wardwatch/dashboard/live"
	"wardwatch/dashboard/signin"
	"wardwatch/ward"
)

// Options are what a Server is made of. Now, Log, Live, Book, Desk, Trends and Submit are required.
type Options struct {
	Now        func() time.Time
	Log        *slog.Logger
	Version    string
	Simulation bool
	Zone       string // IANA name for times on screens; empty: Asia/Ho_Chi_Minh
	TLS        *tls.Config

	Live    *live.Live
	Book    Book
	Desk    Desk
	Trends  Trends
	Submit  func(context.Context, []ward.Reading) error // durable when it returns nil
	Models  Models                                      // nil: there are none
	Imaging Imaging                                     // nil: there is none
	Duty    Duty                                        // nil: there is no roster
	Digest  Digester                                    // nil: none is composed
	Health  func() []Check                              // for /readyz; nil: always ready
	Figures []func() []ward.Figure                      // for /metrics

	Evidence Evidence // nil: there is none
	Channels Channels // nil: there are none
	PushKey  string   // public key of Web Push (VAPID), base64url; empty: there is no Web Push
	// OpenLink says for whom and for which alert the token of a link was made. It refuses with
	// ward.NotFound what is not one of ours, and with ward.Unavailable, naming both all the same, one
	// that has expired. nil: there are no links.
	OpenLink func(token string, now time.Time) (ward.PersonID, ward.AlertID, error)

	// NeedsFor names what a complete charted set of the person has at a time: the parts of the person's
	// chart, such as rr, spo2, o2, consciousness; nothing when no chart applies. nil: the seven of NEWS2
	// (RCP, 2017) for everybody.
	NeedsFor  func(s *ward.Stay, at time.Time) []string
	BackEntry time.Duration // a charted set older than this is entered afterwards; zero: 10 min

	Web    fs.FS  // the built front end, index.html at its root; nil: none
	Vitals []byte // JSON Schema of the devices' payload; nil: none

	// Loopback signs a browser on this machine in as this person, without asking. Only a
	// simulation may have it.
	Loopback     *ward.Person
	MetricsToken string // opens /metrics to other machines; empty: loopback only

	Heartbeat        time.Duration // of a stream; zero: 5 s
	StallTimeout     time.Duration // how long a screen may take nothing before it is cut off; zero: 15 s
	Recheck          time.Duration // how often a stream asks whether its session still holds; zero: 1 min
	StreamsPerPerson int           // zero: 12
}

// Bounds of one server. fasthttp holds a whole body before a handler runs; bound says how large it
// may be.
const (
	maxConnections = 4096
	maxHeader      = 16 << 10
	maxImport      = 4 << 20
	maxBody        = 64 << 10
	readTimeout    = 30 * time.Second // of one request: a slow sender holds no connection longer
	idleTimeout    = 2 * time.Minute
	callTimeout    = 15 * time.Second // of what a request asks of the book and the desk
	stopTimeout    = 3 * time.Second
)

// Server is the board and its API.
type Server struct {
	o       Options
	log     *slog.Logger
	gate    *signin.Gate
	app     *fiber.App
	routes  []route
	files   files.Set
	meter   *figures.Meter
	streams *streams
	rings   *brake.Brake // tests and new addresses, by person

	presence *presence
	looks    looks
	zone     *time.Location
	openAPI  []byte

	door    sync.Mutex // guards what follows
	ln      net.Listener
	closing bool

	refreshing sync.Mutex // reading the book and showing it is one step: an older list never comes last
}

// New builds the server; Load and Serve bring it up.
func New(o Options) (*Server, error) {
	if o.Loopback != nil && !o.Simulation {
		return nil, errors.New("signing in without a password is only for a simulation")
	}
	if o.Now == nil || o.Log == nil || o.Live == nil || o.Book == nil || o.Desk == nil || o.Trends == nil || o.Submit == nil {
		return nil, errors.New("dashboard: a required option is missing")
	}
	if o.Zone == "" {
		o.Zone = defaultZone
	}
	if o.Heartbeat <= 0 {
		o.Heartbeat = 5 * time.Second
	}
	if o.StallTimeout <= 0 {
		o.StallTimeout = 15 * time.Second
	}
	if o.Recheck <= 0 {
		o.Recheck = time.Minute
	}
	if o.StreamsPerPerson <= 0 {
		o.StreamsPerPerson = 12
	}
	if o.BackEntry <= 0 {
		o.BackEntry = defaultBackEntry
	}
	if o.Models == nil {
		o.Models = noModels{}
	}
	if o.NeedsFor == nil {
		o.NeedsFor = needsOfNEWS2
	}
	gate, err := signin.New(signin.Options{Keys: o.Book, Now: o.Now})
	if err != nil {
		return nil, err
	}
	zone, err := zoneNamed(o.Zone)
	if err != nil {
		return nil, err
	}
	s := &Server{o: o, zone: zone, log: o.Log, gate: gate, streams: newStreams(o.StreamsPerPerson), rings: brake.New(ringBurst, ringRefill)}
	s.presence = newPresence(o.Now, s.note)
	if s.files, err = files.Load(o.Web); err != nil {
		return nil, err
	}
	s.meter = figures.New(append([]func() []ward.Figure{o.Live.Figures, s.Figures}, o.Figures...))
	s.routes = s.table()
	if s.openAPI, err = describe(s.routes, o.Version); err != nil {
		return nil, err
	}
	s.app = s.build()
	return s, nil
}

const defaultZone = "Asia/Ho_Chi_Minh"

// zoneNamed finds a time zone; that of Viet Nam also on a machine that has no list of them.
func zoneNamed(name string) (*time.Location, error) {
	z, err := time.LoadLocation(name)
	switch {
	case err == nil:
		return z, nil
	case name == defaultZone:
		return time.FixedZone("ICT", 7*60*60), nil // it has no summer time
	}
	return nil, fmt.Errorf("the time zone of screens: %w", err)
}

// build makes the Fiber application. WriteTimeout stays 0: it would cut every stream; a stream
// bounds its slow reader itself.
func (s *Server) build() *fiber.App {
	app := fiber.New(fiber.Config{
		AppName:               "wardwatch",
		DisableStartupMessage: true,
		Immutable:             true, // strings outlive their request here
		StrictRouting:         true,
		CaseSensitive:         true,
		BodyLimit:             maxImport,
		Concurrency:           maxConnections,
		ReadBufferSize:        maxHeader,
		ReadTimeout:           readTimeout,
		IdleTimeout:           idleTimeout,

		DisablePreParseMultipartForm: true, // no route takes a form
		ErrorHandler:                 s.fail,
	})
	app.Server().HeaderReceived = s.bound
	app.Use(s.outermost)
	for _, r := range s.routes {
		h := s.handler(r)
		app.Add(r.Method, r.fiberPath(), h)
		if r.Method == get && r.Open() {
			app.Add(fiber.MethodHead, r.fiberPath(), h) // for load balancers and monitors
		}
	}
	app.Use(s.nothing)
	return app
}

// Load fills the live picture from the book: wards, beds, stays, staff, open alerts and the small
// history behind the tiles. Call it once before Serve, after recovery.
func (s *Server) Load(ctx context.Context) error {
	if err := s.Refresh(ctx); err != nil {
		return err
	}
	open, err := s.o.Book.OpenAlerts(ctx)
	if err != nil {
		return err
	}
	now := s.o.Now()
	for i := range open {
		s.o.Live.Publish(ward.Event{Ward: open[i].Place.Ward, At: now, Alert: &open[i]})
	}
	return s.remember(ctx, now)
}

// Refresh reads wards, beds, stays and staff again, after another process has changed the book.
func (s *Server) Refresh(ctx context.Context) error {
	s.refreshing.Lock()
	defer s.refreshing.Unlock()
	people, err := s.o.Book.People(ctx)
	if err != nil {
		return err
	}
	s.o.Live.SetPeople(people)
	wards, err := s.o.Book.Wards(ctx)
	if err != nil {
		return err
	}
	for _, w := range wards {
		beds, err := s.o.Book.Beds(ctx, w.ID)
		if err != nil {
			return err
		}
		s.o.Live.SetWard(w, beds)
		if err := s.showStays(ctx, w.ID); err != nil {
			return err
		}
	}
	return nil
}

// refreshStays is Refresh of who lies on one ward.
func (s *Server) refreshStays(ctx context.Context, w ward.WardID) error {
	s.refreshing.Lock()
	defer s.refreshing.Unlock()
	return s.showStays(ctx, w)
}

func (s *Server) showStays(ctx context.Context, w ward.WardID) error {
	stays, err := s.o.Book.StaysOn(ctx, w)
	if err != nil {
		return err
	}
	s.o.Live.SetStays(w, stays)
	return nil
}

// Serve answers requests on ln until Shutdown. It closes ln.
func (s *Server) Serve(ln net.Listener) error {
	if s.o.TLS != nil {
		ln = tls.NewListener(ln, s.o.TLS)
	}
	s.door.Lock()
	if s.ln = ln; s.closing {
		ln.Close()
	}
	s.door.Unlock()
	return s.app.Listener(ln)
}

// farewell puts the end of every look on the record, also when stopping has taken all of its time.
func (s *Server) farewell() {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	s.presence.stop(ctx)
}

// Shutdown ends the streams first, since they would never end by themselves, then lets requests
// finish for a bounded time.
func (s *Server) Shutdown(ctx context.Context) error {
	s.streams.stop()
	ctx, cancel := context.WithTimeout(ctx, stopTimeout)
	defer cancel()
	err := s.app.ShutdownWithContext(ctx)
	s.farewell()
	// fasthttp does not know a listener that Serve has not reached yet, and would go on with it.
	s.door.Lock()
	defer s.door.Unlock()
	s.closing = true
	if s.ln != nil {
		s.ln.Close()
	}
	return err
}
