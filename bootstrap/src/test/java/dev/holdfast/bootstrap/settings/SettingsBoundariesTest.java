package dev.holdfast.bootstrap.settings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.database.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SettingsBoundariesTest {
    @TempDir
    Path root;

    private Path server;
    private Path extra;
    private Path logos;
    private SettingsBoundaries started;

    @BeforeEach
    void makeDirectories() throws IOException {
        root = root.toRealPath();
        server = Files.createDirectories(root.resolve("server"));
        extra = Files.createDirectories(root.resolve("tv")).resolve("extra");
        logos = Files.createDirectories(root.resolve("logos"));
        started = boundaries(root.resolve("backups"));
    }

    private SettingsBoundaries boundaries(Path backups) throws IOException {
        Path file = Files.writeString(root.resolve("holdfast.yml"), """
                holdfast:
                  data-dir: %1$s/server
                  databases:
                    tv: {file: %1$s/tv/tv.db, profile: dispatcharr, directories: [%1$s/logos], backup-directory: %2$s}
                    other: {file: %1$s/other/other.db}
                """.formatted(root, backups));
        Settings settings = Settings.read(Optional.of(file), Map.of(), Map.of());
        return new SettingsBoundaries(settings, settings.dataDir());
    }

    private Optional<String> refusal(Path directory) {
        return refusal(started, directory);
    }

    private Optional<String> refusal(SettingsBoundaries boundaries, Path directory) {
        return boundaries.refusal(
                new Source(root.resolve("tv/tv.db"), List.of(), List.of(logos, extra)),
                directory,
                DatabaseIsolationCheck.canonical(directory));
    }

    @Test
    void a_directory_that_is_where_it_was_set_is_allowed() throws IOException {
        assertThat(refusal(extra)).isEmpty();
        assertThat(refusal(logos)).isEmpty();
        Files.createDirectory(extra);
        assertThat(refusal(extra)).isEmpty();
    }

    @Test
    void a_link_that_was_made_later_is_looked_through() throws IOException {
        Files.createSymbolicLink(extra, server);
        assertThat(refusal(extra)).get().asString().contains(extra + " leads to " + server, "not below");
        Files.delete(extra);
        Files.createSymbolicLink(extra, Files.createDirectory(root.resolve("private")));
        assertThat(refusal(extra)).get().asString().contains("not below " + root.resolve("tv"));
        Files.delete(logos);
        Files.createSymbolicLink(logos, server);
        assertThat(refusal(logos)).get().asString().contains("not apart from the server's data directory");
        Files.delete(logos);
        Files.createSymbolicLink(logos, root.resolve("other"));
        Files.createDirectory(root.resolve("other"));
        assertThat(refusal(logos)).get().asString().contains("not apart from database other");
        Files.delete(logos);
        Files.delete(extra);
        Files.createSymbolicLink(logos, Files.createDirectory(extra));
        assertThat(refusal(logos)).get().asString().contains("not apart from another directory");
    }

    @Test
    void what_was_allowed_is_not_where_the_backups_lie_by_now() throws IOException {
        Files.createDirectory(extra);
        assertThat(refusal(boundaries(extra.resolve("backups")), extra))
                .get()
                .asString()
                .contains("not apart from the backups of database tv");
    }

    @Test
    void databases_with_what_lies_beside_them_and_what_is_the_servers_own_are_closed() {
        assertThat(started.closed())
                .contains(
                        server,
                        server.resolve("holdfast.db"),
                        server.resolve("holdfast.db-shm"),
                        server.resolve("holdfast.lock"),
                        server.resolve("jwt-secret"),
                        root.resolve("backups"),
                        root.resolve("tv/tv.db-wal"),
                        root.resolve("other/other.db"));
    }
}
