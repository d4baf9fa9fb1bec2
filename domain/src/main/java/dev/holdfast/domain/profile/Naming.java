package dev.holdfast.domain.profile;

import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.identity.BackupKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** How a profile names backups. All times in names are UTC, to the second unless said otherwise. */
public sealed interface Naming permits NativeNaming, JobOpsNaming, PocketBaseNaming, DispatcharrNaming {

    /** How files are called that are SQLite databases. */
    List<String> EXTERNAL_DATABASE_ENDS = List.of(".db", ".sqlite", ".sqlite3");

    static Naming of(Profile profile, String prefix) {
        return switch (profile) {
            case NATIVE -> new NativeNaming(prefix);
            case JOBOPS -> new JobOpsNaming();
            case POCKETBASE -> new PocketBaseNaming(prefix);
            case DISPATCHARR -> new DispatcharrNaming();
        };
    }

    /**
     * The names to try for a backup made now, best first. The caller takes the first that is free; where all are taken
     * there is no name. Lazy, and as long as the profile's rule for taken names allows.
     */
    Stream<BackupKey> proposals(Origin origin, Layout layout, Instant at);

    /** Whether {@code text} is a name that this profile's backups can have, whoever chose it. */
    ParsedName parse(String text);

    /**
     * Words that follow {@code …/backup/} or {@code …/backups/} in an address of some API, or will. A backup of such a name
     * could not be addressed there.
     */
    Set<String> SUB_RESOURCES = Set.of("drill", "plan", "restore", "timelines", "upload");

    /** The name that an uploaded file keeps; empty if it cannot, so that it is named by the rule. */
    default Optional<BackupKey> uploaded(String filename) {
        return SUB_RESOURCES.contains(filename) ? Optional.empty() : fitting(filename);
    }

    /** The name itself, if an upload may have it in this profile. */
    default Optional<BackupKey> fitting(String filename) {
        return BackupKey.isValid(filename)
                        && parse(filename) instanceof ParsedName.Valid(BackupKey key)
                        && !isOnlyName(key)
                ? Optional.of(key)
                : Optional.empty();
    }

    /** Whether a file of this name that Holdfast did not write is taken for a backup of this profile. */
    default boolean acceptsExternal(String filename) {
        return EXTERNAL_DATABASE_ENDS.stream().anyMatch(filename::endsWith);
    }

    /** When the backup of this name was made, as far as the name says. Empty where the name holds no real time. */
    Optional<Instant> time(BackupKey key);

    /** What an artifact of this name has to be. */
    Layout layout(BackupKey key);

    /** Whether a planned backup may need just this name, so that nothing else may take it. */
    boolean isOnlyName(BackupKey key);

    /** Whether the name says that a plan made the backup. */
    boolean isAutomatic(BackupKey key);
}
