package dev.holdfast.disk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.problem.Problem;
import dev.holdfast.domain.problem.ProblemException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class FullDiskRecognitionTest {
    @TempDir
    Path directory;

    static Stream<Exception> full() {
        var space = new IOException("No space left on device");
        return Stream.of(
                space,
                new IOException("Disk quota exceeded"),
                new FileSystemException("/data/x", null, "No space left on device"),
                new FileSystemException("/data/x", "/data/y", "Disk quota exceeded"),
                new UncheckedIOException(space),
                new IllegalStateException(new IOException("closing", space)),
                new SQLiteException("database or disk is full", SQLiteErrorCode.SQLITE_FULL),
                new ProblemException(new Problem.InsufficientStorage("known")));
    }

    @ParameterizedTest
    @MethodSource("full")
    void a_full_disk_and_a_used_up_quota_are_insufficient_storage(Exception failure) {
        assertThat(FullDisk.problem(directory, failure)).isPresent();
    }

    static Stream<Exception> others() {
        return Stream.of(
                new IOException("Input/output error"),
                new IOException(),
                new AccessDeniedException("/data/x"),
                new NoSuchFileException("/data/No space left on device"),
                new FileSystemException("/data/No space left on device", null, "Read-only file system"),
                new SQLiteException("disk I/O error", SQLiteErrorCode.SQLITE_IOERR_WRITE),
                new SQLiteException("unable to open database file", SQLiteErrorCode.SQLITE_CANTOPEN),
                new SQLException("locked", "", SQLiteErrorCode.SQLITE_BUSY.code));
    }

    @ParameterizedTest
    @MethodSource("others")
    void any_other_failure_on_a_disk_with_space_is_not(Exception failure) {
        assertThat(FullDisk.problem(directory, failure)).isEmpty();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void the_response_has_the_place_and_the_free_space() {
        assertThat(FullDisk.at(directory.resolve("not/there/yet.db")).detail())
                .contains(directory + "/not/there/yet.db", "bytes of", "free");
    }
}
