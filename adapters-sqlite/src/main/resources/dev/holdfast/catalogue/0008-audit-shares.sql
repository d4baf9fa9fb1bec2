-- The kind ACCOUNT_ACTION is new: each account without the role admin has its own share of the audit.
CREATE INDEX audit_by_account ON audit (kind, who, id);
