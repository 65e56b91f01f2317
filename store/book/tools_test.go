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

// undoDuty takes back what the fifth migration did, for books of the versions before.
const undoDuty = `DROP TABLE handover_stays; DROP TABLE handovers; DROP TABLE shifts; DROP TABLE duty_defaults; DROP TABLE contacts;
	DROP TABLE symptom_checks; DROP TABLE holds; DROP INDEX alerts_ended; DROP INDEX notices_ward; DROP INDEX quarantine_loose;
	ALTER TABLE stays DROP COLUMN nurse_since; ALTER TABLE stays DROP COLUMN doctor_since; ALTER TABLE stays DROP COLUMN symptoms;
	ALTER TABLE notices DROP COLUMN how; ALTER TABLE notices DROP COLUMN why; ALTER TABLE receipts DROP COLUMN nobody;
	ALTER TABLE quarantine DROP COLUMN held;`
