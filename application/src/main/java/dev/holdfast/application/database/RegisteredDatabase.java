package dev.holdfast.application.database;

import dev.holdfast.application.store.BackupStore;
import dev.holdfast.domain.database.Database;

/** A database and the store that its backups lie in. */
public record RegisteredDatabase(Database database, BackupStore store) {}
