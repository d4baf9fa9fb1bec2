package dev.holdfast.dialects.pocketbase;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.backup.Backup;
import dev.holdfast.domain.backup.Layout;
import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.identity.DatabaseName;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URLDecoder;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows of the contract about the list of backups, their names and their addresses. */
@Tag("adapter")
class BackupAnswersTest extends ContractAnswersFixture {
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
    void a_backup_of_another_database_is_listed_and_not_restored() throws Exception {
        Backup theirs = server.database.put("theirs.zip", Origin.MANUAL, Layout.POCKETBASE_ZIP, 3);
        server.store.add(theirs.inStoreOf(theirs.database(), Optional.of(new DatabaseName("shop"))));
        int before = server.database.store.list().size();

        assertRefused(call("POST", BACKUPS + "/theirs.zip/restore", ""), 400, "Missing or invalid backup file.");

        assertThat(keys()).contains("theirs.zip");
        assertThat(server.store.list()).as("without a safety backup").hasSize(before);
        assertThat(call("DELETE", BACKUPS + "/theirs.zip", "").status()).isEqualTo(204);
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
            socket.setSoTimeout(60_000);
            socket.getOutputStream().write(request.getBytes(ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), ISO_8859_1);
        }
    }
}
