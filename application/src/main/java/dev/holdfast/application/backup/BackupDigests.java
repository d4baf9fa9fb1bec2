package dev.holdfast.application.backup;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiPredicate;

/**
 * What links name a backup by: the SHA-256 of its bytes, also where none is recorded. Such a backup is read for it, once for
 * each version. Safe for use by several threads.
 */
public final class BackupDigests {
    private static final int REMEMBERED = 1_000;

    private record Item(DatabaseName database, BackupKey key) {}

    private record Known(String version, Sha256 sha256) {}

    /** A backup with the digest of its bytes. */
    public record Digested(Backup backup, Sha256 sha256) {}

    private final FindBackup find;
    private final OpenBackup open;
    private final Map<Item, Known> known = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Item, Known> eldest) {
            return size() > REMEMBERED;
        }
    };

    public BackupDigests(FindBackup find, OpenBackup open) {
        this.find = find;
        this.open = open;
    }

    public Outcome<Digested> find(String database, String filename) {
        return find.find(database, filename)
                .then(backup -> backup.sha256().isPresent()
                        ? Outcome.done(new Digested(backup, backup.sha256().get()))
                        : open.open(database, filename).then(this::digested));
    }

    private Outcome<Digested> digested(OpenBackup.Opened opened) {
        return Outcome.attempt(() -> {
            try (opened) {
                return Outcome.done(new Digested(opened.backup(), of(opened)));
            }
        });
    }

    /** Opens a backup for which the condition holds; empty, with nothing open, if it does not. */
    public Outcome<Optional<OpenBackup.Opened>> open(
            String database, String filename, BiPredicate<Backup, Sha256> condition) {
        return open.open(database, filename)
                .then(opened -> Outcome.attempt(() -> {
                    boolean handedOver = false;
                    try {
                        handedOver = condition.test(opened.backup(), of(opened));
                        return Outcome.done(handedOver ? Optional.of(opened) : Optional.empty());
                    } finally {
                        if (!handedOver) {
                            opened.close();
                        }
                    }
                }));
    }

    private Sha256 of(OpenBackup.Opened opened) {
        return opened.backup().sha256().orElseGet(() -> read(opened));
    }

    private Sha256 read(OpenBackup.Opened opened) {
        var item = new Item(opened.backup().database(), opened.backup().key());
        String version = opened.artifact().version();
        Optional<Sha256> before = remembered(item, version);
        if (before.isPresent()) {
            return before.get();
        }
        Sha256 read = Integrity.digest(opened.artifact(), ProgressMonitor.UNWATCHED);
        remember(item, new Known(version, read));
        return read;
    }

    private synchronized Optional<Sha256> remembered(Item item, String version) {
        return Optional.ofNullable(known.get(item))
                .filter(it -> it.version().equals(version))
                .map(Known::sha256);
    }

    private synchronized void remember(Item item, Known digest) {
        known.put(item, digest);
    }
}
