package dev.holdfast.endtoend.soak;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SoakTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    private int run(String... arguments) throws Exception {
        return Soak.run(arguments, new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8));
    }

    @Test
    void the_list_names_every_soak() throws Exception {
        assertThat(run("--list")).isZero();
        assertThat(out.toString(UTF_8)).contains("faults (600 s): ");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "nothing-of-the-kind | NAME: nothing-of-the-kind (expected: faults",
                "--seconds 0 | --seconds: 0 (expected: 1 to 86400)",
                "--seconds soon | --seconds: soon (expected: 1 to 86400)",
                "--seed -1 | --seed: -1 (expected: 1 to 9223372036854775807)",
                "--seconds | --seconds: nothing (expected: a value)"
            })
    void a_wrong_argument_is_named_with_what_is_allowed(String arguments, String expected) throws Exception {
        assertThat(run(arguments.split(" "))).isEqualTo(2);
        assertThat(err.toString(UTF_8)).contains(expected);
    }

    @Test
    void a_soak_without_a_round_has_failed() {
        assertThat(new Soak.Verdict(0, 0).passed()).isFalse();
        assertThat(new Soak.Verdict(1, 0).passed()).isTrue();
        assertThat(new Soak.Verdict(1, 1).passed()).isFalse();
    }
}
