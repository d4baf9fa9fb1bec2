package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.testkit.TestScale;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program that changes the journal mode in the instant between a look at the file and its opening. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ModeSwitchTest {
    private static final int BACKUPS = TestScale.of(30, 500);
    private static final int RESTORES = TestScale.of(5, 100);

    @TempDir
    Path root;

    private Path database;
    private SqliteFixture fixture;

    @BeforeEach
    void database() throws Exception {
        database = Files.createDirectory(root.resolve("live")).resolve("app.db");
        fixture = SqliteFixture.in(root);
        Shell.run(database, "CREATE TABLE t(x); INSERT INTO t VALUES (-1)");
    }

    @Test
    void a_backup_looks_again_and_is_made() throws Exception {
        try (SwitchingProcess switching = SwitchingProcess.start(database)) {
            for (int i = 0; i < BACKUPS; i++) {
                Path copy = fixture.copy(database, "copy");
                assertThat(Shell.run(copy, "PRAGMA integrity_check; SELECT count(*) > 0 FROM t"))
                        .isEqualTo("ok\n1\n");
                Files.delete(copy);
            }
            assertThat(switching.isAlive()).isTrue();
        }
    }

    @Test
    void a_restore_looks_again_and_is_done() throws Exception {
        Path image = root.resolve("image");
        Shell.run(image, "CREATE TABLE t(x); INSERT INTO t VALUES (-2)");
        try (SwitchingProcess switching = SwitchingProcess.start(database)) {
            for (int i = 0; i < RESTORES; i++) {
                Outcome<Optional<String>> outcome = fixture.restore(database, image);
                assertThat(outcome).as(outcome.toString()).isInstanceOf(Outcome.Done.class);
            }
            assertThat(switching.isAlive()).isTrue();
        }
        assertThat(Shell.run(database, "PRAGMA integrity_check; SELECT count(*) FROM t WHERE x = -2"))
                .isEqualTo("ok\n1\n");
    }
}
