package dev.holdfast.http.access;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class LoopbackHostTest {
    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST", "127.0.0.1", "127.9.9.9", "::1", "[::1]", "0:0:0:0:0:0:0:1"})
    void this_machine(String host) {
        assertThat(LoopbackHost.is(host)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "0.0.0.0",
                "::",
                "[::]",
                "*",
                "127.1",
                "127.0.0.1.",
                "127.0.0.1:80",
                "127.0.0.256",
                "127.0.0.01",
                "2130706433",
                "0x7f000001",
                "::ffff:127.0.0.1",
                "::1%lo",
                "[::1",
                "::1]",
                "localhost.",
                "localhost.example",
                "127.0.0.1.example",
                "10.0.0.1",
                "example",
                " localhost",
                "localhost\n",
                "1:::1",
                "::1::"
            })
    void not_surely_this_machine(String host) {
        assertThat(LoopbackHost.is(host)).isFalse();
    }
}
