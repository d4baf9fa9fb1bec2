package dev.holdfast.endtoend.soak;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.function.Predicate;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The short form of {@code ./soak faults}. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class FaultsTest {
    private static final long SEED = 7;

    @Test
    void each_operation_agrees_with_the_disk_when_one_of_its_calls_fails() throws Exception {
        assertNothingFound("WAL", 5, _ -> true);
    }

    @Test
    void restores_agree_with_the_disk_when_a_call_fails_in_delete_mode() throws Exception {
        assertNothingFound("DELETE", 2, it -> it.contains("restore") || it.contains("undo"));
    }

    private static void assertNothingFound(String journalMode, int faults, Predicate<String> chosen) throws Exception {
        var out = new ByteArrayOutputStream();
        Soak.Verdict verdict = FaultSoak.sample(journalMode, SEED, faults, chosen, new PrintStream(out, true, UTF_8));
        assertThat(verdict.alarms()).as(out.toString(UTF_8)).isZero();
        assertThat(verdict.rounds()).isGreaterThan(faults);
    }
}
