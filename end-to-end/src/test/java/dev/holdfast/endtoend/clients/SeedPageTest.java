package dev.holdfast.endtoend.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.endtoend.writers.Bank;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines of the API's page, sent by the real {@code curl}, apart from port and file name. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
class SeedPageTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path directory;

    @Test
    void the_five_lines_do_what_the_page_says() throws Exception {
        try (ServerProcess server = ServerProcess.start(Options.in(directory.resolve("data")))) {
            String base = server.address() + "/api/v1/backup";
            assertThat(server.output()).anyMatch(it -> it.contains("made a small sample database"));

            JsonNode created = json(curl("-s", "-X", "POST", base));
            String name = created.path("filename").asText();
            assertThat(fields(created)).containsExactly("database", "filename", "size", "created_at");
            assertThat(created.path("database").asText()).isEqualTo("default");
            assertThat(name).matches("app_\\d{8}_\\d{6}\\.db");
            assertThat(created.path("size").isIntegralNumber()).isTrue();
            assertThat(created.path("created_at").asText())
                    .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}");

            JsonNode listed = json(curl("-s", base)).path("backups");
            assertThat(listed).hasSize(1);
            for (String field : List.of("filename", "size", "created_at")) {
                assertThat(listed.path(0).path(field)).isEqualTo(created.path(field));
            }

            JsonNode restored = json(curl("-s", "-X", "POST", base + "/" + name + "/restore"));
            assertThat(restored.path("database").asText()).isEqualTo("default");
            assertThat(restored.path("restored_from").asText()).isEqualTo(name);

            Path backup = directory.resolve("backup.db");
            curl("-s", base + "/" + name + "/download", "-o", backup.toString());
            try (var connection = Bank.open(backup)) {
                assertThat(Bank.number(connection, "SELECT count(*) FROM note")).isEqualTo(2);
            }

            JsonNode deleted = json(curl("-s", "-X", "DELETE", base + "/" + name));
            assertThat(deleted.toString()).isEqualTo("{\"status\":\"deleted\"}");
        }
    }

    private static String curl(String... arguments) throws Exception {
        var command = new ArrayList<>(List.of("curl"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(command.toString()).isZero();
        return out;
    }

    private static JsonNode json(String text) throws Exception {
        return JSON.readTree(text);
    }

    private static List<String> fields(JsonNode json) {
        var names = new ArrayList<String>();
        json.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
