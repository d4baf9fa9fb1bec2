package dev.holdfast.bootstrap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The source files of all modules' tests. A module sees only its own test classes, so files are read instead. */
record TestSources(List<TestSource> files) {
    private static final Pattern TESTS = Pattern.compile(
            "^ +@(?:Test|ParameterizedTest|RepeatedTest|TestFactory|TestTemplate|ArchTest)\\b", Pattern.MULTILINE);
    private static final Pattern TAG = Pattern.compile("^@Tag\\(\"([^\"]*)\"\\)", Pattern.MULTILINE);
    /** ArchUnit's engine reads no other tag. */
    private static final Pattern ARCH_TAG = Pattern.compile("^@ArchTag\\(\"([^\"]*)\"\\)", Pattern.MULTILINE);

    /** The folder of the checkout: the first one upwards with the script {@code check}. */
    static Path checkout() {
        Path folder = Path.of("").toAbsolutePath();
        while (!Files.isRegularFile(folder.resolve("check"))) {
            Path parent = folder.getParent();
            if (parent == null) {
                throw new IllegalStateException(
                        "no folder with the script check above " + Path.of("").toAbsolutePath());
            }
            folder = parent;
        }
        return folder;
    }

    static TestSources below(Path root) throws IOException {
        try (Stream<Path> modules = Files.list(root)) {
            List<Path> folders = modules.map(it -> it.resolve(Path.of("src", "test", "java")))
                    .filter(Files::isDirectory)
                    .sorted()
                    .toList();
            return new TestSources(
                    folders.stream().flatMap(TestSources::javaFiles).toList());
        }
    }

    private static Stream<TestSource> javaFiles(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(it -> it.toString().endsWith(".java")).sorted().map(TestSource::read).toList().stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The classes that Surefire runs. */
    List<TestSource> tests() {
        return files.stream().filter(TestSource::isTest).toList();
    }

    /** @param name the class's simple name */
    record TestSource(String name, String text) {
        private static TestSource read(Path file) {
            try {
                return new TestSource(file.getFileName().toString().replace(".java", ""), Files.readString(file));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        boolean isTest() {
            return name.endsWith("Test") && !isAbstract();
        }

        boolean isAbstract() {
            return text.contains("abstract class " + name);
        }

        boolean hasTestMethods() {
            return TESTS.matcher(text).find();
        }

        List<String> tags() {
            Pattern tag = text.contains("\n@AnalyzeClasses") ? ARCH_TAG : TAG;
            return tag.matcher(text).results().map(TestSource::value).toList();
        }

        private static String value(MatchResult tag) {
            return tag.group(1);
        }
    }
}
