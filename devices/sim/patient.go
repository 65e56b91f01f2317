package sim

import (
	"fmt"
	"time"

	"wardwatch/ward"
)

// Patient is an invented person in a simulated bed.
type Patient struct {
	Place      ward.Place
	HospitalID string // always begins with "SIM-"
	FamilyName string // with the middle name, as Vietnamese names are written: "Nguyễn Văn"
	GivenName  string
	BirthDate  time.Time
	Sex        ward.Sex
}

var (
	familyNames = [...]string{"Nguyễn", "Nguyễn", "Nguyễn", "Trần", "Trần", "Lê", "Lê", "Phạm", "Hoàng", "Phan", "Vũ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô", "Dương", "Lý"}
	maleMiddle  = [...]string{"Văn", "Văn", "Đức", "Hữu", "Quang", "Minh", "Xuân", "Công"}
	maleGiven   = [...]string{"An", "Bình", "Chiến", "Dũng", "Đạt", "Hải", "Hùng", "Khánh", "Long", "Nam", "Phúc", "Quân", "Sơn", "Thắng", "Tuấn", "Vinh"}
	femMiddle   = [...]string{"Thị", "Thị", "Thị", "Ngọc", "Thu", "Kim", "Thanh", "Minh"}
	femGiven    = [...]string{"Anh", "Chi", "Dung", "Hà", "Hạnh", "Hoa", "Huệ", "Lan", "Liên", "Mai", "Nga", "Oanh", "Phương", "Tâm", "Thảo", "Yến"}
)

// Patients are the invented people, bed by bed in the order of the beds' numbers. Charts made for
// adults apply to all of them.
func (w *Ward) Patients() []Patient {
	out := make([]Patient, 0, w.o.Beds)
	for i := range w.o.Beds {
		name := w.o.BedName(i)
		r := w.o.random("person", name)
		pick := func(from []string) string { return from[r.IntN(len(from))] }
		p := Patient{
			Place:      ward.Place{Ward: w.o.Ward, Bed: name},
			HospitalID: fmt.Sprintf("SIM-%05d", i+1),
			Sex:        ward.Female,
		}
		if r.IntN(2) == 0 {
			p.Sex = ward.Male
			p.FamilyName = pick(familyNames[:]) + " " + pick(maleMiddle[:])
			p.GivenName = pick(maleGiven[:])
		} else {
			p.FamilyName = pick(familyNames[:]) + " " + pick(femMiddle[:])
			p.GivenName = pick(femGiven[:])
		}
		age := 24 + r.IntN(34) + r.IntN(34) // most are old
		y, m, d := w.o.Start.Date()
		p.BirthDate = time.Date(y-age, m, d-1-r.IntN(365), 0, 0, 0, 0, time.UTC)
		out = append(out, p)
	}
	return out
}
