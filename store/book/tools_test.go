package book

import (
	"database/sql"
	"testing"
)

// raw is a connection to the book's file that knows none of its rules, as an attacker's would be.
func raw(t testing.TB, b *Book) *sql.DB {
	t.Helper()
	db := must[*sql.DB](t)(sql.Open("sqlite", "file:"+b.Path()+"?_busy_timeout=5000"))
	t.Cleanup(func() { db.Close() })
	return db
}

func execute(t testing.TB, b *Book, query string, args ...any) {
	t.Helper()
	if _, err := raw(t, b).Exec(query, args...); err != nil {
		t.Fatal(err)
	}
}
