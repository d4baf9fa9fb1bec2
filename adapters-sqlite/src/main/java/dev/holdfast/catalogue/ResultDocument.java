package dev.holdfast.catalogue;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.holdfast.domain.backup.Assessment;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.MainImage;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.backup.Suspicion;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.domain.plan.DrillOutcome;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Result} as JSON. Fields that are not known are passed over, so that a later version may add some without a
 * new {@code version}; a script of the schema brings documents to a new one.
 *
 * @param type {@code backup-made}, {@code uploaded}, {@code restored}, {@code verified}, {@code expired} or {@code drilled}; which of the
 *     other fields are set follows
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ResultDocument(
        int version,
        String type,
        @Nullable BackupNote backup,
        @Nullable String key,
        @Nullable String safety,
        @Nullable VerificationNote verification,
        @Nullable List<String> removed,
        @Nullable List<String> failed,
        @Nullable DrillOutcome outcome,
        @Nullable String text,
        @Nullable List<String> remarks,
        @Nullable String foreign) {
    static final int VERSION = 1;

    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    static String write(Result result) {
        try {
            return JSON.writeValueAsString(of(result));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a result that JSON cannot hold", e);
        }
    }

    /** @throws UnreadableRowException if it is not what any version up to this one writes */
    static Result read(String json) {
        try {
            return set("document", JSON.readValue(json, ResultDocument.class)).toResult();
        } catch (JsonProcessingException e) {
            throw new UnreadableRowException("result: " + e.getOriginalMessage(), e);
        }
    }

    private static ResultDocument of(Result result) {
        return switch (result) {
            case Result.BackupMade(Backup backup) ->
                new ResultDocument(
                        VERSION,
                        "backup-made",
                        BackupNote.of(backup),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null);
            case Result.Uploaded(Backup backup) ->
                new ResultDocument(
                        VERSION,
                        "uploaded",
                        BackupNote.of(backup),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null,
                        null);
            case Result.Restored(
                    BackupKey from,
                    Optional<BackupKey> safety,
                    List<String> remarks,
                    Optional<DatabaseName> foreign) ->
                new ResultDocument(
                        VERSION,
                        "restored",
                        null,
                        from.value(),
                        safety.map(BackupKey::value).orElse(null),
                        null,
                        null,
                        null,
                        null,
                        null,
                        remarks.isEmpty() ? null : remarks,
                        foreign.map(DatabaseName::value).orElse(null));
            case Result.Verified(BackupKey key, Verification verification) ->
                new ResultDocument(
                        VERSION,
                        "verified",
                        null,
                        key.value(),
                        null,
                        VerificationNote.of(verification),
                        null,
                        null,
                        null,
                        null,
                        null,
                        null);
            case Result.Expired(List<BackupKey> removed, List<BackupKey> failed) ->
                new ResultDocument(
                        VERSION,
                        "expired",
                        null,
                        null,
                        null,
                        null,
                        texts(removed),
                        texts(failed),
                        null,
                        null,
                        null,
                        null);
            case Result.Drilled(Optional<BackupKey> backup, DrillOutcome outcome, String text) ->
                new ResultDocument(
                        VERSION,
                        "drilled",
                        null,
                        backup.map(BackupKey::value).orElse(null),
                        null,
                        null,
                        null,
                        null,
                        outcome,
                        text,
                        null,
                        null);
        };
    }

    private static List<String> texts(List<BackupKey> keys) {
        return keys.stream().map(BackupKey::value).toList();
    }

    private static List<BackupKey> keys(List<String> texts) {
        return texts.stream().map(BackupKey::new).toList();
    }

    private Result toResult() {
        if (version != VERSION) {
            throw new UnreadableRowException("result version: " + version + " (expected: " + VERSION + ")");
        }
        return switch (set("type", type)) {
            case "backup-made" -> new Result.BackupMade(set("backup", backup).toBackup());
            case "uploaded" -> new Result.Uploaded(set("backup", backup).toBackup());
            case "restored" ->
                new Result.Restored(
                        new BackupKey(set("key", key)),
                        Optional.ofNullable(safety).map(BackupKey::new),
                        remarks == null ? List.of() : remarks,
                        Optional.ofNullable(foreign).map(DatabaseName::new));
            case "verified" ->
                new Result.Verified(
                        new BackupKey(set("key", key)),
                        set("verification", verification).toVerification());
            case "expired" -> new Result.Expired(keys(set("removed", removed)), keys(set("failed", failed)));
            case "drilled" ->
                new Result.Drilled(
                        Optional.ofNullable(key).map(BackupKey::new), set("outcome", outcome), set("text", text));
            default -> throw new UnreadableRowException("result type: " + type);
        };
    }

    private static <T> T set(String field, @Nullable T value) {
        if (value == null) {
            throw new UnreadableRowException("result: " + field + " is missing");
        }
        return value;
    }

    /** A backup as it was when the operation ended. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record BackupNote(
            String key,
            String database,
            long size,
            String createdAt,
            @Nullable String sha256,
            Origin origin,
            Layout layout,
            VerificationNote verification,
            boolean pinned,
            Map<String, String> labels,
            @Nullable String inconsistency,
            @Nullable ImageNote image,
            @Nullable AssessmentNote assessment) {
        static BackupNote of(Backup backup) {
            return new BackupNote(
                    backup.key().value(),
                    backup.database().value(),
                    backup.size(),
                    backup.createdAt().toString(),
                    backup.sha256().map(Sha256::hex).orElse(null),
                    backup.origin(),
                    backup.layout(),
                    VerificationNote.of(backup.verification()),
                    backup.pinned(),
                    backup.labels().values(),
                    backup.inconsistency().orElse(null),
                    backup.image().map(ImageNote::of).orElse(null),
                    backup.assessment().map(AssessmentNote::of).orElse(null));
        }

        Backup toBackup() {
            return new Backup(
                    new BackupKey(set("key", key)),
                    new DatabaseName(set("database", database)),
                    size,
                    Instant.parse(set("createdAt", createdAt)),
                    Optional.ofNullable(sha256).map(Sha256::new),
                    set("origin", origin),
                    set("layout", layout),
                    set("verification", verification).toVerification(),
                    pinned,
                    new Backup.Labels(set("labels", labels)),
                    Optional.ofNullable(inconsistency),
                    Optional.empty(),
                    Optional.ofNullable(image).map(ImageNote::toImage),
                    Optional.ofNullable(assessment).map(AssessmentNote::toAssessment));
        }
    }

    /** The main image of a backup. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ImageNote(long size, @Nullable Long changeCounter) {
        static ImageNote of(MainImage image) {
            return new ImageNote(image.size(), image.changeCounter().orElse(null));
        }

        MainImage toImage() {
            return new MainImage(size, Optional.ofNullable(changeCounter));
        }
    }

    /** The comparison of a backup with the ones before it. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record AssessmentNote(
            int era, @Nullable String restore, @Nullable SuspicionNote suspicion) {
        static AssessmentNote of(Assessment assessment) {
            return new AssessmentNote(
                    assessment.era(),
                    assessment.restore().map(OperationId::value).orElse(null),
                    assessment.suspicion().map(SuspicionNote::of).orElse(null));
        }

        Assessment toAssessment() {
            return new Assessment(
                    era,
                    Optional.ofNullable(restore).map(OperationId::new),
                    Optional.ofNullable(suspicion).map(SuspicionNote::toSuspicion));
        }
    }

    /** Why a backup is suspicious. */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record SuspicionNote(
            Suspicion.Kind kind,
            String since,
            boolean begins,
            boolean open,
            @Nullable Long usualSize,
            @Nullable Long changeCounter) {
        static SuspicionNote of(Suspicion suspicion) {
            return new SuspicionNote(
                    suspicion.kind(),
                    suspicion.since().toString(),
                    suspicion.begins(),
                    suspicion.open(),
                    suspicion.reference().size().orElse(null),
                    suspicion.reference().changeCounter().orElse(null));
        }

        Suspicion toSuspicion() {
            return new Suspicion(
                    set("kind", kind),
                    Instant.parse(set("since", since)),
                    begins,
                    open,
                    new Suspicion.Reference(Optional.ofNullable(usualSize), Optional.ofNullable(changeCounter)));
        }
    }

    /** @param state {@code unchecked}, {@code passed} or {@code corrupt} */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record VerificationNote(
            String state,
            @Nullable Depth depth,
            @Nullable String at,
            @Nullable String finding) {
        static VerificationNote of(Verification verification) {
            return switch (verification) {
                case Verification.Unchecked() -> new VerificationNote("unchecked", null, null, null);
                case Verification.Passed(Depth depth, Instant at, Optional<String> remark) ->
                    new VerificationNote("passed", depth, at.toString(), remark.orElse(null));
                case Verification.Corrupt(Depth depth, Instant at, String finding) ->
                    new VerificationNote("corrupt", depth, at.toString(), finding);
            };
        }

        Verification toVerification() {
            return switch (set("state", state)) {
                case "unchecked" -> new Verification.Unchecked();
                case "passed" ->
                    new Verification.Passed(
                            set("depth", depth), Instant.parse(set("at", at)), Optional.ofNullable(finding));
                case "corrupt" ->
                    new Verification.Corrupt(
                            set("depth", depth), Instant.parse(set("at", at)), set("finding", finding));
                default -> throw new UnreadableRowException("verification state: " + state);
            };
        }
    }
}
