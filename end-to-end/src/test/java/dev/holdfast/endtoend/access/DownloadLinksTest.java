package dev.holdfast.endtoend.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
class DownloadLinksTest {
    private static final String PASSWORD = "correct horse battery";

    @ParameterizedTest
    @ValueSource(strings = {"INFO", "TRACE"})
    void a_link_works_without_a_header_and_its_token_is_nowhere_in_the_log(String level, @TempDir Path temporary)
            throws Exception {
        var options = Options.in(temporary.resolve("data"))
                .withDatabase()
                .env("HOLDFAST_AUTH_ENABLED", "true")
                .env("HOLDFAST_LOG_LEVEL", level)
                .env("HOLDFAST_ADMIN_USERNAME", "root")
                .env("HOLDFAST_ADMIN_PASSWORD", PASSWORD);
        try (var server = ServerProcess.start(options);
                var client = new Client(server.address())) {
            String bearer = "Bearer "
                    + client.send(
                                    "POST",
                                    "/api/v1/auth/login",
                                    "{\"username\":\"root\",\"password\":\"" + PASSWORD + "\"}",
                                    "Content-Type",
                                    "application/json")
                            .text("access_token");
            String filename =
                    client.post("/api/v1/backup", "Authorization", bearer).text("filename");
            String path = "/api/v1/backup/" + filename;
            Answer issued = client.post(path + "/download-token", "Authorization", bearer);
            assertThat(issued.status()).isEqualTo(200);
            assertThat(issued.json().path("expires_in").asInt()).isEqualTo(300);
            String token = issued.text("token");

            assertThat(client.text(path + "/download?token=" + token)).startsWith("SQLite format 3");
            for (String wrong : List.of(
                    path + "/download?token=x" + token,
                    path + "/download?database=other&token=" + token,
                    path + "?token=" + token,
                    "/api/v1/nowhere?token=" + token)) {
                assertThat(client.get(wrong).status()).as(wrong).isEqualTo(401);
            }
            assertThat(client.get(path, "Authorization", "Bearer " + token).status())
                    .isEqualTo(401);
            assertThat(client.delete(path, "Authorization", bearer).status()).isEqualTo(200);
            Answer gone = client.get(path + "/download?token=" + token);
            assertThat(gone.status()).isEqualTo(404);
            assertThat(gone.text("instance")).isEqualTo(path + "/download");
            assertThat(server.stop()).isEqualTo(143);

            assertThat(server.log())
                    .isNotEmpty()
                    .doesNotContain("token=")
                    .doesNotContain(token)
                    .doesNotContain(token.substring(token.lastIndexOf('.') + 1));
        }
    }
}
