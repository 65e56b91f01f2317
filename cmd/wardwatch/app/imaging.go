package app

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"wardwatch/cmd/wardwatch/imaging"
	"wardwatch/dashboard"
	models "wardwatch/scoring/imaging"
	"wardwatch/scoring/respiratory"
	"wardwatch/ward"
)

// openImaging opens what takes in pictures and results, when a file says where they come from.
func (a *App) openImaging(context.Context) error {
	settings := imaging.Settings{}
	switch {
	case a.options.Imaging != nil:
		settings = *a.options.Imaging
	case a.config.Imaging == "":
		return nil
	}
	if a.config.Imaging != "" {
		fromFile, err := imaging.Load(a.config.Imaging)
		if err != nil {
			return err
		}
		settings = settings.With(fromFile)
	}
	tls, err := a.tls()
	if err != nil {
		return err
	}
	a.imaging, err = imaging.New(imaging.Options{
		Settings: settings, Dir: a.path("imaging"), Power: a.power(), Book: a.book, Table: respiratory.Default(), Zone: a.rules.Scoring.Zone, TLS: tls,
		Library: a.config.ONNXLib, Demonstrations: a.options.Simulation, Changed: a.findingsChanged, Now: a.clock.now, Log: a.log,
	})
	switch {
	case errors.Is(err, models.ErrDemonstration):
		return err
	case err != nil: // a missing model or a folder that is not mounted must not keep the ward from being watched
		a.imaging, a.imagingFault = nil, err
		a.log.Error("imaging does not run: everything else goes on", "error", err)
		return nil
	}
	a.undo.push("reader of pictures", a.imaging.Close)
	return nil
}

// startImaging lets pictures and results in.
func (a *App) startImaging(ctx context.Context) error {
	a.knowByFindings(ctx)
	if a.imaging == nil {
		return nil
	}
	for name, run := range a.imaging.Tasks() {
		a.undo.task(ctx, name, run)
	}
	return nil
}

// present are those who lie on any ward now.
func (a *App) present(ctx context.Context) (ids []ward.StayID, err error) {
	wards, err := a.book.Wards(ctx)
	if err != nil {
		return nil, err
	}
	for _, w := range wards {
		stays, err := a.book.StaysOn(ctx, w.ID)
		if err != nil {
			return nil, err
		}
		for i := range stays {
			ids = append(ids, stays[i].ID)
		}
	}
	return ids, nil
}

// imagingDown says what keeps results from coming in.
func (a *App) imagingDown(time.Time) (bool, string) {
	if a.imaging == nil {
		return failed(a.imagingFault)
	}
	return failed(a.imaging.Ready())
}

// knowByFindings takes up those of whom an image says something and nothing has been measured here.
func (a *App) knowByFindings(ctx context.Context) {
	here, err := a.present(ctx)
	if err == nil {
		var said map[ward.StayID][]ward.Finding
		if said, err = a.findingsOf(ctx, here); err == nil && len(said) > 0 {
			a.findingsChanged(slices.Collect(maps.Keys(said)))
		}
	}
	if err != nil && ctx.Err() == nil {
		a.log.Error("reading of whom imaging says something", "error", err)
	}
}

// findingsOf is what imaging says of people, of pictures that may still be shown. It is in the book,
// whether results come in now or not.
func (a *App) findingsOf(ctx context.Context, stays []ward.StayID) (map[ward.StayID][]ward.Finding, error) {
	return a.book.FindingsOf(ctx, stays, a.clock.now().Add(-respiratory.Default().Remembers()))
}

// findingsChanged has everybody looked at anew, so that what an image shows reaches the bedside now;
// also those of whom nothing has been measured yet.
func (a *App) findingsChanged(stays []ward.StayID) {
	a.loop.call(func(context.Context) {
		for _, id := range stays {
			a.loop.engine.Know(id)
		}
		if x := a.assessor.Load(); x != nil {
			x.hurry.Store(true)
		}
	})
}

// screenImaging is imaging as screens ask for it; nil without any.
func (a *App) screenImaging() dashboard.Imaging {
	if a.imaging == nil {
		return nil
	}
	return imaging.Screens{Imaging: a.imaging}
}
