-- 'Hfct': tells Holdfast's catalogue from any other SQLite file.
PRAGMA application_id = 1214669684;

-- Instants are text of one width, 2026-04-13T14:25:30.000000000Z, so that their order is the text's order.
CREATE TABLE operations (
    id               TEXT PRIMARY KEY,
    kind             TEXT NOT NULL,
    database         TEXT NOT NULL,
    subject          TEXT,
    requested_by     TEXT NOT NULL,
    state            TEXT NOT NULL,
    phase            TEXT NOT NULL,
    progress_done    INTEGER NOT NULL,
    progress_total   INTEGER NOT NULL,
    cancel_requested INTEGER NOT NULL,
    started_at       TEXT NOT NULL,
    finished_at      TEXT,
    result           TEXT, -- JSON with its own version
    failure_code     TEXT,
    failure_detail   TEXT,
    revision         INTEGER NOT NULL
) STRICT;

CREATE INDEX operations_by_start ON operations (started_at, id);
CREATE INDEX operations_by_database ON operations (database, started_at, id);
CREATE INDEX operations_by_state ON operations (state, started_at, id);
CREATE INDEX operations_by_database_and_state ON operations (database, state, started_at, id);
CREATE INDEX backups_made ON operations (database, started_at, id) WHERE kind = 'BACKUP' AND state = 'SUCCEEDED';

-- No foreign key: a key is claimed before its operation is saved.
CREATE TABLE idempotency_keys (
    scope        TEXT NOT NULL,
    key          TEXT NOT NULL,
    fingerprint  TEXT NOT NULL,
    operation_id TEXT NOT NULL,
    claimed_at   TEXT NOT NULL,
    PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_keys_by_age ON idempotency_keys (claimed_at);

CREATE TABLE users (
    name          TEXT PRIMARY KEY,
    role          TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    created_at    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The checks keep a token itself from being stored by mistake.
CREATE TABLE tokens (
    name       TEXT PRIMARY KEY,
    role       TEXT NOT NULL,
    sha256     TEXT NOT NULL UNIQUE CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
    created_at TEXT NOT NULL,
    expires_at TEXT
) STRICT, WITHOUT ROWID;
