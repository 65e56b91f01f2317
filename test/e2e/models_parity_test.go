//go:build e2e

package e2e

import (
	"bytes"
	"encoding/json"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"wardwatch/ward"
)

// TestModelsParity replays people of the training data's layout through the broker, and compares
// what the engine foretold of each hour, as InfluxDB has it, with what the training code says of the
// row of that hour.
func TestModelsParity(t *testing.T) {
	python := os.Getenv("WARDWATCH_PYTHON")
	if python == "" {
		t.Skip("WARDWATCH_PYTHON is not set: give a Python that has training/requirements.txt")
	}
	file, which, people := hourlyFile(t)
	t.Logf("input: %s", which)
	r := &parityRun{T: t, people: people, told: map[ward.Task]int{}, withheld: map[string]int{}}
	r.play(file)
	r.compare(trained(t, python, file))
}

// paritySpeed leaves a second and a half of real time an hour: a row must be taken in and looked at
// within its hour to be compared.
const paritySpeed = 2400

// tolerance is of probabilities.
const tolerance = 1e-4

// parityRun is one replay and what it left.
type parityRun struct {
	*testing.T
	people [][]hourRow

	foretold map[string]any // InfluxDB's scores
	kept     []kept

	told     map[ward.Task]int // predictions that were compared
	withheld map[string]int
	worst    float64 // how far apart they were
	wrong    faults
}

// kept is what a record of the journal means here.
type kept struct {
	reading  uint64 // position of one that was taken in,
	scored   uint64 // or of the one that a score was made of,
	assessed bool   // or the models spoke
	place    ward.Place
	at       time.Time // when it was measured; when it was said
}

// play runs the replay to the end of the last row's hour.
func (r *parityRun) play(file string) {
	s := prepare(r, len(r.people)+1)
	opened := time.Now().AddDate(0, 0, -60).UTC().Truncate(time.Hour)
	var people []newcomer
	for i, rows := range r.people {
		people = append(people, newcomer{
			bed: bed(i + 1), born: opened.AddDate(-rows[0].number(r, "Age"), -6, 0), sex: []string{"female", "male"}[rows[0].number(r, "Gender")],
			from: opened.Add(-48 * time.Hour), monitors: []string{device(bed(i+1), rows[0]["patient"], false)},
		})
	}
	s.admit(r, people...)
	influx, _ := influxd(r, r.TempDir(), port(r))
	speed := strconv.Itoa(paritySpeed)
	srv := s.serve(r, nil, "--clock-start", opened.Format(time.RFC3339), "--clock-speed", speed, "--influx", influx, "--late-after", "2h",
		"--policy", policyFile(r, "version: parity\nscoring: {models: {every: 1m}}\n"))
	srv.needsModels()
	password := filepath.Join(r.TempDir(), "password")
	if err := os.WriteFile(password, []byte(s.password), 0o600); err != nil {
		r.Fatal(err)
	}
	clock := httptest.NewServer(srv.earlyInTheHour())
	r.Cleanup(clock.Close)
	run(r, "replay", file, "--ward", "W1", "--bed", "bed%05d", "--speed", speed, "--server", clock.URL, "--url", srv.mqtt, "--user", s.user, "--password-file", password)
	end := srv.clock().Truncate(time.Hour).Add(time.Hour)
	until(r, "the last hour is over", func() bool { return srv.clock().After(end) })
	srv.forwarded()
	r.foretold = points(r, influx, "score")
	srv.stop()
	r.read(s.data)
}

// modelList is what the server says of its models.
type modelList struct {
	Problems []struct{ Code, Detail, Hint string }
	Models   []struct{ Task, Role string }
}

// models waits until the models have been opened, as far as they can be: the charts do not wait for
// that.
func (s *server) models() (list modelList) {
	s.t.Helper()
	until(s.t, "the models have been opened", func() bool { return s.call(http.MethodGet, "/api/v1/models", nil, &list) == nil })
	return list
}

// needsModels fails where a task has no model that serves it, and says why.
func (s *server) needsModels() {
	s.t.Helper()
	list, serving := s.models(), map[string]bool{}
	for _, m := range list.Models {
		serving[m.Task] = serving[m.Task] || m.Role == "serve"
	}
	for _, task := range ward.Tasks {
		if !serving[string(task)] {
			s.t.Fatalf("no model serves %s: %v", task, list.Problems)
		}
	}
}

// earlyInTheHour tells the server's clock, once it stands at the first minutes of an hour: a replay
// that begins then has the rest of each hour for its row to be looked at.
func (s *server) earlyInTheHour() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		until(s.t, "an hour begins", func() bool { return s.clock().Minute() < 6 })
		_ = json.NewEncoder(w).Encode(map[string]int64{"time": s.clock().UnixMilli()})
	})
}

