-- Who did what, from where, and with which outcome. An entry may stand for many of its kind.
ALTER TABLE audit RENAME TO audit_of_changes;

CREATE TABLE audit (
    id        INTEGER PRIMARY KEY,
    kind      TEXT NOT NULL, -- ACTION, FAILED_SIGN_IN or REFUSAL: each has its share of the bound
    at        TEXT NOT NULL,
    until     TEXT NOT NULL, -- the last time; that of "at" if it happened once
    who       TEXT NOT NULL,
    address   TEXT,
    action    TEXT NOT NULL,
    database  TEXT,
    object    TEXT,
    outcome   TEXT NOT NULL,
    count     INTEGER NOT NULL,
    detail    TEXT NOT NULL,
    merge_key TEXT -- what later ones have in common with this one; null for an entry that stays as it is
) STRICT;

INSERT INTO audit (id, kind, at, until, who, action, database, outcome, count, detail)
SELECT id, 'ACTION', at, at, who, action, database, 'succeeded', 1, detail FROM audit_of_changes;

DROP TABLE audit_of_changes;

CREATE INDEX audit_by_kind ON audit (kind, id);
CREATE INDEX audit_by_age ON audit (until);
CREATE INDEX audit_by_merge_key ON audit (merge_key, id) WHERE merge_key IS NOT NULL;
