package dashboard

import (
	"context"
	"sync"

	"wardwatch/ward"
)

// fakeModels runs version 3 of every model and keeps gates in memory.
type fakeModels struct {
	mu    sync.Mutex
	book  *fakeBook
	gates map[ward.WardID]map[ward.Task]ward.Gate
}

func newFakeModels(b *fakeBook) *fakeModels {
	m := &fakeModels{book: b, gates: map[ward.WardID]map[ward.Task]ward.Gate{}}
	for _, w := range b.wards {
		m.gates[w.ID] = map[ward.Task]ward.Gate{}
		for _, task := range ward.Tasks {
			m.gates[w.ID][task] = ward.Gate{Ward: w.ID, Task: task, Model: string(task) + "-vitals", Version: "3"}
		}
	}
	return m
}

func (m *fakeModels) List(context.Context) (ModelList, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	list := ModelList{
		Problems: []ModelProblem{{Code: string(ward.WithheldRuntime), Detail: "the runtime is missing", Hint: "make runtime"}},
		Models:   []ModelView{{ID: "deterioration-vitals", Task: "deterioration", Version: "3", Role: "serve", Inputs: []string{"hr"}}},
	}
	for _, w := range m.book.wards {
		for _, task := range ward.Tasks {
			list.Gates = append(list.Gates, ModelGate{Gate: m.gates[w.ID][task], SilentSince: noon, Events: 12, NeedEvents: 38, OpensFrom: noon.AddDate(0, 0, 28)})
		}
	}
	return list, nil
}

func (m *fakeModels) Open(_ context.Context, g ward.Gate) (ward.Gate, error) {
	if g.Version != "3" {
		return g, &ward.Error{Code: ward.Conflict, Message: "another version runs now", Hint: "look at its figures first"}
	}
	if g.Override == "" {
		return g, &ward.Error{Code: ward.Conflict, Message: "38 events are still needed", Hint: "wait, or say why not"}
	}
	g.Open = true
	return m.set(g, "model.open")
}

func (m *fakeModels) Close(_ context.Context, g ward.Gate) (ward.Gate, error) {
	return m.set(g, "model.close")
}

func (m *fakeModels) set(g ward.Gate, deed string) (ward.Gate, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	g.At = m.book.now()
	m.gates[g.Ward][g.Task] = g
	return g, m.book.do(g.By, deed, "ward:"+string(g.Ward), func() error { return nil })
}

func (m *fakeModels) Quality(_ context.Context, task ward.Task, w ward.WardID) (QualityReply, error) {
	ratio := 1.1
	return QualityReply{Model: string(task) + "-vitals", Version: "3", Predictions: 900, Ratio: Interval{Value: &ratio}}, nil
}
