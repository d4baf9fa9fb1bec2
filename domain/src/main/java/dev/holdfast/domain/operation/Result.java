package dev.holdfast.domain.operation;

import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.BackupKey;
import dev.holdfast.domain.backup.Verification;
import java.util.Optional;

/** What a succeeded operation has brought about. */
public sealed interface Result {
    /** The backup that the operation was about. */
    BackupKey about();

    record BackupMade(Backup backup) implements Result {
        @Override
        public BackupKey about() {
            return backup.key();
        }
    }

    /** @param safety holds what was there before; empty if there was nothing */
    record Restored(BackupKey from, Optional<BackupKey> safety) implements Result {
        @Override
        public BackupKey about() {
            return from;
        }
    }

    /** The check was made; what it found is in {@code verification}. */
    record Verified(BackupKey key, Verification verification) implements Result {
        @Override
        public BackupKey about() {
            return key;
        }
    }
}
