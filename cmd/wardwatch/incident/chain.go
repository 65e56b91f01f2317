package incident

import (
	"archive/zip"
	"bufio"
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"wardwatch/store/book"
	"wardwatch/store/book/audit"
	"wardwatch/ward"
)

// AuditProof says which stretch of the audit log the file holds.
type AuditProof struct {
	First  int64 `json:"first"` // row
	Last   int64 `json:"last"`
	Shown  int   `json:"shown"`  // rows that are there in full
	Hidden int   `json:"hidden"` // rows about others: their hash alone
}

// AuditLine is a line of audit.jsonl. A row about others has its number and hash only; each row that is
// shown can be checked against the hash before it.
type AuditLine struct {
	Seq    int64     `json:"seq"`
	Hash   audit.Hex `json:"hash"`
	At     *int64    `json:"at,omitempty"` // Unix milliseconds, as it is hashed; absent: the row is hidden
	By     string    `json:"by,omitempty"`
	Deed   string    `json:"deed,omitempty"`
	Object string    `json:"object,omitempty"`
	Detail string    `json:"detail,omitempty"`
}

const (
	auditName = "audit.jsonl"
	headsName = "heads.json"
)

func publicOf(key ed25519.PrivateKey) string {
	return hex.EncodeToString(key.Public().(ed25519.PublicKey))
}

// sign records who takes the file, before anything is gathered: the row is in the file too.
func (g *gathering) sign() error {
	if err := g.Book.NoteKey(g.ctx, g.Key.Public().(ed25519.PublicKey), g.At); err != nil {
		return err
	}
	detail := g.From.UTC().Format(time.RFC3339) + " to " + g.To.UTC().Format(time.RFC3339)
	if g.Identified {
		detail += ", identified"
	}
	if g.WholeAudit {
		detail += ", whole audit"
	}
	return g.Book.AppendAudit(g.ctx, ward.AuditEntry{At: g.At, By: g.By, Deed: "incident.export", Object: "stay:" + string(g.Stay), Detail: detail})
}

// audit writes the log from the row before the first that is about the stay to its end, and the
// signed heads that fall into it, with one of now.
func (g *gathering) audit() error {
	objects, err := g.objects()
	if err != nil {
		return err
	}
	rows, err := g.stretch(earlier(g.From, g.stay.Admitted).Add(-screenEvery))
	if err != nil {
		return err
	}
	first := slices.IndexFunc(rows, func(r book.AuditRow) bool { return g.shows(&r, objects) })
	if first > 0 {
		rows = rows[first-1:]
	}
	g.m.Audit.First, g.m.Audit.Last = rows[0].Seq, rows[len(rows)-1].Seq
	if err := g.out.add(auditName, func(w io.Writer) (int, error) {
		out := json.NewEncoder(w)
		for i := range rows {
			if err := out.Encode(g.auditLine(&rows[i], objects)); err != nil {
				return i, err
			}
		}
		return len(rows), nil
	}); err != nil {
		return err
	}
	last := rows[len(rows)-1]
	return g.heads(last)
}

// stretch reads the log from the first row since a time to its end, without a gap: a clock that was put
// back may have dated rows in between earlier.
func (g *gathering) stretch(since time.Time) ([]book.AuditRow, error) {
	rows, err := g.rowsOf(book.AuditFilter{From: since})
	if err != nil || rows[len(rows)-1].Seq-rows[0].Seq == int64(len(rows)-1) { // our own row at least is there
		return rows, err
	}
	first := rows[0].Seq
	if rows, err = g.rowsOf(book.AuditFilter{}); err != nil {
		return nil, err
	}
	return rows[slices.IndexFunc(rows, func(r book.AuditRow) bool { return r.Seq == first }):], nil
}

func (g *gathering) auditLine(r *book.AuditRow, objects map[string]bool) AuditLine {
	line := AuditLine{Seq: r.Seq, Hash: r.Hash}
	if !g.WholeAudit && !g.shows(r, objects) {
		g.m.Audit.Hidden++
		return line
	}
	g.m.Audit.Shown++
	ms := int64(0)
	if !r.At.IsZero() {
		ms = r.At.UnixMilli()
	}
	line.At, line.By, line.Deed, line.Object, line.Detail = &ms, string(r.By), r.Deed, r.Object, r.Detail
	return line
}

// objects are what rows may be about to be shown.
func (g *gathering) objects() (map[string]bool, error) {
	all := map[string]bool{"stay:" + string(g.Stay): true}
	for i := range g.alerts {
		all["alert:"+string(g.alerts[i].Alert.ID)] = true
	}
	sets, err := g.Book.Observations(g.ctx, g.Stay)
	if err != nil {
		return nil, err
	}
	for _, o := range sets {
		all["observation:"+o.ID] = true
	}
	found, err := g.Book.FindingsOf(g.ctx, []ward.StayID{g.Stay}, time.Time{})
	if err != nil {
		return nil, err
	}
	for _, f := range found[g.Stay] {
		all["finding:"+f.ID] = true
	}
	return all, nil
}

