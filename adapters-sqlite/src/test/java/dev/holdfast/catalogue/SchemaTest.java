package dev.holdfast.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.domain.operation.Operation;
import dev.holdfast.domain.operation.Progress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SchemaTest {
    private static final String FIRST =
            "PRAGMA application_id = 0x48666374; CREATE TABLE t (x); INSERT INTO t VALUES (1)";

    @TempDir
    Path folder;

    private Connection connection;

    @BeforeEach
    void connect() throws SQLException {
        connection = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("holdfast.db"));
    }

    @AfterEach
    void disconnect() throws SQLException {
        connection.close();
    }

    @Test
    void only_the_scripts_that_have_not_run_yet_are_run() throws SQLException {
        schema(FIRST).migrate(connection);
        Schema later = schema(FIRST, "UPDATE t SET x = x + 1", "UPDATE t SET x = x * 10");
        later.migrate(connection);
        later.migrate(connection);
        assertThat(Sql.number(connection, "SELECT x FROM t")).isEqualTo(20);
        assertThat(Sql.number(connection, "PRAGMA user_version")).isEqualTo(3);
    }

    @Test
    void a_script_that_fails_leaves_nothing_and_can_be_run_again() throws SQLException {
        Schema broken = schema(FIRST, "UPDATE t SET x = 2; DELETE FROM missing");
        assertThatThrownBy(() -> broken.migrate(connection)).hasMessageContaining("missing");
        assertThat(Sql.number(connection, "SELECT x FROM t")).isEqualTo(1);
        assertThat(Sql.number(connection, "PRAGMA user_version")).isEqualTo(1);
        schema(FIRST, "UPDATE t SET x = 3").migrate(connection);
        assertThat(Sql.number(connection, "SELECT x FROM t")).isEqualTo(3);
    }

    @Test
    void operations_from_before_a_column_can_still_be_read() throws SQLException {
        Schema current = Schema.current(folder.resolve("holdfast.db"));
        new Schema(current.file(), current.scripts().subList(0, 1)).migrate(connection);
        Sql.execute(connection, """
                INSERT INTO operations VALUES ('op-1', 'BACKUP', 'default', NULL, 'ann', 'RUNNING', 'COPYING', 3, 9, 0,
                    '2026-04-13T14:25:30.000000000Z', NULL, NULL, NULL, NULL, 4)
                """);
        current.migrate(connection);

        Operation read = Sql.one(connection, OperationRow::read, "SELECT * FROM operations")
                .orElseThrow();

        assertThat(read.progress()).isEqualTo(new Progress(3, 9));
    }

    private Schema schema(String... scripts) {
        return new Schema(folder.resolve("holdfast.db"), List.of(scripts));
    }
}
