package dev.holdfast.endtoend.soak.stores;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/** Clients that send random requests about the disturbed databases, two for each. */
final class StoreTraffic implements AutoCloseable {
    private static final int CLIENTS = 2;
    private static final int MAX_PAUSE_MILLIS = 150;
    private static final int MANY_BACKUPS = 14;
    private static final int NAME_TO_SECONDS = "app_20261130_144733".length();

    private final StoreSite site;
    private final List<StoreRequests> requests;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger running = new AtomicInteger();
    private volatile boolean paused = true;
    private volatile boolean ended;

    /** A kind of request. */
    enum Request {
        BACKUP,
        RESTORE,
        DOWNLOAD,
        UPLOAD,
        VERIFICATION,
        DRILL,
        DELETE,
        PIN,
        UNPIN,
        LIST;

        private static final List<Request> DRAWN = List.of(
                BACKUP,
                BACKUP,
                BACKUP,
                LIST,
                LIST,
                LIST,
                LIST,
                RESTORE,
                DOWNLOAD,
                DOWNLOAD,
                UPLOAD,
                VERIFICATION,
                DRILL,
                DELETE,
                DELETE,
                PIN,
                UNPIN,
                PIN);
        /** Those that take long enough to be interrupted. */
        static final List<Request> LONG = List.of(BACKUP, RESTORE, DOWNLOAD, UPLOAD, VERIFICATION, DRILL, DELETE);
    }

    StoreTraffic(StoreSite site, List<StoreRequests> requests, Random seeds) {
        this.site = site;
        this.requests = requests;
        for (StoreRequests it : requests) {
            for (int i = 0; i < CLIENTS; i++) {
                long seed = seeds.nextLong();
                threads.add(Thread.ofVirtual().start(() -> work(it, new Random(seed))));
            }
        }
    }

    private void work(StoreRequests about, Random random) {
        while (!ended) {
            running.incrementAndGet();
            try {
                if (!paused && site.client() != null) {
                    List<Request> drawn = Request.DRAWN;
                    send(about, drawn.get(random.nextInt(drawn.size())), random);
                }
            } finally {
                running.decrementAndGet();
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(5, MAX_PAUSE_MILLIS)));
        }
    }

    /** Sends one request and waits for its answer. */
    void send(StoreRequests about, Request request, Random random) {
        List<String> names = new ArrayList<>(about.account().artifacts().keySet());
        String name = names.isEmpty() ? "" : names.get(random.nextInt(names.size()));
        if (name.isEmpty() && request != Request.BACKUP && request != Request.LIST) {
            return;
        }
        try {
            switch (request) {
                case BACKUP -> about.backUp();
                case RESTORE -> about.restore(name);
                case DOWNLOAD -> about.download(name);
                case UPLOAD -> about.upload(name);
                case VERIFICATION -> about.verify(name);
                case DRILL -> about.drill();
                case DELETE -> delete(about, random);
                case PIN -> about.pin(name, true);
                case UNPIN -> about.pin(name, false);
                case LIST -> about.list();
            }
        } catch (IOException e) {
            site.findings().note(about.name() + ": " + request + ": " + e);
        }
    }

    /**
     * Planned backups are left to retention, so that their number shows whether it keeps its promise. The backups of the
     * newest second stay: a new backup could take the name of a deleted one.
     */
    private static void delete(StoreRequests about, Random random) {
        List<String> names = new ArrayList<>();
        var artifacts = about.account().artifacts();
        String newest = artifacts.keySet().stream()
                .map(StoreTraffic::second)
                .max(String::compareTo)
                .orElse("");
        artifacts.forEach((name, known) -> {
            if (!known.isPlanned() && !second(name).equals(newest)) {
                names.add(name);
            }
        });
        int several = names.size() > MANY_BACKUPS ? 3 : 1;
        for (int i = 0; i < several && !names.isEmpty(); i++) {
            about.delete(names.remove(random.nextInt(names.size())));
        }
    }

    private static String second(String name) {
        return name.length() < NAME_TO_SECONDS ? name : name.substring(0, NAME_TO_SECONDS);
    }

    /** Begins one request in the background. */
    Thread begin(StoreRequests about, Request request, Random random) {
        return Thread.ofVirtual().start(() -> {
            running.incrementAndGet();
            try {
                send(about, request, random);
            } finally {
                running.decrementAndGet();
            }
        });
    }

    StoreRequests about(String database) {
        return requests.stream()
                .filter(it -> it.name().equals(database))
                .findFirst()
                .orElseThrow();
    }

    void resume() {
        paused = false;
    }

    /** Lets no further request begin and waits until those that run are answered. */
    void pause() {
        paused = true;
        long end = System.nanoTime() + 2 * StoreSite.ANSWER_BOUND.toNanos();
        while (running.get() > 0 && System.nanoTime() < end) {
            LockSupport.parkNanos(2_000_000);
        }
        if (running.get() > 0) {
            site.findings().report("a request gets no answer", running + " are still open");
        }
    }

    @Override
    public void close() {
        ended = true;
        threads.forEach(Thread::interrupt);
    }
}
