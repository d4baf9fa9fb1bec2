package dev.holdfast.sqlite.wal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.snapshot.Snapshot;
import dev.holdfast.sqlite.Shell;
import dev.holdfast.sqlite.SqliteFixture;
import dev.holdfast.sqlite.io.Connections;
import dev.holdfast.sqlite.lock.ForeignLocks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether another process holds a byte of the wal-index, while this process holds it, too. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ForeignLocksTest {
    private static final long SWITCH = WalIndexHeader.DEAD_MAN_SWITCH;

    @TempDir
    Path root;

    private Path database;
    private Path shared;

    @BeforeEach
    void database_in_WAL_mode() throws Exception {
        database = Files.createDirectory(root.resolve("live")).resolve("app.db");
        shared = database.resolveSibling("app.db-shm");
        try (Shell shell = Shell.open(database)) {
            shell.say("PRAGMA journal_mode=WAL; CREATE TABLE t(x); INSERT INTO t VALUES (1)");
        }
    }

    private Connection reading() throws Exception {
        Connection connection = Connections.open(database, "mode=rw", 1000);
        Connections.execute(connection, "BEGIN");
        Connections.ask(connection, "SELECT count(*) FROM t");
        return connection;
    }

    @Test
    void the_locks_of_SQLite_in_this_process_are_none() throws Exception {
        try (ForeignLocks locks = ForeignLocks.on(shared);
                Connection _ = reading()) {
            assertThat(locks.isHeld(SWITCH, 1)).isFalse();
            assertThat(locks.isHeld(WalIndexHeader.READ_LOCKS, WalIndexHeader.READ_LOCK_COUNT))
                    .isFalse();
            assertThat(locks.isHeldByThisProcess(SWITCH, 1)).isTrue();
            assertThat(locks.isHeldByThisProcess(WalIndexHeader.READ_LOCKS, WalIndexHeader.READ_LOCK_COUNT))
                    .isTrue();
            assertThat(locks.isHeldByThisProcess(WalIndexHeader.WRITE_LOCK, 1)).isFalse();
        }
    }

    @Test
    void a_lock_of_an_open_file_description_of_this_process_is_none() throws Exception {
        try (DescriptionLock _ = DescriptionLock.on(shared, SWITCH);
                ForeignLocks locks = ForeignLocks.on(shared)) {
            assertThat(locks.isHeld(SWITCH, 1)).isFalse();
            assertThat(locks.isHeldByThisProcess(SWITCH, 1)).isFalse();
        }
    }

    @Test
    void both_kinds_of_locks_of_this_process_are_none_and_hide_no_other_process() throws Exception {
        try (DescriptionLock _ = DescriptionLock.on(shared, SWITCH);
                ForeignLocks locks = ForeignLocks.on(shared);
                Connection _ = reading()) {
            assertThat(locks.isHeld(SWITCH, 1)).isFalse();
            try (Shell other = Shell.open(database)) {
                assertThat(other.say("SELECT count(*) FROM t")).isEqualTo("1\n");
                assertThat(locks.isHeld(SWITCH, 1)).isTrue();
            }
            assertThat(locks.isHeld(SWITCH, 1)).isFalse();
        }
    }

    @Test
    void a_lock_of_an_open_file_description_of_another_process_counts() throws Exception {
        Process other = holder();
        try (ForeignLocks locks = ForeignLocks.on(shared)) {
            assertThat(locks.isHeld(SWITCH, 1)).isTrue();
            assertThat(locks.isHeld(SWITCH + 1, 1)).isFalse();
            other.destroyForcibly().waitFor();
            assertThat(locks.isHeld(SWITCH, 1)).isFalse();
        } finally {
            other.destroyForcibly();
        }
    }

    @Test
    void another_process_counts_and_its_end_as_well() throws Exception {
        try (ForeignLocks locks = ForeignLocks.on(shared)) {
            assertThat(locks.isHeld(SWITCH, 1)).isFalse();
            try (Shell other = Shell.open(database)) {
                assertThat(other.say("SELECT count(*) FROM t")).isEqualTo("1\n");
                assertThat(locks.isHeld(SWITCH, 1)).isTrue();
                assertThat(locks.isHeld(WalIndexHeader.WRITE_LOCK, 1)).isFalse();
                assertThat(other.say("BEGIN IMMEDIATE")).isEmpty();
                assertThat(locks.isHeld(WalIndexHeader.WRITE_LOCK, 1)).isTrue();
            }
            assertThat(locks.isHeld(SWITCH, 1)).isFalse();
        }
    }

    @Test
    void a_process_of_another_PID_namespace_counts() throws Exception {
        try (ForeignLocks locks = ForeignLocks.on(shared);
                Shell other = Shell.in(
                        List.of("unshare", "--user", "--map-root-user", "--pid", "--fork", "--kill-child"), database)) {
            assertThat(other.say("SELECT count(*) FROM t")).isEqualTo("1\n");
            assertThat(locks.isHeld(SWITCH, 1)).isTrue();
        }
    }

    @Test
    void while_a_backup_holds_its_locks_alone_no_other_process_does() throws Exception {
        try (ForeignLocks locks = ForeignLocks.on(shared);
                ForeignLocks mainLocks = ForeignLocks.on(database)) {
            try (Shell other = Shell.open(database)) {
                other.say("INSERT INTO t VALUES (2)");
                try (Snapshot _ = SqliteFixture.in(root).pin(database)) {
                    assertThat(locks.isHeld(SWITCH, 1)).isTrue();
                    other.kill();
                    assertThat(locks.isHeld(SWITCH, 1)).isFalse();
                    assertThat(mainLocks.isHeld(0x40000000L, 512)).isFalse();
                    assertThat(locks.isHeldByThisProcess(SWITCH, 1)).isTrue();
                    assertThat(mainLocks.isHeldByThisProcess(0x40000000L, 512)).isTrue();
                }
            }
        }
    }

    /** With the locks of both, and a second process that looks for those of this one. */
    @Test
    void a_thousand_questions_take_no_lock_away() throws Exception {
        try (ForeignLocks locks = ForeignLocks.on(shared);
                DescriptionLock _ = DescriptionLock.on(shared, SWITCH);
                Connection mine = reading();
                Shell other = Shell.open(database)) {
            Connections.execute(mine, "INSERT INTO t VALUES (2)");
            for (int i = 0; i < 1000; i++) {
                assertThat(locks.isHeld(SWITCH, 1)).isEqualTo(i >= 500);
                if (i == 499) {
                    assertThat(other.say("SELECT count(*) FROM t")).isEqualTo("1\n");
                }
            }
            assertThat(other.say("INSERT INTO t VALUES (3)")).contains("locked");
            assertThat(other.say("PRAGMA wal_checkpoint(TRUNCATE)")).startsWith("1|");
            Connections.execute(mine, "COMMIT");
            assertThat(other.say("SELECT count(*) FROM t")).isEqualTo("2\n");
        }
    }

    /** A Python process: Java cannot take such a lock without native code, which would be the code under test. */
    private Process holder() throws IOException {
        String code = """
                import fcntl, struct, sys
                f = open(sys.argv[1])
                fcntl.fcntl(f, 37, struct.pack('hhqqi4x', fcntl.F_RDLCK, 0, 128, 1, 0))
                print('held', flush=True)
                sys.stdin.read()
                """;
        Process process = new ProcessBuilder("python3", "-c", code, shared.toString()).start();
        assertThat(process.inputReader().readLine()).isEqualTo("held");
        return process;
    }

    /** An OFD lock of this process, shared. */
    @SuppressWarnings("restricted")
    private record DescriptionLock(int descriptor) implements AutoCloseable {
        private static final Linker LINKER = Linker.nativeLinker();
        private static final MethodHandle OPEN = LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow("open"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.JAVA_INT),
                Linker.Option.firstVariadicArg(2));
        private static final MethodHandle CONTROL = LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow("fcntl"),
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.ADDRESS),
                Linker.Option.firstVariadicArg(2));
        private static final MethodHandle CLOSE = LINKER.downcallHandle(
                LINKER.defaultLookup().findOrThrow("close"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

        static DescriptionLock on(Path file, long at) throws Exception {
            try (Arena arena = Arena.ofConfined()) {
                int descriptor = (int) OPEN.invokeExact(arena.allocateFrom(file.toString()), 0);
                MemorySegment lock = arena.allocate(32, 8);
                lock.set(ValueLayout.JAVA_LONG, 8, at);
                lock.set(ValueLayout.JAVA_LONG, 16, 1L);
                int result = (int) CONTROL.invokeExact(descriptor, 37, lock);
                assertThat(result).isZero();
                return new DescriptionLock(descriptor);
            } catch (Exception e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void close() {
            try {
                int _ = (int) CLOSE.invokeExact(descriptor);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
