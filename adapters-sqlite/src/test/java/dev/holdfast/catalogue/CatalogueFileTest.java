package dev.holdfast.catalogue;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.domain.access.AccountName;
import dev.holdfast.domain.access.Role;
import dev.holdfast.domain.access.User;
import dev.holdfast.domain.identity.OperationId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Instant;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class CatalogueFileTest {
    private static final AccountName ANN = new AccountName("ann");

    @TempDir
    Path folder;

    @Test
    void the_file_and_what_sqlite_puts_beside_it_are_for_its_owner_only() throws IOException {
        Path file = folder.resolve("holdfast.db");
        try (Catalogue catalogue = Catalogue.open(file)) {
            addUsers(catalogue, 1);
            assertThat(mode(file)).isEqualTo("rw-------");
            assertThat(mode(folder.resolve("holdfast.db-wal"))).isEqualTo("rw-------");
            assertThat(mode(folder.resolve("holdfast.db-shm"))).isEqualTo("rw-------");
        }
        assertThat(folder).isDirectoryContaining(file::equals);
        try (var left = Files.list(folder)) {
            assertThat(left).containsExactly(file);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"what?mode=memory.db", "100%25 #1.db", "Katalog ä.db"})
    void a_file_may_have_any_name(String name) {
        Path file = folder.resolve(name);
        try (Catalogue catalogue = Catalogue.open(file)) {
            addUsers(catalogue, 1);
        }
        assertThat(file).exists();
        try (Catalogue again = Catalogue.open(file)) {
            assertThat(again.accounts().users()).hasSize(1);
        }
    }

    @Test
    void every_commit_is_synced_into_a_write_ahead_log() throws SQLException {
        Path file = folder.resolve("holdfast.db");
        Catalogue.open(file).close();
        try (Session session = new CatalogueFile(file).connectForWriting()) {
            assertThat(pragma(session, "journal_mode")).isEqualTo("wal");
            assertThat(pragma(session, "synchronous")).isEqualTo("2");
            assertThat(pragma(session, "busy_timeout")).isEqualTo("5000");
            assertThat(pragma(session, "foreign_keys")).isEqualTo("1");
        }
    }

    private static String pragma(Session session, String name) {
        return session.run(it -> Sql.text(it, "PRAGMA " + name));
    }

    @Test
    void a_file_that_is_not_a_database_is_refused_and_kept() throws IOException {
        Path file = folder.resolve("holdfast.db");
        byte[] content =
                "not a database, but long enough to have a header. ".repeat(100).getBytes(UTF_8);
        Files.write(file, content);
        assertThatThrownBy(() -> Catalogue.open(file))
                .isInstanceOf(CatalogueException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("is not a SQLite database");
        assertThat(file).hasBinaryContent(content);
    }

    @Test
    void a_damaged_file_is_refused() throws IOException {
        Path file = folder.resolve("holdfast.db");
        try (Catalogue catalogue = Catalogue.open(file)) {
            addUsers(catalogue, 500);
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            long size = channel.size();
            for (long page = 1; page * 4096 < size; page++) {
                channel.write(ByteBuffer.wrap("damage".repeat(20).getBytes(UTF_8)), page * 4096);
            }
        }
        assertThatThrownBy(() -> Catalogue.open(file))
                .isInstanceOf(CatalogueException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("is damaged");
    }

    @Test
    void a_truncated_file_is_refused() throws IOException {
        Path file = folder.resolve("holdfast.db");
        try (Catalogue catalogue = Catalogue.open(file)) {
            addUsers(catalogue, 500);
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(channel.size() / 2);
        }
        assertThatThrownBy(() -> Catalogue.open(file))
                .isInstanceOf(CatalogueException.class)
                .hasMessageContaining("is damaged");
    }

    @Test
    void a_newer_schema_is_refused_and_kept() throws Exception {
        Path file = folder.resolve("holdfast.db");
        Catalogue.open(file).close();
        execute(file, "PRAGMA user_version = 99");
        byte[] before = Files.readAllBytes(file);
        assertThatThrownBy(() -> Catalogue.open(file))
                .isInstanceOf(CatalogueException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("schema version: 99 (expected: at most ");
        assertThat(file).hasBinaryContent(before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "CREATE TABLE theirs (x)",
                "PRAGMA user_version = 1",
                "PRAGMA application_id = 7",
                "CREATE TABLE users (name); PRAGMA user_version = 1"
            })
    void the_database_of_another_application_is_refused_and_kept(String theirs) throws Exception {
        Path file = folder.resolve("app.db");
        execute(file, theirs);
        byte[] before = Files.readAllBytes(file);
        assertThatThrownBy(() -> Catalogue.open(file))
                .isInstanceOf(CatalogueException.class)
                .hasMessageContaining("of another application");
        assertThat(file).hasBinaryContent(before);
    }

    @Test
    void a_missing_folder_a_folder_and_a_dangling_link_are_refused() throws IOException {
        Path elsewhere = folder.resolve("elsewhere.db");
        Path link = Files.createSymbolicLink(folder.resolve("link.db"), elsewhere);
        assertThatThrownBy(() -> Catalogue.open(folder.resolve("missing/holdfast.db")))
                .isInstanceOf(CatalogueException.class)
                .hasMessageContaining("cannot be made");
        assertThatThrownBy(() -> Catalogue.open(folder))
                .isInstanceOf(CatalogueException.class)
                .hasMessageContaining("cannot be opened");
        assertThatThrownBy(() -> Catalogue.open(link))
                .isInstanceOf(CatalogueException.class)
                .hasMessageContaining("cannot be opened");
        assertThat(elsewhere).doesNotExist();
    }

    @Test
    void a_closed_catalogue_says_so_and_can_be_closed_again() {
        Catalogue catalogue = Catalogue.open(folder.resolve("holdfast.db"));
        catalogue.close();
        catalogue.close();
        assertThatThrownBy(() -> catalogue.accounts().users())
                .isInstanceOf(CatalogueException.class)
                .hasMessageContaining("is closed");
    }

    @Test
    void a_write_into_a_locked_file_gives_up_and_the_next_one_works() throws Exception {
        Path file = folder.resolve("holdfast.db");
        try (Catalogue catalogue = Catalogue.open(file);
                Connection other = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            Sql.execute(other, "BEGIN IMMEDIATE");
            assertThatThrownBy(() -> addUsers(catalogue, 1))
                    .isInstanceOf(CatalogueException.class)
                    .hasMessageContaining("is locked by another process");
            assertThat(catalogue.accounts().users()).isEmpty();
            Sql.execute(other, "ROLLBACK");
            addUsers(catalogue, 1);
            assertThat(catalogue.accounts().users()).hasSize(1);
        }
    }

    @Test
    void a_row_that_no_version_wrote_is_named() throws Exception {
        Path file = folder.resolve("holdfast.db");
        try (Catalogue catalogue = Catalogue.open(file)) {
            addUsers(catalogue, 1);
            execute(file, "UPDATE users SET role = 'OWNER'");
            assertThatThrownBy(() -> catalogue.accounts().users())
                    .isInstanceOf(CatalogueException.class)
                    .hasMessageContaining("user-0");
        }
    }

    @Test
    void what_one_thread_reads_while_others_write_is_whole() throws Exception {
        try (Catalogue catalogue = Catalogue.open(folder.resolve("holdfast.db"))) {
            Thread writer = Thread.ofPlatform().start(() -> addUsers(catalogue, 100));
            int seen = 0;
            while (writer.isAlive()) {
                int now = catalogue.accounts().users().size();
                assertThat(now).isGreaterThanOrEqualTo(seen);
                seen = now;
            }
            assertThat(catalogue.accounts().users()).hasSize(100);
            assertThat(catalogue.accounts().findUser(ANN)).isEmpty();
            assertThat(catalogue.operations().find(new OperationId("none"))).isEmpty();
        }
    }

    private static void addUsers(Catalogue catalogue, int count) {
        IntStream.range(0, count)
                .forEach(i -> catalogue
                        .accounts()
                        .addUser(new User(new AccountName("user-" + i), Role.VIEWER, Instant.EPOCH), "hash"));
    }

    private static void execute(Path file, String script) throws SQLException {
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file)) {
            Sql.executeScript(connection, script);
        }
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
