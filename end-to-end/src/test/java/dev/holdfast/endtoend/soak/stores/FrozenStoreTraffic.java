package dev.holdfast.endtoend.soak.stores;

import dev.holdfast.endtoend.server.Client;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/** Clients that ask for everything and for each database, without end, and note how long each answer takes. */
final class FrozenStoreTraffic implements AutoCloseable {
    private static final int CLIENTS = 4;
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(40);
    private static final Duration ANSWER_BOUND = Duration.ofSeconds(20);

    private final URI address;
    private final Findings findings;
    private final List<Thread> threads;
    private final CallTimes others = new CallTimes();
    private final CallTimes frozen = new CallTimes();
    private final Map<String, String> filenames;
    private volatile boolean ended;

    /** @param filenames a backup of each database */
    FrozenStoreTraffic(URI address, Map<String, String> filenames, Findings findings, Random random) {
        this.address = address;
        this.filenames = Map.copyOf(filenames);
        this.findings = findings;
        List<Random> randoms = IntStream.range(0, CLIENTS)
                .mapToObj(_ -> new Random(random.nextLong()))
                .toList();
        threads = randoms.stream()
                .map(it -> Thread.ofVirtual().start(() -> callAll(it)))
                .toList();
    }

    /** The calls that ask nothing of the frozen store alone. */
    CallTimes others() {
        return others;
    }

    CallTimes frozen() {
        return frozen;
    }

    private interface Call {
        /** @return the answer; empty if it is no JSON */
        Optional<Client.Answer> send(Client client) throws Exception;
    }

    private static Call get(String path) {
        return it -> Optional.of(it.get(path));
    }

    private static Call begin(String path) {
        return it -> Optional.of(it.post(path, "Prefer", "respond-async"));
    }

    private static Call text(String path) {
        return it -> {
            it.text(path);
            return Optional.empty();
        };
    }

    /** Calls about one database, which do not wait for the operations that they begin. */
    private List<Call> calls(String database) {
        String query = "?database=" + database;
        String backup = "/api/v1/backup/" + filenames.get(database);
        return List.of(
                get("/api/v1/backup" + query),
                get(backup + query),
                get("/api/v1/backup/plan" + query),
                text(backup + "/download" + query),
                it -> Optional.of(it.delete("/api/v1/backup/app_19990101_000000.db" + query)),
                it -> Optional.of(
                        it.send("PATCH", backup + query, "{\"pinned\": false}", "Content-Type", "application/json")),
                begin(backup + "/verify" + query));
    }

    private static final List<Call> OF_ALL = List.of(
            get("/api/v1/databases"),
            get("/api/v1/operations"),
            text("/metrics"),
            get("/health/liveness"),
            get("/health/readiness"));

    private void callAll(Random random) {
        try (var client = new Client(address, ANSWER_BOUND)) {
            while (!ended) {
                boolean isFrozen = random.nextInt(4) == 0;
                String database = isFrozen
                        ? FrozenStoreSite.FROZEN
                        : FrozenStoreSite.OTHERS.get(random.nextInt(FrozenStoreSite.OTHERS.size()));
                List<Call> calls = new ArrayList<>(calls(database));
                if (!isFrozen) {
                    calls.addAll(OF_ALL);
                }
                if (random.nextInt(20) == 0) {
                    calls = List.of(begin("/api/v1/backup?database=" + database));
                }
                call(client, calls.get(random.nextInt(calls.size())), isFrozen ? frozen : others, database);
                LockSupport.parkNanos(PAUSE);
            }
        } catch (Exception e) {
            if (!ended) {
                findings.report(
                        "a call gets no answer",
                        e.toString().lines().findFirst().orElse(""));
            }
        }
    }

    private void call(Client client, Call call, CallTimes times, String database) throws Exception {
        long begin = System.nanoTime();
        Optional<Client.Answer> answer = call.send(client);
        times.add(System.nanoTime() - begin);
        answer.ifPresent(it -> judge(it, database));
    }

    private void judge(Client.Answer answer, String database) {
        String code = answer.text("code");
        if (answer.status() == 500 || code.equals("internal")) {
            findings.report("an answer is 500 or internal", database + ": " + answer.status());
        } else if (code.equals("store-unavailable") && !database.equals(FrozenStoreSite.FROZEN)) {
            findings.report("another database's store is called unavailable", database + ": " + answer.text());
        }
    }

    @Override
    public void close() {
        ended = true;
        try {
            for (Thread it : threads) {
                it.join(ANSWER_BOUND);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
