package dev.holdfast.endtoend.dialects;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.holdfast.endtoend.server.Client.Answer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Downloads over PocketBase's API: who gets a file, with which headers. */
@Tag("process")
@DisplayNameGeneration(ReplaceUnderscores.class)
class PocketBaseDownloadsTest extends PocketBaseCalls {
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
}