// read keeps what the journal says of the order of things.
func (r *parityRun) read(data string) {
	eachRecord(r, data, func(x ward.Record) {
		switch {
		case x.Reading != nil:
			r.kept = append(r.kept, kept{reading: x.Reading.Position, place: x.Reading.Place, at: x.Reading.Taken})
		case x.Score != nil && x.Score.Position != 0:
			r.kept = append(r.kept, kept{scored: x.Score.Position, place: x.Score.Place})
		case x.Assessment != nil:
			r.kept = append(r.kept, kept{assessed: true, place: x.Assessment.Place, at: x.Assessment.At})
		}
	})
}

// lastWords finds when the models last spoke of who lies at a place in each hour (of Unix time),
// having seen all that was measured until then; first is the hour of the first reading.
//
// A round that is kept behind a score may have begun before it; the round after that has seen it.
func (r *parityRun) lastWords(at ward.Place) (said map[int64]time.Time, first int64) {
	said = map[int64]time.Time{}
	newest, unscored, rounds := int64(0), map[uint64]bool{}, 0
	for _, x := range r.kept {
		if x.place != at {
			continue
		}
		hour := x.at.Unix() / 3600
		switch {
		case x.reading != 0:
			if first == 0 {
				first = hour
			}
			newest = hour
			unscored[x.reading] = true
			delete(said, hour) // it came too late for that
		case x.scored != 0:
			delete(unscored, x.scored)
			rounds = 0
		case len(unscored) == 0 && first != 0:
			if rounds++; rounds > 1 && hour >= newest {
				said[hour] = x.at
			}
		}
	}
	return said, first
}

// opinion is what the training code says of one row.
type opinion struct {
	Patient string
	Hour    int
	Said    map[ward.Task]struct {
		Model    string
		P        float64
		Withheld string
	}
}

// trained asks the training code about every row of a file.
func trained(t testing.TB, python, file string) (out []opinion) {
	t.Helper()
	cmd := exec.Command(python, "-m", "wardwatch_training.predict", file)
	cmd.Dir = "../../training"
	cmd.Env = append(os.Environ(), "OMP_NUM_THREADS=1", "PYTHONDONTWRITEBYTECODE=1")
	var errs bytes.Buffer
	cmd.Stderr = &errs
	raw, err := cmd.Output()
	if err != nil {
		t.Fatalf("the training code: %v: %s", err, errs.String())
	}
	for lines := json.NewDecoder(bytes.NewReader(raw)); lines.More(); {
		var o opinion
		if err := lines.Decode(&o); err != nil {
			t.Fatal(err)
		}
		out = append(out, o)
	}
	return out
}

// compare holds what the engine said in each hour against the row of that hour.
func (r *parityRun) compare(rows []opinion) {
	r.wrong.T = r
	for i, person := range r.people {
		place := ward.Place{Ward: "W1", Bed: ward.BedID(bed(i + 1))}
		said, first := r.lastWords(place)
		begun := slices.IndexFunc(person, hourRow.measured) // the replay begins with the first row that has anything to send
		origin, compared := first-int64(person[begun].number(r, "ICULOS")), 0
		for _, row := range rows {
			if at, ok := said[origin+int64(row.Hour)]; ok && row.Patient == person[0]["patient"] {
				r.compareHour(&row, place, at)
				compared++
			}
		}
		if compared < hours*2/3 {
			r.Errorf("%s: %d of %d hours could be compared; want two of three at least", person[0]["patient"], compared, hours)
		}
	}
	for _, task := range ward.Tasks {
		if r.told[task] < hours {
			r.Errorf("%s: %d predictions were compared, want %d at least", task, r.told[task], hours)
		}
	}
	r.Logf("engine = training: %v predictions, at most %.2g apart; withheld alike: %v", r.told, r.worst, r.withheld)
}

func (r *parityRun) compareHour(row *opinion, place ward.Place, at time.Time) {
	for task, want := range row.Said {
		live := func(field string) any { return r.foretold[scoreKey(place, string(task), at, field)] }
		why, _ := live("withheld").(string)
		switch value, told := live("risk").(float64); {
		case live("model") != want.Model:
			r.wrong.say("%s hour %d: %v spoke of %s, want %s", row.Patient, row.Hour, live("model"), task, want.Model)
		case why != want.Withheld || told != (why == ""):
			r.wrong.say("%s hour %d: the engine withholds %s because of %q (told: %v), training because of %q", row.Patient, row.Hour, task, why, told, want.Withheld)
		case !told:
			r.withheld[why]++
		default:
			apart := math.Abs(value - want.P)
			if !(apart <= tolerance) {
				r.wrong.say("%s hour %d: the engine foretells %s with %v, training with %v", row.Patient, row.Hour, task, value, want.P)
			}
			r.told[task]++
			r.worst = max(r.worst, apart)
		}
	}
}
