package dashboard

import (
	"slices"
	"strings"

	"wardwatch/dashboard/live"
	"wardwatch/ward"
)

// assessment is what models, trends and the respiratory view say of who lies there, as treating staff may
// see it: the same for everybody, so that no screen left open shows what is silent.
func assessment(q *call) error {
	p, err := q.place()
	if err != nil {
		return err
	}
	v, ok := q.s.o.Live.Assessment(p)
	if !ok {
		return &ward.Error{Code: ward.NotFound, Message: "there is no present assessment of this bed", Hint: "one is made every few minutes of whoever is known to lie there"}
	}
	return q.c.JSON(v)
}

func listModels(q *call) error {
	list, err := q.s.o.Models.List(q.ctx)
	if err != nil {
		return err
	}
	r := ModelsReply{Problems: append([]ModelProblem{}, list.Problems...), Models: append([]ModelView{}, list.Models...), Gates: []GateView{}}
	for _, g := range list.Gates {
		if q.who.Person.MayEnter(g.Ward) {
			r.Gates = append(r.Gates, GateView{GateReply: q.viewGate(g.Gate), SilentSince: live.Ms(g.SilentSince), Events: g.Events, NeedEvents: g.NeedEvents, OpensFrom: live.Ms(g.OpensFrom)})
		}
	}
	return q.c.JSON(r)
}

func (q *call) viewGate(g ward.Gate) GateReply {
	return GateReply{
		Ward: string(g.Ward), Task: string(g.Task), Model: g.Model, Version: g.Version, Open: g.Open,
		By: string(g.By), ByName: q.s.o.Live.NameOf(g.By), At: live.Ms(g.At), Override: g.Override, Reason: g.Reason,
	}
}

// setGate opens a model to the treating staff of a ward, or takes it from their sight.
func setGate(q *call) error {
	w, err := q.wardID()
	if err != nil {
		return err
	}
	task, err := q.task()
	if err != nil {
		return err
	}
	var b GateBody
	if err := q.read(&b); err != nil {
		return err
	}
	if len(b.Override) > maxText || len(b.Reason) > maxText || len(b.Version) > maxText {
		return badInput("the reason is too long", "write it in a sentence or two")
	}
	g := ward.Gate{Ward: w, Task: task, By: q.who.Person.ID}
	if b.Open {
		g, err = q.openGate(g, &b)
	} else {
		g, err = q.closeGate(g, &b)
	}
	if err != nil {
		return err
	}
	g.Ward, g.Task = w, task // one that nobody ever opened has no record to say so
	return q.c.JSON(q.viewGate(g))
}

// openGate: to let a model speak to treating staff is decided by a person under their own name.
func (q *call) openGate(g ward.Gate, b *GateBody) (ward.Gate, error) {
	switch {
	case !slices.Contains(openers, q.who.Person.Access):
		return g, forbidden("your access does not allow opening a model to a ward", "you may close it; ask someone whose access is one of: "+accessList(openers))
	case q.who.Session == "":
		return g, forbidden("a program may not open a model to a ward", "sign in as the person who decides it")
	case b.Version == "":
		return g, badInput("the version of the model is missing", "give the version whose figures you looked at, from GET /api/v1/models")
	}
	g.Version, g.Override = b.Version, strings.TrimSpace(b.Override)
	return q.s.o.Models.Open(q.ctx, g)
}

func (q *call) closeGate(g ward.Gate, b *GateBody) (ward.Gate, error) {
	if g.Reason = strings.TrimSpace(b.Reason); g.Reason == "" {
		return g, badInput("the reason is missing", "say in a few words why staff must not see it")
	}
	closed, err := q.s.o.Models.Close(q.ctx, g)
	if err == nil {
		q.s.o.Live.Silence(g.Ward, g.Task)
	}
	return closed, err
}

// modelQuality is how well the model of a task does in a ward.
func modelQuality(q *call) error {
	task, w, err := q.taskOnWard()
	if err != nil {
		return err
	}
	r, err := q.s.o.Models.Quality(q.ctx, task, w)
	if err != nil {
		return err
	}
	r.Task, r.Ward = string(task), string(w)
	r.Checks, r.FallBack = append([]CheckView{}, r.Checks...), append([]string{}, r.FallBack...)
	return q.c.JSON(r)
}

// listPredictions is what the model of a task says of everybody on a ward, silent or not.
func listPredictions(q *call) error {
	task, w, err := q.taskOnWard()
	if err != nil {
		return err
	}
	q.note(ward.AuditEntry{By: q.who.Person.ID, Deed: "models.predictions", Object: "ward:" + string(w), Detail: string(task)})
	return q.c.JSON(q.s.o.Live.Predictions(w, task))
}

func (q *call) task() (ward.Task, error) {
	task := ward.Task(q.c.Params("task"))
	if !slices.Contains(ward.Tasks, task) {
		return "", badInput("there is no such task", "the tasks are "+strings.Join(words(ward.Tasks), ", "))
	}
	return task, nil
}

// taskOnWard is the task of the path and the ward of ?ward=, which the person may enter.
func (q *call) taskOnWard() (ward.Task, ward.WardID, error) {
	task, err := q.task()
	if err != nil {
		return "", "", err
	}
	w := q.c.Query("ward")
	if !ward.ValidID(w) {
		return "", "", badInput("the ward is missing or not an identifier", "add ?ward= to the address")
	}
	return task, ward.WardID(w), q.mayEnter(ward.WardID(w))
}
