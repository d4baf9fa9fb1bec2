-- Settings that clients of other systems' APIs have made there.
CREATE TABLE documents (
    database TEXT NOT NULL,
    name     TEXT NOT NULL,
    content  TEXT NOT NULL,
    PRIMARY KEY (database, name)
) STRICT, WITHOUT ROWID;
