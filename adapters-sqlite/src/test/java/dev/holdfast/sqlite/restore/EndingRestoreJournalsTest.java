package dev.holdfast.sqlite.restore;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The journals of all databases are in one folder, and each operation looks through them. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class EndingRestoreJournalsTest {
    private static final int LOOKS = 3_000;

    @TempDir
    Path root;

    @TempDir
    Path other;

    @Test
    void a_journal_that_another_database_ends_during_a_look_is_passed_over() throws Exception {
        Path written = Files.writeString(
                other.resolve("plan"),
                "{\"version\":" + RestoreJournal.Document.VERSION + ",\"databases\":[],\"directories\":[]}");
        var over = new AtomicBoolean();
        CompletableFuture<Void> others = CompletableFuture.runAsync(() -> {
            while (!over.get()) {
                beginAndEnd(written);
            }
        });
        try {
            assertThatCode(() -> {
                        for (int i = 0; i < LOOKS; i++) {
                            RestoreJournal.unfinished(root);
                        }
                    })
                    .doesNotThrowAnyException();
        } finally {
            over.set(true);
            others.get(30, TimeUnit.SECONDS);
        }
    }

    private void beginAndEnd(Path written) {
        try {
            Path plan = Files.createDirectories(root.resolve("1")).resolve("plan.json");
            Files.move(written, plan);
            Files.move(plan, written);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
