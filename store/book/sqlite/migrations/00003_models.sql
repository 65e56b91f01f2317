-- What the learned models said, what came of it, and whether treating staff see it.

-- +goose Up
CREATE TABLE gates (
  seq       INTEGER PRIMARY KEY, -- the newest of a ward, task and model is in force
  ward      TEXT NOT NULL REFERENCES wards (id),
  task      TEXT NOT NULL,
  model     TEXT NOT NULL,
  version   TEXT NOT NULL,
  open      INTEGER NOT NULL,
  by_person TEXT NOT NULL, -- empty: Wardwatch itself
  at        INTEGER NOT NULL,
  override  TEXT NOT NULL,
  reason    TEXT NOT NULL
) STRICT;
CREATE INDEX gates_newest ON gates (ward, task, model, seq);

-- +goose StatementBegin
CREATE TRIGGER gates_no_update BEFORE UPDATE ON gates
BEGIN SELECT RAISE(ABORT, 'gates are append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER gates_no_delete BEFORE DELETE ON gates
BEGIN SELECT RAISE(ABORT, 'gates are append-only'); END;
-- +goose StatementEnd

-- One an hour, so that rows of a period lie together and the oldest go together.
CREATE TABLE predictions (
  hour      INTEGER NOT NULL,
  stay      TEXT NOT NULL,
  task      TEXT NOT NULL,
  ward      TEXT NOT NULL,
  model     TEXT NOT NULL,
  version   TEXT NOT NULL,
  value     REAL, -- null: withheld
  threshold REAL NOT NULL,
  withheld  TEXT NOT NULL,
  silent    INTEGER NOT NULL,
  inputs    TEXT NOT NULL, -- the newest value of each that was known
  outcome   INTEGER,       -- null: not known yet; 0: no event, 1: event, 2: it will never be known
  PRIMARY KEY (hour, stay, task, model)
) STRICT, WITHOUT ROWID;
CREATE INDEX predictions_unsettled ON predictions (task, hour) WHERE outcome IS NULL;

-- What a gate asks, kept when the predictions themselves have gone: since when a version has run
-- silently in a ward, and which stays had an event meanwhile.
CREATE TABLE silent_runs (
  ward    TEXT NOT NULL,
  task    TEXT NOT NULL,
  model   TEXT NOT NULL,
  version TEXT NOT NULL,
  since   INTEGER NOT NULL,
  PRIMARY KEY (ward, task, model, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE silent_events (
  ward    TEXT NOT NULL,
  task    TEXT NOT NULL,
  model   TEXT NOT NULL,
  version TEXT NOT NULL,
  stay    TEXT NOT NULL,
  PRIMARY KEY (ward, task, model, version, stay)
) STRICT, WITHOUT ROWID;
