package dev.holdfast.sqlite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.Outcome;
import dev.holdfast.domain.problem.Problem;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A database next to which a sidecar's name is something other than a regular file. */
@Tag("adapter")
@Tag("root")
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class SidecarTypesTest {
    private enum Type {
        DIRECTORY("a directory") {
            @Override
            void make(Path at) throws IOException {
                Files.createDirectory(at);
            }
        },
        PIPE("a pipe") {
            @Override
            void make(Path at) throws IOException {
                run("mkfifo", at.toString());
            }
        },
        SOCKET("a socket") {
            @Override
            void make(Path at) throws IOException {
                try (var socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                    socket.bind(UnixDomainSocketAddress.of(at));
                }
            }
        },
        DEVICE("a device") {
            @Override
            void make(Path at) throws IOException {
                run("mknod", at.toString(), "c", "1", "5");
            }
        },
        LINK("a symbolic link") {
            @Override
            void make(Path at) throws IOException {
                Path elsewhere = Files.createTempFile("elsewhere", "");
                Files.writeString(elsewhere, "content");
                Files.createSymbolicLink(at, elsewhere);
            }
        },
        LINK_TO_A_PIPE("a symbolic link") {
            @Override
            void make(Path at) throws IOException {
                Path pipe = Files.createTempDirectory("elsewhere").resolve("pipe");
                run("mkfifo", pipe.toString());
                Files.createSymbolicLink(at, pipe);
            }
        },
        LINK_WITHOUT_TARGET("a symbolic link") {
            @Override
            void make(Path at) throws IOException {
                Files.createSymbolicLink(at, at.resolveSibling("nowhere"));
            }
        };

        private final String words;

        Type(String words) {
            this.words = words;
        }

        abstract void make(Path at) throws IOException;
    }

    @TempDir
    Path root;

    private Path live;
    private Path database;
    private Path backup;
    private SqliteFixture fixture;

    @BeforeEach
    void directory() throws Exception {
        live = Files.createDirectory(root.resolve("live"));
        database = live.resolve("app.db");
        backup = root.resolve("backup.db");
        fixture = SqliteFixture.impatient(root);
        Shell.run(backup, "CREATE TABLE t(x); INSERT INTO t VALUES ('backup')");
    }

    private static void run(String... command) throws IOException {
        assertThat(new ProcessBuilder(command).start().onExit().join().exitValue())
                .isZero();
    }

    static Stream<Arguments> sidecars() {
        return Stream.of("delete", "wal")
                .flatMap(mode -> Stream.of("-wal", "-shm", "-journal")
                        .flatMap(suffix -> (mode.equals("delete")
                                        ? Stream.of(Type.values())
                                        : Stream.of(Type.DIRECTORY, Type.PIPE))
                                .map(type -> Arguments.of(mode, suffix, type))));
    }

    private Path make(String mode, String suffix, Type type) throws Exception {
        Shell.run(database, "PRAGMA journal_mode=" + mode + "; CREATE TABLE t(x); INSERT INTO t VALUES ('live')");
        Path sidecar = live.resolve("app.db" + suffix);
        type.make(sidecar);
        return sidecar;
    }

    private static void assertNames(Path sidecar, Type type, Problem problem) {
        assertThat(problem)
                .isInstanceOfSatisfying(
                        Problem.SourceNotAccessible.class,
                        it -> assertThat(it.detail())
                                .contains(sidecar + " is " + type.words)
                                .contains("Move " + sidecar + " away"));
    }

    @ParameterizedTest(name = "{0}: {1} is a {2}")
    @MethodSource("sidecars")
    void a_backup_and_a_restore_name_the_sidecar_and_change_nothing(String mode, String suffix, Type type)
            throws Exception {
        Path sidecar = make(mode, suffix, type);
        byte[] before = Files.readAllBytes(database);
        Object identity = Files.getAttribute(sidecar, "unix:ino", LinkOption.NOFOLLOW_LINKS);

        assertNames(sidecar, type, fixture.refusal(database));
        assertThat(fixture.restore(database, backup))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class, it -> assertNames(sidecar, type, ((Outcome.Refused<?>) it).problem()));
        fixture.settle(database);

        assertThat(Files.readAllBytes(database)).isEqualTo(before);
        assertThat(Files.getAttribute(sidecar, "unix:ino", LinkOption.NOFOLLOW_LINKS))
                .isEqualTo(identity);
        assertThat(entries()).containsExactlyInAnyOrder(database, sidecar);
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> entries = Files.list(live)) {
            return entries.toList();
        }
    }

    @ParameterizedTest(name = "{0}")
    @EnumSource(Type.class)
    void a_restore_of_a_missing_file_names_the_sidecar(Type type) throws Exception {
        Path sidecar = make("delete", "-wal", type);
        Files.delete(database);
        assertThat(fixture.restore(database, backup))
                .isInstanceOfSatisfying(
                        Outcome.Refused.class, it -> assertNames(sidecar, type, ((Outcome.Refused<?>) it).problem()));
        assertThat(entries()).containsExactly(sidecar);
    }

    @Test
    void the_next_backup_works_once_the_sidecar_is_away() throws Exception {
        Path sidecar = make("delete", "-journal", Type.PIPE);
        fixture.refusal(database);
        Files.delete(sidecar);
        assertThat(Shell.run(fixture.copy(database, "copy"), "SELECT x FROM t")).isEqualTo("live\n");
    }
}
