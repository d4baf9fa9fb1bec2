package dev.holdfast.sqlite;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.check.ImageChecks.Finding;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.application.snapshot.Snapshots.Taken;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One backup and one restore over what was left behind. The expected content is what the {@code sqlite3} shell shows of a
 * private copy without the wal-index, which SQLite makes again from the WAL.
 */
final class LeftoverProbe {
    /** Their bytes have the same sum, so that the checksum of a super-journal's name is right in both. */
    private static final String LIVE = "ab";

    private static final String COPY = "ba";
    private static final int MAX_SECONDS = 30;

    private final SqliteFixture fixture;
    private final Path root;
    private final LeftoverHistory history;
    private final LeftoverCombination combination;
    private final Path image;
    private final Random random;
    private final List<String> differences = new ArrayList<>();
    private String outcome = "";

    /** @param root of this probe alone, empty */
    LeftoverProbe(
            SqliteFixture fixture,
            Path root,
            LeftoverHistory history,
            LeftoverCombination combination,
            Path image,
            Random random) {
        this.fixture = fixture;
        this.root = root;
        this.history = history;
        this.combination = combination;
        this.image = image;
        this.random = random;
    }

    /** What the shell says of a database. */
    record Dump(String text, boolean failed) {}

    /** A copy, or why there is none. */
    private sealed interface Copied {
        record Copy(Path file) implements Copied {}

        record Rejected(Problem problem) implements Copied {}
    }

    List<String> differences() {
        return differences;
    }

    /** What became of the backup, in one word for the totals. */
    String outcome() {
        return outcome;
    }

    /** @param withHolder whether another process has the database open, idle */
    void run(boolean withHolder) throws Exception {
        Path live = Files.createDirectory(root.resolve(LIVE));
        arrange(live);
        Path database = live.resolve(LeftoverPart.MAIN.fileName());
        try (Holder holder = withHolder ? Holder.on(database) : Holder.NONE) {
            if (withHolder && !holder.hasOpened()) {
                outcome = "not applicable: SQLite does not open it";
                return;
            }
            Map<String, Entry> before = capture(live);
            Dump expected = oracle(before, live);
            backUp(database, expected);
            requireUnchanged(before, capture(live), withHolder);
            restore(database, live, expected);
        } finally {
            giveRights(live);
        }
    }

    private void arrange(Path live) throws IOException {
        for (Map.Entry<String, byte[]> other : history.others(live).entrySet()) {
            Files.write(live.resolve(other.getKey()), other.getValue());
        }
        for (LeftoverPart part : LeftoverPart.values()) {
            arrange(live, part, live.resolve(part.fileName()));
        }
    }

    private void arrange(Path live, LeftoverPart part, Path file) throws IOException {
        byte @Nullable [] present = history.content(part, 1, live);
        byte[] sample = present == null ? new byte[8192] : present;
        switch (combination.of(part)) {
            case AS_IT_WAS -> write(file, present);
            case OLDER -> write(file, history.content(part, 0, live));
            case NEWER -> write(file, history.content(part, 2, live));
            case TRUNCATED -> write(file, Arrays.copyOf(sample, sample.length * 2 / 3));
            case GARBAGE -> {
                byte[] garbage = new byte[sample.length];
                random.nextBytes(garbage);
                write(file, garbage);
            }
            case EMPTY -> write(file, new byte[0]);
            case MISSING -> {}
            case WRONG_TYPE -> makeOtherType(file);
            case NO_RIGHTS -> {
                write(file, sample);
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
            }
        }
    }

    private static void write(Path file, byte @Nullable [] content) throws IOException {
        if (content != null) {
            Files.write(file, content);
        }
    }

