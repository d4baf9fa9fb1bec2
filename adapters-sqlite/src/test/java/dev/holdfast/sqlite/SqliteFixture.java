package dev.holdfast.sqlite;

import dev.holdfast.application.Outcome;
import dev.holdfast.application.archive.UnpackResult.DatabasePart;
import dev.holdfast.application.operation.FailPoints;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.restore.LiveDatabases.Kept;
import dev.holdfast.application.restore.LiveDatabases.NewContent;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.application.snapshot.Snapshots.Taken;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.problem.Problem;
import dev.holdfast.sqlite.file.SqliteSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/** An engine in a test's own directory, and the short ways to ask it. */
public record SqliteFixture(Path root, SqliteEngine engine) {
    public static final Instant NOW = Instant.parse("2026-11-21T08:00:00Z");

    public static SqliteFixture in(Path root) throws IOException {
        return in(root, SqliteSettings.DEFAULT_LONGEST_LOG, Duration.ofSeconds(10), FailPoints.NONE);
    }

    public static SqliteFixture impatient(Path root) throws IOException {
        return in(root, SqliteSettings.DEFAULT_LONGEST_LOG, Duration.ofMillis(300), FailPoints.NONE);
    }

    static SqliteFixture in(Path root, long longestLog, Duration busyTimeout, FailPoints failPoints)
            throws IOException {
        SqliteSettings settings = new SqliteSettings(root.resolve("scratch"), busyTimeout, longestLog);
        return new SqliteFixture(root, SqliteEngine.using(settings, InstantSource.fixed(NOW), failPoints));
    }

    public Snapshot pin(Path database) {
        return pin(Source.of(database));
    }

    Snapshot pin(Source source) {
        return switch (engine.snapshots().take(source, ProgressMonitor.UNWATCHED)) {
            case Taken.Pinned(Snapshot snapshot) -> snapshot;
            case Taken.Refused(Problem.Internal(Throwable cause)) -> throw new AssertionError(cause);
            case Taken.Refused(Problem problem) -> throw new AssertionError(problem.toString());
        };
    }

    public Problem refusal(Path database) {
        return refusal(Source.of(database));
    }

    public Problem refusal(Source source) {
        return switch (engine.snapshots().take(source, ProgressMonitor.UNWATCHED)) {
            case Taken.Pinned(Snapshot snapshot) -> {
                snapshot.close();
                throw new AssertionError("was pinned");
            }
            case Taken.Refused(Problem problem) -> problem;
        };
    }

    public Path copy(Path database, String name) throws IOException {
        try (Snapshot snapshot = pin(database)) {
            return write(snapshot.images().getFirst(), name);
        }
    }

    public Path write(Image image, String name) throws IOException {
        Path copy = root.resolve(name);
        try (InputStream in = image.open()) {
            if (Files.copy(in, copy) != image.size()) {
                throw new AssertionError("the image's size is wrong");
            }
        }
        return copy;
    }

    /** Keeps what is replaced as {@code kept}, and answers with that name. */
    public Outcome<Optional<String>> restore(Path target, Path image) {
        return restore(target, artifact(image), ProgressMonitor.UNWATCHED);
    }

    public Outcome<Optional<String>> restore(Path target, Artifact image, ProgressMonitor work) {
        return replace(target, image, this::keep, work);
    }

    <K> Outcome<Optional<K>> replace(
            Path target, Artifact image, Function<Image, Outcome<K>> keeper, ProgressMonitor work) {
        return engine.liveDatabases()
                .replace(
                        Source.of(target),
                        new NewContent(List.of(new DatabasePart(target, image)), List.of()),
                        current ->
                                keeper.apply(current.getFirst().image()).then(it -> Outcome.done(new Kept<>(it, true))),
                        work);
    }

    void settle(Path target) {
        engine.liveDatabases()
                .settle(
                        Source.of(target),
                        (current, _) ->
                                keep(current.getFirst().image()).then(it -> Outcome.done(new Kept<>(it, true))));
    }

    Outcome<String> keep(Image current) {
        try {
            Files.deleteIfExists(root.resolve("kept"));
            write(current, "kept");
            return Outcome.done("kept");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static Artifact artifact(Path file) {
        return new FileArtifact(file, Optional.of(file));
    }

    /** As an artifact in a bucket is: bytes without a file. */
    static Artifact remote(Path file) {
        return new FileArtifact(file, Optional.empty());
    }

    /** Every name in a directory with its bytes. */
    public static Map<String, byte[]> contents(Path directory) throws IOException {
        Map<String, byte[]> contents = new TreeMap<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                contents.put(file.getFileName().toString(), Files.readAllBytes(file));
            }
        }
        return contents;
    }

    private record FileArtifact(Path path, Optional<Path> file) implements Artifact {
        @Override
        public long size() {
            try {
                return Files.size(path);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public String version() {
            return path.toString();
        }

        @Override
        public InputStream open(long offset) throws IOException {
            InputStream in = Files.newInputStream(path);
            in.skipNBytes(offset);
            return in;
        }
    }
}
