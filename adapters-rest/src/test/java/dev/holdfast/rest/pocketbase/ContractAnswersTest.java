package dev.holdfast.rest.pocketbase;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.backup.BackupKey;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.rest.dialect.HttpCalls.Answer;
import java.io.ByteArrayInputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of the contract's tables that one server answers one after the other; its clock stands still. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(60)
class ContractAnswersTest {
    private static final String BACKUPS = "/api/backups";
    private static final String KEPT = "/api/backups/kept.zip";
    private static final String UPLOAD = "/api/backups/upload";
    private static final String SETTINGS = "/api/settings";
    private static final String TEST_S3 = "/api/settings/test/s3";
    private static final String COLLECTION = "/api/collections/_superusers";
    private static final String SIGN_IN = COLLECTION + "/auth-with-password";
    private static final String JSON = "application/json";
    private static final String NOT_FOUND = "The requested resource wasn't found.";
    private static final String CLOSED = "Insufficient permissions to access the resource.";
    private static final String UNREADABLE = "An error occurred while loading the submitted data.";
    private static final String INVALID = "An error occurred while validating the submitted data.";
    private static final String NOT_SAVED = "An error occurred while saving the new settings.";
    private static final String BLANK = "{\"code\":\"validation_required\",\"message\":\"Cannot be blank.\"}";
    private static final String SIZE = Integer.toString(PocketBaseServerFixture.ARCHIVE.length);
    private static final String MODIFIED = "Mon, 15 Jan 2024 12:00:00 GMT";
    private static final String BEFORE = "Mon, 15 Jan 2024 11:59:59 GMT";
    private static final String AFTER = "Mon, 15 Jan 2024 12:00:01 GMT";

    private final PocketBaseServerFixture server = new PocketBaseServerFixture();
    private String token = "";

    @BeforeAll
    void start() throws Exception {
        token = server.signIn("ann");
        assertDone(create("kept.zip"));
    }

    @BeforeEach
    void begin() throws Exception {
        for (String key : keys()) {
            if (!key.equals("kept.zip")) {
                server.store.delete(new BackupKey(key));
            }
        }
    }

    @AfterAll
    void stop() {
        server.close();
    }

    private Answer call(String method, String path, String body, String... headers) throws Exception {
        String[] all = Stream.concat(Stream.of("Authorization", token, "Content-Type", JSON), Arrays.stream(headers))
                .toArray(String[]::new);
        return server.send(method, path, body, all);
    }

    private Answer typed(String method, String path, String type, String body) throws Exception {
        return server.send(method, path, body, "Authorization", token, "Content-Type", type);
    }

    private Answer create(String name) throws Exception {
        return call("POST", BACKUPS, "{\"name\":\"" + name + "\"}");
    }

    private Answer upload(String disposition) throws Exception {
        return upload(disposition, "PK\3\4a database");
    }

    private Answer upload(String disposition, String content) throws Exception {
        String form = "--b\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + content + "\r\n--b--\r\n";
        return typed("POST", UPLOAD, "multipart/form-data; boundary=b", form);
    }

    private List<String> keys() throws Exception {
        var keys = new ArrayList<String>();
        call("GET", BACKUPS, "")
                .json()
                .values()
                .forEach(it -> keys.add(requireNonNull(it.get("key")).getStringValue()));
        return keys;
    }

    private static void assertDone(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(204);
        assertThat(answer.text()).isEmpty();
        assertThat(answer.header("Content-Type")).isEmpty();
    }

    private static void assertRefused(Answer answer, int status, String message) {
        assertRefused(answer, status, message, "{}");
    }

    private static void assertRefused(Answer answer, int status, String message, String data) {
        assertThat(answer.text())
                .isEqualTo("{\"data\":" + data + ",\"message\":\"" + message.replace("\n", "\\n") + "\",\"status\":"
                        + status + "}\n");
        assertThat(answer.status()).isEqualTo(status);
    }

    private static String error(String field, String code, String message) {
        return "{\"" + field + "\":{\"code\":\"" + code + "\",\"message\":\"" + message + "\"}}";
    }

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
        // Who is known, but nobody here.
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

