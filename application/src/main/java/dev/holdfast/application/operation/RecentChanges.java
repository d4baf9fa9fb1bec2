package dev.holdfast.application.operation;

import dev.holdfast.application.operation.Operations.Change;
import dev.holdfast.application.operation.Operations.Changes;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.identity.OperationId;
import dev.holdfast.domain.operation.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The latest change of each operation that runs or ended lately, in the order of the changes. What somebody has not
 * fetched yet is not queued for him: a later change of the same operation takes the place of the earlier one, so that
 * the slowest of all watchers costs nothing.
 */
final class RecentChanges {
    /** So many ended operations can be missed by a watcher that is away, and still be told of. */
    static final int ENDED_KEPT = 256;

    private static final Pattern POSITION = Pattern.compile("([0-9a-f]{1,16})-(\\d{1,18})");

    private final String run;
    private final ReentrantLock lock = new ReentrantLock();

    // All guarded by the lock.
    private final LinkedHashMap<OperationId, Entry> latest = new LinkedHashMap<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private long version;
    private long forgotten;
    private int ended;

    private record Entry(long version, Operation operation) {}

    /** Its own condition, so that nobody is woken by what does not concern him. */
    private record Waiter(Optional<DatabaseName> database, Condition changed) {}

    /** @param startedMillis tells positions of this run of the server from those of another */
    RecentChanges(long startedMillis) {
        this.run = Long.toHexString(startedMillis);
    }

    void add(Operation operation) {
        lock.lock();
        try {
            latest.remove(operation.id()); // so that it goes to the end
            latest.put(operation.id(), new Entry(++version, operation));
            if (operation.state().isFinal() && ++ended > ENDED_KEPT) {
                forgetTheOldestEnded();
            }
            for (Waiter waiter : waiters) {
                if (concerns(waiter.database(), operation)) {
                    waiter.changed().signal();
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void forgetTheOldestEnded() {
        for (Iterator<Entry> all = latest.values().iterator(); all.hasNext(); ) {
            Entry entry = all.next();
            if (entry.operation().state().isFinal()) {
                forgotten = entry.version();
                ended--;
                all.remove();
                return;
            }
        }
    }

    /** As {@link Operations#awaitChanges}. */
    Changes await(Optional<DatabaseName> database, String position, Duration atMost) throws InterruptedException {
        long left = atMost.toNanos();
        lock.lockInterruptibly();
        Waiter waiter = new Waiter(database, lock.newCondition());
        try {
            waiters.add(waiter);
            OptionalLong from = parse(position);
            while (from.isPresent() && from.getAsLong() >= forgotten) {
                List<Change> found = behind(from.getAsLong(), database);
                if (!found.isEmpty() || left <= 0) {
                    return new Changes(false, found, position(version));
                }
                from = OptionalLong.of(version);
                left = waiter.changed().awaitNanos(left);
            }
            return new Changes(true, running(database), position(version));
        } finally {
            waiters.remove(waiter);
            lock.unlock();
        }
    }

    private OptionalLong parse(String position) {
        Matcher matcher = POSITION.matcher(position);
        if (!matcher.matches() || !matcher.group(1).equals(run)) {
            return OptionalLong.empty();
        }
        long at = Long.parseLong(matcher.group(2));
        return at <= version ? OptionalLong.of(at) : OptionalLong.empty();
    }

    /** Looks at the new ones only: it begins at the end. */
    private List<Change> behind(long from, Optional<DatabaseName> database) {
        return latest.sequencedValues().reversed().stream()
                .takeWhile(it -> it.version() > from)
                .filter(it -> concerns(database, it.operation()))
                .map(this::change)
                .toList()
                .reversed();
    }

    private List<Change> running(Optional<DatabaseName> database) {
        return latest.values().stream()
                .filter(it -> !it.operation().state().isFinal() && concerns(database, it.operation()))
                .map(this::change)
                .toList();
    }

    private static boolean concerns(Optional<DatabaseName> database, Operation operation) {
        return database.isEmpty() || database.get().equals(operation.database());
    }

    private Change change(Entry entry) {
        return new Change(position(entry.version()), entry.operation());
    }

    private String position(long at) {
        return run + "-" + at;
    }
}
