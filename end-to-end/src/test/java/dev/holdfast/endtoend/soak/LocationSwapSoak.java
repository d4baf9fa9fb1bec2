package dev.holdfast.endtoend.soak;

import dev.holdfast.endtoend.soak.PathSwap.Undo;
import dev.holdfast.endtoend.soak.PathSwap.Way;
import dev.holdfast.endtoend.soak.PathSwap.What;
import dev.holdfast.endtoend.soak.Soak.Verdict;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * A user of two databases exchanges their paths for ways to the catalogue and to another database, and back, while clients
 * back up, restore and drill. Half of the exchanges begin within an operation. Each round is one exchange.
 */
final class LocationSwapSoak {
    private static final long NANOS_BETWEEN_LOOKS = TimeUnit.SECONDS.toNanos(10);
    private static final long MOST_TO_AWAIT = TimeUnit.SECONDS.toNanos(5);
    /** Each exchange of this number begins while no operation is under way. */
    private static final int BEFORE_OPERATION = 8;

    /** Each exchange of this number stays until an operation has begun and ended. */
    private static final int OPERATION_WITHIN = 10;

    private static final long TICK = 50_000;
    private static final int MAX_DELAY = (int) TimeUnit.MILLISECONDS.toNanos(30);

    private final SwapSite site;
    private final Random random;
    private final PrintStream out;
    private final List<PathSwap> chosen;
    private final Map<String, Integer> swaps = new TreeMap<>();
    private final Map<String, Integer> answers = new ConcurrentSkipListMap<>();
    private final Map<String, Integer> alarms = new LinkedHashMap<>();
    private int rounds;
    private int within;

    private LocationSwapSoak(SwapSite site, Soak.Settings settings) {
        this.site = site;
        this.random = new Random(settings.seed());
        this.out = settings.out();
        this.chosen =
                all().stream().filter(it -> settings.isChosen(it.toString())).toList();
    }

    static Verdict run(Soak.Settings settings) throws Exception {
        try (var site = new SwapSite()) {
            var soak = new LocationSwapSoak(site, settings);
            long end = System.nanoTime() + settings.duration().toNanos();
            while (!soak.chosen.isEmpty() && System.nanoTime() < end) {
                try {
                    soak.play(Math.min(end, System.nanoTime() + NANOS_BETWEEN_LOOKS));
                } catch (IOException e) {
                    soak.report("the soak cannot go on: " + e.getMessage());
                    break;
                }
            }
            soak.summarise();
            return new Verdict(soak.rounds, soak.alarms.size());
        }
    }

    private List<PathSwap> all() {
        List<PathSwap> all = new ArrayList<>();
        for (Way way : Way.values()) {
            for (What what : What.values()) {
                if (what == What.FILE || what == What.FOLDER || what == What.SIDECAR) {
                    all.add(new PathSwap(site, "app", what, way, random));
                }
                all.add(new PathSwap(site, "pb", what, way, random));
            }
        }
        return all;
    }

    private void play(long until) throws Exception {
        site.write();
        boolean open = random.nextBoolean();
        try (Sqlite _ = open ? Sqlite.open(site.folder("app").resolve(SwapSite.MAIN)) : null;
                var traffic = new SwapTraffic(site, answers, random, this::report)) {
            while (System.nanoTime() < until) {
                PathSwap swap = chosen.get(random.nextInt(chosen.size()));
                // To take the WAL of a program from it would spoil its database, whatever the server does.
                if (!open || !swap.isOf("app", What.SIDECAR)) {
                    swap(swap, traffic);
                }
            }
        }
        site.findings().forEach(this::report);
        out.println("  " + rounds + " exchanges, " + within + " within an operation, " + alarms.size() + " alarms");
    }

    private void swap(PathSwap swap, SwapTraffic traffic) throws Exception {
        boolean between = swap.isHardLinkOfSidecar();
        if (!between && rounds % 2 == 0) {
            await(() -> traffic.isUnderWay(swap.database()));
            LockSupport.parkNanos(random.nextInt(MAX_DELAY));
        } else if (!between && rounds % BEFORE_OPERATION == 1) {
            await(() -> !traffic.isUnderWay(swap.database()));
        }
        if (!between && traffic.isUnderWay(swap.database())) {
            within++;
        }
        Undo undo = between ? traffic.between(swap) : swap.swap();
        try {
            if (between || rounds % OPERATION_WITHIN == 0) {
                int begun = traffic.begun(swap.database());
                await(() -> traffic.begun(swap.database()) > begun + 1);
            }
            LockSupport.parkNanos(random.nextInt(MAX_DELAY));
        } finally {
            undo.run();
        }
        rounds++;
        swaps.merge(swap.toString(), 1, Integer::sum);
    }

    private static void await(BooleanSupplier condition) {
        long end = System.nanoTime() + MOST_TO_AWAIT;
        while (!condition.getAsBoolean() && System.nanoTime() < end) {
            LockSupport.parkNanos(TICK);
        }
    }

    private synchronized void report(String alarm) {
        if (alarms.merge(alarm, 1, Integer::sum) == 1) {
            out.println("! after " + rounds + " exchanges: " + alarm);
        }
    }

    private void summarise() {
        swaps.forEach((swap, times) -> out.println("  " + swap + ": " + times));
        answers.forEach((answer, times) -> out.println("  " + answer + ": " + times));
        if (rounds > 1 && within < rounds / 2) {
            report("fewer than half of the exchanges began within an operation");
        }
        if (answers.keySet().stream().noneMatch(it -> it.endsWith("source-not-accessible"))) {
            report("no operation met a path that leads elsewhere");
        }
        for (String must : List.of("backup of app", "restore of app", "backup of pb", "restore of pb")) {
            if (!answers.containsKey(must + ": done")) {
                report("none came to its end: " + must);
            }
        }
        alarms.forEach((alarm, times) -> out.println("alarm (" + times + "): " + alarm));
    }
}
