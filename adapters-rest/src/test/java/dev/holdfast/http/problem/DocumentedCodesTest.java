package dev.holdfast.http.problem;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.problem.ProblemCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("unit")
@DisplayNameGeneration(ReplaceUnderscores.class)
class DocumentedCodesTest {
    @Test
    void the_documents_table_is_the_codes_table() throws IOException {
        List<String> documented = Files.readAllLines(Path.of("..", "docs", "rest.md")).stream()
                .filter(it -> it.matches("\\| \\d{3} \\| `.*"))
                .toList();
        assertThat(documented).containsExactlyElementsOf(rows());
    }

    private static List<String> rows() {
        Stream<String> codes =
                Stream.of(ProblemCode.values()).map(it -> row(Statuses.of(it).getCode(), it.id(), it.title()));
        Stream<String> ofHttp =
                Stream.of(HttpCode.values()).map(it -> row(it.status().getCode(), it.id(), it.title()));
        return Stream.concat(codes, ofHttp).sorted().toList();
    }

    private static String row(int status, String id, String title) {
        return "| " + status + " | `" + id + "` | " + title + " |";
    }
}
