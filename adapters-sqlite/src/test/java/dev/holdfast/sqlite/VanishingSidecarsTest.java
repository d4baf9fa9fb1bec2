package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.sqlite.file.LiveFile;
import dev.holdfast.sqlite.file.SidecarCheck;
import dev.holdfast.sqlite.file.SourceAccess;
import dev.holdfast.tree.Mounts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A program makes and removes its sidecars at any moment, also between two looks at them. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class VanishingSidecarsTest {
    private static final int LOOKS = 3_000;

    @TempDir
    Path root;

    private Path database;
    private List<Path> sidecars = List.of();
    private final AtomicBoolean stop = new AtomicBoolean();
    private Thread program = Thread.currentThread();

    @BeforeEach
    void a_program_whose_sidecars_come_and_go() throws Exception {
        database = Files.write(root.resolve("app.db"), new byte[100]).toRealPath();
        LiveFile file = new LiveFile(database);
        sidecars = List.of(file.journal(), file.log(), file.sharedMemory());
        program = Thread.ofPlatform().start(() -> {
            while (!stop.get()) {
                for (Path sidecar : sidecars) {
                    makeAndRemove(sidecar);
                }
            }
        });
    }

    private static void makeAndRemove(Path sidecar) {
        try {
            Files.write(sidecar, new byte[1]);
            Files.delete(sidecar);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @AfterEach
    void end_the_program() throws Exception {
        stop.set(true);
        program.join();
    }

    @Test
    void they_are_not_mounted() throws Exception {
        for (int i = 0; i < LOOKS; i++) {
            assertThat(Mounts.ofFile(sidecars.get(i % sidecars.size()))).isEmpty();
        }
    }

    @Test
    void no_right_to_them_is_missing() {
        for (int i = 0; i < LOOKS; i++) {
            assertThat(SourceAccess.toRead(database)).isEmpty();
            assertThat(SourceAccess.toRestore(database)).isEmpty();
        }
    }

    @Test
    void they_are_of_the_right_type() throws Exception {
        for (int i = 0; i < LOOKS; i++) {
            SidecarCheck.require(new LiveFile(database));
        }
    }

    @Test
    void a_WAL_has_a_size_or_is_not_there() throws Exception {
        for (int i = 0; i < LOOKS; i++) {
            assertThat(new LiveFile(database).walSize()).isBetween(0L, 1L);
        }
    }
}