// shows says whether a row goes in whole: it is about the stay, or, within the span, about its ward,
// its duties, the devices at its beds, or the log and the program themselves.
func (g *gathering) shows(r *book.AuditRow, objects map[string]bool) bool {
	if objects[r.Object] {
		return true
	}
	if r.At.Before(g.From.Add(-screenEvery)) || !r.At.Before(g.To) {
		return false
	}
	kind, name, _ := strings.Cut(r.Object, ":")
	switch kind {
	case "ward", "gate", "duty", "bed":
		id, _, _ := strings.Cut(name, "/")
		return slices.Contains(g.wards(), ward.WardID(id))
	case "device":
		_, ok := g.clocks[ward.DeviceID(name)]
		return ok
	case "shift", "key", "book":
		return true
	}
	return false
}

// heads writes the signed heads that fall into the stretch.
func (g *gathering) heads(last book.AuditRow) error {
	keys, err := g.Book.Keys(g.ctx)
	if err != nil {
		return err
	}
	var in []audit.Head
	all, err := audit.ReadHeads(g.Heads, keys...)
	if err != nil {
		g.missing("the signed heads: %v", err)
	}
	for _, h := range all {
		if h.Seq >= g.m.Audit.First && h.Seq <= g.m.Audit.Last {
			in = append(in, h)
		}
	}
	in = append(in, audit.SignHead(g.Key, last.Seq, last.Hash, g.At))
	return list(g.out, headsName, in)
}

// chain checks the audit rows of a file against each other and against the heads.
func (v *Verdict) chain(z *zip.Reader, key ed25519.PublicKey) {
	rows, err := z.Open(auditName)
	if err != nil {
		return // its absence is named already
	}
	defer rows.Close()
	hashes := map[int64][]byte{}
	var prev AuditLine
	in := bufio.NewReader(rows)
	for n := 1; ; n++ {
		raw, err := in.ReadBytes('\n')
		if len(raw) == 0 {
			break
		}
		var line AuditLine
		if e := json.Unmarshal(raw, &line); e != nil {
			v.fault("%s: line %d cannot be read", auditName, n)
			return
		}
		if n > 1 && line.Seq != prev.Seq+1 {
			v.fault("%s: row %d is missing", auditName, prev.Seq+1)
			return
		}
		if line.At == nil {
			v.Hidden++
		} else {
			v.Shown++
			if (n > 1 || line.Seq == 1) && !bytes.Equal(line.Hash, audit.Link(prev.Hash, line.Seq, line.entry())) {
				v.fault("%s: row %d was changed, or the row before it", auditName, line.Seq)
				return
			}
		}
		hashes[line.Seq], prev = line.Hash, line
		if err != nil {
			break
		}
	}
	v.headsFit(z, key, hashes)
}

func (l *AuditLine) entry() ward.AuditEntry {
	e := ward.AuditEntry{By: ward.PersonID(l.By), Deed: l.Deed, Object: l.Object, Detail: l.Detail}
	if *l.At != 0 {
		e.At = time.UnixMilli(*l.At)
	}
	return e
}

func (v *Verdict) headsFit(z *zip.Reader, key ed25519.PublicKey, hashes map[int64][]byte) {
	f, err := z.Open(headsName)
	if err != nil {
		return
	}
	defer f.Close()
	var heads []audit.Head
	if err := json.NewDecoder(f).Decode(&heads); err != nil {
		v.fault("%s cannot be read", headsName)
		return
	}
	for _, h := range heads {
		// An earlier head may have been signed by an earlier key of the same log; it has to fit its own.
		if len(h.Key) != ed25519.PublicKeySize || audit.VerifyHead(h, ed25519.PublicKey(h.Key)) != nil {
			v.fault("%s: the head of row %d has a wrong signature", headsName, h.Seq)
			continue
		}
		if !bytes.Equal(hashes[h.Seq], h.Hash) {
			v.fault("%s: row %d is not the one that was signed", headsName, h.Seq)
		}
	}
	if n := len(heads); n == 0 || !bytes.Equal(heads[n-1].Key, key) {
		v.fault("%s: there is no head by the key of the file", headsName)
	}
}

// String sums up what was found, for people.
func (v *Verdict) String() string {
	m := &v.Manifest
	return fmt.Sprintf("stay %s, %s to %s, made %s by %s with wardwatch %s; %d files; audit rows %d to %d: %d shown, %d by their hash",
		m.Stay, m.From.Format(time.RFC3339), m.To.Format(time.RFC3339), m.Made.Format(time.RFC3339), m.By, m.Build.Version, len(m.Files), m.Audit.First, m.Audit.Last, v.Shown, v.Hidden)
}
