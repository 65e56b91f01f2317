package dashboard

import (
	"context"
	"time"

	"wardwatch/ward"
)

// Models are the learned models, what is known of how well they do here, and who let treating staff see
// them where. Opening and closing is audited by it, in the transaction of the change. Its errors are
// *ward.Error where a person can mend them.
type Models interface {
	// List is every model with its gate in every ward, and what keeps models from running.
	List(ctx context.Context) (ModelList, error)
	// Open lets treating staff of a ward see the predictions of a task. g has Ward, Task, Version, By and,
	// where it is opened before its time, Override. It answers ward.Conflict when Version is not the one
	// that runs, and when it is too early and nothing is given for Override.
	Open(ctx context.Context, g ward.Gate) (ward.Gate, error)
	// Close takes them from sight at once. g has Ward, Task, By and Reason. Closing twice changes nothing.
	Close(ctx context.Context, g ward.Gate) (ward.Gate, error)
	// Quality is how well the running model of a task does in a ward.
	Quality(ctx context.Context, task ward.Task, w ward.WardID) (QualityReply, error)
}

// ModelList is every model, and where its predictions are seen.
type ModelList struct {
	Problems []ModelProblem
	Models   []ModelView
	Gates    []ModelGate // one a ward and task
}

// ModelGate is a gate with what is known of the model behind it since it computes there.
type ModelGate struct {
	ward.Gate
	SilentSince time.Time // since when this version computes in the ward; zero: it does not
	Events      int       // that have happened there since then
	NeedEvents  int       // how many more there must be to open it without an override
	OpensFrom   time.Time // not before, without an override; zero: not known
}

// ModelsReply is a ModelList for the wards of the person who asks.
type ModelsReply struct {
	Problems []ModelProblem `json:"problems"`
	Models   []ModelView    `json:"models"`
	Gates    []GateView     `json:"gates"`
}

// ModelProblem is what keeps models from running, and how to mend it.
type ModelProblem struct {
	Code   string `json:"code"`  // one of ward.Withheld
	Model  string `json:"model"` // empty: all of them
	Detail string `json:"detail"`
	Hint   string `json:"hint"`
}

// ModelView is a model as its file describes it.
type ModelView struct {
	ID        string   `json:"id"`
	Task      string   `json:"task"`
	Version   string   `json:"version"`
	Role      string   `json:"role"` // serve, reference or optional
	Trained   string   `json:"trained"`
	Threshold float64  `json:"threshold"`
	Inputs    []string `json:"inputs"`
	Patients  int      `json:"patients"` // that it was trained on
	Running   bool     `json:"running"`
}

// GateReply is whether treating staff of a ward see the predictions of a task.
type GateReply struct {
	Ward     string `json:"ward"`
	Task     string `json:"task"`
	Model    string `json:"model"`
	Version  string `json:"version"`
	Open     bool   `json:"open"`
	By       string `json:"by"` // who opened or closed it; empty: Wardwatch itself
	ByName   string `json:"by_name"`
	At       *int64 `json:"at"`
	Override string `json:"override"`
	Reason   string `json:"reason"`
}

// GateView is a gate with what is still needed to open it.
type GateView struct {
	GateReply
	SilentSince *int64 `json:"silent_since"`
	Events      int    `json:"events"`
	NeedEvents  int    `json:"need_events"`
	OpensFrom   *int64 `json:"opens_from"`
}

// GateBody opens or closes a gate.
type GateBody struct {
	Open     bool   `json:"open"`
	Version  string `json:"version,omitempty"`  // of the model whose figures were looked at; required to open
	Override string `json:"override,omitempty"` // why it is opened before four weeks and fifty events
	Reason   string `json:"reason,omitempty"`   // why it is closed; required to close
}

// QualityReply is how well a model does in a ward, as far as can be told yet. A null number cannot.
type QualityReply struct {
	Task        string      `json:"task"`
	Ward        string      `json:"ward"`
	Model       string      `json:"model"`
	Version     string      `json:"version"`
	From        *int64      `json:"from"`
	To          *int64      `json:"to"`
	Predictions int         `json:"predictions"`
	Patients    int         `json:"patients"`
	Events      int         `json:"events"`
	Expected    *float64    `json:"expected"` // events
	Ratio       Interval    `json:"ratio"`    // observed over expected
	AUROC       Interval    `json:"auroc"`
	AlertRate   Interval    `json:"alert_rate"` // share of patient-days with an alert
	Withheld    *float64    `json:"withheld"`   // share of predictions
	Checks      []CheckView `json:"checks"`
	FallBack    []string    `json:"fall_back"` // why the model was taken from sight by Wardwatch itself
}

// Interval is a number with its 95 % interval.
type Interval struct {
	Value *float64 `json:"value"`
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
}

// CheckView is one check of drift.
type CheckView struct {
	Code    string   `json:"code"`  // psi, missing, observed_expected or alert_rate
	Input   string   `json:"input"` // empty: of the model as a whole
	Value   *float64 `json:"value"`
	Limit   *float64 `json:"limit"`   // where it becomes a breach
	Verdict string   `json:"verdict"` // ok, watch, breach or too_little
	Detail  string   `json:"detail"`
}

// noModels stands in where the program runs none.
type noModels struct{}

var errNoModels = &ward.Error{Code: ward.Unavailable, Message: "this server runs no learned models", Hint: "wardwatch doctor says what is missing; the charts go on"}

func (noModels) List(context.Context) (ModelList, error)             { return ModelList{}, errNoModels }
func (noModels) Open(context.Context, ward.Gate) (ward.Gate, error)  { return ward.Gate{}, errNoModels }
func (noModels) Close(context.Context, ward.Gate) (ward.Gate, error) { return ward.Gate{}, errNoModels }
func (noModels) Quality(context.Context, ward.Task, ward.WardID) (QualityReply, error) {
	return QualityReply{}, errNoModels
}
