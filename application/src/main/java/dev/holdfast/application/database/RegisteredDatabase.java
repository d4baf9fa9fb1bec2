package dev.holdfast.application.database;

import dev.holdfast.application.store.BackupStore;
import dev.holdfast.domain.database.Database;
import dev.holdfast.domain.database.Source;
import java.nio.file.Path;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A database and the store that its backups lie in.
 *
 * @param leftOut directories of its source that new backups go without
 */
public record RegisteredDatabase(Database database, BackupStore store, Set<Path> leftOut) {
    public RegisteredDatabase {
        leftOut = Set.copyOf(leftOut);
    }

    public RegisteredDatabase(Database database, BackupStore store) {
        this(database, store, Set.of());
    }

    /** What a new backup holds. What a restore may replace is all of the source, and so is what is kept before it. */
    public Source backedUp() {
        Source source = database.source();
        return new Source(
                source.main(),
                source.extraFiles(),
                source.directories().stream()
                        .filter(Predicate.not(leftOut::contains))
                        .toList());
    }
}
