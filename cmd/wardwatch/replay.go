package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"wardwatch/devices/publish"
	"wardwatch/devices/recording"
	"wardwatch/devices/replay"
	"wardwatch/ward"
)

type replayCmd struct {
	File     string            `arg:"" help:"The recording; .gz is read as it is." type:"existingfile"`
	Layout   string            `help:"long, mimic3-demo, cinc2019, cinc2012 or eicu-demo; recognised from the header when not given."`
	Column   map[string]string `help:"The file's own name of a column of the long layout, for example patient=id." placeholder:"OURS=THEIRS"`
	Vital    map[string]string `help:"Our name for one of the file's vitals, for example Pulse=hr." placeholder:"THEIRS=OURS"`
	URL      string            `default:"tcp://127.0.0.1:1883" help:"The broker: tcp://host:port, or ssl://host:port with a certificate that this machine trusts (SSL_CERT_FILE names a private authority's)."`
	User     string            `help:"User of a gateway credential."`
	Password string            `name:"password-file" help:"File with its password." placeholder:"FILE"`
	Ward     string            `default:"REPLAY" help:"Ward to publish for."`
	Beds     int               `help:"Most patients, each in a bed of their own; 0: all."`
	Bed      string            `default:"%02d" help:"Pattern of the beds' names, with one number."`
	Together bool              `default:"true" negatable:"" help:"Every patient begins now; otherwise they keep their distance in time."`
	Speed    float64           `default:"1" help:"Speed against life. Other than 1 the server must have been started with --clock-start and the same --clock-speed."`
	Hours    float64           `help:"Only the first hours of each patient; 0: all."`
	Server   string            `help:"The server's address, asked for its clock when the speed is not 1." default:"http://127.0.0.1:8080"`
}

// Run replays the file and waits until the broker has acknowledged all of it.
func (c *replayCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	plan, origin, err := c.plan()
	if err != nil {
		return err
	}
	password, err := secretFile(c.Password)
	if err != nil {
		return err
	}
	p, err := publish.New(publish.Options{URL: c.URL, User: c.User, Password: password, ClientID: fmt.Sprintf("replay-%d", os.Getpid()), Log: logger()})
	if err != nil {
		return err
	}
	if err := p.Connect(ctx); err != nil {
		return err
	}
	err = plan.Run(ctx, replay.Pace{
		Speed: c.Speed, Now: time.Now, Origin: origin, Progress: progress,
		Send: func(ctx context.Context, topic string, payload []byte) error {
			_, err := p.Publish(ctx, topic, payload, false)
			return err
		},
	})
	if err == nil {
		err = p.Flush(ctx)
	}
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	if e := p.Close(closing); err == nil {
		err = e
	}
	fmt.Fprintln(os.Stderr)
	return err
}

// plan reads the file. origin is the real moment that the plan's start stands for: it lies before
// the reading of the file, which at a high speed would cost minutes of the server's time.
func (c *replayCmd) plan() (plan *replay.Plan, origin time.Time, err error) {
	rec, err := recording.Open(c.File, recording.Options{Layout: c.Layout, Ward: ward.WardID(c.Ward), Columns: c.Column, Vitals: c.Vital, Zone: hospitalZone()})
	if err != nil {
		return nil, origin, err
	}
	start, err := c.start()
	origin = time.Now()
	if err != nil {
		return nil, origin, err
	}
	align := replay.Each
	if !c.Together {
		align = replay.Together
	}
	plan, err = replay.New(rec.Readings(), replay.Options{
		Ward: ward.WardID(c.Ward), Beds: c.Beds, Align: align, Start: start,
		Bed:  func(i int) ward.BedID { return ward.BedID(fmt.Sprintf(c.Bed, i+1)) },
		Boot: fmt.Sprintf("replay-%d", time.Now().UnixNano()),
	})
	if err != nil {
		return nil, origin, err
	}
	if c.Hours > 0 {
		end := start.Add(time.Duration(c.Hours * float64(time.Hour)))
		kept := plan.Readings[:0]
		for _, r := range plan.Readings {
			if r.Taken.Before(end) {
				kept = append(kept, r)
			}
		}
		plan.Readings = kept
	}
	n := rec.Counts()
	say("%s: %d rows, %d readings of %d patients; %d conflicts settled", rec.Layout(), n.Rows, len(plan.Readings), len(plan.Patients), n.Conflicts)
	for _, why := range n.Reasons() {
		say("  left out: %d %s%s", n.Skipped[why], why, remedy(why))
	}
	return plan, origin, nil
}

// remedy is what can be done about rows left out, where anything can.
func remedy(why recording.Reason) string {
	if text := why.Remedy(); text != "" {
		return " (" + text + ")"
	}
	return ""
}

// start is the moment that the recording is moved to: now, by the server's clock where that is
// not the real one.
func (c *replayCmd) start() (time.Time, error) {
	if c.Speed == 1 {
		return time.Now().Truncate(time.Millisecond), nil
	}
	resp, err := http.Get(c.Server + "/healthz")
	if err != nil {
		return time.Time{}, fmt.Errorf("asking the server for its clock: %w (give its address with --server)", err)
	}
	defer resp.Body.Close()
	var h struct {
		Time int64 `json:"time"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&h); err != nil || h.Time == 0 {
		return time.Time{}, fmt.Errorf("%s/healthz does not tell the time: is that Wardwatch?", c.Server)
	}
	return time.UnixMilli(h.Time), nil
}

func progress(p replay.Progress) {
	fmt.Fprintf(os.Stderr, "\r%d of %d readings, %s", p.Sent, p.Of, p.At.Format("2006-01-02 15:04"))
}
