package book

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"wardwatch/store/book/audit"
	"wardwatch/ward"
)

const unlock = `DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; DROP TRIGGER audit_no_gap;`

// Five rows over five days, a head exported each day: rows 6 and 8 to 11, beside five of the
// blank book's and, as row 7, the key's own.
func recorded(t *testing.T) (*Book, []AuditHead) {
	t.Helper()
	c := newClock()
	b := openWith(t, Options{Now: c.now})
	key := must[ed25519.PrivateKey](t)(audit.LoadKey(filepath.Join(filepath.Dir(b.Path()), "audit.key")))
	dir := filepath.Join(filepath.Dir(b.Path()), "heads")
	for day := range 5 {
		ok(t, b.AppendAudit(t.Context(), ward.AuditEntry{At: c.at, By: "nurse", Deed: "alert.accept", Object: fmt.Sprint("alert:K", day), Detail: "đã nhận"}))
		must[AuditHead](t)(b.ExportHead(t.Context(), dir, key, c.at))
		c.pass(24 * time.Hour)
	}
	keys := must[[]ed25519.PublicKey](t)(b.Keys(t.Context()))
	heads := must[[]AuditHead](t)(audit.ReadHeads(dir, keys...))
	if len(heads) != 5 {
		t.Fatalf("%d heads", len(heads))
	}
	return b, heads
}

func TestTheAuditLogShowsTampering(t *testing.T) {
	cases := []struct{ name, sql, problem string }{
		{"untouched", ``, ""},
		{"a row edited", `UPDATE audit SET by_person = 'doctor' WHERE seq = 3`, "row 3 was changed, or the row before it"},
		{"a time edited", `UPDATE audit SET at = at + 1 WHERE seq = 3`, "row 3 was changed, or the row before it"},
		{"words moved between columns", `UPDATE audit SET deed = deed || 'a', object = substr(object, 2) WHERE seq = 3`, "row 3 was changed, or the row before it"},
		{"a row deleted", `DELETE FROM audit WHERE seq = 3`, "row 3 is missing"},
		{"the first row deleted", `DELETE FROM audit WHERE seq = 1`, "row 1 is missing"},
		{"the tail cut", `DELETE FROM audit WHERE seq > 9`, "tail cut: head of 2026-11-24 not found (row 10; the log ends at 9)"},
		{"everything cut", `DELETE FROM audit`, "tail cut: head of 2026-11-21 not found (row 7; the log ends at 0)"},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			b, heads := recorded(t)
			execute(t, b, unlock+tc.sql)
			v := must[AuditVerdict](t)(b.VerifyAudit(t.Context(), heads))
			if v.Problem != tc.problem || v.OK != (tc.problem == "") {
				t.Errorf("found %+v, want %q", v, tc.problem)
			}
		})
	}
}

// Someone who knows the hash rewrites the whole tail: the chain is whole, the signed head is not in it.
func TestARewrittenTailDoesNotMatchTheSignedHead(t *testing.T) {
	b, heads := recorded(t)
	execute(t, b, unlock)
	rows := must[[]AuditRow](t)(b.Audit(t.Context(), AuditFilter{}))
	prev := rows[3].Hash // newest first: row 8
	for seq := int64(9); seq <= 11; seq++ {
		e := rows[11-seq].AuditEntry
		e.By = "somebody else"
		prev = audit.Link(prev, seq, e)
		execute(t, b, `UPDATE audit SET by_person = ?, hash = ? WHERE seq = ?`, e.By, prev, seq)
	}
	if v := must[AuditVerdict](t)(b.VerifyAudit(t.Context(), nil)); !v.OK {
		t.Fatalf("the chain itself: %+v", v)
	}
	v := must[AuditVerdict](t)(b.VerifyAudit(t.Context(), heads))
	if v.OK || !strings.Contains(v.Problem, "the log was rewritten") || v.BadSeq != 9 {
		t.Errorf("with the heads: %+v", v)
	}
}

func TestTheAuditLogRefusesChanges(t *testing.T) {
	b, _ := recorded(t)
	for _, query := range []string{
		`UPDATE audit SET by_person = 'x' WHERE seq = 3`,
		`DELETE FROM audit WHERE seq = 3`,
		`INSERT INTO audit (seq, at, by_person, deed, object, detail, hash) VALUES (99, 0, '', '', '', '', x'00')`,
		`INSERT OR REPLACE INTO audit (seq, at, by_person, deed, object, detail, hash) VALUES (3, 0, '', '', '', '', x'00')`,
	} {
		if _, err := raw(t, b).Exec(query); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", query, err)
		}
	}
}

