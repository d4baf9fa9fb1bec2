package dev.holdfast.endtoend.soak.stores;

import dev.holdfast.endtoend.server.Client;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Watches that the control database gets its due backups, and that the API answers, whatever happens to the others. */
final class ControlWatch implements AutoCloseable {
    /** How late a due backup may be on a busy machine. */
    static final Duration DUE_BOUND = Duration.ofSeconds(15);

    /** Several times what the design allows, for a busy machine. */
    private static final Duration ANSWER_BOUND = Duration.ofSeconds(5);

    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(100);

    private final StoreSite site;
    private final Thread thread;
    private volatile boolean ended;
    private volatile boolean due;
    private volatile int made;
    private Set<String> before = Set.of();
    private long served;

    ControlWatch(StoreSite site) {
        this.site = site;
        thread = Thread.ofVirtual().start(this::watch);
    }

    /** Immediately before the clock goes forward to a time at which a backup is due. */
    synchronized void expectBackup() throws IOException {
        before = new TreeSet<>(site.database("c").disk().artifacts().keySet());
        served = 0;
        due = true;
    }

    boolean isWaiting() {
        return due;
    }

    /** The number of due backups that were made in time. */
    int made() {
        return made;
    }

    private void watch() {
        int starts = 0;
        long tick = 0;
        while (!ended) {
            long begin = System.nanoTime();
            LockSupport.parkNanos(TICK);
            try {
                look();
                boolean isUp = site.client() != null && starts == site.starts();
                if (isUp && ++tick % 5 == 0) {
                    ask(starts);
                }
                synchronized (this) {
                    served = isUp ? served + System.nanoTime() - begin : 0;
                }
                starts = site.starts();
            } catch (IOException e) {
                site.findings().note("c: " + e);
            }
        }
    }

    private synchronized void look() throws IOException {
        if (!due) {
            return;
        }
        if (!before.containsAll(site.database("c").disk().artifacts().keySet())) {
            due = false;
            made++;
            site.findings().note("c: the due backup is made");
        } else if (served > site.scale(DUE_BOUND).toNanos()) {
            due = false;
            site.findings()
                    .report(
                            "a due backup of the control is late",
                            "not made within " + site.scale(DUE_BOUND).toSeconds() + " s in which the server ran; "
                                    + operations() + "; logged: " + site.lastWarnings());
        }
    }

    private String operations() {
        try (var client = new Client(site.address(), site.scale(ANSWER_BOUND))) {
            return client.get("/api/v1/operations?database=c&page_size=3").text();
        } catch (Exception e) {
            return e.toString();
        }
    }

    private void ask(int starts) {
        if (!site.isRunning() || site.client() == null) {
            return;
        }
        long begin = System.nanoTime();
        try {
            URI address = site.address();
            for (String path : new String[] {"/api/v1/databases", "/api/v1/backup?database=c"}) {
                try (var client = new Client(address, site.scale(ANSWER_BOUND))) {
                    int status = client.get(path).status();
                    if (status != 200) {
                        site.findings().report("the API does not answer 200 for the others", path + ": " + status);
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            if (starts == site.starts() && site.client() != null) {
                site.findings()
                        .report(
                                "the API does not answer in time",
                                e + " after " + (System.nanoTime() - begin) / 1_000_000 + " ms");
            }
        }
    }

    @Override
    public void close() {
        ended = true;
        thread.interrupt();
    }
}
