package dev.holdfast.bootstrap;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.testkit.JavaProcess;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code scripts/KnownHoles.java}, which the build runs with the server's class path. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
class KnownHolesTest {
    private static final Path SCRIPTS = TestSources.checkout().resolve("scripts");
    private static final byte[] NONE = {};

    @TempDir
    Path folder;

    @Test
    void a_dependency_with_a_known_hole_fails_the_build() throws Exception {
        Path planted = jar(inRepository("io/netty", "netty-codec-http", "4.2.12.Final"), Map.of());
        Path milestone = jar(
                inRepository("org/apache/commons", "commons-fileupload2-core", "2.0.0-M3"),
                Map.of("org/apache/commons/fileupload2/core/MultipartInput.class", NONE));

        Run run = run(planted, milestone);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.findings())
                .satisfiesExactly(
                        it -> assertThat(it)
                                .startsWith("known-holes: io.netty:netty-codec-http 4.2.12.Final in " + planted
                                        + " (expected: at least 4.2."),
                        it -> assertThat(it)
                                .startsWith("known-holes: org.apache.commons:commons-fileupload2-core 2.0.0-M3 in "
                                        + milestone + " (expected: at least 2.0.0-M4"));
    }

    @Test
    void a_known_hole_in_a_shaded_jar_fails_the_build() throws Exception {
        byte[] properties = "groupId=io.netty\nversion=4.2.9.Final\n".getBytes(UTF_8);
        Path kept = jar(
                folder.resolve("kept.jar"), Map.of("META-INF/maven/io.netty/netty-handler/pom.properties", properties));
        Path renamed = jar(
                folder.resolve("renamed.jar"),
                Map.of(
                        "META-INF/shaded.io.netty.versions.properties",
                        "netty-common.version=4.1.124.Final\n".getBytes(UTF_8),
                        "shaded/io/netty/util/Version.class",
                        NONE));
        Path nested = jar(folder.resolve("nested.jar"), Map.of("lib/kept.jar", Files.readAllBytes(kept)));
        Path unknown = jar(folder.resolve("unknown.jar"), Map.of("shaded/io/netty/util/Version.class", NONE));

        Run run = run(kept, nested, renamed, unknown);

        assertThat(run.code()).isEqualTo(1);
        assertThat(run.findings())
                .satisfiesExactlyInAnyOrder(
                        it -> assertThat(it).contains("io.netty:netty-handler 4.2.9.Final in " + kept + " ("),
                        it -> assertThat(it)
                                .contains("io.netty:netty-handler 4.2.9.Final in " + nested + "!/lib/kept.jar ("),
                        it -> assertThat(it).contains("io.netty:netty-common 4.1.124.Final in " + renamed + " ("),
                        it -> assertThat(it).contains(unknown + " has classes of io.netty:*, of no known version"));
    }

    @Test
    void fixed_versions_and_other_artifacts_pass() throws Exception {
        Path fixed = jar(
                inRepository("io/netty", "netty-codec-http", "4.2.17.Final"),
                Map.of("io/netty/handler/codec/http/HttpRequest.class", NONE));
        Path later = jar(inRepository("io/netty", "netty-common", "4.3.0.Final"), Map.of());
        Path other = jar(
                inRepository("io/netty/incubator", "netty-codec-quic", "0.0.1"),
                Map.of("io/micronaut/security/Token.class", NONE));

        Run run = run(fixed, later, other);

        assertThat(run.lines()).isEmpty();
        assertThat(run.code()).isZero();
    }

    @Test
    void a_class_path_without_jars_is_an_error_rather_than_a_success() throws Exception {
        Run run = run(folder);
        assertThat(run.lines()).containsExactly("known-holes: no jar in CLASSPATH (expected: at least one)");
        assertThat(run.code()).isEqualTo(2);
    }

    private record Run(int code, List<String> lines) {
        List<String> findings() {
            return lines.stream().filter(it -> it.contains("(expected: ")).toList();
        }
    }

    private static Run run(Path... classPath) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        JavaProcess.program(),
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        SCRIPTS.resolve("KnownHoles.java").toString(),
                        SCRIPTS.resolve("known-holes.txt").toString(),
                        Stream.of(classPath).map(Path::toString).collect(Collectors.joining(File.pathSeparator)))
                .redirectErrorStream(true)
                .start();
        List<String> lines;
        try (var output = process.inputReader(UTF_8)) {
            lines = output.lines().toList();
        }
        return new Run(process.waitFor(), lines);
    }

    private Path inRepository(String group, String artifact, String version) throws IOException {
        Path place = folder.resolve("repository")
                .resolve(group)
                .resolve(artifact)
                .resolve(version)
                .resolve(artifact + "-" + version + ".jar");
        Files.createDirectories(place.getParent());
        return place;
    }

    private static Path jar(Path place, Map<String, byte[]> entries) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("META-INF/"));
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
            }
        }
        return Files.write(place, bytes.toByteArray());
    }
}
