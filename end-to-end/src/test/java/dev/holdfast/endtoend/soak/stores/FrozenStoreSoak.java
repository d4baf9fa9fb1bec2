package dev.holdfast.endtoend.soak.stores;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Eventually;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One store does not answer for two minutes while clients ask for everything. The other databases have to get each
 * backup that is due, and the API has to answer. Afterwards nothing of it is left in the server.
 */
final class FrozenStoreSoak {
    private static final int DEFAULT_SECONDS = 420;
    private static final Duration FROZEN = Duration.ofMinutes(2);
    /** What a round needs in addition: warming up, and the time until idle threads have ended. */
    private static final Duration AROUND = Duration.ofSeconds(150);

    private static final Duration DUE_BOUND = Duration.ofSeconds(10);
    private static final Duration READINESS_BOUND = Duration.ofSeconds(5);
    private static final Duration NOTICE_BOUND = Duration.ofSeconds(30);
    private static final Duration RECOVERY_BOUND = Duration.ofSeconds(30);
    private static final Duration REST_BOUND = Duration.ofMinutes(2);
    private static final double MILLIS_OF_99_PERCENT = 1000;
    private static final long TICK = TimeUnit.MILLISECONDS.toNanos(20);

    private final PrintStream out;
    private final Findings findings;
    private final Random random;

    private FrozenStoreSoak(PrintStream out, long seed) {
        this.out = out;
        this.findings = new Findings(out, seed);
        this.random = new Random(seed);
    }

