package dev.holdfast.rest.monitoring;

import dev.holdfast.application.overview.ListDatabases;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the sources and stores: after an operation has ended, otherwise once in {@link #REMEMBERED}, whoever asks how
 * often. One look at a time; whoever asks meanwhile does not wait, so a store that hangs takes one thread only.
 */
final class Inventory {
    static final Duration REMEMBERED = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(Inventory.class);

    private final ListDatabases list;
    private final Consumer<ListDatabases.Overview> found;
    private final InstantSource clock;
    private final ReentrantLock looking = new ReentrantLock();
    private volatile boolean outdated = true;
    private Instant lookedAt = Instant.EPOCH;

    Inventory(ListDatabases list, Consumer<ListDatabases.Overview> found, InstantSource clock) {
        this.list = list;
        this.found = found;
        this.clock = clock;
    }

    void outdate() {
        outdated = true;
    }

    void refresh() {
        if (!looking.tryLock()) {
            return;
        }
        try {
            Instant now = clock.instant();
            if (outdated || Duration.between(lookedAt, now).abs().compareTo(REMEMBERED) >= 0) {
                outdated = false; // first, so that what changes during the look is looked at again
                lookedAt = now;
                list.list().forEach(found);
            }
        } catch (RuntimeException e) {
            outdated = true;
            LOG.warn("What the databases are like cannot be measured", e);
        } finally {
            looking.unlock();
        }
    }
}
