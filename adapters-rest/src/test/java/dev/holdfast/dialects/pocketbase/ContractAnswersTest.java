package dev.holdfast.dialects.pocketbase;

import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.backup.Origin;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of the contract that hold for each call: headers, unknown paths, bodies and health. */
@Tag("adapter")
class ContractAnswersTest extends ContractAnswersFixture {
    @Test
    void every_kind_of_answer_has_the_headers_of_all_and_lets_other_origins_read_it() throws Exception {
        record Row(int status, String method, String path, String body, List<String> more) {}
        List<String> json = List.of("Authorization", token, "Content-Type", JSON);
        List<String> nobody = List.of();
        List<String> somebody = List.of("Authorization", server.operatorsToken);
        server.put("gone.zip", Origin.MANUAL);
        List<Row> rows = List.of(
                new Row(200, "GET", BACKUPS, "", json),
                new Row(200, "HEAD", BACKUPS, "", json),
                new Row(200, "PATCH", SETTINGS, "{}", json),
                new Row(200, "POST", "/api/files/token", "", json),
                new Row(200, "GET", "/api/health", "", nobody),
                new Row(204, "POST", BACKUPS, "", json),
                new Row(204, "DELETE", BACKUPS + "/gone.zip", "", json),
                new Row(400, "POST", BACKUPS, "{", json),
                new Row(400, "PATCH", SETTINGS, "{\"backups\":{\"cronMaxKeep\":-1}}", json),
                new Row(401, "GET", BACKUPS, "", nobody),
                new Row(401, "HEAD", BACKUPS, "", nobody),
                new Row(403, "GET", BACKUPS, "", somebody),
                new Row(403, "GET", KEPT, "", nobody),
                new Row(404, "GET", "/api/nothing", "", json),
                new Row(404, "PUT", BACKUPS, "", json),
                new Row(404, "HEAD", BACKUPS + "/missing.zip", "", json),
                new Row(413, "POST", BACKUPS, "{\"name\":\"" + "x".repeat(1 << 20) + "\"}", json),
                new Row(200, "GET", KEPT, "", json),
                new Row(200, "HEAD", KEPT, "", json),
                new Row(206, "GET", KEPT, "", List.of("Authorization", token, "Range", "bytes=0-3")),
                new Row(206, "GET", KEPT, "", List.of("Authorization", token, "Range", "bytes=0-3,5-6")),
                new Row(304, "GET", KEPT, "", List.of("Authorization", token, "If-Modified-Since", MODIFIED)),
                new Row(412, "GET", KEPT, "", List.of("Authorization", token, "If-Unmodified-Since", BEFORE)),
                new Row(416, "GET", KEPT, "", List.of("Authorization", token, "Range", "bytes=999-")));
        for (Row row : rows) {
            String[] headers = Stream.concat(
                            row.more().stream(),
                            Stream.of("Origin", "https://admin.example", "Accept-Encoding", "gzip, deflate"))
                    .toArray(String[]::new);
            Answer answer = server.send(row.method(), row.path(), row.body(), headers);
            String what = row.method() + " " + row.path() + " " + answer.text();
            assertThat(answer.status()).as(what).isEqualTo(row.status());
            assertThat(answer.header("Access-Control-Allow-Origin")).as(what).isEqualTo("*");
            assertThat(answer.header("Access-Control-Allow-Credentials"))
                    .as(what)
                    .isEmpty();
            assertThat(answer.header("Access-Control-Expose-Headers")).as(what).isEmpty();
            assertThat(answer.header("Content-Encoding")).as(what).isEmpty();
        }
        assertRefused(
                call("POST", BACKUPS, "{\"name\":\"" + "x".repeat(1 << 20) + "\"}"), 413, "Request entity too large.");
        String before = "{\"name\":\"large.zip\",\"more\":\"";
        String most = before + "x".repeat((1 << 20) - before.length() - 2) + "\"}";
        assertThat(most).hasSize(1 << 20);
        assertDone(call("POST", BACKUPS, most));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /api/nothing",
                "GET /api/nothing/more",
                "POST /api/",
                "PUT /api/backups",
                "PATCH /api/backups",
                "DELETE /api/backups",
                "PUT /api/backups/kept.zip",
                "PATCH /api/backups/kept.zip",
                "POST /api/backups/kept.zip",
                "GET /api/backups/kept.zip/restore",
                "DELETE /api/backups/kept.zip/restore",
                "PUT /api/backups/upload",
                "GET /api/files/token",
                "HEAD /api/files/token",
                "PUT /api/settings",
                "POST /api/settings",
                "DELETE /api/settings",
                "GET /api/settings/test/s3",
                "POST /api/crons",
                "GET /api/crons/__pbAutoBackup__",
                "DELETE /api/crons/__pbAutoBackup__",
                "POST /api/health",
                "DELETE /api/health",
                "GET /api/collections/_superusers/auth-with-password",
                "GET /api/collections/_superusers/auth-refresh",
                "GET /api/collections/_superusers/impersonate/x",
                // What PocketBase has, or had, beside backups.
                "POST /api/admins/auth-with-password",
                "POST /api/admins/auth-refresh",
                "GET /api/collections",
                "GET /api/collections/_superusers/auth-methods",
                "POST /api/collections/_superusers/request-otp",
                "POST /api/collections/_superusers/auth-with-otp",
                "POST /api/collections/_superusers/auth-with-oauth2",
                "POST /api/collections/_superusers/request-password-reset",
                "GET /api/collections/_superusers/records",
                "GET /api/logs",
                "POST /api/batch",
                "GET /api/realtime",
                "POST /api/settings/test/email",
            })
    void what_is_not_there_for_this_method_is_not_there(String call) throws Exception {
        String[] parts = call.split(" ", -1);
        Answer answer = call(parts[0], parts[1], "");
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.header("Allow")).isEmpty();
        if (!parts[0].equals("HEAD")) {
            assertRefused(answer, 404, NOT_FOUND);
        }
    }

    @Test
    void bodies_are_read_in_every_way_there_is_and_otherwise_refused() throws Exception {
        record Row(String type, String body, String expected) {}
        String part = "--b\r\nContent-Disposition: form-data; name=\"";
        List<Row> good = List.of(
                new Row(JSON, "{\"name\":\"json.zip\",\"other\":{\"a\":[1]}}", "json.zip"),
                new Row("Application/JSON; charset=UTF-8", "{\"Name\":\"case.zip\"}", "case.zip"),
                new Row(JSON, "{\"NAME\":\"upper.zip\"}", "upper.zip"),
                new Row("application/x-www-form-urlencoded", "other=1&name=form%2Dname.zip", "form-name.zip"),
                new Row("multipart/form-data; boundary=b", part + "name\"\r\n\r\nmulti.zip\r\n--b--\r\n", "multi.zip"),
                new Row(
                        "multipart/form-data; boundary=\"b\"",
                        part + "@jsonPayload\"\r\n\r\n{\"name\":\"payload.zip\"}\r\n--b--\r\n",
                        "payload.zip"));
        for (Row row : good) {
            assertDone(typed("POST", BACKUPS, row.type(), row.body()));
            assertThat(keys()).as(row.body()).contains(row.expected());
        }
        for (String type :
                List.of(JSON, "text/plain", "application/octet-stream", "application/xml", "multipart/form-data")) {
            List<String> before = keys();
            assertDone(typed("POST", BACKUPS, type, ""));
            assertThat(keys()).as(type).hasSize(before.size() + 1);
        }
        List<Row> bad = List.of(
                new Row(JSON, "{\"name\":5}", ""),
                new Row(JSON, "{\"name\":true}", ""),
                new Row(JSON, "{\"name\":[\"x.zip\"]}", ""),
                new Row(JSON, "{\"name\":{}}", ""),
                new Row(JSON, "[]", ""),
                new Row(JSON, "\"x.zip\"", ""),
                new Row(JSON, "{\"name\":\"x.zip\"", ""),
                new Row("text/plain", "{\"name\":\"x.zip\"}", ""),
                new Row("application/octet-stream", "{\"name\":\"x.zip\"}", ""),
                new Row("no type", "{\"name\":\"x.zip\"}", ""),
                new Row("multipart/form-data", part + "name\"\r\n\r\nx.zip\r\n--b--\r\n", ""),
                // PocketBase takes these two.
                new Row("application/xml", "<body><name>x.zip</name></body>", ""),
                new Row("text/xml", "<body><name>x.zip</name></body>", ""));
        for (Row row : bad) {
            assertRefused(typed("POST", BACKUPS, row.type(), row.body()), 400, UNREADABLE);
            String setting = row.body().replace("name\":{}", "meta\":5").replace("name", "meta");
            assertRefused(typed("PATCH", SETTINGS, row.type(), setting), 400, UNREADABLE);
            assertRefused(
                    typed("POST", TEST_S3, row.type(), row.body().replace("name", "filesystem")), 400, UNREADABLE);
        }
        assertRefused(server.send("POST", BACKUPS, "{}", "Authorization", token), 400, UNREADABLE);
        assertThat(keys()).doesNotContain("x.zip");
    }

    @Test
    void health_says_more_to_superusers_alone() throws Exception {
        assertThat(server.send("GET", "/api/health", "", "Authorization", server.operatorsToken)
                        .text())
                .isEqualTo("{\"message\":\"API is healthy.\",\"code\":200,\"data\":{}}\n");
        assertThat(call("GET", "/api/health", "").text())
                .isEqualTo("{\"message\":\"API is healthy.\",\"code\":200,\"data\":{\"canBackup\":true,"
                        + "\"possibleProxyHeader\":\"\",\"realIP\":\"127.0.0.1\"}}\n");
    }
}
