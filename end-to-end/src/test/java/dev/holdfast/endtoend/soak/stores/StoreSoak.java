package dev.holdfast.endtoend.soak.stores;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.soak.stores.StoreSite.Database;
import java.io.IOException;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Databases whose stores are exchanged, unmounted, frozen and remounted at random under requests of all kinds. After each
 * round the disks are back at their places, the server has to work by itself, and each disk is compared with its account.
 */
final class StoreSoak implements AutoCloseable {
    private static final int DEFAULT_SECONDS = 1200;
    private static final Duration RECOVERY_BOUND = Duration.ofSeconds(30);
    private static final long NANOS_BETWEEN_REPORTS = TimeUnit.SECONDS.toNanos(60);

    private final Findings findings;
    private final PrintStream out;
    private final Random random;
    private final double pace;
    private final Map<Disturbance, Integer> played = new EnumMap<>(Disturbance.class);
    private @Nullable Stage stage;
    private int rounds;
    private int dueBackups;
    private long lastReport = System.nanoTime();

    private StoreSoak(PrintStream out, long seed, double pace) {
        this.out = out;
        this.findings = new Findings(out, seed);
        this.random = new Random(seed);
        this.pace = pace;
    }

    /** What was played, and how many different promises were broken. */
    record Result(int rounds, int alarms, int dueBackups) {}

    /** A server with its disks, made again when a round leaves it unusable. */
    private record Stage(StoreSite site, List<StoreRequests> requests, List<StoreJudge> judges, ControlWatch control)
            implements AutoCloseable {
        static Stage create(Findings findings) throws Exception {
            StoreSite site = StoreSite.create(findings);
            return new Stage(
                    site,
                    site.disturbed().stream()
                            .map(it -> new StoreRequests(site, it))
                            .toList(),
                    site.databases().stream()
                            .map(it -> new StoreJudge(it, findings))
                            .toList(),
                    new ControlWatch(site));
        }

        @Override
        public void close() {
            control.close();
            site.close();
        }
    }

    /** Plays each of the given disturbances once, with short pauses. */
    static Result sample(long seed, List<Disturbance> disturbances, PrintStream out) throws Exception {
        try (var soak = new StoreSoak(out, seed, 0.4)) {
            for (Disturbance it : disturbances) {
                soak.play(it);
            }
            return soak.result();
        }
    }

    /** Arguments: {@code [--seconds N] [--seed S] [--only TEXT]}; ends with 1 if a promise was broken. */
    public static void main(String[] arguments) throws Exception {
        long seconds = DEFAULT_SECONDS;
        long seed = 1;
        String only = "";
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            switch (arguments[i]) {
                case "--seconds" -> seconds = Long.parseLong(arguments[i + 1]);
                case "--seed" -> seed = Long.parseLong(arguments[i + 1]);
                case "--only" -> only = arguments[i + 1];
                default -> throw new IllegalArgumentException(arguments[i]);
            }
        }
        String part = only;
        List<Disturbance> chosen = new ArrayList<>(Arrays.stream(Disturbance.values())
                .filter(it -> it.toString().contains(part))
                .toList());
        Result result;
        PrintStream out = System.out;
        try (var soak = new StoreSoak(out, seed, 1)) {
            soak.stage(); // a first start prepares later ones, which is no part of the soak
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
            while (System.nanoTime() < end && !chosen.isEmpty()) {
                Collections.shuffle(chosen, soak.random);
                for (Disturbance it : chosen) {
                    if (System.nanoTime() < end) {
                        soak.play(it);
                    }
                }
            }
            soak.summarise();
            result = soak.result();
        }
        System.out.println("  " + result.rounds() + " rounds, " + result.alarms() + " alarms");
        System.exit(result.alarms() == 0 ? 0 : 1);
    }

    private Result result() {
        return new Result(rounds, findings.distinct(), dueBackups);
    }

    private void summarise() {
        played.forEach((disturbance, times) -> out.println("  " + disturbance + ": " + times));
        out.println("  " + dueBackups + " due backups of the control were made in time");
        findings.summarise();
    }

    private void play(Disturbance disturbance) throws Exception {
        rounds++;
        played.merge(disturbance, 1, Integer::sum);
        findings.begin(rounds, disturbance.toString());
        Stage present = stage();
        int made = present.control().made();
        boolean usable = true;
        try (var traffic = new StoreTraffic(present.site(), present.requests(), random)) {
            var round = new DisturbedRound(present.site(), traffic, present.control(), random, pace);
            traffic.resume();
            round.play(disturbance);
            round.settle();
            usable = recover(present);
            round.settle();
            if (usable) {
                for (StoreJudge judge : present.judges()) {
                    judge.judge(present.site().requireClient());
                }
            }
        } catch (Exception e) {
            findings.report("a round did not come to its end", e.toString());
            usable = false;
        }
        dueBackups += present.control().made() - made;
        findings.end();
        if (!usable || findings.isInRound()) {
            close(); // what is wrong now would be found again in each later round
        }
        if (System.nanoTime() - lastReport > NANOS_BETWEEN_REPORTS) {
            lastReport = System.nanoTime();
            out.println("  " + rounds + " rounds, " + findings.distinct() + " alarms");
        }
    }

    private Stage stage() throws Exception {
        Stage present = stage;
        if (present == null) {
            present = Stage.create(findings);
            stage = present;
            for (StoreRequests it : present.requests()) {
                it.backUp();
                it.backUp();
            }
            for (StoreJudge judge : present.judges()) {
                judge.judge(present.site().requireClient());
            }
        }
        return present;
    }

    /** All disks are at their places, so the server has to work again by itself. */
    private boolean recover(Stage present) throws Exception {
        String trouble = await(present);
        if (!trouble.isEmpty()) {
            findings.report(
                    "the server does not work again although all disks are back",
                    "within " + present.site().scale(RECOVERY_BOUND).toSeconds() + " s: " + trouble);
            present.site().stop(true);
            present.site().start();
            trouble = await(present);
            if (!trouble.isEmpty()) {
                findings.report("also after a restart the server does not work again", trouble);
                return false;
            }
        }
        for (Database it : present.site().disturbed()) {
            resumeRetention(present.site(), it.name());
        }
        return true;
    }

    /** @return empty once backups and lists of both databases succeed and the server is ready */
    private static String await(Stage present) throws Exception {
        long end = System.nanoTime() + present.site().scale(RECOVERY_BOUND).toNanos();
        String trouble = "";
        for (StoreRequests requests : present.requests()) {
            while (!requests.backUp()) {
                if (System.nanoTime() > end) {
                    return "no backup of " + requests.name();
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(250));
            }
        }
        do {
            Client.Answer answer = present.site().requireClient().get("/health/readiness");
            if (answer.status() == 200) {
                return "";
            }
            trouble = "readiness is " + answer.status() + " " + answer.text();
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        } while (System.nanoTime() < end);
        return trouble;
    }

    /** A restore of a much older backup may look like a loss; then an admin says that it is none. */
    private void resumeRetention(StoreSite site, String database) throws Exception {
        Client client = site.requireClient();
        String query = "?database=" + database;
        if (client.get("/api/v1/backup/plan" + query)
                .json()
                .path("retention_paused")
                .isObject()) {
            findings.note(database + ": retention is resumed");
            int status =
                    client.post("/api/v1/backup/plan/resume-retention" + query).status();
            if (status != 200) {
                throw new IOException("resume-retention: " + status);
            }
        }
    }

    @Override
    public void close() {
        if (stage != null) {
            stage.close();
            stage = null;
        }
    }
}
