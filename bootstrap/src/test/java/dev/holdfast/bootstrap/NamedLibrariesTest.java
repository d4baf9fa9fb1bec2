package dev.holdfast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The libraries that the project's owner has named: each is declared, and does work. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class NamedLibrariesTest {
    @TempDir
    Path tree;

    /** Scheduling is a package of micronaut-context, and gRPC's name for a program is the server's. */
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "micronaut-http-server-netty, io.micronaut.http.server.netty, main",
        "micronaut-grpc-server-runtime, io.micronaut.grpc.server, main",
        "micronaut-context, io.micronaut.scheduling.TaskScheduler, main",
        "micronaut-security-jwt, io.micronaut.security.token.jwt, main",
        "sqlite-jdbc, org.sqlite, main",
        "micronaut-test-junit5, io.micronaut.test.extensions.junit5, test",
        "grpc-testing, io.grpc.testing, test"
    })
    void a_named_library_is_declared_and_a_class_uses_it(String artifact, String from, String sources)
            throws Exception {
        assertThat(declaring(TestSources.checkout(), artifact)).as(artifact).isNotEmpty();
        assertThat(using(TestSources.checkout(), from, sources)).as(from).isNotEmpty();
    }

    @Test
    void a_comment_or_a_longer_name_is_no_use() throws Exception {
        Path sources = Files.createDirectories(tree.resolve("module/src/main/java"));
        Files.writeString(
                sources.resolve("A.java"), "// import org.sqlite.Function;\nimport org.sqlitefake.Function;\n");
        assertThat(using(tree, "org.sqlite", "main")).isEmpty();

        Files.writeString(sources.resolve("B.java"), "import static org.sqlite.Function.create;\n");
        assertThat(using(tree, "org.sqlite", "main")).containsExactly("module/src/main/java/B.java");
        assertThat(using(tree, "org.sqlite", "test")).isEmpty();
    }

    private static List<Path> declaring(Path root, String artifact) throws IOException {
        Pattern declared = Pattern.compile(
                "<dependency>\\s*<groupId>[^<]*</groupId>\\s*<artifactId>" + artifact + "</artifactId>");
        try (Stream<Path> modules = Files.list(root)) {
            return modules.map(it -> it.resolve("pom.xml"))
                    .filter(Files::isRegularFile)
                    .filter(it -> declared.matcher(text(it)).find())
                    .toList();
        }
    }

    /** The classes that import something from a package or a class, as paths. */
    private static List<String> using(Path root, String from, String sources) throws IOException {
        Pattern imported = Pattern.compile("^import (?:static )?" + Pattern.quote(from) + "[.;]", Pattern.MULTILINE);
        try (Stream<Path> modules = Files.list(root)) {
            return modules.map(it -> it.resolve(Path.of("src", sources, "java")))
                    .filter(Files::isDirectory)
                    .flatMap(NamedLibrariesTest::javaFiles)
                    .filter(it -> imported.matcher(text(it)).find())
                    .map(it -> root.relativize(it).toString())
                    .sorted()
                    .toList();
        }
    }

    private static Stream<Path> javaFiles(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(it -> it.toString().endsWith(".java")).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
