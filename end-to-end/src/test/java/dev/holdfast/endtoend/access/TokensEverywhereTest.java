package dev.holdfast.endtoend.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.endtoend.server.Client;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.ServerProcess;
import dev.holdfast.endtoend.server.ServerProcess.Options;
import dev.holdfast.grpc.v1.DatabaseServiceGrpc;
import dev.holdfast.grpc.v1.ListDatabasesRequest;
import dev.holdfast.testkit.JwtText;
import dev.holdfast.testkit.JwtText.Signature;
import dev.holdfast.testkit.ProviderKeyServer;
import dev.holdfast.testkit.ProviderKeys;
import dev.holdfast.testkit.TokenCase;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The same tokens over REST and over gRPC: each has the same outcome. The command line makes and ends what they depend on. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class TokensEverywhereTest {
    /** Long enough for HS512, so that its length is not the reason why that is refused. */
    private static final String SECRET = "fedcba9876543210".repeat(4);

    private static final String PASSWORD = "correct horse battery";
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final ProviderKeys keys = new ProviderKeys();
    private Path data;
    private ProviderKeyServer provider;
    private ServerProcess server;
    private Client client;
    private ManagedChannel channel;

    @BeforeAll
    void start(@TempDir Path temporary) throws Exception {
        data = temporary.resolve("data");
        provider = ProviderKeyServer.of(keys);
        server = ServerProcess.start(Options.in(data)
                .withDatabase()
                .env("HOLDFAST_AUTH_ENABLED", "true")
                .env("HOLDFAST_AUTH_JWT_SECRET", SECRET)
                .env("HOLDFAST_AUTH_JWKS_URL", provider.url().toString())
                .env("HOLDFAST_AUTH_JWKS_AUDIENCE", "holdfast")
                .env("HOLDFAST_AUTH_JWKS_ISSUER", "https://id.example")
                .config(temporary.resolve("holdfast.yml"), """
                        holdfast:
                          databases:
                            default: {file: %s, profile: pocketbase}
                          dialects: {pocketbase: {database: default}}
                        """.formatted(data.resolve("app.db")))
                .env("HOLDFAST_ADMIN_USERNAME", "root")
                .env("HOLDFAST_ADMIN_PASSWORD", PASSWORD));
        client = new Client(server.address());
        channel = NettyChannelBuilder.forAddress("127.0.0.1", server.grpcPort())
                .usePlaintext()
                .build();
    }

    @AfterAll
    void stop() throws Exception {
        channel.shutdownNow();
        client.close();
        server.close();
        provider.close();
    }

    private static String user(String field) {
        return "{\"%s\":\"root\",\"password\":\"%s\"}".formatted(field, PASSWORD);
    }

    private Answer post(String path, String body, String... headers) throws Exception {
        var all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("Content-Type", "application/json"));
        return client.send("POST", path, body, all.toArray(String[]::new));
    }

    private String signIn() throws Exception {
        return post("/api/v1/auth/login", user("username")).text("access_token");
    }

    private String overRest(String token) throws Exception {
        int status = client.get("/api/v1/databases", "Authorization", "Bearer " + token)
                .status();
        return switch (status) {
            case 200 -> "taken";
            case 401 -> "refused";
            default -> "status " + status;
        };
    }

    private String overGrpc(String token) {
        var headers = new Metadata();
        headers.put(AUTHORIZATION, "Bearer " + token);
        try {
            var _ = DatabaseServiceGrpc.newBlockingStub(channel)
                    .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers))
                    .listDatabases(ListDatabasesRequest.getDefaultInstance());
            return "taken";
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() == Status.Code.UNAUTHENTICATED
                    ? "refused"
                    : e.getStatus().toString();
        }
    }

    private void assertOutcomes(List<TokenCase> cases) throws Exception {
        var outcomes = new ArrayList<String>();
        var expected = new ArrayList<String>();
        for (TokenCase each : cases) {
            String outcome = each.taken() ? "taken" : "refused";
            expected.add(each.what() + ": " + outcome + ", " + outcome);
            outcomes.add(each.what() + ": " + overRest(each.token()) + ", " + overGrpc(each.token()));
        }
        assertThat(outcomes).hasSizeGreaterThan(40).isEqualTo(expected);
    }

    @Test
    void a_sign_ins_token_has_the_same_outcome_over_rest_and_grpc() throws Exception {
        assertOutcomes(TokenCase.ofSignIn(JwtText.parse(signIn()), SECRET, Instant.now()));
    }

    @Test
    void a_providers_token_has_the_same_outcome_over_rest_and_grpc() throws Exception {
        assertOutcomes(TokenCase.ofProvider(keys, Instant.now()));
    }

    @Test
    void tokens_for_downloads_and_of_dialects_open_neither() throws Exception {
        String bearer = "Bearer " + signIn();
        String backup = post("/api/v1/backup", "", "Authorization", bearer).text("filename");
        String download = post("/api/v1/backup/" + backup + "/download-token", "", "Authorization", bearer)
                .text("token");
        String pocketBase = post("/pocketbase/api/collections/_superusers/auth-with-password", user("identity"))
                .text("token");
        String file = post("/pocketbase/api/files/token", "", "Authorization", pocketBase)
                .text("token");

        for (String token : List.of(download, pocketBase, file)) {
            JwtText parsed = JwtText.parse(token);
            assertThat(parsed.signed(Signature.secret(SECRET, 256)))
                    .as("it is what was read")
                    .isEqualTo(token);
            assertThat(List.of(overRest(token), overGrpc(token)))
                    .as(parsed.header().toString())
                    .containsOnly("refused");
        }
    }

    @Test
    void the_command_line_ends_tokens_of_both() throws Exception {
        String script = Command.run(data, "", "token", "create", "--name", "job", "--role", "viewer")
                .strip();
        assertThat(List.of(overRest(script), overGrpc(script))).containsOnly("taken");
        Command.run(data, "", "token", "revoke", "job");
        assertThat(List.of(overRest(script), overGrpc(script))).containsOnly("refused");

        String before = signIn();
        assertThat(List.of(overRest(before), overGrpc(before))).containsOnly("taken");
        Command.run(data, PASSWORD, "user", "password", "root", "--password-stdin");
        assertThat(List.of(overRest(before), overGrpc(before))).containsOnly("refused");
        String after = signIn();
        assertThat(List.of(overRest(after), overGrpc(after))).containsOnly("taken");
    }
}
