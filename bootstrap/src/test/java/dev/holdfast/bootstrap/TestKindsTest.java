package dev.holdfast.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.bootstrap.TestSources.TestSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code ./check --fast} and {@code ./test --tag} select test classes by the tags that CONTRIBUTING.md explains. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class TestKindsTest {
    private static final Set<String> KINDS = Set.of("unit", "adapter", "process", "browser");
    private static final Set<String> OTHERS = Set.of("root", "slow");

    @TempDir
    Path tree;

    @Test
    void each_test_class_has_one_kind_and_known_tags() throws Exception {
        TestSources sources = TestSources.below(TestSources.checkout());
        assertThat(sources.tests()).hasSizeGreaterThan(100);
        assertThat(findings(sources)).isEmpty();
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            value = {
                "MissingTest | '' | MissingTest: 0 kinds",
                "TwiceTest | @Tag(\"unit\") @Tag(\"adapter\") | TwiceTest: 2 kinds",
                "WrongTest | @Tag(\"unit\") @Tag(\"fast\") | WrongTest: unknown tag fast",
                "RulesTest | @AnalyzeClasses @Tag(\"unit\") | RulesTest: 0 kinds",
                "Uncalled | @Tag(\"unit\") | Uncalled: has tests and no name that ends with Test"
            })
    void a_class_with_wrong_tags_is_named(String name, String annotations, String finding) throws Exception {
        assertThat(findings(name, annotations)).singleElement().asString().startsWith(finding);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "@Tag(\"adapter\")",
                "@Tag(\"process\") @Tag(\"root\") @Tag(\"slow\")",
                "@AnalyzeClasses @ArchTag(\"unit\")"
            })
    void a_class_with_one_kind_is_right(String annotations) throws Exception {
        assertThat(findings("RightTest", annotations)).isEmpty();
    }

    private List<String> findings(String name, String annotations) throws Exception {
        Path folder = Files.createDirectories(tree.resolve("module/src/test/java/example"));
        Files.writeString(
                folder.resolve(name + ".java"),
                "\n" + annotations.replace(' ', '\n') + "\nclass " + name
                        + " {\n    @Test\n    void it_works() {}\n}\n");
        return findings(TestSources.below(tree));
    }

    private static List<String> findings(TestSources sources) {
        return sources.files().stream().flatMap(TestKindsTest::findings).toList();
    }

    private static Stream<String> findings(TestSource source) {
        if (!source.isTest()) {
            return source.hasTestMethods() && !source.isAbstract()
                    ? Stream.of(source.name() + ": has tests and no name that ends with Test, so they never run")
                    : Stream.empty();
        }
        List<String> tags = source.tags();
        Stream<String> unknown = tags.stream()
                .filter(it -> !KINDS.contains(it) && !OTHERS.contains(it))
                .map(it -> source.name() + ": unknown tag " + it);
        long kinds = tags.stream().filter(KINDS::contains).count();
        Stream<String> count = kinds == 1
                ? Stream.empty()
                : Stream.of(source.name() + ": " + kinds
                        + " kinds (expected: one of @Tag unit, adapter, process, browser)");
        return Stream.concat(unknown, count);
    }
}