    /** Arguments: {@code [--seconds N] [--seed S]}; ends with 1 if a promise was broken, also without a round. */
    public static void main(String[] arguments) throws Exception {
        long seconds = DEFAULT_SECONDS;
        long seed = 1;
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            switch (arguments[i]) {
                case "--seconds" -> seconds = Long.parseLong(arguments[i + 1]);
                case "--seed" -> seed = Long.parseLong(arguments[i + 1]);
                default -> throw new IllegalArgumentException(arguments[i]);
            }
        }
        var soak = new FrozenStoreSoak(System.out, seed);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        int rounds = 0;
        try (var site = new FrozenStoreSite()) {
            while (end - System.nanoTime() > FROZEN.plus(AROUND).toNanos()) {
                soak.findings.begin(++rounds, "a frozen store");
                soak.play(site);
                soak.findings.end();
            }
        }
        if (rounds == 0) {
            System.out.println(
                    "  a round takes up to " + FROZEN.plus(AROUND).toSeconds() + " s: --seconds allows none");
        }
        soak.findings.summarise();
        System.out.println("  " + rounds + " rounds, " + soak.findings.distinct() + " alarms");
        System.exit(soak.findings.distinct() == 0 ? 0 : 1);
    }

    private void play(FrozenStoreSite site) throws Exception {
        try (var client = new Client(site.server().address(), Duration.ofSeconds(20))) {
            Map<String, String> filenames = new HashMap<>();
            for (String name : FrozenStoreSite.ALL) {
                client.post("/api/v1/backup?database=" + name); // refused while a planned one is made
                filenames.put(
                        name,
                        Eventually.get(() -> client.filenames(name), it -> !it.isEmpty())
                                .getFirst());
            }
            try (var warm = new FrozenStoreTraffic(site.server().address(), filenames, findings, random)) {
                LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(15));
                findings.note("before: " + warm.others());
            }
            int[] before = rest(site);
            out.printf(Locale.ROOT, "  before: %d threads, %d descriptors%n", before[0], before[1]);
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(random.nextInt(20)));
            freeze(site, client, filenames);
            recover(client);
            awaitRest(site, before);
        }
    }

    private void freeze(FrozenStoreSite site, Client client, Map<String, String> filenames) throws Exception {
        while (site.webhook().more() > 0) {
            site.webhook().await();
        }
        try (var traffic = new FrozenStoreTraffic(site.server().address(), filenames, findings, random)) {
            Instant begin = Instant.now();
            long start = System.nanoTime();
            site.mount().freeze();
            findings.note("the store is frozen");
            requireWithin(READINESS_BOUND, "readiness is 503 and names the database", () -> {
                Client.Answer answer = client.get("/health/readiness");
                return answer.status() == 503 && answer.text().contains(FrozenStoreSite.FROZEN);
            });
            requireWithin(
                    NOTICE_BOUND,
                    "a notification of the hang is received",
                    () -> site.webhook().more() > 0
                            && site.webhook().await().body().contains("\"" + FrozenStoreSite.FROZEN + "\""));
            LockSupport.parkNanos(FROZEN.toNanos() - (System.nanoTime() - start));
            Instant end = Instant.now();
            site.mount().thaw();
            findings.note("the store answers again");
            out.println("  the other databases and the whole: " + traffic.others());
            out.println("  the frozen one: " + traffic.frozen());
            for (CallTimes times : List.of(traffic.others(), traffic.frozen())) {
                if (times.millis(0.99) >= MILLIS_OF_99_PERCENT) {
                    findings.report("one call of a hundred takes longer than a second", times.toString());
                }
            }
            requireDueBackups(site, begin, end);
        }
    }

    private void requireDueBackups(FrozenStoreSite site, Instant begin, Instant end) throws Exception {
        int due = 0;
        int made = 0;
        long minute = TimeUnit.MINUTES.toSeconds(1);
        long first = Math.ceilDiv(begin.toEpochMilli(), TimeUnit.MINUTES.toMillis(1)) * minute;
        for (Instant at = Instant.ofEpochSecond(first); at.plus(DUE_BOUND).isBefore(end); at = at.plusSeconds(minute)) {
            for (String name : FrozenStoreSite.OTHERS) {
                due++;
                Instant from = at;
                Instant to = at.plus(DUE_BOUND);
                if (site.written(name).stream().anyMatch(it -> !it.isBefore(from) && it.isBefore(to))) {
                    made++;
                } else {
                    findings.report("a due backup of another database is not made in time", name + ", due at " + at);
                }
            }
        }
        out.println("  " + made + " of " + due + " due backups were made within " + DUE_BOUND.toSeconds() + " s");
        if (due == 0) {
            findings.report("nothing was due", begin + " to " + end);
        }
    }

    private void recover(Client client) throws Exception {
        requireWithin(
                RECOVERY_BOUND,
                "the store answers again and its database is backed up",
                () -> client.post("/api/v1/backup?database=" + FrozenStoreSite.FROZEN)
                                .status()
                        == 200);
        requireWithin(
                RECOVERY_BOUND,
                "the store answers again and readiness is 200",
                () -> client.get("/health/readiness").status() == 200);
    }

    private void requireWithin(Duration bound, String promise, Callable<Boolean> condition) throws Exception {
        long begin = System.nanoTime();
        while (!holds(condition)) {
            if (System.nanoTime() - begin > bound.toNanos()) {
                findings.report("not within " + bound.toSeconds() + " s: " + promise, "it was waited for in vain");
                return;
            }
            LockSupport.parkNanos(TICK);
        }
        out.printf(Locale.ROOT, "  after %.2f s: %s%n", (System.nanoTime() - begin) / 1e9, promise);
    }

    /** A call without an answer shows that it does not hold yet. */
    private static boolean holds(Callable<Boolean> condition) throws Exception {
        try {
            return condition.call();
        } catch (IOException e) {
            return false;
        }
    }

    /** @return threads and descriptors once their numbers have not changed for some seconds */
    private static int[] rest(FrozenStoreSite site) {
        int[] numbers = {site.threads(), site.descriptors()};
        long since = System.nanoTime();
        long end = since + TimeUnit.SECONDS.toNanos(40);
        while (System.nanoTime() - since < TimeUnit.SECONDS.toNanos(5) && System.nanoTime() < end) {
            LockSupport.parkNanos(TICK);
            if (site.threads() != numbers[0] || site.descriptors() != numbers[1]) {
                numbers = new int[] {site.threads(), site.descriptors()};
                since = System.nanoTime();
            }
        }
        return numbers;
    }

    private void awaitRest(FrozenStoreSite site, int[] before) {
        long end = System.nanoTime() + REST_BOUND.toNanos();
        int threads = site.threads();
        int descriptors = site.descriptors();
        while ((threads > before[0] || descriptors > before[1]) && System.nanoTime() < end) {
            LockSupport.parkNanos(TICK);
            threads = site.threads();
            descriptors = site.descriptors();
        }
        out.printf(Locale.ROOT, "  afterwards: %d threads, %d descriptors%n", threads, descriptors);
        if (threads > before[0] || descriptors > before[1]) {
            findings.report(
                    "threads or descriptors are left",
                    "%d threads, %d descriptors; before %d and %d"
                            .formatted(threads, descriptors, before[0], before[1]));
        }
    }
}
