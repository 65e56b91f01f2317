package audit

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"time"

	"wardwatch/store/book/sqlite"
	"wardwatch/ward"
)

// Head is a signed statement: at this time the log ended with this row. Kept outside the book (a
// file a day), it shows when rows after it, or the book around it, were cut or rewritten. It is
// worth most where whoever can write the data directory cannot reach it: copy the files elsewhere.
type Head struct {
	At        time.Time `json:"at"`
	Seq       int64     `json:"seq"`
	Hash      Hex       `json:"hash"`
	Key       Hex       `json:"key"` // public ed25519
	Signature Hex       `json:"signature"`
}

// Hex is bytes written in hexadecimal.
type Hex []byte

// MarshalText implements encoding.TextMarshaler.
func (h Hex) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(h)), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (h *Hex) UnmarshalText(text []byte) (err error) {
	*h, err = hex.DecodeString(string(text))
	return err
}

// statement is what is signed. The leading words keep the key from signing anything else.
func (h Head) statement() []byte {
	b := []byte("wardwatch audit head 1\n")
	b = binary.BigEndian.AppendUint64(b, uint64(sqlite.Ms(h.At)))
	b = binary.BigEndian.AppendUint64(b, uint64(h.Seq))
	return append(b, h.Hash...)
}

// SignHead makes the statement.
func SignHead(key ed25519.PrivateKey, seq int64, hash []byte, at time.Time) Head {
	h := Head{At: sqlite.Time(sqlite.Ms(at)), Seq: seq, Hash: hash, Key: Hex(key.Public().(ed25519.PublicKey))}
	h.Signature = ed25519.Sign(key, h.statement())
	return h
}

// VerifyHead reports whether the statement was signed by one of the keys.
func VerifyHead(h Head, keys ...ed25519.PublicKey) error {
	for _, k := range keys {
		if k.Equal(ed25519.PublicKey(h.Key)) {
			if ed25519.Verify(k, h.statement(), h.Signature) {
				return nil
			}
			return &ward.Error{Code: ward.Conflict, Message: fmt.Sprintf("the head of %s has a wrong signature", h.At.Format(time.DateOnly)), Hint: "the file was changed: compare it with a copy kept elsewhere"}
		}
	}
	return &ward.Error{Code: ward.Conflict, Message: fmt.Sprintf("the head of %s was signed by an unknown key", h.At.Format(time.DateOnly)), Hint: "the key or the book was exchanged: compare with a copy kept elsewhere"}
}

// LoadKey reads the signing key, making it on the first call. The file is for its owner only.
func LoadKey(path string) (ed25519.PrivateKey, error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("read the audit key: %w", err)
	}
	block, _ := pem.Decode(data)
	if block == nil || block.Type != keyType || len(block.Bytes) != ed25519.SeedSize {
		return nil, &ward.Error{Code: ward.Unavailable, Message: "the audit key file is damaged", Hint: "restore " + filepath.Base(path) + " from a backup; if it is lost, move it away: a new key is made and recorded"}
	}
	return ed25519.NewKeyFromSeed(block.Bytes), nil
}

const keyType = "WARDWATCH AUDIT KEY"

func makeKey(path string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the audit key: %w", err)
	}
	data := pem.EncodeToMemory(&pem.Block{Type: keyType, Bytes: key.Seed()})
	if err := writeFile(path, data, 0o600); err != nil {
		return nil, fmt.Errorf("keep the audit key: %w", err)
	}
	return key, nil
}

// NoteKey records the public part of a signing key in the book, and that it was recorded in the
// audit log: a key exchanged later shows. Keys already known change nothing.
func (t *Trail) NoteKey(ctx context.Context, public ed25519.PublicKey, at time.Time) error {
	text := hex.EncodeToString(public)
	n, err := sqlite.Number(ctx, t.db.Read(), `SELECT count(*) FROM audit_keys WHERE public = ?`, text)
	if err != nil || n > 0 {
		return err
	}
	return t.db.Write(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `INSERT OR IGNORE INTO audit_keys (public, since) VALUES (?, ?)`, text, sqlite.Ms(at))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		return Write(ctx, tx, ward.AuditEntry{At: at, Deed: "audit.key", Object: "key:" + text[:16]})
	})
}

// Keys are the public parts of every key that ever signed for this book.
func (t *Trail) Keys(ctx context.Context) ([]ed25519.PublicKey, error) {
	return sqlite.List(ctx, t.db.Read(), func(r sqlite.Row) (ed25519.PublicKey, error) {
		var text string
		if err := r.Scan(&text); err != nil {
			return nil, err
		}
		key, err := hex.DecodeString(text)
		if err == nil && len(key) != ed25519.PublicKeySize {
			err = fmt.Errorf("a key of %d bytes", len(key))
		}
		return key, err
	}, `SELECT public FROM audit_keys ORDER BY since`)
}

// ExportHead signs the log's present end and keeps it as dir/YYYY-MM-DD.json (the day of at, in
// at's zone). A day's later export replaces the earlier one only while the log has not shrunk, so
// that a cut cannot be covered up by exporting again.
func (t *Trail) ExportHead(ctx context.Context, dir string, key ed25519.PrivateKey, at time.Time) (Head, error) {
	if err := t.NoteKey(ctx, key.Public().(ed25519.PublicKey), at); err != nil {
		return Head{}, err
	}
	seq, hash, err := t.AuditHead(ctx)
	if err != nil {
		return Head{}, err
	}
	h := SignHead(key, seq, hash, at)
	path := filepath.Join(dir, at.Format(time.DateOnly)+".json")
	if old, err := readHead(path); err == nil && old.Seq > seq {
		return old, &ward.Error{Code: ward.Conflict, Message: fmt.Sprintf("the audit log has shrunk: it ends at row %d, the head of %s has %d", seq, old.At.Format(time.DateOnly), old.Seq), Hint: "run `wardwatch audit verify`; keep the data directory as it is"}
	}
	data, err := json.MarshalIndent(h, "", "  ")
	if err != nil {
		return Head{}, fmt.Errorf("write the audit head: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return Head{}, fmt.Errorf("write the audit head: %w", err)
	}
	if err := writeFile(path, append(data, '\n'), 0o600); err != nil {
		return Head{}, fmt.Errorf("write the audit head: %w", err)
	}
	return h, nil
}

// ReadHeads reads the exported heads, oldest first, and checks each signature. A missing folder
// is no heads.
func ReadHeads(dir string, keys ...ed25519.PublicKey) ([]Head, error) {
	paths, err := filepath.Glob(filepath.Join(dir, "????-??-??.json"))
	if err != nil {
		return nil, err
	}
	sort.Strings(paths)
	heads := make([]Head, 0, len(paths))
	for _, path := range paths {
		h, err := readHead(path)
		if err != nil {
			return nil, err
		}
		if err := VerifyHead(h, keys...); err != nil {
			return nil, err
		}
		heads = append(heads, h)
	}
	return heads, nil
}

func readHead(path string) (h Head, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return h, fmt.Errorf("read an audit head: %w", err)
	}
	if err := json.Unmarshal(data, &h); err != nil {
		return h, &ward.Error{Code: ward.Conflict, Message: filepath.Base(path) + " is not an audit head", Hint: "the file was changed: compare it with a copy kept elsewhere", Err: err}
	}
	return h, nil
}

// writeFile writes beside and renames, so that a crash leaves the old file or the new one.
func writeFile(path string, data []byte, mode os.FileMode) error {
	f, err := os.OpenFile(path+".partial", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, mode)
	if err != nil {
		return err
	}
	if _, err = f.Write(data); err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(path+".partial", path)
}
