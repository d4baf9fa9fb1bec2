-- When the present phase began to count; null where it counts nothing, and in rows from before this column.
ALTER TABLE operations ADD COLUMN progress_since TEXT;

-- A list by who asked, by kind, and by kind within a database, comes from one of these. Combinations of more filters
-- take the one that SQLite finds best and step over the rest: the history is bounded.
CREATE INDEX operations_by_kind ON operations (kind, started_at, id);
CREATE INDEX operations_by_requester ON operations (requested_by, started_at, id);
CREATE INDEX operations_by_database_and_kind ON operations (database, kind, started_at, id);