    private static String decoded(String part) {
        return new String(Base64.getUrlDecoder().decode(part), UTF_8);
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

    @Test
    void health_says_more_to_superusers_alone() throws Exception {
        assertThat(server.send("GET", "/api/health", "", "Authorization", server.operatorsToken)
                        .text())
                .isEqualTo("{\"message\":\"API is healthy.\",\"code\":200,\"data\":{}}\n");
        assertThat(call("GET", "/api/health", "").text())
                .isEqualTo("{\"message\":\"API is healthy.\",\"code\":200,\"data\":{\"canBackup\":true,"
                        + "\"possibleProxyHeader\":\"\",\"realIP\":\"127.0.0.1\"}}\n");
    }

    @Test
    void the_list_is_in_the_order_of_bytes_and_has_no_pages() throws Exception {
        // In UTF-16 the last two would be the other way round.
        List<String> sorted = List.of(
                "0.zip",
                "@auto_pb_backup_x.zip",
                "Z.zip",
                "_.zip",
                "a.zip",
                "a_1.zip",
                "kept.zip",
                "ü.zip",
                "\ufb00.zip",
                "\ud83d\ude00.zip");
        for (String key : sorted.reversed()) {
            if (!key.equals("kept.zip")) {
                server.put(key, Origin.UPLOADED);
            }
        }
        assertThat(keys()).isEqualTo(sorted);
        String whole = call("GET", BACKUPS, "").text();
        assertThat(call("GET", BACKUPS + "?page=2&perPage=1&sort=-key&filter=key%3D%27a.zip%27&skipTotal=1&x", "")
                        .text())
                .isEqualTo(whole);
        for (int i = 0; i < 1500; i++) {
            server.put("many_" + i + ".zip", Origin.MANUAL);
        }
        assertThat(keys()).hasSize(1500 + sorted.size());
    }

    @Test
    void a_name_that_is_not_allowed_is_told_by_the_first_rule_it_breaks() throws Exception {
        String format = error("name", "validation_match_invalid", "Must be in a valid format.");
        String length =
                "{\"name\":{\"code\":\"validation_length_out_of_range\",\"message\":\"The length must be between 1 and "
                        + "150.\",\"params\":{\"max\":150,\"min\":1}}}";
        for (String name : List.of(
                "my_backup",
                "Upper.zip",
                "a b.zip",
                " a.zip",
                "@auto_pb_backup_x.zip",
                "a.b.zip",
                "a/b.zip",
                "../a.zip",
                "a\\\\b.zip",
                ".zip",
                "a.ZIP",
                "a.zip ",
                "a.zip\\n",
                "ä.zip",
                "a.tar",
                "ä".repeat(73) + ".zip")) {
            assertRefused(create(name), 400, INVALID, format);
        }
        for (String name : List.of("x".repeat(147) + ".zip", "X".repeat(151), "ä".repeat(74) + ".zip")) {
            assertRefused(create(name), 400, INVALID, length);
        }
        assertRefused(
                create("kept.zip"),
                400,
                INVALID,
                error("name", "validation_backup_name_exists", "The backup file name is invalid or already exists."));
        assertDone(create("x".repeat(146) + ".zip"));
        assertDone(create("a.zip"));
        assertDone(create("-_0.zip"));
        assertThat(keys()).containsExactly("-_0.zip", "a.zip", "kept.zip", "x".repeat(146) + ".zip");
    }

    @Test
    void an_upload_without_a_file_lacks_the_field() throws Exception {
        String blank = "{\"file\":" + BLANK + "}";
        String file = "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.zip\"\r\n\r\nPK\3\4";
        for (Answer answer : List.of(
                upload("name=\"other\"; filename=\"x.zip\""),
                upload("name=\"file\""),
                upload("name=\"file\"; filename=\"\""),
                typed("POST", UPLOAD, "multipart/form-data; boundary=b", "--b--\r\n"),
                typed("POST", UPLOAD, "multipart/form-data; boundary=b", "no form at all"),
                typed("POST", UPLOAD, "multipart/form-data; boundary=b", file),
                typed("POST", UPLOAD, "multipart/form-data", file + "\r\n--b--\r\n"),
                typed("POST", UPLOAD, JSON, "{\"file\":\"x.zip\"}"),
                typed("POST", UPLOAD, JSON, ""),
                typed("POST", UPLOAD, "application/zip", "PK\3\4"),
                server.send("POST", UPLOAD, "", "Authorization", token))) {
            assertRefused(answer, 400, INVALID, blank);
        }
        assertThat(keys()).containsExactly("kept.zip");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "x.zip                 | x.zip",
                "test                  | test",
                "blob                  | blob",
                "My Backup (1).ZIP     | My Backup (1).ZIP",
                "a.b.c                 | a.b.c",
                "dir/sub/last.zip      | last.zip",
                "C:\\dir\\last.zip     | last.zip",
                "../../last.zip        | last.zip",
                "größe 😀.zip          | größe 😀.zip",
                "x.attrs               | x.attrs",
                "@auto_pb_backup_x.zip | @auto_pb_backup_x.zip",
            })
    void an_upload_is_kept_by_the_last_part_of_what_it_is_called(String filename, String key) throws Exception {
        assertDone(upload("name=\"file\"; filename=\"" + filename.replace("\\", "\\\\") + "\""));
        assertThat(keys()).hasSize(2).contains(key);
        assertRefused(
                upload("name=\"file\"; filename=\"" + key + "\""),
                400,
                INVALID,
                error("file", "validation_backup_name_exists", "Backup file with the specified name already exists."));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PK\3\6", "PK\3\10", "PK\5\6", "PK\5\4", "PK\7\10", "PK\7\10PK\3\4"})
    void what_begins_as_any_zip_does_is_none_that_can_be_restored(String content) throws Exception {
        assertRefused(
                upload("name=\"file\"; filename=\"x.txt\"", content),
                400,
                INVALID,
                error("file", "validation_invalid_backup", "The file is not a valid backup of this database."));
    }

    @Test
    void of_an_upload_the_name_is_looked_at_before_the_bytes() throws Exception {
        assertRefused(
                upload("name=\"file\"; filename=\"kept.zip\"", "plain text"),
                400,
                INVALID,
                error("file", "validation_backup_name_exists", "Backup file with the specified name already exists."));
    }

    @Test
    void an_upload_that_is_called_as_no_backup_can_be_is_refused() throws Exception {
        for (String name : List.of(".hidden.zip", "dir/.hidden", "x".repeat(252) + ".zip", "dir/", "a\tb.zip")) {
            assertRefused(
                    upload("name=\"file\"; filename=\"" + name + "\""),
                    400,
                    INVALID,
                    error("file", "validation_invalid_name", "The file has a name that no backup can have."));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "notes.txt, notes_[a-z0-9]{10}\\.txt",
        "My Notes.TXT, my_notes_[a-z0-9]{10}\\.txt",
        "notes, notes_[a-z0-9]{10}",
        "my.backup.zip, my_backup_[a-z0-9]{10}\\.zip",
    })
    void what_is_no_zip_is_told_by_a_name_of_plain_characters(String filename, String normalized) throws Exception {
        for (String content : List.of(
                "plain text",
                "",
                "PK",
                "PK\3",
                "PK\1\2",
                "PK\4\4",
                "PK\3\5",
                "pk\3\4",
                " PK\3\4",
                "SQLite format 3\0")) {
            Answer answer = upload("name=\"file\"; filename=\"" + filename + "\"", content);
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.at("message")).isEqualTo(INVALID);
            assertThat(answer.at("data.file.code")).isEqualTo("validation_invalid_mime_type");
            assertThat(answer.at("data.file.message"))
                    .matches("\"" + normalized + "\" mime type must be one of: application/zip\\.");
        }
        assertThat(keys()).containsExactly("kept.zip");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "missing.zip",
                "%2E%2E%2Fkept.zip",
                "dir%2Fkept.zip",
                ".kept.zip",
                "kept.zip%00",
                "KEPT.zip",
                "%20kept.zip",
                "kept.zip.attrs"
            })
    void what_is_not_there_is_neither_deleted_nor_restored_nor_sent(String segment) throws Exception {
        String key = URLDecoder.decode(segment, UTF_8);
        assertRefused(
                call("DELETE", BACKUPS + "/" + segment, ""),
                400,
                "Invalid or already deleted backup file. Raw error: \n[key: " + key.replace("\0", "\\u0000")
                        + "] no such file or directory\nresource not found.");
        assertRefused(call("POST", BACKUPS + "/" + segment + "/restore", ""), 400, "Missing or invalid backup file.");
        assertRefused(call("GET", BACKUPS + "/" + segment, ""), 404, NOT_FOUND);
        assertThat(keys()).containsExactly("kept.zip");
    }

    @Test
    void a_name_in_an_address_is_decoded_once() throws Exception {
        for (String[] row : new String[][] {
            {"@test 4.zip", "%40test%204.zip"},
            {"a+b.zip", "a+b.zip"},
            {"100%25.zip", "100%2525.zip"},
            {"größe.zip", "gr%C3%B6%C3%9Fe.zip"},
            {"upload", "upload"}
        }) {
            server.put(row[0], Origin.UPLOADED);
            assertThat(call("GET", BACKUPS + "/" + row[1], "").status())
                    .as(row[0])
                    .isEqualTo(200);
            assertDone(call("DELETE", BACKUPS + "/" + row[1], ""));
            assertRefused(call("GET", BACKUPS + "/" + row[1], ""), 404, NOT_FOUND);
        }
    }

    @Test
    void an_address_that_cannot_be_read_is_of_nothing() throws Exception {
        for (String path : List.of("/api/backups/%ff.zip", "/api/backups/%c3.zip", "/api/backups/..%2f..%2fkept.zip")) {
            String answer = raw("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nAuthorization: " + token
                    + "\r\nConnection: close\r\n\r\n");
            assertThat(answer)
                    .as(path)
                    .startsWith("HTTP/1.1 404 ")
                    .contains("X-Frame-Options: SAMEORIGIN\r\n")
                    .endsWith("\r\n\r\n{\"data\":{},\"message\":\"" + NOT_FOUND + "\",\"status\":404}\n");
        }
    }

    private String raw(String request) throws Exception {
        try (var socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(30_000);
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }

    @Test
    void a_download_is_opened_by_the_token_in_its_address() throws Exception {
        String file = call("POST", "/api/files/token", "").at("token");
        String others = server.send(
                        "POST", "/api/files/token", "", "Authorization", server.operatorsToken, "Content-Type", JSON)
                .at("token");
        for (String query : List.of(
                "",
                "?token=",
                "?token=x",
                "?token=x.y.z",
                "?token=" + token,
                "?token=" + others,
                "?token=" + file + "x",
                "?token=" + file + "&token=" + file,
                "?Token=" + file)) {
            assertRefused(server.send("GET", KEPT + query, ""), 403, CLOSED);
            assertRefused(server.send("GET", BACKUPS + "/missing.zip" + query, ""), 403, CLOSED);
        }
        // A token in the address counts alone.
        assertRefused(call("GET", KEPT + "?token=" + others, ""), 403, CLOSED);
        assertRefused(server.send("GET", KEPT, "", "Authorization", server.operatorsToken), 403, CLOSED);
        assertThat(server.send("GET", KEPT + "?token=" + file + "&more=1", "").text())
                .isEqualTo(new String(PocketBaseServerFixture.ARCHIVE, ISO_8859_1));
        assertThat(server.send("GET", KEPT + "?token=" + file, "", "Authorization", "x.y.z")
                        .status())
                .isEqualTo(200);
        assertRefused(server.send("GET", BACKUPS + "/missing.zip?token=" + file, ""), 404, NOT_FOUND);
        assertThat(decoded(file.split("\\.", -1)[1])).containsPattern("\"id\":\"[a-z0-9]{15}\"");
    }

    @Test
    void a_download_follows_the_time_it_was_made_and_the_ranges_it_is_asked_for() throws Exception {
        record Row(int status, String range, String text, List<String> headers) {}
        String whole = new String(PocketBaseServerFixture.ARCHIVE, ISO_8859_1);
        String last = Integer.toString(PocketBaseServerFixture.ARCHIVE.length - 1);
        List<Row> rows = List.of(
                new Row(200, "", whole, List.of()),
                new Row(206, "bytes 0-3/" + SIZE, whole.substring(0, 4), List.of("Range", "bytes=0-3")),
                new Row(206, "bytes 4-" + last + "/" + SIZE, whole.substring(4), List.of("Range", "bytes=4-")),
                new Row(206, "bytes 12-" + last + "/" + SIZE, whole.substring(12), List.of("Range", "bytes=-2")),
                new Row(206, "bytes 4-" + last + "/" + SIZE, whole.substring(4), List.of("Range", "bytes=4-9999")),
                new Row(200, "", whole, List.of("Range", "lines=0-3")),
                new Row(200, "", whole, List.of("If-Modified-Since", BEFORE)),
                new Row(304, "", "", List.of("If-Modified-Since", MODIFIED)),
                new Row(304, "", "", List.of("If-Modified-Since", AFTER)),
                new Row(304, "", "", List.of("If-Modified-Since", MODIFIED, "Range", "bytes=0-3")),
                new Row(200, "", whole, List.of("If-Unmodified-Since", MODIFIED)),
                new Row(200, "", whole, List.of("If-Unmodified-Since", AFTER)),
                new Row(
                        206,
                        "bytes 0-3/" + SIZE,
                        whole.substring(0, 4),
                        List.of("Range", "bytes=0-3", "If-Range", MODIFIED)),
                new Row(200, "", whole, List.of("Range", "bytes=0-3", "If-Range", BEFORE)),
                new Row(200, "", whole, List.of("Range", "bytes=0-3", "If-Range", AFTER)),
                new Row(200, "", whole, List.of("Range", "bytes=0-3", "If-Range", "\"tag\"")));
        for (Row row : rows) {
            Answer answer = call("GET", KEPT, "", row.headers().toArray(String[]::new));
            String what = String.join(" ", row.headers());
            assertThat(answer.status()).as(what).isEqualTo(row.status());
            assertThat(answer.text()).as(what).isEqualTo(row.text());
            assertThat(answer.header("Content-Range")).as(what).isEqualTo(row.range());
            assertDescribed(answer);
            if (row.status() != 304) {
                assertThat(answer.header("Content-Type")).isEqualTo("application/zip");
                assertThat(answer.header("Content-Disposition")).isEqualTo("attachment; filename=kept.zip");
                assertThat(answer.header("Content-Length"))
                        .isEqualTo(Integer.toString(row.text().length()));
            }
        }
        Answer several = call("GET", KEPT, "", "Range", "bytes=0-1,3-5");
        assertThat(several.status()).isEqualTo(206);
        assertThat(several.header("Content-Type")).matches("multipart/byteranges; boundary=\\S+");
        assertThat(several.text()).contains("Content-Range: bytes 0-1/" + SIZE, "Content-Range: bytes 3-5/" + SIZE);
        assertDescribed(several);
        for (String range : List.of("bytes=" + SIZE + "-", "bytes=999-1000", "bytes=-0", "bytes=99-,999-")) {
            Answer outside = call("GET", KEPT, "", "Range", range);
            assertRefused(
                    outside, 416, "The backup has " + SIZE + " bytes; the range begins behind its end or is empty.");
            assertThat(outside.header("Content-Range")).isEqualTo("bytes */" + SIZE);
        }
        assertRefused(
                call("GET", KEPT, "", "If-Unmodified-Since", BEFORE),
                412,
                "The backup is not the one that the condition names.");
    }

    private static void assertDescribed(Answer answer) {
        assertThat(answer.header("Last-Modified")).isEqualTo(MODIFIED);
        assertThat(answer.header("Accept-Ranges")).isEqualTo("bytes");
        assertThat(answer.header("Cache-Control")).isEqualTo("max-age=2592000, stale-while-revalidate=86400");
        assertThat(answer.header("Content-Security-Policy"))
                .isEqualTo("default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox");
        assertThat(answer.header("ETag")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "@auto_pb_backup_acme_1.zip | attachment; filename=@auto_pb_backup_acme_1.zip",
                "test                       | attachment; filename=test",
                "my backup.zip              | attachment; filename=\"my backup.zip\"",
                "a;b.zip                    | attachment; filename=\"a;b.zip\"",
                "größe.zip                  | attachment; filename=\"gr__e.zip\"; filename*=UTF-8''gr%C3%B6%C3%9Fe.zip",
            })
    void a_download_is_called_as_its_backup_is(String key, String disposition) throws Exception {
        server.put(key, Origin.UPLOADED);
        String segment = URLEncoder.encode(key, UTF_8).replace("+", "%20");
        Answer answer = call("HEAD", BACKUPS + "/" + segment, "");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Disposition")).isEqualTo(disposition);
        assertThat(answer.header("Content-Type")).isEqualTo("application/zip");
        server.put("by_hand.zip", Origin.EXTERNAL);
        assertThat(call("GET", BACKUPS + "/by_hand.zip", "").header("Content-Type"))
                .isEqualTo("application/octet-stream");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "every day",
                "0 0 * *",
                "0 0 * * * *",
                "0  0 * * *",
                " 0 0 * * *",
                "0 0 * * * ",
                "0\\t0 * * *",
                "@every 5m",
                "@reboot",
                "@Daily",
                "daily",
            })
    void what_has_not_the_form_of_a_schedule_is_refused(String cron) throws Exception {
        assertCronRefused(
                cron, "Invalid cron expression - must be a valid macro or to have exactly 5 space separated segments.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "60 * * * *|1|0 to 59",
                "-1 * * * *|1|0 to 59",
                "5/10 * * * *|1|0 to 59",
                "*/0 * * * *|1|0 to 59",
                "*/60 * * * *|1|0 to 59",
                "30-10 * * * *|1|0 to 59",
                "1,,2 * * * *|1|0 to 59",
                "? * * * *|1|0 to 59",
                "a * * * *|1|0 to 59",
                "0 24 * * *|2|0 to 23",
                "0 0 0 * *|3|1 to 31",
                "0 0 32 * *|3|1 to 31",
                "0 0 L * *|3|1 to 31",
                "0 0 * 0 *|4|1 to 12",
                "0 0 * 13 *|4|1 to 12",
                "0 0 * JAN *|4|1 to 12",
                "0 0 * * 7|5|0 to 6",
                "0 0 * * 5-7|5|0 to 6",
                "0 0 * * MON|5|0 to 6",
                "0 0 * * mon-fri|5|0 to 6",
                "0 0 * * 1#2|5|0 to 6",
            })
    void what_a_schedules_segment_cannot_be_is_refused(String row) throws Exception {
        String[] parts = row.split("\\|", -1);
        assertCronRefused(
                parts[0],
                "Invalid cron expression - segment " + parts[1] + " must consist of *, numbers from " + parts[2]
                        + ", ranges and steps.");
    }

    private void assertCronRefused(String cron, String message) throws Exception {
        String before = call("GET", SETTINGS, "").text();
        assertRefused(
                call("PATCH", SETTINGS, "{\"meta\":{\"appName\":\"Other\"},\"backups\":{\"cron\":\"" + cron + "\"}}"),
                400,
                NOT_SAVED,
                "{\"backups\":" + error("cron", "validation_invalid_cron", message) + "}");
        assertThat(call("GET", SETTINGS, "").text()).as("all or nothing").isEqualTo(before);
    }

    @Test
    void settings_are_all_judged_before_one_is_kept() throws Exception {
        String before = call("GET", SETTINGS, "").text();
        String all = "{\"accessKey\":" + BLANK + ",\"bucket\":" + BLANK + ",\"endpoint\":" + BLANK + ",\"region\":"
                + BLANK + ",\"secret\":" + BLANK + "}";
        assertRefused(
                call(
                        "PATCH",
                        SETTINGS,
                        "{\"backups\":{\"s3\":{\"enabled\":true},\"cronMaxKeep\":-2},\"s3\":{\"enabled\":true}}"),
                400,
                NOT_SAVED,
                "{\"backups\":{\"cronMaxKeep\":{\"code\":\"validation_min_greater_equal_than_required\",\"message\":\"Must be no "
                        + "less than 1.\",\"params\":{\"threshold\":1}},\"s3\":" + all + "},\"s3\":" + all + "}");
        for (String name : List.of("endpoint", "bucket", "region", "accessKey", "secret")) {
            String full =
                    "{\"enabled\":true,\"endpoint\":\"s3.example\",\"bucket\":\"b\",\"region\":\"r\",\"accessKey\":\"k\","
                            + "\"secret\":\"s\"}";
            assertRefused(
                    call(
                            "PATCH",
                            SETTINGS,
                            "{\"backups\":{\"s3\":" + full.replaceAll("(\"" + name + "\":)\"[^\"]*\"", "$1\"\"")
                                    + "}}"),
                    400,
                    NOT_SAVED,
                    "{\"backups\":{\"s3\":{\"" + name + "\":" + BLANK + "}}}");
        }
        assertRefused(
                call("PATCH", SETTINGS, "{\"superuserIPs\":[\"10.0.0.0/8\"]}"),
                400,
                NOT_SAVED,
                error(
                        "superuserIPs",
                        "validation_not_supported",
                        "Holdfast does not limit superusers by address; leave it empty."));
        String tooLong = "*" + ",*".repeat(61) + " * * * *";
        assertThat(tooLong.length()).isGreaterThan(128);
        assertThat(call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"" + tooLong + "\"}}")
                        .at("data.backups.cron.code"))
                .isEqualTo("validation_invalid_cron");
        assertThat(call("GET", SETTINGS, "").text()).isEqualTo(before);
    }

    @Test
    void a_bucket_that_is_set_hides_nothing_and_can_not_be_tested() throws Exception {
        String disabled = "Failed to test the S3 filesystem. Raw error: \nS3 storage filesystem is not enabled.";
        String unused =
                "Failed to test the S3 filesystem. Raw error: \nfailed to initialize the S3 filesystem: this version of "
                        + "Holdfast keeps backups in directories.";
        String full = "{\"enabled\":true,\"endpoint\":\"https://s3.example:9000\",\"bucket\":\"b\",\"region\":\"r\","
                + "\"accessKey\":\"shown\",\"secret\":\"hidden\",\"forcePathStyle\":true}";
        for (String[] row : new String[][] {{"backups", "{\"backups\":{\"s3\":%s}}"}, {"storage", "{\"s3\":%s}"}}) {
            String tested = "{\"filesystem\":\"" + row[0] + "\"}";
            assertRefused(call("POST", TEST_S3, tested), 400, disabled);
            Answer saved = call("PATCH", SETTINGS, row[1].formatted(full));
            assertThat(saved.status()).isEqualTo(200);
            assertThat(saved.text())
                    .contains("\"accessKey\":\"shown\"", "\"forcePathStyle\":true")
                    .doesNotContain("hidden", "secret");
            assertRefused(call("POST", TEST_S3, tested), 400, unused);
            assertThat(keys()).containsExactly("kept.zip");
            assertThat(call("GET", KEPT, "").status()).isEqualTo(200);
            assertThat(call("DELETE", BACKUPS + "/missing.zip", "").status()).isEqualTo(400);
            String off = "{\"enabled\":false,\"endpoint\":\"\",\"bucket\":\"\",\"region\":\"\",\"accessKey\":\"\","
                    + "\"secret\":\"\",\"forcePathStyle\":false}";
            assertThat(call("PATCH", SETTINGS, row[1].formatted(off)).status()).isEqualTo(200);
        }
        for (String filesystem : List.of("{}", "{\"filesystem\":\"\"}", "{\"filesystem\":null}")) {
            assertRefused(
                    call("POST", TEST_S3, filesystem),
                    400,
                    "Failed to test the S3 filesystem.",
                    "{\"filesystem\":" + BLANK + "}");
        }
        assertRefused(
                call("POST", TEST_S3, "{\"filesystem\":\"elsewhere\"}"),
                400,
                "Failed to test the S3 filesystem.",
                error("filesystem", "validation_in_invalid", "Must be a valid value."));
    }

    @Test
    void jobs_are_those_there_are() throws Exception {
        assertThat(call("GET", "/api/crons", "").text()).isEqualTo("[]\n");
        assertRefused(call("POST", "/api/crons/__pbAutoBackup__", ""), 404, "Missing or invalid cron job.");
        assertThat(call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"0 3 * * 1\"}}")
                        .status())
                .isEqualTo(200);
        assertThat(call("GET", "/api/crons", "").text())
                .isEqualTo("[{\"id\":\"__pbAutoBackup__\",\"expression\":\"0 3 * * 1\"}]\n");
        for (String id : List.of("other", "__pbautobackup__", "%zz".replace("%zz", "x%2Fy"))) {
            assertRefused(call("POST", "/api/crons/" + id, ""), 404, "Missing or invalid cron job.");
        }
        assertThat(call("PATCH", SETTINGS, "{\"backups\":{\"cron\":\"\"}}").status())
                .isEqualTo(200);
        assertThat(call("GET", "/api/crons", "").text()).isEqualTo("[]\n");
    }
}
