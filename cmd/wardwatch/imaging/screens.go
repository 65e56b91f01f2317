package imaging

import (
	"context"
	"io"

	"wardwatch/dashboard"
	"wardwatch/store/book/findings"
	"wardwatch/ward"
)

// Screens is imaging as screens and programs ask for it.
type Screens struct{ *Imaging }

var _ dashboard.Imaging = Screens{}

// FindingsOf are those of one stay, with what each counts for now.
func (s Screens) FindingsOf(ctx context.Context, stay ward.StayID) ([]dashboard.StayFinding, error) {
	all, err := s.Findings(ctx, []ward.StayID{stay}, s.o.Now())
	if err != nil {
		return nil, err
	}
	return s.standing(ctx, stay, all[stay])
}

func (s Screens) standing(ctx context.Context, stay ward.StayID, list []ward.Finding) ([]dashboard.StayFinding, error) {
	out := make([]dashboard.StayFinding, len(list))
	pictures := map[string]bool{} // by delivery
	for i, st := range s.o.Table.Standings(stay, list, s.o.Now()) {
		f := &list[i]
		has, known := pictures[f.Delivery]
		if !known {
			_, err := s.picture(ctx, f)
			has = err == nil
			pictures[f.Delivery] = has
		}
		out[i] = dashboard.StayFinding{Finding: *f, Standing: st, There: f.Present(s.o.Table.LeastScore()), HasPicture: has}
	}
	return out, nil
}

// Finding is one finding, with what it counts for now beside the others of its stay.
func (s Screens) Finding(ctx context.Context, id string) (dashboard.StayFinding, error) {
	f, err := s.o.Book.Finding(ctx, id)
	if err != nil {
		return dashboard.StayFinding{}, err
	}
	if f.Stay != "" {
		list, err := s.FindingsOf(ctx, f.Stay)
		if err != nil {
			return dashboard.StayFinding{}, err
		}
		for _, x := range list {
			if x.ID == id {
				return x, nil
			}
		}
	}
	one, err := s.standing(ctx, f.Stay, []ward.Finding{f})
	if err != nil {
		return dashboard.StayFinding{}, err
	}
	return one[0], nil
}

var errNoPicture = &ward.Error{Code: ward.NotFound, Message: "the picture is not kept here", Hint: "look it up in the picture archive by its study"}

// picture is the delivery that holds the picture of a finding.
func (s Screens) picture(ctx context.Context, f *ward.Finding) (d ward.Delivery, err error) {
	if d, err = s.o.Book.Delivery(ctx, f.Delivery); err != nil {
		return d, err
	}
	if d.Kind != ward.DeliveryDICOM || f.InstanceUID == "" || d.InstanceUID != f.InstanceUID {
		return d, errNoPicture // a report, not what it speaks of
	}
	return d, nil
}

// Picture is what was looked at, as PNG.
func (s Screens) Picture(ctx context.Context, id string) ([]byte, error) {
	f, err := s.o.Book.Finding(ctx, id)
	if err != nil {
		return nil, err
	}
	d, err := s.picture(ctx, &f)
	if err != nil {
		return nil, err
	}
	path, err := s.objects.Path(d.Object)
	if err != nil {
		return nil, err
	}
	png, err := s.reader.Preview(ctx, path)
	if err != nil {
		s.o.Log.Warn("a picture cannot be shown", "finding", id, "error", err)
		return nil, errNoPicture
	}
	return png, nil
}

// Map is the same picture with where the score came from, as PNG.
func (s Screens) Map(ctx context.Context, id string) ([]byte, error) {
	f, err := s.o.Book.Finding(ctx, id)
	if err != nil {
		return nil, err
	}
	if f.Map == "" {
		return nil, &ward.Error{Code: ward.NotFound, Message: "there is no map of this finding", Hint: "models that run here make one; others do not send any"}
	}
	r, err := s.objects.Open(f.Map)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, maxMap))
}

// Saw keeps that a member of staff has looked at a finding.
func (s Screens) Saw(ctx context.Context, id string, by ward.PersonID) error {
	return s.o.Book.SawFinding(ctx, id, by)
}

// Judge keeps a clinician's word on a finding.
func (s Screens) Judge(ctx context.Context, id string, word ward.Confirmation, reason string, looked *dashboard.Looked, by ward.PersonID) (dashboard.StayFinding, error) {
	f, err := s.o.Book.JudgeFinding(ctx, id, word, reason, (*findings.Looked)(looked), by)
	if err != nil {
		return dashboard.StayFinding{}, err
	}
	s.tell([]ward.StayID{f.Stay}, nil)
	return s.Finding(ctx, id)
}

// tell says whose findings are others now, once that is durable.
func (s Screens) tell(stays []ward.StayID, err error) error {
	if err == nil && len(stays) > 0 {
		s.o.Changed(stays)
	}
	return err
}

// Worklist is what waits for a person to say whose it is.
func (s Screens) Worklist(ctx context.Context) ([]ward.WorklistItem, error) {
	return s.o.Book.Worklist(ctx)
}

// WorklistItem is one of them.
func (s Screens) WorklistItem(ctx context.Context, id string) (ward.WorklistItem, error) {
	return s.o.Book.WorklistItem(ctx, id)
}

// Assign says whose it is.
func (s Screens) Assign(ctx context.Context, id string, stay ward.StayID, reason string, by ward.PersonID) error {
	return s.tell(s.o.Book.AssignStudy(ctx, id, stay, reason, by))
}

// Dismiss takes off the list what is nobody's here.
func (s Screens) Dismiss(ctx context.Context, id, reason string, by ward.PersonID) error {
	return s.o.Book.DismissStudy(ctx, id, reason, by)
}

// StayOf is whose study it is.
func (s Screens) StayOf(ctx context.Context, study string) (ward.StayID, error) {
	return s.o.Book.StudyStay(ctx, study)
}

// Detach takes a study off the person it was given to.
func (s Screens) Detach(ctx context.Context, study, reason string, by ward.PersonID) error {
	return s.tell(s.o.Book.DetachStudy(ctx, study, reason, by))
}

// Merged are the hospital numbers that are one person's.
func (s Screens) Merged(ctx context.Context) ([]ward.PatientAlias, error) {
	return s.o.Book.MergedNumbers(ctx)
}

// Merge records that two numbers are one person's; what waits is matched anew.
func (s Screens) Merge(ctx context.Context, a ward.PatientAlias) error {
	err := s.o.Book.MergeNumbers(ctx, a)
	if err == nil {
		s.StaysChanged()
	}
	return err
}

// Unmerge takes that back.
func (s Screens) Unmerge(ctx context.Context, a ward.PatientAlias) error {
	return s.tell(s.o.Book.UnmergeNumbers(ctx, a.Old, a.Reason, a.By))
}
