package main

import (
	"context"
	"time"

	"wardwatch/dashboard/signin"
	"wardwatch/store/book"
	"wardwatch/ward"
)

// demoNurses have the ward's patients between them.
var demoNurses = []ward.Person{
	{ID: "demo-hoa", Login: "demo-hoa", Name: "Lê Thị Hoa", Access: ward.AccessNurse, Lang: "vi"},
	{ID: "demo-minh", Login: "demo-minh", Name: "Trần Văn Minh", Access: ward.AccessNurse, Lang: "vi"},
}

// demoStaff adds the person who is signed in on this machine, a doctor and two nurses. Their passwords
// are thrown away.
func demoStaff(ctx context.Context, b *book.Book) error {
	for _, p := range append([]ward.Person{
		{ID: demoPerson, Login: demoPerson, Name: "Điều dưỡng trưởng", Access: ward.AccessCharge, Duties: []ward.Role{ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor}, Lang: "vi"},
		{ID: demoDoctor, Login: demoDoctor, Name: "Bác sĩ mô phỏng", Access: ward.AccessDoctor, Duties: []ward.Role{ward.RoleDoctor, ward.RoleLead, ward.RoleICU}, Lang: "vi"},
	}, demoNurses...) {
		hash, err := signin.HashPassword(signin.NewSecret())
		if err != nil {
			return err
		}
		if _, err := b.AddPerson(ctx, p, hash, byCommandLine); err != nil {
			return err
		}
	}
	return nil
}

// demoDays is how long the demonstration's roster goes on.
const demoDays = 7

// demoRoster puts everybody on duty, in shifts from seven to seven. Whoever is signed in on this
// machine holds the duties that a high alert waits for, so that one person can play it through.
func demoRoster(ctx context.Context, b *book.Book, now time.Time) error {
	y, m, d := now.In(hospitalZone()).Date()
	first := time.Date(y, m, d-1, 19, 0, 0, 0, hospitalZone())
	for i := range 2 * demoDays {
		from := first.Add(time.Duration(i) * 12 * time.Hour)
		for _, s := range []ward.Shift{
			{Ward: demoWard, Role: ward.RoleCharge, Person: demoPerson},
			{Ward: demoWard, Role: ward.RoleDoctor, Person: demoPerson},
			{Ward: demoWard, Role: ward.RoleNurse, Person: demoNurses[0].ID},
			{Ward: demoWard, Role: ward.RoleNurse, Person: demoNurses[1].ID},
			{Role: ward.RoleLead, Person: demoDoctor},
			{Role: ward.RoleICU, Person: demoDoctor},
		} {
			s.From, s.To = from, from.Add(12*time.Hour)
			if _, err := b.AddShift(ctx, s, byCommandLine); err != nil {
				return err
			}
		}
	}
	return nil
}
