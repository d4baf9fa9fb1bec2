-- Which store belongs to which database, so that an exchanged directory is noticed.
CREATE TABLE stores (
    database     TEXT NOT NULL,
    store        TEXT NOT NULL,
    id           TEXT NOT NULL,
    stage        TEXT NOT NULL,
    source       TEXT NOT NULL,
    directory    TEXT NOT NULL,
    mark         TEXT, -- null while the store has none
    pending_mark TEXT, -- null unless a change of the mark was cut off
    former_names TEXT NOT NULL, -- separated by blanks
    PRIMARY KEY (database, store)
) STRICT, WITHOUT ROWID;
