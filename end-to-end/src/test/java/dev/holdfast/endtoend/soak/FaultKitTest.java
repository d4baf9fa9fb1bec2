package dev.holdfast.endtoend.soak;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.JavaProcess;
import dev.holdfast.tree.NativeFunctions;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The library sees every call of another program that it is made for, and does to it what was asked. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
class FaultKitTest {
    /** Each step prints what it got: a number, or the name of the error. */
    private static final String PROGRAM = """
            import ctypes, errno, os, sys
            os.chdir(sys.argv[1])
            libc = ctypes.CDLL(None, use_errno=True)
            def step(name, call):
                try:
                    result = call()
                    print(name, 0 if result is None else result)
                except OSError as e:
                    print(name, errno.errorcode[e.errno])
            def c(name, *arguments):
                result = getattr(libc, name)(*arguments)
                if result < 0:
                    raise OSError(ctypes.get_errno(), name)
                return result
            flags = os.O_RDWR | os.O_CREAT
            fd = os.open("ready", flags)
            os.write(fd, b"0123456789")
            # From here on the calls are chosen: those of paths below "w".
            os.mkdir("../w")
            os.chdir("../w")
            file = os.open("x", flags)
            step("write", lambda: os.write(file, b"0123456789"))
            step("pwrite", lambda: os.pwrite(file, b"abcdefghij", 0))
            os.lseek(fd, 0, 0)
            step("copy_file_range", lambda: os.copy_file_range(fd, file, 10))
            os.lseek(fd, 0, 0)
            step("sendfile", lambda: os.sendfile(file, fd, None, 10))
            step("fallocate", lambda: os.posix_fallocate(file, 0, 10))
            step("fsync", lambda: os.fsync(file))
            step("fdatasync", lambda: os.fdatasync(file))
            step("ftruncate", lambda: os.ftruncate(file, 5))
            step("create", lambda: os.close(os.open("y", flags)))
            step("rename", lambda: os.rename("x", "z"))
            step("renameat2", lambda: c("renameat2", -100, b"z", -100, b"x", ctypes.c_uint(0)))
            step("link", lambda: os.link("x", "l"))
            step("unlink", lambda: os.unlink("l"))
            step("mkdir", lambda: os.mkdir("d"))
            step("rmdir", lambda: os.rmdir("d"))
            """;

    @TempDir
    Path directory;

    private FaultKit kit;

    @BeforeEach
    void prepare() throws Exception {
        Files.createDirectory(directory.resolve("a"));
        kit = FaultKit.create(directory.resolve("control"), directory);
        kit.choose("/w/", "");
    }

    private List<String> program() throws Exception {
        return output("python3", "-c", PROGRAM, directory.resolve("a").toString());
    }

    private List<String> output(String... command) throws Exception {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(kit.environment());
        Process process = builder.start();
        List<String> lines = new String(process.getInputStream().readAllBytes(), UTF_8)
                .lines()
                .toList();
        assertThat(process.waitFor()).as(lines.toString()).isZero();
        return lines;
    }

    @Test
    void every_call_is_seen_in_its_order() throws Exception {
        kit.record();
        program();
        List<RecordedCall> calls = kit.disarm();
        assertThat(calls.stream().map(RecordedCall::call).distinct()).containsAll(SystemCall.ALL);
        assertThat(calls).allMatch(RecordedCall::succeeded);
        assertThat(calls.stream().map(it -> it.path().getFileName().toString()).collect(Collectors.toSet()))
                .containsExactlyInAnyOrder("x", "y", "z", "l", "d");
    }

    @Test
    void a_permanent_failure_concerns_all_calls_from_the_chosen_one_on() throws Exception {
        kit.arm(new Fault(FaultKind.EIO_PERMANENTLY, 2));
        List<String> lines = program();
        kit.disarm();
        assertThat(lines).hasSize(SystemCall.ALL.size()).allMatch(it -> it.endsWith(" EIO"));
    }

    @ParameterizedTest
    @EnumSource(
            value = FaultKind.class,
            names = {"EIO_ONCE", "FULL_ONCE"})
    void one_failure_concerns_one_call(FaultKind kind) throws Exception {
        kit.arm(new Fault(kind, 3));
        List<String> lines = program();
        assertThat(kit.hasFired()).isTrue();
        kit.disarm();
        assertThat(lines.stream().filter(it -> it.matches("\\S+ E\\w+")))
                .containsExactly(kind == FaultKind.EIO_ONCE ? "pwrite EIO" : "pwrite ENOSPC");
    }

    @Test
    void a_short_call_moves_half() throws Exception {
        kit.arm(new Fault(FaultKind.SHORT_PERMANENTLY, 1));
        assertThat(program()).contains("write 5", "pwrite 5", "copy_file_range 5", "sendfile 5", "fsync 0");
    }

    @Test
    void a_lost_write_reports_what_it_did_not_do() throws Exception {
        kit.arm(new Fault(FaultKind.WRITE_LOST, 2));
        assertThat(program()).contains("write 10", "pwrite 10");
        assertThat(directory.resolve("w/x")).hasContent("01234");
    }

    @Test
    void without_enough_calls_nothing_fires() throws Exception {
        kit.arm(new Fault(FaultKind.EIO_ONCE, 1_000));
        assertThat(program()).noneMatch(it -> it.matches("\\S+ E\\w+"));
        assertThat(kit.hasFired()).isFalse();
        assertThat(kit.counted()).isBetween(SystemCall.ALL.size(), 100);
    }

    /** A linker that looks in the C library alone would pass the kit by. */
    @Test
    void a_call_through_the_foreign_function_interface_is_seen() throws Exception {
        Path folder = Files.createDirectory(directory.resolve("w"));
        Path from = Files.createFile(folder.resolve("from"));
        kit.arm(new Fault(FaultKind.EIO_ONCE, 1));
        List<String> lines = output(JavaProcess.command(
                        List.of("-XX:TieredStopAtLevel=1"),
                        Rename.class,
                        List.of(from.toString(), folder.resolve("to").toString()))
                .toArray(String[]::new));
        assertThat(lines).containsExactly("-1");
        assertThat(from).exists();
    }

    /** Renames a file as the product calls native functions. */
    static final class Rename {
        private Rename() {}

        @SuppressWarnings("restricted") // the option of the process allows it
        public static void main(String[] arguments) throws Throwable {
            var rename = Linker.nativeLinker()
                    .downcallHandle(
                            NativeFunctions.address("rename"), FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
            try (Arena arena = Arena.ofConfined()) {
                System.out.println(
                        (int) rename.invokeExact(arena.allocateFrom(arguments[0]), arena.allocateFrom(arguments[1])));
            }
        }
    }
}
