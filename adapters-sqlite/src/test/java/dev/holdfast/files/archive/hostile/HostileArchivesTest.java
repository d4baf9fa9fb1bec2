package dev.holdfast.files.archive.hostile;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.application.archive.UnpackLimits;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.files.archive.hostile.HostileCase.Came;
import dev.holdfast.store.directory.SmallFileSystem;
import dev.holdfast.testkit.JavaProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("process")
@Tag("root")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
class HostileArchivesTest {
    private static final long LONGEST_SECONDS = 300;
    /** Of what the limits allow: what was unpacked, and a database in the making of it. */
    private static final int SHARE = 3;

    private static final int DISK_MEBIBYTES = 256;

    @TempDir
    private Path directory;

    @ParameterizedTest(name = "{0}")
    @MethodSource("cases")
    void harms_nobody(HostileCase it) throws IOException {
        Path archive = ArchiveProbe.save(it.bytes(), directory.resolve("archive"));
        ArchiveProbe probe = Subject.in(Files.createDirectory(directory.resolve("root")));

        ArchiveProbe.Result result = probe.run(archive, it.layout(), it.extent(), it.limits());

        assertThat(it.expected()).as(result.toString()).contains(result.came());
        assertThat(it.databases()).as(result.toString()).containsAll(result.databases());
        if (it.foreign()) {
            assertThat(result.recognised().filter(found -> found != Layout.SQLITE))
                    .isEmpty();
        }
        if (!it.limits().equals(UnpackLimits.NONE)) {
            assertThat(result.bytes()).isLessThanOrEqualTo(SHARE * HostileCase.LIMITS.mostBytes());
        }
        if (result.came() != Came.UNPACKED) {
            assertThat(result.finding()).isNotBlank().hasSizeLessThan(1000).doesNotContainPattern("\\p{Cntrl}");
        }
    }

    static Stream<HostileCase> cases() {
        return Corpus.all();
    }

    @Test
    void a_small_heap_and_a_small_disk_are_enough_for_all() throws Exception {
        List<HostileCase> cases = new ArrayList<>();
        List<String> arguments = new ArrayList<>();
        for (HostileCase it : (Iterable<HostileCase>) Corpus.all()::iterator) {
            Path archive = directory.resolve(cases.size() + ".archive");
            ArchiveProbe.save(it.bytes(), archive);
            arguments.add(HostileProcess.line(archive, it));
            cases.add(it);
        }
        Path list = Files.write(directory.resolve("list"), arguments);
        Path root = Files.createDirectory(directory.resolve("small"));

        SoftAssertions.assertSoftly(softly -> {
            try (SmallFileSystem _ = SmallFileSystem.mount(root, DISK_MEBIBYTES)) {
                List<String> came = run(list, Files.createDirectory(root.resolve("root")));
                softly.assertThat(came).hasSameSizeAs(cases);
                for (int i = 0; i < Math.min(came.size(), cases.size()); i++) {
                    HostileCase it = cases.get(i);
                    softly.assertThat(it.expected().stream().map(Enum::name))
                            .as(it.title())
                            .contains(came.get(i));
                }
            } catch (IOException | InterruptedException e) {
                softly.fail("the other process", e);
            }
        });
    }

    private static List<String> run(Path list, Path root) throws IOException, InterruptedException {
        Path answers = list.resolveSibling("answers");
        Process process = new ProcessBuilder(JavaProcess.command(
                        List.of("-Xmx128m"), HostileProcess.class, List.of(list.toString(), root.toString())))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .redirectOutput(answers.toFile())
                .start();
        try {
            assertThat(process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).as(Files.readString(answers)).isZero();
            return Files.readAllLines(answers, UTF_8);
        } finally {
            process.destroyForcibly();
        }
    }
}
