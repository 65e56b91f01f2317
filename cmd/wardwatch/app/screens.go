package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"wardwatch/cmd/wardwatch/quality"
	"wardwatch/dashboard"
	"wardwatch/dashboard/web"
	"wardwatch/devices"
	"wardwatch/store/book"
	"wardwatch/store/book/audit"
	"wardwatch/store/book/episodes"
	"wardwatch/store/book/equipment"
	"wardwatch/store/trend"
	"wardwatch/ward"
)

func (a *App) dashboardOptions() (o dashboard.Options, err error) {
	o = dashboard.Options{
		Now: a.clock.now, Log: a.log, Version: a.options.Version, Simulation: a.options.Simulation,
		Live: a.live, Book: screenBook{a.book, a.staysChanged, a.endRevoked}, Desk: a.desk, Trends: history{a.trend, a},
		Submit:   func(ctx context.Context, rs []ward.Reading) error { return a.ingest.Submit(ctx, rs) },
		Health:   a.checks,
		Figures:  []func() []ward.Figure{a.journal.Figures, a.trend.Figures, a.book.Figures, a.desk.Figures, a.outbox.Figures, a.laterFigures},
		NeedsFor: a.rules.Scoring.Needs, BackEntry: a.rules.Scoring.Rounds.BackEntry,
		Models: screenModels{a}, Imaging: a.screenImaging(),
		Web: web.Files(), Vitals: devices.Schema(), Loopback: a.options.Loopback,
	}
	records := &quality.Records{Book: a.book, Policy: a.rules.Alerts, Zone: a.rules.Scoring.Zone, Now: a.clock.now}
	o.Duty = screenDuty{a.book, a.telling.finder, a.telling.check, a.staysChanged}
	o.Evidence, o.Digest = records, records.Digest(a.live, a.book.Roster)
	o.Channels, o.OpenLink = screenChannels{a}, a.telling.links.Open
	keys, _, err := a.telling.set.Keys()
	if err != nil {
		return o, fmt.Errorf("the keys of Web Push: %w", err)
	}
	o.PushKey = keys.Public
	if o.MetricsToken, err = secret(a.config.MetricsToken); err != nil {
		return o, err
	}
	o.TLS, err = a.tls()
	return o, err
}

// laterFigures are those of the parts that start after the screens, or not at all.
func (a *App) laterFigures() (all []ward.Figure) {
	if a.ingest != nil {
		all = append(all, a.ingest.Figures()...)
	}
	if a.broker != nil {
		all = append(all, a.broker.Figures()...)
	}
	if a.influx != nil {
		all = append(all, a.influx.Figures()...)
	}
	if a.imaging != nil {
		all = append(all, a.imaging.Figures()...)
	}
	return all
}

// checks are the conditions of being ready, by the names that doctor and the operations guide use.
func (a *App) checks() (list []dashboard.Check) {
	if !a.taking.Load() {
		return []dashboard.Check{{Name: "starting", Detail: "not everything is up yet"}}
	}
	now := a.clock.now()
	for _, c := range a.conditions() {
		check := dashboard.Check{Name: c.code, OK: true}
		if bad, detail := c.bad(now); bad {
			check.OK, check.Detail = c.warns, detail
		}
		list = append(list, check)
	}
	return list
}

// history is what screens draw: our own minutes as far back as they are kept, and InfluxDB's before
// that.
type history struct {
	*trend.Trend
	a *App
}

const influxLimit = 5 * time.Second // for one question of a screen

// Range returns one vital of a place by the minute.
func (h history) Range(p ward.Place, v ward.Vital, from, to time.Time) []ward.Minute {
	ours := h.Trend.Range(p, v, from, to)
	kept := h.a.clock.now().Add(-h.a.config.Keep)
	if h.a.influx == nil || !from.Before(kept) {
		return ours
	}
	ctx, cancel := context.WithTimeout(context.Background(), influxLimit)
	defer cancel()
	older, err := h.a.influx.History(ctx, p, v, from, kept)
	if err != nil {
		h.a.log.Warn("older history could not be read from InfluxDB", "error", err)
	}
	return append(older, ours...)
}

// screenBook is the book as the screens know it. After each change to stays everything that lives
// by them is told.
type screenBook struct {
	*book.Book
	changed func(context.Context)
	revoked func(context.Context)
}

// RevokeCredential takes a device's credential back and ends its connection.
func (b screenBook) RevokeCredential(ctx context.Context, user string, by ward.PersonID) error {
	err := b.Book.RevokeCredential(ctx, user, by)
	if err == nil {
		b.revoked(context.WithoutCancel(ctx))
	}
	return err
}

func (b screenBook) after(ctx context.Context, s ward.Stay, err error) (ward.Stay, error) {
	if err == nil {
		b.changed(context.WithoutCancel(ctx))
	}
	return s, err
}

// Admit opens a stay.
func (b screenBook) Admit(ctx context.Context, s ward.Stay, by ward.PersonID) (ward.Stay, error) {
	s, err := b.Book.Admit(ctx, s, by)
	return b.after(ctx, s, err)
}

