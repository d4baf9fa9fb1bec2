package dev.holdfast.bootstrap.settings;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.application.location.KnownLocation;
import dev.holdfast.domain.identity.DatabaseName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether a link that an application's user has put in the place of a path stops the start. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class LinkedSettingsTest {
    @TempDir
    Path root;

    private Path data;
    private Path app;
    private Path file;
    private Path storage;
    private Path backups;

    @BeforeEach
    void an_application_and_another_database() throws IOException {
        root = root.toRealPath();
        data = Files.createDirectories(root.resolve("data"));
        Files.createFile(data.resolve("holdfast.db"));
        Files.createFile(Files.createDirectories(data.resolve("backups/blog")).resolve("app.db"));
        Files.createFile(root.resolve("blog.db"));
        app = Files.createDirectories(root.resolve("app"));
        file = app.resolve("data.db");
        storage = app.resolve("storage");
        backups = app.resolve("backups");
    }

    private void requireApart(Set<Path> accepted) throws IOException {
        Path config = Files.writeString(root.resolve("holdfast.yml"), """
                holdfast:
                  data-dir: "%s"
                  databases:
                    app: {file: "%s", profile: pocketbase, directories: "%s", backup-directory: "%s"}
                    blog: {file: "%s", backup-directory: "%s"}
                """.formatted(
                        data, file, storage, backups, root.resolve("blog.db"), data.resolve("backups/blog")));
        Settings.read(Optional.of(config), Map.of(), Map.of())
                .requireApart(path -> Optional.of(path)
                        .filter(accepted::contains)
                        .map(it -> new KnownLocation(DatabaseName.DEFAULT, it, it)));
    }

    private void assertAffectsOne(Path replaced, Path target) throws IOException {
        Files.createSymbolicLink(replaced, target);
        assertThatThrownBy(() -> requireApart(Set.of())).isInstanceOf(InvalidSettingException.class);
        assertThatCode(() -> requireApart(Set.of(replaced, root.resolve("blog.db"))))
                .doesNotThrowAnyException();
        Files.delete(replaced);
    }

    @Test
    void a_link_in_the_place_of_a_known_path_stops_no_start() throws IOException {
        assertAffectsOne(file, data.resolve("holdfast.db"));
        assertAffectsOne(file, root.resolve("blog.db"));
        assertAffectsOne(file, data.resolve("backups/blog/app.db"));
        assertAffectsOne(storage, data);
        assertAffectsOne(storage, data.resolve("backups/blog"));
        assertAffectsOne(backups, data);
        assertAffectsOne(backups, data.resolve("backups/blog"));
    }

    @Test
    void a_hard_link_in_the_place_of_a_known_path_stops_no_start() throws IOException {
        Files.createLink(file, data.resolve("holdfast.db"));
        assertThatThrownBy(() -> requireApart(Set.of())).isInstanceOf(InvalidSettingException.class);
        assertThatCode(() -> requireApart(Set.of(file))).doesNotThrowAnyException();
        Files.delete(file);
        Files.createLink(file, root.resolve("blog.db"));
        assertThatThrownBy(() -> requireApart(Set.of(file))).isInstanceOf(InvalidSettingException.class);
        assertThatCode(() -> requireApart(Set.of(file, root.resolve("blog.db"))))
                .doesNotThrowAnyException();
    }

    @Test
    void a_wrong_path_stops_the_start_though_it_is_known() {
        file = data.resolve("holdfast.db-wal");
        assertThatThrownBy(() -> requireApart(Set.of(file)))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining("is used by the server itself");
    }
}
