package dev.holdfast.application.backup;

import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which backups are being read, so that none is deleted under its reader. One for the whole server. */
final class Leases {
    private record Item(DatabaseName database, BackupKey key) {}

    private final Map<Item, Integer> readers = new HashMap<>();
    private final Set<Item> deleting = new HashSet<>();

    /** Closing it, more than once if need be, gives it back. */
    interface Lease extends AutoCloseable {
        @Override
        void close();
    }

    /** Empty while the backup is being deleted. */
    synchronized Optional<Lease> read(DatabaseName database, BackupKey key) {
        var item = new Item(database, key);
        if (deleting.contains(item)) {
            return Optional.empty();
        }
        readers.merge(item, 1, Integer::sum);
        return Optional.of(once(() -> endRead(item)));
    }

    /** Empty while somebody reads or deletes the backup. */
    synchronized Optional<Lease> delete(DatabaseName database, BackupKey key) {
        var item = new Item(database, key);
        if (readers.containsKey(item) || !deleting.add(item)) {
            return Optional.empty();
        }
        return Optional.of(once(() -> endDelete(item)));
    }

    /** Those of a database that somebody reads or deletes now. */
    synchronized Set<BackupKey> inUse(DatabaseName database) {
        return Stream.concat(readers.keySet().stream(), deleting.stream())
                .filter(it -> it.database().equals(database))
                .map(Item::key)
                .collect(Collectors.toSet());
    }

    private synchronized void endRead(Item item) {
        readers.computeIfPresent(item, (same, count) -> count == 1 ? null : count - 1);
    }

    private synchronized void endDelete(Item item) {
        deleting.remove(item);
    }

    private static Lease once(Runnable end) {
        var open = new AtomicBoolean(true);
        return () -> {
            if (open.compareAndSet(true, false)) {
                end.run();
            }
        };
    }
}
