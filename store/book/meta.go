package book

import (
	"context"
	"database/sql"
	"errors"

	"wardwatch/store/book/audit"
	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

const simulationMark = "simulation"

// Simulation reports whether the book was marked as a simulation; false too when it was not
// marked at all.
func (b *Book) Simulation(ctx context.Context) (bool, error) {
	mark, err := readMark(ctx, b.db.Read())
	return mark == "yes", sqlite.Explain(err)
}

// MarkSimulation says what the book is for: a simulation, or real people. The first call decides
// for good; a later one that says otherwise is a conflict, so that a demonstration is never
// served as real, nor a real ward played with.
func (b *Book) MarkSimulation(ctx context.Context, simulation bool) error {
	want := "no"
	if simulation {
		want = "yes"
	}
	return b.db.Write(ctx, func(tx *sql.Tx) error {
		mark, err := readMark(ctx, tx)
		switch {
		case err != nil:
			return err
		case mark == want:
			return nil
		case mark == "yes":
			return &ward.Error{Code: ward.Conflict, Message: "this data directory belongs to a simulation", Hint: "give another data directory for real patients"}
		case mark == "no":
			return &ward.Error{Code: ward.Conflict, Message: "this data directory belongs to real patients", Hint: "give another data directory for the simulation"}
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO meta (name, value) VALUES (?, ?)`, simulationMark, want); err != nil {
			return err
		}
		return audit.Write(ctx, tx, ward.AuditEntry{At: b.now(), Deed: "book.mark", Object: "book", Detail: "simulation " + want})
	})
}

func readMark(ctx context.Context, q sqlite.Querier) (mark string, err error) {
	err = q.QueryRowContext(ctx, `SELECT value FROM meta WHERE name = ?`, simulationMark).Scan(&mark)
	if errors.Is(err, sql.ErrNoRows) {
		err = nil
	}
	return mark, err
}
