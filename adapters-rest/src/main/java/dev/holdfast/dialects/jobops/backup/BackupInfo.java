package dev.holdfast.dialects.jobops.backup;

import dev.holdfast.dialects.jobops.JobOpsResponses;
import dev.holdfast.dialects.jobops.Tree;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.profile.Naming;
import dev.holdfast.domain.profile.ParsedName;
import io.micronaut.json.tree.JsonNode;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;

/**
 * A backup as JobOps tells of it.
 *
 * @param createdAt as the name has it, whenever the file was made
 */
record BackupInfo(String filename, boolean automatic, long size, Instant createdAt) {
    /** Of equal times the one with the higher number first, which was made last. */
    static final Comparator<BackupInfo> NEWEST_FIRST = Comparator.comparing(BackupInfo::createdAt)
            .thenComparing(it -> it.filename().length())
            .thenComparing(BackupInfo::filename)
            .reversed();

    /** Empty for a file whose name is not of JobOps' form, or holds no real time. */
    static Optional<BackupInfo> of(Backup backup, Naming naming) {
        return naming.parse(backup.key().value()) instanceof ParsedName.Valid(var key)
                ? naming.time(key).map(at -> new BackupInfo(key.value(), naming.isAutomatic(key), backup.size(), at))
                : Optional.empty();
    }

    JsonNode tree() {
        return new Tree()
                .put("filename", filename)
                .put("type", automatic ? "auto" : "manual")
                .put("size", size)
                .put("createdAt", JobOpsResponses.instant(createdAt))
                .node();
    }
}
