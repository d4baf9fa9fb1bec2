package dev.holdfast.rest.v1;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Origin;
import java.net.http.HttpResponse;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Without access control; {@code AccessByDownloadTokenTest} is about who may have and use one. */
@Tag("adapter")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DownloadTokenTest {
    private static final String ONE = "/api/v1/backup/" + OneBackupUseCases.NAME;

    private final RestServerFixture server = new RestServerFixture(Map.of());

    @AfterAll
    void stop() {
        server.close();
    }

    @BeforeEach
    void reset() {
        server.fake.reset();
    }

    @AfterEach
    void nothing_is_left_open() throws Exception {
        RestServerFixture.await("no lease held", () -> server.fake.leases.get() == 0);
    }

    private String token() throws Exception {
        HttpResponse<String> answer = server.send("POST", ONE + "/download-token");
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(answer.body()).matches("\\{\"token\":\"[A-Za-z0-9._-]+\",\"expires_in\":300}");
        return answer.body().split("\"", -1)[3];
    }

    @Test
    void a_token_opens_its_backup_also_in_parts_and_for_its_headers() throws Exception {
        String path = ONE + "/download?token=" + token();
        HttpResponse<byte[]> whole = server.fetch(path);
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(whole.body()).isEqualTo(OneBackupUseCases.bytes(1000));
        assertThat(whole.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(whole.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
        assertThat(server.fetch(path, "Range", "bytes=990-").body()).hasSize(10);
        assertThat(server.send("HEAD", path).statusCode()).isEqualTo(200);
        assertThat(server.fetch(path + "&database=default").statusCode()).isEqualTo(200);
    }

    @Test
    void without_a_token_the_answer_may_be_asked_for_again_and_sends_no_referrer_either() throws Exception {
        HttpResponse<byte[]> answer = server.fetch(ONE + "/download");
        assertThat(answer.headers().firstValue("Cache-Control")).hasValue("private, no-cache");
        assertThat(answer.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
    }

    @Test
    void a_wrong_token_is_refused_without_telling_it() throws Exception {
        String token = token();
        for (String wrong :
                new String[] {"", "x", "a.b.c", token + "A", token.substring(5), token + "&token=" + token}) {
            HttpResponse<String> answer =
                    server.send("GET", ONE + "/download?token=" + wrong, "Authorization", "Bearer x");
            assertThat(answer.statusCode()).as(wrong).isEqualTo(401);
            assertThat(answer.headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
            assertThat(answer.headers().firstValue("Referrer-Policy")).hasValue("no-referrer");
            assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
            assertThat(answer.body())
                    .contains("\"code\":\"unauthenticated\"", "\"instance\":\"" + ONE + "/download\"")
                    .doesNotContain("?", token.substring(0, 20));
        }
    }

    @Test
    void a_token_is_for_one_file_of_one_database() throws Exception {
        String token = token();
        assertThat(status(ONE + "/download?database=other&token=" + token)).isEqualTo(401);
        assertThat(status("/api/v1/backup/app_20260101_000000.db/download?token=" + token))
                .isEqualTo(401);
        server.fake.hold("app_20260101_000000.db", OneBackupUseCases.bytes(1000));
        assertThat(status("/api/v1/backup/app_20260101_000000.db/download?token=" + token))
                .isEqualTo(401);
        assertThat(status(ONE + "/download?token=" + token)).isEqualTo(404);
    }

    @Test
    void another_backup_of_the_same_name_is_another_one() throws Exception {
        String token = token();
        server.fake.hold(OneBackupUseCases.NAME, OneBackupUseCases.bytes(1001));
        assertThat(status(ONE + "/download?token=" + token)).isEqualTo(401);
        server.fake.hold(OneBackupUseCases.NAME, OneBackupUseCases.bytes(1000));
        assertThat(status(ONE + "/download?token=" + token)).isEqualTo(200);
        server.fake.backup.set(made(1, Optional.of(OneBackupUseCases.sha256(OneBackupUseCases.bytes(1000)))));
        assertThat(status(ONE + "/download?token=" + token)).isEqualTo(401);
    }

    @Test
    void a_backup_whose_sum_becomes_known_is_still_the_same() throws Exception {
        server.fake.backup.set(made(0, Optional.empty()));
        String token = token();
        server.fake.backup.set(made(0, Optional.of(OneBackupUseCases.sha256(OneBackupUseCases.bytes(1000)))));
        assertThat(status(ONE + "/download?token=" + token)).isEqualTo(200);
    }

    private static Backup made(long later, Optional<dev.holdfast.domain.backup.Sha256> sha256) {
        Backup it = OneBackupUseCases.backup(OneBackupUseCases.NAME, OneBackupUseCases.bytes(1000));
        return new Backup(
                it.key(),
                it.database(),
                it.size(),
                it.createdAt().plusSeconds(later),
                sha256,
                Origin.EXTERNAL,
                it.layout(),
                it.verification(),
                false,
                Backup.Labels.NONE);
    }

    @Test
    void there_is_no_token_for_what_is_not_there() throws Exception {
        assertThat(server.send("POST", "/api/v1/backup/app_20260101_000000.db/download-token")
                        .statusCode())
                .isEqualTo(404);
        assertThat(server.send("POST", ONE + "/download-token?database=other").statusCode())
                .isEqualTo(404);
        assertThat(server.send("POST", "/api/v1/backup/..%2f/download-token").statusCode())
                .isEqualTo(400);
    }

    private int status(String path) throws Exception {
        return server.send("GET", path).statusCode();
    }
}
