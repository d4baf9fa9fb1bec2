package dev.holdfast.dialects.pocketbase;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.io.ByteArrayInputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of the contract about sign-in and tokens. */
@Tag("adapter")
class SignInAnswersTest extends ContractAnswersFixture {
    private static final String COLLECTION = "/api/collections/_superusers";
    private static final String SIGN_IN = COLLECTION + "/auth-with-password";

    @Test
    void a_sign_in_in_no_way_that_is_read_is_told_so_in_its_own_words() throws Exception {
        String body = "{\"identity\":\"ann\",\"password\":\"password of ann\"}";
        for (String type : List.of("text/plain", "application/xml", "application/octet-stream", "other")) {
            assertRefused(typed("POST", SIGN_IN, type, body), 400, "Unsupported Content-Type.");
            assertRefused(
                    server.send(
                            "POST",
                            SIGN_IN,
                            BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(body.getBytes(UTF_8))),
                            "Content-Type",
                            type),
                    400,
                    "Unsupported Content-Type.");
            assertRefused(
                    typed("POST", SIGN_IN, type, ""),
                    400,
                    INVALID,
                    "{\"identity\":" + BLANK + ",\"password\":" + BLANK + "}");
        }
        assertRefused(server.send("POST", SIGN_IN, body), 400, "Unsupported Content-Type.");
        for (String broken : List.of(
                "{\"identity\":", "[]", "{\"identity\":1,\"password\":\"x\"}", "{\"password\":null,\"identity\":[]}")) {
            assertRefused(typed("POST", SIGN_IN, JSON, broken), 400, UNREADABLE);
        }
    }

    @Test
    void a_sign_in_gives_a_record_and_a_token_as_it_has_to_be_whatever_else_is_sent() throws Exception {
        String body = "{\"identity\":\"ann\",\"password\":\"password of ann\",\"mfaId\":\"0123456789abcde\"}";
        Answer answer = server.send("POST", SIGN_IN, body, "Content-Type", JSON, "Authorization", "x.y.z");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.at("record.id")).matches("[a-z0-9]{15}");
        String date = answer.at("record.created");
        assertThat(date).isEqualTo("2024-01-15 12:00:00.123Z");
        assertThat(answer.text())
                .isEqualTo(
                        "{\"record\":{\"collectionId\":\"pbc_3142635823\",\"collectionName\":\"_superusers\",\"created\":\""
                                + date + "\",\"email\":\"ann\",\"emailVisibility\":false,\"id\":\""
                                + answer.at("record.id")
                                + "\",\"updated\":\"" + date + "\",\"verified\":true},\"token\":\"" + answer.at("token")
                                + "\"}\n");
        String[] parts = answer.at("token").split("\\.", -1);
        assertThat(parts).hasSize(3);
        assertThat(decoded(parts[0])).contains("\"alg\":\"HS256\"");
        assertThat(decoded(parts[1]))
                .contains(
                        "\"type\":\"auth\"",
                        "\"id\":\"" + answer.at("record.id") + "\"",
                        "\"collectionId\":\"pbc_3142635823\"",
                        "\"refreshable\":true")
                .containsPattern("\"exp\":" + (PocketBaseServerFixture.BEGIN.getEpochSecond() + 86_400) + "[,}]");
        Answer renewed = call("POST", COLLECTION + "/auth-refresh", "");
        assertThat(renewed.at("record.id")).isEqualTo(answer.at("record.id"));
        assertThat(decoded(renewed.at("token").split("\\.", -1)[1])).contains("\"refreshable\":true");
        // A known user who is no superuser.
        assertRefused(
                server.send(
                        "POST",
                        SIGN_IN,
                        "{\"identity\":\"otto\",\"password\":\"password of otto\"}",
                        "Content-Type",
                        JSON),
                400,
                "Failed to authenticate.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s", "Bearer %s", "bearer %s", "BEARER %s"})
    void a_token_may_have_its_scheme_before_it(String written) throws Exception {
        String header = written.formatted(token);
        assertThat(server.send("GET", BACKUPS, "", "Authorization", header).status())
                .isEqualTo(200);
        assertThat(server.send("GET", "/api/health", "", "Authorization", header)
                        .text())
                .contains("canBackup");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "x.y.z", "Bearer", "Basic YW5uOnBhc3N3b3JkIG9mIGFubg==", "Bearer x.y.z"})
    void whoever_shows_no_token_that_counts_is_a_guest(String header) throws Exception {
        assertRefused(
                server.send("GET", BACKUPS, "", "Authorization", header),
                401,
                "The request requires valid record authorization token.");
        assertThat(server.send("GET", "/api/health", "", "Authorization", header)
                        .text())
                .isEqualTo("{\"message\":\"API is healthy.\",\"code\":200,\"data\":{}}\n");
        assertRefused(server.send("GET", KEPT, "", "Authorization", header), 403, CLOSED);
    }
}
