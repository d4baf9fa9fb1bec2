package dev.holdfast.example;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page's examples are the files that the end-to-end tests run. */
@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class ClientsPageTest {
    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({
        "java, src/test/java/dev/holdfast/example/BackUpAndRestore.java",
        "java, src/test/java/dev/holdfast/example/OverTls.java",
        "js, src/test/js/grpc/example.js",
        "js, src/test/js/grpc/tls.js"
    })
    void an_example_on_the_page_is_the_one_that_is_tested(String language, Path tested) throws Exception {
        assertThat(Files.readString(Path.of("../docs/clients.md")))
                .contains("\n```" + language + "\n" + Files.readString(tested) + "```\n");
    }
}
