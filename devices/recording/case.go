package recording

import (
	"fmt"
	"iter"
	"math"
	"time"

	"wardwatch/ward"
)

// Case is one patient of a recording, with everything the file says of them.
type Case struct {
	Patient
	Rows []Row // in time order; fresh for each patient, so that the caller may keep it
}

// Patient is what is known of a patient beside the vital signs.
type Patient struct {
	ID      ward.BedID // the file's own, made fit for the wire; Place.Bed of the readings
	Age     float64    // years; NaN when not known. Where a source hides the oldest ("> 89", "90+"): 90
	Sex     ward.Sex
	Outcome Outcome
}

// Outcome is what became of a patient.
type Outcome struct {
	Known   bool      // otherwise the rest says nothing
	Event   bool      // it happened
	At      time.Time // when, which may be after End (death on another ward); zero: not told
	LabelAt time.Time // cinc2019: of the first labelled row, six hours before At; otherwise zero
	End     time.Time // the last moment under observation; zero: not told

	// died is a death that counts as an event only if it came soon after the last row: mimic3-demo.
	died time.Time
}

// afterLast is how soon after the last row a death still counts as an event of the recording.
const afterLast = 24 * time.Hour

// seenUntil settles what depends on the patient's last row.
func (o *Outcome) seenUntil(last time.Time) {
	if !o.died.IsZero() && !o.died.After(last.Add(afterLast)) {
		o.Event, o.At = true, o.died
	}
	if o.End.IsZero() {
		o.End = last
	}
}

// person is what the rows themselves say of a patient.
type person struct {
	age float64
	sex ward.Sex
}

func nobody() person { return person{age: math.NaN()} }

// maxAge is in years.
const maxAge = 130

// Patients yields one patient at a time, in the order of the file, with all their rows; a patient
// whose rows stand apart comes after the others, because only the end of the file ends theirs. To
// know them the file is walked twice. The patients that stand apart are held in memory together, some
// 350 bytes a row: sort a large file by patient.
//
// One moment of a patient is one row: a cuff beside an arterial line is left out and counted as
// covered. facts, which may be nil, add age, sex and outcome; what they say of an outcome comes
// before the labels of the rows. A patient without any row is not yielded.
//
// Errors are as those of Readings.
func (r *Recording) Patients(facts *Outcomes) iter.Seq2[Case, error] {
	return func(yield func(Case, error) bool) {
		r.counts = Counts{}
		first, second := twice(r.o.Progress)
		apart, patients, err := r.apart(first)
		if err != nil {
			yield(Case{}, err)
			return
		}
		g := &gather{yield: yield, facts: facts, counts: &r.counts, apart: apart, merge: !r.layout.labels}
		out := &sink{oneSet: true}
		out.yield = func(row Row, err error) bool {
			if err != nil {
				return yield(Case{}, err)
			}
			return g.add(row, out.person)
		}
		if r.walk(out, second) && g.finish() {
			r.counts.Bare = patients - r.counts.Patients
		}
	}
}

// twice splits progress into two walks of the same file.
func twice(told progress) (first, second progress) {
	if told == nil {
		return nil, nil
	}
	return func(read, size int64) { told(read, 2*size) },
		func(read, size int64) { told(size+read, 2*size) }
}

// apart finds the patients whose rows do not stand together, and counts all.
func (r *Recording) apart(told progress) (apart map[ward.BedID]*Case, patients int64, err error) {
	f, err := openLines(r.path, told)
	if err != nil {
		return nil, 0, err
	}
	defer f.close()
	s := scan{apart: map[ward.BedID]*Case{}, seen: map[string]bool{}}
	if err := s.walk(f, r.o); err != nil {
		return nil, 0, fmt.Errorf("recording: %s: %w", r.path, err)
	}
	return s.apart, int64(len(s.seen)), nil
}

// scan looks only at the patients' column.
type scan struct {
	apart map[ward.BedID]*Case
	seen  map[string]bool
	now   string
}

func (s *scan) walk(f *lines, o Options) error {
	header, err := f.header()
	if err != nil {
		return err
	}
	l, err := recognise(kinds(), header, o)
	if err != nil {
		return err
	}
	for {
		id, err := f.field(l.columns[0], len(header))
		if err == errEnd {
			return nil
		}
		if _, bad := err.(*RowError); err != nil && !bad {
			return err
		}
		s.see(patientID(id))
	}
}

func (s *scan) see(id []byte) {
	if len(id) == 0 || string(id) == s.now {
		return
	}
	s.now = string(id)
	if s.seen[s.now] {
		s.apart[ward.BedID(wireID("", id, ""))] = nil
	}
	s.seen[s.now] = true
}
