package dev.holdfast.files.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.archive.Archives;
import dev.holdfast.application.archive.Archives.Extent;
import dev.holdfast.application.archive.Contents;
import dev.holdfast.application.archive.PathRestrictions;
import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.application.archive.UnpackResult;
import dev.holdfast.application.operation.ProgressMonitor;
import dev.holdfast.application.snapshot.DatabaseImage;
import dev.holdfast.application.snapshot.Image;
import dev.holdfast.application.store.Artifact;
import dev.holdfast.domain.backup.Compression;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.database.Source;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A source with databases and directories, and archives of it. */
final class ArchiveFixture {
    static final Instant AT = Instant.parse("2026-04-13T14:25:30.123456Z");

    final Path root;
    final Path scratch;
    final Path data;
    final Archives archives;

    ArchiveFixture(Path root) throws IOException {
        this(root, PathRestrictions.NONE);
    }

    ArchiveFixture(Path root, PathRestrictions boundaries) throws IOException {
        this.root = root;
        scratch = root.resolve("scratch");
        data = Files.createDirectories(root.resolve("data"));
        archives = FileArchives.in(scratch, new FakeForms(), boundaries);
    }

    Source source(String... directories) {
        return new Source(
                data.resolve("app.db"),
                List.of(data.resolve("auxiliary.db")),
                Stream.of(directories).map(data::resolve).toList());
    }

    static byte[] database(String content) {
        return ("SQLite format 3\0" + content).getBytes(UTF_8);
    }

    static DatabaseImage image(Path file, byte[] content) {
        return new DatabaseImage(file, new Image() {
            @Override
            public long size() {
                return content.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(content);
            }
        });
    }

    Contents contents(Source source, Compression compression) {
        List<DatabaseImage> images = new ArrayList<>();
        for (Path file : source.databaseFiles()) {
            images.add(image(file, database("content of " + file.getFileName())));
        }
        return new Contents(source, images, AT, compression, false, () -> {});
    }

    Path write(Layout layout, Source source) throws IOException {
        return write(layout, contents(source, Compression.FAST), ProgressMonitor.UNWATCHED)
                .file();
    }

    record Written(Path file, Optional<String> remark, List<Path> incomplete) {}

    Written write(Layout layout, Contents contents, ProgressMonitor work) throws IOException {
        Path file = root.resolve(layout == Layout.DISPATCHARR_TAR_GZ ? "a.tar.gz" : "a.zip");
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            Archives.Written written = archives.write(layout, contents, out, work);
            assertThat(scratch).isEmptyDirectory();
            return new Written(file, written.remark(), written.incomplete());
        }
    }

    UnpackResult unpack(Path archive, Layout layout, Source source, Extent extent) {
        return unpack(archive, layout, source, extent, UnpackLimits.NONE);
    }

    UnpackResult unpack(Path archive, Layout layout, Source source, Extent extent, UnpackLimits limits) {
        UnpackResult unpacking =
                archives.unpack(artifact(archive), layout, source, extent, limits, ProgressMonitor.UNWATCHED);
        if (!(unpacking instanceof UnpackResult.Unpacked)) {
            assertThat(scratch).isEmptyDirectory();
        }
        return unpacking;
    }

    UnpackResult.Parts parts(Path archive, Layout layout, Source source, Extent extent) {
        UnpackResult unpacking = unpack(archive, layout, source, extent);
        assertThat(unpacking).isInstanceOf(UnpackResult.Unpacked.class);
        return ((UnpackResult.Unpacked) unpacking).parts();
    }

    /** Bytes that can only be had through the artifact's own stream, as those in a bucket. */
    static Artifact artifact(Path file) {
        return new Artifact() {
            @Override
            public long size() {
                try {
                    return Files.size(file);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }

            @Override
            public InputStream open(long offset) throws IOException {
                InputStream in = Files.newInputStream(file);
                in.skipNBytes(offset);
                return in;
            }

            @Override
            public Optional<Path> file() {
                return Optional.empty();
            }

            @Override
            public String version() {
                return "1";
            }
        };
    }

    static byte[] bytes(Artifact artifact) throws IOException {
        try (InputStream in = artifact.open(0)) {
            return in.readAllBytes();
        }
    }

    /** What a program says; fails unless it succeeds. */
    static String run(String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
                .start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    static String python(String script, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("python3", "-c", script));
        command.addAll(List.of(arguments));
        return run(command.toArray(String[]::new));
    }
}
