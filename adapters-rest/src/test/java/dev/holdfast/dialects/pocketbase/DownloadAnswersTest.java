package dev.holdfast.dialects.pocketbase;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.holdfast.domain.backup.Origin;
import dev.holdfast.domain.identity.BackupKey;
import dev.holdfast.http.dialect.HttpCalls.Answer;
import java.net.URLEncoder;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows of the contract about downloads. */
@Tag("adapter")
class DownloadAnswersTest extends ContractAnswersFixture {
    private static final String SIZE = Integer.toString(PocketBaseServerFixture.ARCHIVE.length);
    private static final String AFTER = "Mon, 15 Jan 2024 12:00:01 GMT";

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

    /** Its name says another time than its file, which another program may have written over. */
    @Test
    void a_list_and_a_download_have_the_time_of_the_file() throws Exception {
        var key = new BackupKey("pb_backup_acme_20230518100000.zip");
        server.put(key.value(), Origin.EXTERNAL);
        server.store.touch(key, Instant.parse("2024-01-15T11:59:59.456Z"));
        assertThat(call("GET", BACKUPS, "").text())
                .contains("\"modified\":\"2024-01-15 11:59:59.456Z\",\"key\":\"" + key + "\"");
        String path = BACKUPS + "/" + key;
        assertThat(call("HEAD", path, "").header("Last-Modified")).isEqualTo(BEFORE);
        assertThat(call("GET", path, "", "If-Modified-Since", BEFORE).status()).isEqualTo(304);
        server.store.touch(key, Instant.parse("2024-01-15T12:00:00Z"));
        assertThat(call("GET", path, "", "Range", "bytes=0-3", "If-Range", BEFORE)
                        .status())
                .as("a part of another file must not be put behind the first one")
                .isEqualTo(200);
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
}