// The encoding is a contract; this is it, written by hand.
func TestLinkIsAsDocumented(t *testing.T) {
	e := ward.AuditEntry{At: time.UnixMilli(1), By: "p", Deed: "d", Object: "", Detail: "é"}
	bytes, err := hex.DecodeString("aabb" + "0000000000000002" + "0000000000000001" + "00000001" + "70" + "00000001" + "64" + "00000000" + "00000002" + "c3a9")
	ok(t, err)
	if want := sha256.Sum256(bytes); string(audit.Link([]byte{0xaa, 0xbb}, 2, e)) != string(want[:]) {
		t.Error("the hash is over other bytes")
	}
}

func TestAHeadCannotBeForged(t *testing.T) {
	b, heads := recorded(t)
	dir := filepath.Join(filepath.Dir(b.Path()), "heads")
	keys := must[[]ed25519.PublicKey](t)(b.Keys(t.Context()))
	forged := heads[2]
	forged.Seq++
	refused(t, audit.VerifyHead(forged, keys...), ward.Conflict)
	_, other, err := ed25519.GenerateKey(nil)
	ok(t, err)
	refused(t, audit.VerifyHead(audit.SignHead(other, 1, heads[0].Hash, heads[0].At), keys...), ward.Conflict)

	path := filepath.Join(dir, "2026-11-22.json")
	data := must[[]byte](t)(os.ReadFile(path))
	ok(t, os.WriteFile(path, []byte(strings.Replace(string(data), `"seq": 8`, `"seq": 7`, 1)), 0o600))
	_, err = audit.ReadHeads(dir, keys...)
	refused(t, err, ward.Conflict)
	ok(t, os.WriteFile(path, []byte("{"), 0o600))
	_, err = audit.ReadHeads(dir, keys...)
	refused(t, err, ward.Conflict)
}

func TestACutCannotBeCoveredByExportingAgain(t *testing.T) {
	b, heads := recorded(t)
	execute(t, b, unlock+`DELETE FROM audit WHERE seq > 9`)
	dir := filepath.Dir(b.Path())
	key := must[ed25519.PrivateKey](t)(audit.LoadKey(filepath.Join(dir, "audit.key")))
	_, err := b.ExportHead(t.Context(), filepath.Join(dir, "heads"), key, heads[4].At.Add(time.Hour))
	refused(t, err, ward.Conflict)
}

func TestTheKeyIsKeptForItsOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "audit.key")
	key := must[ed25519.PrivateKey](t)(audit.LoadKey(path))
	again := must[ed25519.PrivateKey](t)(audit.LoadKey(path))
	if !key.Equal(again) {
		t.Error("a second start made another key")
	}
	if fi := must[os.FileInfo](t)(os.Stat(path)); fi.Mode().Perm() != 0o600 {
		t.Errorf("mode %v", fi.Mode())
	}
	ok(t, os.WriteFile(path, []byte("rubbish"), 0o600))
	_, err := audit.LoadKey(path)
	refused(t, err, ward.Unavailable)
}

func TestAuditIsChosen(t *testing.T) {
	c := newClock()
	b := openWith(t, Options{Now: c.now})
	first, _, err := b.AuditHead(t.Context())
	ok(t, err)
	for i, e := range []ward.AuditEntry{{By: "a", Deed: "alert.accept", Object: "alert:1"}, {By: "b", Deed: "alert.see", Object: "alert:1"}, {By: "a", Deed: "alerts", Object: "x"}, {Deed: "alert.raise", Object: "alert:2"}} {
		e.At = c.at.Add(minutes(i))
		ok(t, b.AppendAudit(t.Context(), e))
	}
	for _, tc := range []struct {
		f    AuditFilter
		want string
	}{
		{AuditFilter{}, "4321"}, {AuditFilter{By: "a"}, "31"}, {AuditFilter{Object: "alert:1"}, "21"}, {AuditFilter{Deed: "alert."}, "421"},
		{AuditFilter{Deed: "alert.see"}, "2"}, {AuditFilter{Before: first + 3}, "21"}, {AuditFilter{Limit: 1}, "4"}, {AuditFilter{From: c.at.Add(minutes(1)), To: c.at.Add(minutes(3))}, "32"},
	} {
		got := ""
		for _, r := range must[[]AuditRow](t)(b.Audit(t.Context(), tc.f)) {
			if r.Seq > first { // not the blank book's
				got += fmt.Sprint(r.Seq - first)
			}
		}
		if got != tc.want {
			t.Errorf("%+v: rows %s, want %s", tc.f, got, tc.want)
		}
	}
}
