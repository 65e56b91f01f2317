// Package risk serves the learned models: it loads and checks them, asks them about everybody on
// the ward in batches, and holds back every prediction that would say more than the model knows.
//
// A model may raise concern, never lower it. Nothing here ever stands in for a prediction: what
// cannot be predicted is withheld, with the reason.
package risk

import (
	"errors"
	"io/fs"
	"slices"
	"strings"
	"sync"
	"time"

	"wardwatch/scoring/course"
	"wardwatch/ward"
)

// Options say where the models and the library are.
type Options struct {
	Library string // path of the shared library; empty: the usual places (runtime.Find)
	Files   fs.FS  // manifest.json and the models; nil: those that are part of the program

	// Extra is the file of a model that is not of the manifest, to be validated: it is checked like the
	// others but for its hash, and has the role Extra. Panel prefers it to another of its id.
	Extra []byte

	// Probe tries the loading where a crash does no harm, for example in a child process that calls
	// Verify. Its error keeps the library from being loaded here. nil: no trial.
	Probe func() error

	// Patience is how long a model may take over one batch; 0: five seconds, a proposal.
	Patience time.Duration

	engine engine // nil: the library
}

const defaultPatience = 5 * time.Second

// Models are those that can be asked, and what is wrong with the others. Their methods may be called
// from several goroutines.
type Models struct {
	spec     *course.Spec
	engine   engine
	patience time.Duration
	models   map[string]*model
	extra    *model // nil: none
	serving  *Panel // serves Assess; nil when no model can
	why      map[ward.Task]ward.Withheld
	broken   []Problem

	assessing sync.Mutex // one pass at a time

	mu      sync.Mutex
	failing map[string]Problem // by model: its last pass failed
}

// Problem is why a model says nothing, for doctor and the screen.
type Problem struct {
	Code   ward.Withheld
	Task   ward.Task // empty: all
	Model  string    // id; empty: all
	Role   Role      // of the model
	Detail string
	Hint   string // what mends it
}

// Open loads every model that it can. It always answers; what is wrong is told by Problems.
func Open(o Options) *Models {
	m := &Models{
		spec: course.Default(), patience: o.Patience, models: map[string]*model{},
		why: map[ward.Task]ward.Withheld{}, failing: map[string]Problem{},
	}
	if m.patience <= 0 {
		m.patience = defaultPatience
	}
	if p := m.start(&o); p != nil {
		m.broken = append(m.broken, *p)
		for _, task := range served() {
			m.why[task] = p.Code
		}
		return m
	}
	m.loadAll(o.Files)
	m.loadExtra(o.Extra)
	m.setUp()
	return m
}

// Verify loads and tries everything and says what is wrong. It is for a child process: that it
// returns at all is what its parent wants to know; the parent finds the same problems by itself.
func Verify(o Options) []Problem {
	o.Probe = nil
	m := Open(o)
	defer m.Close()
	return m.Problems()
}

// served are the tasks that should have a model.
func served() []ward.Task { return append(slices.Clone(ward.Tasks), Forecasting) }

// setUp notes what serves each task, and why nothing does.
func (m *Models) setUp() {
	var serving []*model
	for _, task := range served() {
		one := m.server(task)
		if one != nil {
			serving = append(serving, one)
			continue
		}
		m.why[task] = ward.WithheldModel
		if !slices.ContainsFunc(m.broken, func(p Problem) bool { return p.Role == "" || p.Role == Serve && p.Task == task }) {
			m.broken = append(m.broken, Problem{Code: ward.WithheldModel, Task: task, Role: Serve, Detail: "the manifest names no model that serves it", Hint: hintFiles})
		}
	}
	for _, one := range m.all() {
		if one.role == Optional {
			serving = append(serving, one)
		}
	}
	panel, err := newPanel(m.spec, serving)
	if err != nil {
		m.broken = append(m.broken, Problem{Code: ward.WithheldModel, Detail: err.Error(), Hint: hintFiles})
		for _, task := range served() {
			m.why[task] = ward.WithheldModel
		}
		return
	}
	m.serving = panel
}

// server is the model that serves a task; nil when there is none.
func (m *Models) server(task ward.Task) *model {
	for _, one := range m.models {
		if one.role == Serve && one.about.Task == task {
			return one
		}
	}
	return nil
}

// all are the models by id.
func (m *Models) all() []*model {
	out := make([]*model, 0, len(m.models)+1)
	if m.extra != nil {
		out = append(out, m.extra)
	}
	for _, one := range m.models {
		out = append(out, one)
	}
	slices.SortStableFunc(out, func(a, b *model) int { return strings.Compare(a.about.ID, b.about.ID) })
	return out
}

// Problems is what is wrong now: what could not be loaded, and what did not answer when it was last
// asked.
func (m *Models) Problems() []Problem {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := slices.Clone(m.broken)
	for _, one := range m.all() {
		if p, bad := m.failing[one.about.ID]; bad {
			out = append(out, p)
		}
	}
	return out
}

// answered notes whether a model answered.
func (m *Models) answered(one *model, err error) ward.Withheld {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err == nil {
		delete(m.failing, one.about.ID)
		return ward.NotWithheld
	}
	p := Problem{Code: ward.WithheldFailed, Task: one.about.Task, Model: one.about.ID, Role: one.role, Detail: err.Error(), Hint: "the charts go on; if it stays so, restart, and check the library and the model's file"}
	if errors.Is(err, errSlow) {
		p.Code, p.Hint = ward.WithheldSlow, "the charts go on; give the machine more processor time"
	}
	m.failing[one.about.ID] = p
	return p.Code
}

// Info is what is known of a loaded model.
type Info struct {
	Role    Role
	Version string // of the model, with the beginning of its file's hash; as in ward.Risk
	About   *Metadata
}

// List is every loaded model by id.
func (m *Models) List() []Info {
	var out []Info
	for _, one := range m.all() {
		out = append(out, Info{Role: one.role, Version: one.version, About: one.about})
	}
	return out
}

// Close frees the models.
func (m *Models) Close() error {
	var errs []error
	for _, one := range m.all() {
		errs = append(errs, one.close())
	}
	return errors.Join(errs...)
}
