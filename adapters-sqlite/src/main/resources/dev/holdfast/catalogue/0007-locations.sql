-- Where the registered paths lead, so that a link that comes later is noticed.
CREATE TABLE locations (
    registered TEXT NOT NULL PRIMARY KEY,
    database   TEXT NOT NULL,
    resolved   TEXT NOT NULL -- without links
) STRICT, WITHOUT ROWID;
