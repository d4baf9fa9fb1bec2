package dev.holdfast.sqlite.restore;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.tree.SecureDirectories;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A census tells whether anybody has changed a tree. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class TreeFingerprintTest {
    @TempDir
    Path root;

    private Path top;

    @BeforeEach
    void tree() throws IOException {
        top = Files.createDirectories(root.resolve("top"));
        Files.writeString(Files.createDirectories(top.resolve("a/b")).resolve("file"), "content");
    }

    @Test
    void reading_and_renaming_the_whole_changes_nothing() throws Exception {
        TreeFingerprint before = TreeFingerprint.of(top);
        Files.readString(top.resolve("a/b/file"));
        Path renamed = Files.move(top, root.resolve("renamed"));

        assertThat(TreeFingerprint.of(renamed)).isEqualTo(before);
        assertThat(before.ordinary()).isTrue();
    }

    @Test
    void a_write_is_seen_though_size_and_time_are_as_they_were() throws Exception {
        Path file = top.resolve("a/b/file");
        TreeFingerprint before = TreeFingerprint.of(top);
        FileTime time = Files.getLastModifiedTime(file);
        Files.writeString(file, "CONTENT");
        Files.setLastModifiedTime(file, time);

        assertThat(TreeFingerprint.of(top)).isNotEqualTo(before);
    }

    @Test
    void what_is_added_removed_or_renamed_is_seen() throws Exception {
        TreeFingerprint before = TreeFingerprint.of(top);
        Path added = Files.createFile(top.resolve("a/added"));
        TreeFingerprint more = TreeFingerprint.of(top);
        Files.delete(added);
        Files.move(top.resolve("a/b"), top.resolve("a/c"));

        assertThat(more).isNotEqualTo(before);
        assertThat(TreeFingerprint.of(top)).isNotEqualTo(before).isNotEqualTo(more);
    }

    @Test
    void links_are_not_ordinary() throws Exception {
        Files.createSymbolicLink(top.resolve("a/link"), root);
        assertThat(TreeFingerprint.of(top).ordinary()).isFalse();
    }

    @Test
    void a_tree_in_use_can_be_counted() throws Exception {
        var stop = new AtomicBoolean();
        Thread application = Thread.ofPlatform().start(() -> {
            while (!stop.get()) {
                comeAndGo(top.resolve("busy"));
            }
        });
        try {
            for (int i = 0; i < 300; i++) {
                TreeFingerprint.of(top);
            }
        } finally {
            stop.set(true);
            application.join();
        }
        assertThat(TreeFingerprint.of(top).ordinary()).isTrue();
    }

    private static void comeAndGo(Path directory) {
        try {
            Files.createDirectory(directory);
            for (int i = 0; i < 20; i++) {
                Files.createFile(directory.resolve("file" + i));
            }
            SecureDirectories.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
