-- Times are integer milliseconds since 1970 in UTC; 0 stands for "not yet" or "not set".
-- Every dated row covers from_ms (included) to to_ms (excluded); to_ms = 0 means still.

-- +goose Up
CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE wards (
  id   TEXT PRIMARY KEY,
  name TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE beds (
  ward     TEXT NOT NULL REFERENCES wards (id),
  bed      TEXT NOT NULL,
  label    TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (ward, bed)
) STRICT, WITHOUT ROWID;

CREATE TABLE stays (
  id           TEXT PRIMARY KEY,
  hospital_id  TEXT NOT NULL,
  family_name  TEXT NOT NULL,
  given_name   TEXT NOT NULL,
  birth_date   TEXT NOT NULL, -- YYYY-MM-DD, empty when unknown
  sex          TEXT NOT NULL,
  pregnancy    TEXT NOT NULL,
  scale        INTEGER NOT NULL,
  scale_by     TEXT NOT NULL,
  scale_reason TEXT NOT NULL,
  scale_since  INTEGER NOT NULL,
  care         TEXT NOT NULL,
  care_by      TEXT NOT NULL,
  care_since   INTEGER NOT NULL,
  care_review  INTEGER NOT NULL,
  off_to       TEXT NOT NULL,
  off_since    INTEGER NOT NULL,
  off_until    INTEGER NOT NULL,
  nurse        TEXT NOT NULL,
  doctor       TEXT NOT NULL,
  ward         TEXT NOT NULL,
  bed          TEXT NOT NULL,
  admitted     INTEGER NOT NULL,
  ended        INTEGER NOT NULL,
  end_reason   TEXT NOT NULL,
  move         TEXT NOT NULL, -- the last of admit, transfer, discharge that can still be undone
  moved        INTEGER NOT NULL -- when that was entered
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX stays_once ON stays (hospital_id) WHERE ended = 0 AND hospital_id <> '';
CREATE INDEX stays_ward ON stays (ward, ended);

CREATE TABLE lyings (
  stay    TEXT NOT NULL REFERENCES stays (id),
  ward    TEXT NOT NULL,
  bed     TEXT NOT NULL,
  from_ms INTEGER NOT NULL,
  to_ms   INTEGER NOT NULL,
  PRIMARY KEY (stay, from_ms),
  FOREIGN KEY (ward, bed) REFERENCES beds (ward, bed),
  CHECK (to_ms = 0 OR to_ms >= from_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX lyings_place ON lyings (ward, bed, from_ms);
CREATE UNIQUE INDEX lyings_one_a_place ON lyings (ward, bed) WHERE to_ms = 0;
CREATE UNIQUE INDEX lyings_one_a_stay ON lyings (stay) WHERE to_ms = 0;

CREATE TABLE observations (
  id        TEXT NOT NULL,
  version   INTEGER NOT NULL, -- a correction is a new version; the highest is in force
  stay      TEXT NOT NULL REFERENCES stays (id),
  origin    TEXT NOT NULL,
  at        INTEGER NOT NULL,
  entered   INTEGER NOT NULL,
  by_person TEXT NOT NULL,
  vals      TEXT NOT NULL,
  partial   TEXT NOT NULL,
  worried   INTEGER NOT NULL,
  note      TEXT NOT NULL,
  PRIMARY KEY (id, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX observations_stay ON observations (stay, at);

CREATE TABLE credentials (
  login   TEXT PRIMARY KEY,
  gateway INTEGER NOT NULL,
  grants  TEXT NOT NULL,
  hash    TEXT NOT NULL,
  created INTEGER NOT NULL,
  revoked INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE attachments (
  id        INTEGER PRIMARY KEY,
  device    TEXT NOT NULL,
  ward      TEXT NOT NULL,
  bed       TEXT NOT NULL,
  from_ms   INTEGER NOT NULL,
  to_ms     INTEGER NOT NULL,
  confirmed INTEGER NOT NULL,
  by_person TEXT NOT NULL,
  seen      INTEGER NOT NULL, -- when the device was last heard there, to within a few minutes
  FOREIGN KEY (ward, bed) REFERENCES beds (ward, bed),
  CHECK (to_ms = 0 OR to_ms >= from_ms)
) STRICT;
CREATE INDEX attachments_place ON attachments (ward, bed, from_ms);
CREATE INDEX attachments_device ON attachments (device, from_ms);
CREATE UNIQUE INDEX attachments_once ON attachments (device, ward, bed) WHERE to_ms = 0;

CREATE TABLE people (
  id       TEXT PRIMARY KEY,
  login    TEXT NOT NULL UNIQUE COLLATE NOCASE,
  name     TEXT NOT NULL,
  access   TEXT NOT NULL,
  duties   TEXT NOT NULL,
  wards    TEXT NOT NULL,
  lang     TEXT NOT NULL,
  disabled INTEGER NOT NULL,
  password TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE sessions (
  hash    BLOB PRIMARY KEY,
  person  TEXT NOT NULL REFERENCES people (id),
  made    INTEGER NOT NULL,
  expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_person ON sessions (person);
CREATE INDEX sessions_expires ON sessions (expires);

CREATE TABLE tokens (
  id      TEXT PRIMARY KEY,
  hash    BLOB NOT NULL UNIQUE,
  person  TEXT NOT NULL REFERENCES people (id),
  name    TEXT NOT NULL,
  made    INTEGER NOT NULL,
  revoked INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE logins (
  login    TEXT PRIMARY KEY COLLATE NOCASE,
  failures INTEGER NOT NULL,
  last     INTEGER NOT NULL,
  locked   INTEGER NOT NULL -- until
) STRICT, WITHOUT ROWID;
CREATE INDEX logins_last ON logins (last);

CREATE TABLE alerts (
  id       TEXT PRIMARY KEY,
  ward     TEXT NOT NULL,
  bed      TEXT NOT NULL,
  stay     TEXT NOT NULL,
  kind     TEXT NOT NULL,
  state    TEXT NOT NULL,
  raised   INTEGER NOT NULL,
  ended    INTEGER NOT NULL,
  version  INTEGER NOT NULL,
  doc      TEXT NOT NULL -- the whole alert
) STRICT, WITHOUT ROWID;
CREATE INDEX alerts_open ON alerts (ward, raised) WHERE state <> 'resolved';
CREATE INDEX alerts_ward ON alerts (ward, raised);
CREATE INDEX alerts_stay ON alerts (stay, raised);

CREATE TABLE positions (
  ward     TEXT NOT NULL,
  bed      TEXT NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (ward, bed)
) STRICT, WITHOUT ROWID;

CREATE TABLE notices (
  id        TEXT PRIMARY KEY,
  alert     TEXT NOT NULL,
  ward      TEXT NOT NULL,
  bed       TEXT NOT NULL,
  kind      TEXT NOT NULL,
  band      TEXT NOT NULL,
  level     INTEGER NOT NULL,
  role      TEXT NOT NULL,
  to_person TEXT NOT NULL,
  channel   TEXT NOT NULL,
  made      INTEGER NOT NULL,
  due       INTEGER NOT NULL,
  expires   INTEGER NOT NULL,
  tries     INTEGER NOT NULL,
  state     TEXT NOT NULL,
  settled   INTEGER NOT NULL,
  error     TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX notices_due ON notices (due) WHERE state = 'pending';
CREATE INDEX notices_alert ON notices (alert);

CREATE TABLE receipts (
  notice  TEXT NOT NULL REFERENCES notices (id),
  try     INTEGER NOT NULL,
  at      INTEGER NOT NULL,
  ok      INTEGER NOT NULL,
  final   INTEGER NOT NULL,
  retry   INTEGER NOT NULL,
  error   TEXT NOT NULL,
  PRIMARY KEY (notice, try)
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
  seq       INTEGER PRIMARY KEY,
  at        INTEGER NOT NULL,
  by_person TEXT NOT NULL,
  deed      TEXT NOT NULL,
  object    TEXT NOT NULL,
  detail    TEXT NOT NULL,
  hash      BLOB NOT NULL
) STRICT;
CREATE INDEX audit_object ON audit (object, seq);
CREATE INDEX audit_person ON audit (by_person, seq);

-- +goose StatementBegin
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_no_gap BEFORE INSERT ON audit
WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit)
BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END;
-- +goose StatementEnd

CREATE TABLE audit_keys (
  public TEXT PRIMARY KEY, -- hexadecimal ed25519
  since  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE quarantine (
  seq     INTEGER PRIMARY KEY AUTOINCREMENT,
  at      INTEGER NOT NULL,
  topic   TEXT NOT NULL,
  device  TEXT NOT NULL,
  reason  TEXT NOT NULL,
  message TEXT NOT NULL,
  payload BLOB NOT NULL
) STRICT;

CREATE TABLE rejects (
  reason TEXT NOT NULL,
  device TEXT NOT NULL,
  count  INTEGER NOT NULL,
  first  INTEGER NOT NULL,
  last   INTEGER NOT NULL,
  PRIMARY KEY (reason, device)
) STRICT, WITHOUT ROWID;
