package dashboard

import (
	"context"
	"slices"
	"sync"
	"time"

	"wardwatch/ward"
)

// fakeImaging holds in memory what the tests need of imaging. The real one has its own tests.
type fakeImaging struct {
	mu       sync.Mutex
	book     *fakeBook
	findings []StayFinding // the newest picture first
	pictures map[string][]byte
	maps     map[string][]byte
	items    []ward.WorklistItem
	merged   []ward.PatientAlias
	asked    ImagingQuery
}

// newFakeImaging knows f1 and f2 of one picture of s1, f3 of nobody yet, and two items that wait: one that
// comes near to s1, one that comes near to nobody.
func newFakeImaging(b *fakeBook) *fakeImaging {
	m := &fakeImaging{book: b, pictures: map[string][]byte{"f1": []byte("\x89PNG one")}, maps: map[string][]byte{"f1": []byte("\x89PNG map")}}
	taken := noon.Add(-3 * time.Hour)
	of := func(id, code string, score float64, stay ward.StayID) StayFinding {
		return StayFinding{
			Finding: ward.Finding{
				ID: id, Stay: stay, Source: "pacs", Model: "cxr", ModelVersion: "2", StudyUID: "1.2.3", InstanceUID: "1.2.3.4", Modality: "DX", View: "AP",
				CodeSystem: ward.SystemSNOMED, Code: code, Label: code, Score: score, Threshold: 0.5, Acquired: taken, Received: taken.Add(time.Minute),
			},
			Standing: ward.Standing{Age: ward.AgeFresh, Unread: true}, There: score >= 0.5,
		}
	}
	m.findings = []StayFinding{of("f1", "36118008", 0.8, "s1"), of("f2", "60046008", 0.1, "s1"), of("f3", "36118008", 0.9, "")}
	m.findings[0].Map, m.findings[0].HasPicture, m.findings[0].Kind = "map", true, "pneumothorax"
	m.findings[1].Withdrawn = ward.WithdrawnAbsent
	m.items = []ward.WorklistItem{
		{ID: "w2", Source: "pacs", Why: ward.UnmatchedUnknown, Of: ward.Claim{HospitalID: "BN-2", Name: "LE^HOA"}, Received: noon},
		{ID: "w1", Source: "pacs", Why: ward.UnmatchedBirth, Of: ward.Claim{HospitalID: "BN-SECRET-s1", BirthDate: noon.AddDate(-40, 0, 0)}, Guesses: []ward.StayID{"s1", "gone"}, Received: noon.Add(-time.Hour)},
	}
	return m
}

func (m *fakeImaging) FindingsOf(_ context.Context, stay ward.StayID) (out []StayFinding, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.findings {
		if f.Stay == stay {
			out = append(out, f)
		}
	}
	return out, nil
}

func (m *fakeImaging) change(id string, f func(*StayFinding)) (StayFinding, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	i := slices.IndexFunc(m.findings, func(x StayFinding) bool { return x.ID == id })
	if i < 0 {
		return StayFinding{}, errAbsent
	}
	f(&m.findings[i])
	return m.findings[i], nil
}

func (m *fakeImaging) Finding(_ context.Context, id string) (StayFinding, error) {
	return m.change(id, func(*StayFinding) {})
}

func (m *fakeImaging) Picture(_ context.Context, id string) ([]byte, error) {
	return m.png(m.pictures, id)
}

func (m *fakeImaging) Map(_ context.Context, id string) ([]byte, error) { return m.png(m.maps, id) }

func (m *fakeImaging) png(from map[string][]byte, id string) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if png, ok := from[id]; ok {
		return png, nil
	}
	return nil, errAbsent
}

func (m *fakeImaging) Saw(_ context.Context, id string, by ward.PersonID) error {
	_, err := m.change(id, func(f *StayFinding) { f.Seen = m.book.now() })
	if err != nil {
		return err
	}
	return m.book.do(by, "finding.seen", "finding:"+id, func() error { return nil })
}

func (m *fakeImaging) Judge(_ context.Context, id string, word ward.Confirmation, _ string, looked *Looked, by ward.PersonID) (StayFinding, error) {
	if now, err := m.Finding(context.Background(), id); err == nil && looked != nil && (looked.Score != now.Score || !looked.Produced.Equal(now.Produced)) {
		return now, &ward.Error{Code: ward.Conflict, Message: "corrected meanwhile", Hint: "look again"}
	}
	same := false
	f, err := m.change(id, func(f *StayFinding) {
		if same = f.Confirmed == word; same {
			return
		}
		f.Confirmed, f.ConfirmedBy, f.ConfirmedAt, f.Unread = word, by, m.book.now(), word == ward.Unread
		if f.Withdrawn = ward.NotWithdrawn; word == ward.Rejected {
			f.Withdrawn = ward.WithdrawnReject
		}
	})
	if err != nil || same {
		return f, err
	}
	return f, m.book.do(by, "finding."+string(word), "finding:"+id, func() error { return nil })
}

