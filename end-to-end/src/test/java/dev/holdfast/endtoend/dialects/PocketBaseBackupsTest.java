package dev.holdfast.endtoend.dialects;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client.Answer;
import java.io.ByteArrayInputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Backups over PocketBase's API: how they are named, made, listed, deleted and restored. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PocketBaseBackupsTest extends PocketBaseCalls {
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
}
