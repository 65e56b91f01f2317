package models

import (
	"context"
	"database/sql"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"wardwatch/store/book/audit"
	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Bounds of the reason of an override and of a closing, in bytes.
const (
	longestOverride = 256
	longestReason   = 1024
)

// SilentRun says since when a version of a model has run silently in a ward (zero: it has not), and
// how many stays there had an event of which it had said something meanwhile. A stay counts once:
// the hours of one person are no further evidence.
func (l *Ledger) SilentRun(ctx context.Context, w ward.WardID, task ward.Task, model, version string) (since time.Time, events int, err error) {
	since, events, err = silentRun(ctx, l.db.Read(), w, task, model, version)
	return since, events, sqlite.Explain(err)
}

func silentRun(ctx context.Context, q sqlite.Querier, w ward.WardID, task ward.Task, model, version string) (since time.Time, events int, err error) {
	const of = ` WHERE ward = ?1 AND task = ?2 AND model = ?3 AND version = ?4`
	err = q.QueryRowContext(ctx, `SELECT (SELECT coalesce(min(since), 0) FROM silent_runs`+of+`), (SELECT count(*) FROM silent_events`+of+`)`,
		w, task, model, version).Scan(sqlite.When(&since), &events)
	return since, events, err
}

// OpenGate records that g.By lets treating staff of g.Ward see that very version of a model; g.At is
// now and g.Reason is left out. may decides, in the same transaction, by the silent run of the
// version there. A gate that stands open for the version stays as it is.
func (l *Ledger) OpenGate(ctx context.Context, g ward.Gate, may func(since time.Time, events int) error) error {
	g.Open, g.At, g.Reason = true, l.now(), ""
	if err := checkOpening(g); err != nil {
		return err
	}
	return l.db.Write(ctx, func(tx *sql.Tx) error {
		if err := mustExist(ctx, tx, `SELECT count(*) FROM people WHERE id = ? AND disabled = 0`, string(g.By), "the person named is not among the staff", "choose somebody from the list of staff"); err != nil {
			return err
		}
		if err := mustExist(ctx, tx, `SELECT count(*) FROM wards WHERE id = ?`, string(g.Ward), "there is no such ward", "choose one from the list of wards"); err != nil {
			return err
		}
		last, err := inForce(ctx, tx, g.Ward, g.Task)
		if err != nil || slices.ContainsFunc(last, func(l ward.Gate) bool { return l.Open && l.Model == g.Model && l.Version == g.Version }) {
			return err
		}
		since, events, err := silentRun(ctx, tx, g.Ward, g.Task, g.Model, g.Version)
		if err != nil {
			return err
		}
		if err := may(since, events); err != nil {
			return err
		}
		return write(ctx, tx, g)
	})
}

// CloseGate hides every model of a task from the treating staff of a ward, at once; by is empty when
// Wardwatch does so itself. A gate that is not open stays as it is. A reason over 1 KiB is cut: to
// close is never put off for its words.
func (l *Ledger) CloseGate(ctx context.Context, w ward.WardID, task ward.Task, reason string, by ward.PersonID) error {
	if strings.TrimSpace(reason) == "" {
		return bad("closing a gate needs a reason", "say what was seen")
	}
	reason = strings.ToValidUTF8(reason[:min(len(reason), longestReason)], "")
	return l.db.Write(ctx, func(tx *sql.Tx) error {
		last, err := inForce(ctx, tx, w, task)
		if err != nil {
			return err
		}
		for _, g := range last {
			if !g.Open {
				continue
			}
			g.Open, g.At, g.By, g.Override, g.Reason = false, l.now(), by, "", reason
			if err := write(ctx, tx, g); err != nil {
				return err
			}
		}
		return nil
	})
}

// Gates lists the gate in force of each ward, task and model that ever had one. An open gate is open
// for its version only.
func (l *Ledger) Gates(ctx context.Context) ([]ward.Gate, error) {
	return sqlite.List(ctx, l.db.Read(), scanGate, gates+` WHERE seq IN (SELECT max(seq) FROM gates GROUP BY ward, task, model) ORDER BY ward, task, model`)
}

// GateHistory lists every gate a ward had for a task, the newest first.
func (l *Ledger) GateHistory(ctx context.Context, w ward.WardID, task ward.Task) ([]ward.Gate, error) {
	return sqlite.List(ctx, l.db.Read(), scanGate, gates+` WHERE ward = ? AND task = ? ORDER BY seq DESC`, w, task)
}

func inForce(ctx context.Context, q sqlite.Querier, w ward.WardID, task ward.Task) ([]ward.Gate, error) {
	return sqlite.List(ctx, q, scanGate, gates+` WHERE seq IN (SELECT max(seq) FROM gates WHERE ward = ? AND task = ? GROUP BY model) ORDER BY model`, w, task)
}

const gates = `SELECT ward, task, model, version, open, by_person, at, override, reason FROM gates`

func scanGate(r sqlite.Row) (g ward.Gate, err error) {
	return g, r.Scan(&g.Ward, &g.Task, &g.Model, &g.Version, &g.Open, &g.By, sqlite.When(&g.At), &g.Override, &g.Reason)
}

// write appends a gate and its audit entry. The audit says that there was an override, not its
// words: those are in the gate's row, which cannot be changed either.
func write(ctx context.Context, tx *sql.Tx, g ward.Gate) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO gates (ward, task, model, version, open, by_person, at, override, reason) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		g.Ward, g.Task, g.Model, g.Version, g.Open, g.By, sqlite.Ms(g.At), g.Override, g.Reason); err != nil {
		return err
	}
	e := ward.AuditEntry{At: g.At, By: g.By, Deed: "model.close", Object: "gate:" + string(g.Ward) + "/" + string(g.Task), Detail: g.Model + " " + g.Version}
	if g.Open {
		e.Deed = "model.open"
	}
	if g.Override != "" {
		e.Detail += ", override"
	}
	return audit.Write(ctx, tx, e)
}

func checkOpening(g ward.Gate) error {
	switch {
	case g.By == "":
		return bad("a gate is opened by a named person", "sign in as yourself")
	case !slices.Contains(ward.Tasks, g.Task) && g.Task != ward.Forecasting:
		return bad("there is no such task of a model", "choose one from the list of models")
	case g.Model == "" || g.Version == "":
		return bad("a gate is opened for one version of one model", "name both")
	case g.Override != "" && !isOverride(g.Override):
		return bad("the reason of the override is blank or too long", "write it in plain text, at most 256 bytes")
	}
	return nil
}

// isOverride reports whether a text says something, at a length that can be shown.
func isOverride(text string) bool {
	return strings.TrimSpace(text) != "" && len(text) <= longestOverride && utf8.ValidString(text)
}

func mustExist(ctx context.Context, tx *sql.Tx, query, id, message, hint string) error {
	n, err := sqlite.Number(ctx, tx, query, id)
	if err == nil && n == 0 {
		err = bad(message, hint)
	}
	return err
}
