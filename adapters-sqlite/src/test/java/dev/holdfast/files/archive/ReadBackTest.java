package dev.holdfast.files.archive;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.READ;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.holdfast.files.archive.directory.ReadBack;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ReadBackTest {
    private static final byte[] CONTENT = "content".getBytes(UTF_8);

    @TempDir
    private Path directory;

    @Test
    void a_file_that_holds_what_was_written_is_accepted() {
        assertThatCode(() -> compare("content")).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "conten", "contenT", "content "})
    void a_file_that_holds_anything_else_is_named(String found) {
        assertThatThrownBy(() -> compare(found))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(directory.resolve("file") + " holds other bytes");
    }

    private void compare(String found) throws IOException {
        var written = new ReadBack();
        written.wrote(CONTENT, CONTENT.length);
        Path file = Files.writeString(directory.resolve("file"), found);
        try (FileChannel channel = FileChannel.open(file, READ)) {
            written.require(channel, file);
        }
    }
}
