package dev.holdfast.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Depth;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.backup.Sha256;
import dev.holdfast.domain.backup.Verification;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.domain.identity.DatabaseName;
import dev.holdfast.domain.operation.Result;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ResultDocumentTest {
    /** As files in use hold it: a change of these words needs a script of the schema. */
    private static final String STORED = """
            {"version":1,"type":"backup-made","backup":{"key":"app.db","database":"default","size":4096,\
            "createdAt":"2026-04-13T14:25:30.123456789Z","sha256":"%s","origin":"MANUAL","layout":"SQLITE",\
            "verification":{"state":"passed","depth":"QUICK","at":"2026-04-13T14:25:31Z"},"pinned":true,\
            "labels":{"a":"b"}}}""".formatted("0".repeat(64));

    private static final Result MADE = new Result.BackupMade(new Backup(
            new BackupKey("app.db"),
            new DatabaseName("default"),
            4096,
            Instant.parse("2026-04-13T14:25:30.123456789Z"),
            Optional.of(new Sha256("0".repeat(64))),
            Origin.MANUAL,
            Layout.SQLITE,
            new Verification.Passed(Depth.QUICK, Instant.parse("2026-04-13T14:25:31Z")),
            true,
            new Backup.Labels(Map.of("a", "b"))));

    @Test
    void version_1_is_written_and_read_as_ever() {
        assertThat(ResultDocument.write(MADE)).isEqualTo(STORED);
        assertThat(ResultDocument.read(STORED)).isEqualTo(MADE);
    }

    @Test
    void fields_of_a_later_version_are_passed_over() {
        String later = STORED.replace("\"version\":1", "\"version\":1,\"cost\":{\"cents\":3}")
                .replace("\"pinned\":true", "\"pinned\":true,\"store\":\"offsite\"");
        assertThat(later).isNotEqualTo(STORED);
        assertThat(ResultDocument.read(later)).isEqualTo(MADE);
    }

    @Test
    void remarks_and_the_other_database_of_a_restore_are_kept_and_one_without_is_written_as_ever() {
        Result plain = new Result.Restored(new BackupKey("app.db"), Optional.empty());
        Result remarked = new Result.Restored(
                new BackupKey("app.db"),
                Optional.of(new BackupKey("safety.db")),
                List.of("Do this.", "Look there."),
                Optional.empty());
        Result foreign = new Result.Restored(
                new BackupKey("app.db"), Optional.empty(), List.of(), Optional.of(new DatabaseName("shop")));
        assertThat(ResultDocument.write(plain)).isEqualTo("{\"version\":1,\"type\":\"restored\",\"key\":\"app.db\"}");
        assertThat(ResultDocument.read(ResultDocument.write(plain))).isEqualTo(plain);
        assertThat(ResultDocument.read(ResultDocument.write(remarked))).isEqualTo(remarked);
        assertThat(ResultDocument.read(ResultDocument.write(foreign))).isEqualTo(foreign);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "null",
                "{",
                "{}",
                "[]",
                "{\"version\":1}",
                "{\"version\":2,\"type\":\"restored\",\"key\":\"app.db\"}",
                "{\"version\":1,\"type\":\"moved\",\"key\":\"app.db\"}",
                "{\"version\":1,\"type\":\"restored\"}",
                "{\"version\":1,\"type\":\"backup-made\",\"backup\":{}}",
                "{\"version\":1,\"type\":\"verified\",\"key\":\"app.db\",\"verification\":{}}",
                "{\"version\":1,\"type\":\"verified\",\"key\":\"app.db\",\"verification\":{\"state\":\"corrupt\"}}",
            })
    void anything_else_is_named_as_unreadable(String text) {
        assertThatThrownBy(() -> ResultDocument.read(text)).isInstanceOf(UnreadableRowException.class);
    }
}
