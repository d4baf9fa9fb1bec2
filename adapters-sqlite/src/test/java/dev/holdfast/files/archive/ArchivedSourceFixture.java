package dev.holdfast.files.archive;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tree.SiblingPaths;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.io.TempDir;

/** A source with a storage directory of names, sizes, modes and times that an archive must retain. */
@DisplayNameGeneration(ReplaceUnderscores.class)
abstract class ArchivedSourceFixture {
    @TempDir
    Path root;

    ArchiveFixture fixture;
    Path storage;

    @BeforeEach
    void makeSource() throws Exception {
        fixture = new ArchiveFixture(root);
        storage = Files.createDirectories(fixture.data.resolve("storage"));
        Files.write(storage.resolve("large"), new byte[300_000]);
        Files.createFile(storage.resolve("empty file"));
        Files.createDirectory(storage.resolve("empty directory"));
        Files.writeString(storage.resolve("grüße – 你好 🙂"), "name");
        Files.writeString(storage.resolve("n".repeat(250)), "long");
        Path deep = storage;
        for (int i = 0; i < 12; i++) {
            deep = deep.resolve("level " + i);
        }
        Files.writeString(Files.createDirectories(deep).resolve("bottom"), "deep");
        Files.setPosixFilePermissions(storage.resolve("large"), PosixFilePermissions.fromString("rwxr-x--x"));
        Files.setPosixFilePermissions(storage.resolve("empty directory"), PosixFilePermissions.fromString("rwx--x---"));
        Instant time = Instant.parse("2020-02-03T04:05:06.123456700Z");
        try (Stream<Path> all = Files.walk(storage)) {
            for (Path it : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
                time = time.plusNanos(86_400_000_000_100L);
                Files.setLastModifiedTime(it, FileTime.from(time));
            }
        }
    }

    static Map<String, String> tree(Path top) throws IOException {
        Map<String, String> tree = new TreeMap<>();
        try (Stream<Path> all = Files.walk(top)) {
            for (Path it : all.toList()) {
                PosixFileAttributes seen =
                        Files.readAttributes(it, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
                tree.put(
                        top.relativize(it).toString(),
                        PosixFilePermissions.toString(seen.permissions())
                                + seen.lastModifiedTime()
                                + (seen.isRegularFile() ? java.util.Arrays.hashCode(Files.readAllBytes(it)) : ""));
            }
        }
        return tree;
    }

    void assertNothingLeft() throws IOException {
        assertThat(fixture.scratch).isEmptyDirectory();
        assertThat(SiblingPaths.left(fixture.data.resolve("storage"))).isEmpty();
    }
}
