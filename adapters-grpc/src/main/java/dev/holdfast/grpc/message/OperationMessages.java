package dev.holdfast.grpc.message;

import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Pace;
import dev.holdfast.domain.operation.Result;
import dev.holdfast.grpc.v1.DrillOutcome;
import dev.holdfast.grpc.v1.Drilled;
import dev.holdfast.grpc.v1.Expired;
import dev.holdfast.grpc.v1.Operation;
import dev.holdfast.grpc.v1.OperationError;
import dev.holdfast.grpc.v1.OperationKind;
import dev.holdfast.grpc.v1.OperationResult;
import dev.holdfast.grpc.v1.OperationState;
import dev.holdfast.grpc.v1.Phase;
import dev.holdfast.grpc.v1.Progress;
import dev.holdfast.grpc.v1.Restored;
import dev.holdfast.grpc.v1.Verified;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Operations and what they brought about as messages. */
public final class OperationMessages {
    private OperationMessages() {}

    /** @param now for the speed of what still runs */
    public static Operation of(dev.holdfast.domain.operation.Operation operation, Instant now) {
        Operation.Builder message = Operation.newBuilder()
                .setId(operation.id().value())
                .setKind(EnumNames.of(OperationKind.class, operation.kind()))
                .setDatabase(operation.database().value())
                .setState(EnumNames.of(OperationState.class, operation.state()))
                .setPhase(EnumNames.of(Phase.class, operation.phase()))
                .setProgress(progress(operation, now))
                .setRequestedBy(operation.requestedBy())
                .setCancelRequested(operation.cancelRequested())
                .setStartedAt(ProtoTimestamps.of(operation.startedAt()))
                .setRevision(operation.revision());
        operation.subject().map(BackupKey::value).ifPresent(message::setFilename);
        operation.finishedAt().map(ProtoTimestamps::of).ifPresent(message::setFinishedAt);
        operation.waitingFor().ifPresent(message::setWaitingFor);
        operation.result().map(it -> result(operation.database(), it)).ifPresent(message::setResult);
        operation
                .failure()
                .map(it -> OperationError.newBuilder()
                        .setCode(it.code())
                        .setDetail(it.detail())
                        .build())
                .ifPresent(message::setError);
        return message.build();
    }

    private static Progress progress(dev.holdfast.domain.operation.Operation operation, Instant now) {
        Progress.Builder message = Progress.newBuilder()
                .setBytesDone(operation.progress().done())
                .setBytesTotal(operation.progress().total());
        Pace.of(operation, now).ifPresent(pace -> {
            message.setBytesPerSecond(pace.bytesPerSecond());
            pace.secondsLeft().ifPresent(it -> message.setTimeLeft(ProtoTimestamps.of(Duration.ofSeconds(it))));
        });
        return message.build();
    }

    /** The same message whether the call waited or not. */
    public static OperationResult result(DatabaseName database, Result result) {
        OperationResult.Builder message = OperationResult.newBuilder();
        return switch (result) {
            case Result.BackupMade(var backup) ->
                message.setBackup(BackupMessages.of(backup)).build();
            case Result.Uploaded(var backup) ->
                message.setUploaded(BackupMessages.of(backup)).build();
            case Result.Restored restored ->
                message.setRestored(restored(database, restored)).build();
            case Result.Verified verified ->
                message.setVerified(Verified.newBuilder()
                                .setDatabase(database.value())
                                .setFilename(verified.key().value())
                                .setVerification(BackupMessages.of(verified.verification())))
                        .build();
            case Result.Expired expired ->
                message.setExpired(Expired.newBuilder()
                                .setDatabase(database.value())
                                .addAllRemoved(names(expired.removed()))
                                .addAllFailed(names(expired.failed())))
                        .build();
            case Result.Drilled drilled ->
                message.setDrilled(drilled(database, drilled)).build();
        };
    }

    private static Restored restored(DatabaseName database, Result.Restored restored) {
        Restored.Builder message = Restored.newBuilder()
                .setDatabase(database.value())
                .setRestoredFrom(restored.from().value())
                .addAllRemarks(restored.remarks());
        restored.safety().map(BackupKey::value).ifPresent(message::setSafetyBackup);
        restored.foreign().map(DatabaseName::value).ifPresent(message::setForeign);
        return message.build();
    }

    private static Drilled drilled(DatabaseName database, Result.Drilled drilled) {
        Drilled.Builder message = Drilled.newBuilder()
                .setDatabase(database.value())
                .setOutcome(EnumNames.of(DrillOutcome.class, drilled.outcome()))
                .setText(drilled.text());
        drilled.backup().map(BackupKey::value).ifPresent(message::setFilename);
        return message.build();
    }

    private static List<String> names(List<BackupKey> keys) {
        return keys.stream().map(BackupKey::value).toList();
    }
}
