package dev.holdfast.application.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.store.StagedArtifact.Publication;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** Small backups for tests of stores. */
public final class BackupFixture {
    /** When they are made. With nanoseconds, which no store may lose. */
    public static final Instant NOON = Instant.parse("2026-04-13T12:00:00.123456789Z");

    private BackupFixture() {}

    /** Publishes {@code content} with a passed check. */
    public static Backup put(BackupStore store, BackupKey key, String content) {
        return put(store, key, content, UnaryOperator.identity());
    }

    /** @param note what else is to be said of the backup */
    public static Backup put(BackupStore store, BackupKey key, String content, UnaryOperator<Backup> note) {
        byte[] bytes = content.getBytes(UTF_8);
        try (StagedArtifact staged = store.stage(bytes.length)) {
            write(staged, bytes);
            staged.seal();
            Backup backup = note.apply(backup(key, bytes));
            assertThat(staged.publish(backup)).isEqualTo(new Publication.Published());
            return backup;
        }
    }

    /** A manual backup that has passed a check. */
    public static Backup with(Backup backup, Origin origin, Layout layout) {
        return new Backup(
                backup.key(),
                backup.database(),
                backup.size(),
                backup.createdAt(),
                backup.sha256(),
                origin,
                layout,
                backup.verification(),
                backup.pinned(),
                backup.labels());
    }

    public static Backup backup(BackupKey key, byte[] content) {
        return new Backup(
                key,
                DatabaseName.DEFAULT,
                content.length,
                NOON,
                Optional.of(sha256(content)),
                Origin.MANUAL,
                Layout.SQLITE,
                new Verification.Passed(Depth.QUICK, NOON),
                false,
                Backup.Labels.NONE);
    }

    /** The content from {@code offset} on; fails if there is none. */
    public static String read(BackupStore store, BackupKey key, long offset) throws IOException {
        try (InputStream in = store.open(key).orElseThrow().open(offset)) {
            return new String(in.readAllBytes(), UTF_8);
        }
    }

    /** Writes all of {@code content}, without sealing it. */
    public static void write(StagedArtifact staged, byte[] content) {
        try {
            staged.output().write(content);
        } catch (IOException e) {
            throw new AssertionError("a store's output throws problems only", e);
        }
    }

    public static Sha256 sha256(byte[] content) {
        try {
            return Sha256.of(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