func (m *fakeImaging) Worklist(context.Context) ([]ward.WorklistItem, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.items), nil
}

func (m *fakeImaging) WorklistItem(_ context.Context, id string) (ward.WorklistItem, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, x := range m.items {
		if x.ID == id {
			return x, nil
		}
	}
	return ward.WorklistItem{}, errAbsent
}

func (m *fakeImaging) Assign(ctx context.Context, id string, stay ward.StayID, reason string, by ward.PersonID) error {
	item, err := m.WorklistItem(ctx, id)
	if err != nil {
		return err
	}
	if item.Why == ward.UnmatchedBirth && reason == "" {
		return &ward.Error{Code: ward.Conflict, Message: "the birth dates differ", Hint: "say why it is this person's all the same"}
	}
	return m.take(id, by, "imaging.assign", "stay:"+string(stay))
}

func (m *fakeImaging) Dismiss(_ context.Context, id, _ string, by ward.PersonID) error {
	return m.take(id, by, "imaging.dismiss", "worklist:"+id)
}

func (m *fakeImaging) take(id string, by ward.PersonID, deed, object string) error {
	m.mu.Lock()
	m.items = slices.DeleteFunc(m.items, func(x ward.WorklistItem) bool { return x.ID == id })
	m.mu.Unlock()
	return m.book.do(by, deed, object, func() error { return nil })
}

func isOf(f *StayFinding, study string) bool { return f.ID == study || f.StudyUID == study }

func (m *fakeImaging) StayOf(_ context.Context, study string) (ward.StayID, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, f := range m.findings {
		if isOf(&f, study) && f.Stay != "" {
			return f.Stay, nil
		}
	}
	return "", errAbsent
}

func (m *fakeImaging) Detach(_ context.Context, study, _ string, by ward.PersonID) error {
	m.mu.Lock()
	for i := range m.findings {
		if isOf(&m.findings[i], study) {
			m.findings[i].Stay = ""
		}
	}
	m.items = append(m.items, ward.WorklistItem{ID: "w-detached", Why: ward.UnmatchedDetached, Study: ward.Study{UID: study}, Received: m.book.now()})
	m.mu.Unlock()
	return m.book.do(by, "imaging.detach", "study:"+study, func() error { return nil })
}

func (m *fakeImaging) Merged(context.Context) ([]ward.PatientAlias, error) { return m.merged, nil }

func (m *fakeImaging) Merge(_ context.Context, a ward.PatientAlias) error {
	return m.book.do(a.By, "imaging.merge", "", func() error { m.merged = append(m.merged, a); return nil })
}

func (m *fakeImaging) Unmerge(_ context.Context, a ward.PatientAlias) error {
	return m.book.do(a.By, "imaging.unmerge", "", func() error {
		m.merged = slices.DeleteFunc(m.merged, func(x ward.PatientAlias) bool { return x.Old == a.Old })
		return nil
	})
}

func (m *fakeImaging) Quality(_ context.Context, q ImagingQuery) (ImagingQualityReply, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked = q
	half, hour := 0.5, 3600.0
	return ImagingQualityReply{
		Agreement: []AgreementView{
			{Group: "cxr", Code: "36118008", Label: "=1+1", N: 4, TP: 1, FN: 1, TN: 2, Sensitivity: Interval{Value: &half}},
			{Group: "cxr", Code: "60046008", N: 4, TN: 4},
		},
		Turnaround: []TurnaroundView{{Group: "cxr", N: 9, ResultP50: &hour, Unseen: 2}, {Group: "other", N: 1}},
	}, nil
}

func (m *fakeImaging) Disagreements(_ context.Context, q ImagingQuery) ([]Disagreement, error) {
	f := m.findings[0].Finding
	f.HospitalID, f.Accession = "BN-SECRET-s1", "ACC-SECRET"
	return []Disagreement{{Finding: f, Person: "p7", AgeYears: -1, Sex: ward.Female, There: true}}, nil
}

func (m *fakeImaging) State(context.Context) (ImagingStateReply, error) {
	return ImagingStateReply{Sources: []ImagingSourceView{{Name: "pacs", Kind: "dicom"}}, Waiting: 2}, nil
}
