package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"wardwatch/cmd/wardwatch/app"
	"wardwatch/dashboard/signin"
	"wardwatch/scoring/risk"
	"wardwatch/scoring/risk/gate"
	"wardwatch/store/book"
	"wardwatch/ward"
)

// modelCmd is the learned models: what they are, and where treating staff see them.
type modelCmd struct {
	List  modelList  `cmd:"" help:"The models that are part of the program, and what keeps them from running."`
	Gates modelGates `cmd:"" help:"Where treating staff see what the models say, and what is still missing elsewhere."`
	Open  modelOpen  `cmd:"" help:"Let treating staff of a ward see a model: signed by a doctor or an administrator with their password."`
	Close modelClose `cmd:"" help:"Take a model from the sight of a ward's staff, at once."`
}

type modelList struct {
	ONNXLib string `name:"onnx-lib" help:"Shared library of ONNX Runtime; found in the usual places when not given." placeholder:"FILE"`
}

// Run lists the models.
func (c *modelList) Run() error {
	m := risk.Open(risk.Options{Library: c.ONNXLib, Probe: func() error { return tryModels(c.ONNXLib) }})
	defer m.Close()
	for _, one := range m.List() {
		a := one.About
		say("%-24s %-14s %-10s trained %s on %d patients, %d events of %d rows", a.ID, one.Version, one.Role, a.TrainedAt, a.Patients, a.Events, a.Rows)
	}
	for _, p := range m.Problems() {
		say("MEND %s %s → %s", p.Model, p.Detail, p.Hint)
	}
	if len(m.Problems()) > 0 {
		return exitCode(1)
	}
	return nil
}

type modelGates struct {
	dataDir `embed:""`
	ONNXLib string `name:"onnx-lib" help:"Shared library of ONNX Runtime; found in the usual places when not given." placeholder:"FILE"`
}

// Run lists every gate with what is still missing.
func (c *modelGates) Run() error {
	return c.open(func(ctx context.Context, b *book.Book) error {
		wards, err := b.Wards(ctx)
		if err != nil {
			return err
		}
		gates, err := b.Gates(ctx)
		if err != nil {
			return err
		}
		people, err := b.People(ctx)
		if err != nil {
			return err
		}
		logins := map[ward.PersonID]string{}
		for _, p := range people {
			logins[p.ID] = p.Login
		}
		for _, m := range serving(c.ONNXLib) {
			if m.About.Task == risk.Forecasting { // goes with that of respiratory decline
				continue
			}
			for _, w := range wards {
				state, err := gateState(ctx, b, gates, logins, w.ID, m)
				if err != nil {
					return err
				}
				say("%-12s %-14s %-14s %s", w.ID, m.About.Task, m.Version, state)
			}
		}
		return nil
	})
}

func gateState(ctx context.Context, b *book.Book, gates []ward.Gate, logins map[ward.PersonID]string, w ward.WardID, m risk.Info) (string, error) {
	for _, g := range gates {
		if g.Ward == w && g.Task == m.About.Task && gate.Lets(g, m.About.ID, m.Version) {
			state := fmt.Sprintf("seen by staff since %s, signed by %s", g.At.Format(time.DateTime), logins[g.By])
			if g.Override != "" {
				state += ", before its time: " + g.Override
			}
			return state, nil
		}
	}
	since, events, err := b.SilentRun(ctx, w, m.About.Task, m.About.ID, m.Version)
	if err != nil {
		return "", err
	}
	need := gate.Needs(since, events, time.Now())
	if need.None() {
		return "silent; may be opened", nil
	}
	return "silent; " + need.String(), nil
}

// serving are the models that serve.
func serving(library string) (out []risk.Info) {
	m := risk.Open(risk.Options{Library: library, Probe: func() error { return tryModels(library) }})
	defer m.Close()
	for _, one := range m.List() {
		if one.Role == risk.Serve {
			out = append(out, one)
		}
	}
	return out
}

// whichGate names a gate and who signs. The password comes on standard input.
type whichGate struct {
	dataDir `embed:""`
	Ward    string `required:"" help:"Of which ward." placeholder:"WARD"`
	Task    string `required:"" enum:"deterioration,respiratory" help:"deterioration or respiratory."`
	By      string `required:"" help:"Login of the person who signs; their password is read from standard input." placeholder:"LOGIN"`
	ONNXLib string `name:"onnx-lib" help:"Shared library of ONNX Runtime; found in the usual places when not given." placeholder:"FILE"`
}

// signer is the person who signs, once their password is right.
func (c *whichGate) signer(ctx context.Context, b *book.Book, allowed ...ward.Access) (ward.Person, error) {
	p, hash, err := b.PersonByLogin(ctx, c.By)
	if err != nil {
		return p, err
	}
	line, _ := bufio.NewReader(os.Stdin).ReadString('\n')
	if p.Disabled || !signin.CheckPassword(hash, strings.TrimRight(line, "\r\n")) {
		return p, errors.New("the password is not right: give it on standard input")
	}
	for _, a := range allowed {
		if p.Access == a {
			return p, nil
		}
	}
	return p, fmt.Errorf("%s may not sign this: it takes one of %v", c.By, allowed)
}

type modelOpen struct {
	whichGate `embed:""`
	Override  string `help:"Why it is opened before four weeks of silent running and fifty local events; recorded under the signer's name." placeholder:"REASON"`
}

// Run opens a gate; a running server takes it up within seconds.
func (c *modelOpen) Run() error {
	return c.open(func(ctx context.Context, b *book.Book) error {
		p, err := c.signer(ctx, b, ward.AccessDoctor, ward.AccessAdmin)
		if err != nil {
			return err
		}
		list := serving(c.ONNXLib)
		for _, m := range list {
			if string(m.About.Task) != c.Task {
				continue
			}
			g := ward.Gate{Ward: ward.WardID(c.Ward), Task: m.About.Task, Model: m.About.ID, Version: m.Version, By: p.ID, Override: c.Override}
			if err := app.OpenGate(ctx, b, list, g, time.Now()); err != nil {
				return err
			}
			say("staff of %s now see %s %s", c.Ward, g.Model, g.Version)
			return nil
		}
		return errors.New("no model of this task runs here: wardwatch doctor says why")
	})
}

type modelClose struct {
	whichGate `embed:""`
	Reason    string `required:"" help:"What was seen."`
}

// Run closes a gate; a running server takes it up within seconds.
func (c *modelClose) Run() error {
	return c.open(func(ctx context.Context, b *book.Book) error {
		p, err := c.signer(ctx, b, ward.AccessDoctor, ward.AccessAdmin, ward.AccessCharge)
		if err != nil {
			return err
		}
		gates, err := b.Gates(ctx)
		if err != nil {
			return err
		}
		for _, g := range gates {
			if string(g.Ward) == c.Ward && string(g.Task) == c.Task && g.Open {
				say("staff of %s no longer see %s %s", g.Ward, g.Model, g.Version)
				return app.CloseGate(ctx, b, g.Ward, g.Task, c.Reason, p.ID)
			}
		}
		return fmt.Errorf("no gate of %s is open in ward %q: wardwatch model gates shows them", c.Task, c.Ward)
	})
}
