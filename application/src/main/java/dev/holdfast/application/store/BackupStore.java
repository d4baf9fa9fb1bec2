package dev.holdfast.application.store;

import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.identity.BackupKey;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Where the artifacts of one database lie: a directory, a bucket's prefix. The store alone knows all that is to be
 * known of a backup. {@code BackupStoreContract} checks every promise made here. Safe for use by several threads.
 *
 * <p>{@link Backup#database} of all that it returns is the database that the store is registered for. One whose metadata
 * names another database is {@link Backup#foreign}, and stays so through each change.
 *
 * <p>Every method throws {@link dev.holdfast.domain.problem.ProblemException} with {@code StoreUnavailable} when the
 * store does not answer or refuses, and with {@code InsufficientStorage} when it is full.
 */
public interface BackupStore {
    /**
     * Begins a new artifact that nobody sees yet.
     *
     * @param expectedSize in bytes; checked against the free space before anything is written. Where more comes, as after 0 for
     *     what nobody knows, the store stops it with {@code InsufficientStorage} before its disk is full, if it has one
     */
    StagedArtifact stage(long expectedSize);

    /** Every backup in the store that is whole, newest first; never one that is being staged. */
    List<Backup> list();

    /**
     * When the artifacts of {@link #list} were last written, by the store's clock; a store that has no such times answers
     * with those of the backups.
     */
    default Map<BackupKey, Instant> modificationTimes() {
        return list().stream().collect(Collectors.toMap(Backup::key, Backup::createdAt));
    }

    Optional<Backup> find(BackupKey key);

    /** The artifact's bytes, or empty if the store answered that there is no such key. */
    Optional<Artifact> open(BackupKey key);

    /**
     * Changes what is noted of a backup; the artifact stays as it is. All or nothing, also when the process dies.
     *
     * @param change must keep key, size, database and what is said of another database
     * @return the backup as it is noted now, or empty if there is no such key
     */
    Optional<Backup> update(BackupKey key, UnaryOperator<Backup> change);

    /**
     * Deletes the backup if {@code condition} holds for it as it is now. No update or deletion of the same backup, by
     * this server, comes between the condition and the deletion.
     *
     * @param condition may read the store; must not change it
     */
    Deletion delete(BackupKey key, Predicate<Backup> condition);

    /**
     * Deletes the backup whatever is recorded of it.
     *
     * @return whether it was there
     */
    default boolean delete(BackupKey key) {
        return delete(key, _ -> true) instanceof Deletion.Deleted;
    }

    /** The result of a conditional deletion. */
    sealed interface Deletion {
        /** The key is absent, also after a power cut. */
        record Deleted() implements Deletion {}

        /** There was no such key. */
        record Absent() implements Deletion {}

        /** The condition did not hold, and nothing has changed. */
        record Retained(Backup backup) implements Deletion {}
    }

    /** For {@link #claim}. */
    String CLAIM = "[a-zA-Z0-9-]{1,100}";

    /**
     * Settles which of several servers that write to the same place does a thing that is to be done once.
     *
     * @param run names the thing, of the form {@link #CLAIM}; later ones have greater names
     * @return whether it is this server, which then stays so
     */
    boolean claim(String run);

    /**
     * Removes what this server left half-made when it was killed, and another one's only if that is long gone. To be
     * called before the first use.
     */
    void sweep();

    /** Throws unless a new artifact could be written now. Writes and removes a few bytes. */
    void probe();
}
