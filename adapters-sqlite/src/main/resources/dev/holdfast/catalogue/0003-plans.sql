-- What somebody has changed about a plan, over what is configured.
CREATE TABLE plans (
    database   TEXT PRIMARY KEY,
    changed_by TEXT NOT NULL,
    changed_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE plan_terms (
    database TEXT NOT NULL REFERENCES plans (database) ON DELETE CASCADE,
    name     TEXT NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (database, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE plan_progress (
    database       TEXT NOT NULL,
    job            TEXT NOT NULL,
    timetable      TEXT NOT NULL,
    handled        TEXT NOT NULL,
    expiry_pending INTEGER NOT NULL,
    last_run       TEXT,
    PRIMARY KEY (database, job)
) STRICT, WITHOUT ROWID;

CREATE TABLE drills (
    database  TEXT PRIMARY KEY,
    outcome   TEXT NOT NULL,
    at        TEXT NOT NULL,
    backup    TEXT,
    text      TEXT NOT NULL,
    proven_at TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    id       INTEGER PRIMARY KEY,
    at       TEXT NOT NULL,
    who      TEXT NOT NULL,
    action   TEXT NOT NULL,
    database TEXT NOT NULL,
    detail   TEXT NOT NULL
) STRICT;
