package dev.holdfast.grpc.message;

import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.grpc.v1.Backup;
import dev.holdfast.grpc.v1.Depth;
import dev.holdfast.grpc.v1.Layout;
import dev.holdfast.grpc.v1.Origin;
import dev.holdfast.grpc.v1.Suspicion;
import dev.holdfast.grpc.v1.Verification;

/** Backups as messages. */
public final class BackupMessages {
    private BackupMessages() {}

    public static Backup of(dev.holdfast.domain.backup.Backup backup) {
        Backup.Builder message = Backup.newBuilder()
                .setFilename(backup.key().value())
                .setDatabase(backup.database().value())
                .setSize(backup.size())
                .setCreatedAt(ProtoTimestamps.of(backup.createdAt()))
                .setOrigin(EnumNames.of(Origin.class, backup.origin()))
                .setLayout(EnumNames.of(Layout.class, backup.layout()))
                .setVerification(of(backup.verification()))
                .setPinned(backup.pinned())
                .putAllLabels(backup.labels().values());
        backup.sha256().map(Sha256::hex).ifPresent(message::setSha256);
        backup.suspicion()
                .ifPresent(it -> message.setSuspicion(Suspicion.newBuilder()
                        .setKind(EnumNames.of(Suspicion.Kind.class, it.kind()))
                        .setSince(ProtoTimestamps.of(it.since()))
                        .setText(backup.doubt().orElseThrow())));
        backup.inconsistency().ifPresent(message::setInconsistency);
        backup.foreign().map(DatabaseName::value).ifPresent(message::setForeign);
        return message.build();
    }

    static Verification of(dev.holdfast.domain.backup.Verification verification) {
        Verification.Builder message = Verification.newBuilder();
        switch (verification) {
            case dev.holdfast.domain.backup.Verification.Unchecked() ->
                message.setState(Verification.State.STATE_UNCHECKED);
            case dev.holdfast.domain.backup.Verification.Passed(var depth, var at, var remark) -> {
                message.setState(Verification.State.STATE_PASSED)
                        .setDepth(EnumNames.of(Depth.class, depth))
                        .setCheckedAt(ProtoTimestamps.of(at));
                remark.ifPresent(message::setFinding);
            }
            case dev.holdfast.domain.backup.Verification.Corrupt(var depth, var at, String finding) ->
                message.setState(Verification.State.STATE_CORRUPT)
                        .setDepth(EnumNames.of(Depth.class, depth))
                        .setCheckedAt(ProtoTimestamps.of(at))
                        .setFinding(finding);
        }
        return message.build();
    }
}
