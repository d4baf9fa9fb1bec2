package dev.holdfast.endtoend.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.testkit.ProviderKeys;
import dev.holdfast.testkit.TokenCase;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With access control on: accounts made on the command line while the server runs. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AccessTest {
    private static final String PASSWORD = "correct horse battery";

    private Path directory;
    private ServerProcess server;
    private Client client;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        directory = temporary;
        server = ServerProcess.start(Options.in(directory.resolve("data"))
                .withDatabase()
                .env("HOLDFAST_AUTH_ENABLED", "true")
                .env("HOLDFAST_AUTH_JWKS_URL", "http://127.0.0.1:1/jwks?key=hidden")
                .env("HOLDFAST_AUTH_JWKS_AUDIENCE", "holdfast")
                .env("HOLDFAST_ADMIN_USERNAME", "root")
                .env("HOLDFAST_ADMIN_PASSWORD", PASSWORD));
        client = new Client(server.address());
    }

    @AfterAll
    void stop() throws Exception {
        client.close();
        server.close();
    }

    @Test
    void nobody_does_anything_without_signing_in() throws Exception {
        for (String path : List.of("/api/v1/backup", "/api/v1/operations", "/api/v1/databases", "/metrics")) {
            Answer answer = client.get(path);
            assertThat(answer.status()).as(path).isEqualTo(401);
            assertThat(answer.text("code")).isEqualTo("unauthenticated");
            assertThat(answer.headers().firstValue("WWW-Authenticate").orElse(""))
                    .startsWith("Bearer");
        }
        assertThat(client.get("/health/liveness").status()).isEqualTo(200);
    }

    @Test
    void the_first_admin_signs_in_and_may_do_everything() throws Exception {
        String bearer = signIn("root", PASSWORD);
        Answer made = client.post("/api/v1/backup", "Authorization", bearer);
        assertThat(made.status()).isEqualTo(200);
        String path = "/api/v1/backup/" + made.text("filename");
        assertThat(client.post(path + "/restore", "Authorization", bearer).status())
                .isEqualTo(200);
        assertThat(client.delete(path, "Authorization", bearer).status()).isEqualTo(200);
        assertThat(client.get("/api/v1/operations", "Authorization", bearer)
                        .json()
                        .path("operations")
                        .path(0)
                        .path("requested_by")
                        .asText())
                .isEqualTo("root");
    }

    @Test
    void an_identity_provider_that_cannot_be_reached_is_named_in_the_log_and_keeps_no_user_out() throws Exception {
        String log =
                Eventually.get(server::log, it -> it.contains("keys cannot be read from http://127.0.0.1:1/jwks: "));
        assertThat(log).doesNotContain("key=hidden");
        String token = TokenCase.ofPerson(Instant.now()).signed(new ProviderKeys().rs(256));

        assertThat(client.get("/api/v1/backup", "Authorization", "Bearer " + token)
                        .status())
                .isEqualTo(401);
        assertThat(client.get("/api/v1/backup", "Authorization", signIn("root", PASSWORD))
                        .status())
                .isEqualTo(200);
    }

    @Test
    void each_role_may_do_just_what_it_is_for() throws Exception {
        String admin = signIn("root", PASSWORD);
        String name = client.post("/api/v1/backup", "Authorization", admin).text("filename");
        String path = "/api/v1/backup/" + name;
        command(PASSWORD, "user", "add", "vera", "--role", "viewer", "--password-stdin");
        command(PASSWORD, "user", "add", "otto", "--role", "operator", "--password-stdin");

        String viewer = signIn("vera", PASSWORD);
        assertThat(client.get("/api/v1/backup", "Authorization", viewer).status())
                .isEqualTo(200);
        for (Answer refused : List.of(
                client.post("/api/v1/backup", "Authorization", viewer),
                client.get(path + "/download", "Authorization", viewer),
                client.post(path + "/verify", "Authorization", viewer),
                client.post(path + "/restore", "Authorization", viewer),
                client.delete(path, "Authorization", viewer))) {
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.text("code")).isEqualTo("permission-denied");
        }

        String operator = signIn("otto", PASSWORD);
        assertThat(client.post("/api/v1/backup", "Authorization", operator).status())
                .isEqualTo(200);
        assertThat(client.post(path + "/verify", "Authorization", operator).status())
                .isEqualTo(200);
        assertThat(client.post(path + "/restore", "Authorization", operator).status())
                .isEqualTo(403);
        assertThat(client.delete(path, "Authorization", operator).status()).isEqualTo(403);
    }

    @Test
    void a_removed_user_and_a_revoked_token_stop_to_work_at_once() throws Exception {
        command(PASSWORD, "user", "add", "gone", "--role", "viewer", "--password-stdin");
        String user = signIn("gone", PASSWORD);
        String token = "Bearer "
                + command("", "token", "create", "--name", "job", "--role", "viewer")
                        .strip();
        assertThat(client.get("/api/v1/backup", "Authorization", user).status()).isEqualTo(200);
        assertThat(client.get("/api/v1/backup", "Authorization", token).status())
                .isEqualTo(200);

        command("", "user", "remove", "gone");
        command("", "token", "revoke", "job");

        assertThat(client.get("/api/v1/backup", "Authorization", user).status()).isEqualTo(401);
        assertThat(client.get("/api/v1/backup", "Authorization", token).status())
                .isEqualTo(401);
    }

    @Test
    void a_changed_password_ends_what_was_given_for_the_old_one_at_once() throws Exception {
        command(PASSWORD, "user", "add", "carl", "--role", "viewer", "--password-stdin");
        command(PASSWORD, "user", "add", "dora", "--role", "viewer", "--password-stdin");
        String before = signIn("carl", PASSWORD);
        String another = signIn("dora", PASSWORD);

        command("a new password", "user", "password", "carl", "--password-stdin");

        assertThat(client.get("/api/v1/backup", "Authorization", before).status())
                .isEqualTo(401);
        assertThat(client.get("/api/v1/backup", "Authorization", another).status())
                .isEqualTo(200);
        String after = signIn("carl", "a new password");
        assertThat(client.get("/api/v1/backup", "Authorization", after).status())
                .isEqualTo(200);
        command("a new password", "user", "password", "carl", "--password-stdin");
        assertThat(client.get("/api/v1/backup", "Authorization", after).status())
                .as("the same password, set again")
                .isEqualTo(401);
    }

    @Test
    void a_removed_user_whose_name_is_given_again_stays_out() throws Exception {
        command(PASSWORD, "user", "add", "rosa", "--role", "viewer", "--password-stdin");
        String before = signIn("rosa", PASSWORD);
        command("", "user", "remove", "rosa");
        command(PASSWORD, "user", "add", "rosa", "--role", "admin", "--password-stdin");
        assertThat(client.get("/api/v1/backup", "Authorization", before).status())
                .isEqualTo(401);
    }

    @Test
    void sign_ins_that_keep_failing_are_throttled_and_no_password_is_logged() throws Exception {
        command(PASSWORD, "user", "add", "tina", "--role", "viewer", "--password-stdin");
        for (int i = 0; i < 5; i++) {
            assertThat(login("tina", "wrong-guess-" + i).status()).isEqualTo(401);
        }
        Answer throttled = login("tina", PASSWORD);
        assertThat(throttled.status()).isEqualTo(429);
        assertThat(throttled.headers().firstValue("Retry-After")).isPresent();
        assertThat(server.log()).doesNotContain(PASSWORD).doesNotContain("wrong-guess");
    }

    @Test
    void a_sign_in_as_a_form_is_told_what_a_sign_in_has_to_be() throws Exception {
        Answer form = client.send(
                "POST",
                "/api/v1/auth/login",
                "username=root&password=x",
                "Content-Type",
                "application/x-www-form-urlencoded");
        assertThat(form.status()).isEqualTo(415);
        assertThat(form.text("code")).isEqualTo("unsupported-media-type");
        assertThat(form.text("detail")).contains("application/json");
        Answer method = client.get("/api/v1/auth/login");
        assertThat(method.status()).isEqualTo(405);
        assertThat(client.get("/api/v1/auth/nothing").status()).isEqualTo(401);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "user list",
                "user remove ann",
                "user password ann --password-stdin",
                "token list",
                "token revoke job"
            })
    void a_command_that_finds_no_data_directory_says_so_in_a_line_and_makes_none(String text) throws Exception {
        Path missing = directory.resolve("missing");
        Process process = Command.launch(missing, "long enough", text.split(" "));
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(out + err).isEqualTo(1);
        assertThat(err.lines()).singleElement().asString().startsWith("holdfast: holdfast.data-dir: " + missing);
        assertThat(missing).doesNotExist();
    }

    private Answer login(String name, String password) throws Exception {
        return client.send(
                "POST",
                "/api/v1/auth/login",
                "{\"username\":\"%s\",\"password\":\"%s\"}".formatted(name, password),
                "Content-Type",
                "application/json");
    }

    private String signIn(String name, String password) throws Exception {
        Answer answer = login(name, password);
        assertThat(answer.status()).as(answer.json().toString()).isEqualTo(200);
        assertThat(answer.text("token_type")).isEqualTo("Bearer");
        assertThat(answer.json().path("expires_in").asInt()).isEqualTo(3600);
        return "Bearer " + answer.text("access_token");
    }

    /** @return what it printed */
    private String command(String input, String... arguments) throws Exception {
        return Command.run(directory.resolve("data"), input, arguments);
    }
}
