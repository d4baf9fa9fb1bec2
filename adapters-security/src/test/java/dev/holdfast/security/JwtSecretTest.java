package dev.holdfast.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class JwtSecretTest {
    @TempDir
    Path directory;

    @Test
    void it_is_made_once_and_for_its_owner_only() throws IOException {
        byte[] first = JwtSecret.keptIn(directory, new SecureRandom()).bytes();

        assertThat(first).hasSizeGreaterThanOrEqualTo(JwtSecret.FEWEST_BYTES);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
        assertThat(JwtSecret.keptIn(directory, new SecureRandom()).bytes()).isEqualTo(first);
        try (Stream<Path> files = Files.list(directory)) {
            assertThat(files).containsExactly(file());
        }
    }

    @Test
    void all_who_make_it_at_once_get_the_same_one() throws Exception {
        try (var threads = Executors.newFixedThreadPool(16)) {
            List<Callable<String>> calls = Stream.generate(() -> (Callable<String>) () -> HexFormat.of()
                            .formatHex(JwtSecret.keptIn(directory, new SecureRandom())
                                    .bytes()))
                    .limit(64)
                    .toList();
            Set<String> secrets =
                    threads.invokeAll(calls).stream().map(Future::resultNow).collect(Collectors.toSet());
            assertThat(secrets).hasSize(1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw-r-----", "rw----r--", "rw--w----", "rwxrwxrwx"})
    void one_that_others_may_have_read_or_written_is_refused_and_left_as_it_is(String mode) throws IOException {
        JwtSecret.keptIn(directory, new SecureRandom());
        String content = Files.readString(file());
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString(mode));

        assertThatThrownBy(() -> JwtSecret.keptIn(directory, new SecureRandom()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(mode)
                .hasMessageNotContaining(content.strip());
        assertThat(Files.readString(file())).isEqualTo(content);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "too short for a secret of 256bit"})
    void one_that_is_too_short_is_refused(String content) throws IOException {
        Files.writeString(file(), content.isEmpty() ? "" : content.substring(0, content.length() - 1));
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-------"));

        assertThatThrownBy(() -> JwtSecret.keptIn(directory, new SecureRandom()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("at least 32");
    }

    @Test
    void a_link_is_not_followed() throws IOException {
        Path elsewhere = Files.writeString(directory.resolve("elsewhere"), "0123456789abcdef0123456789abcdef");
        Files.createSymbolicLink(file(), elsewhere);

        assertThatThrownBy(() -> JwtSecret.keptIn(directory, new SecureRandom()))
                .isInstanceOf(IOException.class);
    }

    @Test
    void a_given_one_has_256_bits_and_is_not_repeated_in_the_complaint() {
        assertThat(JwtSecret.given("x".repeat(32)).bytes()).hasSize(32);
        assertThatThrownBy(() -> JwtSecret.given("short-secret"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining("short-secret");
    }

    private Path file() {
        return directory.resolve(JwtSecret.FILE_NAME);
    }
}
