package dev.holdfast.sqlite;

import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.profile.Profile;
import dev.holdfast.sqlite.UnlockedWriterProcess.Way;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Backups of a database while a program writes to it without SQLite's locks. */
final class UnlockedWriterSoak {
    private static final int PAGES = 300;
    private static final int PAUSE_MILLIS = 20;
    private static final int BACKUPS_IN_A_ROW = 25;
    private static final int DEFAULT_SECONDS = 300;

    private UnlockedWriterSoak() {}

    /**
     * @param listed the number of backups that were listed
     * @param refused the number of backups that were refused because of the writer
     * @param foreign the listed backups that are no state of the writer
     * @param otherFailures the failures of other kinds
     */
    record Figures(Way way, int listed, int refused, List<String> foreign, List<Failure> otherFailures) {
        /** If a program that writes over its file in place is stopped for longer than a copy takes, that is not noticed. */
        boolean isRight() {
            return (foreign.isEmpty() || way == Way.OVERWRITE) && otherFailures.isEmpty() && listed + refused > 0;
        }
    }

    static Figures run(Way way, Path root, int backups, Duration busyTimeout) throws Exception {
        Path live = Files.createDirectories(root.resolve("live-" + way));
        Path database = live.resolve("app.db");
        Path states = root.resolve("states-" + way);
        int listed = 0;
        int refused = 0;
        List<String> foreign = new ArrayList<>();
        List<Failure> others = new ArrayList<>();
        try (UnlockedWriterProcess writer = UnlockedWriterProcess.start(way, database, states, PAGES, PAUSE_MILLIS);
                UseCasesFixture fixture = UseCasesFixture.in(
                        root.resolve("server-" + way), Source.of(database), Profile.NATIVE, busyTimeout)) {
            for (int i = 0; i < backups; i++) {
                String name = String.format(Locale.ROOT, "app_20261129_%06d.db", i);
                Operation ended = fixture.backUp(name);
                if (ended.failure().isEmpty()) {
                    listed++;
                    Path copy = root.resolve("server-" + way).resolve("backups").resolve(name);
                    Set<String> known = writer.states();
                    String digest = Sha256.of(Sha256.newDigest().digest(Files.readAllBytes(copy)))
                            .hex();
                    if (!known.contains(digest)) {
                        foreign.add(name + " of " + Files.size(copy) + " bytes");
                    }
                    Files.delete(copy);
                } else if (ended.failure().get().code().equals("source-busy")) {
                    refused++;
                } else {
                    others.add(ended.failure().get());
                }
            }
            if (!writer.isAlive()) {
                throw new IllegalStateException("the writer has ended");
            }
        }
        return new Figures(way, listed, refused, foreign, others);
    }

    /** Arguments: {@code [--seconds N] [--seed S] [--only WAY]}; ends with 1 if a listed backup is no state of its writer. */
    public static void main(String[] arguments) throws Exception {
        long seconds = DEFAULT_SECONDS;
        String only = "";
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            switch (arguments[i]) {
                case "--seconds" -> seconds = Long.parseLong(arguments[i + 1]);
                case "--only" -> only = arguments[i + 1];
                case "--seed" -> {} // the writers' pauses decide, which no seed repeats
                default -> throw new IllegalArgumentException(arguments[i]);
            }
        }
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        Path root = Files.createTempDirectory("unlocked-writers");
        boolean passed = true;
        int rounds = 0;
        try {
            for (int pass = 0; System.nanoTime() < end; pass++) {
                for (Way way : Way.values()) {
                    if (way.name().contains(only) && System.nanoTime() < end) {
                        Figures figures =
                                run(way, root.resolve("pass-" + pass), BACKUPS_IN_A_ROW, Duration.ofSeconds(5));
                        System.out.println("  " + figures);
                        passed &= figures.isRight();
                        rounds += figures.listed() + figures.refused();
                    }
                }
            }
        } finally {
            LeftoverProbe.delete(root);
        }
        System.out.println("  " + rounds + " rounds");
        System.exit(passed ? 0 : 1);
    }
}
