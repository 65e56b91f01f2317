-- What imaging sources sent, whose it is, and what it says.

-- +goose Up
CREATE TABLE deliveries (
  seq          INTEGER PRIMARY KEY, -- in the order of arrival
  id           TEXT NOT NULL UNIQUE,
  source       TEXT NOT NULL,
  kind         TEXT NOT NULL,
  object       TEXT NOT NULL,
  size         INTEGER NOT NULL,
  instance_uid TEXT NOT NULL,
  study_uid    TEXT NOT NULL,
  received     INTEGER NOT NULL,
  state        TEXT NOT NULL,
  code         TEXT NOT NULL,
  detail       TEXT NOT NULL,
  done         INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_waiting ON deliveries (seq) WHERE state = 'waiting';
CREATE INDEX deliveries_instance ON deliveries (source, instance_uid) WHERE instance_uid <> '';
CREATE INDEX deliveries_object ON deliveries (object);
CREATE INDEX deliveries_done ON deliveries (done) WHERE state <> 'waiting';
CREATE INDEX deliveries_counts ON deliveries (source, kind, state, code, received);

-- What one source has sent of one study, or, where it names none, under one accession or in one
-- delivery: what is matched to a stay as a whole.
CREATE TABLE studies (
  id          TEXT PRIMARY KEY,
  source      TEXT NOT NULL,
  study_uid   TEXT NOT NULL,
  accession   TEXT NOT NULL,
  hospital_id TEXT NOT NULL, -- the claim, as the sender gave it
  name        TEXT NOT NULL,
  birth_date  TEXT NOT NULL, -- YYYY-MM-DD, empty when not said
  sex         TEXT NOT NULL,
  modality    TEXT NOT NULL,
  region      TEXT NOT NULL,
  acquired    INTEGER NOT NULL,
  received    INTEGER NOT NULL, -- of the newest of it
  state       TEXT NOT NULL,    -- placed, waiting, dismissed
  stay        TEXT NOT NULL,    -- of what is placed; empty otherwise
  why         TEXT NOT NULL,
  held        INTEGER NOT NULL, -- only a person may say whose it is
  by_person   TEXT NOT NULL,    -- who placed or dismissed it; empty: the matching rule
  guesses     TEXT NOT NULL,
  CHECK ((state = 'placed') = (stay <> ''))
) STRICT, WITHOUT ROWID;
CREATE INDEX studies_uid ON studies (study_uid) WHERE study_uid <> '';
CREATE INDEX studies_accession ON studies (accession) WHERE accession <> '';
CREATE INDEX studies_stay ON studies (stay) WHERE stay <> '';
CREATE INDEX studies_waiting ON studies (received) WHERE state = 'waiting';

-- Every answer to the question whose a study is, in order.
CREATE TABLE placements (
  seq       INTEGER PRIMARY KEY,
  study     TEXT NOT NULL REFERENCES studies (id),
  at        INTEGER NOT NULL,
  deed      TEXT NOT NULL,
  stay      TEXT NOT NULL,
  why       TEXT NOT NULL,
  by_person TEXT NOT NULL,
  reason    TEXT NOT NULL -- a person's words; they may say too much for the audit
) STRICT;
CREATE INDEX placements_study ON placements (study, seq);

CREATE TABLE findings (
  id            TEXT PRIMARY KEY,
  study         TEXT NOT NULL REFERENCES studies (id),
  model         TEXT NOT NULL,
  version       TEXT NOT NULL,
  by_reader     INTEGER NOT NULL,
  demonstration INTEGER NOT NULL,
  series_uid    TEXT NOT NULL,
  instance_uid  TEXT NOT NULL,
  modality      TEXT NOT NULL,
  region        TEXT NOT NULL,
  view          TEXT NOT NULL,
  device        TEXT NOT NULL,
  code_system   TEXT NOT NULL,
  code          TEXT NOT NULL,
  label         TEXT NOT NULL,
  laterality    TEXT NOT NULL,
  score         REAL NOT NULL,
  threshold     REAL NOT NULL,
  calibrated    INTEGER NOT NULL,
  acquired      INTEGER NOT NULL,
  produced      INTEGER NOT NULL,
  received      INTEGER NOT NULL,
  taken         INTEGER NOT NULL, -- acquired, or received where that is not known
  delivery      TEXT NOT NULL,
  said          INTEGER NOT NULL, -- when it was last said, and by which delivery: a repeat changes nothing else
  said_by       TEXT NOT NULL,
  map           TEXT NOT NULL,
  warnings      TEXT NOT NULL,
  retracted     INTEGER NOT NULL, -- when its source took it back
  word          TEXT NOT NULL, -- a clinician's
  word_by       TEXT NOT NULL,
  word_at       INTEGER NOT NULL,
  word_reason   TEXT NOT NULL,
  seen          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX findings_study ON findings (study, taken);
CREATE INDEX findings_taken ON findings (taken);
CREATE INDEX findings_read ON findings (study) WHERE by_reader = 1;
CREATE INDEX findings_delivery ON findings (delivery);
CREATE INDEX findings_map ON findings (map) WHERE map <> '';

CREATE TABLE reads (
  study       TEXT NOT NULL REFERENCES studies (id),
  code_system TEXT NOT NULL,
  code        TEXT NOT NULL,
  laterality  TEXT NOT NULL,
  present     INTEGER NOT NULL,
  at          INTEGER NOT NULL,
  delivery    TEXT NOT NULL,
  retracted   INTEGER NOT NULL,
  PRIMARY KEY (study, code_system, code, laterality)
) STRICT, WITHOUT ROWID;
CREATE INDEX reads_delivery ON reads (delivery);

CREATE TABLE gate_refusals (
  delivery     TEXT NOT NULL,
  model        TEXT NOT NULL,
  version      TEXT NOT NULL,
  instance_uid TEXT NOT NULL,
  study_uid    TEXT NOT NULL,
  modality     TEXT NOT NULL,
  device       TEXT NOT NULL,
  code         TEXT NOT NULL,
  detail       TEXT NOT NULL,
  at           INTEGER NOT NULL,
  PRIMARY KEY (delivery, model, version, instance_uid)
) STRICT, WITHOUT ROWID;
CREATE INDEX gate_refusals_at ON gate_refusals (at);

-- Two hospital numbers that are one person's. A row is never changed but to end it.
CREATE TABLE aliases (
  id         TEXT PRIMARY KEY,
  old        TEXT NOT NULL,
  new        TEXT NOT NULL,
  by_person  TEXT NOT NULL,
  at         INTEGER NOT NULL,
  reason     TEXT NOT NULL,
  ended      INTEGER NOT NULL, -- 0: it stands
  ended_by   TEXT NOT NULL,
  end_reason TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX aliases_one_a_number ON aliases (old) WHERE ended = 0;
CREATE INDEX aliases_new ON aliases (new) WHERE ended = 0;
-- Who has a number, now or before.
CREATE INDEX stays_number ON stays (hospital_id) WHERE hospital_id <> '';
