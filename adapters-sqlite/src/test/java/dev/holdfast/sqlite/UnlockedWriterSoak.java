package dev.holdfast.sqlite;

import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.naming.Profile;
import dev.holdfast.domain.operation.Failure;
import dev.holdfast.domain.operation.Operation;
import dev.holdfast.sqlite.UnlockedWriterProcess.Way;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Backups of a database while a program writes to it without SQLite's locks: {@code UnlockedWriterSoak [BACKUPS]}. */
final class UnlockedWriterSoak {
    private static final int PAGES = 300;
    private static final int PAUSE_MILLIS = 20;
    private static final int DEFAULT_BACKUPS = 500;

    private UnlockedWriterSoak() {}

    /**
     * @param listed the number of backups that were listed
     * @param refused the number of backups that were refused because of the writer
     * @param foreign the listed backups that are no state of the writer
     * @param otherFailures the failures of other kinds
     */
    record Figures(Way way, int listed, int refused, List<String> foreign, List<Failure> otherFailures) {}

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

    public static void main(String[] arguments) throws Exception {
        int backups = arguments.length == 0 ? DEFAULT_BACKUPS : Integer.parseInt(arguments[0]);
        Path root = Files.createTempDirectory("unlocked-writers");
        boolean passed = true;
        for (Way way : Way.values()) {
            Figures figures = run(way, root, backups, Duration.ofSeconds(5));
            boolean always = way != Way.OVERWRITE;
            passed &= (figures.foreign().isEmpty() || !always)
                    && figures.otherFailures().isEmpty()
                    && figures.listed() > 0;
            System.out.println(figures);
        }
        System.out.println(passed ? "passed" : "FAILED");
        System.exit(passed ? 0 : 1);
    }
}
