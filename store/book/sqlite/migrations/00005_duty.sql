-- Who is told: the duty roster, whose patients are whose, where people are reached, hand-overs; what
-- is looked at in comfort care; and what must not be forgotten.

-- +goose Up
-- A shift is never changed but to remove it: the rows together say what the roster said at any time.
CREATE TABLE shifts (
  id         TEXT PRIMARY KEY,
  ward       TEXT NOT NULL, -- empty: for the whole hospital
  role       TEXT NOT NULL,
  person     TEXT NOT NULL REFERENCES people (id),
  from_ms    INTEGER NOT NULL,
  to_ms      INTEGER NOT NULL,
  added      INTEGER NOT NULL,
  added_by   TEXT NOT NULL,
  removed    INTEGER NOT NULL,
  removed_by TEXT NOT NULL,
  CHECK (to_ms > from_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX shifts_ward ON shifts (ward, to_ms) WHERE removed = 0;
CREATE INDEX shifts_end ON shifts (to_ms) WHERE removed = 0;
CREATE INDEX shifts_person ON shifts (person, role, ward, to_ms) WHERE removed = 0;

CREATE TABLE duty_defaults (
  ward   TEXT NOT NULL, -- empty: for the whole hospital
  role   TEXT NOT NULL,
  people TEXT NOT NULL,
  PRIMARY KEY (ward, role)
) STRICT, WITHOUT ROWID;

-- Addresses identify: they are here and nowhere else.
CREATE TABLE contacts (
  id      TEXT PRIMARY KEY,
  person  TEXT NOT NULL REFERENCES people (id),
  channel TEXT NOT NULL,
  address TEXT NOT NULL,
  p256dh  TEXT NOT NULL,
  auth    TEXT NOT NULL,
  label   TEXT NOT NULL,
  added   INTEGER NOT NULL,
  ended   INTEGER NOT NULL,
  why     TEXT NOT NULL,
  UNIQUE (person, channel, address)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX contacts_one_a_device ON contacts (channel, address) WHERE ended = 0 AND p256dh <> '';

CREATE TABLE handovers (
  id          TEXT PRIMARY KEY,
  ward        TEXT NOT NULL REFERENCES wards (id),
  role        TEXT NOT NULL,
  from_person TEXT NOT NULL REFERENCES people (id),
  to_person   TEXT NOT NULL REFERENCES people (id),
  by_person   TEXT NOT NULL, -- who offered it in the name of from_person; empty: from_person
  note        TEXT NOT NULL,
  offered     INTEGER NOT NULL,
  state       TEXT NOT NULL,
  answered    INTEGER NOT NULL,
  reason      TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX handovers_ward ON handovers (ward, offered);
CREATE INDEX handovers_open ON handovers (ward) WHERE state = 'offered';

CREATE TABLE handover_stays (
  handover TEXT NOT NULL REFERENCES handovers (id),
  stay     TEXT NOT NULL REFERENCES stays (id),
  role     TEXT NOT NULL,
  open     INTEGER NOT NULL, -- while the hand-over is
  was_left INTEGER NOT NULL, -- accepted, but the stay was gone or another's by then
  PRIMARY KEY (handover, stay)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX handover_stays_one_offer ON handover_stays (stay, role) WHERE open = 1;

CREATE TABLE symptom_checks (
  id         TEXT PRIMARY KEY,
  stay       TEXT NOT NULL REFERENCES stays (id),
  at         INTEGER NOT NULL,
  entered    INTEGER NOT NULL,
  by_person  TEXT NOT NULL,
  pain       INTEGER NOT NULL,
  breathless INTEGER NOT NULL,
  agitation  INTEGER NOT NULL,
  nausea     INTEGER NOT NULL,
  secretions INTEGER NOT NULL,
  note       TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX symptom_checks_stay ON symptom_checks (stay, at);

CREATE TABLE holds (
  id        TEXT PRIMARY KEY,
  stay      TEXT NOT NULL REFERENCES stays (id),
  from_ms   INTEGER NOT NULL,
  to_ms     INTEGER NOT NULL,
  by_person TEXT NOT NULL,
  reason    TEXT NOT NULL,
  made      INTEGER NOT NULL,
  released  INTEGER NOT NULL,
  CHECK (to_ms > from_ms)
) STRICT, WITHOUT ROWID;
CREATE INDEX holds_stay ON holds (stay) WHERE released = 0;

ALTER TABLE stays ADD COLUMN nurse_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stays ADD COLUMN doctor_since INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stays ADD COLUMN symptoms INTEGER NOT NULL DEFAULT 0; -- the last check

ALTER TABLE notices ADD COLUMN how TEXT NOT NULL DEFAULT '';
ALTER TABLE notices ADD COLUMN why TEXT NOT NULL DEFAULT '';
CREATE INDEX alerts_ended ON alerts (ward, ended, raised);
CREATE INDEX notices_ward ON notices (ward, made);

ALTER TABLE quarantine ADD COLUMN held INTEGER NOT NULL DEFAULT 0;
CREATE INDEX quarantine_loose ON quarantine (seq) WHERE held = 0;

ALTER TABLE receipts ADD COLUMN nobody INTEGER NOT NULL DEFAULT 0;
