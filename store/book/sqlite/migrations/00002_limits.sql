-- A doctor's limits for one vital of one person, or what is usual for them. A row is never changed
-- but to end it: together they are the history. 0 in low, high or usual stands for "not given".

-- +goose Up
CREATE TABLE limits (
  id        INTEGER PRIMARY KEY,
  stay      TEXT NOT NULL REFERENCES stays (id),
  vital     TEXT NOT NULL,
  low       REAL NOT NULL,
  high      REAL NOT NULL,
  usual     REAL NOT NULL,
  by_person TEXT NOT NULL,
  reason    TEXT NOT NULL,
  since     INTEGER NOT NULL,
  until     INTEGER NOT NULL, -- when it lapses by itself
  ended     INTEGER NOT NULL, -- 0: by nobody
  ended_by  TEXT NOT NULL     -- who ended it or ordered the next; empty when it had lapsed
) STRICT;
CREATE UNIQUE INDEX limits_one_a_vital ON limits (stay, vital) WHERE ended = 0;
CREATE INDEX limits_stay ON limits (stay, since);
