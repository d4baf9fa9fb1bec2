package dev.holdfast.bootstrap.settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.domain.database.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Settings whose paths lead to one file or directory. Mounts really. */
@Tag("adapter")
@Tag("root")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SameFileSettingsTest {
    @TempDir
    Path root;

    private Path one;
    private Path two;

    @BeforeEach
    void a_folder_that_is_mounted_twice() throws Exception {
        one = Files.createDirectories(root.resolve("one"));
        two = Files.createDirectories(root.resolve("two"));
        Files.createDirectories(one.resolve("data"));
        Files.createDirectories(one.resolve("backups"));
        Files.createFile(one.resolve("app.db"));
        Files.createFile(one.resolve("data").resolve("holdfast.db"));
        run("mount", "--bind", one.toString(), two.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        run("umount", two.toString());
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    private Settings read(String databases) throws IOException {
        Path file = Files.writeString(
                root.resolve("holdfast.yml"),
                "holdfast: {data-dir: %s/one/data, databases: {%s}}"
                        .formatted(root, databases.replace("$", "" + root)));
        var settings = Settings.read(Optional.of(file), Map.of(), Map.of());
        settings.requireApart(_ -> Optional.empty());
        return settings;
    }

    private void assertRefused(String databases, String reason) {
        assertThatThrownBy(() -> read(databases))
                .isInstanceOf(InvalidSettingException.class)
                .hasMessageContaining(reason.replace("$", root.toString()));
    }

    @Test
    void a_database_under_a_second_path_is_refused() {
        assertRefused(
                "a: {file: $/one/app.db}, b: {file: $/two/app.db}",
                "holdfast.databases.b.file: $/two/app.db (expected: a file of its own; this one is used by database a)");
    }

    @Test
    void a_database_under_the_name_of_a_hard_link_is_refused() throws Exception {
        Files.createLink(root.resolve("link.db"), one.resolve("app.db"));
        assertRefused("a: {file: $/one/app.db}, b: {file: $/link.db}", "this one is used by database a");
    }

    @Test
    void an_extra_file_that_is_another_database_is_refused() throws Exception {
        Files.createFile(root.resolve("data.db"));
        assertRefused(
                "a: {file: $/one/app.db}, b: {file: $/data.db, profile: pocketbase, extra-files: $/two/app.db}",
                "holdfast.databases.b.extra-files: $/two/app.db (expected: a file of its own");
    }

    @Test
    void the_catalogue_under_a_second_path_is_refused() {
        assertRefused("a: {file: $/two/data/holdfast.db}", "this one is used by the server itself");
    }

    @Test
    void a_backup_directory_under_a_second_path_is_refused() {
        assertRefused(
                "a: {file: $/a.db, backup-directory: $/one/backups}, b: {file: $/b.db, backup-directory: $/two/backups}",
                "holdfast.databases.b.backup-directory: $/two/backups (expected: a directory of its own; this one is"
                        + " used by database a)");
    }

    @Test
    void a_backup_directory_that_is_the_data_directory_is_refused() {
        assertRefused(
                "a: {file: $/a.db, backup-directory: $/two/data}",
                "(expected: a directory of its own; this one is used by the server itself)");
    }

    @Test
    void a_backup_directory_with_another_database_is_refused() {
        assertRefused(
                "a: {file: $/one/app.db}, b: {file: $/b.db, backup-directory: $/two}",
                "(expected: a directory without another database");
    }

    @Test
    void a_directory_that_holds_another_database_is_refused() {
        assertRefused(
                "a: {file: $/one/app.db}, b: {file: $/data.db, profile: pocketbase, directories: $/two}",
                "holdfast.databases.b.directories: $/two (expected: directories apart from the server's data directory");
    }

    @Test
    void a_directory_in_which_a_part_of_the_backup_directory_is_mounted_is_refused() throws Exception {
        Path within = Files.createDirectories(root.resolve("storage").resolve("inner"));
        run("mount", "--bind", one.resolve("backups").toString(), within.toString());
        try {
            assertRefused(
                    "a: {file: $/data.db, profile: pocketbase, backup-directory: $/one, directories: $/storage}",
                    "directories apart from the backups of database a");
        } finally {
            run("umount", within.toString());
        }
    }

    @Test
    void a_directory_that_comes_to_hold_another_database_is_refused_at_each_operation() throws Exception {
        Path storage = Files.createDirectories(root.resolve("storage"));
        Settings settings =
                read("a: {file: $/one/app.db}, b: {file: $/data.db, profile: pocketbase, directories:" + " $/storage}");
        var boundaries = new SettingsBoundaries(settings, settings.dataDir());
        var source = new Source(root.resolve("data.db"), List.of(), List.of(storage));
        assertThat(boundaries.refusal(source, storage, storage)).isEmpty();
        run("mount", "--bind", one.toString(), storage.toString());
        try {
            assertThat(boundaries.refusal(source, storage, storage)).isPresent();
        } finally {
            run("umount", storage.toString());
        }
    }

    @Test
    void paths_apart_are_allowed_in_the_same_file_system() {
        assertThatCode(() -> read("a: {file: $/one/app.db, backup-directory: $/one/backups}, b: {file: $/data.db,"
                        + " profile: pocketbase, directories: $/storage}"))
                .doesNotThrowAnyException();
    }
}
