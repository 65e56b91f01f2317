package findings

import (
	"context"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// FindingsOf finds what imaging says of some stays, of pictures taken at or after a time; those of which
// nobody knows when they were taken count as taken when they were received. It is one query, and lists
// of each stay the newest first.
func (m *Imaging) FindingsOf(ctx context.Context, stays []ward.StayID, since time.Time) (map[ward.StayID][]ward.Finding, error) {
	list, err := sqlite.List(ctx, m.db.Read(), scanFinding, findings+` WHERE s.stay <> '' AND s.stay IN (SELECT value FROM json_each(?)) AND f.taken >= ?
		ORDER BY s.stay, f.taken DESC, f.id`, sqlite.AsJSON(ids(stays)), sqlite.Ms(since))
	if err != nil {
		return nil, err
	}
	out := make(map[ward.StayID][]ward.Finding, len(stays))
	for i := range list {
		out[list[i].Stay] = append(out[list[i].Stay], list[i])
	}
	return out, nil
}

// Finding finds one.
func (m *Imaging) Finding(ctx context.Context, id string) (ward.Finding, error) {
	return findingByID(ctx, m.db.Read(), id)
}

const findings = `SELECT f.id, s.stay, s.source, f.model, f.version, f.by_reader, f.demonstration,
	s.study_uid, f.series_uid, f.instance_uid, s.accession, s.hospital_id, f.modality, f.region, f.view, f.device,
	f.code_system, f.code, f.label, f.laterality, f.score, f.threshold, f.calibrated,
	f.acquired, f.produced, f.received, f.delivery, f.map, f.warnings, f.retracted, f.word, f.word_by, f.word_at, f.seen
	FROM studies s JOIN findings f ON f.study = s.id`

func scanFinding(r sqlite.Row) (f ward.Finding, err error) {
	return f, r.Scan(&f.ID, &f.Stay, &f.Source, &f.Model, &f.ModelVersion, &f.ByPerson, &f.Demonstration,
		&f.StudyUID, &f.SeriesUID, &f.InstanceUID, &f.Accession, &f.HospitalID, &f.Modality, &f.Region, &f.View, &f.Device,
		&f.CodeSystem, &f.Code, &f.Label, &f.Laterality, &f.Score, &f.Threshold, &f.Calibrated,
		sqlite.When(&f.Acquired), sqlite.When(&f.Produced), sqlite.When(&f.Received), &f.Delivery, &f.Map, sqlite.FromJSON(&f.Warnings), sqlite.When(&f.Retracted),
		&f.Confirmed, &f.ConfirmedBy, sqlite.When(&f.ConfirmedAt), sqlite.When(&f.Seen))
}

func findingByID(ctx context.Context, q sqlite.Querier, id string) (ward.Finding, error) {
	f, err := scanFinding(q.QueryRowContext(ctx, findings+` WHERE f.id = ?`, id))
	return f, sqlite.Absent(err, "there is no such finding", "reload: it may have been corrected by its source")
}
