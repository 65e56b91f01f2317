package sqlite

import (
	"context"
	"database/sql"
)

// Writer is a transaction, or what stands for one.
type Writer interface {
	Querier
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

// Prepared is a transaction that compiles each statement once: for work that says the same many
// times, where compiling would be most of the cost. It ends with its transaction.
type Prepared struct {
	tx    *sql.Tx
	stmts map[string]*sql.Stmt
}

// Prepare wraps a transaction.
func Prepare(tx *sql.Tx) *Prepared { return &Prepared{tx: tx, stmts: map[string]*sql.Stmt{}} }

func (p *Prepared) stmt(ctx context.Context, query string) (*sql.Stmt, error) {
	if s := p.stmts[query]; s != nil {
		return s, nil
	}
	s, err := p.tx.PrepareContext(ctx, query)
	if err == nil {
		p.stmts[query] = s
	}
	return s, err
}

// QueryContext is sql.Tx.QueryContext.
func (p *Prepared) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	s, err := p.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// QueryRowContext is sql.Tx.QueryRowContext.
func (p *Prepared) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	s, err := p.stmt(ctx, query)
	if err != nil {
		return p.tx.QueryRowContext(ctx, query, args...) // a row that holds the same error
	}
	return s.QueryRowContext(ctx, args...)
}

// ExecContext is sql.Tx.ExecContext.
func (p *Prepared) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	s, err := p.stmt(ctx, query)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}
