package dev.holdfast.endtoend.dialects;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.holdfast.endtoend.plans.FarTime;
import dev.holdfast.endtoend.server.Client.Answer;
import dev.holdfast.endtoend.server.Command;
import dev.holdfast.endtoend.server.Eventually;
import dev.holdfast.endtoend.server.ServerProcess;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** PocketBase's API message by message, over a socket. */
@Tag("process")
@Tag("slow")
@DisplayNameGeneration(ReplaceUnderscores.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PocketBaseCallsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String BACKUPS = "/api/backups";
    private static final String SIGN_IN = "/api/collections/_superusers/auth-with-password";
    private static final String INVALID = "An error occurred while validating the submitted data.";
    private static final String UNREADABLE = "An error occurred while loading the submitted data.";
    private static final String NOT_SAVED = "An error occurred while saving the new settings.";
    private static final String NOT_FOUND = "The requested resource wasn't found.";
    private static final String CLOSED = "Insufficient permissions to access the resource.";
    private static final String JSON_TYPE = "application/json";

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();
    private Path dataDir;
    private ServerProcess server;
    private String token;
    private String operator;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        Path data = PocketBaseInstallation.data(directory);
        Files.writeString(data.resolve("types.d.ts"), "// nothing that is backed up");
        Files.createDirectory(data.resolve("backups"));
        var options = PocketBaseInstallation.withAccounts(PocketBaseInstallation.options(directory, data));
        dataDir = options.dataDir();
        server = ServerProcess.start(options);
        operator = Command.run(dataDir, "", "token", "create", "--name", "operator", "--role", "operator")
                .replaceAll("(?s).*(hft_\\S+).*", "$1");
        Command.run(dataDir, "password of olga", "user", "add", "olga", "--role", "operator", "--password-stdin");
        token = signIn(PocketBaseInstallation.EMAIL, PocketBaseInstallation.PASSWORD)
                .path("token")
                .asText();
        assertThat(create("{\"name\":\"kept.zip\"}").status()).isEqualTo(204);
    }

    @AfterAll
    void stop() {
        http.close();
        server.close();
    }

    private Answer send(String method, String path, byte[] body, String... headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create(server.address().toString().replaceAll("/$", "") + path))
                .timeout(Duration.ofMinutes(1))
                .method(method, body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return Answer.of(http.send(request.build(), BodyHandlers.ofByteArray()));
    }

    private Answer call(String method, String path, String body, String... headers) throws Exception {
        var all = new ArrayList<>(List.of("Authorization", token));
        all.addAll(List.of(headers));
        return send(method, path, body.getBytes(UTF_8), all.toArray(String[]::new));
    }

    private Answer json(String method, String path, String body) throws Exception {
        return call(method, path, body, "Content-Type", JSON_TYPE);
    }

    private Answer create(String body) throws Exception {
        return json("POST", BACKUPS, body);
    }

    private JsonNode signIn(String identity, String password) throws Exception {
        return send(
                        "POST",
                        SIGN_IN,
                        JSON.writeValueAsBytes(Map.of("identity", identity, "password", password)),
                        "Content-Type",
                        JSON_TYPE)
                .json();
    }

    private static void assertRefused(Answer answer, int status, String message, Map<String, String> codes) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.json().fieldNames()).toIterable().containsExactly("data", "message", "status");
        assertThat(answer.json().path("message").asText()).isEqualTo(message);
        assertThat(answer.json().path("status").asInt()).isEqualTo(status);
        assertThat(answer.text()).endsWith("}\n");
        assertThat(answer.header("Content-Type")).isEqualTo(JSON_TYPE);
        var found = new TreeMap<String, String>();
        codes("", answer.json().path("data"), found);
        assertThat(found).isEqualTo(codes);
        assertCommonHeaders(answer);
    }

    private static void codes(String before, JsonNode data, Map<String, String> found) {
        data.properties().forEach(it -> {
            if (it.getValue().has("code")) {
                assertThat(it.getValue().path("message").asText()).isNotEmpty();
                found.put(before + it.getKey(), it.getValue().path("code").asText());
            } else {
                codes(before + it.getKey() + ".", it.getValue(), found);
            }
        });
    }

    private static void assertCommonHeaders(Answer answer) {
        assertThat(answer.header("X-XSS-Protection")).isEqualTo("1; mode=block");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.header("X-Frame-Options")).isEqualTo("SAMEORIGIN");
        assertThat(answer.headers().allValues("Vary")).containsExactly("Origin");
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/backups",
        "POST, /api/backups",
        "POST, /api/backups/upload",
        "POST, /api/backups/kept.zip/restore",
        "POST, /api/backups/kept.zip/download-token",
        "DELETE, /api/backups/kept.zip",
        "GET, /api/settings",
        "PATCH, /api/settings",
        "POST, /api/settings/test/s3",
        "GET, /api/crons",
        "POST, /api/crons/__pbAutoBackup__",
        "POST, /api/collections/_superusers/impersonate/x",
    })
    void superusers_calls_are_nobody_elses(String method, String path) throws Exception {
        byte[] broken = "{".getBytes(UTF_8);
        for (String[] shown :
                new String[][] {{}, {"Authorization", "x.y.z"}, {"Authorization", "Bearer " + token + "x"}}) {
            Answer nobody = send(method, path, broken, shown);
            assertRefused(nobody, 401, "The request requires valid record authorization token.", Map.of());
        }
        Answer other = send(method, path, broken, "Authorization", operator);
        assertRefused(other, 403, "The authorized record is not allowed to perform this action.", Map.of());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Bearer ", "bearer "})
    void a_token_stands_in_the_header_as_it_is_or_as_a_bearers(String before) throws Exception {
        assertThat(send("GET", BACKUPS, new byte[0], "Authorization", before + token)
                        .status())
                .isEqualTo(200);
        assertThat(send("POST", "/api/files/token", new byte[0], "Authorization", before + operator)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void the_tokens_of_this_api_open_no_other() throws Exception {
        for (String path : List.of("/api/v1/backup?database=pb", "/api/v1/databases", "/metrics")) {
            assertThat(send("GET", path, new byte[0], "Authorization", "Bearer " + token)
                            .status())
                    .as(path)
                    .isEqualTo(401);
        }
    }

    @Test
    void a_sign_in_gives_what_the_sdks_read() throws Exception {
        long before = Instant.now().getEpochSecond();
        JsonNode granted = signIn(PocketBaseInstallation.EMAIL, PocketBaseInstallation.PASSWORD);
        long after = Instant.now().getEpochSecond();

        JsonNode record = granted.path("record");
        assertThat(record.fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder(
                        "collectionId",
                        "collectionName",
                        "created",
                        "email",
                        "emailVisibility",
                        "id",
                        "updated",
                        "verified");
        assertThat(record.path("collectionId").asText()).isEqualTo("pbc_3142635823");
        assertThat(record.path("collectionName").asText()).isEqualTo("_superusers");
        assertThat(record.path("id").asText()).matches("[a-z0-9]{15}");
        assertThat(record.path("created").asText()).matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
        String[] parts = granted.path("token").asText().split("\\.", -1);
        assertThat(parts).hasSize(3);
        assertThat(parts[1]).as("what atob decodes").matches("[A-Za-z0-9]+");
        JsonNode claims = JSON.readTree(Base64.getUrlDecoder().decode(parts[1]));
        assertThat(claims.path("type").asText()).isEqualTo("auth");
        assertThat(claims.path("id")).isEqualTo(record.path("id"));
        assertThat(claims.path("collectionId").asText()).isEqualTo("pbc_3142635823");
        assertThat(claims.path("refreshable").asBoolean()).isTrue();
        assertThat(claims.path("exp").isIntegralNumber()).isTrue();
        assertThat(claims.path("exp").asLong() - 86_400).isBetween(before, after);
    }

    @Test
    void a_sign_in_that_fails_says_no_more_than_that() throws Exception {
        String failed = "Failed to authenticate.";
        record Row(String type, String body, int status, String message, Map<String, String> codes) {}
        String id = PocketBaseInstallation.EMAIL;
        List<Row> rows = List.of(
                new Row(JSON_TYPE, "{\"identity\":\"" + id + "\",\"password\":\"x\"}", 400, failed, Map.of()),
                new Row(JSON_TYPE, "{\"identity\":\"no@example.com\",\"password\":\"x\"}", 400, failed, Map.of()),
                new Row(JSON_TYPE, "{\"identity\":\"olga\",\"password\":\"password of olga\"}", 400, failed, Map.of()),
                new Row(
                        JSON_TYPE,
                        "{}",
                        400,
                        INVALID,
                        Map.of("identity", "validation_required", "password", "validation_required")),
                new Row(
                        JSON_TYPE,
                        "{\"identity\":\"" + "x".repeat(256) + "\",\"password\":\"x\"}",
                        400,
                        INVALID,
                        Map.of("identity", "validation_length_out_of_range")),
                new Row(JSON_TYPE, "{\"identity\":", 400, UNREADABLE, Map.of()),
                new Row(JSON_TYPE, "{\"identity\":1}", 400, UNREADABLE, Map.of()));
        for (Row row : rows) {
            assertRefused(
                    send("POST", SIGN_IN, row.body().getBytes(UTF_8), "Content-Type", row.type()),
                    row.status(),
                    row.message(),
                    row.codes());
        }
        assertRefused(send("POST", SIGN_IN, "x".getBytes(UTF_8)), 400, "Unsupported Content-Type.", Map.of());
        assertRefused(
                send("POST", SIGN_IN.replace("_superusers", "users"), new byte[0]),
                404,
                "Missing or invalid auth collection context.",
                Map.of());
    }

    @Test
    void tokens_are_renewed_and_given_for_long() throws Exception {
        JsonNode refreshed =
                json("POST", "/api/collections/_superusers/auth-refresh", "").json();
        assertThat(refreshed.path("record").path("email").asText()).isEqualTo(PocketBaseInstallation.EMAIL);
        assertThat(refreshed.path("token").asText()).isNotEmpty();
        String address = "/api/collections/pbc_3142635823/impersonate/"
                + refreshed.path("record").path("id").asText();
        long before = Instant.now().getEpochSecond();
        String lasting = json("POST", address, "{\"duration\":7200}")
                .json()
                .path("token")
                .asText();
        JsonNode claims = JSON.readTree(Base64.getUrlDecoder().decode(lasting.split("\\.", -1)[1]));
        assertThat(claims.path("refreshable").asBoolean()).isFalse();
        assertThat(claims.path("exp").asLong() - 7_200)
                .isBetween(before, Instant.now().getEpochSecond());
        Answer same = send("POST", "/api/collections/_superusers/auth-refresh", new byte[0], "Authorization", lasting);
        assertThat(same.json().path("token").asText()).isEqualTo(lasting);
        assertRefused(
                send("POST", "/api/collections/_superusers/auth-refresh", new byte[0], "Authorization", operator),
                403,
                "The request requires auth record from _superusers collection.",
                Map.of());
        assertRefused(json("POST", address.replaceAll("[^/]+$", "nobody"), ""), 404, NOT_FOUND, Map.of());
    }

    @Test
    void another_password_and_a_removed_account_end_their_tokens() throws Exception {
        Command.run(dataDir, "password of anna", "user", "add", "anna", "--role", "admin", "--password-stdin");
        String before = signIn("anna", "password of anna").path("token").asText();
        assertThat(send("GET", BACKUPS, new byte[0], "Authorization", before).status())
                .isEqualTo(200);
        Command.run(dataDir, "another password", "user", "password", "anna", "--password-stdin");
        assertThat(send("GET", BACKUPS, new byte[0], "Authorization", before).status())
                .isEqualTo(401);
        String after = signIn("anna", "another password").path("token").asText();
        String file = send("POST", "/api/files/token", new byte[0], "Authorization", after)
                .json()
                .path("token")
                .asText();
        String address = BACKUPS + "/kept.zip?token=" + file;
        assertThat(send("GET", address, new byte[0]).status()).isEqualTo(200);
        Command.run(dataDir, "", "user", "remove", "anna");
        assertThat(send("GET", BACKUPS, new byte[0], "Authorization", after).status())
                .isEqualTo(401);
        assertRefused(send("GET", address, new byte[0]), 403, CLOSED, Map.of());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"name\":\"my_backup\"} | validation_match_invalid",
                "{\"name\":\"My.zip\"} | validation_match_invalid",
                "{\"name\":\"a b.zip\"} | validation_match_invalid",
                "{\"name\":\"@auto_pb_backup_x.zip\"} | validation_match_invalid",
                "{\"name\":\"@auto_pb_backup_app_20240115120000.zip\"} | validation_match_invalid",
                "{\"name\":\"a.b.zip\"} | validation_match_invalid",
                "{\"name\":\"../a.zip\"} | validation_match_invalid",
                "{\"name\":\".zip\"} | validation_match_invalid",
                "{\"name\":\"kept.zip\"} | validation_backup_name_exists",
                "{\"NAME\":\"kept.zip\"} | validation_backup_name_exists",
            })
    void a_name_that_is_not_allowed_is_refused(String body, String code) throws Exception {
        assertRefused(create(body), 400, INVALID, Map.of("name", code));
    }

    @Test
    void a_name_that_is_too_long_is_told_its_limits() throws Exception {
        Answer answer = create("{\"name\":\"" + "x".repeat(147) + ".zip\"}");
        assertRefused(answer, 400, INVALID, Map.of("name", "validation_length_out_of_range"));
        assertThat(answer.json().at("/data/name").toString())
                .isEqualTo(
                        "{\"code\":\"validation_length_out_of_range\",\"message\":\"The length must be between 1 and "
                                + "150.\",\"params\":{\"max\":150,\"min\":1}}");
        assertThat(create("{\"name\":\"" + "y".repeat(146) + ".zip\"}").status())
                .isEqualTo(204);
    }

    @Test
    void a_backup_is_made_however_the_request_is_written() throws Exception {
        record Row(String type, String body, String name) {}
        String form = "--b\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\nmultipart.zip\r\n--b--\r\n";
        List<Row> rows = List.of(
                new Row(JSON_TYPE, "{\"name\":\"json.zip\",\"more\":[1]}", "json\\.zip"),
                new Row("application/json; charset=utf-8", "{\"name\":\"utf8.zip\"}", "utf8\\.zip"),
                new Row("application/x-www-form-urlencoded", "name=form.zip&x=y", "form\\.zip"),
                new Row("multipart/form-data; boundary=b", form, "multipart\\.zip"),
                new Row(JSON_TYPE, "", "pb_backup_app_\\d{14}(_\\d+)?\\.zip"),
                new Row("text/plain", "", "pb_backup_app_\\d{14}(_\\d+)?\\.zip"),
                new Row(JSON_TYPE, "{\"name\":null}", "pb_backup_app_\\d{14}(_\\d+)?\\.zip"),
                new Row("application/x-www-form-urlencoded", "{\"name\":\"lost.zip\"}", "pb_backup_app_.*\\.zip"));
        for (Row row : rows) {
            List<String> before = keys();
            Answer answer = call("POST", BACKUPS, row.body(), "Content-Type", row.type());
            assertThat(answer.status()).as(row + answer.text()).isEqualTo(204);
            assertThat(answer.text()).isEmpty();
            assertCommonHeaders(answer);
            assertThat(keys())
                    .filteredOn(it -> !before.contains(it))
                    .singleElement()
                    .asString()
                    .matches(row.name());
        }
        for (String[] bad : new String[][] {
            {"text/plain", "x"}, {JSON_TYPE, "{"}, {JSON_TYPE, "[]"}, {JSON_TYPE, "{\"name\":5}"}, {"text/xml", "<a/>"}
        }) {
            assertRefused(call("POST", BACKUPS, bad[1], "Content-Type", bad[0]), 400, UNREADABLE, Map.of());
        }
    }

    private List<String> keys() throws Exception {
        JsonNode list = call("GET", BACKUPS, "").json();
        assertThat(list.isArray()).isTrue();
        var keys = new ArrayList<String>();
        list.forEach(it -> keys.add(it.path("key").asText()));
        return keys;
    }

    @Test
    void the_list_is_in_the_order_of_the_keys() throws Exception {
        Answer answer = call("GET", BACKUPS + "?unknown=1", "");
        assertThat(answer.header("Content-Type")).isEqualTo(JSON_TYPE);
        assertThat(answer.text()).endsWith("]\n");
        assertThat(keys()).isSorted().contains("kept.zip");
        JsonNode one = answer.json().get(0);
        assertThat(one.fieldNames()).toIterable().containsExactly("modified", "key", "size");
        assertThat(one.path("modified").asText()).matches("\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
        assertThat(one.path("size").isIntegralNumber()).isTrue();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "backups.cron | {\"backups\":{\"cron\":\"\"}}",
                "backups.cron,meta.hideControls | {\"backups\":{\"cron\":\"\"},\"meta\":{\"hideControls\":false}}",
                "s3.* | {\"s3\":{\"enabled\":false,\"bucket\":\"\",\"region\":\"\",\"endpoint\":\"\","
                        + "\"accessKey\":\"\",\"forcePathStyle\":false}}",
                "superuserIPs, batch.timeout | {\"superuserIPs\":[],\"batch\":{\"timeout\":3}}",
                "*.enabled,nothing | {\"smtp\":{\"enabled\":false},\"s3\":{\"enabled\":false},"
                        + "\"rateLimits\":{\"enabled\":false},\"batch\":{\"enabled\":false}}",
            })
    void fields_keeps_what_it_names(String fields, String expected) throws Exception {
        Answer answer =
                call("GET", "/api/settings?fields=" + fields.replace(" ", "%20").replace(",", "%2C"), "");
        JsonNode found = answer.json();
        for (Map.Entry<String, JsonNode> member : JSON.readTree(expected).properties()) {
            assertThat(found.path(member.getKey())).as(answer.text()).isEqualTo(member.getValue());
        }
    }

    private Answer upload(String filename, byte[] content, String field) throws Exception {
        String head = "--boundary\r\nContent-Disposition: form-data; name=\"" + field + "\""
                + (filename.isEmpty() ? "" : "; filename=\"" + filename + "\"")
                + "\r\nContent-Type: application/zip\r\n\r\n";
        byte[] first = head.getBytes(UTF_8);
        byte[] last = "\r\n--boundary--\r\n".getBytes(UTF_8);
        byte[] body = new byte[first.length + content.length + last.length];
        System.arraycopy(first, 0, body, 0, first.length);
        System.arraycopy(content, 0, body, first.length, content.length);
        System.arraycopy(last, 0, body, first.length + content.length, last.length);
        return send(
                "POST",
                "/api/backups/upload",
                body,
                "Authorization",
                token,
                "Content-Type",
                "multipart/form-data; boundary=boundary");
    }

    private byte[] kept() throws Exception {
        return Files.readAllBytes(dataDir.resolve("backups/pb/kept.zip"));
    }

    @ParameterizedTest
    @CsvSource({
        "test, test",
        "My Backup.zip, My%20Backup.zip",
        "@auto_pb_backup_x.zip, %40auto_pb_backup_x.zip",
        "a+b.zip, a+b.zip",
        "dir/last.zip, last.zip",
        "größe.zip, gr%C3%B6%C3%9Fe.zip",
    })
    void an_uploaded_file_keeps_its_name(String filename, String segment) throws Exception {
        assertThat(upload(filename, kept(), "file").status()).isEqualTo(204);
        String key = filename.substring(filename.lastIndexOf('/') + 1);
        assertThat(keys()).contains(key);
        assertThat(call("GET", BACKUPS + "/" + segment, "").status()).isEqualTo(200);
        Answer deleted = call("DELETE", BACKUPS + "/" + segment, "");
        assertThat(deleted.status()).as(deleted.text()).isEqualTo(204);
        assertThat(keys()).doesNotContain(key);
    }

    @Test
    void what_is_no_backup_is_not_taken() throws Exception {
        Map<String, String> blank = Map.of("file", "validation_required");
        assertRefused(upload("x.zip", kept(), "other"), 400, INVALID, blank);
        assertRefused(upload("", kept(), "file"), 400, INVALID, blank);
        assertRefused(json("POST", "/api/backups/upload", "{}"), 400, INVALID, blank);
        assertRefused(
                call("POST", "/api/backups/upload", "--x", "Content-Type", "multipart/form-data; boundary=b"),
                400,
                INVALID,
                blank);
        Answer text = upload("My notes.txt", "plain text".getBytes(UTF_8), "file");
        assertRefused(text, 400, INVALID, Map.of("file", "validation_invalid_mime_type"));
        assertThat(text.json().at("/data/file/message").asText())
                .matches("\"my_notes_[a-z0-9]{10}\\.txt\" mime type must be one of: application/zip\\.");
        Answer taken = upload("kept.zip", kept(), "file");
        assertRefused(taken, 400, INVALID, Map.of("file", "validation_backup_name_exists"));
        assertThat(taken.json().at("/data/file/message").asText())
                .isEqualTo("Backup file with the specified name already exists.");
        byte[] empty = new byte[22];
        System.arraycopy("PK\5\6".getBytes(ISO_8859_1), 0, empty, 0, 4);
        assertRefused(upload("e.zip", empty, "file"), 400, INVALID, Map.of("file", "validation_invalid_backup"));
        byte[] spoilt = kept();
        spoilt[spoilt.length / 2] ^= 1;
        assertRefused(upload("s.zip", spoilt, "file"), 400, INVALID, Map.of("file", "validation_invalid_backup"));
        assertThat(keys()).doesNotContain("e.zip", "s.zip", "x.zip");
    }

    /** A zip as other programs write it: each member deflated but for the first ones that a format wants stored. */
    private static byte[] zip(Map<String, byte[]> members, int stored) throws Exception {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            int left = stored;
            for (Map.Entry<String, byte[]> member : members.entrySet()) {
                var entry = new ZipEntry(member.getKey());
                if (left-- > 0) {
                    var checksum = new CRC32();
                    checksum.update(member.getValue());
                    entry.setMethod(ZipEntry.STORED);
                    entry.setSize(member.getValue().length);
                    entry.setCrc(checksum.getValue());
                }
                zip.putNextEntry(entry);
                zip.write(member.getValue());
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] zip(int stored, String... namesAndTexts) throws Exception {
        var members = new LinkedHashMap<String, byte[]>();
        for (int i = 0; i < namesAndTexts.length; i += 2) {
            members.put(namesAndTexts[i], namesAndTexts[i + 1].getBytes(UTF_8));
        }
        return zip(members, stored);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "docx | 0 | [Content_Types].xml,<Types/>,_rels/.rels,<Relationships/>,word/document.xml,<w/>",
                "xlsx | 0 | [Content_Types].xml,<Types/>,_rels/.rels,<Relationships/>,xl/workbook.xml,<w/>",
                "pptx | 0 | [Content_Types].xml,<Types/>,_rels/.rels,<Relationships/>,ppt/presentation.xml,<p/>",
                "vsdx | 0 | [Content_Types].xml,<Types/>,_rels/.rels,<Relationships/>,visio/document.xml,<v/>",
                "docx | 0 | word/document.xml,<w/>,[Content_Types].xml,<Types/>",
                "docx | 3 | _rels/.rels,<Relationships/>,[Content_Types].xml,<Types/>,word/document.xml,<w/>",
                "epub | 1 | mimetype,application/epub+zip,META-INF/container.xml,<container/>",
                "apk  | 0 | META-INF/CERT.SF,x,AndroidManifest.xml,x",
                "apk  | 0 | classes.dex,x",
                "apk  | 0 | lib/x.so,x,resources.arsc,x",
                "jar  | 0 | META-INF/MANIFEST.MF,Manifest-Version: 1.0,a/B.class,x",
                "jar  | 1 | META-INF/,'',META-INF/MANIFEST.MF,Manifest-Version: 1.0",
                "odt  | 1 | mimetype,application/vnd.oasis.opendocument.text,content.xml,<c/>",
                "ods  | 1 | mimetype,application/vnd.oasis.opendocument.spreadsheet,content.xml,<c/>",
                "odp  | 1 | mimetype,application/vnd.oasis.opendocument.presentation,content.xml,<c/>",
                "odg  | 1 | mimetype,application/vnd.oasis.opendocument.graphics-template,content.xml,<c/>",
                "sxc  | 1 | mimetype,application/vnd.sun.xml.calc,content.xml,<c/>",
                "kmz  | 0 | doc.kml,<kml/>",
                "kmz  | 0 | files/icon.png,x,doc.kml,<kml/>",
            })
    void a_zip_that_is_another_kind_of_file_is_none(String extension, int stored, String members) throws Exception {
        byte[] content = zip(stored, members.replace("'", "").split(",", -1));
        for (String name : List.of("Some File." + extension, "backup.zip")) {
            Answer answer = upload(name, content, "file");
            assertRefused(answer, 400, INVALID, Map.of("file", "validation_invalid_mime_type"));
            assertThat(answer.json().at("/data/file/message").asText())
                    .matches("\"(some_file|backup)_[a-z0-9]{10}\\.(" + extension
                            + "|zip)\" mime type must be one of: application/zip\\.");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "notes.txt,x",
                "data.db,x,../data.db,x",
                "storage/word/document.xml,x",
                "storage/META-INF/MANIFEST.MF,x,META-INF/MANIFEST.MF,x",
                "data.db,no database",
                "storage/doc.kml,x",
            })
    void a_zip_that_is_no_backup_is_told_as_that(String members) throws Exception {
        Answer answer = upload("plain.zip", zip(0, members.split(",", -1)), "file");
        assertRefused(answer, 400, INVALID, Map.of("file", "validation_invalid_backup"));
        assertThat(answer.json().at("/data/file/message").asText())
                .isEqualTo("The file is not a valid backup of this database.");
    }

    @Test
    void a_zip_as_pocketbase_writes_it_is_taken_whatever_lies_in_its_storage() throws Exception {
        var found = new TreeMap<String, byte[]>();
        try (var zip = new ZipInputStream(new ByteArrayInputStream(kept()))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                if (!entry.isDirectory()
                        && (entry.getName().endsWith(".db") || entry.getName().startsWith("storage/"))) {
                    found.put(entry.getName(), zip.readAllBytes());
                }
            }
        }
        assertThat(found).containsKeys("auxiliary.db", "data.db");
        byte[] document = zip(0, "[Content_Types].xml", "<Types/>", "word/document.xml", "<w/>");
        var members = new LinkedHashMap<String, byte[]>();
        members.put("auxiliary.db", found.remove("auxiliary.db"));
        members.put("auxiliary.db-shm", new byte[0]);
        members.put("auxiliary.db-wal", new byte[0]);
        members.putAll(found);
        assertThat(upload("as_pocketbase.zip", zip(members, 0), "file").status())
                .isEqualTo(204);

        // The same with the files first, within what is looked at.
        var filesFirst = new LinkedHashMap<String, byte[]>();
        filesFirst.put("storage/pbc_1/r0c1d2e3f4g5h6i/letter.docx", document);
        filesFirst.put("storage/pbc_1/r0c1d2e3f4g5h6i/word/document.xml", new byte[10]);
        filesFirst.putAll(members);
        assertThat(upload("files_first.zip", zip(filesFirst, 1), "file").status())
                .isEqualTo(204);

        // The same with another name of the auxiliary database.
        var otherName = new LinkedHashMap<String, byte[]>();
        otherName.put("aux.db", members.get("auxiliary.db"));
        members.forEach((name, content) -> {
            if (!name.startsWith("auxiliary.db")) {
                otherName.put(name, content);
            }
        });
        assertThat(upload("other_name.zip", zip(otherName, 0), "file").status()).isEqualTo(204);
        for (String key : List.of("as_pocketbase.zip", "files_first.zip", "other_name.zip")) {
            Answer restored = call("POST", BACKUPS + "/" + key + "/restore", "", "Prefer", "return=representation");
            assertThat(restored.status()).as(key + restored.text()).isEqualTo(200);
        }
    }

    @Test
    void a_zip_that_is_made_here_has_its_databases_at_its_root_and_nothing_that_is_not_named() throws Exception {
        var names = new ArrayList<String>();
        try (var zip = new ZipInputStream(new ByteArrayInputStream(kept()))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                names.add(entry.getName());
            }
        }
        assertThat(names)
                .contains(
                        "data.db",
                        "auxiliary.db",
                        "storage/pbc_1/r0c1d2e3f4g5h6i/photo_x1y2z3a4b5.jpg",
                        "storage/pbc_1/r0c1d2e3f4g5h6i/photo_x1y2z3a4b5.jpg.attrs")
                .noneMatch(it -> it.contains("-wal") || it.contains("-shm") || it.startsWith("/"))
                .allMatch(it -> it.startsWith("storage/") || !it.contains("/"))
                .doesNotContain("types.d.ts", "backups");
    }

    @Test
    void what_lies_beside_backups_is_not_listed() throws Exception {
        Path directory = dataDir.resolve("backups/pb");
        List<String> before = keys();
        List<String> names = List.of("notes.txt", "kept.zip.attrs", "half.zip.1a2b3c.tmp", ".hidden.zip");
        for (String name : names) {
            Files.writeString(directory.resolve(name), "{\"user.content_type\":\"application/zip\"}");
            assertRefused(call("GET", BACKUPS + "/" + name, ""), 404, NOT_FOUND, Map.of());
            assertThat(call("DELETE", BACKUPS + "/" + name, "").status()).isEqualTo(400);
        }
        Files.createDirectory(directory.resolve("folder"));
        Files.write(directory.resolve("folder/inside.zip"), kept());
        assertRefused(call("GET", BACKUPS + "/folder%2Finside.zip", ""), 404, NOT_FOUND, Map.of());
        assertThat(keys()).isEqualTo(before);
        for (String name : names) {
            Files.delete(directory.resolve(name));
        }
        Files.delete(directory.resolve("folder/inside.zip"));
        Files.delete(directory.resolve("folder"));
    }

    private interface Days {
        boolean include(ZonedDateTime minute);
    }

    /** Five fields of which all have to fit, in UTC; the week begins with Sunday, which is 0. */
    @Test
    void a_schedule_means_what_pocketbase_means_by_it() throws Exception {
        Days midnight = it -> it.getHour() == 0 && it.getMinute() == 0;
        Map<String, Days> schedules = new LinkedHashMap<>();
        schedules.put("@hourly", it -> it.getMinute() == 0);
        schedules.put("@daily", midnight);
        schedules.put("@midnight", midnight);
        schedules.put("@weekly", it -> midnight.include(it) && it.getDayOfWeek() == DayOfWeek.SUNDAY);
        schedules.put("@monthly", it -> midnight.include(it) && it.getDayOfMonth() == 1);
        schedules.put("@yearly", it -> midnight.include(it) && it.getDayOfYear() == 1);
        schedules.put("@annually", it -> midnight.include(it) && it.getDayOfYear() == 1);
        schedules.put("*/20 * * * *", it -> it.getMinute() % 20 == 0);
        schedules.put("10-50/20 * * * *", it -> List.of(10, 30, 50).contains(it.getMinute()));
        schedules.put("5,35 1-3 * * *", it -> it.getMinute() % 30 == 5 && it.getHour() >= 1 && it.getHour() <= 3);
        schedules.put("0 0 * * 0", it -> midnight.include(it) && it.getDayOfWeek() == DayOfWeek.SUNDAY);
        schedules.put(
                "0 0 * * 1-5", it -> midnight.include(it) && it.getDayOfWeek().getValue() <= 5);
        schedules.put(
                "0 0 1 */4 *", it -> midnight.include(it) && it.getDayOfMonth() == 1 && it.getMonthValue() % 4 == 1);
        schedules.put(
                "0 0 13 * 5",
                it -> midnight.include(it) && it.getDayOfMonth() == 13 && it.getDayOfWeek() == DayOfWeek.FRIDAY);
        String nativeToken = "Bearer "
                + Command.run(dataDir, "", "token", "create", "--name", "reader", "--role", "viewer")
                        .replaceAll("(?s).*(hft_\\S+).*", "$1");
        for (Map.Entry<String, Days> schedule : schedules.entrySet()) {
            Answer saved = json("PATCH", "/api/settings", "{\"backups\":{\"cron\":\"" + schedule.getKey() + "\"}}");
            assertThat(saved.json().at("/backups/cron").asText()).isEqualTo(schedule.getKey());
            ZonedDateTime before = ZonedDateTime.now(ZoneOffset.UTC);
            String next = JSON.readTree(
                            send("GET", "/api/v1/backup/plan?database=pb", new byte[0], "Authorization", nativeToken)
                                    .text())
                    .path("next_run")
                    .asText();
            assertThat(List.of(
                            next(schedule.getValue(), before),
                            next(schedule.getValue(), ZonedDateTime.now(ZoneOffset.UTC))))
                    .as(schedule.getKey())
                    .contains(Instant.parse(next));
        }
        assertThat(json("PATCH", "/api/settings", "{\"backups\":{\"cron\":\"\"}}")
                        .status())
                .isEqualTo(200);
        awaitIdle(); // a minute of one of them may have come meanwhile
    }

    private static Instant next(Days schedule, ZonedDateTime now) {
        ZonedDateTime minute = now.truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
        while (!schedule.include(minute)) {
            minute = minute.plusMinutes(1);
        }
        return minute.toInstant();
    }

    @Test
    void what_is_missing_can_be_neither_deleted_nor_restored() throws Exception {
        Answer deleted = call("DELETE", BACKUPS + "/missing.zip", "");
        assertRefused(
                deleted,
                400,
                "Invalid or already deleted backup file. Raw error: \n[key: missing.zip] no such file or directory\n"
                        + "resource not found.",
                Map.of());
        assertRefused(
                call("DELETE", BACKUPS + "/missing.zip", "", "Prefer", "return=representation"),
                404,
                NOT_FOUND,
                Map.of());
        for (String key : List.of("missing.zip", "..%2F..%2Fholdfast.db", ".hidden.zip")) {
            assertThat(call("DELETE", BACKUPS + "/" + key, "").status()).as(key).isIn(400, 404);
            Answer restored = call("POST", BACKUPS + "/" + key + "/restore", "");
            assertThat(restored.status()).as(key + restored.text()).isEqualTo(400);
        }
        assertRefused(
                json("POST", BACKUPS + "/missing.zip/restore", ""), 400, "Missing or invalid backup file.", Map.of());
    }

    @Test
    void a_restore_says_what_came_of_it_to_whoever_asks() throws Exception {
        Answer restored = call("POST", BACKUPS + "/kept.zip/restore", "", "Prefer", "return=representation");
        assertThat(restored.status()).as(restored.text()).isEqualTo(200);
        assertThat(restored.text()).isEqualTo("{\"message\":\"Backup restored successfully.\"}\n");
        JsonNode last = call("GET", "/api/health", "").json().at("/data/lastRestore");
        assertThat(last.path("key").asText()).isEqualTo("kept.zip");
        assertThat(last.path("state").asText()).isEqualTo("succeeded");

        assertThat(create("{\"name\":\"rotten.zip\"}").status()).isEqualTo(204);
        Path file = dataDir.resolve("backups/pb/rotten.zip");
        byte[] spoilt = Files.readAllBytes(file);
        spoilt[spoilt.length / 2] ^= 1;
        Files.write(file, spoilt);
        Answer failed = call("POST", BACKUPS + "/rotten.zip/restore", "", "Prefer", "return=representation");
        assertThat(failed.status()).as(failed.text()).isEqualTo(500);
        assertThat(failed.json().path("message").asText()).startsWith("Restore operation failed: ");
        JsonNode lost = call("GET", "/api/health", "").json().at("/data/lastRestore");
        assertThat(lost.path("state").asText()).isEqualTo("failed");
        assertThat(lost.path("error").asText()).isNotEmpty();
    }

    private String fileToken() throws Exception {
        Answer answer = json("POST", "/api/files/token", "");
        assertThat(answer.status()).isEqualTo(200);
        return answer.json().path("token").asText();
    }

    @Test
    void only_a_superusers_file_token_opens_a_download() throws Exception {
        String others = send("POST", "/api/files/token", new byte[0], "Authorization", operator)
                .json()
                .path("token")
                .asText();
        String path = BACKUPS + "/kept.zip";
        for (String query : List.of("", "?token=", "?token=x.y.z", "?token=" + token, "?token=" + others)) {
            assertRefused(send("GET", path + query, new byte[0]), 403, CLOSED, Map.of());
        }
        assertRefused(call("GET", path + "?token=" + others, ""), 403, CLOSED, Map.of());
        assertRefused(send("GET", path, new byte[0], "Authorization", operator), 403, CLOSED, Map.of());
        long before = Instant.now().getEpochSecond();
        String good = fileToken();
        JsonNode claims = JSON.readTree(Base64.getUrlDecoder().decode(good.split("\\.", -1)[1]));
        assertThat(claims.path("type").asText()).isEqualTo("file");
        assertThat(claims.path("exp").asLong() - 180)
                .isBetween(before, Instant.now().getEpochSecond());
        assertThat(send("GET", path + "?token=" + good, new byte[0]).status()).isEqualTo(200);
        assertThat(send("GET", path + "?token=" + good, new byte[0]).status()).isEqualTo(200);
        assertRefused(send("GET", BACKUPS + "/missing.zip?token=" + good, new byte[0]), 404, NOT_FOUND, Map.of());
        assertRefused(send("GET", BACKUPS + "/upload?token=" + good, new byte[0]), 404, NOT_FOUND, Map.of());
        assertThat(send("GET", BACKUPS, new byte[0], "Authorization", good).status())
                .isEqualTo(401);
    }

    @Test
    void a_download_has_the_headers_that_it_has() throws Exception {
        byte[] content = kept();
        String path = BACKUPS + "/kept.zip?token=" + fileToken();
        Answer whole = send("GET", path, new byte[0]);
        assertThat(whole.text()).isEqualTo(new String(content, ISO_8859_1));
        for (Answer answer : List.of(whole, send("HEAD", path, new byte[0]))) {
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.header("Content-Disposition")).isEqualTo("attachment; filename=kept.zip");
            assertThat(answer.header("Content-Type")).isEqualTo("application/zip");
            assertThat(answer.header("Content-Length")).isEqualTo(Integer.toString(content.length));
            assertThat(answer.header("Accept-Ranges")).isEqualTo("bytes");
            assertThat(answer.header("Last-Modified")).endsWith("GMT");
            assertThat(answer.header("Cache-Control")).isEqualTo("max-age=2592000, stale-while-revalidate=86400");
            assertThat(answer.header("Content-Security-Policy"))
                    .isEqualTo("default-src 'none'; media-src 'self'; style-src 'unsafe-inline'; sandbox");
            assertThat(answer.header("ETag")).isEmpty();
            assertCommonHeaders(answer);
        }
        Answer part = send("GET", path, new byte[0], "Range", "bytes=10-19");
        assertThat(part.status()).isEqualTo(206);
        assertThat(part.header("Content-Range")).isEqualTo("bytes 10-19/" + content.length);
        assertThat(part.text()).isEqualTo(new String(content, 10, 10, ISO_8859_1));
        Answer several = send("GET", path, new byte[0], "Range", "bytes=0-3,10-19");
        assertThat(several.status()).isEqualTo(206);
        assertThat(several.header("Content-Type")).startsWith("multipart/byteranges; boundary=");
        assertThat(several.header("Content-Length"))
                .isEqualTo(Integer.toString(several.text().length()));
        assertThat(several.text())
                .contains(
                        "Content-Type: application/zip\r\nContent-Range: bytes 0-3/" + content.length + "\r\n\r\n"
                                + new String(content, 0, 4, ISO_8859_1) + "\r\n--",
                        "Content-Range: bytes 10-19/" + content.length + "\r\n\r\n"
                                + new String(content, 10, 10, ISO_8859_1) + "\r\n--");
        Answer outside = send("GET", path, new byte[0], "Range", "bytes=" + content.length + "-");
        assertThat(outside.status()).isEqualTo(416);
        assertThat(outside.header("Content-Range")).isEqualTo("bytes */" + content.length);
        String modified = whole.header("Last-Modified");
        String earlier = "Mon, 01 Jan 2001 00:00:00 GMT";
        assertThat(send("GET", path, new byte[0], "If-Modified-Since", modified).status())
                .isEqualTo(304);
        assertThat(send("GET", path, new byte[0], "If-Unmodified-Since", earlier)
                        .status())
                .isEqualTo(412);
        assertThat(send("GET", path, new byte[0], "Range", "bytes=0-3", "If-Range", modified)
                        .status())
                .isEqualTo(206);
        assertThat(send("GET", path, new byte[0], "Range", "bytes=0-3", "If-Range", earlier)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void a_file_that_somebody_put_there_is_octets() throws Exception {
        Path copy = dataDir.resolve("backups/pb/by_hand.zip");
        Files.write(copy, kept());
        Files.setLastModifiedTime(copy, FileTime.from(Instant.parse("2024-01-15T12:00:00.123Z")));
        JsonNode listed = call("GET", BACKUPS, "").json();
        assertThat(listed.toString()).contains("{\"modified\":\"2024-01-15 12:00:00.123Z\",\"key\":\"by_hand.zip\"");
        assertThat(call("GET", BACKUPS + "/by_hand.zip", "").header("Content-Type"))
                .isEqualTo("application/octet-stream");
        assertThat(call("DELETE", BACKUPS + "/by_hand.zip", "").status()).isEqualTo(204);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"backups\":{\"cron\":\"every day\"}} | backups.cron | validation_invalid_cron",
                "{\"backups\":{\"cron\":\"0 0 * * 7\"}} | backups.cron | validation_invalid_cron",
                "{\"backups\":{\"cron\":\"0 0 * * MON\"}} | backups.cron | validation_invalid_cron",
                "{\"backups\":{\"cron\":\"0  0 * * *\"}} | backups.cron | validation_invalid_cron",
                "{\"backups\":{\"cron\":\"5/10 0 * * *\"}} | backups.cron | validation_invalid_cron",
                "{\"backups\":{\"cron\":\"@daily\",\"cronMaxKeep\":0}} | backups.cronMaxKeep | validation_required",
                "{\"backups\":{\"cronMaxKeep\":-1}} | backups.cronMaxKeep | validation_min_greater_equal_than_required",
                "{\"backups\":{\"s3\":{\"endpoint\":\"not a url\"}}} | backups.s3.endpoint | validation_is_url",
                "{\"superuserIPs\":[\"10.0.0.1\"]} | superuserIPs | validation_not_supported",
            })
    void a_setting_that_is_not_allowed_is_refused_and_nothing_changed(String body, String field, String code)
            throws Exception {
        JsonNode before = call("GET", "/api/settings", "").json();
        assertRefused(json("PATCH", "/api/settings", body), 400, NOT_SAVED, Map.of(field, code));
        assertThat(call("GET", "/api/settings", "").json()).isEqualTo(before);
    }

    @Test
    void a_bucket_needs_all_that_says_where_it_is() throws Exception {
        assertRefused(
                json("PATCH", "/api/settings", "{\"backups\":{\"s3\":{\"enabled\":true}}}"),
                400,
                NOT_SAVED,
                Map.of(
                        "backups.s3.accessKey", "validation_required",
                        "backups.s3.bucket", "validation_required",
                        "backups.s3.endpoint", "validation_required",
                        "backups.s3.region", "validation_required",
                        "backups.s3.secret", "validation_required"));
        Answer saved = json("PATCH", "/api/settings", """
                {"backups": {"s3": {"enabled": true, "bucket": "my-backups", "region": "us-east-1",
                 "endpoint": "https://s3.amazonaws.com", "accessKey": "key", "secret": "very secret"}}}
                """);
        assertThat(saved.status()).as(saved.text()).isEqualTo(200);
        assertThat(saved.text())
                .doesNotContain("very secret")
                .doesNotContain("\"secret\"")
                .contains("\"key\"");
        assertThat(call("GET", "/api/settings", "").text()).doesNotContain("very secret");
        assertRefused(
                json("POST", "/api/settings/test/s3", "{\"filesystem\":\"backups\"}"),
                400,
                "Failed to test the S3 filesystem. Raw error: \nfailed to initialize the S3 filesystem: "
                        + "this version of Holdfast keeps backups in directories.",
                Map.of());
        // What is left out stays, the secret too; an empty one clears it.
        assertThat(json("PATCH", "/api/settings", "{\"backups\":{\"s3\":{\"bucket\":\"other\"}}}")
                        .status())
                .isEqualTo(200);
        assertRefused(
                json("PATCH", "/api/settings", "{\"backups\":{\"s3\":{\"secret\":\"\"}}}"),
                400,
                NOT_SAVED,
                Map.of("backups.s3.secret", "validation_required"));
        assertThat(json("PATCH", "/api/settings", "{\"backups\":{\"s3\":{\"enabled\":false}}}")
                        .status())
                .isEqualTo(200);
        String disabled = "Failed to test the S3 filesystem. Raw error: \nS3 storage filesystem is not enabled.";
        assertRefused(json("POST", "/api/settings/test/s3", "{\"filesystem\":\"backups\"}"), 400, disabled, Map.of());
        assertRefused(json("POST", "/api/settings/test/s3", "{\"filesystem\":\"storage\"}"), 400, disabled, Map.of());
        String failed = "Failed to test the S3 filesystem.";
        assertRefused(
                json("POST", "/api/settings/test/s3", "{}"), 400, failed, Map.of("filesystem", "validation_required"));
        assertRefused(
                json("POST", "/api/settings/test/s3", "{\"filesystem\":\"x\"}"),
                400,
                failed,
                Map.of("filesystem", "validation_in_invalid"));
    }

    @Test
    void the_schedule_is_the_databases_plan() throws Exception {
        String nativeToken = "Bearer "
                + Command.run(dataDir, "", "token", "create", "--name", "admin-job", "--role", "admin")
                        .replaceAll("(?s).*(hft_\\S+).*", "$1");
        Answer saved = json(
                "PATCH", "/api/settings", "{\"backups\":{\"cron\":\"0 0 1 1 *\",\"cronMaxKeep\":2},\"unknown\":1}");
        assertThat(saved.json().at("/backups/cronMaxKeep").asInt()).isEqualTo(2);
        Answer plan = send("GET", "/api/v1/backup/plan?database=pb", new byte[0], "Authorization", nativeToken);
        JsonNode read = JSON.readTree(plan.text());
        assertThat(read.at("/schedule/line").asText()).isEqualTo("0 0 1 1 *");
        assertThat(read.at("/retention/last").asInt()).isEqualTo(2);
        assertThat(call("GET", "/api/crons", "").text())
                .isEqualTo("[{\"id\":\"__pbAutoBackup__\",\"expression\":\"0 0 1 1 *\"}]\n");

        send(
                "PATCH",
                "/api/v1/backup/plan?database=pb",
                ("{\"schedule\":{\"kind\":\"daily\",\"at\":\"" + FarTime.OF_DAY + "\"}}").getBytes(UTF_8),
                "Authorization",
                nativeToken,
                "Content-Type",
                JSON_TYPE);
        assertThat(call("GET", "/api/settings?fields=backups.cron", "").text())
                .isEqualTo("{\"backups\":{\"cron\":\"0 " + FarTime.HOUR + " * * *\"}}\n");
        String monday = "0 " + FarTime.HOUR + " * * MON";
        send(
                "PATCH",
                "/api/v1/backup/plan?database=pb",
                ("{\"schedule\":{\"kind\":\"cron\",\"line\":\"" + monday + "\"}}").getBytes(UTF_8),
                "Authorization",
                nativeToken,
                "Content-Type",
                JSON_TYPE);
        Answer other = json("PATCH", "/api/settings", "{\"backups\":{\"cronMaxKeep\":2},\"meta\":{}}");
        assertThat(other.status()).as(other.text()).isEqualTo(200);
        assertThat(other.json().at("/backups/cron").asText()).isEqualTo(monday);

        // Without those that a schedule of another test has made: retention takes them, too.
        List<String> others =
                keys().stream().filter(it -> !it.startsWith("@auto_pb_backup_")).toList();
        for (int i = 0; i < 4; i++) {
            assertThat(json("POST", "/api/crons/__pbAutoBackup__", "").status()).isEqualTo(204);
            awaitIdle();
        }
        List<String> left = Eventually.get(
                this::keys,
                it -> it.stream()
                                .filter(key -> key.startsWith("@auto_pb_backup_"))
                                .count()
                        == 2);
        assertThat(left).containsAll(others);
        assertThat(json("PATCH", "/api/settings", "{\"backups\":{\"cron\":\"\"}}")
                        .status())
                .isEqualTo(200);
        assertThat(call("GET", "/api/crons", "").text()).isEqualTo("[]\n");
        assertRefused(json("POST", "/api/crons/__pbAutoBackup__", ""), 404, "Missing or invalid cron job.", Map.of());
    }

    private void awaitIdle() throws Exception {
        Eventually.get(
                () -> call("GET", "/api/health", "")
                        .json()
                        .at("/data/canBackup")
                        .asBoolean(),
                idle -> idle);
    }

    @Test
    void settings_that_cannot_be_read_change_nothing() throws Exception {
        for (String body :
                List.of("{", "[]", "{\"backups\":5}", "{\"backups\":{\"cron\":5}}", "{\"meta\":{\"appName\":[]}}")) {
            assertRefused(json("PATCH", "/api/settings", body), 400, UNREADABLE, Map.of());
        }
        JsonNode before = call("GET", "/api/settings", "").json();
        assertThat(json("PATCH", "/api/settings", "").json()).isEqualTo(before);
        assertThat(json("PATCH", "/api/settings", "{\"BACKUPS\":{\"CRONMAXKEEP\":null}}")
                        .json())
                .isEqualTo(before);
    }

    @Test
    void health_tells_superusers_more() throws Exception {
        String healthy = "{\"message\":\"API is healthy.\",\"code\":200,\"data\":{}}\n";
        assertThat(send("GET", "/api/health", new byte[0]).text()).isEqualTo(healthy);
        assertThat(send("GET", "/api/health", new byte[0], "Authorization", operator)
                        .text())
                .isEqualTo(healthy);
        Answer answer = call("GET", "/api/health", "", "X-Forwarded-For", "10.0.0.1");
        assertThat(answer.json().at("/data/realIP").asText()).isEqualTo("127.0.0.1");
        assertThat(answer.json().at("/data/possibleProxyHeader").asText()).isEqualTo("X-Forwarded-For");
        assertThat(answer.json().at("/data/canBackup").isBoolean()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /api/nothing",
        "GET, /api",
        "POST, /api/",
        "PUT, /api/backups",
        "DELETE, /api/settings",
        "POST, /api/health",
        "GET, /pocketbase/api/nothing",
        "PATCH, /pocketbase/api/backups",
        "GET, /api/admins/auth-with-password",
    })
    void what_is_not_there_is_not_found_in_the_same_words(String method, String path) throws Exception {
        assertRefused(send(method, path, new byte[0]), 404, NOT_FOUND, Map.of());
    }

    @Test
    void the_prefix_and_the_root_answer_alike_and_the_nativeTokenapi_stays() throws Exception {
        assertThat(call("GET", "/pocketbase/api/settings", "").text())
                .isEqualTo(call("GET", "/api/settings", "").text());
        Answer nativeAnswer = send("GET", "/api/v1/nothing", new byte[0]);
        assertThat(nativeAnswer.header("Content-Type")).startsWith("application/problem+json");
        assertThat(send("GET", "/jobops/api/backups", new byte[0]).header("Content-Type"))
                .startsWith("application/problem+json");
    }

    @Test
    void other_origins_are_let_in() throws Exception {
        Answer answer = call("GET", BACKUPS, "", "Origin", "https://admin.example");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(answer.headers().firstValue("Access-Control-Allow-Credentials"))
                .isEmpty();
        Answer preflight = send(
                "OPTIONS",
                BACKUPS,
                new byte[0],
                "Origin",
                "https://admin.example",
                "Access-Control-Request-Method",
                "POST",
                "Access-Control-Request-Headers",
                "authorization,content-type");
        assertThat(preflight.status()).isEqualTo(204);
        assertThat(preflight.header("Access-Control-Allow-Origin")).isEqualTo("*");
        assertThat(preflight.header("Access-Control-Allow-Methods")).isEqualTo("GET,HEAD,PUT,PATCH,POST,DELETE");
        assertThat(preflight.header("Access-Control-Allow-Headers")).isEqualTo("authorization,content-type");
        assertCommonHeaders(preflight);
        assertThat(call("GET", BACKUPS, "").headers().firstValue("Access-Control-Allow-Origin"))
                .isEmpty();
    }
}
