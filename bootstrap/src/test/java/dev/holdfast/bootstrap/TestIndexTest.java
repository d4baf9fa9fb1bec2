package dev.holdfast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.bootstrap.TestSources.TestSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code docs/tests.md} names classes that exist, and every class that is too costly to be found by chance. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class TestIndexTest {
    private static final Pattern CLASS = Pattern.compile("\\b[A-Z]\\w*Test\\b");

    @TempDir
    Path tree;

    @Test
    void the_index_and_the_test_classes_fit() throws Exception {
        Path checkout = TestSources.checkout();
        String index = Files.readString(checkout.resolve("docs/tests.md"));
        assertThat(findings(index, TestSources.below(checkout))).isEmpty();
    }

    @Test
    void a_name_without_a_class_and_a_class_without_an_entry_are_named() throws Exception {
        write("FoundTest", "process");
        write("LostTest", "process");
        write("SlowTest", "unit\")\n@Tag(\"slow");
        write("QuickTest", "unit");

        List<String> findings =
                findings("| a question | `FoundTest`, `MisspeltTest` | `./test FoundTest` |", sources());

        assertThat(findings)
                .containsExactly(
                        "docs/tests.md names MisspeltTest, which does not exist",
                        "docs/tests.md does not name LostTest (process)",
                        "docs/tests.md does not name SlowTest (unit, slow)");
    }

    @Test
    void a_row_that_answers_with_no_class_and_no_soak_is_named() throws Exception {
        write("FoundTest", "process");

        List<String> findings = findings("""
                | Question | Class | Command |
                |---|---|---|
                | a question | `FoundTest` | `./test FoundTest` |
                | another one | | |
                | a long one | | `./soak faults` |
                """, sources());

        assertThat(findings).containsExactly("docs/tests.md has no class and no command for: another one");
    }

    @Test
    void the_list_of_tests_that_need_root_is_that_of_the_tag() throws Exception {
        write("FoundTest", "adapter\")\n@Tag(\"root");
        write("LostTest", "adapter\")\n@Tag(\"root");
        write("OtherTest", "unit");

        List<String> findings = findings("""
                | a question about LostTest | `FoundTest` | `./test FoundTest` |
                | mounts | `FoundTest`, `OtherTest` | `./test --tag root` |
                """, sources());

        assertThat(findings)
                .containsExactly(
                        "docs/tests.md lists as tests that need root [FoundTest, OtherTest], the tag has [FoundTest,"
                                + " LostTest]");
    }

    private TestSources sources() throws Exception {
        return TestSources.below(tree);
    }

    private void write(String name, String kind) throws Exception {
        Path folder = Files.createDirectories(tree.resolve("module/src/test/java/example"));
        Files.writeString(
                folder.resolve(name + ".java"),
                "@Tag(\"" + kind + "\")\nclass " + name + " {\n    @Test\n    void it_works() {}\n}\n");
    }

    private static List<String> findings(String index, TestSources sources) {
        Set<String> named =
                CLASS.matcher(index).results().map(MatchResult::group).collect(Collectors.toSet());
        Set<String> existing = sources.tests().stream().map(TestSource::name).collect(Collectors.toSet());
        List<String> findings = new ArrayList<>();
        named.stream()
                .filter(it -> !existing.contains(it))
                .sorted()
                .forEach(it -> findings.add("docs/tests.md names " + it + ", which does not exist"));
        sources.tests().stream()
                .filter(it -> it.tags().contains("process") || it.tags().contains("slow"))
                .filter(it -> !named.contains(it.name()))
                .forEach(it -> findings.add(
                        "docs/tests.md does not name " + it.name() + " (" + String.join(", ", it.tags()) + ")"));
        index.lines()
                .filter(it -> it.startsWith("| ") && !it.startsWith("| Question"))
                .filter(it -> !CLASS.matcher(it).find() && !it.contains("`./"))
                .forEach(it -> findings.add(
                        "docs/tests.md has no class and no command for: " + it.split("\\|", -1)[1].strip()));
        rootTests(index).ifPresent(listed -> {
            Set<String> tagged = sources.tests().stream()
                    .filter(it -> it.tags().contains("root"))
                    .map(TestSource::name)
                    .collect(Collectors.toCollection(TreeSet::new));
            if (!listed.equals(tagged)) {
                findings.add("docs/tests.md lists as tests that need root " + listed + ", the tag has " + tagged);
            }
        });
        return findings;
    }

    private static Optional<Set<String>> rootTests(String index) {
        return index.lines()
                .filter(it -> it.endsWith("| `./test --tag root` |"))
                .findFirst()
                .map(it -> CLASS.matcher(it)
                        .results()
                        .map(MatchResult::group)
                        .collect(Collectors.toCollection(TreeSet::new)));
    }
}
