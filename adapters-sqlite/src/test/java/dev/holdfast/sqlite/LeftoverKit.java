package dev.holdfast.sqlite;

import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.sqlite.file.SqliteSettings;
import dev.holdfast.testkit.JavaProcess;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Backs up and restores over combinations of leftover files, and compares with what SQLite shows: all in which at most two
 * of the five files deviate, in both journal modes, with and without another process that has the database open, in the
 * order of the seed; then random ones in which more files deviate. Runs as an ordinary user, since root ignores missing rights.
 */
final class LeftoverKit {
    private static final int RANDOM_COMBINATIONS = 2000;
    private static final String ORDINARY_USER = "65534";
    private static final Duration BUSY_TIMEOUT = Duration.ofSeconds(2);
    private static final int MAX_PRINTED_DIFFERENCES = 40;

    /** One thing to try. */
    private record Round(LeftoverHistory history, LeftoverCombination combination, boolean withHolder) {
        @Override
        public String toString() {
            return history.mode() + (withHolder ? ", held, " : ", ") + combination;
        }
    }

    private final Path root;
    private final Random random;
    private final long seed;
    private final Map<String, Integer> outcomes = new TreeMap<>();
    private int rounds;
    private int differences;

    private LeftoverKit(Path root, long seed) {
        this.root = root;
        this.seed = seed;
        this.random = new Random(seed);
    }

    /**
     * Arguments: {@code [--seconds N] [--seed S] [--sample N] [--only "WAL, {MAIN OLDER}"]}; ends with 1 if SQLite
     * shows something else.
     */
    public static void main(String[] arguments) throws Exception {
        if (isRoot()) {
            System.exit(asOrdinaryUser(List.of(arguments)));
        }
        long seconds = 1200;
        long seed = System.nanoTime() & 0xffff_ffffL;
        int sample = Integer.MAX_VALUE;
        String only = "";
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            switch (arguments[i]) {
                case "--seconds" -> seconds = Long.parseLong(arguments[i + 1]);
                case "--seed" -> seed = Long.parseLong(arguments[i + 1]);
                case "--only" -> only = arguments[i + 1];
                case "--sample" -> sample = Integer.parseInt(arguments[i + 1]);
                default -> throw new IllegalArgumentException(arguments[i]);
            }
        }
        Path root = Files.createTempDirectory("leftovers");
        LeftoverKit kit = new LeftoverKit(root, seed);
        try {
            kit.run(Duration.ofSeconds(seconds), sample, only);
        } finally {
            LeftoverProbe.delete(root);
        }
        System.exit(kit.summarise() ? 0 : 1);
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    /** The class path may be where an ordinary user cannot read it, so the child gets it in a folder of its own. */
    private static int asOrdinaryUser(List<String> arguments) throws Exception {
        Path classes = Files.createTempDirectory("leftovers-classes");
        try {
            List<String> entries = new ArrayList<>();
            for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
                Path to = classes.resolve(entries.size() + (entry.endsWith(".jar") ? ".jar" : ""));
                copy(Path.of(entry), to);
                entries.add(to.toString());
            }
            new ProcessBuilder("chmod", "-R", "a+rX", classes.toString())
                    .start()
                    .waitFor();
            List<String> command = new ArrayList<>(List.of(
                    "setpriv",
                    "--reuid=" + ORDINARY_USER,
                    "--regid=" + ORDINARY_USER,
                    "--clear-groups",
                    JavaProcess.program(),
                    "-Xmx256m",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    String.join(File.pathSeparator, entries),
                    LeftoverKit.class.getName()));
            command.addAll(arguments);
            Process process = new ProcessBuilder(command).inheritIO().start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
            return process.waitFor();
        } finally {
            LeftoverProbe.delete(classes);
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        try {
            if (Files.isDirectory(from)) {
                new ProcessBuilder("cp", "-r", from.toString(), to.toString())
                        .start()
                        .waitFor();
            } else if (Files.exists(from)) {
                Files.copy(from, to);
            }
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private void run(Duration bound, int sample, String only) throws Exception {
        long end = System.nanoTime() + bound.toNanos();
        List<LeftoverHistory> histories = List.of(
                LeftoverHistory.inWalMode(Files.createDirectory(root.resolve("wal"))),
                LeftoverHistory.inDeleteMode(Files.createDirectory(root.resolve("delete"))));
        Path image = root.resolve("image.db");
        Shell.run(image, "CREATE TABLE restored(x); INSERT INTO restored VALUES ('yes')");
        SqliteFixture fixture =
                SqliteFixture.in(root, SqliteSettings.DEFAULT_LONGEST_LOG, BUSY_TIMEOUT, FailPoints.NONE);
        for (Round round : rounds(histories, sample)) {
            if (!round.toString().startsWith(only)) {
                continue;
            }
            if (System.nanoTime() > end) {
                System.out.println("the time is over; not all combinations were tried");
                return;
            }
            attempt(round, fixture, image);
        }
    }

    private List<Round> rounds(List<LeftoverHistory> histories, int sample) {
        List<Round> all = new ArrayList<>();
        for (LeftoverHistory history : histories) {
            for (LeftoverCombination combination : LeftoverCombination.withAtMostTwoDeviations()) {
                all.add(new Round(history, combination, false));
                all.add(new Round(history, combination, true));
            }
        }
        // So that a run that ends before the last one has tried some of each kind.
        Collections.shuffle(all, random);
        if (sample < all.size()) {
            return all.subList(0, sample);
        }
        for (int i = 0; i < RANDOM_COMBINATIONS; i++) {
            all.add(new Round(
                    histories.get(random.nextInt(2)), LeftoverCombination.random(random), random.nextBoolean()));
        }
        return all;
    }

    private void attempt(Round round, SqliteFixture fixture, Path image) throws Exception {
        Path folder = Files.createDirectory(root.resolve("round" + rounds++));
        LeftoverProbe probe = new LeftoverProbe(
                fixture, folder, round.history(), round.combination(), image, new Random(seed + rounds));
        List<String> found = probe.differences();
        try {
            probe.run(round.withHolder());
        } catch (LeftoverProbe.HungException | IllegalStateException e) {
            found = new ArrayList<>(found);
            found.add(e + (e.getCause() == null ? "" : ": " + e.getCause()));
        }
        outcomes.merge(probe.outcome(), 1, Integer::sum);
        for (String difference : found) {
            if (differences++ < MAX_PRINTED_DIFFERENCES) {
                System.out.println(round + ": " + difference);
            }
        }
        LeftoverProbe.delete(folder);
    }

    private boolean summarise() {
        outcomes.forEach((outcome, count) -> System.out.println(count + " x " + outcome));
        System.out.println("leftovers: " + rounds + " rounds, " + differences + " differences, seed " + seed);
        return rounds > 0 && differences == 0;
    }
}