    private void makeOtherType(Path file) throws IOException {
        if (random.nextBoolean()) {
            Files.createDirectory(file);
        } else {
            try {
                new ProcessBuilder("mkfifo", file.toString()).start().waitFor();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    /** A file as it is found. {@code bytes} has a character for each byte; null unless it is a regular file. */
    private record Entry(@Nullable String bytes, String rights, boolean directory) {
        static Entry of(Path file) throws IOException {
            String rights = PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
            boolean regular = Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
            @Nullable String bytes = null;
            if (regular) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
                bytes = Files.readString(file, ISO_8859_1);
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(rights));
            }
            return new Entry(bytes, rights, Files.isDirectory(file));
        }

        boolean isAs(@Nullable Entry other) {
            return other != null
                    && Objects.equals(bytes, other.bytes)
                    && rights.equals(other.rights)
                    && directory == other.directory;
        }
    }

    private static Map<String, Entry> capture(Path folder) throws IOException {
        Map<String, Entry> entries = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                entries.put(file.getFileName().toString(), Entry.of(file));
            }
        }
        return entries;
    }

    /** Gives the copy a place whose path is as long, and puts that into the journals. */
    private Dump oracle(Map<String, Entry> found, Path live) throws Exception {
        Path copy = root.resolve(COPY);
        Files.createDirectory(copy);
        for (Map.Entry<String, Entry> entry : found.entrySet()) {
            Path file = copy.resolve(entry.getKey());
            Entry as = entry.getValue();
            if (entry.getKey().equals(LeftoverPart.WAL_INDEX.fileName())) {
                continue;
            }
            if (as.directory()) {
                Files.createDirectory(file);
            } else if (as.bytes() == null) {
                new ProcessBuilder("mkfifo", file.toString()).start().waitFor();
            } else {
                boolean named =
                        entry.getKey().contains("-journal") || entry.getKey().contains("-mj");
                Files.writeString(file, named ? renamed(as.bytes(), live, copy) : as.bytes(), ISO_8859_1);
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(as.rights()));
            }
        }
        boolean readable = found.containsKey(LeftoverPart.MAIN.fileName());
        Dump dump = readable ? dump(copy.resolve(LeftoverPart.MAIN.fileName()), root) : new Dump("no main file", true);
        giveRights(copy);
        delete(copy);
        return dump;
    }

    private static String renamed(String bytes, Path from, Path to) {
        return bytes.replace(from.toString(), to.toString());
    }

    /** The shell's dump; SQLite may hang on a pipe, which counts as a failure. */
    private static Dump dump(Path database, Path scratch) throws Exception {
        Path text = Files.createTempFile(scratch, "dump", ".sql");
        Process process = new ProcessBuilder("sqlite3", "-batch", database.toString(), ".dump")
                .redirectErrorStream(true)
                .redirectOutput(text.toFile())
                .start();
        process.getOutputStream().close();
        boolean ended = process.waitFor(5, TimeUnit.SECONDS);
        if (!ended) {
            process.destroyForcibly().onExit().join();
        }
        String said = Files.readString(text, UTF_8);
        Files.delete(text);
        boolean failed = !ended
                || process.exitValue() != 0
                || said.contains("/**** ERROR")
                || said.contains("ROLLBACK; -- due to errors");
        return new Dump(said, failed);
    }

    private void backUp(Path database, Dump expected) throws Exception {
        switch (bounded("the backup", () -> copy(database))) {
            case Copied.Copy(Path file) -> {
                Dump copied = dump(file, root);
                if (expected.failed()) {
                    outcome = "copied";
                    report("the backup was made although SQLite does not read the source: " + shortened(expected));
                } else if (copied.text().equals(expected.text())) {
                    outcome = "equal";
                } else {
                    outcome = "different";
                    report("the backup differs from what SQLite shows");
                }
                Files.delete(file);
            }
            case Copied.Rejected(Problem problem) -> {
                outcome = (expected.failed() ? "rejected: " : "rejected although SQLite reads it: ")
                        + problem.code().id();
                requireReason("the backup", problem);
                if (!expected.failed() && !mayBeRejected()) {
                    report("the backup was rejected although SQLite reads the source: " + problem.detail());
                }
            }
        }
    }

    /** Whether a rejection is right where SQLite itself opens the database. */
    private boolean mayBeRejected() {
        boolean emptyMain = combination.of(LeftoverPart.MAIN) == LeftoverState.EMPTY;
        return emptyMain || combination.has(LeftoverState.WRONG_TYPE) || combination.has(LeftoverState.NO_RIGHTS);
    }

    private Copied copy(Path database) throws Exception {
        return switch (fixture.engine().snapshots().take(Source.of(database), ProgressMonitor.UNWATCHED)) {
            case Taken.Refused(Problem problem) -> new Copied.Rejected(problem);
            case Taken.Pinned(Snapshot snapshot) -> {
                Path copy;
                try (snapshot) {
                    copy = fixture.write(
                            snapshot.images().getFirst(),
                            root.getFileName() + "-" + random.nextInt(1 << 30) + ".backup");
                } catch (ProblemException e) {
                    yield new Copied.Rejected(e.problem());
                }
                yield checked(copy);
            }
        };
    }

    /** As a backup is checked before it is listed. */
    private Copied checked(Path copy) throws IOException {
        return switch (fixture.engine()
                .checks()
                .check(SqliteFixture.artifact(copy), Depth.QUICK, ProgressMonitor.UNWATCHED)) {
            case Finding.Sound _ -> new Copied.Copy(copy);
            case Finding.Damaged(String what) -> rejected(copy, what);
            case Finding.NotADatabase(String what) -> rejected(copy, what);
        };
    }

    private static Copied rejected(Path copy, String what) throws IOException {
        Files.delete(copy);
        return new Copied.Rejected(new Problem.SourceCorrupt(what));
    }

    private void requireReason(String what, Problem problem) {
        if (problem instanceof Problem.Internal(Throwable cause)) {
            cause.printStackTrace();
            report(what + " was rejected without a reason: " + cause);
        } else if (problem instanceof Problem.SourceBusy) {
            report(what + " was rejected as busy, permanently: " + problem.detail());
        }
    }

    private void requireUnchanged(Map<String, Entry> before, Map<String, Entry> after, boolean withHolder) {
        Map<String, Entry> expected = new HashMap<>(before);
        Map<String, Entry> found = new HashMap<>(after);
        if (withHolder) {
            // A reader leaves its mark in the wal-index.
            expected.remove(LeftoverPart.WAL_INDEX.fileName());
            found.remove(LeftoverPart.WAL_INDEX.fileName());
        }
        if (!expected.keySet().equals(found.keySet())) {
            report("the backup changed the folder from " + expected.keySet() + " to " + found.keySet());
            return;
        }
        expected.forEach((name, entry) -> {
            if (!entry.isAs(found.get(name))) {
                report("the backup changed " + name);
            }
        });
    }

    private void restore(Path database, Path live, Dump expected) throws Exception {
        Files.deleteIfExists(fixture.root().resolve("kept"));
        Outcome<Optional<String>> restored = bounded("the restore", () -> fixture.restore(database, image));
        switch (restored) {
            case Outcome.Done<Optional<String>>(Optional<String> kept) -> {
                if (!dump(database, root).text().equals(dump(image, root).text())) {
                    report("the restore was done, but SQLite does not show the backup's content");
                }
                boolean emptyMain = combination.of(LeftoverPart.MAIN) == LeftoverState.EMPTY;
                if (!expected.failed() && kept.isPresent() && !emptyMain) {
                    Dump safety = dump(fixture.root().resolve(kept.get()), root);
                    if (!safety.text().equals(expected.text())) {
                        report("the safety backup differs from what SQLite showed before the restore");
                    }
                }
                if (!expected.failed() && kept.isEmpty()) {
                    report("the restore was done without a safety backup");
                }
            }
            case Outcome.Refused<Optional<String>>(Problem problem) -> {
                requireReason("the restore", problem);
                Dump now = oracle(capture(live), live);
                if (!expected.failed() && !now.text().equals(expected.text())) {
                    report("the restore was rejected, but SQLite shows other content now: " + problem.detail());
                }
            }
        }
    }

    private <T> T bounded(String what, Callable<T> step) throws Exception {
        FutureTask<T> task = new FutureTask<>(step);
        Thread.ofPlatform().daemon().name(what).start(task);
        try {
            return task.get(MAX_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new HungException(what + " hangs: " + combination);
        } catch (ExecutionException e) {
            throw new IllegalStateException(what + " failed over " + combination, e.getCause());
        }
    }

    static final class HungException extends Exception {
        private static final long serialVersionUID = 1L;

        HungException(String message) {
            super(message);
        }
    }

    private void report(String what) {
        differences.add(what);
    }

    private static String shortened(Dump dump) {
        String text = dump.text();
        return text.length() > 200 ? text.substring(text.length() - 200) : text;
    }

    private static void giveRights(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.filter(it -> !Files.isSymbolicLink(it)).toList()) {
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
            }
        }
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(file);
            }
        }
    }

    /** Another process that has opened the database and read from it. */
    private record Holder(@Nullable Shell shell, boolean hasOpened) implements AutoCloseable {
        static final Holder NONE = new Holder(null, false);

        static Holder on(Path database) throws Exception {
            if (!Files.isRegularFile(database)) {
                return NONE;
            }
            Shell shell = Shell.open(database);
            FutureTask<String> asked = new FutureTask<>(() -> shell.say("SELECT count(*) FROM sqlite_schema"));
            Thread.ofPlatform().daemon().start(asked);
            try {
                return new Holder(shell, asked.get(5, TimeUnit.SECONDS).matches("\\d+\n"));
            } catch (ExecutionException | TimeoutException e) {
                shell.close();
                return NONE;
            }
        }

        @Override
        public void close() {
            if (shell != null) {
                shell.close();
            }
        }
    }
}
