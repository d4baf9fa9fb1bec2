package dev.holdfast.application.database;

import dev.holdfast.application.Outcome;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.profile.ParsedName;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/** The registered databases, and how names from outside lead to them and to their backups. */
public final class Databases {
    private final Map<DatabaseName, RegisteredDatabase> byName;
    private final SourceOverrides choices;

    public Databases(List<RegisteredDatabase> databases) {
        this(databases, SourceOverrides.NONE);
    }

    public Databases(List<RegisteredDatabase> databases, SourceOverrides choices) {
        this.choices = choices;
        byName = databases.stream()
                .collect(Collectors.toMap(
                        it -> it.database().name(),
                        Function.identity(),
                        (a, b) -> {
                            throw new IllegalArgumentException(
                                    "database " + a.database().name() + ": registered twice");
                        },
                        TreeMap::new));
    }

    /** In the order of their names. */
    public Collection<RegisteredDatabase> all() {
        return byName.values().stream().map(this::chosen).toList();
    }

    /** @param name as a client sent it */
    public Outcome<RegisteredDatabase> find(String name) {
        RegisteredDatabase found = DatabaseName.isValid(name) ? byName.get(new DatabaseName(name)) : null;
        return found == null ? Outcome.refused(new Problem.DatabaseNotFound(name)) : Outcome.done(chosen(found));
    }

    private RegisteredDatabase chosen(RegisteredDatabase registered) {
        return choices.of(registered.database().name()).over(registered);
    }

    /**
     * A backup that is there. A name that is no plain file name is refused before the store is asked. So is, after the
     * store was asked, one that the profile does not form: a file that a person dropped in has whatever name it has.
     */
    public Outcome<LocatedBackup> findBackup(String database, String filename) {
        return find(database).then(registered -> locate(registered, filename));
    }

    private static Outcome<LocatedBackup> locate(RegisteredDatabase registered, String filename) {
        if (!BackupKey.isValid(filename)) {
            return Outcome.refused(new Problem.InvalidFilename(
                    "A backup's name is a plain file name of at most " + BackupKey.LONGEST_BYTES + " bytes."));
        }
        var key = new BackupKey(filename);
        return registered
                .store()
                .find(key)
                .map(it -> Outcome.done(new LocatedBackup(registered, it)))
                .orElseGet(() -> Outcome.refused(absent(registered, key)));
    }

    private static Problem absent(RegisteredDatabase registered, BackupKey key) {
        return switch (registered.database().naming().parse(key.value())) {
            case ParsedName.Valid(BackupKey fits) -> new Problem.BackupNotFound(fits);
            case ParsedName.TooLong(int bytes, int longest) ->
                new Problem.InvalidFilename(
                        "The backup's name is " + bytes + " bytes long; at most " + longest + " are allowed.");
            case ParsedName.Malformed(String expected) ->
                new Problem.InvalidFilename("A backup of this database is called " + expected + ".");
        };
    }

    /** A backup and where it lies. */
    public record LocatedBackup(RegisteredDatabase registered, Backup backup) {}
}
