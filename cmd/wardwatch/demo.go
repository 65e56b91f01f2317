package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"wardwatch/cmd/wardwatch/app"
	"wardwatch/cmd/wardwatch/policy"
	"wardwatch/dashboard/signin"
	"wardwatch/devices/sim"
	"wardwatch/store/book"
	"wardwatch/ward"
)

type demoCmd struct {
	app.Config `embed:""`
	Beds       int     `default:"24" help:"How many beds."`
	Seed       int64   `default:"1" help:"The same seed gives the same ward."`
	Pace       float64 `default:"30" help:"How many times faster than life people get worse or better."`
	Calm       bool    `help:"No scripted deterioration: everybody is stable."`

	Persist time.Duration `default:"15s" help:"How long a score must stay over a threshold before it alerts: the life of a demonstration is shorter than a ward's."`

	temporary bool // the data directory goes with the demonstration
}

const (
	demoWard    = ward.WardID("NOI1")
	demoName    = "Khoa Nội tổng hợp"
	demoGateway = "demo-gateway"
)

// Run shows a simulated ward until it is told to stop.
func (c *demoCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if c.Beds < 1 || c.Beds > 2000 {
		return fmt.Errorf("beds is %d: give 1 to 2000", c.Beds)
	}
	if c.Data == "" {
		dir, err := os.MkdirTemp("", "wardwatch-demo-*")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		c.Data, c.temporary = dir, true
	}
	receiver, err := c.receiver()
	if err != nil {
		return err
	}
	if receiver != nil {
		defer receiver.close()
	}
	pictures, err := c.imaging()
	if err != nil {
		return err
	}
	a, err := app.Start(context.WithoutCancel(ctx), app.Options{
		Config: c.Config, Log: logger(), Version: versionText(), Simulation: true,
		Loopback: &ward.Person{ID: demoPerson, Login: demoPerson, Name: "Điều dưỡng trưởng", Access: ward.AccessCharge, Duties: []ward.Role{ward.RoleNurse, ward.RoleCharge, ward.RoleDoctor}, Lang: "vi"},
		Prepare:  c.prepare,
		Adjust:   c.hurry, TryModels: tryModels, Imaging: &pictures.settings,
	})
	if err != nil {
		return hinted(err)
	}
	defer a.Stop()
	if err := a.OpenGates(ctx, demoWard, demoDoctor, "mô phỏng: không có người bệnh thật / a simulation: no real patient"); err != nil {
		logger().Warn("the models stay silent", "error", err)
	}
	if err := c.play(ctx, a, &pictures); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

// hurry shortens the policy to a demonstration's pace.
func (c *demoCmd) hurry(p *policy.Policy) {
	p.Alerts.PersistScore = min(p.Alerts.PersistScore, c.Persist)
	p.Scoring.Models.Every = min(p.Scoring.Models.Every, time.Minute)
}

const (
	demoPerson = "demo"
	demoDoctor = "demo-doctor" // signs for the models
)

// ward is the simulated ward. Times on its axis are the real ones.
func (c *demoCmd) ward() (*sim.Ward, error) {
	o := sim.Options{Ward: demoWard, Beds: c.Beds, Seed: c.Seed, Pace: c.Pace, Start: time.Now().In(hospitalZone())}
	if c.Calm {
		o.Scenarios = map[ward.BedID]string{}
	}
	return sim.New(o)
}

// demoPast is how much history the trends begin with, a set a minute.
const demoPast = 4 * time.Hour

// past is the same ward during the hours before, when everybody was stable.
func (c *demoCmd) past() (*sim.Ward, error) {
	return sim.New(sim.Options{
		Ward: demoWard, Beds: c.Beds, Seed: c.Seed, Interval: time.Minute,
		Start: time.Now().Add(-demoPast).In(hospitalZone()), Scenarios: map[ward.BedID]string{},
	})
}

// prepare puts the ward, its people and its patients into an empty book.
func (c *demoCmd) prepare(ctx context.Context, b *book.Book) error {
	simulated, err := c.ward()
	if err != nil {
		return err
	}
	if err := b.AddWard(ctx, ward.Ward{ID: demoWard, Name: demoName}, demoPerson); err != nil {
		return err
	}
	if _, _, err := b.PersonByLogin(ctx, demoPerson); err == nil {
		return nil // the directory has been used before: its people are still there
	}
	if err := demoStaff(ctx, b); err != nil {
		return err
	}
	if err := demoRoster(ctx, b, time.Now()); err != nil {
		return err
	}
	for i, p := range simulated.Patients() {
		if err := b.AddBed(ctx, ward.Bed{Place: p.Place, Label: "Giường " + string(p.Place.Bed), Order: i}, demoPerson); err != nil {
			return err
		}
		stay, err := b.Admit(ctx, ward.Stay{
			HospitalID: p.HospitalID, FamilyName: p.FamilyName, GivenName: p.GivenName,
			BirthDate: p.BirthDate, Sex: p.Sex, Place: p.Place, Admitted: time.Now().Add(-48 * time.Hour),
		}, demoPerson)
		if err != nil {
			return err
		}
		if _, err := b.Assign(ctx, stay.ID, &demoNurses[i%len(demoNurses)].ID, nil, time.Time{}, demoPerson); err != nil {
			return err
		}
	}
	return nil
}

// play starts the monitors and says where everything is.
func (c *demoCmd) play(ctx context.Context, a *app.App, pictures *demoImaging) error {
	secret := signin.NewSecret()
	user := fmt.Sprintf("%s-%d", demoGateway, os.Getpid())
	cred := ward.Credential{User: user, Gateway: true, Grants: []ward.Place{{Ward: demoWard}}}
	if err := a.Book().AddCredential(ctx, cred, signin.SecretHash(secret), demoPerson); err != nil {
		return err
	}
	simulated, err := c.ward()
	if err != nil {
		return err
	}
	url := a.MQTT()
	if url == "" {
		url = c.MQTTURL
	}
	past, err := c.past()
	if err != nil {
		return err
	}
	go func() {
		m := monitors{url: url, user: user, password: secret, tls: a.DeviceTLS()}
		err := m.backlog(ctx, past, time.Now())
		if err == nil {
			err = m.run(ctx, simulated)
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			logger().Error("the simulated monitors have stopped", "error", err)
		}
	}()
	go func() {
		select {
		case <-ctx.Done():
		case <-time.After(demoResults):
			if err := pictures.results(ctx, a, simulated); err != nil && ctx.Err() == nil {
				logger().Error("the demonstration's imaging results", "error", err)
			}
		}
	}()
	say("")
	say("  Wardwatch demo: a simulated ward of %d beds. Nothing here is a real person.", c.Beds)
	say("")
	say("  board     %s", a.HTTP())
	say("  mqtt      %s   user %s   password %s   ward %s", url, user, secret, demoWard)
	say("  imaging   %s   results of a made-up AI arrive for bed %s within a minute; send pictures to /dicom-web/studies with token %s", a.ImagingAddress(), demoBed, pictures.token)
	say("  alerts    are posted to %s and printed here", c.Webhook)
	say("  data      %s%s", c.Data, map[bool]string{true: "   (removed at the end; keep it with --data DIR)"}[c.temporary])
	say("")
	say("  Stop with Ctrl-C.")
	say("")
	return nil
}
