package dev.holdfast.endtoend.operations;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.Collation;

/** Databases of a tar.gz layout that its dump cannot hold. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DumpLimitsTest {
    private static final List<String> NAMES =
            List.of("large", "grows", "edited", "ordered", "nulls", "damaged", "sound");

    private Path directory;
    private ServerProcess server;
    private Client client;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        directory = temporary;
        make("large", "CREATE TABLE media(x)", "INSERT INTO media VALUES (zeroblob(" + (65 << 20) + "))");
        make(
                "grows",
                "CREATE TABLE t(a, b AS (zeroblob(1000000)) STORED)",
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) INSERT INTO t(a) SELECT i FROM n");
        make(
                "edited",
                "CREATE TABLE t(x)",
                "INSERT INTO t VALUES ('12')",
                "PRAGMA writable_schema=on",
                "UPDATE sqlite_schema SET sql='CREATE TABLE t(x INT)'");
        make("ordered", "CREATE TABLE u(x)", "CREATE INDEX by_order ON u(x COLLATE \"APP ORDER\")");
        make(
                "nulls",
                "CREATE TABLE t(x)",
                "INSERT INTO t VALUES (NULL)",
                "PRAGMA writable_schema=on",
                "UPDATE sqlite_schema SET sql='CREATE TABLE t(x NOT NULL)'");
        Path damaged = make(
                "damaged",
                "CREATE TABLE t(x)",
                "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
                        + " INSERT INTO t SELECT hex(randomblob(30)) FROM n");
        byte[] bytes = Files.readAllBytes(damaged);
        Arrays.fill(bytes, 4096 * 5, 4096 * 6, (byte) 0x55);
        Files.write(damaged, bytes);
        make("sound", "CREATE TABLE t(x)", "INSERT INTO t VALUES (1)");
        server = ServerProcess.start(Options.in(directory.resolve("data"))
                .config(
                        directory.resolve("holdfast.yml"),
                        NAMES.stream()
                                .map(it -> "    %s: {file: \"%s\", profile: dispatcharr, layout: dispatcharr_tar_gz}"
                                        .formatted(it, directory.resolve(it + ".db")))
                                .collect(Collectors.joining("\n", "holdfast:\n  databases:\n", "\n"))));
        client = new Client(server.address());
    }

    @AfterAll
    void stop() {
        client.close();
        server.close();
    }

    private Path make(String name, String... statements) throws Exception {
        Path file = directory.resolve(name + ".db");
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file);
                Statement sql = connection.createStatement()) {
            Collation.create(connection, "APP ORDER", new Collation() {
                @Override
                protected int xCompare(String left, String right) {
                    return right.compareTo(left);
                }
            });
            for (String statement : statements) {
                sql.execute(statement);
            }
        }
        return file;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "large   | A row of the table media is larger than 64 MiB, the limit of a dump.",
                "grows   | The database would be more than 64 times as large as its dump.",
                "edited  | The column x of the table t has a value that cannot be stored there again.",
                "ordered | Keys, indexes or generated columns need what only their application has",
                "nulls   | NOT NULL constraint failed: t.x",
            })
    void a_healthy_database_that_a_dump_cannot_hold_is_incompatible_and_the_zip_takes_it(String database, String limit)
            throws Exception {
        Answer refused = client.post("/api/v1/backup?database=" + database);

        assertThat(refused.status()).as(refused.toString()).isEqualTo(422);
        assertThat(refused.text("code")).isEqualTo("backup-incompatible");
        assertThat(refused.text("detail"))
                .startsWith("Database " + database + " cannot be backed up in the layout dispatcharr_tar_gz: ")
                .contains(limit, "is not damaged", "The layout dispatcharr_zip takes it");
        assertThat(client.filenames(database)).isEmpty();

        Answer made = client.post("/api/v1/backup?layout=dispatcharr_zip&database=" + database);
        assertThat(made.status()).as(made.toString()).isEqualTo(200);
    }

    @Test
    void a_damaged_database_is_corrupt_in_both_layouts() throws Exception {
        for (String layout : List.of("dispatcharr_tar_gz", "dispatcharr_zip")) {
            Answer refused = client.post("/api/v1/backup?database=damaged&layout=" + layout);
            assertThat(refused.status()).isEqualTo(422);
            assertThat(refused.text("code")).as(layout).isEqualTo("source-corrupt");
        }
        assertThat(client.post("/api/v1/backup?database=sound").status()).isEqualTo(200);
        try (Stream<Path> left = Files.list(directory.resolve("data/scratch"))) {
            assertThat(left.filter(Files::isRegularFile)).isEmpty();
        }
    }
}
