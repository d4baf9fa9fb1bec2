package dev.holdfast.files;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.store.BackupStore;
import dev.holdfast.domain.database.DatabaseName;
import dev.holdfast.domain.naming.Naming;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Set;

/**
 * Keeps the backups of a database in a local directory.
 *
 * <p>Its fail points, in the order in which a backup's life passes them:
 *
 * <ul>
 *   <li>{@code store.part-created}: an empty temporary file is there
 *   <li>{@code store.half-written}: it holds the first bytes, not durable
 *   <li>{@code store.sealed}: it holds all bytes, durable
 *   <li>{@code store.meta-part-written}: new metadata is durable under a temporary name
 *   <li>{@code store.meta-renamed}: and has its own name, not durable
 *   <li>{@code store.meta-written}: the metadata of a new artifact is durable, the artifact has no name yet
 *   <li>{@code store.linked}: the artifact is visible, not durable
 *   <li>{@code store.published}: and durable
 *   <li>{@code store.updated}: changed metadata is durable
 *   <li>{@code store.artifact-removed}: a deleted artifact is gone, not durably
 *   <li>{@code store.removal-synced}: and durably, its metadata is still there
 *   <li>{@code store.meta-removed}: its metadata is gone too, not durably
 *   <li>{@code store.deleted}: all is gone, durably
 * </ul>
 */
public final class LocalStore {
    private LocalStore() {}

    /**
     * The store in {@code directory}, which no other store may use. Touches nothing yet.
     *
     * @param directory made when the first backup is
     * @param server tells this server's unfinished files and claims from another's: 1 to 64 letters and digits, the same
     *     at every start
     * @param database whose backups are here. A backup whose metadata names another one is listed as foreign
     * @param naming tells which of the files that somebody put there are backups
     * @param notBackups the source's own files, which may lie in the same directory: neither listed nor opened
     */
    public static BackupStore in(
            Path directory,
            String server,
            DatabaseName database,
            Naming naming,
            Set<Path> notBackups,
            InstantSource clock,
            FailPoints failPoints) {
        return DirectoryStore.in(
                directory, server, database, naming, notBackups, clock, failPoints, DirectoryStore.HARD_LINK);
    }
}
