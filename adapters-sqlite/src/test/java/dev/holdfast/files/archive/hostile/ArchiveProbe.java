package dev.holdfast.files.archive.hostile;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import dev.holdfast.application.archive.Archives;
import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.application.archive.UnpackResult;
import dev.holdfast.application.check.ImageChecks;
import dev.holdfast.application.check.ImageChecks.Finding;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import dev.holdfast.domain.operation.Phase;
import dev.holdfast.files.archive.hostile.HostileCase.Came;
import dev.holdfast.files.archive.hostile.HostileCase.Found;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A server's surroundings in small: the applications' files, the scratch space, and a neighbour. Whatever is taken apart
 * here may change nothing but the private places, and nothing at all once it is closed.
 */
final class ArchiveProbe {
    /** What a name that leads elsewhere ends in. */
    static final String ESCAPE = "holdfast-escape.txt";

    private final Path root;
    private final Path scratch;
    private final Archives archives;
    private final ImageChecks checks;

    /** @param bytes the most that lay on the disk beside what was there before, as far as it was looked */
    record Result(Came came, String finding, Optional<Layout> recognised, List<Found> databases, long bytes) {}

    private ArchiveProbe(Path root, Path scratch, Archives archives, ImageChecks checks) {
        this.root = root;
        this.scratch = scratch;
        this.archives = archives;
        this.checks = checks;
    }

    /**
     * @param root an empty directory
     * @param scratch in {@code root}; holds nothing when nothing is taken apart
     */
    static ArchiveProbe in(Path root, Path scratch, Archives archives, ImageChecks checks) throws IOException {
        write(root.resolve("neighbour/kept.txt"), "kept");
        for (Layout layout : Layout.values()) {
            Source source = source(root, layout);
            // The second database is not there, so that an archive of the first alone is refused for nothing else.
            write(source.main(), "the live " + source.main().getFileName());
            for (Path directory : source.directories()) {
                write(directory.resolve("live.txt"), "live");
            }
        }
        return new ArchiveProbe(root, scratch, archives, checks);
    }

    private static Source source(Path root, Layout layout) {
        Path data = root.resolve("live");
        return switch (layout) {
            case SQLITE -> Source.of(data.resolve("plain/app.db"));
            case POCKETBASE_ZIP ->
                new Source(
                        data.resolve("pb_data/data.db"),
                        List.of(data.resolve("pb_data/auxiliary.db")),
                        List.of(data.resolve("pb_data/storage")));
            case DISPATCHARR_ZIP, DISPATCHARR_TAR_GZ ->
                new Source(data.resolve("tv/dispatcharr.db"), List.of(), List.of(data.resolve("tv/logos")));
        };
    }

    private static void write(Path file, String content) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    static Path save(Bytes bytes, Path file) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            bytes.writeTo(out);
        }
        return file;
    }

    /**
     * @param archive outside of {@code root}
     * @throws AssertionError if anything was written where it should not, or left
     */
    Result run(Path archive, Layout layout, Extent extent, UnpackLimits limits) throws IOException {
        Map<String, String> before = surroundings();
        Artifact artifact = new Stored(archive);
        Optional<Layout> recognised = archives.recognise(artifact);
        require(before, "after it was looked at");
        Watch watch = new Watch();
        long already = onDisk();
        Result result = switch (archives.unpack(artifact, layout, source(root, layout), extent, limits, watch)) {
            case UnpackResult.Unpacked(UnpackResult.Parts parts) -> {
                try (parts) {
                    watch.look();
                    List<Found> found = new ArrayList<>();
                    for (UnpackResult.DatabasePart part : parts.databases()) {
                        found.add(found(checks.check(part.image(), Depth.FULL, ProgressMonitor.UNWATCHED)));
                    }
                    String remark = parts.remark().orElse("");
                    yield new Result(Came.UNPACKED, remark, recognised, found, watch.most - already);
                }
            }
            case UnpackResult.Damaged(String finding) -> refused(Came.DAMAGED, finding, recognised, watch, already);
            case UnpackResult.Invalid(String finding) -> refused(Came.UNFIT, finding, recognised, watch, already);
            case UnpackResult.TooLarge(String finding) -> refused(Came.TOO_LARGE, finding, recognised, watch, already);
        };
        require(before, "after it was taken apart");
        return result;
    }

    private static Result refused(Came came, String finding, Optional<Layout> recognised, Watch watch, long already) {
        return new Result(came, finding, recognised, List.of(), watch.most - already);
    }

    private static Found found(Finding finding) {
        return switch (finding) {
            case Finding.Sound _ -> Found.SOUND;
            case Finding.Damaged _ -> Found.DAMAGED;
            case Finding.NotADatabase _ -> Found.NOT_A_DATABASE;
        };
    }

    /** All that is there, and what may have come to be above. */
    Map<String, String> surroundings() throws IOException {
        Map<String, String> all = new TreeMap<>();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
                all.put(directory.toString(), "directory");
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                String content = attributes.isRegularFile() && attributes.size() < 10_000
                        ? Arrays.toString(Files.readAllBytes(file))
                        : "";
                all.put(file.toString(), attributes.size() + content);
                return FileVisitResult.CONTINUE;
            }
        });
        for (Path above = root; above != null; above = above.getParent()) {
            for (String name : List.of(ESCAPE, "C:" + ESCAPE)) {
                if (Files.exists(above.resolve(name), NOFOLLOW_LINKS)) {
                    all.put(above.resolve(name).toString(), "escaped");
                }
            }
        }
        return all;
    }

    private void require(Map<String, String> before, String when) throws IOException {
        Map<String, String> now = surroundings();
        if (!now.equals(before)) {
            Map<String, String> more = new TreeMap<>(now);
            more.entrySet().removeAll(before.entrySet());
            Map<String, String> fewer = new TreeMap<>(before);
            fewer.entrySet().removeAll(now.entrySet());
            throw new AssertionError("surroundings " + when + ": new or changed " + more.keySet() + ", gone or changed "
                    + fewer.keySet() + " (scratch: " + scratch + ")");
        }
    }

    private long onDisk() throws IOException {
        long[] bytes = {0};
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                bytes[0] += attributes.size();
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
                if (e instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw e;
            }
        });
        return bytes[0];
    }

    /** Looks at the disk whenever some megabytes have gone by. */
    private final class Watch implements ProgressMonitor {
        private static final long BETWEEN_LOOKS = 4 << 20;

        private long most;
        private long since;

        @Override
        public void enter(Phase phase, long totalBytes) {}

        @Override
        public void advance(long bytes) {
            since += bytes;
            if (since >= BETWEEN_LOOKS) {
                since = 0;
                look();
            }
        }

        @Override
        public void checkCancelled() {}

        private void look() {
            try {
                most = Math.max(most, onDisk());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private record Stored(Path path) implements Artifact {
        @Override
        public long size() {
            try {
                return Files.size(path);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        @Override
        public InputStream open(long offset) throws IOException {
            if (offset < 0 || offset > size()) {
                throw new IllegalArgumentException("offset: " + offset + " (expected: 0 to " + size() + ")");
            }
            InputStream in = Files.newInputStream(path);
            in.skipNBytes(offset);
            return in;
        }

        @Override
        public Optional<Path> file() {
            return Optional.of(path);
        }

        @Override
        public String version() {
            return path.toString();
        }
    }
}
