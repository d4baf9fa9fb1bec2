package dev.holdfast.rest.v1.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.backup.Suspicion;
import dev.holdfast.domain.identity.DatabaseName;
import io.micronaut.serde.annotation.Serdeable;
import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

@Serdeable
@JsonInclude(JsonInclude.Include.ALWAYS)
@JsonPropertyOrder({
    "filename",
    "size",
    "created_at",
    "database",
    "sha256",
    "origin",
    "layout",
    "verification",
    "pinned",
    "labels",
    "suspicion",
    "inconsistency",
    "foreign"
})
@Schema(name = "Backup", description = "A backup and what is known about it.")
public record BackupJson(
        @Schema(example = "app_20260413_142530.db") String filename,

        @Schema(description = "In bytes.", example = "5242880")
        long size,

        @Schema(name = "created_at", description = "UTC, without offset.", example = "2026-04-13T14:25:30.000000")
        @JsonProperty("created_at")
        String createdAt,

        @Schema(description = "The database whose store has it.", example = "default")
        String database,

        @Schema(description = "Of the artifact's bytes; null for a file that nobody has verified yet.") @Nullable
        String sha256,

        @Schema(pattern = "manual|automatic|uploaded|safety|external")
        String origin,

        @Schema(pattern = "sqlite|pocketbase_zip|dispatcharr_zip|dispatcharr_tar_gz")
        String layout,

        VerificationJson verification,
        boolean pinned,
        Map<String, String> labels,

        @Schema(
                description =
                        "Why the backup does not look like the ones before it; absent if it does, and after an admin has "
                                + "accepted it. A suspicious backup is a faithful copy, but does not count as good.")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        SuspicionJson suspicion,

        @Schema(
                description =
                        "Why its parts are not from one moment; absent if they are. Such a backup is not good, and"
                                + " a restore of it is refused unless the caller insists.")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        String inconsistency,

        @Schema(
                description = "The other database that the backup was made of, by its metadata; absent for one of this"
                        + " database. A foreign backup counts for no rule of retention, is never expired, is not"
                        + " good, and a restore of it is refused unless the caller insists.",
                example = "shop")
        @JsonInclude(JsonInclude.Include.NON_NULL)
        @Nullable
        String foreign) {
    public static BackupJson of(Backup backup) {
        return new BackupJson(
                backup.key().value(),
                backup.size(),
                JsonTimestamps.created(backup.createdAt()),
                backup.database().value(),
                backup.sha256().map(Sha256::hex).orElse(null),
                Ids.of(backup.origin()),
                Ids.of(backup.layout()),
                VerificationJson.of(backup.verification()),
                backup.pinned(),
                new TreeMap<>(backup.labels().values()),
                backup.suspicion().map(it -> SuspicionJson.of(backup, it)).orElse(null),
                backup.inconsistency().orElse(null),
                backup.foreign().map(DatabaseName::value).orElse(null));
    }

    @Serdeable
    @JsonPropertyOrder({"kind", "since", "text"})
    @Schema(name = "Suspicion")
    record SuspicionJson(
            @Schema(
                    pattern = "empty|smaller|older",
                    description =
                            "`empty`: the database file has 0 bytes. `smaller`: its image has less than a tenth of the "
                                    + "usual size. `older`: its change counter is below that of the backup before.")
            String kind,

            @Schema(description = "When the pause of retention began that the backup belongs to.")
            String since,

            String text) {
        static SuspicionJson of(Backup backup, Suspicion suspicion) {
            return new SuspicionJson(
                    Ids.of(suspicion.kind()),
                    JsonTimestamps.rfc3339(suspicion.since()),
                    backup.doubt().orElseThrow());
        }
    }
}