// Transfer moves a stay to another place.
func (b screenBook) Transfer(ctx context.Context, id ward.StayID, to ward.Place, at time.Time, by ward.PersonID) (ward.Stay, error) {
	s, err := b.Book.Transfer(ctx, id, to, at, by)
	return b.after(ctx, s, err)
}

// Discharge ends a stay.
func (b screenBook) Discharge(ctx context.Context, id ward.StayID, at time.Time, reason string, by ward.PersonID) (ward.Stay, error) {
	s, err := b.Book.Discharge(ctx, id, at, reason, by)
	return b.after(ctx, s, err)
}

// Undo takes the last move back.
func (b screenBook) Undo(ctx context.Context, id ward.StayID, by ward.PersonID) (ward.Stay, error) {
	s, err := b.Book.Undo(ctx, id, by)
	return b.after(ctx, s, err)
}

// OffWard notes where the person has gone.
func (b screenBook) OffWard(ctx context.Context, id ward.StayID, destination string, until time.Time, by ward.PersonID) (ward.Stay, error) {
	s, err := b.Book.OffWard(ctx, id, destination, until, by)
	return b.after(ctx, s, err)
}

// Return notes that the person is back.
func (b screenBook) Return(ctx context.Context, id ward.StayID, by ward.PersonID) (ward.Stay, error) {
	s, err := b.Book.Return(ctx, id, by)
	return b.after(ctx, s, err)
}

// SetScale orders an SpO2 scale.
func (b screenBook) SetScale(ctx context.Context, id ward.StayID, scale ward.SpO2Scale, by ward.PersonID) (ward.Stay, error) {
	s, err := b.Book.SetScale(ctx, id, scale, by)
	return b.after(ctx, s, err)
}

// SetCare orders a care status.
func (b screenBook) SetCare(ctx context.Context, id ward.StayID, c ward.Care, by ward.PersonID) (ward.Stay, error) {
	s, err := b.Book.SetCare(ctx, id, c, by)
	return b.after(ctx, s, err)
}

// SetLimit orders limits of a person's own.
func (b screenBook) SetLimit(ctx context.Context, id ward.StayID, l ward.Limit, by ward.PersonID) (ward.Stay, error) {
	s, err := b.Book.SetLimit(ctx, id, l, by)
	return b.after(ctx, s, err)
}

// EndLimit ends limits of a person's own.
func (b screenBook) EndLimit(ctx context.Context, id ward.StayID, v ward.Vital, by ward.PersonID) (ward.Stay, error) {
	s, err := b.Book.EndLimit(ctx, id, v, by)
	return b.after(ctx, s, err)
}

// ImportStays takes a CSV file of stays.
func (b screenBook) ImportStays(ctx context.Context, csv io.Reader, by ward.PersonID) (dashboard.ImportReport, error) {
	r, err := b.Book.ImportStays(ctx, csv, by)
	out := dashboard.ImportReport{Rows: r.Rows, Admitted: r.Admitted, Transferred: r.Transferred, Corrected: r.Corrected, Unchanged: r.Unchanged}
	for _, x := range r.Refused {
		out.Refused = append(out.Refused, dashboard.ImportRefusal(x))
	}
	_, err = b.after(ctx, ward.Stay{}, err)
	return out, err
}

// PutDevice says where a device stands from now on.
func (b screenBook) PutDevice(ctx context.Context, d ward.DeviceID, p ward.Place, at time.Time, confirmed bool, by ward.PersonID) error {
	err := b.Attach(ctx, equipment.AttachDevice{Device: d, Place: p, At: at, By: by, Confirmed: confirmed, Replace: true})
	_, err = b.after(ctx, ward.Stay{}, err)
	return err
}

// AlertsOn lists the ward's newest alerts.
func (b screenBook) AlertsOn(ctx context.Context, w ward.WardID, max int) ([]ward.Alert, error) {
	return b.Alerts(ctx, episodes.Filter{Ward: w, Limit: max})
}

// Tokens lists tokens without their secrets.
func (b screenBook) Tokens(ctx context.Context, p ward.PersonID) ([]dashboard.Token, error) {
	list, err := b.Book.Tokens(ctx, p)
	out := make([]dashboard.Token, len(list))
	for i, t := range list {
		out[i] = dashboard.Token(t)
	}
	return out, err
}

// NewToken keeps a token by its hash.
func (b screenBook) NewToken(ctx context.Context, hash []byte, p ward.PersonID, name string) (dashboard.Token, error) {
	t, err := b.Book.NewToken(ctx, hash, p, name)
	return dashboard.Token(t), err
}

// ReadAudit lists rows of the record.
func (b screenBook) ReadAudit(ctx context.Context, f dashboard.AuditFilter) ([]dashboard.AuditRow, error) {
	rows, err := b.Audit(ctx, audit.Filter(f))
	out := make([]dashboard.AuditRow, len(rows))
	for i, r := range rows {
		out[i] = dashboard.AuditRow{Seq: r.Seq, AuditEntry: r.AuditEntry}
	}
	return out, err
}
