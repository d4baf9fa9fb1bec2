package dev.holdfast.sqlite;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.JavaProcess;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The short form of {@code ./soak leftovers}. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class LeftoverCombinationsTest {
    private static final int SAMPLE = 45;
    private static final int MAX_SECONDS = 600;
    private static final int SEED = 7;

    @Test
    void each_of_five_files_can_be_in_nine_states_and_at_most_two_of_them_deviate() {
        Set<String> all = LeftoverCombination.withAtMostTwoDeviations().stream()
                .map(LeftoverCombination::toString)
                .collect(Collectors.toSet());

        assertThat(all).hasSize(1 + 5 * 8 + 10 * 8 * 8).hasSize(681);
    }

    @Test
    void backups_and_restores_over_leftover_files_agree_with_what_sqlite_shows() throws Exception {
        Process process = JavaProcess.start(
                LeftoverKit.class,
                List.of(
                        "--sample",
                        Integer.toString(SAMPLE),
                        "--seed",
                        Integer.toString(SEED),
                        "--seconds",
                        Integer.toString(MAX_SECONDS)));
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);

        assertThat(process.waitFor()).as(output).isZero();
        assertThat(output).contains("leftovers: " + SAMPLE + " rounds, 0 differences");
    }
}
