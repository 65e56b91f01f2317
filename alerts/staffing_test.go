package alerts

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"wardwatch/ward"
)

// What scripts say of staff, beside the deeds.

// staffed lets the script's roster name the people, where it has one.
func (s *script) staffed() {
	if s.duty == nil {
		return
	}
	s.personal = map[string]bool{"push": true}
	s.who = func(role ward.Role, _ ward.Alert, _ time.Time) ward.OnDuty {
		if on, ok := s.duty[role]; ok {
			return on
		}
		return ward.OnDuty{Role: role, How: ward.HeldByRoster, People: []ward.PersonID{"p-" + ward.PersonID(role)}}
	}
	s.restart()
}

// roster: doctor_on_duty an binh | doctor_on_duty default chi | doctor_on_duty nobody
func (s *script) roster(w []string) error {
	on := ward.OnDuty{Role: ward.Role(w[0]), How: ward.HeldByRoster}
	people := w[1:]
	if how := ward.Holding(people[0]); slices.Contains([]ward.Holding{ward.HeldByDefault, ward.HeldByAll, ward.HeldByNobody, ward.HeldByAssignment}, how) {
		on.How, people = how, people[1:]
	}
	for _, p := range people {
		on.People = append(on.People, ward.PersonID(p))
	}
	s.duty[on.Role] = on
	return nil
}

// handOver: nurse an to binh
func (s *script) handOver(w []string) error {
	if len(w) != 4 || w[2] != "to" {
		return fmt.Errorf("write: handover ROLE FROM to TO")
	}
	h := ward.HandOver{Role: ward.Role(w[0]), From: ward.PersonID(w[1]), To: ward.PersonID(w[3]), Stays: []ward.StayID{"s1"}}
	return s.desk.HandOver(context.Background(), h, s.now)
}

// charts is a person entering a set of observations; what it says is another line.
func (s *script) charts(role ward.Role, by ward.PersonID) error {
	o := ward.Observation{Stay: "s1", Origin: ward.OriginCharted, At: s.now, Entered: s.now, By: by}
	return s.desk.Charted(context.Background(), o, role)
}

// symptoms is a look at a person in comfort care; the worst symptom is so bad.
func (s *script) symptoms(worst string) error {
	n, err := strconv.Atoi(worst)
	if err != nil {
		return err
	}
	stay := s.stays["s1"]
	stay.Symptoms = s.now
	s.stays["s1"] = stay
	return s.desk.Symptoms(context.Background(), ward.SymptomCheck{Stay: "s1", At: s.now, Entered: s.now, By: "p-nurse", Pain: n})
}
