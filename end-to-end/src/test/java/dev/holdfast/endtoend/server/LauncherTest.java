package dev.holdfast.endtoend.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ./holdfast} in a checkout whose Maven and Java are scripts that wait, each with a process of its own. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
class LauncherTest {
    /** Each process that the scripts start says so. */
    private static final String SAY = "echo $$ >>\"%1$s/pids\"; sh -c 'echo $$ >>\"%1$s/pids\"; exec sleep 601.5' & ";

    @TempDir
    Path directory;

    private Path checkout;

    @BeforeEach
    void make() throws Exception {
        checkout = Files.createDirectories(directory.resolve("checkout"));
        Files.createDirectories(checkout.resolve("scripts"));
        Files.createDirectories(checkout.resolve("bootstrap/src/main"));
        Files.writeString(checkout.resolve("pom.xml"), "");
        Files.writeString(checkout.resolve("bootstrap/pom.xml"), "");
        Files.copy(Path.of("../scripts/jdk.sh"), checkout.resolve("scripts/jdk.sh"));
        program(checkout.resolve("holdfast"), Files.readString(Path.of("../holdfast")));
        Files.createDirectories(directory.resolve("jdk/bin"));
        Files.writeString(directory.resolve("jdk/release"), "JAVA_VERSION=\"25.0.1\"\n");
        program(directory.resolve("jdk/bin/javac"), "#!/bin/sh\n");
        program(
                directory.resolve("bin/mvn"),
                "#!/bin/sh\n" + SAY.formatted(directory)
                        + "until [ -e \"%1$s/built\" ] && [ \"$(wc -l <\"%1$s/pids\")\" -ge 2 ]; do sleep 0.1; done; "
                                .formatted(directory)
                        + "mkdir -p bootstrap/target/app/lib; kill $!\n");
        program(
                directory.resolve("jdk/bin/java"),
                "#!/bin/sh\n" + SAY.formatted(directory)
                        + "case \"$*\" in *AOTCacheOutput*) trap '' TERM ;; esac; echo run \"$@\"; wait\n");
    }

    private static void program(Path file, String text) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @AfterEach
    void end() throws Exception {
        for (long pid : started()) {
            ProcessHandle.of(pid).filter(_ -> !isGone(pid)).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    /** In a process group of its own, as a shell starts it. */
    private Process launch() throws IOException {
        var builder = new ProcessBuilder("setsid", checkout.resolve("holdfast").toString(), "serve")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("out").toFile());
        builder.environment().put("JAVA_HOME", directory.resolve("jdk").toString());
        builder.environment().put("PATH", directory.resolve("bin") + ":" + System.getenv("PATH"));
        return builder.start();
    }

    private List<Long> started() throws IOException {
        Path pids = directory.resolve("pids");
        return Files.exists(pids)
                ? Files.readAllLines(pids).stream().map(Long::valueOf).toList()
                : List.of();
    }

    /** Another process may have the number by now, and an entry may stay of one that nothing waits for: it has no command. */
    private boolean isGone(long pid) {
        try {
            String command = Files.readString(Path.of("/proc/" + pid + "/cmdline"));
            return !command.contains(directory.toString()) && !command.contains("601.5") && !command.contains("flock");
        } catch (IOException e) {
            return true;
        }
    }

    private void awaitStarted(int processes) throws Exception {
        var _ = Eventually.get(this::started, it -> it.size() == processes);
    }

    private void assertAllEnd(Process launcher) throws Exception {
        assertThat(launcher.waitFor(30, TimeUnit.SECONDS)).isTrue();
        var _ = Eventually.get(this::started, it -> it.stream().allMatch(this::isGone));
        // Also the processes of the launcher itself: each has its place in the command line.
        var _ = Eventually.get(
                () -> ProcessHandle.allProcesses()
                        .filter(it -> it.info()
                                .commandLine()
                                .filter(line -> line.contains(checkout.toString()))
                                .isPresent())
                        .toList(),
                List::isEmpty);
    }

    private static void signal(String signal, String target) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + signal, "--", target)
                        .inheritIO()
                        .start()
                        .waitFor())
                .isZero();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"TERM, ''", "TERM, -", "KILL, ''"})
    void a_start_that_is_ended_while_it_builds_leaves_no_process(String signal, String group) throws Exception {
        Process launcher = launch();
        awaitStarted(2);
        signal(signal, group + launcher.pid());
        assertAllEnd(launcher);
    }

    @Test
    void a_start_that_is_ended_while_it_waits_for_another_one_leaves_no_process() throws Exception {
        Process first = launch();
        awaitStarted(2);
        Process second = launch();
        var _ = Eventually.get(
                () -> ProcessHandle.of(second.pid()).stream()
                        .flatMap(ProcessHandle::descendants)
                        .filter(it -> it.info()
                                .command()
                                .filter(c -> c.endsWith("flock"))
                                .isPresent())
                        .toList(),
                it -> !it.isEmpty());
        List<Long> waiting = second.descendants().map(ProcessHandle::pid).toList();
        second.destroy();
        assertThat(second.waitFor(30, TimeUnit.SECONDS)).isTrue();
        var _ = Eventually.get(() -> waiting, it -> it.stream().allMatch(this::isGone));
        assertThat(first.isAlive()).isTrue();
        first.destroy();
        assertAllEnd(first);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_start_that_is_ended_while_it_prepares_leaves_no_java_that_does_not_end(boolean signalToEach)
            throws Exception {
        Files.createFile(directory.resolve("built"));
        Process launcher = launch();
        awaitStarted(4);
        List<ProcessHandle> all = signalToEach ? launcher.descendants().toList() : List.of();
        launcher.destroy();
        all.forEach(ProcessHandle::destroy);
        assertAllEnd(launcher);
    }

    @Test
    void a_build_that_was_cut_off_begins_from_nothing() throws Exception {
        Process launcher = launch();
        awaitStarted(2);
        Path half = Files.createDirectories(checkout.resolve("domain/target/classes"));
        launcher.destroy();
        assertAllEnd(launcher);

        Process again = launch();
        awaitStarted(4);
        assertThat(half).doesNotExist();
        again.destroy();
        assertAllEnd(again);
    }

    @Test
    void a_build_that_fails_ends_the_start_with_its_errors() throws Exception {
        program(directory.resolve("bin/mvn"), "#!/bin/sh\necho '[ERROR] no way'; exit 1\n");
        Process launcher = launch();
        assertThat(launcher.waitFor(30, TimeUnit.SECONDS)).isTrue();
        assertThat(launcher.exitValue()).isEqualTo(1);
        assertThat(directory.resolve("out"))
                .content(UTF_8)
                .contains("[ERROR] no way", "holdfast: the build failed;")
                .doesNotContain("Killed", "Done", "Exit");
    }
}
